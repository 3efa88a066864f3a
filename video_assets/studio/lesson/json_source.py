"""JSON that an author wrote by hand: its values, where each of them stands in the file, and everything wrong with it.

The standard library's reader stops at the first fault, forgets where values stood, and lets duplicate keys, NaN and
half characters pass. This one goes on after each fault that leaves no doubt about what was meant (a trailing comma, a
comment, curly quotes...), so that an author sees all faults at once. A text with faults is never taken: reading on
only serves the messages. Belongs here: bytes to values with places. Does not belong here: what a lesson may contain.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from video_assets.studio.core.messages import quoted

MAX_DEPTH = 40
MAX_VALUES = 200_000
"""A lesson of 2,000 sections has about 20,000 values; the limit keeps hostile files from taking seconds."""
MAX_FAULTS = 100
_MAX_NUMBER_LENGTH = 40

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root to a value."""


class SyntaxProblem(NamedTuple):
    """One thing wrong with the text at a character offset."""

    code: str
    offset: int
    path: Path
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"


class Value(NamedTuple):
    """A value and its place: the characters [start, end) of the text."""

    start: int
    end: int
    data: bool | int | float | str | list[Value] | dict[str, Member] | None


class Member(NamedTuple):
    """A value of an object, and where its key starts."""

    key_start: int
    value: Value


class Place(NamedTuple):
    """Line and column, both from 1; columns count characters (Unicode code points)."""

    line: int
    column: int


class Lines:
    """The lines of a text, which end in CR, LF or both.

    Counted once for each block of the text, so that a file of eight million lines takes no longer than one of a few.
    """

    _BLOCK = 1 << 16

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0]
        self._before = [Place(1, 0)]
        """The line in which each block begins, and where that line begins (as the column)."""
        while self._starts[-1] + self._BLOCK < len(text):
            start = self._starts[-1] + self._BLOCK
            start += text.startswith("\r\n", start - 1)  # never between the two
            self._before.append(self._line_at(start))
            self._starts.append(start)

    def place(self, offset: int) -> Place:
        """Line and column of the character at `offset`."""
        # The second half of CR LF still belongs to its line.
        halved = offset > 0 and self._text.startswith("\r\n", offset - 1)
        line, start = self._line_at(offset - halved)
        return Place(line, offset - start + 1)

    def _line_at(self, offset: int) -> Place:
        block = bisect_right(self._starts, offset) - 1
        start = self._starts[block]
        line, line_start = self._before[block]
        ends = [self._text.count(end, start, offset) for end in ("\n", "\r", "\r\n")]
        last = max(self._text.rfind("\n", start, offset), self._text.rfind("\r", start, offset))
        return Place(line + ends[0] + ends[1] - ends[2], last + 1 if last >= 0 else line_start)


@dataclass(frozen=True)
class JsonSource:
    """A JSON text, its root value (None when the text could not be read to its end) and its faults."""

    text: str
    root: Value | None
    faults: tuple[SyntaxProblem, ...]

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def place(self, offset: int) -> Place:
        """Where the character at `offset` stands."""
        return self._lines.place(offset)

    def find(self, path: Path) -> tuple[Path, Value]:
        """The value at `path`, or the innermost that exists on the way there, with its own path."""
        assert self.root is not None, "only a text that was read has values"
        value = self.root
        for depth, step in enumerate(path):
            inner = _inner(value, step)
            if inner is None:
                return path[:depth], value
            value = inner
        return path, value

    def key_offset(self, path: Path) -> int:
        """Offset of the key that names the value at `path`; of the value itself in a list."""
        holder = self.find(path[:-1])[1].data
        if isinstance(holder, dict) and path[-1] in holder:
            return holder[str(path[-1])].key_start
        return self.find(path)[1].start

    def text_offset(self, value: Value, index: int) -> int:
        """Offset of the character in the file that became character `index` of the text `value`."""
        at, read = value.start + 1, 0
        for match in _SPECIAL.finditer(self.text, at, value.end - 1):
            plain = match.start() - at
            if read + plain >= index:
                break
            at, read = match.end(), read + plain + 1
        return min(at + index - read, value.end - 1)


def _inner(value: Value, step: str | int) -> Value | None:
    if isinstance(value.data, dict) and step in value.data:
        return value.data[str(step)].value
    if isinstance(value.data, list) and isinstance(step, int) and step < len(value.data):
        return value.data[step]
    return None


