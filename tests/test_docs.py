"""The manual: its commands run as they stand there, its pages are found from the first one, its links lead on."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ernotes.cli import ernotes
from tests.conftest import PROJECT_ROOT
from tests.manual import DOCS, NOT_RUN, PAGES, README, blocks, run_blocks, unmarked

MANUAL = [page for page in PAGES if page != README]
RUNNING = [page for page in MANUAL if any(block.is_run for block in blocks(page))]
OTHERS = [PROJECT_ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/LOG.md")]
_TOCTREE = re.compile(r"^(`{3,}|:{3,})\{toctree\}\n(?P<body>.*?)^\1$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(
    r"`((?:annotation|benchmarks|corpus|ernotes|generation|inference|prompts|tests|training)/[\w./-]*)`"
)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)|(?:src|href)=\"(?P<attribute>[^\"]+)\"")


def name(page: Path) -> str:
    return str(page.relative_to(PROJECT_ROOT))


def children(page: Path) -> Iterator[Path]:
    """The pages that a page's tables of contents name."""
    for match in _TOCTREE.finditer(page.read_text("utf-8")):
        for line in match["body"].splitlines():
            entry = line.strip()
            if entry and not entry.startswith(":"):
                target = re.sub(r"^.*<(.*)>$", r"\1", entry)
                yield (page.parent / target).with_suffix(".md").resolve()


def links(page: Path) -> Iterator[str]:
    """Where a page's links and pictures lead, those within the project."""
    prose = re.sub(r"^( *)```.*?^\1```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for match in _LINK.finditer(re.sub(r"`[^`\n]*`", "", prose)):
        target = (match["target"] or match["attribute"]).partition("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            yield target


@pytest.mark.parametrize("page", MANUAL, ids=name)
def test_every_block_of_commands_says_whether_a_test_runs_it_and_why_not(page: Path) -> None:
    assert unmarked(page) == 0
    assert all(block.is_run or NOT_RUN.fullmatch(block.mark) for block in blocks(page))


@pytest.mark.parametrize("page", RUNNING, ids=name)
def test_the_commands_of_a_page_run_in_their_order(
    page: Path, tmp_path: Path, program: str, migrated_label_studio: Path
) -> None:
    run_blocks(page, tmp_path, program, migrated_label_studio)


def test_every_page_is_reached_from_the_table_of_contents() -> None:
    reached, found = set(), [DOCS / "index.md"]
    while found:
        page = found.pop()
        assert page.is_file(), name(page)
        reached.add(page)
        found += [child for child in children(page) if child not in reached]
    assert set(MANUAL) - reached == set()


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_no_page_links_to_a_file_that_is_not_there(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", MANUAL, ids=name)
def test_the_files_of_the_code_that_a_page_names_are_there(page: Path) -> None:
    """A page on how to add something calls the new thing NAME."""
    places = [place for place in _PLACE.findall(page.read_text("utf-8")) if "NAME" not in place]
    assert [place for place in places if not (PROJECT_ROOT / place).exists()] == []


def test_the_page_of_results_lists_every_section_of_the_log() -> None:
    _, _, index = (DOCS / "results.md").read_text("utf-8").partition("\n## Index of the log\n")
    sections = re.findall(r"^###? .+$", (PROJECT_ROOT / "benchmarks" / "LOG.md").read_text("utf-8"), re.MULTILINE)
    assert len(set(re.findall(r"\]\(log\.md#([^)]+)\)", index))) == len(sections)


def keys_told(command: str) -> set[str]:
    """The keys of a command's JSON document as the reference lists them, without those inside another."""
    page = (DOCS / "reference" / "json.md").read_text("utf-8")
    (cell,) = re.findall(rf"^\| `{command}` \| (.*) \|$", page, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", cell.partition(";")[0])))


@pytest.mark.slow
def test_the_reference_lists_the_keys_of_the_documents_that_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(ernotes, arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    monkeypatch.chdir(tmp_path)
    run("-w", "w", "init", "--offline")
    run("-w", "other", "init")
    commands = {
        "export": ("-w", "w", "export", "notes.json", "--role", "test"),
        "import": ("-w", "other", "import", "notes.json", "--role", "pool"),
        "select": ("-w", "other", "select"),
        "erase": ("-w", "other", "erase", "fict-cardiologia-teste"),
        "status": ("-w", "w", "status"),
        "generate --dry-run": ("-w", "w", "generate", "--notes", "2", "--dry-run"),
        "models": ("-w", "w", "models"),
        "agreement": ("-w", "w", "agreement"),
    }
    for command, arguments in commands.items():
        assert keys_told(command) == json.loads(run(*arguments, "--json")).keys(), command
