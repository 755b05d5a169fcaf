"""The order in which a strategy would have notes corrected."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from annotation.selection.candidates import Candidate
from annotation.selection.diversity import unlike_first
from corpus.config.settings import SelectionConfig
from corpus.config.strategy import Strategy
from corpus.errors import ModelError


def rank(candidates: Sequence[Candidate], config: SelectionConfig, known: Sequence[str]) -> Iterator[Candidate]:
    """The candidates, those to be corrected first in front; equals stay in the order given, which RANDOM leaves alone.

    `known` are the texts annotated already. Raises ModelError where recognisers are to be compared and a candidate
    comes without a committee.
    """
    if config.strategy is Strategy.DISAGREEMENT and any(not candidate.committee for candidate in candidates):
        raise ModelError("disagreement compares recognisers, and there is one alone; choose another selection.strategy")
    weight = 1.0 if config.strategy is Strategy.K_CENTRE else config.rare_label_weight
    scores = [_score(one, config) * one.rarity(weight) for one in candidates]
    if config.strategy in (Strategy.DIVERSE, Strategy.K_CENTRE):
        order = unlike_first([candidate.text for candidate in candidates], scores, known)
    else:
        order = iter(sorted(range(len(candidates)), key=lambda index: -scores[index]))
    return (candidates[index] for index in order)


def _score(candidate: Candidate, config: SelectionConfig) -> float:
    """How much a note is doubted, at least 0; the same for all where doubt does not count."""
    uncertainty = candidate.uncertainty
    match config.strategy:
        case Strategy.RANDOM | Strategy.K_CENTRE:
            return 1.0
        case Strategy.LEAST_CONFIDENCE:
            return -uncertainty.sequence_log_probability / max(uncertainty.tokens, 1)
        case Strategy.TOTAL_ENTROPY | Strategy.DIVERSE:
            return uncertainty.sum_entropy
        case Strategy.TOP_ENTROPY:
            top = uncertainty.top_entropies[: config.top_tokens]
            return fmean(top) if top else uncertainty.max_entropy
        case Strategy.DISAGREEMENT:
            return candidate.disagreement
