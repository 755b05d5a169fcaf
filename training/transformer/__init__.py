"""TODO training/transformer."""
