"""What notes are to be about: briefs, how they are spread, and what fits what."""
