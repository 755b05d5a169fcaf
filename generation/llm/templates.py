"""The templates of `prompts`, or a workspace's own, rendered in Jinja's sandbox; what a note holds is never run."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from corpus.errors import FormatError


class Templates:
    """The templates by name; one that stands in the folder `overrides` hides the one that ships."""

    def __init__(self, overrides: Path | None = None) -> None:
        loaders: list[BaseLoader] = [PackageLoader("prompts", ".")]
        if overrides is not None:
            loaders.insert(0, FileSystemLoader(overrides))
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def fill(self, name: str, values: Mapping[str, object]) -> str:
        """The template filled with the values; raises FormatError naming it and the line where it is broken."""
        try:
            return self._environment.get_template(name).render(values).strip()
        except TemplateSyntaxError as error:
            raise FormatError(f"template {error.name or name}, line {error.lineno}: {error.message}") from None
        except TemplateError as error:
            raise FormatError(f"template {name}, line {_line(error)}: {error.message}") from None
        except Exception as error:  # noqa: BLE001 - what a template computes may raise anything
            # Its message may hold a note's words; its kind does not.
            raise FormatError(f"template {name}, line {_line(error)}: {type(error).__name__}") from None


def _line(error: Exception) -> int | str:
    """The line of the innermost template in the traceback; Jinja rewrites it to show template lines."""
    lines: list[int] = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(".j2"):
            lines.append(step.tb_lineno)
        step = step.tb_next
    return lines[-1] if lines else "?"
