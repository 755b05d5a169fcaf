"""The roof: the commands, a round and its verdict, the report."""
