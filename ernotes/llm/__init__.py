"""TODO ernotes/llm."""
