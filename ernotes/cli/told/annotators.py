"""What is said of several annotators' work: how far they agree, where they differ, and how that was settled."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from annotation.adjudication import Adjudicated, Disagreement
from annotation.agreement import Agreement, Figures
from corpus.note import Span
from corpus.scoring.scores import RELAXED_IOU
from corpus.scoring.tallies import LABELS
from ernotes.cli.told.desk import tell_quarantined
from ernotes.desk.agreement import AdjudicatedThere, AgreementFound, AskedOfSeveral, ListedDisagreement


def tell_asked(asked: AskedOfSeveral, _folder: Path) -> str:
    """How many notes go to how many people."""
    missing = f"; {asked.missing} more were asked for than are pushed and open" if asked.missing else ""
    return f"{len(asked.notes)} notes are to be annotated by {asked.annotators} people each{missing}"


def tell_agreement(found: AgreementFound, _folder: Path) -> str:
    """The figures, what is left to do, and, where they were asked for, the places at which annotators differ."""
    lines, left = [format_agreement(found.measured)], found.left
    if left.overlap:
        done = sum(item.complete for item in left.overlap)
        lines.append(f"{len(left.overlap)} notes were asked for from several people; {done} are complete")
    if found.measured.notes:
        lines.append(
            f"{left.disagreements} disagreements in {left.notes_that_differ} notes; "
            f"{left.notes_to_adjudicate} notes are still to be adjudicated"
        )
    if left.listed is not None:
        lines += map(_place, left.listed)
        lines += [
            f"  {item.note}: {item.annotated_by} of {item.annotators} people so far"
            for item in left.overlap
            if not item.complete
        ]
    return "\n".join(lines)


def tell_settled(report: Adjudicated, name: str | None) -> str:
    """What was settled by this annotator's word or, without a name, by majority; and what was left, and why."""
    why_not = "a tie" if name is None else f"not annotated by {name}"
    lines = [f"{report.settled} notes settled, {report.unchanged} settled so before"]
    lines += [f"  left: note {note_id}: {why_not}" for note_id in report.undecided]
    lines += [f"  left: note {note_id}: adjudicated in Label Studio" for note_id in report.settled_by_hand]
    return "\n".join(lines)


def tell_adjudicated(found: AdjudicatedThere, _folder: Path) -> str:
    """What people adjudicated in Label Studio, and what waits for them there."""
    lines = [
        f"{found.adjudicated} notes adjudicated since the last time, {found.withdrawn} withdrawn",
        f"  {found.created} more pushed to the project {found.title!r}; "
        f"{found.waiting} wait there to be adjudicated: {found.project}",
    ]
    return "\n".join([*lines, *map(tell_quarantined, found.quarantined)])


def format_agreement(agreement: Agreement) -> str:
    """The agreement as tables of plain text: all annotators together, then each pair."""
    if not agreement.notes:
        return "no note has been annotated by two people yet"
    who = ", ".join(f"{name}: {count}" for name, count in agreement.annotators.items())
    whole = {"F1, exact": agreement.exact, f"F1, IoU >= {RELAXED_IOU}": agreement.relaxed, "alpha": agreement.alpha}
    tables = [_table(f"{agreement.notes} notes by two people or more ({who})", whole)]
    for pair in agreement.pairs:
        columns = {"F1, exact": pair.exact, f"F1, IoU >= {RELAXED_IOU}": pair.relaxed, "kappa": pair.kappa}
        tables.append(_table(f"{' and '.join(pair.annotators)}: {pair.notes} notes", columns))
    return "\n\n".join(tables)


def _table(title: str, columns: Mapping[str, Figures]) -> str:
    rows = [(str(label), [figures.per_label[label] for figures in columns.values()]) for label in LABELS]
    rows.append(("all", [figures.all for figures in columns.values()]))
    width = max(len(name) for name, _ in rows)
    lines = [title, f"{'95 % intervals':{width}}  " + "  ".join(f"{name:22}" for name in columns)]
    lines += [f"{name:{width}}  " + "  ".join(f"{figure!s:22}" for figure in figures) for name, figures in rows]
    return "\n".join(line.rstrip() for line in lines)


def _place(listed: ListedDisagreement) -> str:
    item: Disagreement = listed.disagreement
    words = f" {' '.join(listed.text.split())!r}" if listed.text is not None else ""
    said = "; ".join(f"{name}: {_places(spans)}" for name, spans in item.said.items())
    return f"  {item.note_id} {item.start}-{item.end}{words}{' (adjudicated)' if listed.adjudicated else ''}: {said}"


def _places(spans: Sequence[Span]) -> str:
    return ", ".join(f"{span.label} {span.start}-{span.end}" for span in spans) or "nothing"
