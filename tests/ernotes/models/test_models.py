"""The commands on recognisers, with a transformer small enough for a test."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from ernotes.cli import ernotes as commands
from tests.ernotes.conftest import Run
from tests.hub import serving_hub

pytestmark = pytest.mark.torch

TINY = {
    "hidden_size": 32, "layers": 1, "heads": 2, "vocabulary": 300, "dropout": 0.0, "negative_copies": 1,
    "batch_size": 4, "cpu_batch_size": 2, "max_epochs": 1,
}  # fmt: skip
TEXT = "Homem de 70 anos. Nega alergias. Faz bisoprolol 5 mg. Diagnóstico: pneumonia."
SPANS = (("alergias", "Alergias medicamentosas", "Negativa"), ("bisoprolol 5 mg", "Medicação Habitual", None))


def run(*arguments: str | Path) -> Any:
    """The JSON document of a command, run in this process, which has loaded torch already."""
    return json.loads(run_plainly(*arguments, "--json"))


def run_plainly(*arguments: str | Path) -> str:
    """What a command prints, run in this process."""
    result = CliRunner().invoke(commands, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def notes_file(path: Path) -> Path:
    annotations = [
        {"begin": TEXT.index(words), "end": TEXT.index(words) + len(words), "label": label}
        | ({"Polaridade": polarity} if polarity else {})
        for words, label, polarity in SPANS
    ]
    path.write_text(json.dumps([{"doc_id": 1, "text": TEXT, "annotations": annotations}]), "utf-8")
    return path


def workspace(folder: Path) -> Path:
    """An offline workspace whose `compact` is tiny, with one validation note."""
    run_plainly("-w", folder, "init", "--offline")
    config = folder / "ernotes.toml"
    before, section, after = config.read_text("utf-8").partition("[training.compact]")
    for knob, value in TINY.items():
        after = re.sub(rf"^{knob} = .*$", f"{knob} = {value}", after, count=1, flags=re.MULTILINE)
    # Every note is one window: eight, which batches of four and two processes share evenly.
    before = before.replace("max_tokens = 512", "max_tokens = 2048")
    config.write_text(before + section + after, "utf-8")
    run("-w", folder, "import", notes_file(folder.parent / "validation.json"), "--role", "validation")
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A workspace in which `train --seeds 2` was run, and what that said."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = workspace(tmp_path_factory.mktemp("seeds") / "w")
    document = run("-w", folder, "train", "--base", "compact", "--seeds", "2")
    torch.set_num_threads(threads)
    return folder, document


def test_several_seeds_are_reported_with_mean_and_spread_and_the_best_is_kept(trained: tuple[Path, Any]) -> None:
    folder, document = trained
    seeds = document["figures"]["seeds"]
    assert [row["seed"] for row in seeds["runs"]] == [42, 43]
    assert seeds["span_f1"].keys() == {"mean", "deviation"}
    manifest = json.loads((folder / "models" / document["model"] / "ernotes-model.json").read_text("utf-8"))
    assert manifest["seed"] == seeds["kept"]
    assert {knob: manifest["recipe"][knob] for knob in TINY} == TINY
    assert [entry.name for entry in (folder / "models").iterdir()] == [document["model"]]


def test_argmax_is_scored_under_a_name_of_its_own_and_predicts(trained: tuple[Path, Any], tmp_path: Path) -> None:
    folder, document = trained
    scored = run("-w", folder, "evaluate", "--decode", "argmax", "--against", document["model"])
    assert scored["model"] == f"{document['model']}:argmax"
    assert scored["comparison"]["against"] == document["model"]
    source = notes_file(tmp_path / "in.json")
    predicted = run("-w", folder, "predict", source, "-o", tmp_path / "out.json", "--decode", "argmax")
    assert predicted["notes"] == 1
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))[0]["text"] == TEXT


def test_notes_without_a_known_word_or_of_200000_characters_are_predicted_and_come_back_as_they_were(
    trained: tuple[Path, Any], tmp_path: Path
) -> None:
    texts = ["", " \r\n", "\x01\x07", "日本語 🧪", "a" * 200_000, " " * 200_000, (TEXT + "\n") * 2_500]
    source = tmp_path / "in.json"
    source.write_text(json.dumps([{"doc_id": number, "text": text} for number, text in enumerate(texts)]), "utf-8")
    run("-w", trained[0], "predict", source, "-o", tmp_path / "out.json")
    assert [note["text"] for note in json.loads((tmp_path / "out.json").read_text("utf-8"))] == texts


def test_two_processes_train_what_one_does_and_one_of_them_writes_it(
    tmp_path: Path, trained: tuple[Path, Any], program: str
) -> None:
    folder = workspace(tmp_path / "w")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # What `accelerate launch --cpu --num_processes 2` sets for each of the processes that it starts.
    together = {
        "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    seed = trained[1]["figures"]["seeds"]["kept"]
    command = [program, "-w", str(folder), "train", "--base", "compact", "--seed", str(seed), "--json"]
    processes = [
        subprocess.Popen(
            command,
            env=os.environ | together | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    (out, err), (other_out, other_err) = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], err + other_err
    assert other_out == ""
    assert "epoch 1/1" in err
    assert "epoch 1/1" not in other_err
    document = json.loads(out)
    assert [entry.name for entry in (folder / "models").iterdir()] == [document["model"]]
    alone = json.loads((trained[0] / "models" / trained[1]["model"] / "ernotes-training.json").read_text("utf-8"))
    assert document["figures"]["epochs"][0]["loss"] == pytest.approx(alone["epochs"][0]["loss"], abs=1e-4)


def test_a_model_goes_to_the_hub_and_without_one_a_line_says_so(
    tmp_path: Path, trained: tuple[Path, Any], ernotes: Run
) -> None:
    push = ("-w", trained[0], "push-to-hub", trained[1]["model"])
    online = {"HF_HUB_OFFLINE": "0", "HF_TOKEN": "hf_invented", "HF_HOME": str(tmp_path)}
    with serving_hub() as (address, seen):
        ran = ernotes(*push, "someone/model", HF_ENDPOINT=address, **online)
    assert ran.status == 0, ran.err
    assert "someone/model" in ran.out
    assert seen[0][1]["visibility"] == "private"
    down = ernotes(*push, "someone/model", HF_ENDPOINT="http://127.0.0.1:9", **online)
    assert (down.status, down.out) == (1, "")
    assert "the hub cannot be reached" in down.last_line
    assert "Traceback" not in down.err


@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_a_seed_that_torch_cannot_take_is_wrong_usage(tmp_path: Path, seed: str) -> None:
    result = CliRunner().invoke(commands, ["-w", str(tmp_path), "train", "--seed", seed])
    assert (result.exit_code, "--seed" in result.output) == (2, True)
