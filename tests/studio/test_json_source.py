"""JSON with places: every kind of broken text is told once, at its place, with what to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.work import calls, hang_guard
from video_assets.studio.lesson.json_source.parser import MAX_FAULTS
from video_assets.studio.lesson.json_source.reading import read_json
from video_assets.studio.lesson.json_source.source import Value, pointer


def told(text: str | bytes) -> list[tuple[str, int, int, str]]:
    source = read_json(text.encode() if isinstance(text, str) else text)
    places = [source.place(fault.offset) for fault in source.faults]
    return [
        (fault.code, at.line, at.column, pointer(fault.path)) for fault, at in zip(source.faults, places, strict=True)
    ]


BROKEN: list[tuple[str, str | bytes, str, int, int, str]] = [
    ("nothing", "", "empty-file", 1, 1, ""),
    ("only spaces", " \n ", "empty-file", 1, 1, ""),
    ("cut off", '{"a": [1, 2', "unexpected-end", 1, 12, "/a"),
    ("trailing comma in a list", '{"a": [1,\n2,]}', "trailing-comma", 2, 2, "/a"),
    ("trailing comma in an object", '{"a": 1,}', "trailing-comma", 1, 8, ""),
    ("double comma", '{"a": [1,,2]}', "extra-comma", 1, 10, "/a"),
    ("leading comma", "[,1]", "extra-comma", 1, 2, ""),
    ("missing comma", '{"a": 1\n "b": 2}', "missing-comma", 2, 2, ""),
    ("missing colon", '{"a" 1}', "missing-colon", 1, 6, "/a"),
    ("equals sign", '{"a" = 1}', "missing-colon", 1, 6, "/a"),
    ("key without value", '{"a"}', "missing-value", 1, 5, "/a"),
    ("wrong bracket", '{"a": [1}', "wrong-bracket", 1, 9, "/a"),
    ("line comment", '{"a": 1 // one\n}', "comment", 1, 9, ""),
    ("hash comment", '# one\n{"a": 1}', "comment", 1, 1, ""),
    ("block comment", '{/* one\n */"a": 1}', "comment", 1, 2, ""),
    ("single quotes", "{\"a\": 'it's'}", "single-quotes", 1, 7, "/a"),
    ("curly quotes", '{"a": “one”}', "curly-quotes", 1, 7, "/a"),
    ("quote inside text", '{"a": "say "hi" now"}', "quote-in-text", 1, 13, ""),
    ("unclosed text", '{"a": "one,\n "b": 2}', "unclosed-text", 1, 7, "/a"),
    ("text over two lines", '{"a": "one\ntwo"}', "line-break-in-text", 1, 11, "/a"),
    ("unquoted key", "{a: 1}", "unquoted-key", 1, 2, ""),
    ("number as key", "{1: 1}", "expected-key", 1, 2, ""),
    ("unquoted text", '{"a": hello}', "unquoted-text", 1, 7, "/a"),
    ("duplicate key", '{"a": 1,\n "a": 2}', "duplicate-key", 2, 2, "/a"),
    ("NaN", '{"a": NaN}', "not-a-number", 1, 7, "/a"),
    ("minus infinity", '{"a": -Infinity}', "not-a-number", 1, 7, "/a"),
    ("Python's True", '{"a": True}', "wrong-word", 1, 7, "/a"),
    ("undefined", '{"a": undefined}', "wrong-word", 1, 7, "/a"),
    ("leading zero", '{"a": 012}', "invalid-number", 1, 7, "/a"),
    ("number with a unit", '{"a": 12px}', "invalid-number", 1, 7, "/a"),
    ("huge integer", '{"a": ' + "9" * 5000 + "}", "number-too-large", 1, 7, "/a"),
    ("float beyond infinity", '{"a": 1e999}', "number-too-large", 1, 7, "/a"),
    ("deep nesting", "[" * 100_000, "nested-too-deep", 1, 41, "/0" * 40),
    ("text after the end", '{"a": 1}}', "text-after-end", 1, 9, ""),
    ("byte order mark", b'\xef\xbb\xbf{"a": 1}', "byte-order-mark", 1, 1, ""),
    ("UTF-16 with mark", '{"a": 1}'.encode("utf-16"), "not-utf8", 1, 1, ""),
    ("UTF-16 without mark", '{"a": 1}'.encode("utf-16-be"), "not-utf8", 1, 1, ""),
    ("UTF-32", '{"a": 1}'.encode("utf-32"), "not-utf8", 1, 1, ""),
    ("Windows encoding", '{"a":\n "ä"}'.encode("cp1252"), "not-utf8", 2, 3, ""),
    ("raw lone surrogate", b'{"a": "\xed\xa0\x80"}', "lone-surrogate", 1, 8, ""),
    ("escaped lone surrogate", '{"a": "x\\ud800y"}', "lone-surrogate", 1, 9, "/a"),
    ("halves in the wrong order", '{"a": "\\ude00"}', "lone-surrogate", 1, 8, "/a"),
    ("raw NUL", '{"a": "x\0"}', "control-character", 1, 9, "/a"),
    ("escaped NUL", '{"a": "x\\u0000"}', "control-character", 1, 9, "/a"),
    ("raw tab", '{"a": "x\ty"}', "control-character", 1, 9, "/a"),
    ("unknown escape", '{"a": "\\lambda"}', "unknown-escape", 1, 8, "/a"),
    ("single backslash", '{"a": "\\frac"}', "single-backslash", 1, 8, "/a"),
    ("no-break space", '{\u00a0"a": 1}', "odd-space", 1, 2, ""),
    ("lost letter", '{"a": "M\ufffdller"}', "replacement-character", 1, 9, "/a"),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(each[1], each[2:], id=each[0]) for each in BROKEN])
def test_each_kind_of_fault_is_told_once_at_its_place(text, expected):
    """An author who made one mistake would search the wrong line, or fight a cascade of errors that are none."""
    assert told(text) == [expected]


def test_faults_that_leave_no_doubt_are_told_together():
    """An author would repair one comma, check again, and find the next, ten times over."""
    text = "{'a': True, // one\n \"b\": [1 2,], \"b\": 'x'}"
    codes = [code for code, *_ in told(text)]
    assert codes == [
        "single-quotes",
        "wrong-word",
        "comment",
        "missing-comma",
        "trailing-comma",
        "single-quotes",
        "duplicate-key",
    ]


def as_python(value: Value) -> object:
    if isinstance(value.data, dict):
        return {key: as_python(member.value) for key, member in value.data.items()}
    return [as_python(item) for item in value.data] if isinstance(value.data, list) else value.data


CLEAN_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd\ufffe\uffff"))
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | CLEAN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CLEAN_TEXT, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON_VALUES, st.sampled_from([None, 1]), st.booleans())
def test_sound_json_reads_as_the_standard_library_reads_it(value, indent, ascii_only):
    """A teacher whose file is sound JSON would be told that it is not, or see other values in the film."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    source = read_json(text.encode())
    assert source.faults == ()
    assert source.root is not None
    assert as_python(source.root) == json.loads(text)


