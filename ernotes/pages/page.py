"""What all HTML pages share: their templates, their language, how they say numbers, and the file they become.

A page needs no network, no script and no other file. Everything that comes from notes, models and people is escaped;
the page's policy forbids it to load or run anything.
"""

import base64
import gettext
import hashlib
import io
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from corpus.config.settings import Language
from corpus.machine.files import replacing_file

LOCALES = {"en": Locale("en", "GB"), "pt": Locale("pt", "PT")}
"""How each language writes numbers and dates."""


@cache
def page_environment(language: Language = "en") -> Environment:
    """Jinja for pages in this language: sandboxed, escaping everything, its templates' strings through gettext.

    Globals: `language`, `css` and `css_hash`. Filters: `figure` (three decimals), `decimals(n)`, `signed`, `percent`
    (of a share), `moment` (an ISO time), `css_name`, and `said`: words of ours that come out of a document (a verdict,
    an outcome, a reason), translated and escaped. `_()` takes literals alone, since what it gives is not escaped.
    """
    loader = PackageLoader("ernotes.pages")
    environment = SandboxedEnvironment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    catalogue = translations(language)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # jinja2.ext.i18n adds it
    css, _, _ = loader.get_source(environment, "report.css")
    environment.globals |= {
        "language": language,
        "css": Markup(css),  # noqa: S704 - our own style sheet
        "css_hash": base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    }
    environment.filters |= _filters(LOCALES[language])
    environment.filters["said"] = lambda words: catalogue.gettext(str(words)) if words else ""
    return environment


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; English is what the templates say."""
    if language == "en":
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with files("ernotes.pages").joinpath("translations", f"{language}.po").open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translatable(words: str) -> str:
    """The words as they are: marks what a page will show through `said`, so that the catalogue must know it."""
    return words


def write_page(page: str, path: Path) -> None:
    """Write the page: the whole file or, if anything fails, nothing (FormatError). It is its owner's alone."""
    with replacing_file(path) as stream:
        stream.write(page.encode("utf-8", "replace"))  # a text from outside may hold half of a surrogate pair


def _filters(locale: Locale) -> dict[str, Callable[..., Any]]:
    def decimals(value: float | None, places: int) -> str:
        return "–" if value is None else format_decimal(value, f"#,##0.{'0' * places}" if places else "#,##0", locale)

    def signed(value: float, places: int = 3) -> str:
        digits = f"#,##0.{'0' * places}" if places else "#,##0"
        return format_decimal(value, f"+{digits};-{digits}", locale)

    def moment(iso: str) -> str:
        time = datetime.fromisoformat(iso)
        return f"{format_date(time, 'long', locale)}, {time:%H:%M} UTC"

    return {
        "decimals": decimals,
        "figure": lambda value: decimals(value, 3),
        "signed": signed,
        "percent": lambda share: "–" if share is None else f"{decimals(100 * share, 0)} %",
        "moment": moment,
        "css_name": css_name,
    }


def css_name(words: str) -> str:
    """The words as the name of a class."""
    return re.sub(r"[ _]", "-", words.lower())
