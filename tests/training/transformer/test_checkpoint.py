"""Base models: loaded whole, or refused in one line that says what to do."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import huggingface_hub.constants
import pytest
import torch
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

from corpus.config.training import WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAGS
from tests.inference.tiny import INVENTED_NOTES
from training.transformer.checkpoint import fit_windows, load_base
from training.transformer.compact import compact_tokenizer

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of a tiny BERT without a head, as a hub's base models are."""
    folder = tmp_path / "base"
    tokenizer = compact_tokenizer((note.text for note in INVENTED_NOTES), 300, 128)
    tokenizer.save_pretrained(folder)
    BertModel(BertConfig(vocab_size=len(tokenizer), max_position_embeddings=128, **SMALL)).save_pretrained(folder)
    return folder


def refusal(base: Path | str) -> str:
    with pytest.raises(ModelError) as caught:
        load_base(str(base), WindowConfig(), print)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_base_gets_a_head_for_the_nine_tags_and_windows_it_can_read(base: Path) -> None:
    lines: list[str] = []
    checkpoint = load_base(str(base), WindowConfig(), lines.append)
    assert [checkpoint.model.config.id2label[index] for index in range(9)] == list(TAGS)
    assert checkpoint.tokenizer.windows == WindowConfig(max_tokens=128, overlap_tokens=32)
    assert lines == ["the base model reads at most 128 tokens: windows of 128, 32 shared"]


def test_a_pytorch_bin_base_loads_with_its_own_weights(base: Path) -> None:
    whole = load_base(str(base), WindowConfig(), print).model
    weights = dict(BertModel.from_pretrained(base).state_dict())
    (base / "model.safetensors").unlink()
    torch.save(weights, base / "pytorch_model.bin")
    loaded = load_base(str(base), WindowConfig(), print).model
    for name, tensor in whole.base_model.state_dict().items():
        assert torch.equal(loaded.base_model.state_dict()[name], tensor)


def test_a_bin_that_would_run_code_is_refused(base: Path) -> None:
    (base / "model.safetensors").unlink()
    torch.save({"weights": SimpleNamespace(a=1)}, base / "pytorch_model.bin")
    assert "cannot be loaded from that folder" in refusal(base)


def test_a_roberta_base_loses_the_positions_that_its_padding_takes(base: Path) -> None:
    tokenizer = compact_tokenizer((note.text for note in INVENTED_NOTES), 300, 10**30)
    tokenizer.save_pretrained(base)
    RobertaModel(
        RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=66, pad_token_id=1, **SMALL)
    ).save_pretrained(base)
    assert load_base(str(base), WindowConfig(), print).tokenizer.windows.max_tokens == 64


def test_a_folder_without_weights_is_refused(base: Path) -> None:
    (base / "model.safetensors").unlink()
    assert "it needs config.json, weights and a tokenizer" in refusal(base)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "cannot be loaded from that folder" in refusal(tmp_path)


def test_weights_that_belong_to_another_model_are_refused(base: Path) -> None:
    deeper = BertConfig.from_pretrained(base)
    deeper.num_hidden_layers = 2
    deeper.save_pretrained(base)
    assert "lacks 16 weights of its encoder" in refusal(base)


def test_a_path_that_is_no_folder_is_refused() -> None:
    assert refusal("./no/such/folder") == "base model './no/such/folder' is no folder: check the path"


def test_a_name_that_cannot_be_one_is_refused() -> None:
    assert "choose another base, or use 'compact' or 'crf'" in refusal("not a name")


def test_without_a_hub_the_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    assert "the hub cannot be reached: check the network" in refusal("someone/some-model")


class _Hub(BaseHTTPRequestHandler):
    """A hub that refuses every repository the way its name asks for."""

    def do_HEAD(self) -> None:
        code, reason = (403, "GatedRepo") if "gated" in self.path else (401, "RepoNotFound")
        self.send_response(code)
        self.send_header("X-Error-Code", reason)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("hub")
def test_a_wrong_name_and_a_gated_model_are_told_apart() -> None:
    assert "is neither a folder nor a model on the hub: check the name" in refusal("someone/misspelt")
    assert "is gated: ask for access" in refusal("someone/gated")


def test_windows_are_shortened_in_proportion_and_only_when_they_must() -> None:
    assert fit_windows(WindowConfig(), None, print) == WindowConfig()
    assert fit_windows(WindowConfig(), 4096, print) == WindowConfig()
    assert fit_windows(WindowConfig(), 256, print) == WindowConfig(max_tokens=256, overlap_tokens=64)
