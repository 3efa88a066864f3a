"""The parser: a JSON text to values with places.

It continues after each fault whose meaning is clear (a trailing comma, a comment, curly quotes…), so that an author
sees all faults at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from video_assets.studio.core.messages import quoted

from .escapes import FORBIDDEN, StringDecoder
from .lines import Lines
from .source import Member, SyntaxProblem, Value

MAX_DEPTH = 40
MAX_VALUES = 200_000
"""A lesson of 2,000 sections has about 20,000 values. The limit bounds the time that a hostile file can take."""
MAX_FAULTS = 100
_MAX_NUMBER_LENGTH = 40


class _CannotGoOnError(Exception):
    """The rest of the text has no clear meaning."""


_PLAIN_TEXT = re.compile(rf'"([^"\\{FORBIDDEN}]*+)"')
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMENT = re.compile(r"(?://|#)[^\n\r]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_ODD_SPACE = re.compile(r"[\s\ufeff\u200b-\u200f\u2060]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"""[^\s,:=\[\]{}"'“”„‟«»]+""")
_KEY_WORD = re.compile(r"[^\W\d][\w.$-]*|\$\w+")

_DOUBLE = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# Other quotation marks are also apostrophes. Inside a text, only one before a delimiter ends the text.
_ENDS = r"(?=\s{0,200}(?:[,:}\]]|\Z))"
_SINGLE = re.compile(rf"['‘’`](?:[^'’`\\]++|\\.|['’`](?!{_ENDS}))*+['’`]", re.DOTALL)
_CURLY = re.compile(rf"""[“”„‟«»](?:[^“”‟"«»\\]++|\\.|[“”‟"«»](?!{_ENDS}))*+[“”‟"«»]""", re.DOTALL)
_QUOTES = {'"': _DOUBLE} | dict.fromkeys("'‘’`", _SINGLE) | dict.fromkeys("“”„‟«»", _CURLY)

