"""How predictions compare with gold, how sure that is, and how far people and models agree."""
