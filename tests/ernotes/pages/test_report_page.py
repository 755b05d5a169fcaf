import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from selenium import webdriver

from annotation.corrections import Ledger, work_of
from corpus.documents import from_json
from corpus.errors import FormatError
from corpus.labels import Label
from corpus.note import Span
from ernotes.pages.page import write_page
from ernotes.pages.report_page import ReportData, render_report
from ernotes.pages.shown import ShownLlm
from ernotes.pages.shown_steps import ShownSteps
from tests.chromium import chromium
from tests.ernotes.pages.reported import (
    GENERATED,
    GOLD,
    HOSTILE,
    NOTE,
    OUTLOOK,
    PREDICTED,
    QUIET,
    SELECTED,
    TEXT,
    judged,
    look,
    measured_data,
    plain_data,
    whole_data,
)
from training.calibration import Calibration


@pytest.fixture
def data() -> ReportData:
    return plain_data()


@pytest.fixture
def measured() -> ReportData:
    return measured_data()


def test_the_llm_that_annotated_the_same_notes_has_a_table_of_its_own(measured: ReportData) -> None:
    assert measured.score is not None
    assert "LLM as annotator" not in render_report(measured)
    assert measured.score.intervals is not None
    llm = ShownLlm(measured.score.exact, measured.score.intervals, f"llm@1{HOSTILE}", offline=True)
    beside = replace(measured, score=replace(measured.score, llm=llm))
    page = unescape(render_report(beside))
    caption = f"on the same notes: llm@1{HOSTILE} (by rule, offline: not an LLM's work)."
    assert page.count(caption) == 1
    assert HOSTILE not in render_report(beside)