_NOT_NUMBERS = {"nan", "infinity", "-infinity", "+infinity", "inf", "-inf", "+inf"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_FOREIGN_WORDS = {"none": "null", "nil": "null", "undefined": "null", "yes": "true", "no": "false"}


_SKIPPED_STARTS = frozenset({"/", "#", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f"})
_ENTRY_STARTS = frozenset({"{", "[", "-", *"0123456789", *_QUOTES})
_NO_VALUE = frozenset({",", "}", "]", ":", ""})
_PUNCTUATE = "Put a comma between entries, and text in double quotes."
_KEYED = 'Write "key": value.'
_VALUED = "Text goes in double quotes; other values are numbers, true, false, lists and objects."
_NUMBERED = "Write it like 12 or 0.5: no leading zeros or plus, digits on both sides of the point, no units."


@dataclass
class JsonParser:
    """A recursive-descent parser. `_at` is the offset of the next character, `_path` the path of the current value."""

    text: str
    faults: list[SyntaxProblem] = field(default_factory=list)
    _at: int = 0
    _path: list[str | int] = field(default_factory=list)
    _count: int = 0

    def add_fault(self, code: str, offset: int, message: str, remedy: str, *, warning: bool = False) -> None:
        """Record a fault in the current value. Stops the parser if there are MAX_FAULTS."""
        severity = "warning" if warning else "error"
        self.faults.append(SyntaxProblem(code, offset, tuple(self._path), message, remedy, severity))
        if len(self.faults) >= MAX_FAULTS:
            self.faults.append(
                SyntaxProblem("more-problems", offset, (), "There are too many faults to list", "Repair these first.")
            )
            raise _CannotGoOnError

    def _stop(self, code: str, offset: int, message: str, remedy: str) -> NoReturn:
        self.add_fault(code, offset, message, remedy)
        raise _CannotGoOnError

    def document(self) -> Value | None:
        """The root value, or None if the text could not be read to its end."""
        try:
            self._skip()
            if self._at >= len(self.text):
                self._stop("empty-file", 0, "The file is empty", 'A lesson begins with {"sections": [...]}.')
            root = self._value()
            self._skip()
            if self._at < len(self.text):
                self._stop("text-after-end", self._at, *_after_end(self.text[self._at : self._at + 20]))
        except _CannotGoOnError:
            return None
        return root

    # Space and delimiters

    def _peek(self) -> str:
        return self.text[self._at : self._at + 1]

    def _skip(self) -> None:
        while True:
            match = _SPACE.match(self.text, self._at)
            assert match is not None, "the expression also matches nothing"
            self._at = match.end()
            if self._peek() not in _SKIPPED_STARTS and self._peek() < "\x7f":
                return
            odd = _COMMENT.match(self.text, self._at) or _ODD_SPACE.match(self.text, self._at)
            if odd is None:
                return
            self.add_fault(*_skipped(odd))
            self._at = odd.end()

    def _more(self, closer: str, *, first: bool, start: int) -> bool:
        """Whether there is another entry in the list or object that begins at `start`.

        Moves the position behind the comma, or behind `closer` if there is no other entry.
        """
        self._skip()
        if self._peek() == closer:
            self._at += 1
            return False
        if self._peek() == ",":
            return self._comma(closer, first=first, start=start)
        self._expect_entry(start)
        if not first:
            self._missing_comma()
        return True

    def _comma(self, closer: str, *, first: bool, start: int) -> bool:
        comma = self._at
        if first:
            self.add_fault("extra-comma", comma, "There is nothing before this comma", "Remove the comma.")
        self._at += 1
        self._skip()
        while self._peek() == ",":
            self.add_fault("extra-comma", self._at, "There is nothing between two commas", "Remove one of them.")
            self._at += 1
            self._skip()
        if self._peek() != closer:
            self._expect_entry(start)
            return True
        if not first:
            message = f"The comma before {closer} announces another entry, and none follows"
            self.add_fault("trailing-comma", comma, message, "Remove the comma after the last entry.")
        self._at += 1
        return False

    def _expect_entry(self, start: int) -> None:
        if self._peek() in {"]", "}", ""}:
            self._stop(*self._not_closed(start))

    def _not_closed(self, start: int) -> tuple[str, int, str, str]:
        opened, line = self.text[start], self._line(start)
        closer = "}" if opened == "{" else "]"
        if self._at >= len(self.text):
            message = f"The file ends before the {opened} of line {line} is closed"
            return "unexpected-end", len(self.text), message, f"Add the missing {closer}."
        message = f"Expected {closer} for the {opened} of line {line}, found {self._peek()}"
        return "wrong-bracket", self._at, message, f"Put {closer} here, or look for a bracket too many."

    def _line(self, offset: int) -> int:
        return Lines(self.text[:offset]).place(offset).line

    def _missing_comma(self) -> None:
        before = self.text[max(0, self._at - 200) : self._at].rstrip()
        if self._peek() not in _ENTRY_STARTS and before.endswith('"'):
            message = "The text ends at a quotation mark before this, but words follow"
            self._stop("quote-in-text", self._at, message, 'Write \\" for a quotation mark inside text.')
        if self._peek() not in _ENTRY_STARTS:
            found = quoted(self.text[self._at : self._at + 12], 12)
            self._stop("unexpected-text", self._at, f"Expected a comma or a closing bracket, found {found}", _PUNCTUATE)
        self.add_fault(
            "missing-comma", self._at, "A comma is missing before this entry", "Add a comma between the two."
        )

    # Values

    def _value(self) -> Value:
        self._count += 1
        if self._count > MAX_VALUES:
            message = f"The file has more than {MAX_VALUES:,} values"
            self._stop("too-many-values", self._at, message, "Divide the lesson into several files.")
        char = self._peek()
        if char in _QUOTES:
            return self._string()
        if char == "{":
            return self._nested(self._object)
        return self._nested(self._array) if char == "[" else self._bare()

    def _nested(self, read: Callable[[], Value]) -> Value:
        if len(self._path) >= MAX_DEPTH:
            message = f"Lists and objects are nested more than {MAX_DEPTH} deep"
            self._stop("nested-too-deep", self._at, message, "A lesson needs six levels; look for a stray bracket.")
        return read()

    def _array(self) -> Value:
        start = self._at
        items: list[Value] = []
        self._at += 1
        while self._more("]", first=not items, start=start):
            self._path.append(len(items))
            items.append(self._value())
            self._path.pop()
        return Value(start, self._at, items)

    def _object(self) -> Value:
        start = self._at
        members: dict[str, Member] = {}
        first = True
        self._at += 1
        while self._more("}", first=first, start=start):
            self._member(members)
            first = False
        return Value(start, self._at, members)

    def _member(self, members: dict[str, Member]) -> None:
        key_start = self._at
        key = self._key()
        self._path.append(key)
        self._colon(key)
        value = self._value()
        if key in members:
            message = f"The key {quoted(key)} was given before, on line {self._line(members[key].key_start)}"
            self.add_fault("duplicate-key", key_start, message, "Keep one of the two.")
        members.setdefault(key, Member(key_start, value))
        self._path.pop()

    def _key(self) -> str:
        if self._peek() in _QUOTES:
            return str(self._string().data)
        match = _KEY_WORD.match(self.text, self._at)
        if match is None:
            found = quoted(self.text[self._at : self._at + 12], 12)
            self._stop("expected-key", self._at, f"Expected a key in double quotes, found {found}", _KEYED)
        self.add_fault(
            "unquoted-key", self._at, f"The key {quoted(match[0])} is not in quotes", "Put it in double quotes."
        )
        self._at = match.end()
        return match[0]

    def _colon(self, key: str) -> None:
        self._skip()
        if self._peek() == ":":
            self._at += 1
        elif self._peek() not in _NO_VALUE:
            message = f"Expected a colon after the key {quoted(key)}"
            self.add_fault("missing-colon", self._at, message, 'Write "key": value.')
            if self._peek() == "=":
                self._at += 1
        self._skip()
        if self._peek() in _NO_VALUE:
            self._stop("missing-value", self._at, f"The key {quoted(key)} has no value", 'Write "key": value.')

    def _bare(self) -> Value:
        match = _WORD.match(self.text, self._at)
        if match is None:
            found = quoted(self._peek())
            self._stop("expected-value", self._at, f"Expected a value, found {found}", _VALUED)
        start, self._at = self._at, match.end()
        return Value(start, self._at, self._word_value(match[0], start))

    def _word_value(self, word: str, start: int) -> bool | int | float | None:
        if word in _WORDS:
            return _WORDS[word]
        if _NUMBER.fullmatch(word):
            return self._number(word, start)
        low = word.lower()
        if low in _NOT_NUMBERS:
            self.add_fault(
                "not-a-number", start, f"{quoted(word)} is not a JSON number", "Write a number, or leave the key out."
            )
        elif low in _WORDS or low in _FOREIGN_WORDS:
            meant = _FOREIGN_WORDS.get(low, low)
            self.add_fault(
                "wrong-word", start, f"{quoted(word)} is not a JSON word", f"Write {meant}, in small letters."
            )
        elif re.match(r"[-+.]?[0-9]", word):
            self.add_fault("invalid-number", start, f"{quoted(word)} is not a JSON number", _NUMBERED)
        else:
            self._stop("unquoted-text", start, f"Expected a value, found {quoted(word)}", _VALUED)
        return None

    def _number(self, word: str, start: int) -> int | float | None:
        match = _NUMBER.fullmatch(word)
        whole = match is not None and not match[1] and not match[2]
        if len(word) <= _MAX_NUMBER_LENGTH:
            number = int(word) if whole else float(word)
            if math.isfinite(number):
                return number
        self.add_fault("number-too-large", start, f"The number {quoted(word)} is too large", "Write a smaller number.")
        return None

    # Text

    def _string(self) -> Value:
        start = self._at
        plain = _PLAIN_TEXT.match(self.text, start)
        if plain is not None:
            self._at = plain.end()
            return Value(start, self._at, plain[1])
        quote = self.text[start]
        match = _QUOTES[quote].match(self.text, start)
        if match is None or (quote == '"' and self._runs_on(match)):
            message = "The text that starts here has no closing quotation mark"
            self._stop("unclosed-text", start, message, 'Close it with ", and write \\" for a quotation mark inside.')
        if quote != '"':
            name = "single" if _QUOTES[quote] is _SINGLE else "curly"
            self.add_fault(
                f"{name}-quotes", start, f"The text is in {name} quotation marks", 'Use straight ones: "text".'
            )
        self._at = match.end()
        written = self.text[start + 1 : match.end() - 1]
        return Value(start, self._at, StringDecoder(self.add_fault).decode(written, start + 1))

    def _runs_on(self, match: re.Match[str]) -> bool:
        """Whether a match over several lines ends at the opening quotation mark of another text."""
        if "\n" not in match[0] and "\r" not in match[0]:
            return False
        return re.compile(_ENDS).match(self.text, match.end()) is None


def _after_end(rest: str) -> tuple[str, str]:
    message = f"The lesson ends before this, but {quoted(rest, 20)} follows"
    return message, "Remove what follows, or look for a closing bracket too many before it."


def _skipped(match: re.Match[str]) -> tuple[str, int, str, str]:
    if match[0][0] in "/#":
        return "comment", match.start(), "JSON has no comments", 'Move the note into a "$comment" key, or remove it.'
    message = f"An invisible character (U+{ord(match[0]):04X}) stands here"
    return "odd-space", match.start(), message, "Remove it, or replace it by an ordinary space."