@settings(max_examples=200, deadline=None)
@given(CLEAN_TEXT, st.booleans())
def test_every_character_of_a_text_is_found_in_the_file(text, ascii_only):
    """A warning about a word would point into the middle of another as soon as the text has an escape before it."""
    written = json.dumps(text + '\n\t\\"', ensure_ascii=ascii_only)
    source = read_json(written.encode())
    assert source.root is not None
    for index, char in enumerate(text):
        offset = source.text_offset(source.root, index)
        rest = '"' + source.text[offset:]
        assert json.loads(rest).startswith(char)


def test_columns_count_characters_and_lines_all_three_endings():
    """An author on an old Mac or on Windows would be sent to the wrong line."""
    source = read_json('{"ä😀": 1,\r\n"b": 2,\r"c": 3,\n  x'.encode())
    assert source.place(source.text.index("1")) == (1, 8)
    assert source.place(source.text.index('"c"')) == (3, 1)
    assert source.place(source.text.index("x")) == (4, 3)


@pytest.mark.parametrize(
    ("begin", "repeated", "times"),
    [
        (b"[[],", b"[],", 2_600_000),
        (b"", b"'", 8_000_000),
        (b"", b'"\n', 4_000_000),
        (b"", b"/*", 4_000_000),
        (b"", b"#\n", 4_000_000),
        (b"", b" ", 8_000_000),
        (b"", b'{"a":1,', 1_000_000),
        (b"['", b"a' ", 2_600_000),
        (b'{"a":"', b"\\u0041", 1_300_000),
        (b"[", b"1 ", 4_000_000),
    ],
    ids=lambda value: value[:8].decode("ascii", "replace") if isinstance(value, bytes) else str(value),
)
def test_the_work_on_hostile_files_grows_with_their_length(begin: bytes, repeated: bytes, times: int) -> None:
    """Everyone in the queue behind a hostile file would wait for it.

    The second half is for regular expressions, whose work is not seen in calls: at full size, a quadratic one hangs.
    """
    short, long = (begin + repeated * (times // divisor) for divisor in (80, 40))
    read_json(short)
    assert calls(lambda: read_json(long)) <= 2.1 * calls(lambda: read_json(short)) + 100
    with hang_guard():
        source = read_json(begin + repeated * times)
    assert 1 <= len(source.faults) <= MAX_FAULTS + 1
