"""The gazetteer: kinds by list, by ending, by the parts of a compound."""

import pytest

from inference.crf.gazetteer import UNKNOWN_KIND, word_kind


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("ramipril", "drug"),
        ("penicilinas", "class"),
        ("mg", "dose"),
        ("comprimido", "form"),
        ("jejum", "when"),
        ("pneumonia", "disease"),
        ("cronica", "modifier"),
        ("inventopril", "drug?"),
        ("inventite", "disease?"),
        ("beta-bloqueante", "class"),
        ("0mg", "dose"),
        ("0,0g", "dose"),
        ("0+0+0", "when"),
        ("0/0h", "when"),
        ("0id", "when"),
        ("0/0/0", "date"),
        ("0/0", "ratio"),
        ("0.0", "number"),
        ("0bpm", UNKNOWN_KIND),
        ("senhor", UNKNOWN_KIND),
        ("", UNKNOWN_KIND),
        ("-", UNKNOWN_KIND),
    ],
)
def test_a_word_has_the_kind_of_its_list_or_its_ending(form: str, kind: str) -> None:
    assert word_kind(form) == kind
