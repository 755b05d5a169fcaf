"""What came of a command, in words for a person: all such words are made here.

What an outcome holds for programs is written by `corpus.documents.to_json`. The functions here take an outcome and the
workspace's folder, for the commands that the words name, and give lines of plain text.
"""
