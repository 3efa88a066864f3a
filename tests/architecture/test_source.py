"""Rules about the source that no tool checks: names, file references and sizes."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PROGRAM = ("video_assets", "resources", "jobs")
MOST_LINES = 399
WITH_FOREIGN_NAMES = ("spoken-text.md",)
"""Documents whose examples are texts to be spoken."""


def _modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((REPOSITORY / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def _docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def test_class_names_are_unique() -> None:
    """A maintainer who reads a name in a traceback, or searches for it, would look at the wrong class."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in _modules(*PROGRAM):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{_name(path)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


SHARED_FUNCTION_NAMES = {
    "approve": "the Dagster job and the command have the name that people type",
    "die_with_parent": "the voice's worker process imports nothing of the studio",
    "main": "entry points",
    "is_first_choice": "each stage judges its manifest by the same protocol",
}
"""The names of public functions that several modules use, each with the reason."""


def test_function_names_are_unique() -> None:
    """A maintainer who searches for a function would read another one, with another promise."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in _modules(*PROGRAM):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                places[node.name].append(f"{_name(path)}:{node.lineno}")
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in shared.items() if name not in SHARED_FUNCTION_NAMES} == {}
    assert sorted(SHARED_FUNCTION_NAMES.keys() - shared.keys()) == [], "remove these names from the list"


def _dead_references() -> Iterator[str]:
    existing = ["/" + _name(path) for path in _modules(*PROGRAM, "tests", "benchmarks", "docs")]
    pages = [*sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
    texts = [(path, path.read_text("utf-8")) for path in pages if path.name not in WITH_FOREIGN_NAMES]
    texts += [(path, text) for path in _modules(*PROGRAM, "tests", "benchmarks") for text in _docstrings(path)]
    for path, text in texts:
        for named in re.findall(r"`([\w./-]+\.py)`", text):
            if not any(each.endswith("/" + named) for each in existing):
                yield f"{_name(path)} names {named}"


def test_files_that_prose_names_exist() -> None:
    """A maintainer would search for a module that was renamed long ago."""
    assert sorted(set(_dead_references())) == []


def test_modules_are_short() -> None:
    """A maintainer would have to hold a thousand lines in mind for a change of ten."""
    lengths = {_name(path): len(path.read_text("utf-8").splitlines()) for path in _modules(*PROGRAM)}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}, "split these modules"
