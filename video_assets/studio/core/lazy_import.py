"""Lazy import: a library is loaded at its first use, so that commands that do not need it start faster.

    if TYPE_CHECKING:
        import numpy as np
    else:
        np = lazy_import("numpy")

A function that is the only user of a library imports it in its body instead.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _LazyModule:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)  # cached: the next access is as fast as that of a module
        return found


def lazy_import(name: str) -> Any:
    """A proxy for the module `name`, which is loaded at the first access to an attribute. Thread-safe."""
    return _LazyModule(name)
