"""Finds everything wrong with the values of a lesson (plain JSON data), each with its path.

It checks the types and limits that `format` declares, unknown keys, and the rules between keys. Does not belong here:
JSON syntax, files, or lines and columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from video_assets.studio.core.messages import nearest, one_of, quoted
from video_assets.studio.core.settings import (
    MAX_RATE_PERCENT,
    MIN_RATE_PERCENT,
    PictureMotion,
    PresenterPlace,
    Reveal,
    setting_value_problems,
)
from video_assets.studio.spoken.markup_syntax import markup_problems

from .diagram_validation import diagram_problems, in_diagram
from .format import (
    MAX_NARRATION,
    MAX_SECTIONS,
    SETTING_OF_KEY,
    Layout,
    WrittenCode,
    WrittenLabel,
    WrittenLesson,
    WrittenSection,
    WrittenTable,
)
from .format_problem import FormatProblem, json_kind
from .json_source.source import JsonPath
from .picture_label_validation import in_picture_labels, label_problem, label_rule_problems

_MAX_FAULTS = 1000


def format_problems(lesson: object) -> tuple[FormatProblem, ...]:
    """Everything wrong with the values of `lesson` (plain JSON data), at most a thousand, in no particular order."""
    if not isinstance(lesson, dict):
        remedy = 'Write {"sections": [...]}.'
        return (FormatProblem("wrong-type", (), f"A lesson is an object, not {json_kind(lesson)}", remedy),)
    sections = lesson.get("sections")
    if isinstance(sections, list) and len(sections) > MAX_SECTIONS:
        message = f"The lesson has {len(sections):,} sections; {MAX_SECTIONS:,} are possible"
        return (FormatProblem("too-many-sections", ("sections",), message, "Divide it into several lessons."),)
    return tuple(islice(_all_faults(lesson), _MAX_FAULTS))


def _all_faults(lesson: dict[str, Any]) -> Iterator[FormatProblem]:
    """All faults, warnings last, so that the limit on their number cuts off no error because of a warning."""
    sections = lesson.get("sections")
    listed: list[Any] = sections if isinstance(sections, list) else []
    yield from _value_faults(lesson)
    yield from _settings_faults(lesson)
    yield from _same_ids(listed)
    for index, section in enumerate(listed):
        if isinstance(section, dict):
            yield from _section_faults(section, ("sections", index))
    yield from _unknown_keys(lesson, WrittenLesson, ())
    for index, section in enumerate(listed):
        if isinstance(section, dict):
            yield from _section_warnings(section, ("sections", index))


# Keys


def _known_keys(model: type[BaseModel]) -> list[str]:
    return [declared.alias or name for name, declared in model.model_fields.items()]


def _unknown_keys(written: Mapping[str, Any], model: type[BaseModel], path: JsonPath) -> Iterator[FormatProblem]:
    known = _known_keys(model)
    for key in written:
        if key not in known:
            yield _unknown_key(key, [each for each in known if each not in written], (*path, key))


def _unknown_key(key: str, free: list[str], path: JsonPath) -> FormatProblem:
    close = nearest(key, free)
    remedy = f"Did you mean {quoted(close)}?" if close else 'It is ignored. For a note, use "$comment".'
    return FormatProblem("unknown-key", path, f"The key {quoted(key)} is unknown", remedy, "warning", at_key=True)


# Values


def _value_faults(lesson: dict[str, Any]) -> Iterator[FormatProblem]:
    try:
        WrittenLesson.model_validate(lesson)
    except ValidationError as error:
        details = error.errors(include_url=False)
        yield from (_value_fault(detail) for detail in details if not in_diagram(detail["loc"]))
        yield from diagram_problems(detail for detail in details if in_diagram(detail["loc"]))


def _value_fault(detail: ErrorDetails) -> FormatProblem:
    return label_problem(detail) if in_picture_labels(detail["loc"]) else _from_pydantic(detail)


def _from_pydantic(detail: ErrorDetails) -> FormatProblem:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    context = detail.get("ctx", {})
    if "remedy" in context:
        wrong = FormatProblem(detail["type"], path, context["message"], context["remedy"])
        return wrong._replace(at_key="[key]" in detail["loc"], character=context["character"])
    if detail["type"] == "missing":
        return _missing(path)
    translate = _TRANSLATIONS.get(detail["type"], _wrong_type)
    return translate(path, detail["input"], context)


def _missing(path: JsonPath) -> FormatProblem:
    holder = {"sections": "the lesson", "rows": "the table", "text": "the code"}.get(str(path[-1]), "this object")
    return FormatProblem("missing-key", path[:-1], f"{quoted(path[-1])} is missing from {holder}", "Add it.")


def _wrong_type(path: JsonPath, value: object, context: Mapping[str, Any]) -> FormatProblem:
    message = f"{_named(path)} must be {_wanted(path)}, not {json_kind(value)}"
    return FormatProblem("wrong-type", path, message, _type_remedy(path, value))


def _wanted(path: JsonPath) -> str:
    """The type that the format requires at `path`, in words."""
    if path[:1] == ("pronunciations",) and len(path) > 1:
        return "text"
    last, holder = path[len(path) - 1], path[len(path) - 2]
    if isinstance(last, str):
        return _WANTED_OF_KEY.get(last, "text")
    return _WANTED_IN.get(str(holder), "text")


_WANTED_IN = {"sections": "an object with content and image_description", "rows": "a list of cells"}
_WANTED_OF_KEY = {
    "rate": "a whole number",
    "sections": "a list of sections",
    "bullets": "a list of texts",
    "credits": "a list of texts",
    "header": "a list of cells",
    "rows": "a list of rows",
    "table": "an object with header and rows",
    "code": "text, or an object with language and text",
    "pronunciations": "an object",
    "settings": "an object",
}


def _named(path: JsonPath) -> str:
    if isinstance(path[-1], str):
        return quoted(path[-1])
    holder = next(str(step) for step in reversed(path) if isinstance(step, str))
    return f"An entry of {quoted(holder)}"


def _type_remedy(path: JsonPath, value: object) -> str:
    wanted = _wanted(path)
    if value is None:
        return "Leave the key out if there is nothing to write."
    if wanted == "a whole number":
        return "Write a number such as 90, without quotes; 100 is the voice's own rate."
    if wanted.startswith("a list"):
        return "Put a list in square brackets: [...]."
    return "Put an object in braces: {...}." if wanted.startswith("an object") else "Put text in double quotes."


def _out_of_range(path: JsonPath, value: object, context: Mapping[str, Any]) -> FormatProblem:
    message = f"{_named(path)} cannot be {quoted(value)}"
    return FormatProblem("out-of-range", path, message, f"Allowed is {MIN_RATE_PERCENT} to {MAX_RATE_PERCENT}.")


def _too_long(path: JsonPath, value: object, context: Mapping[str, Any]) -> FormatProblem:
    limit, length = context["max_length"], context.get("actual_length") or len(str(value))
    what = "characters" if isinstance(value, str) else "entries"
    message = f"{_named(path)} has {length:,} {what}; {limit:,} are possible"
    return FormatProblem("too-long", path, message, "Shorten or divide it.")


def _too_short(path: JsonPath, value: object, context: Mapping[str, Any]) -> FormatProblem:
    if path == ("sections",):
        return FormatProblem("no-sections", path, "The lesson has no sections", "Write at least one.")
    return FormatProblem("empty-list", path, f"{_named(path)} is empty", "Fill it, or leave the key out.")


def _no_such_value(path: JsonPath, value: object, context: Mapping[str, Any]) -> FormatProblem:
    choices = get_args(_CHOICES_OF_KEY.get(str(path[-1]), PresenterPlace))
    if not isinstance(value, str):
        return FormatProblem(
            "wrong-type", path, f"{_named(path)} must be text, not {json_kind(value)}", _one_of(choices)
        )
    close = nearest(value, choices)
    hint = f"Did you mean {quoted(close)}? " if close else ""
    return FormatProblem("unknown-value", path, f"{_named(path)} cannot be {quoted(value)}", hint + _one_of(choices))


_CHOICES_OF_KEY = {"layout": Layout, "reveal": Reveal, "picture_motion": PictureMotion}


def _one_of(choices: tuple[str, ...]) -> str:
    return f"Allowed is {one_of(choices)}."


_TRANSLATIONS = {
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "string_too_long": _too_long,
    "too_long": _too_long,
    "too_short": _too_short,
    "literal_error": _no_such_value,
}


# Rules between keys


def _settings_faults(lesson: Mapping[str, Any]) -> Iterator[FormatProblem]:
    settings = lesson.get("settings")
    if not isinstance(settings, dict):
        return
    for fault in setting_value_problems(settings):
        at_key = fault.code == "unknown-setting"
        yield FormatProblem(fault.code, ("settings", fault.name), fault.message, fault.remedy, at_key=at_key)
    for key, name in SETTING_OF_KEY.items():
        if key in lesson and name in settings:
            yield _given_twice(("settings", name), f"{quoted(name)} is also given by the lesson's {quoted(key)}")


def _given_twice(path: JsonPath, message: str) -> FormatProblem:
    return FormatProblem("given-twice", path, message, "Keep one of the two.", at_key=True)


def _section_faults(section: dict[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    yield from _narration_faults(section, path)
    yield from _recording_faults(section, path)
    yield from _layout_faults(section, path)
    yield from _table_faults(section.get("table"), (*path, "table"))
    yield from label_rule_problems(section, path)


def _section_warnings(section: dict[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    yield from _unknown_keys(section, WrittenSection, path)
    yield from _recording_warnings(section, path)
    for key, model in (("code", WrittenCode), ("table", WrittenTable)):
        if isinstance(section.get(key), dict):
            yield from _unknown_keys(section[key], model, (*path, key))
    labels = section.get("labels")
    for index, label in enumerate(labels if isinstance(labels, list) else []):
        if isinstance(label, dict):
            yield from _unknown_keys(label, WrittenLabel, (*path, "labels", index))


def _narration_faults(section: dict[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    given = [key for key in ("content", "narration") if key in section]
    if len(given) == 2:
        message = '"content" and "narration" are two names of the same thing'
        yield _given_twice((*path, "narration"), message)
    if given and "notes" in section:
        message = f'"notes" are there to write {quoted(given[0])} from, and it is written already'
        yield FormatProblem(
            "given-twice", (*path, "notes"), message, 'Keep one; for a note to yourself, use "$comment".'
        )
    if not given and "notes" not in section:
        remedy = 'Add "content": what the voice shall say; or "notes", to have it written.'
        yield FormatProblem("missing-key", path, "The section has nothing to say", remedy)
    for key in given[:1]:
        if isinstance(section[key], str) and len(section[key]) <= MAX_NARRATION:
            yield from _markup_faults(section[key], (*path, key))


def _recording_faults(section: dict[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    if "recording" in section and "notes" in section:
        message = "A recording needs the text that it says, and this section has only notes"
        remedy = 'Write in "content" what the recording says.'
        yield FormatProblem("recording-without-text", (*path, "recording"), message, remedy, at_key=True)


def _recording_warnings(section: dict[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    if "recording" in section and "rate" in section:
        message = "The rate has no effect on a recording, which keeps its own pace"
        yield FormatProblem(
            "recording-own-pace", (*path, "rate"), message, "Leave the rate out.", "warning", at_key=True
        )


def _markup_faults(narration: str, path: JsonPath) -> Iterator[FormatProblem]:
    for fault in markup_problems(narration):
        yield FormatProblem(fault.code, path, fault.message, fault.remedy, fault.severity, character=fault.offset)


_SHOWING_LAYOUTS = frozenset({"bullets", "equation", "code", "table", "picture", "diagram"})


def _layout_faults(section: dict[str, Any], path: JsonPath) -> Iterator[FormatProblem]:
    layout = section.get("layout")
    if isinstance(layout, str) and layout in _SHOWING_LAYOUTS and layout not in section:
        message = f"The layout {quoted(layout)} has nothing to show"
        yield FormatProblem(
            "layout-without-content", (*path, "layout"), message, f"Add {quoted(layout)} to the section."
        )


def _table_faults(table: object, path: JsonPath) -> Iterator[FormatProblem]:
    rows = table.get("rows") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(rows, list) or not rows:
        return
    first = table.get("header") or rows[0]
    width = len(first) if isinstance(first, list) else 0
    for index, row in enumerate(rows):
        if isinstance(row, list) and row and len(row) != width:
            message = f"The row should have {width} cells, not {len(row)}"
            yield FormatProblem(
                "uneven-table", (*path, "rows", index), message, 'Add or remove cells; "" is an empty one.'
            )


def _same_ids(sections: list[Any]) -> Iterator[FormatProblem]:
    """Ids that occur twice. Ids that differ only in case are the same, because they are names of files."""
    seen: dict[str, int] = {}
    for index, section in enumerate(sections):
        name = section.get("id") if isinstance(section, dict) else None
        if not isinstance(name, str) or not name:
            continue
        first = seen.setdefault(name.casefold(), index)
        if first != index:
            message = f"The id {quoted(name)} already names section {first + 1}"
            yield FormatProblem(
                "duplicate-id", ("sections", index, "id"), message, "Give each section an id of its own."
            )
