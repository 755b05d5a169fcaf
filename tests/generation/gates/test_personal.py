import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.pt import nif

from generation.gates.personal import CITIZEN_CARD, EMAIL, HEALTH_NUMBER, PHONE, TAX_NUMBER, find_personal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Resultado enviado para maria.silva@sapo.pt pela filha.", EMAIL),
        ("N.º de utente: 123 456 780", HEALTH_NUMBER),
        ("Utente nº 345678901, inscrito na USF.", HEALTH_NUMBER),
        ("SNS 345678901", HEALTH_NUMBER),
        ("Número de utente (SNS): 345.678.901", HEALTH_NUMBER),
        ("NIF 501964843", TAX_NUMBER),
        ("N.º de contribuinte: 501 964 843", TAX_NUMBER),
        ("Faturar a 501964843.", TAX_NUMBER),
        ("NIF: 213456788", TAX_NUMBER),  # a phone number's form, but the cue says what it is
        ("Esposa (Maria): 912345678", PHONE),
        ("Filha 96 123 45 67", PHONE),
        ("Contacto: 912 345 678", PHONE),
        ("Telemóvel da filha +351 931 234 567", PHONE),
        ("00351212345678", PHONE),
        ("Telef. 21 234 56 78", PHONE),
        ("tel: 253-123-456", PHONE),
        ("Lar, 253123456, aberto de dia", PHONE),
        ("CC 00000000 0 ZZ4", CITIZEN_CARD),
        ("cartão 000000000ZZ4", CITIZEN_CARD),
    ],
)
def test_what_could_be_a_real_persons_is_found(text: str, kind: str) -> None:
    assert find_personal(text) == kind
    assert find_personal(unicodedata.normalize("NFD", text).replace(" ", "\r\n", 1)) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Glicemias capilares: 212 198 256 mg/dL ao longo do dia.",
        "Plaquetas 245000, leucócitos 12500, troponina 1234567.",
        "Plaquetas 245 000 000/mL; D-dímeros 234567890,5.",
        "Utente de 78 anos, 160 cm e 85 kg; TA 132/78 mmHg, FC 82 bpm, SpO2 97%.",
        "Utente com glicemias de 212 198 256.",
        "Admitido a 12-03-2024 às 14:35; 2024-03-12 09:15:22.",
        "Episódio 24031234, processo 1234567, cama 12.",
        "Código 123456780 no sistema.",  # the check digit is another
        "NIF 501964842",
        "CC 00000000 0 ZZ3",
        "Lote 2912345678, código 4912345678123",
        "Eritrócitos 4,912345678; 0.912345678",
        "Insulina 20-10-20 U, salbutamol 100 mcg 2 puffs @ 8/8h.",
        "pH 7.41 pCO2 38 pO2 92 HCO3 24 Na 138 K 4.1 Cl 102 glic 212 lact 1.1",
    ],
)
def test_results_doses_dates_and_counters_are_nobodys(text: str) -> None:
    assert find_personal(text) is None


# A number that begins with 5 belongs to a company, and is no phone number.
tax_numbers = st.integers(50_000_000, 59_999_999).map(str).map(lambda eight: eight + nif.calc_check_digit(eight))


@given(tax_numbers, st.integers(0, 8), st.integers(1, 9))
def test_a_tax_number_with_one_digit_changed_is_none(number: str, place: int, step: int) -> None:
    assert find_personal(f"Faturar a {number}.") == TAX_NUMBER
    # 0 stands for two remainders of the eleven, so a slip in a number that ends in 0 can go unseen.
    assume(number[-1] != "0")
    digit = str((int(number[place]) + step) % 10)
    changed = number[:place] + digit + number[place + 1 :]
    assume(changed[-1] != "0" and changed[0] not in "029")
    assert find_personal(f"Faturar a {changed}.") is None


@given(st.from_regex(r"\A(?:9[1236]|2[1-9])[0-9]{7}\Z"))
def test_a_number_of_a_portuguese_phone_is_one_wherever_it_stands(number: str) -> None:
    assert find_personal(f"Filho ({number})") == PHONE
    assert find_personal(f"12{number}") is None
    assert find_personal(f"{number}4") is None
