"""The differences between two recipes of one step, in an author's words.

Does not belong here: which two recipes are compared (`dry_run.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from video_assets.studio.core.messages import quoted
from video_assets.studio.storage.store import Recipe

_LONGEST_VALUE = 40


class _Rule(NamedTuple):
    """The words for a change at or below `path`.

    `with_values`: whether the old and the new value are named. `unless`: paths whose change explains this one.
    """

    path: str
    words: str
    with_values: bool = False
    unless: tuple[str, ...] = ()


_OTHER_PROVIDER = ("provider.provider",)
_RULES = (
    _Rule("provider.provider", "provider changed", with_values=True, unless=("provider.presenter",)),
    _Rule("provider.voice", "voice changed", with_values=True),
    _Rule("provider.presenter", "presenter changed", with_values=True),
    _Rule("provider.data", "the presenter's files changed", unless=("provider.presenter",)),
    _Rule("provider.drawing", "the presenter's drawing changed", with_values=True, unless=("provider.presenter",)),
    _Rule("provider.renderer", "the presenter's renderer changed", with_values=True, unless=("provider.presenter",)),
    _Rule("provider.version", "the voice's engine changed", with_values=True, unless=_OTHER_PROVIDER),
    _Rule("provider.wheel", "the voice's package changed", with_values=True, unless=_OTHER_PROVIDER),
    _Rule("provider.tuning", "the voice's tuning changed", with_values=True, unless=_OTHER_PROVIDER),
    _Rule("provider.sources", "fonts, themes or the slides' template changed", unless=_OTHER_PROVIDER),
    _Rule("provider.system_fonts", "fonts of this system changed", unless=("parameters.slide",)),
    _Rule("provider.x264_parameters", "the encoder's parameters changed"),
    _Rule("provider", "", with_values=True),
    _Rule("parameters.language", "language changed", with_values=True),
    _Rule("parameters.rate_percent", "rate_percent changed", with_values=True),
    _Rule("parameters.shown", "narration changed"),
    _Rule("parameters.pieces", "pronunciation changed", unless=("parameters.shown", "parameters.language")),
    _Rule("parameters.stage.width_px", "width_px changed", with_values=True),
    _Rule("parameters.stage.height_px", "height_px changed", with_values=True),
    _Rule(
        "parameters.stage",
        "the presenter's place changed",
        unless=("parameters.stage.width_px", "parameters.stage.height_px"),
    ),
    _Rule("parameters.look.logo", "logo changed"),
    _Rule("parameters.look", "", with_values=True),
    _Rule("parameters.slide.layout", "layout changed", with_values=True),
    _Rule("parameters.slide.title", "title changed", with_values=True),
    _Rule("parameters.slide.picture", "picture changed"),
    _Rule("parameters.slide", "", with_values=True),
    _Rule("parameters.moving", "picture_motion changed", unless=("parameters.slide",)),
    _Rule("parameters.looks", "which parts of its slide appear together changed", unless=("parameters.slide",)),
    _Rule("parameters.encoding.rate", "frame_rate changed", with_values=True),
    _Rule("parameters.encoding", "", with_values=True),
    _Rule("parameters.plan", "breath_ms changed", unless=("inputs.times", "parameters.encoding.rate")),
    _Rule(
        "parameters.states",
        "when the parts of its slide appear changed",
        unless=("inputs.picture", "inputs.times", "parameters.plan", "parameters.encoding.rate"),
    ),
    _Rule("parameters.entrance_frames", "motion changed", unless=("parameters.states", "parameters.encoding.rate")),
    _Rule("parameters.camera", "picture_motion changed", unless=("inputs.picture",)),
    _Rule("parameters.frames", "its length changed", unless=("parameters.encoding.rate",)),
    _Rule(
        "parameters.box",
        "the presenter's place changed",
        unless=("parameters.encoding.width_px", "parameters.encoding.height_px"),
    ),
    _Rule("parameters", "", with_values=True),
    _Rule("inputs.file", "a file changed", unless=("parameters.slide", "parameters.look")),
    _Rule("inputs.sound", "its sound is another"),
    _Rule("inputs.times", "its sound is another"),
    _Rule("inputs.picture", "its picture is another"),
    _Rule("inputs.moving", "its picture is another", unless=("inputs.picture", "parameters.camera")),
    _Rule("inputs.moving_coverage", "its picture is another", unless=("inputs.picture", "parameters.camera")),
    _Rule("inputs", ""),
)
"""In the order of the output. The first rule whose path contains a changed path names it. If the rule has no words, the
next part of the path is the name."""


def differences(now: Recipe, last: Recipe, *, unknown: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The differences, each once. Values below the paths `unknown` are not compared, because they do not exist yet."""
    new, old = _leaves(now), _leaves(last)
    changed = [
        path
        for path in dict.fromkeys((*new, *old))
        if new.get(path) != old.get(path) and not any(_below(path, each) for each in unknown)
    ]
    words = [f"the stage's code is {now.code}, it was made by {last.code}"] if now.code != last.code else []
    for rule in _RULES:
        paths = [path for path in changed if _rule_of(path) is rule]
        if paths and not any(_below(path, other) for other in rule.unless for path in changed):
            words += _words_of(rule, paths, new, old)
    return tuple(dict.fromkeys(words))


def change(name: str, was: Any, now: Any) -> str:
    """`crf changed: 23 -> 30`; without the values if they are long or not scalar."""
    if not (_is_short(was) and _is_short(now)):
        return f"{name} changed"
    return f"{name} changed: {_shown(was)} -> {_shown(now)}"


def _leaves(recipe: Recipe) -> dict[str, Any]:
    """The recipe's values by their path, e.g. `parameters.look.theme`; a list is one value."""
    return dict(_walk(recipe.model_dump(mode="json", include={"provider", "parameters", "inputs"}), ""))


def _walk(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _walk(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}", inner


def _below(path: str, above: str) -> bool:
    return path == above or path.startswith((f"{above}.", f"{above}-"))


def _rule_of(path: str) -> _Rule:
    return next(rule for rule in _RULES if _below(path, rule.path))


def _words_of(rule: _Rule, paths: list[str], new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[str]:
    for path in paths:
        name = rule.words.removesuffix(" changed") or path.removeprefix(f"{rule.path}.").partition(".")[0]
        if path == "parameters.pieces":
            yield _spoken_change(new[path], old[path])
        elif rule.with_values:
            yield change(name, old.get(path), new.get(path))
        else:
            yield rule.words or f"{name} changed"


def _spoken_change(new: list[dict[str, Any]], old: list[dict[str, Any]]) -> str:
    """The change of the spoken words if the shown words are unchanged."""
    for part, words in _SPOKEN.items():
        without = [
            [{name: value for name, value in piece.items() if name != part} for piece in all_] for all_ in (new, old)
        ]
        if without[0] == without[1]:
            return words
    return "pronunciation changed"


_SPOKEN = {
    "rate_percent": "the section's rate changed",
    "emphasis": "emphasis changed",
    "milliseconds": "a pause changed",
}


def _is_short(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and len(str(value)) <= _LONGEST_VALUE)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "none"
    return str(value) if re.fullmatch(r"[\w.+#/:-]+", str(value)) else quoted(value)