def test_the_table_has_every_figure_of_the_score(data: ReportData) -> None:
    rows = [
        [cell.strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for row in re.findall(r'<th scope="row">.*?</tr>', render_report(data), re.DOTALL)
    ]
    #                Precision Recall   F1       Support TP  FP   FN   Confidence
    assert rows[1] == ["0.333", "0.333", "0.333", "3", "1", "2", "2", "0.690"]  # Medicação Habitual, exact
    assert rows[3] == ["0.000", "0.000", "0.000", "1", "0", "0", "1", "–"]  # a denied allergy, never predicted
    assert rows[4] == ["0.400", "0.400", "0.400", "5", "2", "3", "3", "0.696"]  # micro, exact
    assert rows[5] == ["0.333", "0.333", "0.333", "5", "", "", "", ""]  # macro, exact
    assert rows[10] == ["0.600", "0.600", "0.600", "5", "3", "2", "2", "0.696"]  # micro, relaxed: 6 of 10 characters do


def test_figures_have_their_intervals_and_an_early_score_has_none(data: ReportData, measured: ReportData) -> None:
    assert measured.score is not None
    assert measured.score.intervals is not None
    assert measured.score.intervals.exact.micro.f1 is not None
    low, high = measured.score.intervals.exact.micro.f1
    assert f'0.400 <small class="interval">{low:.3f}–{high:.3f}</small>' in render_report(measured)
    assert "interval" not in render_report(data).partition("</style>")[2]


def test_errors_are_told_by_kind_and_polarity_flips_first(measured: ReportData) -> None:
    section = re.findall(r'<section id="errors".*?</section>', render_report(measured), re.DOTALL)[0]
    assert '<p class="flips some">' in section
    assert "0 allergies called denied" in section
    assert "1 denied allergy called an allergy" in section
    footer = section.partition("<tfoot>")[2].partition("</tfoot>")[0]
    # polarity flip, missed, spurious, boundary, wrong label, correct
    assert re.findall(r"<td[^>]*>(\d+)</td>", footer) == ["1", "1", "1", "1", "0", "2"]
    assert '<th scope="row">seen</th><td>1.000</td><td>1.000</td><td class="f1">1.000</td><td>1</td>' in section
    assert '<th scope="row">unseen</th><td>0.250</td><td>0.250</td><td class="f1">0.250</td><td>4</td>' in section


def test_corrections_are_told_by_round(data: ReportData) -> None:
    before, after = (Span(0, 7, Label.MEDICATION), Span(9, 12, Label.ALLERGY)), (Span(0, 12, Label.MEDICATION),)
    work = work_of(after, before, seconds=42.0)
    page = render_report(replace(data, corrections=Ledger({(1, f"ana{HOSTILE}"): work})))
    section = re.findall(r'<section id="corrections".*?</section>', page, re.DOTALL)[0]
    whole, _, parts = section.partition("<details")
    assert re.findall(r"<td>(.*?)</td>", whole) == ["1", "0", "1", "0", "0", "1", "0", "2", "200", "42"]
    cells = [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", parts)]
    who = unescape(cells[0])
    assert (who, cells[1], cells[2:8]) == (f"ana{HOSTILE}", "MED Medicação Habitual", ["0", "1", "0", "0", "0", "0"])
    assert cells[10:] == ["0", "0", "0", "0", "1", "0"]  # the allergy that was deleted
    assert 'id="corrections"' not in render_report(replace(data, corrections=Ledger({})))


def test_the_calibration_error_is_told_before_and_after_and_confidences_are_set_beside_what_came_of_them(
    data: ReportData,
) -> None:
    calibration = Calibration(temperature=1.6, spans=210, error_before=0.06, error_after=0.009)
    page = render_report(replace(data, calibration=calibration))
    section = re.findall(r'<section id="confidences".*?</section>', page, re.DOTALL)[0]
    assert "<b>0.060</b> before" in section
    assert "<b>0.009</b> after" in section
    # Eliquis (0.97) and the diagnosis (0.8) are right; the other three are not, nor is the mention of 0.9.
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(\d+)</td><td>(.*?)</td><td>(.*?)</td>', section)
    assert rows == [
        ("0.2–0.3", "1", "0.200", "0.000"),
        ("0.6–0.7", "1", "0.610", "0.000"),
        ("0.8–0.9", "1", "0.800", "1.000"),
        ("0.9–1.0", "2", "0.935", "0.500"),
    ]
    assert "expected calibration error 0.376" in section  # (0.2 + 0.61 + 0.2 + 2 x 0.435) / 5
    few = Calibration(temperature=1.6, spans=12)
    assert "only 12 spans" in render_report(replace(data, calibration=few))
    assert 'id="confidences"' not in render_report(replace(data, notes=[QUIET]))


def test_leakage_names_notes_by_title_and_training_notes_by_id(measured: ReportData) -> None:
    section = re.findall(r'<section id="leakage".*?</section>', render_report(measured), re.DOTALL)[0]
    assert "1 training note was" in section
    assert '<th scope="row">Nota 2</th>' in section
    assert "<td><code>&lt;script&gt;alert(1)&lt;/script&gt;</code> (100 %)</td>" in section
    assert "<code>&lt;script&gt;alert(1)&lt;/script&gt;</code> after Nota 1" in section


def test_the_verdict_against_another_model_says_what_the_notes_could_show(measured: ReportData) -> None:
    page = render_report(measured)
    assert "On such notes a difference of 0." in page
    assert "crf-0&lt;script&gt;" in page
    assert "<script" not in page


def hostile(place: str) -> str:
    return f"<script>{place}</script>"


def test_whatever_comes_from_a_note_a_name_or_a_document_is_escaped() -> None:
    data = whole_data()
    assert data.score is not None
    exact = data.score.exact
    exact = replace(exact, per_label={**exact.per_label, hostile("label"): exact.micro})
    work = {(1, hostile("annotator")): work_of(GOLD, PREDICTED)}
    steps = {
        "judge": {**judged("worse", promoted=False, reason="worse"), "incumbent": hostile("incumbent")},
        "generate": {**GENERATED, "refused_answers": {f"{hostile('gate')}: {hostile('kind')}": 1}},
        "select": {**SELECTED, "strategy": hostile("strategy")},
        "outlook": {**OUTLOOK, "reason": hostile("reason")},
    }
    page = render_report(
        replace(
            data,
            round=None,
            model_version=hostile("model"),
            base=hostile("base"),
            score=replace(data.score, exact=exact),
            notes=[replace(NOTE, id=f'"{hostile("id")}', title=hostile("title"))],
            steps=from_json(ShownSteps, steps),
            corrections=Ledger(work, [(hostile("region"), "rui", hostile("quarantine"))]),
            notices=[hostile("notice")],
            program=hostile("program"),
            next_steps=[(hostile("command"), hostile("purpose"))],
        ),
        "pt",
    )
    assert "<script" not in page
    places = "label annotator incumbent gate kind strategy reason model base id title region quarantine notice program"
    for place in [*places.split(), "command", "purpose"]:
        assert f"&lt;script&gt;{place}&lt;/script&gt;" in page


def test_the_page_says_that_it_is_not_for_clinical_use_and_forbids_itself_every_load(data: ReportData) -> None:
    page = render_report(data)
    assert "not validated for clinical use" in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:,)|@import|url\(|<script|\sstyle=|\son\w+=""", page)


def test_notices_come_before_the_scores(data: ReportData) -> None:
    page = render_report(data)
    assert page.index("The notes are fictional.") < page.index("Scores</h2>")


def test_the_curve_is_drawn_and_told_in_words_and_numbers(data: ReportData) -> None:
    page = render_report(data)
    assert (
        "round 0: micro 0.500, macro 0.250; round 1: micro 0.610, macro 0.520; round 2: micro 0.700, macro 0.750"
        in page
    )
    assert page.count("<polyline") == 2
    # x of rounds 0 to 2 in a field from 44 to 388 with an inset of 48; y is 222 at F1 0 and 22 at F1 1.
    assert 'points="92.0,122.0 216.0,100.0 340.0,82.0"' in page
    assert "n=48" in page
    assert "<td>0.610</td><td>0.520</td><td>48</td>" in page


def test_one_round_is_drawn_as_points_and_looks_outside_rounds_are_counted(data: ReportData) -> None:
    page = render_report(replace(data, history=[look(1, 0.5, 0.25), look(None, 0.9, 0.9)]))
    assert "<polyline" not in page
    curve = re.findall(r'<section id="curve".*?</section>', page, re.DOTALL)[0]
    assert curve.count("<circle") == 2  # the point, and the sample beside its name
    assert "One round so far" in page
    assert "1 more look was taken outside rounds" in page


def test_of_two_looks_in_one_round_the_last_is_drawn(data: ReportData) -> None:
    page = render_report(replace(data, history=[look(0, 0.5, 0.25), look(1, 0.6, 0.3), look(1, 0.8, 0.4)]))
    assert "round 0: micro 0.500, macro 0.250; round 1: micro 0.800, macro 0.400." in page


def test_a_workspace_without_scores_rounds_or_notes_still_has_a_report(data: ReportData) -> None:
    page = render_report(replace(data, round=None, score=None, history=[], notes=[], holdings=[], notices=[]))
    assert "has not been scored yet" in page
    assert "No round has been scored yet" in page
    assert "no notes to compare" in page


def test_a_report_replaces_the_last_one_whole_and_is_for_its_owner_alone(data: ReportData, tmp_path: Path) -> None:
    path = tmp_path / "round-2.html"
    path.write_text("old")
    write_page(render_report(replace(data, base="half a pair \ud83e")), path)
    assert path.read_text("utf-8").rstrip().endswith("</html>")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"cannot write .*missing/r\.html: No such file"):
        write_page("<p>", tmp_path / "missing" / "r.html")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FormatError, match="cannot write"):
        write_page("<p>", tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium(logs={"browser": "ALL", "performance": "ALL"}) as started:
        yield started


def open_at(browser: webdriver.Chrome, path: Path, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())


@pytest.fixture
def page(measured: ReportData, tmp_path: Path) -> Path:
    write_page(render_report(measured), tmp_path / "report.html")
    return tmp_path / "report.html"


def test_a_browser_finds_no_error_and_loads_nothing_but_the_page(browser: webdriver.Chrome, page: Path) -> None:
    browser.get_log("performance")
    browser.get_log("browser")
    open_at(browser, page, 1200)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert {url for url in requests if not url.startswith("data:")} == {page.as_uri()}
    assert browser.get_log("browser") == []
    assert browser.execute_script("return getComputedStyle(document.querySelector('.tiles')).display") == "grid"


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_the_page_never_scrolls_sideways(browser: webdriver.Chrome, page: Path, width: int) -> None:
    open_at(browser, page, width)
    browser.execute_script("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    # The tables of scores scroll by themselves on the narrowest phones.
    edges = "return [...document.querySelectorAll('main :not(.wide *)')].map(e => e.getBoundingClientRect().right)"
    assert max(browser.execute_script(edges)) <= width


def test_marks_hold_the_words_of_their_spans_and_the_lines_are_those_of_the_note(
    browser: webdriver.Chrome, page: Path
) -> None:
    open_at(browser, page, 1200)
    script = """
        return [...document.querySelectorAll('.text mark')].filter(mark => mark.dataset[arguments[0]])
            .map(mark => [mark.dataset[arguments[0]], mark.textContent])
    """
    for band, spans in (("gold", GOLD), ("predicted", PREDICTED)):
        shown = [""] * len(spans)
        for indices, words in browser.execute_script(script, band):
            for index in indices.split():
                shown[int(index)] += words
        in_text_order = sorted(spans, key=lambda mention: mention.start)
        assert shown == [TEXT[mention.start : mention.end].replace("\r\n", "") for mention in in_text_order]
    lines = "return [...document.querySelector('.text').querySelectorAll('.line')].map(line => line.textContent)"
    assert browser.execute_script(lines) == TEXT.replace("\x00", "\u2400").split("\r\n")


def test_filters_leave_the_notes_with_such_an_error_without_any_script(browser: webdriver.Chrome, page: Path) -> None:
    open_at(browser, page, 390)
    notes = """
        return [...document.querySelectorAll('.note')].filter(note => note.offsetHeight)
            .map(note => note.querySelector('h3').textContent)
    """
    assert browser.execute_script(notes) == ["Nota 1", "Nota 2"]
    browser.find_element("css selector", "label[for=show-polarity-flip]").click()
    assert browser.execute_script(notes) == ["Nota 1"]


def test_each_difference_is_listed_with_its_outcome(data: ReportData) -> None:
    rows = re.findall(r'<tr class="[\w-]+">\s*<th scope="row">([\w ]+)</th>(.*?)</tr>', render_report(data), re.DOTALL)
    words = [(outcome, [unescape(quoted) for quoted in re.findall(r"<q[^>]*>(.*?)</q>", row)]) for outcome, row in rows]
    assert words == [
        ("polarity flip", ["alergias medicamentosas", "alergias medicamentosas"]),
        ("boundary", ["100 mg", "AAS 100 mg"]),
        ("missed", ["AAS 100 mg ao almoço"]),
        ("correct", ["Eliquis", "Eliquis"]),
        ("spurious", [HOSTILE]),
        ("correct", ["enfarte agudo do miocárdio com supra de ST"] * 2),
    ]
