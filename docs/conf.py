"""How the manual is built: Sphinx with Markdown pages, strictly and without a network (`make docs`)."""

import sys
import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent)]

project = "ernotes"
author = copyright = "The ernotes authors"
release = version = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]["version"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "reference"]
exclude_patterns = ["_extensions"]

# Headings can be linked to as on GitHub; a link to one that is not there is a warning.
myst_heading_anchors = 3
myst_enable_extensions = ["deflist", "colon_fence"]

nitpicky = True
# Of packages that need not be installed: the library names them for the type checker alone.
nitpick_ignore = [("py:class", name) for name in ("Dataset", "Doc", "Language")]
default_role = "code"  # a name in single back-quotes, as docstrings have it
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "ernotes"
html_static_path = ["_static"]
html_css_files = ["manual.css"]
html_show_sphinx = False
html_copy_source = False


def name_levels(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Give the captions of the theme's navigation the level that screen readers ask of a heading."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    """What Sphinx calls."""
    app.connect("html-page-context", name_levels, priority=900)  # after the theme has made it
