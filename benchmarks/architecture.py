"""Figures of the code's structure: `python -m benchmarks.architecture [ROOT]`. ROOT is another checkout to count.

Entries at the top of the studio, layers of its import contract, imports between its packages, the largest modules, and
lines that name a concept in the field's words. Needs import-linter's grimp (the extra `dev`).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

_CONCEPTS = "circuit breaker|rate limit|semaphore|single-flight|idempoten"
_STUDIO = "video_assets.studio"


def main(root: Path) -> None:
    """Print the figures of the checkout `root`."""
    studio = root / "video_assets" / "studio"
    entries = [path for path in studio.iterdir() if path.name not in {"__init__.py", "__pycache__", "py.typed"}]
    print(f"entries at the top of the studio: {len(entries)}")
    print(f"layers of the studio: {_layer_count(root)}")
    packages, arrows = _arrows(root)
    print(f"imports between its {packages} packages and modules: {arrows}")
    sizes = sorted(((_line_count(path), path) for path in _modules(root)), reverse=True)
    print(f"modules of 400 lines or more: {sum(size >= 400 for size, _ in sizes)}")
    for size, path in sizes[:5]:
        print(f"    {size} {path.relative_to(root)}")
    pattern = ["git", "-C", str(root), "grep", "-iE", _CONCEPTS]
    lines = subprocess.run(pattern, capture_output=True, text=True, check=False).stdout.splitlines()
    print(f"lines that match {_CONCEPTS}: {len(lines)}")


def _modules(root: Path) -> list[Path]:
    return [path for name in ("video_assets", "resources", "jobs") for path in (root / name).rglob("*.py")]


def _line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def _layer_count(root: Path) -> int:
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(len(each["layers"]) for each in contracts if each.get("containers") == [_STUDIO])


def _arrows(root: Path) -> tuple[int, int]:
    """Packages and modules at the top of the studio, and pairs of them of which one imports the other."""
    sys.path.insert(0, str(root))
    import grimp

    graph = grimp.build_graph("video_assets", cache_dir=None)
    pairs = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            tops = [re.match(rf"{re.escape(_STUDIO)}\.(\w+)", name) for name in (module, imported)]
            if tops[0] and tops[1] and tops[0][1] != tops[1][1]:
                pairs.add((tops[0][1], tops[1][1]))
    return len({name for pair in pairs for name in pair}), len(pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
