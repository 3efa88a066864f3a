"""Picking something by name from what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .errors import SettingInvalid
from .messages import quoted, suggestion

Thing = TypeVar("Thing")


def lookup(things: Mapping[str, Thing], name: str, kind: str) -> Thing:
    """`things[name]`. Raises SettingInvalid naming the nearest and all others."""
    if name in things:
        return things[name]
    raise SettingInvalid(f"There is no {kind} {quoted(name)}.", remedy=suggestion(name, things))
