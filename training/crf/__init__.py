"""Training the embedded recogniser, and asking it of notes that it has not seen."""
