"""The blocks of commands in the README and the manual: which of them a test runs, and how."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from annotation.label_studio.server import FOLDER_NAME
from tests.conftest import PROJECT_ROOT

README = PROJECT_ROOT / "README.md"
DOCS = PROJECT_ROOT / "docs"
PAGES = (README, *sorted(DOCS.rglob("*.md")))
RUN = "run by a test"
NOT_RUN = re.compile(r"not run by a test: .{10,}")
LANGUAGES = ("sh", "python")

_FENCE = re.compile(r"^ *```(?P<language>sh|python)$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?P<indent> *)<!-- (?P<mark>[^>]+) -->\n(?P=indent)```(?P<language>sh|python)\n(?P<lines>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
# Called in place of the program: a new workspace gets a Label Studio that has been started before, since a server's
# first start takes half a minute.
_WRAPPER = """\
#!/bin/sh
"$ERNOTES_OF_THE_TEST" "$@" || exit $?
case " $* " in
*" init "*)
    for config in */ernotes.toml; do
        [ -e "${config%/*}/label-studio" ] || cp -r "$LABEL_STUDIO_OF_THE_TEST" "${config%/*}/"
    done ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Block:
    """Commands for a shell, or lines of Python, with the mark that says whether a test runs them, or why not."""

    language: str
    mark: str
    lines: str

    @property
    def is_run(self) -> bool:
        """Whether a test runs it."""
        return self.mark == RUN

    @property
    def commands(self) -> list[str]:
        """Its lines without indentation, empty ones left out."""
        return [line.strip() for line in self.lines.splitlines() if line.strip()]

    @property
    def is_make(self) -> bool:
        """Whether it is about this checkout (`make demo`): such a block has a test of its own."""
        return all(line.startswith("make ") for line in self.commands)


def blocks(page: Path) -> list[Block]:
    """The marked blocks of a page, in order."""
    found = []
    for match in _BLOCK.finditer(page.read_text("utf-8")):
        lines = re.sub(rf"^{match['indent']}", "", match["lines"], flags=re.MULTILINE)
        found.append(Block(match["language"], match["mark"], lines))
    return found


def unmarked(page: Path) -> int:
    """How many blocks of a page do not say whether a test runs them."""
    return len(_FENCE.findall(page.read_text("utf-8"))) - len(blocks(page))


def run_blocks(page: Path, folder: Path, program: str, label_studio: Path) -> None:
    """Run the page's blocks that a test runs, as they stand there, in their order and in one folder.

    `label_studio` is a workspace whose server has been started once.
    """
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "ernotes").write_text(_WRAPPER, "utf-8")
    (bin_folder / "ernotes").chmod(0o755)
    environment = os.environ | {
        "NO_COLOR": "1",
        "PATH": f"{bin_folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ERNOTES_OF_THE_TEST": program,
        "LABEL_STUDIO_OF_THE_TEST": str(label_studio / FOLDER_NAME),
    }
    (folder / "work").mkdir()
    (folder / "work" / "docs").symlink_to(DOCS)  # commands of the manual are given in the checkout's own folder
    shells = {"sh": [shutil.which("bash") or "sh", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    for block in blocks(page):
        if block.is_run and not block.is_make:
            done = subprocess.run(
                [*shells[block.language], block.lines],
                cwd=folder / "work", env=environment, capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, f"{page.name}:\n{block.lines}\n{done.stderr}"
            assert done.stdout or "print" not in block.lines, f"{page.name}: nothing is printed by\n{block.lines}"
