"""What is said of corrections: what each round's came to, by whom."""

from annotation.corrections import SIMULATED, Action, Ledger, Work


def tell_ledger(ledger: Ledger) -> list[str]:
    """What each round's corrections came to, by whom, as lines."""
    lines = []
    for number in ledger.rounds():
        annotators, work = ledger.annotators(number), ledger.of_round(number)
        where = f"round {number}" if number is not None else "in no round"
        who = " (SIMULATED annotator)" if SIMULATED in annotators else ""
        lines.append(f"  {where}{who}: {_summary(work)}")
        done = {action: sum(row[action] for row in work.actions.values()) for action in Action}
        if any(done.values()):
            lines.append("    " + ", ".join(f"{count} {action}" for action, count in done.items() if count))
        if len(annotators) > 1:
            lines += [f"    {name}: {_summary(own)}" for name, own in annotators.items()]
    return lines


def _summary(work: Work) -> str:
    rate, pace = work.actions_per_100_mentions, work.seconds_per_note
    rates = f", {rate:.0f} per 100 mentions (100 from an empty page)" if rate is not None else ""
    seconds = f", {pace:.0f} s a note" if pace is not None else ""
    notes = "1 note" if work.notes == 1 else f"{work.notes} notes"
    return f"{notes}, {work.effort} correction actions{rates}{seconds}"
