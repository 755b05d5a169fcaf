"""The Jinja templates of what is asked of an LLM, and nothing else."""
