"""Each case is a line with a bar where the mention must end, set by hand; the name is what stands before the tilde."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generation.reading.regimen import has_dose, mention_end


@pytest.mark.parametrize(
    "line",
    [
        "Bisoprolol~ 20 mg|",
        "Bisoprolol~ 20mg|.",
        "Bisoprolol~ 12,5 mg| e furosemida 40 mg",
        "Bisoprolol~ 2.5 mg id|",
        "Colecalciferol~ 22.400 UI 1x/mês|",
        "Colecalciferol~ 1000 UI/dia|, sem suplementos",
        "Bisoprolol~ 5 mg id|, ramipril",
        "Bisoprolol~ 5 mg bid|;",
        "Bisoprolol~ 5 mg 2id| desde 2015",
        "Bisoprolol~ 5 mg 3x/dia|",
        "Bisoprolol~ 5 mg 1x dia|",
        "Bisoprolol~ 5 mg três vezes ao dia|.",
        "Bisoprolol~ 5 mg 12/12h|",
        "Bisoprolol~ 5 mg 8/8 h|",
        "Bisoprolol~ 5 mg de 12 em 12 horas|",
        "Bisoprolol~ 5 mg de 8 em 8h| por 3 semanas",
        "Bisoprolol~ 5 mg q8h|",
        "Bisoprolol~ 5 mg 1+0+1|",
        "Bisoprolol~ 5 mg 1-0-1|.",
        "Bisoprolol~ 5 mg ½-0-½|",
        "Bisoprolol~ 5 mg 1/2+0+0|",
        "Bisoprolol~ 5 mg ao pequeno-almoço|",
        "Bisoprolol~ 5 mg, 1 cp ao PA| (suspenso há 2 dias)",
        "Bisoprolol~ 5 mg à noite|",
        "Bisoprolol~ 5 mg noite|",
        "Bisoprolol~ 5 mg ao deitar|",
        "Omeprazol~ 20 mg em jejum|",
        "Omeprazol~ 20 mg 1cp em jejum|",
        "Paracetamol~ 1 g SOS|",
        "Paracetamol~ 1 g em SOS|.",
        "Paracetamol~ 1 g até 8/8h se dor ou febre|",
        "Paracetamol~ 1 g (se necessário)|.",
        "Paracetamol~ 500 mg quando necessário|",
        "Metolazona~ 5 mg em dias alternados|",
        "Furosemida~ 40 mg comp de manhã|",
        "Furosemida~ 40 mg 2 cp ao pequeno-almoço e 1 ao almoço|",
        "Salbutamol~ inal SOS|",
        "Salbutamol~ 100 mcg 2 inalações de 6/6h|",
        "Insulina glargina~ 20 U sc ao deitar|",
        "Insulina~ 60 U ao pequeno-almoço + 40 U ao jantar|",
        "Insulina lispro~ 5-5-5 U às refeições|",
        "Enoxaparina~ 40 mg sc id| (profilaxia)",
        "Ramipril~ 5 mg po id|",
        "Ramipril~ 5 mg p.o|. e repouso",
        "Ramipril~ 5 mg p.o. id|",
        "Sacubitril + Valsartan~ 49/51 mg bid|",
        "Levodopa + Benserazida~ 200/50 mg 1/2 cp 4x/dia|",
        "Metformina~ 1000+5 mg 1 cp|",
        "Rivastigmina~ 9,5 mg/24h 1 penso por dia|",
        "Varfarina~ 5 mg segundo INR|",
        "Amiodarona~ 200 mg de 2ª a 6ª feira|",
        "Ácido alendrónico~ 70 mg 1x/semana|",
        "Insulina glargina~ (Lantus) 20 U às 22h|",
        "Metformina~ [Stagid] 700 mg bid|",
        "Levotiroxina~ 75|, omeprazol",
        "Epoetina~ 3000 15/15 dias|",
        "Olmesartan/amlodipina~ 40/5| e pantoprazol",
        "Ramipril~ 5 mg 1 comp. ao p. almoço|",
        "Ramipril~ 5 mg 1 comp|.",
        "Diazepam~ 5 mg meio comp. ao deitar, se insónia|.",
        "Paracetamol~ 1 g em SOS, no máximo de 8/8h|",
        "Denosumab~ 60 mg, 1 por mês|",
        "Carvedilol~| e HTA",
        "Carvedilol~|, há 2 anos",
        "Carvedilol~| 2 dias antes da vinda",
        "Carvedilol~ 6,25 mg|, 2 internamentos no último ano",
        "Carvedilol~ 6,25 mg|\r\n2 cp de outro fármaco",
        "Carvedilol~ 6,25 mg|. Às 8h recorre",
        "Carvedilol~ 6,25 mg| - Apixabano 5 mg",
    ],
)
def test_a_mention_ends_after_its_dose_and_instructions(line: str) -> None:
    name, rest = line.split("~")
    text = (name + rest).replace("|", "")
    expected = line.replace("~", "").index("|")
    assert text[: mention_end(text, len(name))] == text[:expected]


def test_a_brief_s_own_words_count_as_pieces() -> None:
    text = "Zoledronato 4 mg numa só toma anual vigiada, com cálcio"
    assert (
        text[: mention_end(text, 11, ("4 mg", "numa só toma anual vigiada"))]
        == "Zoledronato 4 mg numa só toma anual vigiada"
    )


def test_a_unit_needs_its_number() -> None:
    assert has_dose("Ramipril 5mg id")
    assert has_dose("Colecalciferol 1000 UI")
    assert not has_dose("Ramipril, mg?")
    assert not has_dose("Fratura L2 há 3 dias")


@given(st.text(alphabet="aei mgdcp0125,.;:+-/()½ºª\r\n[]SOUI", max_size=60))
@example(":0\rg")
def test_the_end_is_on_the_line_and_after_no_punctuation(rest: str) -> None:
    text = "Bisoprolol" + rest
    end = mention_end(text, 10)
    assert 10 <= end <= len(text)
    assert not set(text[10:end]) & set("\r\n")
    assert end == 10 or text[end - 1] not in " ,;:.+-/("
