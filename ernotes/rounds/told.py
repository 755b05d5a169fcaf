"""What the steps of a round have stored, in words."""

from collections.abc import Mapping
from typing import Any


def format_verdict(judge: Mapping[str, Any]) -> list[str]:
    """What the judge of a round said of its model and what came of it (the step's document), as lines of text."""
    candidate, incumbent, verdict = judge["candidate"], judge["incumbent"], judge["verdict"]
    if not judge["comparison"]:
        why = {"first": "it is the first model", "same model": "it is the model that was there before"}
        return [f"{candidate} was not compared: {why.get(judge['reason'], judge['reason'])}"]
    micro = judge["comparison"]["micro"]
    than = "from" if verdict == "indistinguishable" else "than"
    least = f" ({micro['detectable']:.3f} is shown four times in five)" if micro["detectable"] is not None else ""
    came_of_it = f"it took over from {incumbent}"
    if not judge["promoted"]:
        came_of_it = f"it did not take over ({judge['reason']}); 'promote {candidate}' would decide otherwise"
    return [
        f"{candidate} is {verdict} {than} {incumbent}, by {judge['by']} on {judge['notes']} notes",
        f"  exact micro F1 {micro['difference']:+.3f}{least}; {came_of_it}",
    ]


def format_outlook(document: Mapping[str, Any]) -> list[str]:
    """The stored outlook of a round as lines for a terminal."""
    lines = []
    if curve := document["curve"]:
        low, high = curve["interval"]
        lines.append(
            f"another {curve['more_notes']} notes would probably bring {curve['gain']:+.3f} micro F1 "
            f"(80 %: {low:.3f} to {high:.3f})"
        )
        least, most = curve["measured"]
        lines.append(f"the {curve['scored']} validation notes would then show {least:+.3f} to {most:+.3f} (80 %)")
    if stability := document["stability"]:
        lines.append(
            f"agreement with {stability['against']}: kappa {stability['kappa']:.3f} over the tokens of "
            f"{stability['notes']} notes"
        )
    return [*lines, document["reason"]]
