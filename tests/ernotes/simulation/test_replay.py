import random
from collections.abc import Sequence

from corpus.config.settings import SelectionConfig
from corpus.config.training import CrfConfig
from corpus.recognition import Annotated, Recogniser
from ernotes.simulation.replay import FULL, Cost, CrfLearner, Player, Round, Step, cost_of
from tests.ernotes.simulation.replayed import memorise
from tests.made_up import NOTES, UNSEEN, annotated

CORPUS = {
    note.id: note
    for note in (
        annotated("a", "Medicado com [M|Ramipril]. Internado por [D|pneumonia]."),
        annotated("b", "Toma [M|Ramipril] e [M|Digoxina]."),
        annotated("c", "Sem [N|alergias medicamentosas]. Internado por [D|pneumonia] bilateral."),
        annotated("d", "Toma [M|Digoxina]; tem [D|colecistite]."),
    )
}
PLAYER = Player(CORPUS, memorise, 2, SelectionConfig())


def step(strategy: str, *learnt: str, left: tuple[str, ...] = (), held_out: tuple[str, ...] = ("d",)) -> Step:
    return Step(strategy, 1, 0, 0, learnt, left, held_out)


def test_a_round_is_scored_on_the_notes_held_out() -> None:
    # Of d, Digoxina is known from b and colecistite is not; of c, pneumonia is known from a, the denial is not.
    played = PLAYER.play(step(FULL, "a", "b", held_out=("c", "d")))
    assert played == Round(FULL, 1, 0, 0, learnt=2, tally=(2, 0, 2), chosen=(), cost=Cost())


def test_what_was_chosen_costs_what_is_put_right_in_what_the_model_of_the_round_shows() -> None:
    # a teaches Ramipril and pneumonia: in b Digoxina is added, in c the denial is.
    played = PLAYER.play(step("random", "a", left=("b", "c")))
    assert sorted(played.chosen) == ["b", "c"]
    assert (played.cost.notes, played.cost.mentions, played.cost.actions) == (2, 4, 2)


def test_a_batch_is_drawn_from_the_notes_left_and_the_last_one_is_smaller() -> None:
    assert len(PLAYER.play(step("random", "a", left=("b", "c", "d"))).chosen) == 2
    assert PLAYER.play(step("random", "a", left=("c",))).chosen == ("c",)
    assert PLAYER.play(step("random", "a")).chosen == ()


def test_from_an_empty_page_every_mention_is_an_action() -> None:
    assert cost_of(CORPUS["b"], None) == Cost(notes=1, words=4, mentions=2, actions=2)


def test_a_strategy_that_reads_the_pool_chooses_among_what_is_left() -> None:
    played = PLAYER.play(step("total-entropy", "a", left=("b", "c", "d"), held_out=("a",)))
    assert len(set(played.chosen) & {"b", "c", "d"}) == 2
    assert PLAYER.play(step("total-entropy", "a", left=("b", "c", "d"), held_out=("a",))) == played


def test_disagreement_asks_a_committee_that_learnt_from_draws_of_the_same_notes() -> None:
    learnt_from: list[list[str]] = []

    def listening(notes: Sequence[Annotated]) -> Recogniser:
        learnt_from.append(sorted({note.id for note in notes}))
        return memorise(notes)

    player = Player(CORPUS, listening, 1, SelectionConfig(committee=3))
    played = player.play(step("disagreement", "a", "b", left=("c", "d"), held_out=("a",)))
    assert len(played.chosen) == 1
    assert len(learnt_from) == 3  # the round's own, and two more
    assert {note_id for drawn in learnt_from for note_id in drawn} == {"a", "b"}


def test_the_order_in_which_notes_were_chosen_changes_nothing() -> None:
    corpus = {note.id: note for note in (*NOTES, UNSEEN)}
    player = Player(corpus, CrfLearner(CrfConfig(max_iterations=5), light=True), 2, SelectionConfig())
    ids = [note.id for note in NOTES[:6]]
    shuffled = random.Random(1).sample(ids, len(ids))
    one, other = (player.play(step(FULL, *order, held_out=("unseen",))) for order in (ids, shuffled))
    assert one == other
    assert one.tally[0] > 0


def test_a_light_learner_keeps_fewer_weights() -> None:
    config = CrfConfig(max_iterations=3)
    whole, light = (CrfLearner(config, light=is_light)(NOTES) for is_light in (False, True))
    assert whole.version == light.version
    assert [len(found.spans) for found in light.recognise([UNSEEN.text])] != [0]
