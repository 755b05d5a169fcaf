"""What to correct next, Label Studio there and back, and what is said of annotators' work."""
