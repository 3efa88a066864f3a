"""The continuous checks run commands that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = (".github/workflows/ci.yml", ".pre-commit-config.yaml")


def _strings(value: Any) -> list[str]:
    """Every text in a YAML document."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in _strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", FILES)
def test_every_make_target_exists(name: str) -> None:
    """A contributor's change would be refused because the checks call a target that was renamed."""
    texts = _strings(yaml.safe_load((ROOT / name).read_text("utf-8")))
    targets = {target for text in texts for target in re.findall(r"^make (\S+)", text)}
    assert targets
    for target in targets:
        dry_run = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert dry_run.returncode == 0, dry_run.stderr


def test_the_hooks_run_the_tools_of_make_check() -> None:
    """A contributor whose hooks pass would see `make check` fail."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    dry_run = subprocess.run(["make", "--dry-run", "check"], cwd=ROOT, capture_output=True, text=True, check=True)
    for tool in ("ruff format", "ruff check", "lint-imports", "pyright", "check-definitions"):
        assert tool in dry_run.stdout
        assert tool in hooks


def test_all_supported_versions_of_python_are_tested() -> None:
    """A user with a newer Python would be the first to run the project on it."""
    workflow = yaml.safe_load((ROOT / FILES[0]).read_text("utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python-version"] == ["3.11", "3.12", "3.13"]
    assert workflow["jobs"]["newest-dagster"]["continue-on-error"] is True
