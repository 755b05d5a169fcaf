"""This computer: files written whole, processes that end with us, ports."""
