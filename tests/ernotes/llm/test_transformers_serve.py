"""The client and `generate` against a server that nobody here wrote: `transformers serve`, with a tiny random Llama."""

import asyncio
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from corpus.config.settings import EndpointConfig
from generation.llm.chat import ChatMessage
from generation.llm.endpoint import Endpoint
from tests.ernotes.conftest import Run
from tests.generation.faulty_server import free_port

pytestmark = pytest.mark.torch

WIDTH, INNER, TOKENS_WRITTEN = 16, 32, 12
PATIENCE_SECONDS = 180
TEMPLATE = (
    "{% for message in messages %}<s>{{ message['role'] }}: {{ message['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant: {% endif %}"
)


def make_llama(folder: Path) -> None:
    """A Llama of one layer with random weights, and a tokenizer with one token for each byte and a chat template."""
    folder.mkdir()
    vocabulary = {token: number for number, token in enumerate(["<s>", "</s>", *pre_tokenizers.ByteLevel.alphabet()])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "chat_template": TEMPLATE}), "utf-8")
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 16384,
        "vocab_size": len(vocabulary),
        "bos_token_id": 0,
        "eos_token_id": 1,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    # Chance would draw the end token now and then: this Llama writes until it is cut off.
    (folder / "generation_config.json").write_text(json.dumps({"suppress_tokens": [0, 1], "eos_token_id": 1}), "utf-8")
    shapes = {
        **dict.fromkeys(("lm_head", "model.embed_tokens"), (len(vocabulary), WIDTH)),
        **{f"model.layers.0.self_attn.{name}_proj": (WIDTH, WIDTH) for name in "qkvo"},
        **{f"model.layers.0.mlp.{name}_proj": (INNER, WIDTH) for name in ("gate", "up")},
        "model.layers.0.mlp.down_proj": (WIDTH, INNER),
        **{f"model.layers.0.{name}_layernorm": (WIDTH,) for name in ("input", "post_attention")},
        "model.norm": (WIDTH,),
    }
    dice = np.random.default_rng(1)
    weights = {f"{name}.weight": dice.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory, program: str) -> Iterator[tuple[str, str]]:
    """The base URL of the running server, and the model's name."""
    folder = tmp_path_factory.mktemp("llama") / "llama"
    make_llama(folder)
    port, serve = free_port(), str(Path(program).with_name("transformers"))
    log = folder.with_name("serve.log").open("w")
    server = subprocess.Popen(
        [serve, "serve", str(folder), "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder.parent), "OMP_NUM_THREADS": "1"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        server.kill()
        server.wait()
        log.close()


def wait_until_up(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Returns when the server answers; fails when it has ended, or takes minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(f"transformers serve did not come up (exit status {server.poll()})")


def test_the_client_gets_an_answer_with_its_usage_and_why_it_ended(llama: tuple[str, str]) -> None:
    url, model = llama
    config = EndpointConfig(
        model=model, max_tokens=TOKENS_WRITTEN, max_attempts=3
    )  # it drops connections after an error

    async def go() -> None:
        async with Endpoint(config, url, None) as endpoint:
            await endpoint.check()  # its model list fails, having no hub cache
            answer = await endpoint.complete([ChatMessage("user", "Doente com dor torácica.")], seed=3)
        assert (answer.usage["completion_tokens"], answer.finish_reason) == (TOKENS_WRITTEN, "length")
        assert answer.usage["prompt_tokens"] > len("Doente com dor torácica.")

    asyncio.run(go())


def test_generate_ends_cleanly_with_every_answer_refused_by_the_gates(
    llama: tuple[str, str], offline: Path, ernotes: Run
) -> None:
    url, model = llama
    settings = (offline / "ernotes.toml").read_text("utf-8")
    for knob, value in {
        "kind": '"openai"',
        "base_url": f'"{url}"',
        "model": f'"{model}"',
        "max_tokens": f"{TOKENS_WRITTEN}",
        "max_samples_per_brief": "2",
    }.items():
        settings = re.sub(rf"^{knob} = .*$", f"{knob} = {value}", settings, count=1, flags=re.MULTILINE)
    (offline / "ernotes.toml").write_text(settings, "utf-8")
    ran = ernotes("-w", offline, "generate", "--notes", "3", "--json")
    assert (ran.status, ran.document["outcomes"], ran.document["refused_answers"]) == (
        0,
        {"rejected: cut off": 3},
        {"cut off": 6},
    )
    assert ran.document["offline"] is False
    assert ran.document["bill"]["completion_tokens"] == 6 * TOKENS_WRITTEN
