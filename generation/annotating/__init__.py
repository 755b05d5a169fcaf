"""TODO generation/annotating."""
