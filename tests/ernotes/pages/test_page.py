import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

from annotation.label_studio.tasks import Unproved
from corpus.note import Role
from corpus.scoring.mistakes import Outcome
from corpus.scoring.significance import Verdict
from ernotes.pages import page
from ernotes.pages.page import page_environment
from ernotes.pages.report_page import render_report
from ernotes.rounds.outlook import StoppingReason
from generation.gates import CHECKS
from generation.reading.alignment import ALLERGY, DIAGNOSIS, DOSE, DRUG
from generation.writing.pairs import FIRST_MISSING
from tests.ernotes.pages.reported import HOSTILE, whole_data

HERE = Path(page.__file__).parent

WORDS_OF_DOCUMENTS = {
    *map(str, [*Outcome, *Role, *Verdict, *StoppingReason, *Unproved]),
    *CHECKS,
    *(FIRST_MISSING, "lacks from its brief", "contradicts its brief", DIAGNOSIS, DRUG, DOSE, ALLERGY),
    "the task no longer shows the note's text",
    "cross-validation",
}
"""What pages show of documents through `said`."""


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (HERE / "translations" / "pt.po").open("rb") as stream:
        return read_po(stream, locale="pt")


def strings_of_pages() -> Iterator[str | tuple[str, ...]]:
    """What templates and modules give to gettext: a string, or its singular and plural."""
    options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    templates = extract_from_dir(HERE / "templates", [("**.j2", "jinja2.ext:babel_extract")], {"**.j2": options})
    for _file, _line, message, *_ in templates:
        yield tuple(part for part in message if part) if isinstance(message, tuple) else message
    for module in HERE.parent.rglob("*.py"):
        for _line, message, *_ in extract_from_file("python", module, {"translatable": None}):
            yield message


def fields(words: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|<[^>]+>|%%", words))


def test_every_string_of_a_page_has_a_translation_with_the_same_fields(catalogue: Catalog) -> None:
    strings = {*strings_of_pages(), *WORDS_OF_DOCUMENTS}
    assert len(strings) > 250
    for string in strings:
        singular = string if isinstance(string, str) else string[0]
        message = catalogue.get(singular)
        assert message is not None, singular
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert len(said) == (1 if isinstance(string, str) else 2) or singular in WORDS_OF_DOCUMENTS, singular
        originals = string if isinstance(string, tuple) else (string,) * len(said)
        for original, translated in zip(originals, said, strict=True):
            assert translated, singular
            assert fields(original) == fields(translated), singular


def test_the_catalogue_holds_nothing_that_no_page_says(catalogue: Catalog) -> None:
    strings = {string if isinstance(string, str) else string[0] for string in strings_of_pages()} | WORDS_OF_DOCUMENTS
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert known - strings == set()


class Words(HTMLParser):
    """The words that a reader meets: text and the attributes that are read out, not code nor notes' own words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._hidden:
            self._hidden += [tag] * (tag == self._hidden[0])
        elif tag in ("style", "code") or (tag != "html" and given.get("lang") == "pt"):
            self._hidden = [tag]
        names = ("title", "aria-label", "alt", "data-gold-tag", "data-predicted-tag")
        self.found += [value for name in names if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[0]:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden and re.search("[A-Za-z]{2}", data):
            self.found.append(" ".join(data.split()))


def words_of(html: str) -> list[str]:
    reader = Words()
    reader.feed(html)
    return reader.found


def test_a_portuguese_report_says_nothing_in_english() -> None:
    english, portuguese = (words_of(render_report(whole_data(), language)) for language in ("en", "pt"))
    alike = {words for words in english if words in portuguese}
    labels = {"DX", "DX:", "MED", "MED:", "ALG+", "ALG+:", "ALG−", "ALG−:"}
    figures = {"F1", "FN", "FP", "IoU", "micro", "macro", "Conf", "OK"}
    names = {"Nota 1", "Nota 2", "ana", "crf-0", f"crf-0{HOSTILE}", "crf-1", "total-entropy"}
    assert alike == labels | figures | names


def test_numbers_and_dates_are_written_as_the_language_writes_them() -> None:
    template = "{{ 0.12345 | figure }} {{ -0.5 | signed }} {{ 0.125 | percent }} {{ '2026-03-02T14:05:00Z' | moment }}"
    written = {language: page_environment(language).from_string(template).render() for language in ("en", "pt")}
    assert written == {
        "en": "0.123 -0.500 12 % 2 March 2026, 14:05 UTC",
        "pt": "0,123 -0,500 12 % 2 de março de 2026, 14:05 UTC",
    }
    html = render_report(whole_data(), "pt")
    assert '<html lang="pt">' in html
    assert "0,400" in html
    assert not [words for words in words_of(html) if re.search(r"\d\.\d", words)]


def test_words_out_of_a_document_are_translated_and_escaped() -> None:
    template = page_environment("pt").from_string("{{ words | said }}")
    assert template.render(words="missed") == "em falta"
    assert template.render(words="<b>") == "&lt;b&gt;"
    assert template.render(words="") == ""
