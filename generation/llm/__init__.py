"""TODO generation/llm."""
