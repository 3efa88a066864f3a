"""Redacts the keys of a provider in its messages and answers, in all common encodings.

A pattern such as `sk-…` finds only some keys. The client knows its keys, so it can search for exactly these. Text and
key are normalised first: escapes of URLs, JSON, HTML and programming languages are decoded; white space, `=` and
invisible characters are removed; letters become lower-case. The normalised text is searched for the key itself, for
base64 of any text that contains it (`Bearer KEY`, `user:KEY`), and for its hexadecimal digits.

Does not belong here: other redactions (`untrusted_responses.py`).
"""

from __future__ import annotations

import base64
import html
import json
import re
import string
import urllib.parse
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

_PLACEHOLDER = "…"
_SHORTEST = 4
"""Minimum length of a key in characters. A shorter one is no secret, and would match inside many words."""
_SHORTEST_WITHIN_WORDS = 8
"""A shorter key matches only as a whole word: `test` in `latest` is no key."""
_SHORTEST_IN_ANSWERS = 12
"""Minimum length for a search in answers. Local servers have keys such as `ollama`, which an answer may contain."""
_NORMALISED_MAX_BYTES = 256_000
_MOST_ROUNDS = 4
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/-_=%")
_ESCAPE = re.compile(
    r"""
      [=\s]+ | \\+[nrt] | %(?:25)*0[ad] | &(?:amp;)*\#(?:1[03]|x0?[ad]);                   # left out
    | [\x00\u00ad\u200b-\u200f\u2060\ufeff]+                                              # left out
    | %(?:25)*(?P<url>[0-9a-f]{2})
    | \\+(?:u00|x)(?P<escape>[0-9a-f]{2})
    | &(?:amp;)*\#(?P<number>0*[0-9]{1,3});
    | &(?:amp;)*\#x(?P<digits>0*[0-9a-f]{1,2});
    | &(?P<name>[a-z]{2,16});
    | \\+(?P<quoted>[^nrtux\s])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)
"""A tag in normalised text. A page may break a key with tags, or have it inside one: both forms are searched."""
_ONE_SPELLING = str.maketrans(string.ascii_uppercase + "-_", string.ascii_lowercase + "+/")
"""Maps to lower case and to one of the two alphabets of base64. The extra matches do no harm."""


class Keys:
    """The keys of one provider, or none."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._keys = tuple(dict.fromkeys(key for key in keys if len(key) >= _SHORTEST))

    def redact(self, text: str) -> str:
        """`text` with an ellipsis for each key, in any encoding. A base64 run that contains a key is replaced whole."""
        kept: list[str] = []
        done = 0
        for start, end in sorted(self._places(text)):
            if end > done:
                kept += [text[done : max(done, start)], _PLACEHOLDER]
                done = end
        return "".join([*kept, text[done:]])

    def occur_in(self, data: bytes | bytearray) -> bool:
        """Whether `data`, an answer, contains a key of at least 12 characters."""
        long = Keys(key for key in self._keys if len(key) >= _SHORTEST_IN_ANSWERS)
        if len(data) <= _NORMALISED_MAX_BYTES and long._keys:
            return next(long._places(data.decode("utf-8", "replace")), None) is not None
        return any(spelling in data for key in long._keys for spelling in _encodings(key))

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of each key in `text`, in no order."""
        if not self._keys:
            return
        plain = _NormalisedText(text)
        for wanted, encoded, short in self._patterns:
            for start, end in plain.places(wanted):
                if encoded:
                    yield _whole_run(text, start, end)
                elif not short or not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
                    yield start, end

    @cached_property
    def _patterns(self) -> tuple[tuple[str, bool, bool], ...]:
        """What to search for: normalised text, whether it is part of a base64 run, and whether it is a short key."""
        found: list[tuple[str, bool, bool]] = []
        for key in self._keys:
            short = len(key) < _SHORTEST_WITHIN_WORDS
            as_it_is = key.translate(_ONE_SPELLING)
            found += [(form, False, short) for form in {_NormalisedText(key).text or as_it_is, as_it_is}]
            if not short:
                found.append((key.encode().hex(), False, False))
                found += [(_NormalisedText(core).text, True, False) for core in _base64_cores(key)]
        return tuple(found)


class _NormalisedText:
    """Normalised text, with the offsets of its parts in the original."""

    def __init__(self, text: str) -> None:
        layers: list[_Unescaped] = []
        self._readings = [(text.translate(_ONE_SPELLING), layers[:])]
        """The text after each round of decoding, and the rounds. Two neighbours may look like one more escape, and a
        key beside them would become a part of it. So every round is searched, not only the last.
        """
        # Nested escapes are decoded in several rounds.
        for _ in range(_MOST_ROUNDS):
            layer = _Unescaped(text)
            if layer.text == text:
                break
            layers.append(layer)
            text = layer.text
            self._readings.append((text.translate(_ONE_SPELLING), layers[:]))
        self.text = text.translate(_ONE_SPELLING)
        untagged = _Unescaped(self.text, _TAG, lambda _tag: "")
        if untagged.text != self.text:
            self._readings.append((untagged.text, [*layers, untagged]))

    def places(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Where `wanted` (in plain form) is in the text as it was."""
        for text, layers in self._readings:
            yield from _places_in(text, layers, wanted)


def _places_in(text: str, layers: Sequence[_Unescaped], wanted: str) -> Iterator[tuple[int, int]]:
    at = text.find(wanted)
    while at >= 0:
        start, end = at, at + len(wanted)
        for layer in reversed(layers):
            start, end = layer.origin(start), layer.origin(end - 1, end=True)
        yield start, end
        at = text.find(wanted, at + 1)


class _Unescaped:
    """Text with one round of escapes undone, and white space left out; or without something else that is `spelt`."""

    def __init__(
        self, text: str, spelt: re.Pattern[str] = _ESCAPE, meant: Callable[[re.Match[str]], str] | None = None
    ) -> None:
        meant = meant or _decoded_character
        pieces: list[str] = []
        self._starts: list[int] = []
        """Offset of each piece in the result. `_origins` has its offset in the input."""
        self._origins: list[int] = []
        length = done = 0
        for found in spelt.finditer(text):
            for piece, origin in ((text[done : found.start()], done), (meant(found), found.start())):
                if piece:
                    pieces.append(piece)
                    self._starts.append(length)
                    self._origins.append(origin)
                    length += len(piece)
            done = found.end()
        pieces.append(text[done:])
        self._starts.append(length)
        self._origins.append(done)
        self.text = "".join(pieces)

    def origin(self, at: int, *, end: bool = False) -> int:
        """The offset in the input at which the character `at` of the result begins; with `end`, at which it ends."""
        piece = bisect_right(self._starts, at) - 1
        last = piece + 1 == len(self._starts)
        if end and not last and at + 1 == self._starts[piece + 1]:
            return self._origins[piece + 1]
        return self._origins[piece] + at - self._starts[piece] + int(end)


def _decoded_character(found: re.Match[str]) -> str:
    """The character that an escape encodes; empty for white space."""
    if code := found["url"] or found["escape"] or found["digits"]:
        return chr(int(code, 16))
    if found["number"]:
        return chr(int(found["number"]))
    if found["name"]:
        return _named(found[0])
    return found["quoted"] or ""


def _named(entity: str) -> str:
    """The character that HTML calls by a name, which some write in capitals; an unknown name means itself."""
    meant = html.unescape(entity)
    return meant if meant != entity else html.unescape(entity.lower()) if entity.isupper() else entity


def _base64_cores(key: str) -> Iterator[str]:
    """The key in base64 behind 0, 1 and 2 other bytes, without the characters that these or later bytes shape."""
    for before, first in ((0, 0), (1, 2), (2, 3)):
        data = bytes(before) + key.encode()
        yield base64.b64encode(data).decode()[first : len(data) * 8 // 6]


def _whole_run(text: str, start: int, end: int) -> tuple[int, int]:
    """The base64 run around `start` and `end`."""
    while start > 0 and text[start - 1] in _BASE64:
        start -= 1
    while end < len(text) and text[end] in _BASE64:
        end += 1
    return start, end


def _encodings(key: str) -> Iterator[bytes]:
    """The common encodings of the key, for a fast search in long answers."""
    escaped = json.dumps(key)[1:-1]
    texts = {key, urllib.parse.quote(key, safe=""), html.escape(key), escaped, escaped.replace("/", "\\/")}
    texts |= {spelling for core in _base64_cores(key) for spelling in (core, core.replace("+", "-").replace("/", "_"))}
    texts |= {key.encode().hex(), key.encode().hex().upper()}
    return (text.encode() for text in texts)
