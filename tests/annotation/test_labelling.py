"""The page that annotators see, in a real browser."""

from pathlib import Path
from xml.etree import ElementTree

from label_studio_sdk.label_interface import LabelInterface
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from annotation.credentials import server_credentials
from annotation.labelling import labelling_config
from annotation.tasks import prediction_document
from corpus.labels import Label
from corpus.note import AuthorKind, Note
from tests.annotation.browser import WAIT_SECONDS, chromium, log_in, open_task
from tests.annotation.conftest import ODD_SPANS, Desk

SHOWN_LINES = """
return [...document.querySelectorAll('.lsf-richtext__line')]
    .filter(line => getComputedStyle(line).display !== 'none').map(line => line.textContent)
"""
HANDLES = """
return [...document.querySelectorAll('.htx-highlight area')].map(area => getComputedStyle(area).display)
"""


def marked(browser: WebDriver) -> set[str]:
    """The words that are marked on the page."""
    return {mark.text.split("\n")[0] for mark in browser.find_elements(By.CSS_SELECTOR, ".htx-highlight")}


def test_the_configuration_takes_our_pre_annotations(odd_note: Note) -> None:
    interface = LabelInterface(labelling_config())
    assert interface.validate_prediction(prediction_document(odd_note, ODD_SPANS, "m1"))


def test_the_four_labels_have_one_hotkey_and_one_colour_each() -> None:
    labels = list(ElementTree.fromstring(labelling_config()).iter("Label"))
    assert {label.get("value") for label in labels} == set(Label)
    assert [label.get("hotkey") for label in labels] == ["1", "2", "3", "4"]
    assert len({label.get("background") for label in labels}) == 4
    assert all(label.get("hint") for label in labels)


def test_an_annotator_sees_labels_and_pre_annotation_and_submits_them_to_the_letter(
    desk: Desk, odd_note: Note, migrated_label_studio: Path
) -> None:
    desk.push()
    url, credentials = desk.client.address.url, migrated_label_studio / "label-studio" / "credentials.json"
    with chromium() as browser:
        log_in(browser, url, server_credentials(credentials))
        open_task(browser, url, desk.project.id, desk.task(odd_note).id)
        page = browser.find_element(By.TAG_NAME, "body").text
        assert all(label in page for label in Label)
        # The page draws its regions more than once, so an element that was found may be gone already.
        wait = WebDriverWait(browser, WAIT_SECONDS, ignored_exceptions=[StaleElementReferenceException])
        wait.until(lambda _: marked(browser) >= {"Bisoprolol 5 mg 1 id", "penicilina"})
        lines = browser.execute_script(SHOWN_LINES)
        assert lines == [line.replace("\r", "") for line in odd_note.text.split("\r\n")]
        wait.until(lambda _: browser.find_element(By.CSS_SELECTOR, ".htx-highlight").click() is None)
        handles = wait.until(lambda _: browser.execute_script(HANDLES))
        assert "none" not in handles
        browser.find_element(By.CSS_SELECTOR, "button[aria-label^='Submit']").click()
        WebDriverWait(browser, WAIT_SECONDS).until(lambda _: desk.task(odd_note).annotations)
    report = desk.pull()
    assert (report.corrected, report.quarantined, report.trimmed) == (1, [], 0)
    assert [span.place for span in desk.said(odd_note) or ()] == [span.place for span in ODD_SPANS]
    said = desk.store.spans.latest(odd_note.id, AuthorKind.HUMAN)
    assert said is not None
    assert said.detail["pre_annotated_by"] == "m1"
    assert said.detail["lead_time_seconds"] > 0
