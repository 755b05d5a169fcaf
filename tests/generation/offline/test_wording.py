import re
from collections.abc import Mapping
from random import Random

import pytest

from generation.briefs.brief import Brief
from generation.offline.layouts import LAYOUTS
from generation.offline.pictures import layers
from generation.offline.scribe import draw_scribe
from generation.offline.wording import Phrases, Wording, read_data
from tests.generation.offline.briefs import ALLERGIC

_BODY = re.compile(r"\{([A-Za-z_]+)\}")


def _wording(phrases: Mapping[str, tuple[str, ...]], *, woman: bool = False, banned: tuple[str, ...] = ()) -> Wording:
    facts = {"age": "71"}
    return Wording(Random(3), [phrases], facts=facts, woman=woman, decimal_point=",", banned=banned)


def test_names_stand_for_a_phrase_or_a_fact() -> None:
    words = _wording({"who": ("doente de {age} anos",), "line": ("{Who}, {who}",)})
    assert words.say("line") == "Doente de 71 anos, doente de 71 anos"


def test_an_abbreviation_keeps_its_small_letter() -> None:
    assert _wording({"scale": ("mRS 2",)}).fill("{Scale}") == "mRS 2"


def test_forms_agree_with_the_sex() -> None:
    assert _wording({}).fill("internad{o/a}, condutor{/a}") == "internado, condutor"
    assert _wording({}, woman=True).fill("internad{o/a}, condutor{/a}") == "internada, condutora"


def test_a_range_gives_a_number_with_the_decimals_of_its_lower_bound() -> None:
    assert re.fullmatch(r"1\d\d", _wording({}).fill("{100-199}"))
    assert re.fullmatch(r"0,\d", _wording({}).fill("{0.1-0.8}"))


def test_an_optional_text_is_there_or_not() -> None:
    words = _wording({})
    assert {words.fill("a{? b}") for _ in range(30)} == {"a", "a b"}


def test_a_banned_word_keeps_a_phrase_from_being_drawn() -> None:
    words = _wording({"drug": ("Penicilina EV", "soro")}, banned=("penicilina",))
    assert {words.say("drug") for _ in range(30)} == {"soro"}


def test_a_list_whose_phrases_are_all_banned_gives_nothing() -> None:
    assert _wording({"drug": ("soro",)}, banned=("soro",)).say("drug") == ""


def _unknown_names(phrases: Phrases, known: set[str]) -> set[str]:
    found = {name for options in phrases.values() for option in options for name in _BODY.findall(option)}
    return {name for name in found if name not in known and name[:1].lower() + name[1:] not in known}


@pytest.mark.parametrize("picture", read_data("pictures")["picture"], ids=lambda picture: picture["words"][0])
def test_every_name_in_the_data_files_is_a_list_or_a_fact(picture: dict[str, list[str]]) -> None:
    for specialty in read_data("specialties"):
        brief = _brief(specialty, picture["words"][0])
        facts = set(draw_scribe(brief, Random(1), brief.allergy).words._facts)
        found = layers(brief)
        known = {name for layer in found for name in layer} | facts
        assert not set().union(*(_unknown_names(layer, known) for layer in found))


def test_a_picture_is_found_by_the_beginning_of_a_word() -> None:
    gallbladder = layers(_brief("Cirurgia Geral", "Colecistite aguda"))[0]
    bladder = layers(_brief("Cirurgia Geral", "Cistite hemorrágica"))[0]
    assert "Murphy vesicular positivo" in gallbladder["finding"]
    assert "Murphy vesicular positivo" not in bladder["finding"]


def test_every_section_of_every_layout_has_headings_and_every_name_is_known() -> None:
    headings = set(read_data("headings")) | {"statement"}
    for layout in read_data("layouts")["layout"].values():
        for order in layout["orders"]:
            kinds = {kind for token in order.split() for kind in token.rstrip("?").split("+") if len(kind) > 1}
            assert kinds <= headings
            assert kinds & {"problems", "impression", "statement"}, "an order has nowhere to state the diagnosis"
            assert kinds >= {"background", "medication", "allergies"}, "an order leaves out what a brief may ask for"


def test_the_layouts_are_named_in_one_place() -> None:
    assert LAYOUTS == ("por secções", "narrativa", "lista de problemas", "telegráfica", "SOAP")


def _brief(specialty: str, diagnosis: str) -> Brief:
    return Brief(
        specialty,
        ALLERGIC.sex,
        ALLERGIC.age,
        diagnosis,
        "",
        "",
        ALLERGIC.allergy,
        ALLERGIC.allergen,
        ALLERGIC.drugs,
        ALLERGIC.comorbidities,
        "",
    )
