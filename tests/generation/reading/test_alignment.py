"""Notes made by hand, marked by hand: ⟦M …⟧ usual medication, ⟦D …⟧ diagnosis, ⟦P …⟧ and ⟦N …⟧ allergies."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from generation.briefs.brief import AllergyState, Brief, UsualDrug
from generation.reading.alignment import Alignment, align_brief

LABELS = {"M": Label.MEDICATION, "D": Label.DIAGNOSIS, "P": Label.ALLERGY, "N": Label.NO_ALLERGY}

AFFIRMED = Brief(
    specialty="Cardiologia",
    sex="feminino",
    age=71,
    diagnosis="Insuficiência cardíaca descompensada",
    icd10="I50",
    severity="moderada",
    allergy=AllergyState.AFFIRMED,
    allergen="penicilina",
    drugs=(UsualDrug("Bisoprolol", "5 mg", "id"), UsualDrug("Sacubitril + Valsartan", "49/51 mg", "bid")),
    comorbidities=(),
    layout="",
)
DENIED = replace(AFFIRMED, allergy=AllergyState.DENIED, allergen="")
UNMENTIONED = replace(AFFIRMED, allergy=AllergyState.UNMENTIONED, allergen="")


def unmarked(marked: str) -> tuple[str, list[Span]]:
    """The text without its marks, and the spans that they mean."""
    text, spans, place = "", [], 0
    for mark in re.finditer(r"⟦([MDPN]) ([^⟧]*)⟧", marked):
        text += marked[place : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[2]), LABELS[mark[1]]))
        text += mark[2]
        place = mark.end()
    return text + marked[place:], spans


LISTED = """SU - CARDIOLOGIA

ANTECEDENTES PESSOAIS:
# HTA
# Alergia a ⟦P penicilina⟧ (exantema)

MEDICAÇÃO HABITUAL:
- ⟦M Bisoprolol 5 mg, 1 cp ao pequeno-almoço⟧
- ⟦M Sacubitril/valsartan 49/51mg 12/12h⟧.

HDA: recorre por dispneia; insuficiência cardíaca descompensada em 2021.

TERAPÊUTICA NO SU:
- Furosemida 40 mg ev
- Bisoprolol 2,5 mg po

Portanto, ⟦D insuficiência cardíaca descompensada⟧ por má adesão.
Plano: iniciar bisoprolol 10 mg amanhã.
"""
PROSE = """Medicada habitualmente com ⟦M bisoprolol 5mg id⟧ e ⟦M sacubitril + valsartan 49/51 mg bid⟧. \
Refere ser alérgica à ⟦P Penicilina⟧. Recorre por dispneia. No SU fez bisoprolol 2,5 mg.
Internada por ⟦D INSUFICIENCIA CARDIACA DESCOMPENSADA⟧.
"""
ALLERGY_IN_TWO_PLACES = """MH: ⟦M BISOPROLOL 5 mg id⟧; ⟦M Sacubitril + Valsartan (Entresto) 49/51 mg 1+0+1⟧
ALERGIAS
⟦P PENICILINA⟧
Antecedentes: insuficiência cardíaca descompensada em 2020, evitar penicilina
⟦P Penicilina⟧: reação anafilática em 2019
Problemas:
1. ⟦D Insuficiência cardíaca descompensada⟧
2. Alergia a ⟦P penicilinas⟧
"""
REPEATED = """Diagnóstico: insuficiência cardíaca descompensada
Medicação:
⟦M Bisoprolol 5 mg id⟧
⟦M Sacubitril+Valsartan 49/51 mg em jejum e ao deitar⟧
Alergias: ⟦P penicilina⟧
HDA: dispneia. Faz ⟦M bisoprolol⟧ com boa tolerância.
Conclusão: ⟦D insuficiência cardíaca descompensada⟧
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("marked", [LISTED, PROSE, ALLERGY_IN_TWO_PLACES, REPEATED])
def test_an_affirmed_brief_is_found_where_a_reader_would_mark_it(marked: str, newline: str) -> None:
    text, spans = unmarked(marked.replace("\n", newline))
    assert align_brief(AFFIRMED, text) == Alignment(tuple(spans))


