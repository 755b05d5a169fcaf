"""TODO inference/transformer."""
