"""The layouts of notes: which sections come in which order, and how each is written."""

from generation.offline.conclusion import sign_off
from generation.offline.history import letterhead, short_identification
from generation.offline.medication import drug_separator, medication_line
from generation.offline.scribe import Scribe, joined
from generation.offline.sections import STATING, NoteSection, write_section
from generation.offline.wording import folded, read_data

LAYOUTS: tuple[str, ...] = tuple(read_data("layouts")["layout"])
"""The layouts that a brief may ask for; any other text is written in one of these, drawn at random."""

_SHORT = "telegráfica"
_UNTITLED = ("paragraph",)


def write_layout(scribe: Scribe) -> str:
    """The whole note, its lines ended by a line feed."""
    asked = {folded(name): name for name in LAYOUTS}.get(folded(scribe.brief.layout))
    name = asked or scribe.rng.choice(LAYOUTS)
    plan = read_data("layouts")["layout"][name]
    order = [token.rstrip("?") for token in _drawn(scribe, scribe.rng.choice(plan["orders"]))]
    stating = _stating(scribe, order)
    blocks = [letterhead(scribe)] if name != _SHORT else [[short_identification(scribe)]]
    for token in order:
        if len(token) == 1:
            blocks.append([f"{token}{scribe.rng.choice([')', ':', ' -'])}"])
            continue
        kinds = token.split("+")
        form = scribe.rng.choice(plan["forms"].get(kinds[0], plan["forms"]["default"]))
        headed = form not in _UNTITLED
        section = write_section(scribe, kinds, stating, headed=headed, brief_form=name == _SHORT)
        blocks.append(_written(scribe, section, form))
    blocks.append(sign_off(scribe))
    gap = "\n\n" if scribe.habits.blank_lines else "\n"
    return gap.join("\n".join(block) for block in blocks if block).strip()


def _drawn(scribe: Scribe, order: str) -> list[str]:
    return [token for token in order.split() if not token.endswith("?") or scribe.chance(0.5)]


def _stating(scribe: Scribe, order: list[str]) -> str:
    """The section that states the diagnosis; each note states it once."""
    places = [kind for kind in STATING if kind in order]
    return scribe.rng.choices(places, [STATING[kind] for kind in places])[0]


def _written(scribe: Scribe, section: NoteSection, form: str) -> list[str]:
    items = list(section.items)
    if not items:
        return []
    if section.kind == "statement":
        return items
    if form == "paragraph":
        return [_paragraph(scribe, section)]
    if form == "inline":
        return [_inline(scribe, section)]
    title = _title(scribe, section.kind)
    if form == "prose":
        return [title, _prose(items)]
    return [title, *_listed(scribe, items, form)]


def _listed(scribe: Scribe, items: list[str], form: str) -> list[str]:
    habits = scribe.habits
    if form == "numbered":
        mark = scribe.rng.choice(["{}. ", "{}) ", "{}- "])
        return [mark.format(number) + item for number, item in enumerate(items, start=1)]
    if form == "hashed":
        return [f"#{number}. {item}" for number, item in enumerate(items, start=1)]
    mark = {"history": habits.history_mark, "bullets": habits.bullet}.get(form, "")
    end = habits.item_end if form == "bullets" else ""
    return [mark + (item if item.endswith((".", ":")) else item + end) for item in items]


def _inline(scribe: Scribe, section: NoteSection) -> str:
    title = _title(scribe, section.kind)
    separator = drug_separator(scribe) if section.kind == "medication" else scribe.rng.choice([", ", "; ", ". "])
    items = [item.rstrip(".") for item in section.items]
    lead = "- " if section.kind == "medication" and separator == ", - " else ""
    return f"{title.rstrip(': -')}: {lead}{separator.join(items)}"


def _paragraph(scribe: Scribe, section: NoteSection) -> str:
    """The section as running text without a title."""
    if section.kind == "medication":
        return medication_line(scribe, "medication_lead").rstrip(".") + "."
    leads = read_data("layouts")["leads"].get(section.kind)
    if section.kind in ("identification", "history", "reason", "impression", "allergies") or not leads:
        return _prose(list(section.items))
    lead = scribe.words.fill(scribe.rng.choice(leads))
    items = [item.rstrip(".") for item in section.items]
    if section.kind in ("exam", "tests"):
        return f"{lead} {'. '.join(items)}."
    return f"{lead} {joined(items)}."


def _prose(items: list[str]) -> str:
    return " ".join(item if item.endswith((".", "?", "!")) else f"{item}." for item in items)


def _title(scribe: Scribe, kind: str) -> str:
    title = scribe.rng.choice(read_data("headings")[kind])
    shown = title.upper() if scribe.habits.upper_headings else title
    return f"{shown}{scribe.habits.heading_end}"
