from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings

from corpus.errors import FormatError
from corpus.formats import FileNote, SetAside, read_conll, read_notes_file, write_conll
from corpus.labels import Label
from corpus.note import Span
from tests.corpus.formats.odd_notes import files

TEXT = "# HTA\r\n- AAS 100mg\r\nNega alergias."
NOTE = FileNote(7, TEXT, (Span(9, 18, Label.MEDICATION), Span(25, 33, Label.NO_ALLERGY)))
CUT = "white space at the ends of spans"


def read(folder: Path, content: str) -> list[FileNote]:
    path = folder / "notes.conll"
    path.write_bytes(content.encode())
    return list(read_conll(path).notes)


def test_a_note_is_written_with_its_text_and_an_empty_line_after_each_of_its_lines(tmp_path: Path) -> None:
    assert not write_conll(tmp_path / "out.conll", [NOTE]).counts
    assert (tmp_path / "out.conll").read_bytes().decode() == (
        "# doc_id = 7\n"
        '# doc_text = "# HTA\\r\\n- AAS 100mg\\r\\nNega alergias."\n'
        "#\tO\nHTA\tO\n\n"
        "-\tO\nAAS\tB-Medicacao_Habitual\n100\tI-Medicacao_Habitual\nmg\tI-Medicacao_Habitual\n\n"
        "Nega\tO\nalergias\tB-Alergias_medicamentosas__Negativa\n.\tO\n\n"
    )
    assert read_conll(tmp_path / "out.conll").notes == (NOTE,)


