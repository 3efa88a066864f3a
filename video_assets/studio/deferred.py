"""A library that is loaded when it is first used: commands that need none of it must not wait for it.

    if TYPE_CHECKING:
        import numpy as np
    else:
        np = deferred("numpy")

Belongs here: this one way of doing it. Where a function is the only user of a library, it imports it itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Deferred:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)  # the next use is as quick as that of a module
        return found


def deferred(name: str) -> Any:
    """Stands for the module `name` and loads it when one of its attributes is asked for first; safe in threads."""
    return _Deferred(name)
