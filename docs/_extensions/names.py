"""What a name in a signature or a docstring refers to: a public name's entry, or something that at least exists.

Other packages' manuals are not fetched, and not every class of ours has an entry: such names are shown without a link.
A name that nothing defines is left to Sphinx, which warns of it.
"""

import builtins
from functools import cache
from importlib import import_module
from pkgutil import resolve_name

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

LIBRARY = "ernotes"


@cache
def public_names() -> dict[int, str]:
    """The library's public names, by the identity of what they name."""
    library = import_module(LIBRARY)
    return {id(getattr(library, name)): f"{LIBRARY}.{name}" for name in getattr(library, "__all__", ())}


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | nodes.Node | None:
    """A link to the public name's entry, the bare words where there is none, or nothing for what does not exist."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    try:
        thing = getattr(builtins, target, None) or resolve_name(target)
    except (ImportError, AttributeError, ValueError):
        return None
    public = public_names().get(id(thing))
    if public is None or public == target:
        return content
    domain = env.get_domain("py")
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", public, node, content) or content


def shorten_signature(*event: object) -> tuple[str | None, str | None]:
    """The signature with "..." for a dataclass's default factory, which is no Python and would be taken apart."""
    *_, signature, returned = event
    return str(signature).replace("<factory>", "...") if signature else None, str(returned) if returned else None
