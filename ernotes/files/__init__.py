"""TODO ernotes/files."""
