"""The embedded recogniser: a linear chain over what can be seen of each word."""