BODY = """MEDICAÇÃO HABITUAL:
- ⟦M Bisoprolol 5 mg id⟧
- ⟦M Sacubitril + Valsartan 49/51 mg bid⟧
{allergy}
Impressão: ⟦D insuficiência cardíaca descompensada⟧
"""


@pytest.mark.parametrize(
    "allergy",
    [
        "Sem ⟦N alergias medicamentosas⟧ conhecidas.",
        "Nega ⟦N alergias⟧.",
        "⟦N Alergias⟧: desconhece",
        "ALERGIAS:\nNão refere ⟦N alergias medicamentosas⟧.",
        "Não tem ⟦N alergias a medicamentos⟧. Alergia a ácaros.",
    ],
)
def test_a_denial_is_marked_without_its_negation(allergy: str) -> None:
    text, spans = unmarked(BODY.format(allergy=allergy))
    assert align_brief(DENIED, text) == Alignment(tuple(spans))


def test_a_note_that_says_nothing_of_allergies_has_no_allergy_span() -> None:
    text, spans = unmarked(BODY.format(allergy="Rinite alérgica sazonal."))
    assert align_brief(UNMENTIONED, text) == Alignment(tuple(spans))


@pytest.mark.parametrize(
    ("brief", "allergy", "reason"),
    [
        (AFFIRMED, "", "lacks from its brief: allergy"),
        (AFFIRMED, "Sem alergia à penicilina.", "lacks from its brief: allergy"),
        (AFFIRMED, "Evitar penicilina.", "lacks from its brief: allergy"),
        (AFFIRMED, "Alergia à penicilina. Sem alergias conhecidas.", "contradicts its brief: allergy"),
        (DENIED, "", "lacks from its brief: allergy"),
        (DENIED, "Nega alergias. Alergia a ibuprofeno.", "contradicts its brief: allergy"),
        (UNMENTIONED, "Alérgica ao ibuprofeno.", "contradicts its brief: allergy"),
        (UNMENTIONED, "Sem alergias.", "contradicts its brief: allergy"),
        (UNMENTIONED, "- Furosemida 40 mg id", "contradicts its brief: drug"),
    ],
)
def test_a_note_that_lacks_or_contradicts_its_brief_says_which_kind(brief: Brief, allergy: str, reason: str) -> None:
    text, _ = unmarked(BODY.format(allergy=allergy))
    assert align_brief(brief, text).reason == reason


def test_what_is_missing_is_named_by_kind_and_never_by_word() -> None:
    alignment = align_brief(AFFIRMED, "Doente com dor.")
    assert alignment.missing == ("allergy", "diagnosis", "drug")
    assert alignment.reason == "lacks from its brief: allergy, diagnosis, drug"


DOSES = """MEDICAÇÃO HABITUAL:
- Bisoprolol {bisoprolol}
- Sacubitril + Valsartan 49/51 mg bid
Impressão: insuficiência cardíaca descompensada
"""


@pytest.mark.parametrize(
    ("bisoprolol", "reason"),
    [
        ("5mg id", ""),
        ("0,005 g id", ""),
        ("5", ""),
        ("10 mg id", "contradicts its brief: dose"),
        ("1+0+0", "lacks from its brief: dose"),
    ],
)
def test_the_dose_is_that_of_the_brief_in_whatever_format(bisoprolol: str, reason: str) -> None:
    assert align_brief(UNMENTIONED, DOSES.format(bisoprolol=bisoprolol)).reason == reason


