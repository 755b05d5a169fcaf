"""A dry run of `generate`: what would be asked, and about what it would cost. Nothing is sent, nothing is stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean

from corpus.note import Note, Sensitivity
from corpus.workspace import Workspace
from ernotes.console import say
from ernotes.llm.endpoint import exemplars_of, prompt_of
from ernotes.llm.writing import Order, plan_order
from ernotes.result import Result
from generation.llm.budget import CHARACTERS_PER_TOKEN, Prices, estimated_tokens
from generation.llm.chat import ChatMessage
from generation.llm.firewall import check_exemplars
from generation.writing.run import exemplars_for

PROMPTS_SHOWN = 2
TYPICAL_CHARACTERS = 2500
"""Length of a note, where no exemplar says how long one is."""


@dataclass(slots=True)
class _Rehearsal:
    """What the order's prompts come to."""

    prompts: list[Sequence[ChatMessage]] = field(default_factory=list)
    patients_shown: set[str] = field(default_factory=set)
    characters: float = 0


def rehearse(workspace: Workspace, order: Order) -> Result:
    """Two rendered prompts, and estimates for the whole order; raises what `generate` would raise before it asks."""
    config, exemplars = workspace.config, exemplars_of(workspace)
    if not config.endpoint.is_embedded:
        check_exemplars(
            exemplars,
            config.endpoint.base_url,
            allow_patient_text=config.endpoint.allow_patient_text,
            allow_test_exemplars=config.generation.allow_test_exemplars,
        )
    if unfinished := workspace.store.batches.unfinished():
        say(f"a batch of {unfinished.size} notes was cut short: generate finishes it first")
    note_characters = fmean(len(note.text) for note in exemplars) if exemplars else TYPICAL_CHARACTERS
    rehearsal = _render(workspace, order, exemplars, note_characters)
    tokens = {
        "prompt_tokens": round(estimated_tokens(rehearsal.characters)),
        "completion_tokens": round(estimated_tokens(note_characters) * order.notes),
        "most_completion_tokens": config.endpoint.max_tokens * order.notes,
    }
    prices = Prices.of(config.endpoint)
    cost = {
        "cost": prices.cost(tokens["prompt_tokens"], tokens["completion_tokens"]) if prices else None,
        "most_cost": prices.cost(tokens["prompt_tokens"], tokens["most_completion_tokens"]) if prices else None,
    }
    document = {
        "notes": order.notes,
        "prompts": [[asdict(message) for message in messages] for messages in rehearsal.prompts],
        "patient_notes_shown": sorted(rehearsal.patients_shown),
        "characters_per_token": CHARACTERS_PER_TOKEN,
        **tokens,
        **cost,
    }
    return Result(document, "\n".join(_lines(order, rehearsal, tokens, cost)))


def _render(workspace: Workspace, order: Order, exemplars: Sequence[Note], note_characters: float) -> _Rehearsal:
    """The prompts as the next batch would send them; of a twin's, the first note's answer is of typical length."""
    prompt, generation = prompt_of(workspace), workspace.config.generation
    batch_id = workspace.store.batches.count() + 1
    rehearsal, before, allergen = _Rehearsal(), 0, ""
    for number, brief in enumerate(plan_order(workspace, order)):
        if brief.is_twin:
            rehearsal.characters += before + note_characters + len(prompt.deny(brief, allergen).content)
            continue
        shown = exemplars_for(brief, exemplars, generation, batch_id, number)
        messages = prompt.render(brief, shown)
        before, allergen = sum(len(message.content) for message in messages), brief.allergen
        rehearsal.characters += before
        if len(rehearsal.prompts) < PROMPTS_SHOWN:
            rehearsal.prompts.append(messages)
            rehearsal.patients_shown |= {note.id for note in shown if note.sensitivity is Sensitivity.PATIENT}
    return rehearsal


def _lines(order: Order, rehearsal: _Rehearsal, tokens: dict[str, int], cost: dict[str, float | None]) -> list[str]:
    lines = []
    if rehearsal.patients_shown:
        count = len(rehearsal.patients_shown)
        lines.append(f"these prompts show {count} notes marked 'patient': keep what is printed here to yourself")
    for number, messages in enumerate(rehearsal.prompts, 1):
        for message in messages:
            lines += [f"--- prompt {number}, {message.role}", message.content]
    lines += [
        "---",
        f"a dry run: nothing was sent or stored. {order.notes} notes would take, with one answer each,",
        f"  about {tokens['prompt_tokens']} tokens of prompts ({CHARACTERS_PER_TOKEN:g} characters a token)",
        f"  about {tokens['completion_tokens']} tokens of answers (notes as long as an exemplar), at most "
        f"{tokens['most_completion_tokens']} (endpoint.max_tokens)",
    ]
    if cost["cost"] is None:
        lines.append("  cost: unknown (set endpoint.input_price_per_million and output_price_per_million)")
    else:
        lines.append(f"  cost: about {cost['cost']:.4f}, at most {cost['most_cost']:.4f}")
    return [*lines, "  what is mended, asked for anew or tried again comes on top; a budget bounds it (--budget)"]
