"""The JSON object in a text that a language model wrote around it: fences, thoughts, remarks.

Models are asked for JSON alone, and servers without schemas let them write what they like. An answer that holds the
object is as good as one that is nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_THOUGHTS_END = re.compile(r"^.*</(?:think|thinking|thought|reasoning|reflection)\s*>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"(?:```|~~~)[ \t]*[\w+-]*[ \t]*\r?\n?(.*?)(?:```|~~~|\Z)", re.DOTALL)
_OBJECT = re.compile(r"\{\s*[\"}]")
_MOST_PLACES = 50
"""Where an object may begin in a text that is not JSON."""


def find_json_object(text: str) -> str | None:
    """The JSON object in `text`, as JSON without anything around it; None if there is none.

    Thoughts are passed over, whatever they hold. Of several objects the longest is taken: the others are examples.
    """
    for candidate in _candidates(text):
        if (found := _as_object(candidate)) is not None:
            return found
    objects = [each for candidate in (_without_thoughts(text), text) for each in _objects_in(candidate)]
    return max(objects, key=len, default=None)


def shape_of(text: str) -> str:
    """What a text without a JSON object is, for a message."""
    if re.search(r"<think", text, re.IGNORECASE) and not _THOUGHTS_END.search(text):
        return "<think> that never ends"
    if "```" in text or "~~~" in text:
        return "a ``` fence without a whole JSON object in it"
    return "half of a JSON object" if text.lstrip().startswith("{") else "text that is not JSON"


def _candidates(text: str) -> Iterator[str]:
    without = _without_thoughts(text)
    yield text
    yield without
    for fence in _FENCE.finditer(without):
        yield fence[1]


def _without_thoughts(text: str) -> str:
    # The opening tag is part of the prompt of some models, so that only the closing one is in the answer.
    return _THOUGHTS_END.sub("", text)


def _as_object(text: str) -> str | None:
    stripped = text.strip().strip("\ufeff\0").strip()
    try:
        value = json.loads(stripped)
        # Some servers encode the model's JSON a second time.
        inner = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    if not isinstance(inner, dict):
        return None
    return stripped if isinstance(value, dict) else str(value)


def _objects_in(text: str) -> Iterator[str]:
    decoder, done = json.JSONDecoder(), 0
    for number, place in enumerate(_OBJECT.finditer(text)):
        if number == _MOST_PLACES:
            return
        if place.start() < done:
            continue
        try:
            _, done = decoder.raw_decode(text, place.start())
        except (ValueError, RecursionError):
            continue
        yield text[place.start() : done]
