"""The lexicon of the training notes: counted over notes, blind to the note that asks."""

from pathlib import Path

import pytest

from corpus.errors import ModelError
from corpus.labels import TAG_IDS
from inference.crf.lexicon import UNSEEN, Lexicon, merged, uses_in

DRUG, MORE, OUT = TAG_IDS["B-Medicação Habitual"], TAG_IDS["I-Medicação Habitual"], TAG_IDS["O"]
FIRST = uses_in(["Ramipril", "5mg", "em", "casa"], [DRUG, MORE, OUT, OUT])
SECOND = uses_in(["ramipril", "de", "manhã"], [DRUG, OUT, OUT])


def test_a_word_stands_where_the_notes_put_it_whatever_its_case() -> None:
    lexicon = Lexicon.of([FIRST, SECOND])
    assert lexicon.standing("ramipril") == "00400000s"
    assert lexicon.standing("casa") == "00000000s"
    assert lexicon.standing("bisoprolol") == UNSEEN


def test_a_note_does_not_see_its_own_uses() -> None:
    without = Lexicon.of([FIRST, SECOND]).without(FIRST)
    assert without.standing("ramipril") == Lexicon.of([SECOND]).standing("ramipril")
    assert without.standing("casa") == UNSEEN


def test_several_notes_can_be_left_out_at_once() -> None:
    third = uses_in(["ramipril", "à", "noite"], [DRUG, OUT, OUT])
    without = Lexicon.of([FIRST, SECOND, third]).without(merged([FIRST, third]))
    assert without.standing("casa") == without.standing("noite") == UNSEEN
    assert without.standing("ramipril") == Lexicon.of([SECOND]).standing("ramipril")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.json"
    path.write_text(Lexicon.of([FIRST, SECOND]).to_json(), "utf-8")
    assert Lexicon.read(path).to_json() == Lexicon.of([SECOND, FIRST]).to_json()


@pytest.mark.parametrize("content", [None, "{", '{"a": "b"}', '{"a": [1]}'])
def test_a_missing_or_damaged_lexicon_is_one_clear_line(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "lexicon.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelError, match="train the model again"):
        Lexicon.read(path)
