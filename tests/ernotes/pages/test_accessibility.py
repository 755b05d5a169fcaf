"""Whether every page can be read by all, on a phone and on paper: looked at in a real browser, with axe-core."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium_axe_python import Axe

from corpus.note import Role
from corpus.store.scores import ScoreRecord
from ernotes.pages.comparison_page import compare_sides
from ernotes.pages.page import page_environment, write_page
from ernotes.pages.report_page import ReportData, render_report
from ernotes.simulation.presentation import render_simulation
from tests.chromium import chromium
from tests.ernotes.pages.compared import two_rounds
from tests.ernotes.pages.reported import whole_data
from tests.ernotes.simulation.test_simulate import DOCUMENT

PHONE, DESK, PAPER = 360, 1200, 718
"""Widths in CSS pixels; PAPER is A4 between margins of a centimetre."""

PAGES = ("report.en", "report.pt", "compare.en", "compare.pt", "simulation.en")

KEYS = """{% extends "page.html.j2" %}{% import "drawings.html.j2" as drawings %}
{% block main %}{% for place in range(1, 9) %}{{ drawings.key(place, "") }}{% endfor %}{% endblock %}"""


def drawn_data() -> ReportData:
    """A report whose learning curves have intervals, on validation and test notes."""
    history = []
    for number, role in [(number, role) for number in (1, 2) for role in (Role.VALIDATION, Role.TEST)]:
        f1 = 0.5 + number / 10
        sure = {"exact": {"micro": {"f1": [f1 - 0.1, f1 + 0.1]}, "macro": {"f1": None}}}
        exact = {"micro": {"f1": f1}, "macro": {"f1": f1 - 0.2}}
        document = {"exact": exact, "intervals": sure, "trained_on": 40 * number}
        history.append(ScoreRecord("crf-1", role, number, document, "2026-03-02T14:05:00Z"))
    return replace(whole_data(), history=history)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {name: folder / f"{name}.html" for name in ("report.en", "report.pt", "simulation.en", "keys")}
    write_page(render_report(drawn_data(), "en"), made["report.en"])
    write_page(render_report(drawn_data(), "pt"), made["report.pt"])
    write_page(render_simulation(DOCUMENT), made["simulation.en"])
    write_page(page_environment().from_string(KEYS).render(), made["keys"])
    with two_rounds(folder / "workspace") as workspace:
        made["compare.en"] = Path(compare_sides(workspace, "1", "2", "en").report)
        made["compare.pt"] = Path(compare_sides(workspace, "1", "2", "pt").report)
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium(logs={"browser": "ALL", "performance": "ALL"}) as started:
        yield started


def open_at(browser: webdriver.Chrome, page: Path, width: int, *, details_open: bool = True) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print" if width == PAPER else "screen"})
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())
    if details_open:
        browser.execute_script("document.querySelectorAll('details').forEach(details => { details.open = true })")


def ask_axe(browser: webdriver.Chrome) -> Mapping[str, Any]:
    axe = Axe(browser)
    axe.inject()
    return axe.run(options={"resultTypes": ["violations"]})


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("report.en", DESK),
        ("report.pt", PHONE),
        ("compare.en", DESK),
        ("compare.pt", PHONE),
        ("simulation.en", DESK),
        ("simulation.en", PHONE),
    ],
)
def test_axe_has_nothing_to_object_to(
    browser: webdriver.Chrome, pages: Mapping[str, Path], name: str, width: int
) -> None:
    open_at(browser, pages[name], width)
    found = ask_axe(browser)
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    passed = {rule["id"] for rule in found["passes"]}
    looked_at = {"color-contrast", "heading-order", "html-has-lang", "landmark-one-main", "region", "svg-img-alt"}
    assert passed >= looked_at - ({"svg-img-alt"} if name.startswith("compare") else set())


def test_axe_objects_to_a_page_that_deserves_it(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><title>x</title><h1>x</h1><h4>y</h4><p style='color:#bbb'>pale<svg role=img></svg>")
    open_at(browser, page, DESK)
    objected = {rule["id"] for rule in ask_axe(browser)["violations"]}
    assert objected >= {"color-contrast", "heading-order", "html-has-lang", "landmark-one-main", "svg-img-alt"}


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_no_page_sideways(browser: webdriver.Chrome, pages: Mapping[str, Path], name: str) -> None:
    open_at(browser, pages[name], PHONE)
    assert beyond(browser, "main *:not(.wide *), header *", PHONE) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= PHONE


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_nothing_is_cut_off_and_nothing_stays_closed(
    browser: webdriver.Chrome, pages: Mapping[str, Path], name: str
) -> None:
    open_at(browser, pages[name], PAPER, details_open=False)
    assert beyond(browser, "body *", PAPER) == []
    # The lists of mentions say in words what the marks in the text show: on paper the text is enough.
    closed = """
        return [...document.querySelectorAll('details:not(.mentions) > :not(summary, .mentions)')]
            .filter(part => !part.getBoundingClientRect().height).map(part => part.outerHTML.slice(0, 80))
    """
    assert browser.execute_script(closed) == []


def beyond(browser: webdriver.Chrome, selector: str, width: int) -> list[str]:
    """The elements that reach beyond the right edge."""
    script = """
        return [...document.querySelectorAll(arguments[0])]
            .filter(part => part.getBoundingClientRect().right > arguments[1] + 1)
            .map(part => part.outerHTML.slice(0, 80))
    """
    found: list[str] = browser.execute_script(script, selector, width)
    return found


@pytest.mark.parametrize("name", ["compare.en", "simulation.en"])
def test_a_page_asks_nothing_of_the_network(browser: webdriver.Chrome, pages: Mapping[str, Path], name: str) -> None:
    browser.get_log("performance")
    browser.get_log("browser")
    open_at(browser, pages[name], DESK)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert {url for url in requests if not url.startswith("data:")} == {pages[name].as_uri()}
    assert browser.get_log("browser") == []


def test_every_line_and_point_of_a_drawing_stands_out_against_white(
    browser: webdriver.Chrome, pages: Mapping[str, Path]
) -> None:
    open_at(browser, pages["keys"], DESK)
    lines = "return [...document.querySelectorAll('.line')].map(line => getComputedStyle(line).stroke)"
    points = """
        return [...document.querySelectorAll('.point')].map(point => getComputedStyle(point))
            .map(style => style.fill === 'rgb(255, 255, 255)' ? style.stroke : style.fill)
    """
    colours = browser.execute_script(lines), browser.execute_script(points)
    assert colours[0] == colours[1]
    assert len(set(colours[0])) == 8
    assert min(contrast_with_white(colour) for colour in colours[0]) >= 3


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of WCAG 2.2 for a colour like rgb(11, 79, 138)."""
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
