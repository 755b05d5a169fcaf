"""The embedded recogniser on a model trained once on a made-up corpus."""

import subprocess
import sys
from collections.abc import Iterator
from math import log
from pathlib import Path

import numpy as np
import pycrfsuite
import pytest

from corpus.config.training import CrfConfig
from corpus.errors import ModelError
from corpus.labels import TAGS
from corpus.recognition import TOP_ENTROPIES
from corpus.tags import valid_bio
from inference.crf.chain import posteriors
from inference.crf.crfsuite import read_weights
from inference.crf.lexicon import LEXICON_NAME, Lexicon
from inference.crf.recogniser import MODEL_NAME, CrfRecogniser, closed
from inference.crf.words import find_words
from inference.load import load_recogniser
from tests.made_up import NOTES, UNSEEN
from training.crf.train import Speller, train_crf


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model's folder."""
    return train_crf(NOTES, [], tmp_path_factory.mktemp("models") / "m1", CrfConfig(), 1, lambda _: None).folder


def test_it_finds_what_it_was_shown_in_a_note_it_was_not_shown(folder: Path) -> None:
    (recognition,) = load_recogniser(folder).recognise([UNSEEN.text])
    assert [span.place for span in recognition.spans] == [span.place for span in UNSEEN.spans]


def test_a_text_without_words_has_no_spans_and_no_doubt(folder: Path) -> None:
    empty, blank, note = load_recogniser(folder).recognise(["", " \r\n\t", UNSEEN.text])
    assert empty == blank
    assert (empty.spans, empty.uncertainty.tokens, empty.uncertainty.sum_entropy) == ((), 0, 0.0)
    assert note.spans


def test_texts_are_read_lazily_and_come_back_in_order(folder: Path) -> None:
    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(1000):
            taken.append(number)
            yield "palavra " * (number % 7)

    recognitions = load_recogniser(folder).recognise(texts())
    assert [next(recognitions).uncertainty.tokens for _ in range(9)] == [0, 1, 2, 3, 4, 5, 6, 0, 1]
    assert len(taken) < 1000


def test_a_note_alone_and_among_others_is_the_same(folder: Path) -> None:
    recogniser = load_recogniser(folder)
    texts = [note.text for note in NOTES] + [UNSEEN.text, ""]
    together = list(recogniser.recognise(texts))
    alone = [next(recogniser.recognise([text])) for text in reversed(texts)][::-1]
    for one, other in zip(together, alone, strict=True):
        assert one.spans == other.spans
        assert one.uncertainty.sum_entropy == pytest.approx(other.uncertainty.sum_entropy, abs=1e-9)


