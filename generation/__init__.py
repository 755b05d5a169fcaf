"""From a brief to a checked note: briefs, prompts, the endpoint, gates, and the offline stand-in for an LLM."""
