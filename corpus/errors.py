"""Every error that ernotes raises on purpose, as one tree.

ErNotesError                 the root; its message is one line for the user
├── SpanError                a span that cannot exist
├── LabelError               a label, entity or polarity that is not in the scheme
├── FormatError              a file that is not what it should be
├── ConfigError              ernotes.toml cannot be used
├── WorkspaceError           the workspace is missing, locked, newer than this program …
├── PrivacyError             a patient's words would have left the machine
├── ModelError               a recogniser or a base model cannot be loaded or trained
├── EndpointError            the LLM endpoint refused, failed or is down
│   ├── UnusableEndpointError    … in a way that every request would meet (generation.faults)
│   ├── RefusedRequestError      … since it does not take what was asked (generation.faults)
│   └── BudgetReachedError       the next request might cost more than is left (generation.budget)
└── DeskError                Label Studio refused, failed or is down
    └── NoAnswerError            … without saying whether it did what was asked (annotation.label_studio.client)

Messages name note ids and files, never a note's text, a key or a token.
"""


class ErNotesError(Exception):
    """Something is wrong that the user can do something about; the message says what.

    >>> import ernotes
    >>> try:
    ...     ernotes.load("no-such-folder")
    ... except ernotes.ErNotesError as error:
    ...     print(error)
    no-such-folder is no model folder
    """


class SpanError(ErNotesError):
    """A span is empty, reversed, or lies outside its note."""


class LabelError(ErNotesError):
    """A label, entity or polarity is not in the scheme."""


class FormatError(ErNotesError):
    """A file is not what it should be."""


class ConfigError(ErNotesError):
    """ernotes.toml cannot be used; the message names the knob."""


class WorkspaceError(ErNotesError):
    """The workspace is missing, locked, or was written by a newer ernotes."""


class PrivacyError(ErNotesError):
    """A patient's words would have left the machine without leave."""


class ModelError(ErNotesError):
    """A recogniser or base model cannot be loaded or trained."""


class EndpointError(ErNotesError):
    """The LLM endpoint refused, failed or is down."""


class DeskError(ErNotesError):
    """Label Studio refused, failed or is down."""
