"""Lineages: texts that share enough words in a row."""

from training.lineages import lineages

ONE = "Doente de 80 anos com febre e tosse desde ontem à noite, sem dor torácica."
LONGER = f"{ONE} Nega alergias. Cumpre a medicação habitual e vive com a filha em casa própria."
TAIL = "Hoje sem febre. Cumpre a medicação habitual e vive com a filha em casa própria."
OTHER = "Mulher de 34 anos trazida por queda de bicicleta com dor no punho direito e edema."


def test_texts_that_share_a_part_with_one_of_a_lineage_belong_to_it() -> None:
    numbers = lineages([OTHER, ONE, TAIL, LONGER])
    assert numbers[1] == numbers[2] == numbers[3] != numbers[0]


def test_no_texts_have_no_lineage() -> None:
    assert lineages([]) == []
    assert len(set(lineages(["", "febre", OTHER]))) == 3
