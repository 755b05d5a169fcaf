"""The verbs of `import ernotes`: of notes and files, of recognisers, and of workspaces.

Paths are strings or `Path`. Where several texts or notes are meant, a string is never read letter by letter. What
goes wrong is an ErNotesError with one line that says what to do. What a function needs is loaded when it is called.
"""
