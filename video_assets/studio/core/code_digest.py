"""The digest of the studio's source files, by which a run recognises whether the same program made a film.

The pointer of a film contains it. If it is unchanged there, a run need not plan the lesson again. It must not be part
of a recipe: every edited line would then make all results again.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

_SUFFIXES = frozenset({".py", ".toml", ".typ"})


@cache
def code_digest() -> str:
    """SHA-256 over the studio's source files and the version of Python, on which the version of Unicode depends."""
    studio = Path(__file__).parent.parent
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for path in studio.rglob("*") if path.suffix in _SUFFIXES):
        digest.update(path.relative_to(studio).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
