"""Instances of Dagster in a folder, quickly: their databases come with their tables.

Making the tables takes a second, and some hundred tests want an instance of their own. A home from nothing is tried
where a test says so (`House(root, bare=True)`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
    """A home with tables and nothing in them, made once a process."""
    home = tempfile.TemporaryDirectory(prefix="lessonreel-home-")
    with dg.DagsterInstance.local_temp(home.name) as instance:
        instance.get_runs_count()
    return home


def add_tables(folder: Path) -> None:
    """Put databases with tables into the folder that is, or will be, Dagster's storage."""
    shutil.copytree(_home().name, folder, dirs_exist_ok=True)


@contextmanager
def instance_in(folder: Path, overrides: Mapping[str, Any] | None = None) -> Iterator[dg.DagsterInstance]:
    """An instance on disk, in `folder`."""
    add_tables(folder)
    with dg.DagsterInstance.local_temp(str(folder), overrides=dict(overrides or {})) as instance:
        yield instance
