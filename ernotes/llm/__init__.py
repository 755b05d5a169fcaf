"""A workspace's work with an LLM: having notes written, rehearsed, and annotated."""
