"""What is said of pages that were written."""

from pathlib import Path

from ernotes.pages.report import Reported


def tell_reported(reported: Reported, _folder: Path) -> str:
    """Where the page is."""
    scored = "" if reported.scored else " (no score of this model yet: run 'ernotes evaluate' first)"
    return f"report: {reported.report}{scored}"
