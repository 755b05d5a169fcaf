"""A whole training run: what it writes, and that it can be done again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

from corpus.config.training import CompactConfig, TrainingConfig, WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAGS, Label
from corpus.note import Span
from corpus.recognition import Annotated, Trained
from ernotes.cli.told.scores import tell_validation_scores
from inference.load import load_recogniser
from inference.transformer.decode import Method
from tests.inference.tiny import INVENTED_NOTES
from training.calibration import TEMPERATURES
from training.card import About
from training.run import train_recogniser
from training.transformer.checkpoint import load_base
from training.transformer.train import calibrate_transformer

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

CONFIG = TrainingConfig(
    data_licence="CC BY-NC 4.0",
    windows=WindowConfig(max_tokens=32, overlap_tokens=8),
    compact=CompactConfig(
        hidden_size=32,
        layers=1,
        heads=2,
        vocabulary=300,
        dropout=0.0,
        learning_rate=5e-3,
        max_epochs=10,
        patience=10,
        batch_size=2,
        cpu_batch_size=2,
    ),
)
SHORT = CONFIG.model_copy(update={"compact": CONFIG.compact.model_copy(update={"max_epochs": 5})})
BRIEF = CONFIG.model_copy(update={"compact": CONFIG.compact.model_copy(update={"max_epochs": 2})})


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A compact model that has learnt four invented notes by heart."""
    folder = tmp_path_factory.mktemp("models") / "compact-1"
    return train_recogniser(
        "compact",
        INVENTED_NOTES,
        INVENTED_NOTES,
        folder,
        CONFIG,
        1,
        lambda _: None,
        about=About("4 fictional notes", "no leakage", tell_validation_scores),
    )


def test_a_compact_model_learns_its_notes_and_recognises_them(trained: Trained) -> None:
    assert trained.figures["best"]["span_f1"] == 1.0
    found = load_recogniser(trained.folder).recognise(note.text for note in INVENTED_NOTES)
    for note, recognition in zip(INVENTED_NOTES, found, strict=True):
        assert [span.place for span in recognition.spans] == [span.place for span in note.spans]


def test_the_folder_loads_in_a_pipeline_as_it_is(trained: Trained) -> None:
    tagger = pipeline("token-classification", str(trained.folder), aggregation_strategy="simple")
    found = {entity["entity_group"] for entity in tagger("Nega alergias. Faz bisoprolol 5 mg de manhã.")}
    assert found <= {tag[2:] for tag in TAGS[1:]}
    config = json.loads((trained.folder / "config.json").read_text("utf-8"))
    assert [config["id2label"][str(index)] for index in range(9)] == list(TAGS)
    assert config["label2id"] == {tag: index for index, tag in enumerate(TAGS)}
    assert AutoTokenizer.from_pretrained(trained.folder).model_max_length == 32


