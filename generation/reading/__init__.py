"""TODO generation/reading."""
