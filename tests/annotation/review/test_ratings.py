"""The figures of a review, by hand."""

import pytest

from annotation.review.questionnaire import Question
from annotation.review.ratings import Review, ReviewedNote, Summary, coincidences, measure_review
from corpus.store.ratings import Rating, Writer
from ernotes.cli.told.review import format_review

QUESTION = Question(id="historia", question="Clara?", lowest="não", highest="sim")
OTHER = Question(id="alergias", question="Alergias?", lowest="não", highest="sim")


def generated(number: int, specialty: str = "Cardiologia", **figures: float) -> ReviewedNote:
    return ReviewedNote(f"g{number}", Writer.GENERATED, specialty, figures)


def physician(number: int) -> ReviewedNote:
    return ReviewedNote(f"p{number}", Writer.PHYSICIAN, "", {})


def rated(values: dict[str, list[int]], question: str = "historia") -> list[Rating]:
    """The ratings of notes by reviewers r0, r1 …"""
    return [
        Rating(note_id, f"r{number}", question, value, 1, number)
        for note_id, given in values.items()
        for number, value in enumerate(given)
    ]


@pytest.fixture(scope="module")
def review() -> Review:
    notes = [generated(1), generated(2), generated(3, "Nefrologia"), generated(4), physician(1), physician(2)]
    values = {"g1": [4, 5], "g2": [2], "g3": [1, 3], "p1": [5, 5], "p2": [4]}
    return measure_review(notes, rated(values) + rated({"g1": [1]}, "an older question"), [QUESTION, OTHER])


def test_distribution_mean_and_median_by_specialty_and_writer(review: Review) -> None:
    first = review.questions[0]
    assert first.generated == Summary((1, 1, 1, 1, 1), 3.0, 3.0)
    assert first.specialties == {
        "Cardiologia": Summary((0, 1, 0, 1, 1), pytest.approx(11 / 3), 4.0),
        "Nefrologia": Summary((1, 0, 1, 0, 0), 2.0, 2.0),
    }
    assert first.physician == Summary((0, 0, 0, 1, 2), pytest.approx(14 / 3), 5.0)


def test_notes_and_reviewers_are_counted_and_unasked_questions_are_empty(review: Review) -> None:
    assert review.rated == {Writer.GENERATED: 3, Writer.PHYSICIAN: 2}
    assert review.sampled == {Writer.GENERATED: 4, Writer.PHYSICIAN: 2}
    assert review.reviewers == {"r0": 5, "r1": 3}
    empty = review.questions[1].to_json()
    assert empty["generated"] == {
        "ratings": 0,
        "distribution": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
        "mean": None,
        "median": None,
    }
    assert (empty["alpha"], empty["gates"]) == ({"value": None, "interval": None, "notes": 0}, {})


def test_generated_against_physicians_is_the_difference_of_means_with_an_interval(review: Review) -> None:
    difference = review.questions[0].difference
    assert difference.value == pytest.approx(3 - 14 / 3)
    # The worst draw of generated notes has mean 2 (g2, g3), the best 4.5 (g1); of physicians' 4 and 5.
    assert difference.interval is not None
    assert 2 - 5 <= difference.interval.low < -5 / 3 < difference.interval.high <= 4.5 - 4


def test_alpha_is_ordinal_over_the_notes_that_two_people_rated(review: Review) -> None:
    first = review.questions[0]
    assert first.shared == 3
    # Pairs (4, 5), (1, 3), (5, 5): of 1, 3, 4 and 5 there are 1, 1, 1, 3; their places are 0.5, 1.5, 2.5, 4.5.
    observed = 2 * ((4.5 - 2.5) ** 2 + (1.5 - 0.5) ** 2)
    by_chance = 2 * (1**2 + 2**2 + 3 * 4**2 + 1**2 + 3 * 3**2 + 3 * 2**2)
    assert first.alpha.value == pytest.approx(1 - 5 * observed / by_chance)
    assert first.alpha.interval is not None


def test_the_coincidences_of_three_ratings_count_each_ordered_pair_half() -> None:
    table = coincidences([2, 2, 5])
    assert (table[1, 1], table[1, 4], table[4, 1], table.sum()) == (1, 1, 1, 3)


def test_gates_go_with_ratings_only_over_enough_notes_and_where_they_vary() -> None:
    notes = [generated(number, european_portuguese=number / 10, copied_share=0.0) for number in range(10)]
    values = {f"g{number}": [1 + number // 2] for number in range(10)}
    (first,) = measure_review(notes, rated(values), [QUESTION]).questions
    assert list(first.gates) == ["european_portuguese"]
    found = first.gates["european_portuguese"]
    # Ranks 1 to 10 against 1.5, 1.5, 3.5, 3.5 …: covariance 80 of variances 82.5 and 80.
    assert found.rho == pytest.approx(80 / (82.5 * 80) ** 0.5)
    assert (found.notes, found.p < 0.001) == (10, True)
    (fewer,) = measure_review(notes[:9], rated(values), [QUESTION]).questions
    assert fewer.gates == {}


def test_one_note_of_a_kind_has_a_difference_and_no_interval_and_the_seed_fixes_the_rest(review: Review) -> None:
    (first,) = measure_review([generated(1), physician(1)], rated({"g1": [2, 3], "p1": [4]}), [QUESTION]).questions
    assert (first.difference.value, first.difference.interval) == (-1.5, None)
    assert first.alpha.interval is None
    notes = [generated(1), generated(2), physician(1), physician(2)]
    ratings = rated({"g1": [1, 2], "g2": [3, 5], "p1": [4], "p2": [5]})
    assert measure_review(notes, ratings, [QUESTION]) == measure_review(notes, ratings, [QUESTION])


def test_the_text_has_a_table_for_each_question(review: Review) -> None:
    text = " ".join(format_review(review).split())
    assert text.startswith("notes rated: 3 of 4 generated, 2 of 2 physician-written (r0: 5, r1: 3)")
    assert "Clara? (historia)" in text
    assert "generated 1 1 1 1 1 3.00 3" in text
    assert "Nefrologia 1 0 1 0 0 2.00 2" in text
    assert "alpha (ordinal, 3 notes by two people or more): " in text
    assert format_review(measure_review([generated(1)], [], [QUESTION])) == "no note of the review has been rated yet"
