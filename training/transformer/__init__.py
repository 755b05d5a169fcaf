"""Fine-tuning a transformer by the published recipe, or a small one from scratch."""
