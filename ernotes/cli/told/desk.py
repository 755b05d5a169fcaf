"""What is said of the way to Label Studio and back, of waiting for people, and of a note that was erased."""

from pathlib import Path

from annotation.label_studio.pull import QuarantinedRegion
from ernotes.console import program
from ernotes.desk.erasing import Erased
from ernotes.desk.round_trip import Pulled, Pushed, SimulatedCorrections
from ernotes.desk.second_look import SecondLook
from ernotes.desk.waiting import Waited


def tell_pushed(pushed: Pushed, folder: Path) -> str:
    """What was sent, and how to open it."""
    lines = [
        f"{pushed.created} notes pushed to the project {pushed.title!r}, {pushed.upgraded} shown with a newer model, "
        f"{pushed.unchanged + pushed.left_alone} left as they were",
        f"  open it with: {program(folder)} label-studio" if pushed.own_server else f"  open it at {pushed.project}",
    ]
    return "\n".join([*lines, *(f"  not pushed: {reason}" for reason in pushed.refused.values())])


def tell_pulled(pulled: Pulled, _folder: Path) -> str:
    """What came back, and how many notes of each role there are now."""
    lines = [
        f"{pulled.corrected} corrections new or changed, {pulled.withdrawn} withdrawn, {pulled.skipped} skipped",
        f"  there are now {pulled.train} notes to train on beside {pulled.exemplars} exemplars, "
        f"{pulled.validation} to validate (every tenth lineage), and {pulled.pool} in the pool",
    ]
    return "\n".join([*lines, *map(tell_quarantined, pulled.quarantined)])


def tell_simulated_corrections(corrected: SimulatedCorrections, _folder: Path) -> str:
    """What the simulated annotator did."""
    actions = ", ".join(f"{count} {action}" for action, count in corrected.actions.items())
    return (
        f"{corrected.submitted} notes corrected by a SIMULATED annotator, who knows the truth of the briefs: {actions}"
    )


def tell_waited(waited: Waited, _folder: Path) -> str:
    """What was waited for."""
    return f"{waited.waited_for} notes were open, none is now; the corrections were pulled as they came"


def tell_second_look(found: SecondLook, _folder: Path) -> str:
    """What was decided of doubted notes, and what waits to be."""
    lines = [
        f"{found.decided} notes decided since the last time, {found.withdrawn} withdrawn",
        f"  {found.places} doubted places in {found.notes} notes, {found.created} of them new in the project "
        f"{found.title!r}",
        f"  {found.waiting} notes wait there for a second look: {found.project}",
    ]
    return "\n".join([*lines, *map(tell_quarantined, found.quarantined)])


def tell_erased(erased: Erased, _folder: Path) -> str:
    """What an erasure reached, and what is left to be done by hand."""
    models = f"; trained on it: {', '.join(erased.models)}" if erased.models else "; no model was trained on it"
    copies = f"; delete these older copies of the store too: {', '.join(erased.copies)}" if erased.copies else ""
    return f"note {erased.note} is erased, with {erased.tasks} Label Studio tasks{models}{copies}"


def tell_quarantined(region: QuarantinedRegion) -> str:
    """A region that was not taken, as a line."""
    return f"  quarantined: note {region.note_id}: region {region.reason}"
