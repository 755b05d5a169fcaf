"""How a lineage uses words."""

from corpus.labels import TAGS
from training.crf.lineages import uses_of_lineages

ONE = "Doente de 80 anos com febre e tosse desde ontem à noite, sem dor torácica."
LONGER = f"{ONE} Nega alergias. Cumpre a medicação habitual e vive com a filha em casa própria."
OTHER = "Mulher de 34 anos trazida por queda de bicicleta com dor no punho direito e edema."


def _uses(word: str, outside: int, begins: int = 0) -> dict[str, tuple[int, ...]]:
    return {word: (outside, begins, *[0] * (len(TAGS) - 2))}


def test_a_note_is_given_the_uses_of_its_lineage() -> None:
    others = [f"Nota {letter} sem nada em comum." for letter in "abcdefgh"]
    uses = [_uses("febre", 1), _uses("febre", 0, 2), *(_uses("nota", 1) for _ in others)]
    wanted = [_uses("febre", 1, 2)] * 2 + [_uses("nota", 1)] * 8
    assert uses_of_lineages([ONE, LONGER, *others], uses) == wanted


def test_a_lineage_that_is_most_of_the_notes_is_not_left_out_whole() -> None:
    uses = [_uses("febre", 1), _uses("febre", 0, 2), _uses("queda", 1)]
    assert uses_of_lineages([ONE, LONGER, OTHER], uses) == uses
