"""The processes that play a simulation's rounds: this one alone, or some beside it, of which none outlives it."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from corpus.errors import ModelError
from corpus.machine.processes import begin_child
from ernotes.simulation.replay import Player, Round, Step


def play_all(due: Callable[[], Iterator[Step]], player: Player, keep: Callable[[Round], None], processes: int) -> None:
    """Play what is due until nothing is; each round is handed to `keep` as soon as it ends.

    With more than one process, none outlives this one, however this one ends.
    """
    if processes == 1:
        while (step := next(due(), None)) is not None:
            keep(player.play(step))
        return
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(player,)) as pool:
            try:
                _play_in(pool, due, keep, processes)
            except BaseException:
                for child in multiprocessing.active_children():
                    child.terminate()  # what they play is lost anyway
                raise
    except BrokenProcessPool:
        raise ModelError(
            "a process that played a round was ended; run the command again, which goes on, with fewer --processes"
        ) from None


def _play_in(
    pool: ProcessPoolExecutor, due: Callable[[], Iterator[Step]], keep: Callable[[Round], None], most: int
) -> None:
    running: dict[Future[Round], Step] = {}
    while True:
        waiting = [step for step in due() if step not in running.values()]
        for step in waiting[: most - len(running)]:
            running[pool.submit(_play, step)] = step
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            del running[future]
            keep(future.result())


_player: list[Player] = []
"""In a process that plays: who does."""


def _begin(player: Player) -> None:
    begin_child()
    _player.append(player)


def _play(step: Step) -> Round:
    return _player[0].play(step)
