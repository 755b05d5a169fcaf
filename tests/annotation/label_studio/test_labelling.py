"""The page that annotators see, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from label_studio_sdk.label_interface import LabelInterface
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from annotation.label_studio.credentials import server_credentials
from annotation.label_studio.labelling import labelling_config, our_guideline
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import prediction_document
from corpus.labels import Label
from corpus.note import AuthorKind, Note, Span
from tests.annotation.conftest import ODD_SPANS, Desk, pool_note
from tests.annotation.label_studio.browser import WAIT_SECONDS, Hands, log_in, open_task
from tests.chromium import chromium

SHOWN_LINES = """
return [...document.querySelectorAll('.lsf-richtext__line')]
    .filter(line => getComputedStyle(line).display !== 'none').map(line => line.textContent)
"""
HANDLES = """
return [...document.querySelectorAll('.htx-highlight area')].map(area => getComputedStyle(area).display)
"""
DOUBTED = """
return [...document.querySelectorAll('.htx-highlight')]
    .filter(mark => getComputedStyle(mark).textDecorationStyle === 'wavy'
        && getComputedStyle(mark, '::after').content.includes('?'))
    .map(mark => mark.textContent)
"""
CONFIDENCES = """
return [...document.querySelectorAll('.lsf-outliner-item__control_type_score')].map(score => score.textContent)
"""
GUIDELINE = """
const shown = document.querySelector('.lsf-modal-ls__body');
return shown && [shown.querySelector('h3').textContent, shown.querySelector('kbd').textContent,
    shown.querySelectorAll('mark').length, getComputedStyle(shown.querySelector('h4')).marginTop];
"""


@pytest.fixture(scope="module")
def browser(label_studio: Address, migrated_label_studio: Path) -> Iterator[WebDriver]:
    """A browser in which the annotator has logged in."""
    with chromium() as browser:
        log_in(
            browser,
            label_studio.url,
            server_credentials(migrated_label_studio / "label-studio" / "credentials.json", {}),
        )
        yield browser


def open_note(browser: WebDriver, desk: Desk, note: Note) -> Hands:
    """The annotator's hands at the note's task, when its pre-annotation is drawn."""
    open_task(browser, desk.client.address.url, desk.project.id, desk.task(note).id)
    return Hands(browser)


def submit(browser: WebDriver, desk: Desk, note: Note) -> None:
    """Submit, and wait until the server has it."""
    browser.find_element(By.CSS_SELECTOR, "button[aria-label^='Submit']").click()
    WebDriverWait(browser, WAIT_SECONDS).until(lambda _: desk.task(note).annotations)


def test_the_configuration_takes_our_pre_annotations(odd_note: Note) -> None:
    interface = LabelInterface(labelling_config())
    assert interface.validate_prediction(prediction_document(odd_note, ODD_SPANS, "m1"))


def test_the_four_labels_have_one_hotkey_and_one_colour_each() -> None:
    labels = list(ElementTree.fromstring(labelling_config()).iter("Label"))
    assert {label.get("value") for label in labels} == set(Label)
    assert [label.get("hotkey") for label in labels] == ["1", "2", "3", "4"]
    assert len({label.get("background") for label in labels}) == 4
    assert all(label.get("hint") for label in labels)


def test_an_annotator_sees_labels_doubts_and_guideline_and_submits_the_pre_annotation_to_the_letter(
    browser: WebDriver, desk: Desk, odd_note: Note
) -> None:
    desk.push()
    hands = open_note(browser, desk, odd_note)
    page = browser.find_element(By.TAG_NAME, "body").text
    assert all(label in page for label in Label)
    hands.wait_for(
        (Label.MEDICATION, "Bisoprolol 5 mg 1 id"),
        (Label.ALLERGY, "penicilina"),
        (Label.DIAGNOSIS, "pneumonia\tadquirida"),
    )
    assert browser.execute_script(DOUBTED) == ["penicilina"]
    assert browser.execute_script(CONFIDENCES) == ["0.90", "0.40", "0.75"]
    lines = browser.execute_script(SHOWN_LINES)
    assert lines == [line.replace("\r", "") for line in odd_note.text.split("\r\n")]
    hands.select("penicilina")
    handles = browser.execute_script(HANDLES)
    assert len(handles) == 2
    assert "none" not in handles
    browser.find_element(By.XPATH, "//button[contains(., 'Instructions')]").click()
    *guideline, margin = WebDriverWait(browser, WAIT_SECONDS).until(lambda _: browser.execute_script(GUIDELINE))
    assert guideline == ["Guia de anotação", "Backspace", our_guideline().count("<mark>")]
    assert margin != "0px"
    browser.find_element(By.CSS_SELECTOR, ".lsf-modal-ls button").click()
    WebDriverWait(browser, WAIT_SECONDS).until_not(lambda _: browser.execute_script(GUIDELINE))
    submit(browser, desk, odd_note)
    report = desk.pull()
    assert (report.corrected, report.quarantined, report.trimmed) == (1, [], 0)
    assert [span.place for span in desk.said(odd_note) or ()] == [span.place for span in ODD_SPANS]
    said = desk.store.spans.latest(odd_note.id, AuthorKind.HUMAN)
    assert said is not None
    assert said.detail["pre_annotated_by"] == "m1"
    assert said.detail["lead_time_seconds"] > 0


def test_what_is_deleted_relabelled_moved_and_added_by_hand_comes_back_exactly(browser: WebDriver, desk: Desk) -> None:
    note = pool_note(2)
    desk.store.notes.add(note)
    desk.say(note, [Span(2, 14, Label.DIAGNOSIS), Span(20, 35, Label.MEDICATION), Span(55, 65, Label.NO_ALLERGY)])
    desk.push()
    hands = open_note(browser, desk, note)
    short, denied = (Label.MEDICATION, "Bisoprolol 5 mg"), (Label.NO_ALLERGY, "penicilina")
    hands.wait_for((Label.DIAGNOSIS, "Antecedentes"), short, denied)
    hands.select("Antecedentes")
    hands.press(Keys.BACKSPACE)
    hands.wait_for(short, denied)
    hands.select("penicilina")
    hands.press("3")
    affirmed = (Label.ALLERGY, "penicilina")
    hands.wait_for(short, affirmed)
    hands.unselect()
    hands.widen("Bisoprolol 5 mg", until=" 1 id")
    whole = (Label.MEDICATION, "Bisoprolol 5 mg 1 id")
    hands.wait_for(whole, affirmed)
    hands.unselect()
    hands.mark("pneumonia\tadquirida", hotkey="1")
    hands.wait_for(whole, affirmed, (Label.DIAGNOSIS, "pneumonia\tadquirida"))
    submit(browser, desk, note)
    report = desk.pull()
    assert (report.corrected, report.quarantined) == (1, [])
    assert [span.place for span in desk.said(note) or ()] == [span.place for span in ODD_SPANS]
