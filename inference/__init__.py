"""A note's spans with confidences, one note or a million."""