def pointer(path: Path) -> str:
    """`path` as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def read_json(data: bytes) -> JsonSource:
    """The JSON text in `data`. Never raises: whatever is wrong is in `faults`, in the order it was met."""
    foreign = _foreign_encoding(data)
    if foreign:
        remedy = 'Save the file with the encoding "UTF-8".'
        fault = SyntaxProblem("not-utf8", 0, (), f"The file is encoded as {foreign}, not as UTF-8", remedy)
        return JsonSource("", None, (fault,))
    marked = data.startswith(b"\xef\xbb\xbf")
    body = data[3:] if marked else data
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(body, error)
    parser = _Parser(text)
    if marked:
        parser.fault("byte-order-mark", 0, *_MARKED)
    root = parser.document()
    return JsonSource(text, root, tuple(parser.faults))


_MARKED = (
    "The file begins with a byte order mark, an invisible character that JSON does not allow",
    'Save the file as "UTF-8" instead of "UTF-8 with BOM".',
)


def _foreign_encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    zeros = [byte == 0 for byte in data[:4]]
    if zeros in ([True, True, True, False], [False, True, True, True]):
        return "UTF-32"
    return "UTF-16" if zeros in ([True, False, True, False], [False, True, False, True]) else ""


def _undecodable(body: bytes, error: UnicodeDecodeError) -> JsonSource:
    text = body[: error.start].decode("utf-8")
    wrong = body[error.start : error.start + 3]
    if wrong[0] == 0xED and len(wrong) > 1 and 0xA0 <= wrong[1] <= 0xBF:
        message = "Half of a character (a lone surrogate) stands here"
        fault = SyntaxProblem("lone-surrogate", len(text), (), message, "Type the character again and save as UTF-8.")
    else:
        guess = wrong[:1].decode("cp1252", "replace")
        message = f"The byte 0x{wrong[0]:02X} is not UTF-8 (in the old Windows encoding it would be {quoted(guess)})"
        fault = SyntaxProblem("not-utf8", len(text), (), message, 'Save the file with the encoding "UTF-8".')
    return JsonSource(text, None, (fault,))


class _CannotGoOnError(Exception):
    """The rest of the text has no certain meaning."""


_FORBIDDEN = "\x00-\x1f\x7f-\x9f\ufffd-\uffff"
_PLAIN_TEXT = re.compile(rf'"([^"\\{_FORBIDDEN}]*+)"')
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMENT = re.compile(r"(?://|#)[^\n\r]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_ODD_SPACE = re.compile(r"[\s\ufeff\u200b-\u200f\u2060]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"""[^\s,:=\[\]{}"'“”„‟«»]+""")
_KEY_WORD = re.compile(r"[^\W\d][\w.$-]*|\$\w+")

_DOUBLE = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# Other quotes also stand inside text as apostrophes: there, only one before a delimiter ends the text.
_ENDS = r"(?=\s{0,200}(?:[,:}\]]|\Z))"
_SINGLE = re.compile(rf"['‘’`](?:[^'’`\\]++|\\.|['’`](?!{_ENDS}))*+['’`]", re.DOTALL)
_CURLY = re.compile(rf"""[“”„‟«»](?:[^“”‟"«»\\]++|\\.|[“”‟"«»](?!{_ENDS}))*+[“”‟"«»]""", re.DOTALL)
_QUOTES = {'"': _DOUBLE} | dict.fromkeys("'‘’`", _SINGLE) | dict.fromkeys("“”„‟«»", _CURLY)

