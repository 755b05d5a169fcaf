"""The page that annotators see: Label Studio's labelling configuration for the four labels, and the guideline."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

from corpus.errors import DeskError
from corpus.labels import Label

CONTROL = "label"
"""`from_name` of every region: the tag that holds the labels."""
OBJECT = "text"
"""`to_name` of every region: the tag that shows the note."""
DOUBT = "doubt"
"""Ends the id of a region that the model doubts: the page makes a class of the id, and `STYLE` marks that class."""
GUIDELINE_NAME = "guideline.html"
"""A team's own annotation guideline in its workspace, in place of ours."""


@dataclass(frozen=True, slots=True)
class _Button:
    label: Label
    hotkey: str
    colour: str
    hint: str


# Four hues that stay apart for red-green blindness (after Okabe and Ito), dark enough to read their names.
_BUTTONS = (
    _Button(Label.DIAGNOSIS, "1", "#0072B2", "O diagnóstico principal deste episódio, por extenso"),
    _Button(Label.MEDICATION, "2", "#007A5A", "Fármaco de toma habitual, com dose, forma, via e frequência"),
    _Button(Label.ALLERGY, "3", "#C44E00", "O fármaco ou a classe a que o doente é alérgico"),
    _Button(Label.NO_ALLERGY, "4", "#8A4F9E", "As palavras da alergia negada, sem a negação"),
)

# A carriage return shows as a line of its own, so the empty line after it is hidden with its break; the handles that
# move a boundary are there but not displayed in current Chromium; in the list of regions, a long label would push the
# confidence out of sight; the guideline would stand without a margin. A `>` would be escaped and end the rule.
STYLE = """
.lsf-htx-richtext .lsf-richtext__line:nth-of-type(even):empty {display:none}
.lsf-htx-richtext .lsf-richtext__line:nth-of-type(even):empty + br {display:none}
.lsf-richtext .htx-highlight area {display:inline}
.lsf-htx-richtext {line-height:1.5}
.lsf-richtext .htx-highlight[class*="-doubt-"] {text-decoration:underline wavy #C00000 1.5px; text-underline-offset:3px}
.lsf-richtext .htx-highlight[class*="-doubt-"]::after {content:attr(data-label) " ?"}
.lsf-outliner-item__controls {display:contents}
.lsf-outliner-item__control-wrapper {order:-1}
.lsf-modal-ls__body h4 {margin:1em 0 0.3em}
.lsf-modal-ls__body ul {list-style:disc; padding-left:1.4em; margin:0.3em 0}
.lsf-modal-ls__body kbd {border:1px solid #808080; border-radius:3px; padding:0 4px}
"""

_HELP = (
    "Sublinhadas, com «?»: as menções de que o modelo mais duvida. Confianças na lista à direita; guia de anotação em "
    "«Instructions»."
)


def labelling_config() -> str:
    """The labelling configuration as XML: one result a span, the polarity in the label, hotkeys 1 to 4."""
    view = Element("View")
    SubElement(view, "Style").text = STYLE
    SubElement(view, "Header", value="Nota de admissão no serviço de urgência", size="4")
    labels = SubElement(view, "Labels", name=CONTROL, toName=OBJECT)
    for button in _BUTTONS:
        SubElement(
            labels, "Label", value=button.label, hotkey=button.hotkey, background=button.colour, hint=button.hint
        )
    SubElement(view, "Header", value=_HELP, size="6", style="font-size:13px; font-weight:normal; margin:0.5em 0")
    SubElement(view, "Text", name=OBJECT, value="$text", granularity="word", showLabels="true", saveTextResult="no")
    return tostring(view, encoding="unicode")


def our_guideline() -> str:
    """What is a mention and what is not, in Portuguese with examples, as HTML for the page's instructions."""
    return files("annotation").joinpath("data", GUIDELINE_NAME).read_text("utf-8")


def own_guideline(own: Path | None) -> str | None:
    """The guideline that a team put into its workspace, None where there is none; raises DeskError for a bad file."""
    if own is None:
        return None
    try:
        return own.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise DeskError(f"{own} cannot be read as text; save it as UTF-8") from None


def config_tree(config: str) -> Element | None:
    """The labelling configuration of a project on the server as a tree, None where it is no XML."""
    try:
        return fromstring(config)  # noqa: S314 - the server is the team's own, and expat limits entities
    except ParseError:
        return None
