"""A small BERT made from scratch, for machines without a hub: nothing is downloaded."""

import math
from collections.abc import Iterable

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

from corpus.config.training import CompactConfig
from corpus.labels import TAG_IDS

_PAD, _UNKNOWN, _CLS, _SEP, _MASK = _SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def compact_tokenizer(texts: Iterable[str], vocabulary: int, max_tokens: int) -> PreTrainedTokenizerFast:
    """A cased WordPiece tokenizer, as BERT's, with at most `vocabulary` pieces learnt from the texts."""
    pieces = {piece: index for index, piece in enumerate(_learn_pieces(list(texts), vocabulary))}
    tokenizer = _bert_like(models.WordPiece(pieces, unk_token=_UNKNOWN))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_CLS} $A {_SEP}",
        pair=f"{_CLS} $A {_SEP} $B:1 {_SEP}:1",
        special_tokens=[(token, pieces[token]) for token in (_CLS, _SEP)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=_PAD,
        unk_token=_UNKNOWN,
        cls_token=_CLS,
        sep_token=_SEP,
        mask_token=_MASK,
        model_max_length=max_tokens,
    )


def _learn_pieces(texts: list[str], vocabulary: int) -> list[str]:
    """The special tokens, then the pieces; the same texts give the same list."""
    # The trainer numbers the "##" letters in the order of a hash map, which differs from run to run, and breaks ties
    # by number. Named as special tokens they are numbered first, in our order.
    letters = sorted({character for text in texts for character in text if not character.isspace()})
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=[*_SPECIAL, *(f"##{letter}" for letter in letters)], show_progress=False
    )
    draft = _bert_like(models.WordPiece(unk_token=_UNKNOWN))
    draft.train_from_iterator(texts, trainer)
    learnt = draft.get_vocab()
    return sorted(learnt, key=learnt.__getitem__)


def _bert_like(model: models.Model) -> Tokenizer:
    """A tokenizer that cleans and splits text as BERT does, case and accents kept."""
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def compact_model(recipe: CompactConfig, pieces: int, max_tokens: int) -> BertForTokenClassification:
    """A BERT with random weights (torch's seed decides them) for `pieces` word pieces and the nine tags."""
    model = BertForTokenClassification(
        BertConfig(
            vocab_size=pieces,
            hidden_size=recipe.hidden_size,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            intermediate_size=4 * recipe.hidden_size,
            max_position_embeddings=max_tokens,
            hidden_dropout_prob=recipe.dropout,
            # Dropout there keeps torch from its fused attention on a CPU: a step takes three times as long.
            attention_probs_dropout_prob=0.0,
            id2label={index: tag for tag, index in TAG_IDS.items()},
            label2id=dict(TAG_IDS),
        )
    )
    positions = model.bert.embeddings.position_embeddings.weight
    with torch.no_grad():
        positions.copy_(model.config.initializer_range * math.sqrt(2) * sinusoids(*positions.shape))
    return model


def sinusoids(positions: int, width: int) -> Tensor:
    """Sines and cosines of each position, shape (positions, width), of wavelengths from 2π to 20000π (Vaswani 2017).

    Positions that begin so tell a model from the first step how far apart two tokens are; random ones have to be
    learnt for that, which so few notes do not suffice for.
    """
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(positions)[:, None] * rates
    return torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)[:, :width]
