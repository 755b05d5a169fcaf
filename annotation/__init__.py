"""The correction desk: notes to Label Studio and people's corrections back."""
