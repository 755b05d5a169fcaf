"""Tiny transformers for tests: invented notes, a word tokenizer, and models whose logits a test can work out."""

import re
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from corpus.labels import TAGS, Label
from corpus.note import Span
from corpus.recognition import Annotated

_LABELS = {"D": Label.DIAGNOSIS, "M": Label.MEDICATION, "A": Label.ALLERGY, "N": Label.NO_ALLERGY}
_MARK = re.compile(r"\[([DMAN]):([^\]]*)\]")


def annotated(name: str, marked: str) -> Annotated:
    """A note from marked text: `[M:paracetamol 1 g]` is a medication."""
    text, spans, at = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[2]), _LABELS[mark[1]]))
        text += mark[2]
        at = mark.end()
    return Annotated(name, text + marked[at:], tuple(spans))


INVENTED_NOTES = tuple(
    annotated(f"invented-{number}", marked)
    for number, marked in enumerate(
        [
            "Medicação:\r\n- [M:paracetamol 1 g]\r\nAlergia a [A:penicilina].\r\nDiagnóstico: [D:pneumonia direita]",
            "Medicação:\r\n- [M:bisoprolol 5 mg]\r\nNega [N:alergias].\r\nDiagnóstico: [D:fibrilhação auricular]",
            "Medicação:\r\n- [M:furosemida 40 mg]\r\n- [M:paracetamol 1 g]\r\nAlergia a [A:aspirina].",
            "Sem [N:alergias] conhecidas. Faz [M:bisoprolol 5 mg] de manhã. Diagnóstico: [D:pneumonia direita]",
        ]
    )
)


def word_tokenizer(words: Sequence[str], max_tokens: int = 512) -> PreTrainedTokenizerFast:
    """A tokenizer with one token a known word: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, then `words` from 4 on."""
    vocabulary = {token: index for index, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=max_tokens,
    )


class ScriptedModel(torch.nn.Module):
    """A model whose logits a function gives, from a token's id and its position in the window ([CLS] is 0)."""

    def __init__(self, logits: Callable[[int, int], Sequence[float]]) -> None:
        super().__init__()
        self._logits = logits
        self.device = torch.device("cpu")
        self.config = SimpleNamespace(id2label=dict(enumerate(TAGS)))
        self.batches: list[tuple[int, ...]] = []

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        self.batches.append(tuple(input_ids.shape))
        rows = [[list(self._logits(token, at)) for at, token in enumerate(row)] for row in input_ids.tolist()]
        return SimpleNamespace(logits=torch.tensor(rows))
