"""What a note that an LLM wrote says: mentions, doses and denials, found by the brief that it was asked for by."""
