"""The LLM as annotator: entities asked for, read, and grounded in the note."""
