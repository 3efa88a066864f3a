"""The configuration schema of the asset `lesson`: one typed field per setting, generated from Settings.

Dagster's launchpad completes and validates the fields. No setting has a default here: a missing field is taken from
the weaker layers (remembered choices, environment, lesson file, project file, profile).

This module also converts between a run's configuration and RunOverrides. Does not belong here: the precedence of layers
(`studio/choices/precedence.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import dagster as dg

from video_assets.studio.choices.precedence import RunOverrides
from video_assets.studio.choices.remembered import ALL
from video_assets.studio.core.settings import PROFILES, SETTING_NAMES, Settings, allowed, setting_value_problems

_TYPES: Mapping[Any, Any] = {bool: bool, int: int, float: float, str: str}


def lesson_config() -> dict[str, dg.Field]:
    """The fields of the asset `lesson`, by name."""
    return {
        **{name: _field(name) for name in SETTING_NAMES},
        "reset": dg.Field(
            [_enum("reset", (ALL, *SETTING_NAMES))],
            default_value=[],  # so that the launchpad's scaffold shows the field
            description="Earlier choices to forget: [all], or names of settings as in [theme, voice].",
        ),
        "remember": dg.Field(
            bool,
            default_value=True,
            description="false: these choices hold for this run only; the next run makes the earlier film again.",
        ),
        "section": dg.Field(
            str, is_required=False, description="Preview only this section. It needs a partition key of its own."
        ),
        "settings": dg.Field(
            dg.Map(str, dg.Any),
            is_required=False,
            description="Settings by name, as in {theme: paper}. Their own fields are checked while you type.",
        ),
    }


def _field(name: str) -> dg.Field:
    declared = Settings.model_fields[name]
    return dg.Field(_type_of(name, declared.annotation), is_required=False, description=_description(name))


def _type_of(name: str, annotation: Any) -> Any:
    if name == "profile":
        return _enum(name, tuple(PROFILES))
    if get_args(annotation):
        return _enum(name, get_args(annotation))
    # A frame rate may be written as 25 or as 30000/1001.
    return dg.Any if annotation is str and not setting_value_problems({name: 25}) else _TYPES[annotation]


def _enum(name: str, values: tuple[str, ...]) -> dg.Enum:
    return dg.Enum(f"lesson_{name}", [dg.EnumValue(value) for value in values])


def _description(name: str) -> str:
    declared = Settings.model_fields[name]
    bounds = "" if declared.annotation is str else f" Allowed is {allowed(name)}."
    usual = "" if declared.default in ("", None) else f" {_shown(declared.default)} unless something else is chosen."
    return f"{declared.description}{bounds}{usual}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def choices_from_config(config: Mapping[str, Any]) -> RunOverrides:
    """The choices in the configuration of the asset `lesson`. A field overrides the map `settings`."""
    fields = {name: config[name] for name in SETTING_NAMES if name in config}
    return RunOverrides(
        settings={**config.get("settings", {}), **fields},
        section=config.get("section", ""),
        reset=tuple(config.get("reset", ())),
        remember=config.get("remember", True),
    )


def config_from_choices(choices: RunOverrides) -> dict[str, Any]:
    """The inverse of `choices_from_config`, with every value converted to its setting's type.

    Raises SettingInvalid for unknown names and bad values.
    """
    chosen = choices.of_this_run
    typed = Settings.model_validate(chosen).model_dump(mode="json", include=set(chosen)) if chosen else {}
    return {
        **typed,
        **({"section": choices.section} if choices.section else {}),
        **({"reset": list(choices.reset)} if choices.reset else {}),
        **({} if choices.remember else {"remember": False}),
    }
