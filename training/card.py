"""The model card of a trained recogniser: what it is, from what, how well, and what it is not for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.recognition import Annotated, Recognition
from corpus.scoring.intervals import Intervals, bootstrap_intervals
from corpus.scoring.leakage import Leakage
from corpus.scoring.mistakes import Mistakes, count_mistakes
from corpus.scoring.novelty import score_by_novelty, surfaces
from corpus.scoring.scores import PairedNotes, Score, ScoredNote
from corpus.scoring.tables import ScoreTable
from inference.manifest import Manifest
from training.calibration import Calibration
from training.seeds import Seeds

CARD_NAME = "README.md"

_CARD = """\
---
{metadata}
---

# Named entities in Portuguese emergency-room notes

**For research only. Not validated for clinical use.**

Marks diagnoses (`Diagnóstico`), usual medication (`Medicação Habitual`) and drug allergies, present or denied
(`Alergias medicamentosas`, `Positiva` or `Negativa`), in admission notes written in European Portuguese.
{reading}

## Made from

- base: {base}
- data: {data}
- licence of the data: {data_licence}
- seed: {seed}

## Recipe

{recipe}

## Scores on the validation notes

{scores}

## Leakage

{leakage}

## What it holds of its training notes

{holds}
"""

_BASES = {
    "compact": "compact (a small BERT from random weights, tokenizer from the training notes)",
    "crf": "crf (a linear-chain CRF over words; no base)",
}
_READING = {
    "transformer": "The tags are BIO over the four labels. The model reads windows of {max_tokens} tokens; longer "
    "notes are read\nthrough windows that share {overlap_tokens}, and the logits of a token seen by several windows "
    "are averaged (`ernotes predict`).\n`transformers.pipeline` reads one window and cuts what is longer.",
    "crf": "The tags are BIO over the four labels. Loaded by `ernotes`, not by transformers.",
}
_HOLDS = {
    "transformer": "Written by ernotes. It holds no text of any note, but a model can remember words it was trained "
    "on: share it as you\nwould share those notes.",
    "crf": "Written by ernotes. **Its files hold words of the training notes**, as features and in its lexicon: share "
    "it only as you\nwould share those notes.",
}


@dataclass(frozen=True, slots=True)
class ValidationScores:
    """How the saved model does on the validation notes: both tables, how sure they are, the errors, what was seen."""

    score: Score
    intervals: Intervals
    mistakes: Mistakes
    seen: ScoreTable
    unseen: ScoreTable


def scores_in_short(scores: ValidationScores) -> str:
    """The two figures that count."""
    exact = scores.score.exact
    return f"exact F1: micro {exact.micro.f1:.3f}, macro {exact.macro.f1:.3f}"


@dataclass(frozen=True, slots=True)
class CardWords:
    """What puts figures into words for the card: the scores, and what leaked."""

    tell_scores: Callable[[ValidationScores], str]
    tell_leakage: Callable[[Leakage], str]


@dataclass(frozen=True, slots=True)
class About:
    """What the card says that only the caller knows: where the notes come from, what leaked, how scores are put."""

    data: str = ""
    leakage: str = ""
    tell_scores: Callable[[ValidationScores], str] = scores_in_short


def model_card(
    manifest: Manifest,
    about: About,
    *,
    data_licence: str,
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    found: Sequence[Recognition],
    chosen_by_validation: bool,
    calibration: Calibration,
    seeds: Seeds | None = None,
) -> str:
    """The card in Markdown with its YAML head; `found` is what the saved model finds in the validation notes.

    `calibration` and `seeds` are figures of the training.
    """
    extra = manifest.model_extra or {}
    data = f"{manifest.trained_on} training notes, {len(validation)} validation notes"
    scores = _scores(train, validation, found, chosen_by_validation, about.tell_scores)
    scores += f"\n\n{format_calibration(calibration)}"
    if seeds is not None:
        scores += f"\n\n{format_seeds(seeds)}"
    return _CARD.format(
        metadata="\n".join(_metadata(manifest, data_licence)),
        reading=_READING[manifest.kind].format(**extra.get("windows", {})),
        base=_BASES.get(manifest.base, manifest.base),
        data=f"{data}; {about.data}" if about.data else data,
        data_licence=data_licence or "not said (`data_licence` in ernotes.toml)",
        seed=extra.get("seed", manifest.recipe.get("seed")),
        recipe="\n".join(f"- {knob}: {value}" for knob, value in manifest.recipe.items()),
        scores=scores,
        leakage=f"```\n{about.leakage}\n```" if about.leakage else "Not looked for.",
        holds=_HOLDS[manifest.kind],
    )


def format_seeds(seeds: Seeds) -> str:
    """The scores of several seeds as a line: mean and spread."""
    micro, macro = seeds.span_f1, seeds.macro_f1
    return (
        f"{len(seeds.runs)} seeds, validation: micro F1 {micro.mean:.3f} ± {micro.deviation:.3f}, "
        f"macro F1 {macro.mean:.3f} ± {macro.deviation:.3f} (mean ± standard deviation); "
        f"kept: seed {seeds.kept}"
    )


def format_calibration(calibration: Calibration) -> str:
    """The figures of a calibration as a line: what confidences mean, and the expected error without and with it."""
    spans, temperature = calibration.spans, calibration.temperature
    before, after = calibration.error_before, calibration.error_after
    if before is None or after is None:
        return (
            f"Temperature of the confidences: {temperature:g}; too few mentions were found ({spans}) to choose it by."
        )
    return (
        f"Temperature of the confidences: {temperature:g}, chosen by the {spans} mentions found in validation; "
        f"expected calibration error {before:.3f} before, {after:.3f} after."
    )


def _metadata(manifest: Manifest, data_licence: str) -> list[str]:
    lines = ["language: pt", "pipeline_tag: token-classification"]
    if manifest.kind == "transformer":
        lines.append("library_name: transformers")
    if data_licence:
        lines.append(f"license: {data_licence.lower().replace(' ', '-')}")
    if manifest.base not in _BASES and not manifest.base.startswith(("/", ".", "~")):
        lines.append(f"base_model: {manifest.base}")
    return [*lines, "tags:", "- token-classification", "- clinical", "- portuguese"]


def _scores(
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    found: Sequence[Recognition],
    chosen: bool,
    tell_scores: Callable[[ValidationScores], str],
) -> str:
    if not validation:
        return "No validation notes: nothing was scored."
    how = "Over whole notes, entity and polarity both counting, one `Diagnóstico` a note."
    if chosen:
        how += " The epoch was chosen by these notes, so the\nfigures are somewhat high."
    notes = [ScoredNote(note.id, note.spans, said.spans) for note, said in zip(validation, found, strict=True)]
    paired = PairedNotes(notes)
    seen, unseen = score_by_novelty(paired, {note.id: note.text for note in validation}, surfaces(train))
    scores = ValidationScores(paired.score, bootstrap_intervals(paired), count_mistakes(paired), seen, unseen)
    return f"{how}\n\n```\n{tell_scores(scores)}\n```"
