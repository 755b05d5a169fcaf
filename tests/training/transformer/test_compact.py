"""The small BERT made from scratch."""

import pytest
import torch

from corpus.config.training import CompactConfig
from tests.inference.tiny import INVENTED_NOTES
from training.transformer.compact import compact_model, compact_tokenizer, sinusoids

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]


def test_positions_begin_as_sines_and_cosines() -> None:
    # Rates for width 4: 1 and 10000^(-2/4) = 0.01; position 2: sin 2, cos 2, sin 0.02, cos 0.02.
    assert sinusoids(3, 4)[2].tolist() == pytest.approx([0.909297, -0.416147, 0.019999, 0.999800], abs=1e-6)


def test_a_seed_decides_the_weights() -> None:
    models = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        models.append(compact_model(CompactConfig(hidden_size=32, layers=1, heads=2), 300, 32).state_dict())
    words = "bert.embeddings.word_embeddings.weight"
    assert torch.equal(models[0][words], models[1][words])
    assert not torch.equal(models[0][words], models[2][words])


def test_the_tokenizer_keeps_case_and_accents_and_respects_its_size() -> None:
    tokenizer = compact_tokenizer((note.text for note in INVENTED_NOTES), 300, 64)
    assert len(tokenizer) <= 300
    assert tokenizer.convert_ids_to_tokens(range(5)) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert tokenizer.decode(tokenizer("Diagnóstico: fibrilhação").input_ids, skip_special_tokens=True).startswith(
        "Diagnóstico"
    )


def test_the_tokenizer_splits_its_letters_the_same_in_every_run() -> None:
    # Pieces of equal count are taken in the order of letters, not of a hash map.
    tokenizer = compact_tokenizer(["ab cd ab cd"], 14, 64)
    assert tokenizer.convert_ids_to_tokens(range(5, len(tokenizer))) == [
        "##a",
        "##b",
        "##c",
        "##d",
        "a",
        "b",
        "c",
        "d",
        "ab",
    ]
