"""A transformer that reads notes: windows of tokens, averaged where they overlap, decoded into spans."""
