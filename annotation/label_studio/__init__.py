"""A Label Studio server and its projects: notes there, people's corrections back, each region proved."""
