"""`ernotes simulate`: the loop replayed on annotated notes, to learn what a strategy's learning costs."""
