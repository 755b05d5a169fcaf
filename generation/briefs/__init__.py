"""TODO generation/briefs."""