def test_the_folder_holds_safetensors_card_manifest_and_figures_but_no_note(trained: Trained) -> None:
    assert {path.name for path in trained.folder.iterdir()} == {
        "README.md",
        "config.json",
        "ernotes-model.json",
        "ernotes-training.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    manifest = json.loads((trained.folder / "ernotes-model.json").read_text("utf-8"))
    assert (manifest["kind"], manifest["base"], manifest["seed"]) == ("transformer", "compact", 1)
    assert manifest["windows"] == {"max_tokens": 32, "overlap_tokens": 8}
    assert manifest["recipe"]["learning_rate"] == 5e-3
    card = (trained.folder / "README.md").read_text("utf-8")
    assert "Not validated for clinical use" in card
    assert "4 training notes, 4 validation notes; 4 fictional notes" in card
    assert "pneumonia" not in card
    assert "\nlicense: cc-by-nc-4.0\n" in card
    assert "\n```\nno leakage\n```\n" in card
    assert "95 % intervals" in card
    assert "\npolarity flips: 0" in card
    assert "exact micro F1 of mentions seen in training and not: 1.000 on 12 seen, - on 0 unseen" in card
    assert "Temperature of the confidences: 1; too few mentions were found (12)" in card
    assert [entry.name for entry in trained.folder.parent.iterdir()] == ["compact-1"]


def test_the_model_works_by_hand_as_its_card_says(trained: Trained) -> None:
    text = INVENTED_NOTES[1].text[:60]
    tokenizer = AutoTokenizer.from_pretrained(trained.folder)
    model = AutoModelForTokenClassification.from_pretrained(trained.folder)
    encoded = tokenizer(text, return_tensors="pt", truncation=True, return_offsets_mapping=True)
    offsets = encoded.pop("offset_mapping")[0].tolist()
    with torch.no_grad():
        tags = model(**encoded).logits[0].argmax(dim=-1).tolist()
    found = [
        text[start:end]
        for (start, end), tag in zip(offsets, tags, strict=True)
        if model.config.id2label[tag] == "B-Medicação Habitual"
    ]
    assert found == ["bisoprolol"[: len(found[0])]]


def test_a_transformers_confidences_are_calibrated_by_validation_and_served_so(
    trained: Trained, tmp_path: Path
) -> None:
    # The model finds the 12 mentions of the four notes in each of six copies; in five of them they do not count.
    many = [
        Annotated(f"{copy}-{note.id}", note.text, note.spans if copy == 0 else ())
        for copy in range(6)
        for note in INVENTED_NOTES
    ]
    calibration = calibrate_transformer(load_base(str(trained.folder), CONFIG.windows, print), many)
    assert calibration.spans == 72
    assert calibration.error_before is not None
    assert calibration.error_after is not None
    assert calibration.temperature == max(TEMPERATURES)
    assert calibration.error_after < calibration.error_before
    cooler = tmp_path / "cooler"
    shutil.copytree(trained.folder, cooler)
    manifest = json.loads((cooler / "ernotes-model.json").read_text("utf-8"))
    manifest["recipe"]["temperature"] = calibration.temperature
    (cooler / "ernotes-model.json").write_text(json.dumps(manifest), "utf-8")
    for plain, calibrated in zip(
        *(
            load_recogniser(folder).recognise(note.text for note in INVENTED_NOTES)
            for folder in (trained.folder, cooler)
        ),
        strict=True,
    ):
        assert [span.place for span in calibrated.spans] == [span.place for span in plain.spans]
        assert all(
            (a.confidence or 0) < (b.confidence or 0) for a, b in zip(calibrated.spans, plain.spans, strict=True)
        )


def test_long_notes_are_read_through_windows_and_decoded_as_asked(trained: Trained) -> None:
    text = "\r\n".join(note.text for note in INVENTED_NOTES)
    for method in (None, Method.ARGMAX):
        (found,) = load_recogniser(trained.folder, decode=method).recognise([text])
        assert "bisoprolol 5 mg" in [text[span.start : span.end] for span in found.spans]


def test_a_crf_has_a_card_that_says_it_holds_words_and_no_way_to_decode(tmp_path: Path) -> None:
    lines: list[str] = []
    folder = tmp_path / "crf-1"
    train_recogniser("crf", INVENTED_NOTES, INVENTED_NOTES, folder, CONFIG, 1, lines.append, seeds=3)
    assert lines[0] == "nothing in a crf is left to chance: one is trained, not one a seed"
    card = (folder / "README.md").read_text("utf-8")
    assert "hold words of the training notes" in card
    assert "library_name" not in card
    assert [entry.name for entry in tmp_path.iterdir()] == ["crf-1"]
    with pytest.raises(ModelError, match="leave --decode out"):
        load_recogniser(folder, decode=Method.ARGMAX)


def test_of_several_seeds_the_best_is_kept_and_all_are_told(tmp_path: Path) -> None:
    lines: list[str] = []
    folder = tmp_path / "compact-1"
    best = train_recogniser("compact", INVENTED_NOTES, INVENTED_NOTES, folder, SHORT, 1, lines.append, seeds=2)
    seeds = best.figures["seeds"]
    scores = [row["span_f1"] for row in seeds["runs"]]
    assert [row["seed"] for row in seeds["runs"]] == [1, 2]
    assert best.figures["best"]["span_f1"] == max(scores)
    assert seeds["span_f1"]["mean"] == pytest.approx(sum(scores) / 2)
    assert seeds["span_f1"]["deviation"] == pytest.approx(abs(scores[0] - scores[1]) / 2**0.5)
    assert json.loads((folder / "ernotes-model.json").read_text("utf-8"))["seed"] == seeds["kept"]
    assert lines[-1].startswith("2 seeds, validation: micro F1 ")
    assert lines[-1] in (folder / "README.md").read_text("utf-8")
    assert [entry.name for entry in tmp_path.iterdir()] == ["compact-1"]


def test_several_seeds_need_validation_notes(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no validation span to choose the best seed by"):
        train_recogniser("compact", INVENTED_NOTES, [], tmp_path / "model", CONFIG, 1, print, seeds=2)


def test_each_epoch_has_its_loss_span_f1_and_tag_report(trained: Trained) -> None:
    epochs = trained.figures["epochs"]
    assert [epoch["epoch"] for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert {"loss", "span_f1", "macro_f1", "tags"} <= epochs[0].keys()
    assert epochs[-1]["tags"]["Medicação Habitual"]["support"] == 5
    written = json.loads((trained.folder / "ernotes-training.json").read_text("utf-8"))
    assert written["epochs"] == epochs


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    weights = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        folder = tmp_path / name
        train_recogniser("compact", INVENTED_NOTES, INVENTED_NOTES, folder, BRIEF, seed, lambda _: None)
        weights.append((folder / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]
    assert weights[0] != weights[2]


def test_a_trained_folder_is_a_base_for_the_next_training(trained: Trained, tmp_path: Path) -> None:
    config = BRIEF.model_copy(update={"transformer": BRIEF.transformer.model_copy(update={"max_epochs": 1})})
    again = train_recogniser(
        str(trained.folder), INVENTED_NOTES, INVENTED_NOTES, tmp_path / "again", config, 1, lambda _: None
    )
    # One epoch at the small fine-tuning rate cannot lose what the base knew: its head was kept.
    assert again.figures["best"]["span_f1"] == 1.0


def test_no_training_notes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no training notes"):
        train_recogniser("compact", [], [], tmp_path / "model", CONFIG, 1, print)


@pytest.mark.parametrize("base", ["crf", "compact"])
def test_a_label_without_a_training_mention_is_told_and_trained_around(tmp_path: Path, base: str) -> None:
    lines: list[str] = []
    only = [Annotated("1", "Faz bisoprolol 5 mg.", (Span(4, 19, Label.MEDICATION),))]
    config = BRIEF.model_copy(update={"compact": BRIEF.compact.model_copy(update={"max_epochs": 1})})
    train_recogniser(base, only, INVENTED_NOTES, tmp_path / "model", config, 1, lines.append)
    assert lines[0] == (
        "no training note has a mention of Alergias medicamentosas__Negativa, Alergias medicamentosas__Positiva, "
        "Diagnóstico: the model cannot learn to find it"
    )


def test_a_base_that_cannot_be_loaded_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no folder"):
        train_recogniser("./nowhere", INVENTED_NOTES, [], tmp_path / "model", CONFIG, 1, print)
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_never_written_over(trained: Trained) -> None:
    with pytest.raises(ModelError, match="is there already"):
        train_recogniser("compact", INVENTED_NOTES, [], trained.folder, BRIEF, 1, print)


def test_nothing_on_the_crf_path_imports_torch() -> None:
    code = "import sys, training.run, training.crf, inference.load; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
