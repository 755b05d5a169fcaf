"""TODO inference/crf."""
