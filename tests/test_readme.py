"""The README's commands run as they stand there; those that a test machine cannot run are marked, and no others.

So do those of the manual (`test_docs`).
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from annotation.label_studio.server import FOLDER_NAME
from corpus.formats import read_notes_file
from tests.conftest import PROJECT_ROOT
from tests.manual import NOT_RUN, PAGES, README, blocks, run_blocks, unmarked


def test_every_block_of_commands_says_whether_a_test_runs_it_and_why_not() -> None:
    assert unmarked(README) == 0
    assert all(block.is_run or NOT_RUN.fullmatch(block.mark) for block in blocks(README))


def test_the_example_of_a_notes_file_is_one(tmp_path: Path) -> None:
    pattern = re.compile(r"^```json\n(\[\{\"doc_id\".*?)^```", re.MULTILINE | re.DOTALL)
    examples = [example for page in PAGES for example in pattern.findall(page.read_text("utf-8"))]
    assert examples
    for example in examples:
        (tmp_path / "notes.json").write_text(example, "utf-8")
        (note,) = read_notes_file(tmp_path / "notes.json", strict=True).notes
        assert [note.text[span.start : span.end] for span in note.spans] == [
            "Ramipril 5 mg id",
            "alergias medicamentosas",
            "pneumonia",
        ]


def test_the_files_that_the_readme_shows_are_there() -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README.read_text("utf-8")):
        assert (PROJECT_ROOT / target).is_file(), target


def test_the_commands_of_a_round_run_in_their_order(tmp_path: Path, program: str, migrated_label_studio: Path) -> None:
    run_blocks(README, tmp_path, program, migrated_label_studio)


@pytest.mark.skipif(
    not (PROJECT_ROOT / ".venv" / ".installed").exists(), reason="THE CHECKOUT IS NOT SET UP with make: no demo"
)
def test_the_demo_runs_a_round_says_what_is_not_real_and_a_second_run_goes_on(
    tmp_path: Path, migrated_label_studio: Path
) -> None:
    assert any(block.is_run and "make demo" in block.commands for block in blocks(README))
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