# Every match is one character of the text that was meant.
_SPECIAL = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|\r\n|"
    rf"[{_FORBIDDEN}]",
    re.DOTALL,
)
_SPECIAL_PARTS = re.compile(rf"(\\[bf][^\W\d_]|{_SPECIAL.pattern})", re.DOTALL)
"""The same, to split by; of `\\b` and `\\f` with the letter that follows, which tells what they were meant for."""
_BEFORE_LETTERS = frozenset({"\\b", "\\f"})
_PARTS_AT_ONCE = 50_000
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NOT_NUMBERS = {"nan", "infinity", "-infinity", "+infinity", "inf", "-inf", "+inf"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_FOREIGN_WORDS = {"none": "null", "nil": "null", "undefined": "null", "yes": "true", "no": "false"}


@dataclass
class _Parser:
    """Recursive descent. `_at` is the offset of the next character, `_path` leads to the value being read."""

    text: str
    faults: list[SyntaxProblem] = field(default_factory=list)
    _at: int = 0
    _path: list[str | int] = field(default_factory=list)
    _count: int = 0

    def fault(self, code: str, offset: int, message: str, remedy: str, *, warning: bool = False) -> None:
        """Note a fault and go on, unless there are too many already."""
        severity = "warning" if warning else "error"
        self.faults.append(SyntaxProblem(code, offset, tuple(self._path), message, remedy, severity))
        if len(self.faults) >= MAX_FAULTS:
            self.faults.append(
                SyntaxProblem("more-problems", offset, (), "There are too many faults to list", "Repair these first.")
            )
            raise _CannotGoOnError

    def _stop(self, code: str, offset: int, message: str, remedy: str) -> NoReturn:
        self.fault(code, offset, message, remedy)
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
            self.fault(*_skipped(odd))
            self._at = odd.end()

    def _more(self, closer: str, *, first: bool, start: int) -> bool:
        """Step over a comma to the next entry; False when the list or object ended (and was stepped over)."""
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
            self.fault("extra-comma", comma, "There is nothing before this comma", "Remove the comma.")
        self._at += 1
        self._skip()
        while self._peek() == ",":
            self.fault("extra-comma", self._at, "There is nothing between two commas", "Remove one of them.")
            self._at += 1
            self._skip()
        if self._peek() != closer:
            self._expect_entry(start)
            return True
        if not first:
            message = f"The comma before {closer} announces another entry, and none follows"
            self.fault("trailing-comma", comma, message, "Remove the comma after the last entry.")
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
        self.fault("missing-comma", self._at, "A comma is missing before this entry", "Add a comma between the two.")

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
            self.fault("duplicate-key", key_start, message, "Keep one of the two.")
        members.setdefault(key, Member(key_start, value))
        self._path.pop()

    def _key(self) -> str:
        if self._peek() in _QUOTES:
            return str(self._string().data)
        match = _KEY_WORD.match(self.text, self._at)
        if match is None:
            found = quoted(self.text[self._at : self._at + 12], 12)
            self._stop("expected-key", self._at, f"Expected a key in double quotes, found {found}", _KEYED)
        self.fault("unquoted-key", self._at, f"The key {quoted(match[0])} is not in quotes", "Put it in double quotes.")
        self._at = match.end()
        return match[0]

    def _colon(self, key: str) -> None:
        self._skip()
        if self._peek() == ":":
            self._at += 1
        elif self._peek() not in _NO_VALUE:
            message = f"Expected a colon after the key {quoted(key)}"
            self.fault("missing-colon", self._at, message, 'Write "key": value.')
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
            self.fault(
                "not-a-number", start, f"{quoted(word)} is no JSON number", "Write a number, or leave the key out."
            )
        elif low in _WORDS or low in _FOREIGN_WORDS:
            meant = _FOREIGN_WORDS.get(low, low)
            self.fault("wrong-word", start, f"{quoted(word)} is no JSON word", f"Write {meant}, in small letters.")
        elif re.match(r"[-+.]?[0-9]", word):
            self.fault("invalid-number", start, f"{quoted(word)} is no JSON number", _NUMBERED)
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
        self.fault("number-too-large", start, f"The number {quoted(word)} is too large", "Write a smaller number.")
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
            self.fault(f"{name}-quotes", start, f"The text is in {name} quotation marks", 'Use straight ones: "text".')
        self._at = match.end()
        return Value(start, self._at, self._decoded(start + 1, match.end() - 1))

    def _runs_on(self, match: re.Match[str]) -> bool:
        """Whether a text over several lines only ended at the next text's opening quotation mark."""
        if "\n" not in match[0] and "\r" not in match[0]:
            return False
        return re.compile(_ENDS).match(self.text, match.end()) is None

    def _decoded(self, start: int, end: int) -> str:
        """The text meant by the characters [start, end), with one fault of each kind of what is wrong in it.

        Each special sequence is judged once, however often it stands there: a file of 8 MB may hold four million.
        """
        decoded: list[str] = []
        told: set[str] = set()
        meant: dict[str, str] = {}
        rest = self.text[start:end]
        while True:
            # Plain text and special sequences in turn; the last one is what is left.
            *parts, rest = _SPECIAL_PARTS.split(rest, _PARTS_AT_ONCE)
            if not parts:
                return "".join([*decoded, rest])
            specials = parts[1::2]
            if not meant.keys() >= set(specials):
                self._judge(parts, start, told, meant)
            start += sum(map(len, parts))
            parts[1::2] = map(meant.__getitem__, specials)
            decoded.append("".join(parts))

    def _judge(self, parts: list[str], start: int, told: set[str], meant: dict[str, str]) -> None:
        """Note what each special sequence among `parts`, which begin at `start`, means and what is wrong with it."""
        unknown = set(parts[1::2]) - meant.keys()
        for plain, special in zip(parts[::2], parts[1::2], strict=True):
            start += len(plain)
            if special not in meant:
                written, following = (special[:2], special[2:]) if special[:2] in _BEFORE_LETTERS else (special, "")
                char, trouble = _meaning(written, following)
                if trouble is not None and trouble[0] not in told:
                    told.add(trouble[0])
                    self.fault(trouble[0], start, *trouble[1:], warning=trouble[0] == "replacement-character")
                meant[special] = (char if trouble is None else "\ufffd") + following
                unknown.discard(special)
                if not unknown:
                    return
            start += len(special)


_SKIPPED_STARTS = frozenset({"/", "#", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f"})
_ENTRY_STARTS = frozenset({"{", "[", "-", *"0123456789", *_QUOTES})
_NO_VALUE = frozenset({",", "}", "]", ":", ""})
_PUNCTUATE = "Put a comma between entries, and text in double quotes."
_KEYED = 'Write "key": value.'
_VALUED = "Text goes in double quotes; other values are numbers, true, false, lists and objects."
_NUMBERED = "Write it like 12 or 0.5: no leading zeros or plus, digits on both sides of the point, no units."

_Trouble: TypeAlias = tuple[str, str, str]


def _after_end(rest: str) -> tuple[str, str]:
    message = f"The lesson ended before this, but {quoted(rest, 20)} follows"
    return message, "Remove what follows, or look for a closing bracket too many before it."


def _skipped(match: re.Match[str]) -> tuple[str, int, str, str]:
    if match[0][0] in "/#":
        return "comment", match.start(), "JSON has no comments", 'Move the note into a "$comment" key, or remove it.'
    message = f"An invisible character (U+{ord(match[0]):04X}) stands here"
    return "odd-space", match.start(), message, "Remove it, or replace it by an ordinary space."


def _meaning(written: str, following: str) -> tuple[str, _Trouble | None]:
    """The one character that `written` (an escape, or a raw character) stands for, and what is wrong with it."""
    if written[0] != "\\":
        return written[0], _raw_trouble(written)
    if written[1] == "u" and len(written) > 2:
        halves = written.encode("ascii").decode("unicode_escape")
        char = halves.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return char, _escaped_trouble(char, written)
    if written[1] not in _ESCAPES:
        message = f"{quoted(written)} is no escape that JSON knows"
        return written[1], ("unknown-escape", message, "Write \\\\ for a backslash (LaTeX: \\\\lambda).")
    if written[1] in "bf":
        return _ESCAPES[written[1]], _backslash_trouble(written, following)
    return _ESCAPES[written[1]], None


def _backslash_trouble(written: str, following: str) -> _Trouble:
    if following.isalpha():
        message = f"{quoted(written + following)} is read as a control character, not as a LaTeX command"
        return "single-backslash", message, f"Write two backslashes: \\{written}{following}..."
    return "control-character", f"The control character {written} stands in the text", "Remove it."


def _escaped_trouble(char: str, written: str) -> _Trouble | None:
    if "\ud800" <= char <= "\udfff":
        message = f"{written} is half of a character (a lone surrogate)"
        return "lone-surrogate", message, "Type the character itself instead, or write both halves."
    if char == "\ufffd":
        return _raw_trouble(char)
    if re.match(rf"[{_FORBIDDEN}]", char) and char not in "\n\r\t":
        return "control-character", f"The control character {written} stands in the text", "Remove it."
    return None


def _raw_trouble(char: str) -> _Trouble:
    if char[0] in "\n\r":
        return (
            "line-break-in-text",
            "A text must not run over several lines",
            "Write \\n for a new line, or join the lines.",
        )
    if char == "\ufffd":
        message = "A replacement character (U+FFFD) stands here: a letter was lost when the text was converted"
        return "replacement-character", message, "Type the letter again."
    remedy = "Write \\t, or use spaces." if char == "\t" else "Remove it."
    return "control-character", f"A control character (U+{ord(char):04X}) stands in the text", remedy
