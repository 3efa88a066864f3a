"""Looking something up by its name in a setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .errors import SettingInvalid
from .messages import quoted, suggestion

Thing = TypeVar("Thing")


def lookup(things: Mapping[str, Thing], name: str, kind: str) -> Thing:
    """`things[name]`. Raises SettingInvalid with the nearest known name, or else with all known names.

    `kind` says in messages what is looked up, such as "presenter".
    """
    if name in things:
        return things[name]
    raise SettingInvalid(f"There is no {kind} {quoted(name)}.", remedy=suggestion(name, things))
