"""Having notes written: from a brief to an answer that is judged and stored."""
