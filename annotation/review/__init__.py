"""The physicians' review: notes drawn, rated without knowing who wrote them, and what the ratings say."""
