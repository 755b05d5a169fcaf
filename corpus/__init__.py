"""The ground: notes, labels, where they are kept, and how they are compared."""