@settings(max_examples=20)
@given(files)
def test_what_is_written_reads_back_but_for_what_was_named(
    tmp_path_factory: pytest.TempPathFactory, notes: list[FileNote]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.conll"
    dropped = write_conll(path, notes)
    back = read_conll(path)
    assert back.messages == []
    assert [(note.doc_id, note.text) for note in back.notes] == [(note.doc_id, note.text) for note in notes]
    for note, again in zip(notes, back.notes, strict=True):
        assert Counter(span.place for span in again.spans) <= Counter(stripped(note.text, span) for span in note.spans)
    spans = sum(len(note.spans) for note in notes)
    lost = sum(dropped.counts[what] for what in dropped.counts if "spans" in what and what != CUT)
    assert sum(len(note.spans) for note in back.notes) == spans - lost
    assert len(dropped.messages) == lost + dropped.counts[CUT]


def stripped(text: str, span: Span) -> tuple[int, int, Label]:
    words = text[span.start : span.end]
    return span.end - len(words.lstrip()), span.start + len(words.rstrip()), span.label


def test_a_mention_that_goes_on_over_a_line_end_is_not_cut(tmp_path: Path) -> None:
    note = FileNote("a", "AAS\r\n\r\n100 mg", (Span(0, 13, Label.MEDICATION),))
    write_conll(tmp_path / "out.conll", [note])
    assert read_conll(tmp_path / "out.conll").notes == (note,)


def test_what_tags_cannot_hold_is_counted_and_named_without_the_notes_words(tmp_path: Path) -> None:
    spans = (
        Span(9, 18, Label.MEDICATION, 0.5, {"ATC": "B01AC06"}),
        Span(9, 12, Label.MEDICATION),
        Span(10, 12, Label.DIAGNOSIS),
        Span(5, 8, Label.DIAGNOSIS),
        Span(6, 7, Label.DIAGNOSIS),
    )
    dropped = write_conll(tmp_path / "out.conll", [FileNote(7, TEXT, spans, (SetAside(1, "odd"),))])
    assert dropped.counts == {
        "confidences": 1,
        "codes": 1,
        "annotations set aside": 1,
        "overlapping spans": 1,
        "spans that begin or end inside a token": 1,
        "white space at the ends of spans": 1,
        "spans of white space alone": 1,
    }
    assert "note 7: span [10, 12): spans that begin or end inside a token" in dropped.messages
    places = [(span.start, span.end) for span in read_conll(tmp_path / "out.conll").notes[0].spans]
    assert places == [(7, 8), (9, 18)]


def test_strict_writes_nothing_where_something_would_be_left_out(tmp_path: Path) -> None:
    note = FileNote(7, TEXT, (Span(10, 12, Label.DIAGNOSIS),))
    with pytest.raises(FormatError, match=r"cannot hold spans that begin or end inside a token \(1\)"):
        write_conll(tmp_path / "out.conll", [note], strict=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_conll_2003_reads_with_its_tokens_joined_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "eng.testa"
    path.write_text(
        "-DOCSTART- -X- -X- O\n\nEU NNP B-NP I-ORG\nrejects VBZ B-VP O\n# NN I-NP O\n\n"
        "-DOCSTART- -X- -X- O\n\nAspirina NN I-NP I-Medicação_Habitual\nXarelto NN I-NP B-MEDICACAO-HABITUAL\n\n"
        "pneumonia NN I-NP I-Diagnostico\n\n"
    )
    file = read_conll(path)
    assert [note.text for note in file.notes] == ["EU rejects #", "Aspirina Xarelto\npneumonia"]
    assert file.notes[1].spans == (
        Span(0, 8, Label.MEDICATION),
        Span(9, 16, Label.MEDICATION),
        Span(17, 26, Label.DIAGNOSIS),
    )
    assert file.notes[0].set_aside == (SetAside({"begin": 0, "end": 2, "label": "ORG"}, "unknown label", 0),)
    assert file.remarks == {"notes that came without their text; their tokens were joined by single spaces": 2}


def test_bioes_windows_line_ends_and_names_of_documents_are_read(tmp_path: Path) -> None:
    content = (
        "# newdoc id = alta-3\r\n# sent_id = 1\r\n"
        "AAS\tB-Medicacao_Habitual\r\n100\tE-Medicacao_Habitual\r\n"
        "Xarelto\tS-Medicacao_Habitual\r\n\r\n# newdoc id = 12\r\nbem\tO\r\n# newdoc\r\nmal\tO\r\n"
    )
    notes = read(tmp_path, content)
    assert [(note.doc_id, note.text) for note in notes] == [("alta-3", "AAS 100 Xarelto"), (12, "bem"), (3, "mal")]
    assert [(span.start, span.end) for span in notes[0].spans] == [(0, 7), (8, 15)]


def test_an_allergy_without_polarity_is_set_aside(tmp_path: Path) -> None:
    (note,) = read(tmp_path, "penicilina\tB-Alergias_medicamentosas\n")
    assert [aside.reason for aside in note.set_aside] == ["no polarity"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"doc_id": 1, "text": "segredo"}]', "line 1 is no token with a BIO tag"),
        ("segredo\n", "line 1 is no token with a BIO tag"),
        ("a\tO\nsegredo\tX\n", "line 2 is no token with a BIO tag"),
        ("# doc_id = 1\n# doc_text = segredo\n", "line 2: doc_text is not JSON"),
        ("# doc_id = 1\n# doc_text = 5\n", "line 2: doc_text is no JSON string"),
        ('# doc_id = 1\n# doc_text = "a\\u0000"\na\tO\n\0\tO\n', "text is not a string without NUL"),
        ('# doc_id = 1\n# doc_text = "um segredo"\num\tO\noutro\tO\n', "the token on line 4 is not the next"),
        ('# doc_id = 1\n# doc_text = "um segredo"\num\tO\n', "the tokens end before"),
        ("# doc_id = 1\na\tO\n# doc_id = 1\nb\tO\n", "doc_id 1 is there twice"),
    ],
)
def test_a_file_that_is_none_of_this_kind_is_refused_in_one_line_without_its_words(
    tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        read(tmp_path, content)
    assert "segredo" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_er_ner_comes_back_but_for_white_space_at_ends_and_codes(er_ner_dir: Path, tmp_path: Path) -> None:
    notes = read_notes_file(er_ner_dir / "train-with-codes.json").notes
    dropped = write_conll(tmp_path / "out.conll", notes)
    assert dropped.counts == {CUT: 7, "codes": 4386, "annotations set aside": 1}
    back = read_conll(tmp_path / "out.conll").notes
    for note, again in zip(notes, back, strict=True):
        assert (again.doc_id, again.text) == (note.doc_id, note.text)
        assert [span.place for span in again.spans] == sorted(stripped(note.text, span) for span in note.spans)
