"""Label Studio at work for a workspace: the way there and back, several annotators, reviews, the live backend."""
