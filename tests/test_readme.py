"""The README's commands run as they stand there; those that a test machine cannot run are marked, and no others."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from annotation.label_studio.server import FOLDER_NAME
from corpus.formats import read_notes_file
from tests.conftest import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^ *<!-- (?P<mark>[^>]+) -->\n *```sh\n(?P<commands>.*?)^ *```", re.MULTILINE | re.DOTALL)
RUN = "run by a test"


def commands(*, run: bool) -> list[str]:
    """The README's commands in order, those that a test runs or the others."""
    found = [match for match in BLOCK.finditer(README) if (match["mark"] == RUN) is run]
    return [line.strip() for match in found for line in match["commands"].splitlines() if line.strip()]


def test_every_block_of_commands_says_whether_a_test_runs_it_and_why_not() -> None:
    marks = [match["mark"] for match in BLOCK.finditer(README)]
    assert README.count("```sh") == len(marks)
    assert all(mark == RUN or re.fullmatch(r"not run by a test: .{10,}", mark) for mark in marks)


def test_the_example_of_a_notes_file_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "notes.json").write_text(example, "utf-8")
    (note,) = read_notes_file(tmp_path / "notes.json", strict=True).notes
    assert [note.text[span.start : span.end] for span in note.spans] == [
        "Ramipril 5 mg id",
        "alergias medicamentosas",
        "pneumonia",
    ]


def test_the_files_that_the_readme_shows_are_there() -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (PROJECT_ROOT / target).is_file(), target


def test_the_commands_of_a_round_run_in_their_order(tmp_path: Path, program: str, migrated_label_studio: Path) -> None:
    for command in commands(run=True):
        words = shlex.split(command)
        if words[0] == "make":
            continue
        assert words[0] == "ernotes"
        done = subprocess.run(
            [program, *words[1:]], cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        if "init" in words and (tmp_path / "round").exists():
            # A server's first start takes half a minute; this one has been started before.
            shutil.copytree(migrated_label_studio / FOLDER_NAME, tmp_path / "round" / FOLDER_NAME, dirs_exist_ok=True)


@pytest.mark.skipif(
    not (PROJECT_ROOT / ".venv" / ".installed").exists(), reason="THE CHECKOUT IS NOT SET UP with make: no demo"
)
def test_the_demo_runs_a_round_says_what_is_not_real_and_a_second_run_goes_on(
    tmp_path: Path, migrated_label_studio: Path
) -> None:
    assert "make demo" in commands(run=True)
    shutil.copytree(migrated_label_studio / FOLDER_NAME, tmp_path / "demo" / FOLDER_NAME)
    for number in (1, 2):
        done = subprocess.run(
            ["make", "--no-print-directory", "demo", f"DEMO={tmp_path / 'demo'}"],
            cwd=PROJECT_ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "demo" / "reports" / f"round-{number:03d}.html").is_file()
        for words in ("offline", "SIMULATED", "fictional"):
            assert words in done.stdout + done.stderr
        assert "label-studio" in done.stdout
        assert "took over from" in done.stdout
        # Once is enough for the demo: cross-validation is what takes longest.
        config = tmp_path / "demo" / "ernotes.toml"
        config.write_text(config.read_text("utf-8").replace('judge_by = "auto"', 'judge_by = "validation"'), "utf-8")
