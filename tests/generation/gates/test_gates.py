import json
import unicodedata

import pytest

from corpus.note import Note, Role
from generation.briefs.planning import load_knowledge, plan_briefs
from generation.gates import BRAZILIAN, CHECKS, LONG_COPY, MUCH_COPIED, NEARLY_ANOTHER, Gates
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note

PNEUMONIA = """SU - NOTA DE ADMISSÃO
Doente de 68 anos, reformada, autónoma, recorre ao SU por febre e tosse com expetoração há quatro dias.
Refere dor pleurítica à direita e cansaço progressivo. Nega viagens recentes ou contacto com pessoas doentes.
ANTECEDENTES PESSOAIS
# HTA
# Insuficiência cardíaca com fração de ejeção preservada
MEDICAÇÃO HABITUAL
- Losartan 50 mg id
- Furosemida 40 mg ao pequeno-almoço
Sem alergias medicamentosas conhecidas.
EO: TA 128/74 mmHg, FC 96 bpm, SpO2 91% em ar ambiente, T 38,4 ºC. Crepitações na base direita, sem pieira.
Impressão: pneumonia adquirida na comunidade. Inicia amoxicilina e ácido clavulânico, fica internada.
"""
FRACTURE = """Ortopedia - serviço de urgência
Homem de 81 anos, residente em lar, com queda da própria altura esta manhã quando se levantava da cama.
Ficou com dor intensa da anca esquerda e incapacidade para a marcha. Sem perda de conhecimento, sem outros traumatismos.
Antecedentes: doença renal crónica, fumador até aos 60 anos.
Faz apixabano 2,5 mg bid e bisoprolol 5 mg id.
Alérgico à penicilina.
Membro inferior esquerdo encurtado e em rotação externa, pulsos distais presentes, sem défices sensitivos.
Radiografia da bacia: fratura subcapital do colo do fémur. Pede-se avaliação por Anestesiologia; cirurgia dentro de
48 horas, depois de suspenso o anticoagulante. Analgesia com paracetamol e metamizol.
"""
TRANSLATED = """Paciente de 68 anos, aposentada, deu entrada no pronto-socorro com febre e tosse há quatro dias.
HAS e doença renal crônica em tratamento. Faz uso de losartana 50 mg e furosemida 40 mg no café da manhã.
Nega alergias a medicamentos. Fumante. Ao exame: BEG, corada, hidratada, PA aferida 128x74 mmHg, saturação 91%.
Murmúrio vesicular diminuído em base direita, abdome flácido e indolor.
Hipótese diagnóstica de pneumonia. Solicitada internação e vaga de UTI, conversado com a equipe.
"""
EXEMPLAR = Note("s", 1, FRACTURE, Role.EXEMPLAR)


def test_a_european_note_of_its_own_passes_with_its_figures() -> None:
    inspection = Gates.of([EXEMPLAR]).judge(PNEUMONIA, "stop")
    assert inspection.reason == ""
    assert json.loads(json.dumps(inspection.figures)) == {
        "european_portuguese": inspection.figures["european_portuguese"],
        "longest_copy_words": 0,
        "copied_share": 0.0,
        "nearest_containment": 0.0,
    }
    assert inspection.figures["european_portuguese"] > 0.9


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        (PNEUMONIA, "length", "cut off"),
        (f"Aqui está a nota:\n{TRANSLATED}", "stop", "talks to the reader"),
        (f"{PNEUMONIA}Contacto da filha: 912 345 678", "stop", "holds a phone number"),
        (f"{TRANSLATED}Telefone da filha: 912 345 678", "stop", "holds a phone number"),
        (TRANSLATED, "stop", BRAZILIAN),
        (FRACTURE, "stop", LONG_COPY),
    ],
)
def test_the_first_gate_that_refuses_gives_the_reason(text: str, finish_reason: str, reason: str) -> None:
    gates = Gates.of([EXEMPLAR], [("known", FRACTURE)])
    assert gates.judge(text, finish_reason).reason == reason
    assert reason in CHECKS


def test_a_passage_of_an_exemplar_is_refused_and_a_line_of_one_is_not() -> None:
    gates = Gates.of([EXEMPLAR])
    copied = FRACTURE.split()
    line, passage = " ".join(copied[20:34]), " ".join(copied[20:50])
    assert gates.judge(f"{PNEUMONIA}{line}", "stop").reason == ""
    assert gates.judge(f"{PNEUMONIA}{passage}", "stop").reason == LONG_COPY


def test_many_short_pieces_of_an_exemplar_are_refused_together() -> None:
    copied = FRACTURE.split()
    pieces = [" ".join(copied[start : start + 14]) for start in range(10, 94, 14)]
    inspection = Gates.of([EXEMPLAR]).judge(" entretanto ".join(pieces), "stop")
    assert inspection.figures["longest_copy_words"] <= 20, "no run is long"
    assert inspection.reason == MUCH_COPIED


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_note_with_a_few_words_changed_is_nearly_the_note_that_was_admitted(form: str, line_end: str) -> None:
    gates = Gates.of([])
    changed = PNEUMONIA.replace("68 anos", "71 anos").replace("Losartan", "Valsartan")
    answer = unicodedata.normalize(form, changed).replace("\n", line_end)
    first = gates.judge(PNEUMONIA, "stop")
    assert gates.judge(answer, "stop").reason == "", "what was not admitted is not compared with"
    gates.admit("first", first)
    inspection = gates.judge(answer, "stop")
    assert inspection.reason == NEARLY_ANOTHER
    assert inspection.figures["nearest_containment"] > 0.5
    assert gates.judge(FRACTURE, "stop").reason == ""


def test_the_embedded_endpoints_notes_pass() -> None:
    gates = Gates.of([EXEMPLAR])
    for number, brief in enumerate(plan_briefs(50, 7, load_knowledge(), LAYOUTS)):
        inspection = gates.judge(write_note(brief, number), "stop")
        assert inspection.reason == ""
        gates.admit(str(number), inspection)


def test_notes_known_from_the_start_are_compared_with() -> None:
    assert Gates.of([], iter([("old", PNEUMONIA)])).judge(PNEUMONIA, "stop").reason == NEARLY_ANOTHER


def test_a_counterfactual_twin_may_resemble_its_twin_and_no_other_note() -> None:
    gates = Gates.of([], [("affirmed", PNEUMONIA)])
    twin = PNEUMONIA.replace("Sem alergias medicamentosas conhecidas.", "Alérgica à penicilina.")
    assert gates.judge(twin, "stop").reason == NEARLY_ANOTHER
    inspection = gates.judge(twin, "stop", twin_of="affirmed")
    assert inspection.reason == ""
    gates.admit("denied", inspection)
    assert gates.judge(twin, "stop", twin_of="affirmed").reason == NEARLY_ANOTHER


def test_no_reason_holds_a_digit_and_none_stands_twice() -> None:
    assert len(set(CHECKS)) == len(CHECKS)
    assert not any(character.isdigit() for reason in CHECKS for character in reason)


def test_line_ends_and_the_form_of_accents_change_no_verdict() -> None:
    gates = Gates.of([EXEMPLAR], [("known", PNEUMONIA)])
    for text in (PNEUMONIA, FRACTURE, TRANSLATED, f"{PNEUMONIA}NIF 501964843"):
        inspection = gates.judge(text, "stop")
        other = gates.judge(unicodedata.normalize("NFD", text.replace("\n", "\r\n")), "stop")
        assert (other.reason, other.figures) == (inspection.reason, inspection.figures)
