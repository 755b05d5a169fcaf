"""Briefs for the tests of the run, and a note that keeps to one: plain, and unlike the notes of other seeds."""

from random import Random
from typing import Any

from corpus.note import Note, Role, Sensitivity
from generation.briefs.brief import AllergyState, Brief, UsualDrug

_DRUGS = ("Bisoprolol", "Ramipril", "Furosemida", "Omeprazol", "Metformina")
_STATES = tuple(AllergyState)
_WORDS = """
manhã tarde noite ontem hoje repouso esforço marcha subida escadas casa trabalho campo praia cozinha quintal
carro início agravamento alívio melhoria súbito gradual contínuo intermitente ligeiro moderado intenso lado
direito esquerdo anterior posterior mão perna ombro costas pescoço sensação aperto picada ardor calor frio
suores cansaço sono apetite passeio filha esposa vizinha consulta exame traçado registo equipa enfermaria
vigilância
""".split()  # noqa: SIM905 - as a list they fill a screen


def brief(number: int) -> Brief:
    """A brief of its own for each number."""
    state = _STATES[number % 3]
    return Brief(
        specialty=("Cardiologia", "Nefrologia")[number % 2],
        sex="masculino",
        age=30 + number % 60,
        diagnosis="Pericardite aguda",
        icd10="I30",
        severity="",
        allergy=state,
        allergen="penicilina" if state is AllergyState.AFFIRMED else "",
        drugs=(UsualDrug(_DRUGS[number % 5], "20 mg", "id"),),
        comorbidities=(),
        layout="",
    )


def note_text(prompt: str, seed: int) -> str:
    """A note that keeps to the brief in the prompt."""
    asked = Brief.from_block(prompt)
    allergy = {
        AllergyState.AFFIRMED: f"Alergia a {asked.allergen}.\n\n",
        AllergyState.DENIED: "Nega alergias medicamentosas.\n\n",
        AllergyState.UNMENTIONED: "",
    }[asked.allergy]
    drugs = "\n".join(f"- {drug.mention}" for drug in asked.drugs)
    story = " ".join(Random(seed).choices(_WORDS, k=140))
    return (
        f"SU - {asked.specialty}\nEpisódio {seed % 10_000}\n\nANTECEDENTES:\n# HTA\n\n"
        f"MEDICAÇÃO HABITUAL:\n{drugs}\n\n{allergy}"
        f"HDA:\nDoente de {asked.age} anos que recorre por dor torácica com 3 h de evolução, sem irradiação.\n"
        f"Refere {story}.\n\n"
        "EO: TA 132/78 mmHg; FC 82 bpm; SpO2 97% (aa). AC rítmica, com atrito. AP sem ruídos adventícios.\n\n"
        f"Impressão: {asked.diagnosis.lower()}.\n"
    )


def exemplar(number: int, **changes: Any) -> Note:
    """A fictional exemplar, of Cardiologia for even numbers."""
    values: dict[str, Any] = {
        "source": "exemplars",
        "doc_id": number,
        "text": f"Nota de exemplo {number}.\r\n# HTA\r\n",
        "role": Role.EXEMPLAR,
        "sensitivity": Sensitivity.FICTIONAL,
        "provenance": {"specialty": ("Cardiologia", "Nefrologia")[number % 2]},
        **changes,
    }
    return Note(**values)
