"""TODO generation/writing."""
