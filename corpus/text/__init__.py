"""What two texts share: folded letters, runs of words, signatures of many, and lineages."""
