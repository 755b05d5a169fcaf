"""Directives that make the reference pages from the code: `command`, `knobs`, `library` and others.

A command or a section of ernotes.toml that no page tells of is a warning, as is one that is told of and is not there;
the manual is built with warnings as errors.
"""

import tomllib
from collections.abc import Iterable
from importlib import import_module
from inspect import getdoc, isclass, isroutine
from pathlib import Path
from typing import Any

from commands import command_markdown, commands
from docutils import nodes
from docutils.statemachine import StringList
from knobs import choices_markdown, section_markdown, sections
from names import resolve, shorten_signature
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from corpus.config.settings import Config
from ernotes.cli import ernotes as program

COMMANDS = commands(program)
SECTIONS = sections(Config)


class Made(SphinxDirective):
    """A directive that is replaced by Markdown about the thing that its argument names."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """The Markdown as nodes; the build remembers what was told of."""
        name = str(self.arguments[0])
        told: set[tuple[str, str]] = self.env.metadata[self.env.docname].setdefault("told", set())
        told.add((self.name, name))
        lines = [line for part in self.markdown(name) for line in part.split("\n")]
        container = nodes.container(classes=["made", self.name])
        self.state.nested_parse(StringList(lines, source=self.env.docname), self.content_offset, container)
        return [container]

    def markdown(self, name: str) -> Iterable[str]:
        """Parts of Markdown, each of one line or several."""
        raise NotImplementedError


class CommandDirective(Made):
    """What `ernotes NAME --help` shows."""

    def markdown(self, name: str) -> Iterable[str]:
        if name not in COMMANDS:
            raise self.error(f"there is no command {name!r}")
        return command_markdown(COMMANDS[name], name)


class KnobsDirective(Made):
    """The knobs of a section of ernotes.toml."""

    def markdown(self, name: str) -> Iterable[str]:
        if name not in SECTIONS:
            raise self.error(f"ernotes.toml has no section {name!r}")
        return section_markdown(SECTIONS[name], name)


class ChoicesDirective(Made):
    """What the values of a knob with an enumeration mean."""

    def markdown(self, name: str) -> Iterable[str]:
        section, _, knob = name.rpartition(".")
        return choices_markdown(SECTIONS[section].model_fields[knob].annotation)


class LibraryDirective(Made):
    """Every public name of a package, from its docstring: what one calls, then what one gets; a list of them first."""

    def markdown(self, name: str) -> Iterable[str]:
        package = import_module(name)
        things = {public: getattr(package, public) for public in getattr(package, "__all__", ())}
        kinds = {public: _autodoc_kind(thing) for public, thing in things.items()}
        ordered = sorted(things, key=lambda public: list(_KINDS).index(kinds[public]))
        for public in ordered:
            yield f"- {{py:obj}}`{public} <{name}.{public}>`: {_first_line(things[public])}"
        yield "\n````{eval-rst}"
        for public in ordered:
            yield f".. {kinds[public]}:: {name}.{public}"
            yield f"   {_KINDS[kinds[public]]}\n"
        yield "````"


_VERSION = "The version of this program."


class ContractsDirective(Made):
    """The layers that import-linter holds, the floors' and each package's, from the project's settings."""

    def markdown(self, name: str) -> Iterable[str]:
        settings = tomllib.loads((Path(self.env.srcdir).parent / name).read_text("utf-8"))
        yield "| in | order |\n|---|---|"
        for contract in settings["tool"]["importlinter"]["contracts"]:
            if contract["type"] == "layers":
                layers = (" \\| ".join(f"`{room}`" for room in layer.split(" | ")) for layer in contract["layers"])
                yield f"| {', '.join(contract.get('containers', ['the floors']))} | {', then '.join(layers)} |"


_KINDS = {"autofunction": "", "autoclass": ":members:", "autoexception": "", "py:data": f":type: str\n\n   {_VERSION}"}
"""What stands for each kind of name, with what is below it, in the order in which the library's names are listed."""


def _autodoc_kind(thing: object) -> str:
    if isclass(thing):
        return "autoexception" if issubclass(thing, Exception) else "autoclass"
    return "autofunction" if isroutine(thing) else "py:data"


def _first_line(thing: object) -> str:
    return _VERSION if isinstance(thing, str) else (getdoc(thing) or "").partition("\n")[0]


class ErrorsDirective(Made):
    """The tree of errors that a module's docstring draws, and each error."""

    def markdown(self, name: str) -> Iterable[str]:
        module = import_module(name)
        _title, *paragraphs = (module.__doc__ or "").strip().split("\n\n")
        for paragraph in paragraphs:
            yield f"\n```text\n{paragraph}\n```" if "├" in paragraph else f"\n{paragraph}"
        yield "\n```{eval-rst}"
        yield from (f".. autoexception:: {name}.{thing}" for thing in vars(module) if thing.endswith("Error"))
        yield "```"


def check_told(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of the commands and sections that no page tells of."""
    told = {one for metadata in env.metadata.values() for one in metadata.get("told", ())}
    expected = {("command", name) for name in COMMANDS} | {("knobs", name) for name in SECTIONS}
    for kind, name in sorted(expected - told):
        logging.getLogger(__name__).warning("no page tells of the %s %r", kind, name)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.add_directive("command", CommandDirective)
    app.add_directive("knobs", KnobsDirective)
    app.add_directive("choices", ChoicesDirective)
    app.add_directive("library", LibraryDirective)
    app.add_directive("errors", ErrorsDirective)
    app.add_directive("contracts", ContractsDirective)
    app.connect("env-check-consistency", check_told)
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-signature", shorten_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
