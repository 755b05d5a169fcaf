"""The model card of a trained transformer: what it is, from what, how well, and what it is not for."""

from collections.abc import Mapping
from typing import Any

_CARD = """\
---
language: pt
library_name: transformers
pipeline_tag: token-classification
{base_line}tags:
- token-classification
- clinical
- portuguese
---

# Named entities in Portuguese emergency-room notes

**For research only. Not validated for clinical use.**

Marks diagnoses (`Diagnóstico`), usual medication (`Medicação Habitual`) and drug allergies, present or denied
(`Alergias medicamentosas`, `Positiva` or `Negativa`), in admission notes written in European Portuguese. The tags are
BIO over the four labels. The model reads windows of {max_tokens} tokens; longer notes are read through windows that
share {overlap_tokens}, and the logits of a token seen by several windows are averaged.

## Made from

- base: {base}
- data: {data}
- seed: {seed}

## Recipe

{recipe}

## Scores on the validation notes

{scores}

Written by ernotes. It holds no text of any note, but a model can remember words it was trained on: share it as you
would share those notes.
"""


def model_card(
    *,
    base: str,
    data: str,
    windows: Mapping[str, Any],
    recipe: Mapping[str, Any],
    best: Mapping[str, Any] | None,
    seed: int,
) -> str:
    """The card in Markdown with its YAML head; `best` holds the figures of the kept epoch, None if none was scored."""
    from_hub = base != "compact" and not base.startswith(("/", ".", "~"))
    return _CARD.format(
        base_line=f"base_model: {base}\n" if from_hub else "",
        base="compact (a small BERT from random weights, tokenizer from the training notes)"
        if base == "compact"
        else base,
        data=data,
        seed=seed,
        max_tokens=windows["max_tokens"],
        overlap_tokens=windows["overlap_tokens"],
        recipe="\n".join(f"- {knob}: {value}" for knob, value in recipe.items()),
        scores=_score_lines(best) if best else "No validation notes: all epochs were run and nothing was scored.",
    )


def _score_lines(best: Mapping[str, Any]) -> str:
    return (
        f"Exact spans over whole notes, entity and polarity both counting: micro F1 {best['span_f1']:.3f}, "
        f"macro F1 {best['macro_f1']:.3f} (epoch {best['epoch']}). This epoch was chosen by the micro F1, so "
        "the figure is somewhat high."
    )
