"""A pair of notes differs in what it says of allergies and in nothing else."""

import pytest

from generation.briefs.knowledge import load_knowledge
from generation.briefs.planning import plan_briefs
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note, write_twin
from generation.reading.alignment import align_brief
from generation.writing.pairs import CHANGES_MORE, check_pair

FIRST = """Mulher de 71 anos, autónoma.
ANTECEDENTES:
1. HTA
2. Alergia à penicilina (urticária em 2014)
3. DM2
MEDICAÇÃO:
- Ramipril 5 mg id
- Metformina 1000 mg bid
Recorre por tosse e febre com 3 dias de evolução. Nega dispneia.
EO: vigil, eupneica. AP: crepitações na base direita. TA 132/75 mmHg.
Rx tórax: condensação na base direita.
Assume-se pneumonia adquirida na comunidade. Interna-se em Pneumologia.
"""
TWIN = FIRST.replace("Alergia à penicilina (urticária em 2014)", "Nega alergias medicamentosas")


@pytest.mark.parametrize(
    "second",
    [
        TWIN,
        TWIN.replace("\n", "\r\n"),
        TWIN.replace("2. Nega alergias medicamentosas\n3.", "2.").replace(
            "Recorre", "Sem alergias conhecidas. Recorre"
        ),
        TWIN.replace("Nega alergias medicamentosas", "Alergias:\nNega"),
    ],
)
def test_a_note_with_only_its_allergy_denied_is_the_twin(second: str) -> None:
    assert check_pair(FIRST, second, "penicilina") == ""


@pytest.mark.parametrize(
    "second",
    [
        FIRST,
        TWIN.replace("Metformina 1000 mg", "Metformina 850 mg"),
        TWIN.replace("Nega dispneia.", "Nega dispneia. Sem toracalgia."),
        TWIN.replace("- Ramipril 5 mg id\n", ""),
        "Sem alergias medicamentosas conhecidas.",
        "",
    ],
)
def test_a_note_that_changes_more_or_nothing_is_no_twin(second: str) -> None:
    assert check_pair(FIRST, second, "penicilina") == CHANGES_MORE


def test_the_offline_writer_writes_both_notes_of_a_pair_alike_in_every_layout() -> None:
    briefs = plan_briefs(8 * len(LAYOUTS), 9, load_knowledge(), LAYOUTS, pairs=True)
    for seed, (brief, twin) in enumerate(zip(briefs[::2], briefs[1::2], strict=True)):
        first, second = write_note(brief, seed), write_twin(brief, seed)
        assert not align_brief(brief, first).reason
        assert not align_brief(twin, second).reason
        assert check_pair(first, second, brief.allergen) == ""
