"""What a built distribution holds, which an editable install would hide; and one version, wherever it is told."""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.conftest import PROJECT_ROOT

PYPROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))
SETTINGS = PYPROJECT["tool"]["setuptools"]
TOP_LEVEL = [pattern.rstrip("*") for pattern in SETTINGS["packages"]["find"]["include"]]


def files() -> Iterator[Path]:
    for name in TOP_LEVEL:
        for path in (PROJECT_ROOT / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(PROJECT_ROOT)


def shipped_with(package: Path) -> list[str]:
    return [str(package / pattern) for pattern in SETTINGS["package-data"].get(".".join(package.parts), [])]


def test_every_folder_with_a_module_is_a_package() -> None:
    folders = {path.parent for path in files() if path.suffix == ".py"}
    assert len(folders) > len(TOP_LEVEL)
    assert [str(folder) for folder in folders if not (PROJECT_ROOT / folder / "__init__.py").exists()] == []


def test_every_other_file_is_shipped_with_a_package() -> None:
    others = [path for path in files() if path.suffix != ".py"]
    assert others
    assert [
        str(path)
        for path in others
        if not any(fnmatch(str(path), pattern) for folder in path.parents for pattern in shipped_with(folder))
    ] == []


def test_the_citation_and_the_changelog_tell_the_version_and_the_date_of_the_release() -> None:
    citation = (PROJECT_ROOT / "CITATION.cff").read_text("utf-8")
    changelog = (PROJECT_ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE)
    assert released == sorted(released, key=lambda release: release[1], reverse=True)
    version, date = released[0]
    assert version == PYPROJECT["project"]["version"]
    assert f"\nversion: {version}\ndate-released: {date}\n" in citation
