"""The faults of the labels over a picture in a lesson file.

Does not belong here: their keys and limits (`format`), or the faults of other keys (`validation`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from video_assets.studio.core.messages import quoted

from .format_problem import FormatProblem, json_kind
from .json_source.source import JsonPath

_EXAMPLE = '{"text": "Gate", "at": [0.4, 0.3]}'
_AT_REMEDY = 'Write shares of the picture\'s width and height from its top left corner, such as "at": [0.4, 0.3].'


def in_picture_labels(location: tuple[int | str, ...]) -> bool:
    """Whether `location`, of an error of pydantic, is a section's list of labels or its focus, or lies in it."""
    return len(location) > 2 and location[0] == "sections" and location[2] in ("labels", "focus")


def label_problem(detail: ErrorDetails) -> FormatProblem:
    """The fault that `detail`, which is in the labels of a section, describes."""
    path, value, context = detail["loc"], detail["input"], detail.get("ctx", {})
    if "remedy" in context:
        problem = FormatProblem(detail["type"], path, context["message"], context["remedy"])
        return problem._replace(character=context["character"])
    if detail["type"] == "missing":
        return FormatProblem(
            "missing-key", path[:-1], f"{quoted(path[-1])} is missing from the label", f"Write it as {_EXAMPLE}."
        )
    if "at" in path or "focus" in path:
        return _place_problem(path, value, detail["type"])
    if detail["type"] in ("too_long", "string_too_long"):
        what = "characters" if isinstance(value, str) else "labels"
        length = context.get("actual_length") or len(str(value))
        message = f"{_named(path)} has {length:,} {what}; {context['max_length']:,} are possible"
        return FormatProblem("too-long", path, message, "Shorten it, or divide the section.")
    if detail["type"] == "too_short":
        return FormatProblem("empty-list", path, '"labels" is empty', "Fill it, or leave the key out.")
    return _wrong_type(path, value)


def label_rule_problems(section: Mapping[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    """The faults of the rules between the labels of `section` and its other keys."""
    if section.get("labels") and "picture" not in section:
        yield FormatProblem(
            "labels-without-picture",
            (*path, "labels"),
            'The section has "labels", but no "picture" over which they could stand',
            'Add "picture"; for a drawing with labels, use "diagram" of the kind "parts".',
            at_key=True,
        )
    if section.get("focus") and "picture" not in section:
        yield FormatProblem(
            "focus-without-picture",
            (*path, "focus"),
            'The section has a "focus", but no "picture" in which it could lie',
            'Add "picture", or leave "focus" out.',
            at_key=True,
        )


def _place_problem(path: JsonPath, value: object, kind: str) -> FormatProblem:
    if kind in ("greater_than_equal", "less_than_equal"):
        message = f'A share in "at" cannot be {quoted(value)}; it is 0 to 1'
        return FormatProblem("out-of-range", path, message, _AT_REMEDY)
    if kind in ("too_short", "too_long") and isinstance(value, list):
        return FormatProblem("wrong-type", path, f'"at" must be a list of two numbers, not of {len(value)}', _AT_REMEDY)
    wanted = "a list of two numbers" if path[-1] == "at" else "a number"
    return FormatProblem("wrong-type", path, f"{_named(path)} must be {wanted}, not {json_kind(value)}", _AT_REMEDY)


def _wrong_type(path: JsonPath, value: object) -> FormatProblem:
    wanted = "text" if path[-1] == "text" else "a list of labels" if path[-1] == "labels" else "an object"
    return FormatProblem(
        "wrong-type",
        path,
        f"{_named(path)} must be {wanted}, not {json_kind(value)}",
        "Leave the key out if there is nothing to write." if value is None else f'Write "labels": [{_EXAMPLE}].',
    )


def _named(path: JsonPath) -> str:
    if isinstance(path[-1], str):
        return quoted(path[-1])
    return f"An entry of {quoted(next(str(step) for step in reversed(path) if isinstance(step, str)))}"
