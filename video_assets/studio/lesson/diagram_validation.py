"""The faults of a diagram in a lesson file, from the errors of pydantic.

A diagram is one of many kinds, so pydantic names the kind inside the path of a fault. Does not belong here: the rules
(`diagrams`), or the faults of other keys (`validation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from video_assets.studio.core.messages import nearest, one_of, quoted

from .diagrams import Diagram
from .format_problem import FormatProblem, json_kind
from .json_source.source import JsonPath

_KINDS: Mapping[str, type[BaseModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Diagram)[0])
}
_WANTED = {
    "string_type": ("text", "Put text in double quotes."),
    "float_type": ("a number", "Write a number without quotes."),
    "bool_type": ("true or false", "Write true or false without quotes."),
    "tuple_type": ("a list", "Put a list in square brackets: [...]."),
    "model_type": ("an object", "Put an object in braces: {...}."),
    "model_attributes_type": ("an object", 'Write {"kind": "flow", "nodes": ["First", "Second"]}, or another kind.'),
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
}


def in_diagram(location: tuple[int | str, ...]) -> bool:
    """Whether `location`, of an error of pydantic, is a section's diagram or lies in one."""
    return len(location) > 2 and location[0] == "sections" and location[2] == "diagram"


def diagram_problems(details: Iterable[ErrorDetails]) -> Iterator[FormatProblem]:
    """The faults that `details`, all of which are in diagrams, describe."""
    listed = list(details)
    for detail in listed:
        # A list with a faulty entry also counts as too short.
        inner = any(
            len(o["loc"]) > len(detail["loc"]) and o["loc"][: len(detail["loc"])] == detail["loc"] for o in listed
        )
        if not (detail["type"] == "too_short" and inner):
            yield _problem(detail)


def _problem(detail: ErrorDetails) -> FormatProblem:
    location, context, value = detail["loc"], detail.get("ctx", {}), detail["input"]
    # The step after "diagram" is the kind, which is no key of the file.
    path: JsonPath = (*location[:3], *location[4:])
    if "remedy" in context:
        problem = FormatProblem(detail["type"], path, context["message"], context["remedy"])
        return problem._replace(character=context["character"])
    if detail["type"] == "missing":
        return FormatProblem("missing-key", path[:-1], f"{quoted(path[-1])} is missing from this object", "Add it.")
    if detail["type"] == "extra_forbidden":
        return _unknown_key(location, path)
    if detail["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return _unknown_kind(value, path)
    if detail["type"] == "literal_error":
        allowed = f"Allowed is {str(context['expected']).replace(chr(39), chr(34))}."
        return FormatProblem("unknown-value", path, f"{_named(path)} cannot be {quoted(value)}", allowed)
    if detail["type"] in _LIMITS:
        bound, words = _LIMITS[detail["type"]]
        message = f"{_named(path)} cannot be {quoted(value)}"
        return FormatProblem("out-of-range", path, message, f"Write a number of {words} {context[bound]:g}.")
    return _wrong_size_or_type(detail, path, context)


def _wrong_size_or_type(detail: ErrorDetails, path: JsonPath, context: Mapping[str, Any]) -> FormatProblem:
    value = detail["input"]
    if detail["type"] in ("too_long", "string_too_long"):
        what = "characters" if isinstance(value, str) else "entries"
        length = context.get("actual_length") or len(str(value))
        message = f"{_named(path)} has {length:,} {what}; {context['max_length']:,} are possible"
        return FormatProblem("too-long", path, message, "Shorten it, or divide the section.")
    if detail["type"] == "too_short":
        least = context["min_length"]
        message = f"{_named(path)} has {context.get('actual_length', 0)} entries; {least} are needed"
        return FormatProblem("too-short", path, message, "Add entries, or take another kind of diagram.")
    if detail["type"] == "finite_number":
        return FormatProblem("out-of-range", path, f"{_named(path)} is no finite number", "Write a number such as 1.5.")
    wanted, remedy = _WANTED.get(detail["type"], ("another kind of value", "See docs/diagrams.md."))
    if value is None:
        remedy = "Leave the key out if there is nothing to write."
    return FormatProblem("wrong-type", path, f"{_named(path)} must be {wanted}, not {json_kind(value)}", remedy)


def _unknown_kind(value: object, path: JsonPath) -> FormatProblem:
    kind = value.get("kind") if isinstance(value, dict) else None
    allowed = f"Allowed is {one_of(tuple(_KINDS))}."
    if kind is None:
        return FormatProblem("missing-key", path, '"kind" is missing from the diagram', allowed)
    close = nearest(kind, _KINDS) if isinstance(kind, str) else ""
    hint = f"Did you mean {quoted(close)}? " if close else ""
    message = f'The "kind" of a diagram cannot be {quoted(kind)}'
    return FormatProblem("unknown-value", (*path, "kind"), message, hint + allowed)


def _unknown_key(location: tuple[int | str, ...], path: JsonPath) -> FormatProblem:
    model = _model_at(_KINDS[str(location[3])], location[4:-1])
    known = [field.alias or name for name, field in model.model_fields.items()]
    close = nearest(str(path[-1]), known)
    hint = f"Did you mean {quoted(close)}? " if close else ""
    message = f"The key {quoted(path[-1])} is unknown here"
    return FormatProblem("unknown-key", path, message, f"{hint}Allowed is {one_of(tuple(known))}.", at_key=True)


def _model_at(model: type[BaseModel], steps: tuple[int | str, ...]) -> type[BaseModel]:
    """The class of the object that lies `steps` below an object of `model`."""
    for step in steps:
        field = next((f for name, f in model.model_fields.items() if step in (name, f.alias)), None)
        model = next(_models_in(field.annotation), model) if field else model
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _named(path: JsonPath) -> str:
    if isinstance(path[-1], str):
        return quoted(path[-1])
    return f"An entry of {quoted(next(str(step) for step in reversed(path) if isinstance(step, str)))}"
