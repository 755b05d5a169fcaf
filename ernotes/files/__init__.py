"""Files of notes into a workspace and out of it, and a workspace made."""
