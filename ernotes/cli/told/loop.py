"""What is said at the end of a loop."""

from pathlib import Path

from ernotes.cli.told.status import outlook_lines, verdict_lines
from ernotes.console import program
from ernotes.rounds.loop import LoopEnd


def tell_loop(end: LoopEnd, folder: Path) -> str:
    """What came of the last round, where to look after it, and what to run next."""
    ernotes = program(folder)
    commands = {
        f"{ernotes} status": "what the workspace holds",
        f"{ernotes} loop --rounds 1": "the next round: says where to correct new notes by hand, and waits",
    }
    if end.own_server:
        commands[f"{ernotes} label-studio"] = "look at what was corrected, in the browser"
    if not end.judged.promoted:
        commands[f"{ernotes} promote {end.judged.candidate}"] = "take the round's model all the same"
    width = max(map(len, commands))
    return "\n".join(
        [
            "",
            *verdict_lines(end.judged),
            *outlook_lines(end.outlook),
            "",
            f"the report is         {end.report}  (open it in a browser)",
            *([f"the current model is  {end.current_model}"] if end.current_model else []),
            "",
            "next:",
            *(f"  {command:<{width}}  {purpose}" for command, purpose in commands.items()),
        ]
    )
