"""Near-duplicates are of one lineage."""

from corpus.text.lineages import arriving_lineages, join_lineages

ONE = "Homem de 71 anos que recorre por dispneia de esforço com cinco dias de evolução e edemas dos membros"
TWO = "Mulher de 34 anos com dor na fossa ilíaca direita, anorexia e um vómito desde a madrugada de hoje"
THREE = "Doente de 80 anos, queda da própria altura em casa, dor na anca e impotência funcional imediata"


def test_different_texts_keep_their_lineages() -> None:
    assert join_lineages(["a", "b", "a"], [ONE, TWO, THREE]) == ["a", "b", "a"]


def test_a_near_duplicate_takes_the_earlier_lineage() -> None:
    assert join_lineages(["a", "b", "c"], [ONE, TWO, f"{ONE}.".upper()]) == ["a", "b", "a"]
    assert join_lineages(["c", "b"], [ONE, ONE]) == ["c", "c"]


def test_a_text_that_holds_another_is_its_near_duplicate() -> None:
    assert join_lineages(["a", "b"], [ONE, f"{TWO}\r\n{ONE}"]) == ["a", "a"]


def test_whole_lineages_join_through_one_pair_and_through_a_chain() -> None:
    texts = [ONE, f"{ONE}\n{TWO}", f"{TWO}\n{THREE}", THREE, "Outra nota, sem nada em comum com as demais, de todo"]
    assert join_lineages(["a", "b", "c", "d", "e"], texts, least=0.3) == ["a", "a", "a", "a", "e"]
    assert join_lineages(["x", "y", "y"], [ONE, ONE, TWO]) == ["x", "x", "x"]


def test_texts_without_words_are_alike_to_none() -> None:
    assert join_lineages(["a", "b"], ["", " - "]) == ["a", "b"]
    assert join_lineages([], []) == []


def test_a_new_text_takes_the_lineage_of_a_stored_near_duplicate_and_gives_it_to_its_own() -> None:
    stored = iter([("old", ONE), ("older", "Outra nota, sem nada em comum com as demais, nem uma palavra")])
    assert arriving_lineages(["a", "b", "c"], [TWO, f"{ONE} -", f"{ONE}!"], stored) == ["a", "old", "old"]


def test_of_two_stored_near_duplicates_the_more_alike_gives_its_lineage() -> None:
    assert arriving_lineages(["a"], [ONE], [("longer", f"{ONE[:-20]} {TWO}"), ("same", ONE)]) == ["same"]
    assert arriving_lineages([], [], [("old", ONE)]) == []
