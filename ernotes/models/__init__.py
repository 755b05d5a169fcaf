"""TODO ernotes/models."""