@pytest.mark.slow
def test_a_note_of_200000_characters_is_read(folder: Path) -> None:
    (recognition,) = load_recogniser(folder).recognise([UNSEEN.text * (200_000 // len(UNSEEN.text))])
    assert recognition.spans[-1].end > 190_000


def test_scores_and_marginals_are_those_of_the_library(folder: Path) -> None:
    model = folder / MODEL_NAME
    weights = read_weights(model.read_bytes())
    words = find_words(UNSEEN.text)
    spelled = Speller().spell(words, Lexicon.read(folder / LEXICON_NAME))
    states = np.array(
        [
            weights.state[[weights.attributes[name] for name in names if name in weights.attributes]].sum(axis=0)
            for names in spelled
        ]
    )
    (posterior,) = posteriors([states], weights.transition)
    tagger = pycrfsuite.Tagger()
    tagger.open(str(model))
    tagger.set(spelled)
    tags = tagger.tag()
    path = [weights.tags.index(tag) for tag in tags]
    assert posterior.log_probability(path) == pytest.approx(log(tagger.probability(tags)), abs=1e-9)
    for word in range(len(words)):
        for index, tag in enumerate(weights.tags):
            assert posterior.marginals[word, index] == pytest.approx(tagger.marginal(tag, word), abs=1e-9)


def test_ruling_out_invalid_tag_sequences_leaves_more_probability_to_a_valid_one(folder: Path) -> None:
    tagger = pycrfsuite.Tagger()
    tagger.open(str(folder / MODEL_NAME))
    tagger.set(Speller().spell(find_words(UNSEEN.text), Lexicon.read(folder / LEXICON_NAME)))
    tags = tagger.tag()
    assert valid_bio(TAGS.index(tag) for tag in tags)
    weights = read_weights((folder / MODEL_NAME).read_bytes())
    recogniser = CrfRecogniser(weights, Lexicon.read(folder / LEXICON_NAME), "as trained")
    (recognition,) = recogniser.recognise([UNSEEN.text])
    assert log(tagger.probability(tags)) < recognition.uncertainty.sequence_log_probability < 0


def test_confidence_is_a_probability_and_doubt_is_never_negative(folder: Path) -> None:
    for recognition in load_recogniser(folder).recognise(note.text for note in NOTES):
        assert all(span.confidence is not None and 0 < span.confidence <= 1 for span in recognition.spans)
        doubt = recognition.uncertainty
        assert 0 <= doubt.max_entropy <= doubt.sum_entropy <= doubt.tokens * log(len(TAGS))
        assert doubt.sequence_log_probability <= 0
        assert doubt.top_entropies == tuple(sorted(doubt.top_entropies, reverse=True))
        assert len(doubt.top_entropies) == min(doubt.tokens, TOP_ENTROPIES)
        assert 0 <= doubt.expected_missed <= doubt.tokens


def test_the_version_is_the_folders_name_or_the_one_given(folder: Path) -> None:
    assert (load_recogniser(folder).version, load_recogniser(folder, "crf-7").version) == ("m1", "crf-7")


@pytest.mark.parametrize("damage", [b"", b"lCRF", b"no model" * 20, None])
def test_a_damaged_model_file_is_one_clear_line(folder: Path, tmp_path: Path, damage: bytes | None) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    whole = (folder / MODEL_NAME).read_bytes()
    (copy / MODEL_NAME).write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(ModelError, match="train the model again"):
        CrfRecogniser.load(copy, "copy")


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [(None, "holds no ernotes-model.json"), ("{", "damaged"), ("[]", "damaged"), ('{"kind": "oracle"}', "damaged")],
)
def test_a_folder_that_holds_no_model_is_one_clear_line(tmp_path: Path, manifest: str | None, complaint: str) -> None:
    if manifest is not None:
        (tmp_path / "ernotes-model.json").write_text(manifest)
    with pytest.raises(ModelError, match=complaint):
        load_recogniser(tmp_path)


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        load_recogniser(tmp_path / "nowhere")


def test_nothing_on_this_path_imports_torch(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; import training.crf; from inference.load import load_recogniser;"
        "list(load_recogniser(Path(sys.argv[1])).recognise(['Medicado com ramipril']));"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(folder)], check=False).returncode == 0


def test_a_model_of_other_features_is_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "m"
    other.mkdir()
    for path in folder.iterdir():
        (other / path.name).write_bytes(path.read_bytes().replace(b'"features": 3', b'"features": 2'))
    with pytest.raises(ModelError, match="another version"):
        load_recogniser(other)


def test_a_temperature_makes_the_recogniser_less_sure(folder: Path, tmp_path: Path) -> None:
    warm = tmp_path / "m"
    warm.mkdir()
    for path in folder.iterdir():
        (warm / path.name).write_bytes(path.read_bytes().replace(b'"temperature": 1.6', b'"temperature": 2.0'))
    (plain,), (warmed,) = (load_recogniser(place).recognise([UNSEEN.text]) for place in (folder, warm))
    sure = {span.place: span.confidence or 0 for span in plain.spans}
    assert warmed.spans
    assert all((span.confidence or 0) < sure[span.place] for span in warmed.spans)


@pytest.mark.parametrize(
    ("text", "found"),
    [("ramipril (5 mg)", "ramipril (5 mg)"), ("ramipril 5 mg)", "ramipril 5 mg"), ("ramipril 5 mg", "ramipril 5 mg")],
)
def test_brackets_of_a_mention_come_in_pairs(text: str, found: str) -> None:
    words = find_words(text)
    assert text[: words.ends[closed(0, len(words), (0,), words) - 1]] == found


def test_a_bracket_that_follows_is_taken_in_if_the_mention_opened_it() -> None:
    words = find_words("ramipril (5 mg), ferro")
    assert closed(0, 4, (0, 6), words) == 5
    assert closed(0, 4, (0, 4), words) == 4


def test_what_is_possible_holds_what_is_found_and_more(folder: Path) -> None:
    recogniser = CrfRecogniser.load(folder, "m1")
    texts = ["", *(note.text for note in NOTES)]
    for recognition, possible in zip(recogniser.recognise(texts), recogniser.possible(texts), strict=True):
        assert set(recognition.spans) <= set(possible)
    assert sum(map(len, recogniser.possible(texts))) > sum(len(note.spans) for note in NOTES)


def test_a_recogniser_that_has_forgotten_finds_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [note.text for note in NOTES]
    remembered = list(load_recogniser(folder).recognise(texts))
    monkeypatch.setattr("inference.crf.recogniser._REMEMBERED_KEYS", 10)
    assert list(load_recogniser(folder).recognise(texts)) == remembered
