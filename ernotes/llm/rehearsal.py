"""A dry run of `generate`: what would be asked, and about what it would cost. Nothing is sent, nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from corpus.note import Note, Sensitivity
from corpus.workspace import Workspace
from ernotes.console import say
from ernotes.llm.endpoint import exemplars_of, prompt_of
from ernotes.llm.writing import Order, SayOutcome, plan_order, say_nothing
from generation.briefs.brief import Brief
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


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Two rendered prompts, and about what the whole order would take; costs are None where nothing has a price.

    `patient_notes_shown` are the ids of notes marked 'patient' whose text the prompts here hold.
    """

    notes: int
    prompts: Sequence[Sequence[ChatMessage]]
    patient_notes_shown: Sequence[str]
    characters_per_token: float
    prompt_tokens: int
    completion_tokens: int
    most_completion_tokens: int
    cost: float | None
    most_cost: float | None


def rehearse(workspace: Workspace, order: Order, say_outcome: SayOutcome = say_nothing) -> Rehearsed:
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
    briefs = plan_order(workspace, order, say_outcome)
    rehearsal = _render(workspace, briefs, exemplars, note_characters)
    prompts = round(estimated_tokens(rehearsal.characters))
    completions = round(estimated_tokens(note_characters) * order.notes)
    most = config.endpoint.max_tokens * order.notes
    prices = Prices.of(config.endpoint)
    return Rehearsed(
        notes=order.notes,
        prompts=rehearsal.prompts,
        patient_notes_shown=sorted(rehearsal.patients_shown),
        characters_per_token=CHARACTERS_PER_TOKEN,
        prompt_tokens=prompts,
        completion_tokens=completions,
        most_completion_tokens=most,
        cost=prices.cost(prompts, completions) if prices else None,
        most_cost=prices.cost(prompts, most) if prices else None,
    )


def _render(
    workspace: Workspace, briefs: Sequence[Brief], exemplars: Sequence[Note], note_characters: float
) -> _Rehearsal:
    """The prompts as the next batch would send them; of a twin's, the first note's answer is of typical length."""
    prompt, generation = prompt_of(workspace), workspace.config.generation
    batch_id = workspace.store.batches.count() + 1
    rehearsal, before, allergen = _Rehearsal(), 0, ""
    for number, brief in enumerate(briefs):
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
