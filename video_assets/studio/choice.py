"""Picking something by name from what there is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from .errors import SettingInvalid

Thing = TypeVar("Thing")


def chosen(things: Mapping[str, Thing], name: str, kind: str) -> Thing:
    """`things[name]`. Raises SettingInvalid naming the nearest and all others."""
    if name in things:
        return things[name]
    raise unknown(name, things, kind)


def unknown(name: str, known: Iterable[str], kind: str) -> SettingInvalid:
    """The error for a `kind` that does not exist, with the nearest names."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return SettingInvalid(f"There is no {kind} {name!r}.", remedy=f"{hint}There is: {', '.join(names) or 'none'}.")
