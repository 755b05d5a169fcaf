"""Doses in other formats, by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.reading.doses import states_dose


@pytest.mark.parametrize(
    ("dose", "text"),
    [
        ("500 mg", "Metformina 500mg bid"),
        ("500 mg", "Metformina 0,5 g 1+0+1"),
        ("0,1 mg", "Levotiroxina 100 µg em jejum"),
        ("100 mcg", "Levotiroxina 0.1 mg"),
        ("2,5 mg", "Bisoprolol 2.5 mg id"),
        ("5/1,25 mg", "Perindopril 5 mg + Indapamida 1,25 mg"),
        ("49/51 mg", "Sacubitril/valsartan 49mg/51mg"),
        ("850/50 mg", "Sitagliptina + metformina 50/850mg"),
        ("22400 UI", "Colecalciferol 22.400 UI 1x/mês"),
        ("22400 UI", "Colecalciferol 22 400 U por mês"),
        ("1.000 mg", "Paracetamol 1 g SOS"),
        ("75 mcg", "Levotiroxina 75, em jejum"),
        ("9,5 mg/24h", "Rivastigmina 9,5 mg/24 h"),
        ("1 saqueta", "Macrogol em jejum"),
        ("", "Varfarina segundo INR"),
    ],
)
def test_a_dose_is_known_in_another_format(dose: str, text: str) -> None:
    assert states_dose(dose, [text]) is True


@pytest.mark.parametrize(
    ("dose", "text"),
    [
        ("500 mg", "Metformina 850 mg"),
        ("5 mg", "Bisoprolol 2,5 mg"),
        ("5 mg", "Bisoprolol 5 mcg"),
        ("49/51 mg", "Sacubitril/valsartan 24/26 mg"),
        ("1 mg", "Tacrolímus 2 mg 1+0+1"),
    ],
)
def test_another_dose_is_not_the_one_asked_for(dose: str, text: str) -> None:
    assert states_dose(dose, [text]) is False


def test_no_mention_with_an_amount_says_nothing_of_the_dose() -> None:
    assert states_dose("5 mg", []) is None
    assert states_dose("5 mg", ["Bisoprolol", "bisoprolol 1+0+1"]) is None


def test_one_mention_with_the_dose_is_enough() -> None:
    assert states_dose("5 mg", ["bisoprolol", "Bisoprolol 10 mg", "bisoprolol 5mg"]) is True


@settings(deadline=None)
@given(st.text(alphabet="0125 .,/+-mgµuiU%", max_size=30))
def test_whatever_stands_there_is_read(text: str) -> None:
    assert states_dose("5 mg", [text]) in (True, False, None)
    assert states_dose(text, [text]) is True
