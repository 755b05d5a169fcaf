"""The embedded endpoint: an OpenAI-compatible server that writes notes by rule, where no LLM is to be had."""
