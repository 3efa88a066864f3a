"""Whether a store of an earlier commit is reused whole: `python -m benchmarks.reuse_since COMMIT [FILE …]`.

The code of COMMIT renders the sample lessons (or the lessons FILE) into an empty store. The code of this checkout then
renders them with the same store. It must make nothing. A change that raises a stage's `CODE` on purpose makes exactly
the items of that stage.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_CODE = ("video_assets", "jobs", "resources", "pyproject.toml", "dagster.yaml", "workspace.yaml")
_REPORT = "reuse.json"


def main(commit: str, files: list[str]) -> int:
    """Print what each code made and reused. Returns 1 if this checkout made anything."""
    lessons = files or [path.name for path in sorted((ROOT / "data/lessons").glob("*.json"))]
    with tempfile.TemporaryDirectory() as temporary:
        checkout = Path(temporary) / "checkout"
        checkout.mkdir()
        archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit], check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(checkout)], input=archive.stdout, check=True)
        _print_counts(f"code of {commit}", _render(checkout, lessons))
        for name in _CODE:
            _replace(checkout / name, ROOT / name)
        counts = _render(checkout, lessons)
        _print_counts("code of this checkout", counts)
    return 1 if counts["made"] or counts["films"] else 0


def _replace(target: Path, source: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def _render(checkout: Path, lessons: list[str]) -> Counter[str]:
    """Render the lessons with the code of `checkout`; returns how many items were made and reused, and films joined."""
    command = [sys.executable, "-P", "-m", "video_assets.cli", "render", "--report", _REPORT]
    files = [str(Path("data/lessons") / name) for name in lessons]
    environ = {**os.environ, "PYTHONPATH": str(checkout)}
    subprocess.run([*command, *files], cwd=checkout, env=environ, check=True)
    report: dict[str, Any] = json.loads((checkout / _REPORT).read_text("utf-8"))
    counts: Counter[str] = Counter()
    for line in report["lines"]:
        counts["made"] += line["made"]
        counts["reused"] += line["reused"]
        counts["films"] += line["outcome"] != "unchanged"
    return counts


def _print_counts(title: str, counts: Counter[str]) -> None:
    made = f"{counts['made']} items and {counts['films']} films made"
    print(f"{title}: {made}, {counts['reused']} items reused", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m benchmarks.reuse_since COMMIT [FILE …]")
    sys.exit(main(sys.argv[1], sys.argv[2:]))
