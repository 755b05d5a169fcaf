"""TODO training/crf."""
