"""Dagster's private names are used in one module, and exist in the pinned version."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

from video_assets import dagster_internals

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "video_assets" / "dagster_internals.py"


def test_no_other_module_imports_a_private_name_of_dagster() -> None:
    """Whoever upgrades Dagster would find out in production which other module relied on a private name."""
    private = re.compile(r"^\s*(?:from|import) (?:dagster\._|dagster_shared)", re.MULTILINE)
    folders = (ROOT / name for name in ("video_assets", "resources", "jobs"))
    found = [path for folder in folders for path in folder.rglob("*.py") if private.search(path.read_text("utf-8"))]
    assert found == [MODULE]


def test_every_name_exists() -> None:
    """An upgrade of Dagster that removed a private name would only fail when a run needs it."""
    for module, names in dagster_internals.HOMES.items():
        for name in names:
            assert getattr(dagster_internals, name) is getattr(import_module(module), name)


def test_the_types_are_those_of_the_names() -> None:
    """The type checker would check calls against another class than the one that is used."""
    imports = [node for node in ast.walk(ast.parse(MODULE.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    typed = {(node.module, alias.name) for node in imports for alias in node.names if "dagster" in (node.module or "")}
    assert typed == {(module, name) for module, names in dagster_internals.HOMES.items() for name in names}