def test_details_name_each_item_for_the_repair_turn_and_the_reason_names_none() -> None:
    text = "MEDICAÇÃO:\n- Bisoprolol 10 mg id\n- Ramipril 5 mg id\nNega alergias. Internada por dispneia."
    alignment = align_brief(AFFIRMED, text)
    assert alignment.details == (
        "a dose de Bisoprolol tem de ser 5 mg",
        "falta na medicação habitual: Sacubitril + Valsartan 49/51 mg bid",
        "falta o diagnóstico principal, por estas palavras: Insuficiência cardíaca descompensada",
        "falta afirmar que o doente é alérgico a penicilina",
        "a nota nega alergias, mas o doente é alérgico a penicilina",
        "na medicação habitual está um fármaco que não é da ficha: - Ramipril 5 mg id",
    )
    assert alignment.reason == "lacks from its brief: allergy, diagnosis, drug"


@pytest.mark.parametrize(
    ("brief", "allergy", "detail"),
    [
        (DENIED, "", "falta negar alergias medicamentosas"),
        (DENIED, "Nega alergias. Alérgica ao ibuprofeno.", "a nota afirma uma alergia, mas tem de negar alergias"),
        (UNMENTIONED, "Sem alergias.", "a nota fala de alergias medicamentosas e não pode falar delas"),
    ],
)
def test_details_say_what_is_wrong_with_the_allergy(brief: Brief, allergy: str, detail: str) -> None:
    [found] = align_brief(brief, unmarked(BODY.format(allergy=allergy))[0]).details
    assert found.startswith(detail)


def test_a_drug_that_is_only_given_in_the_emergency_room_is_missing() -> None:
    text = (
        "No SU fez bisoprolol 5 mg. Medicada com sacubitril + valsartan 49/51 mg.\n"
        "D: insuficiência cardíaca descompensada"
    )
    assert align_brief(UNMENTIONED, text).missing == ("drug",)


def test_a_drug_named_where_nothing_tells_counts_once_at_its_fullest() -> None:
    brief = replace(UNMENTIONED, drugs=(UsualDrug("Bisoprolol", "5 mg", "id"),))
    text, spans = unmarked(
        "Bisoprolol.\nDoente com HTA, ⟦M bisoprolol 5 mg id⟧.\nD: ⟦D insuficiência cardíaca descompensada⟧"
    )
    assert align_brief(brief, text).spans == tuple(spans)


def test_a_shorter_drug_name_inside_a_longer_one_is_no_mention_of_its_own() -> None:
    brief = replace(
        UNMENTIONED, drugs=(UsualDrug("Insulina glargina", "20 U", "ao deitar"), UsualDrug("Insulina", "4 U", ""))
    )
    text, spans = unmarked(
        "MH:\n- ⟦M Insulina glargina 20 U ao deitar⟧\n- ⟦M Insulina 4 U às refeições⟧\n"
        "D: ⟦D Insuficiência cardíaca descompensada⟧"
    )
    assert align_brief(brief, text).spans == tuple(spans)


LINES = [
    "MEDICAÇÃO HABITUAL:",
    "- Bisoprolol 5 mg id",
    "- Sacubitril/Valsartan 49/51 mg (se necessário)",
    "Alergias: penicilina",
    "Sem alergias medicamentosas conhecidas, alergias: nega",
    "Internada por insuficiência cardíaca descompensada",
    "bisoprolol bisoprolol 5 mg, bisoprolol",
    "alergia à penicilina e penicilinas",
    "",
    "😀 # e\u0301 HTA",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([AFFIRMED, DENIED, UNMENTIONED]),
)
def test_spans_are_in_order_without_overlap_or_blank_edges_on_one_line(
    lines: list[str], newline: str, brief: Brief
) -> None:
    text = newline.join(lines)
    spans = align_brief(brief, text).spans
    assert all(left.end <= right.start for left, right in pairwise(spans))
    for span in spans:
        mention = text[span.start : span.end]
        assert mention == mention.strip(" \t\r\n.,;:")
        assert "\n" not in mention
