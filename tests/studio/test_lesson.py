"""Lessons: read, checked and explained, whatever the file contains."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.kit.work import calls, hang_guard
from video_assets.studio.core.errors import Problem
from video_assets.studio.core.settings import PROFILES, SETTING_NAMES, resolve
from video_assets.studio.lesson.format import lesson_schema, lesson_schema_text
from video_assets.studio.lesson.json_source.reading import read_json
from video_assets.studio.lesson.model import Code
from video_assets.studio.lesson.reader import (
    MAX_PROBLEMS,
    ReadLesson,
    problems_as_json,
    problems_as_text,
    read_lesson,
)
from video_assets.studio.lesson.starter import starter_lesson

CHECKOUT = Path(__file__).resolve().parents[2]
REWRITE = "write lesson.format.lesson_schema_text() to docs/lesson.schema.json"
SAMPLES = sorted((CHECKOUT / "data" / "lessons").glob("*.json"))
BARE = {
    "sections": [
        {"image_description": "A coil labelled 'L'.", "content": "Say V_DS (V_GS > V_T) — it is *½ λ²*."},
        {"image_description": "A coil labelled 'L'.", "content": "Again."},
        {"image_description": "", "content": "No picture."},
    ]
}


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def read(folder: Path, lesson: object, name: str = "ohms_law-basics.json") -> ReadLesson:
    data = lesson if isinstance(lesson, bytes) else json.dumps(lesson, ensure_ascii=False, indent=1).encode()
    (folder / name).write_bytes(data)
    return read_lesson(folder / name)


def told(found: ReadLesson) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in found.problems]


# Sound lessons


def test_the_bare_format_works_unchanged(tmp_path: Path):
    """A teacher with lessons in the old format would have to rewrite them."""
    found = read(tmp_path, BARE)
    assert found.problems == ()
    assert found.lesson is not None
    assert found.lesson.title == "Ohms law basics"
    first = found.lesson.sections[0]
    assert first.narration == "Say V_DS (V_GS > V_T) — it is *½ λ²*."
    assert (first.pointer, first.line) == ("/sections/0", 5)


def test_a_title_from_the_files_name_spells_acronyms_as_the_narration_does(tmp_path: Path):
    """A class would read "Cmos and mosfets" on the title card of a lesson about CMOS."""
    content = "Every CMOS gate pairs two *MOSFET*s. Dr. van Helmont saw it."
    found = read(tmp_path, {"sections": [{"content": content}]}, "cmos_mosfet_and_van.json")
    assert found.lesson is not None
    assert found.lesson.title == "CMOS MOSFET and van"


def test_everything_an_author_may_write_arrives(tmp_path: Path):
    """An author's table, picture or pronunciation would be missing in the film without a word."""
    (tmp_path / "p.png").write_bytes(picture())
    lesson = {
        "$schema": "x",
        "$comment": {"any": ["thing"]},
        "title": "T",
        "language": "EN-gb",
        "presenter": "ada",
        "voice": "v",
        "theme": "chalk",
        "place": "side",
        "rate": 90,
        "author": "A",
        "licence": "CC0",
        "credits": ["C"],
        "date": "2025-09-30",
        "description": "D",
        "logo": "p.png",
        "accent": "#AABBCC",
        "pronunciations": {"SQL": "sequel"},
        "settings": {"crf": 20},
        "sections": [
            {
                "id": "one",
                "title": "S",
                "narration": "Hello.",
                "alt": "B",
                "rate": 110,
                "layout": "table",
                "bullets": ["b"],
                "equation": "\\frac{1}{2}",
                "code": "x = 1",
                "table": {"header": ["h", "i"], "rows": [[2.50, "z"]]},
                "picture": "./p.png",
            }
        ],
    }
    found = read(tmp_path, lesson)
    assert found.problems == ()
    made = found.lesson
    assert made is not None
    assert made.logo is not None
    assert list(found.files.values()) == [picture()]
    assert (made.title, made.language, made.author, made.date, made.credits) == (
        "T",
        "en-GB",
        "A",
        "2025-09-30",
        ("C",),
    )
    section = made.sections[0]
    assert (section.id, section.title, section.narration, section.alt, section.rate_percent) == (
        "one",
        "S",
        "Hello.",
        "B",
        110,
    )
    assert section.show.code == Code(text="x = 1")
    assert section.show.picture is not None
    assert section.show.picture.digest == made.logo.digest
    film = resolve("standard", ("lesson file", made.settings))
    assert (film.presenter, film.presenter_place, film.voice, film.rate_percent) == ("ada", "side", "v", 90)
    assert (film.crf, film.accent, film.logo) == (20, "#aabbcc", "p.png")


def test_numbers_in_a_table_keep_the_form_the_author_gave_them(tmp_path: Path):
    """A price of 2.50 would be shown to the class as 2.5."""
    found = read(tmp_path, b'{"sections":[{"content":"x","table":{"rows":[[2.50, 1e3, "a"]]}}]}')
    assert found.lesson is not None
    table = found.lesson.sections[0].show.table
    assert table is not None
    assert table.rows == (("2.50", "1e3", "a"),)


def test_ids_stay_when_sections_are_inserted_moved_or_renarrated(tmp_path: Path):
    """Inserting one section would make all sections behind it anew, with every call paid again."""

    def ids(sections: list[dict[str, str]]) -> list[str]:
        found = read(tmp_path, {"sections": sections})
        assert found.lesson is not None
        return [section.id for section in found.lesson.sections]

    a, b, c = ({"image_description": text, "content": text} for text in ("A red coil", "A blue coil", "磁石"))
    before = ids([a, b, c])
    assert len(set(before)) == 3
    assert ids([c, {"content": "New"}, a, b])[:1] + ids([c, {"content": "New"}, a, b])[2:] == [before[2], *before[:2]]
    assert ids([{**a, "content": "Other words"}, b, c]) == before
    assert ids([a, a]) == [before[0], f"{before[0]}-2"]
    assert ids([a, {**b, "id": before[0]}]) == [f"{before[0]}-2", before[0]]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_are_sound(path):
    """The first thing a newcomer renders would fail."""
    assert read_lesson(path).problems == ()
    jsonschema.Draft202012Validator(lesson_schema()).validate(json.loads(path.read_text("utf-8")))


def test_the_starter_is_sound_and_small(tmp_path: Path):
    """A newcomer's first file would be refused by the program that wrote it."""
    text = starter_lesson('My "first" lesson', "../docs/lesson.schema.json")
    found = read(tmp_path, text.encode())
    assert found.problems == ()
    assert found.lesson is not None
    assert found.lesson.title == 'My "first" lesson'
    assert 3 <= len(found.lesson.sections) <= 4
    assert json.loads(text)["$schema"] == "../docs/lesson.schema.json"
    jsonschema.Draft202012Validator(lesson_schema()).validate(json.loads(text))


def test_the_schema_on_disk_is_current_and_sound():
    """An author's editor would underline keys that work, and complete keys that do not."""
    schema = lesson_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (CHECKOUT / "docs" / "lesson.schema.json").read_text("utf-8") == lesson_schema_text(), REWRITE
    for holder in (schema, schema["$defs"]["WrittenSection"], schema["$defs"]["Settings"]):
        for name, key in holder["properties"].items():
            assert key.get("description"), name


# Wrong lessons

OK = {"content": "x"}


def section(**keys: object) -> dict[str, object]:
    return {"sections": [{**OK, **keys}]}


WRONG: list[tuple[str, object, str, str]] = [
    ("a list", [], "wrong-type", ""),
    ("no sections", {}, "missing-key", ""),
    ("empty sections", {"sections": []}, "no-sections", "/sections"),
    ("sections no list", {"sections": {}}, "wrong-type", "/sections"),
    ("a section of text", {"sections": ["x"]}, "wrong-type", "/sections/0"),
    ("no narration", {"sections": [{}]}, "missing-key", "/sections/0"),
    ("empty narration", {"sections": [{"content": " "}]}, "empty-narration", "/sections/0/content"),
    ("only a pause", {"sections": [{"narration": "[pause]"}]}, "empty-narration", "/sections/0/narration"),
    ("both names", section(narration="y"), "given-twice", "/sections/0/narration"),
    ("narration no text", {"sections": [{"content": 3}]}, "wrong-type", "/sections/0/content"),
    ("long narration", {"sections": [{"content": "x" * 10_001}]}, "too-long", "/sections/0/content"),
    ("markup", {"sections": [{"content": "a [slow] b"}]}, "unclosed-markup", "/sections/0/content"),
    ("too many sections", {"sections": [OK] * 2001}, "too-many-sections", "/sections"),
    ("bad id", section(id="a b"), "bad-id", "/sections/0/id"),
    ("id of a path", section(id="../x"), "bad-id", "/sections/0/id"),
    ("same ids", {"sections": [{**OK, "id": "a"}, {**OK, "id": "A"}]}, "duplicate-id", "/sections/1/id"),
    ("bad language", {"language": "english", **section()}, "bad-language", "/language"),
    ("bad colour", {"accent": "red", **section()}, "bad-colour", "/accent"),
    ("bad date", {"date": "tomorrow", **section()}, "bad-date", "/date"),
    ("bad place", {"place": "cornr", **section()}, "unknown-value", "/place"),
    ("null", {"place": None, **section()}, "wrong-type", "/place"),
    ("rate as text", section(rate="90"), "wrong-type", "/sections/0/rate"),
    ("rate too fast", section(rate=300), "out-of-range", "/sections/0/rate"),
    ("unknown layout", section(layout="tabel"), "unknown-value", "/sections/0/layout"),
    ("layout without content", section(layout="table"), "layout-without-content", "/sections/0/layout"),
    ("line break in a title", section(title="a\nb"), "line-break", "/sections/0/title"),
    ("line separator in a title", section(title="a\u2028b"), "line-break", "/sections/0/title"),
    ("paragraph separator in a title", section(title="a\u2029b"), "line-break", "/sections/0/title"),
    ("line separator in a point", section(bullets=["a\u2028b"]), "line-break", "/sections/0/bullets/0"),
    ("empty title", section(title=" "), "empty-text", "/sections/0/title"),
    ("empty bullets", section(bullets=[]), "empty-list", "/sections/0/bullets"),
    ("many bullets", section(bullets=["x"] * 13), "too-long", "/sections/0/bullets"),
    ("a bullet no text", section(bullets=["x", 3]), "wrong-type", "/sections/0/bullets/1"),
    ("uneven table", section(table={"rows": [["a"], ["b", "c"]]}), "uneven-table", "/sections/0/table/rows/1"),
    ("table without rows", section(table={}), "missing-key", "/sections/0/table"),
    ("code without text", section(code={}), "missing-key", "/sections/0/code"),
    ("single backslash", section(equation="\theta"), "single-backslash", "/sections/0/equation"),
    ("dollars", section(equation="$x$"), "equation-delimiter", "/sections/0/equation"),
    ("unknown setting", {"settings": {"crff": 1}, **section()}, "unknown-setting", "/settings/crff"),
    ("bad setting", {"settings": {"crf": 99}, **section()}, "bad-setting", "/settings/crf"),
    ("unknown preset", {"settings": {"preset": "fst"}, **section()}, "unknown-value", "/settings/preset"),
    ("set twice", {"theme": "a", "settings": {"theme": "b"}, **section()}, "given-twice", "/settings/theme"),
    ("pronunciation", {"pronunciations": {"a": 1}, **section()}, "wrong-type", "/pronunciations/a"),
    ("picture missing", section(picture="none.png"), "missing-file", "/sections/0/picture"),
    ("picture outside", section(picture="../x.png"), "outside-folder", "/sections/0/picture"),
    ("picture is a URL", section(picture="http://x/y.png"), "picture-is-url", "/sections/0/picture"),
    ("picture no picture", section(picture="ohms_law-basics.json"), "picture-format", "/sections/0/picture"),
    ("logo outside", {"logo": "../x.png", **section()}, "outside-folder", "/logo"),
    ("logo setting outside", {"settings": {"logo": "/x.png"}, **section()}, "outside-folder", "/settings/logo"),
    ("lone surrogate", b'{"sections":[{"content":"\\ud800"}]}', "lone-surrogate", "/sections/0/content"),
    ("NaN", b'{"sections":[{"content":"x","rate":NaN}]}', "not-a-number", "/sections/0/rate"),
    ("huge number", b'{"sections":[{"content":"x","rate":1e999}]}', "number-too-large", "/sections/0/rate"),
]


@pytest.mark.parametrize(("lesson", "code", "where"), [pytest.param(*each[1:], id=each[0]) for each in WRONG])
def test_each_mistake_is_told_once_with_place_and_remedy(tmp_path: Path, lesson, code, where):
    """An author would not learn what to change, or would be told three things about one mistake."""
    found = read(tmp_path, lesson)
    assert told(found) == [(code, where)]
    assert found.lesson is None
    problem = found.problems[0]
    assert problem.severity == "error"
    assert min(problem.line, problem.column) >= 1
    assert problem.message
    assert problem.remedy.endswith((".", "?"))


@pytest.mark.parametrize(
    ("lesson", "where", "remedy"),
    [
        ({"titel": "x", **section()}, "/titel", 'Did you mean "title"?'),
        (section(licens="x"), "/sections/0/licens", 'It is ignored. For a note, use "$comment".'),
        (section(image_desciption="x"), "/sections/0/image_desciption", 'Did you mean "image_description"?'),
        (section(table={"rows": [["a"]], "heder": ["a"]}), "/sections/0/table/heder", 'Did you mean "header"?'),
    ],
)
def test_unknown_keys_are_warnings_with_the_nearest_name(tmp_path: Path, lesson, where, remedy):
    """A misspelt key would be ignored silently, or a key of a later version would make the lesson unusable."""
    found = read(tmp_path, lesson)
    assert found.lesson is not None
    assert [(each.code, each.severity, each.pointer, each.remedy) for each in found.problems] == [
        ("unknown-key", "warning", where, remedy)
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path):
    """An author would repair one mistake, run again, and find the next."""
    text = '{"theme": 3,\n "sections": [{"content": "",},\n {"content": "a [pause xyz]", "id": "?"}]}'
    found = read(tmp_path, text.encode())
    assert [(each.code, each.line, each.column) for each in found.problems] == [
        ("wrong-type", 1, 11),
        ("empty-narration", 2, 27),
        ("trailing-comma", 2, 29),
        ("unknown-markup", 3, 17),
        ("bad-id", 3, 37),
    ]


def test_errors_are_not_hidden_behind_warnings(tmp_path: Path):
    """A lesson with a hundred harmless notes would be refused without a reason."""
    found = read(tmp_path, {**{f"k{index}": 1 for index in range(3000)}, "sections": [{"content": ""}]})
    assert len(found.problems) == MAX_PROBLEMS + 1
    assert [each.code for each in found.problems if each.severity == "error"] == ["empty-narration"]
    assert found.problems[-1].code == "more-problems"


def test_ten_thousand_sections_are_refused_without_being_read(tmp_path: Path):
    """A generated file would keep the machine busy before it is refused."""
    data = json.dumps({"sections": [{"image_description": "x" * 300, "content": "y " * 200}] * 10_001}).encode()
    assert told(read(tmp_path, data)) == [("too-many-sections", "/sections")]
    as_json = calls(lambda: read_json(data))
    assert calls(lambda: read(tmp_path, data)) <= as_json + 20 * 10_001, "to read a section takes hundreds of calls"


def test_two_thousand_sections_are_twice_the_work_of_one_thousand(tmp_path: Path):
    """A year's course in one file would not be possible."""

    def course(count: int) -> bytes:
        return json.dumps({"sections": [{"content": f"Number {index}. " * 100} for index in range(count)]}).encode()

    assert calls(lambda: read(tmp_path, course(2000))) <= 2.2 * calls(lambda: read(tmp_path, course(1000))) + 1000
    with hang_guard():
        found = read(tmp_path, course(2000))
    assert found.lesson is not None
    assert len({each.id for each in found.lesson.sections}) == 2000


def test_files_that_are_none_are_problems(tmp_path: Path):
    """A mistyped name on the command line would end in a traceback, a pipe in endless waiting."""
    os.mkfifo(tmp_path / "pipe.json")
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(10**10)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "out.json").write_text(json.dumps(BARE))
    (tmp_path / "lessons" / "link.json").symlink_to(tmp_path / "out.json")
    paths = [tmp_path / name for name in ("none.json", "pipe.json", "big.json", "lessons", "lessons/link.json", "x\0y")]
    assert [each.code for path in paths for each in read_lesson(path).problems] == [
        "missing-file",
        "not-a-file",
        "file-too-large",
        "not-a-file",
        "outside-folder",
        "missing-file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read_are_problems(tmp_path: Path):
    """A file copied with the wrong rights would end in a traceback."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "a.json").chmod(0)
    assert [each.code for each in read_lesson(tmp_path / "a.json").problems] == ["unreadable-file"]


def test_a_wider_root_lets_lessons_share_pictures_and_no_wider(tmp_path: Path):
    """A school's logo would have to be copied into every folder of lessons."""
    (tmp_path / "all" / "physics").mkdir(parents=True)
    (tmp_path / "all" / "logo.png").write_bytes(picture())
    (tmp_path / "secret.png").write_bytes(picture())
    path = tmp_path / "all" / "physics" / "a.json"
    path.write_text(json.dumps({"logo": "../logo.png", **section()}))
    assert read_lesson(path, root=tmp_path / "all").problems == ()
    assert told(read_lesson(path)) == [("outside-folder", "/logo")]
    path.write_text(json.dumps({"logo": "../../secret.png", **section()}))
    assert told(read_lesson(path, root=tmp_path / "all")) == [("outside-folder", "/logo")]


def test_problems_print_for_people_and_for_programs(tmp_path: Path):
    """An editor's plug-in could not read the problems, or a person would have to read JSON."""
    problems = read(tmp_path, {"titel": "x", "sections": [{"content": ""}, {"content": ""}]}).problems
    lines = problems_as_text(problems).splitlines()
    assert lines[0].endswith(
        'ohms_law-basics.json:2:2: warning: The key "titel" is unknown at /titel. Did you mean "title"?'
    )
    assert lines[-1] == "2 errors and 1 warning"
    document = json.loads(problems_as_json(problems))
    assert (document["errors"], document["warnings"]) == (2, 1)
    assert [Problem(**each) for each in document["problems"]] == list(problems)
    assert problems_as_text(()) == "No problems\n"


def test_reading_is_the_same_everywhere(tmp_path: Path):
    """Two machines would make two films of one lesson, and everything would be made twice."""
    (tmp_path / "a.json").write_text(json.dumps(BARE))
    program = (
        "import sys, pathlib; from video_assets.studio.lesson.reader import read_lesson; "
        "from video_assets.studio.core.values import canonical_json; "
        "sys.stdout.buffer.write(canonical_json(read_lesson(pathlib.Path('a.json')).lesson))"
    )
    outputs = set()
    for seed, locale in (("1", "C"), ("2", "tr_TR.UTF-8")):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONPATH": str(CHECKOUT)}
        made = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env=environ, capture_output=True, check=True
        )
        outputs.add(made.stdout)
    assert len(outputs) == 1


# Hostile lessons

SEEDS = [path.read_bytes() for path in SAMPLES] + [starter_lesson("T", "x").encode(), json.dumps(BARE).encode()]
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"\\u",
    b"\\ud800",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"NaN",
    b"'",
]
TOKENS += [
    b"//",
    b"/*",
    b"#",
    b"1e999",
    b"-",
    b"null",
    b'"content":',
    b"[pause x]",
    b"[slow]",
    "“".encode(),
    b"\xed\xa0\x80",
    b"\n",
]
EDITS = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 30), st.sampled_from(TOKENS) | st.binary(max_size=4)),
    min_size=1,
    max_size=8,
)


def mutated(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, token in edits:
        where = at % (len(seed) + 1)
        seed = seed[:where] + token + seed[where + cut :]
    return seed


def assert_well_told(found: ReadLesson) -> None:
    assert (found.lesson is None) == any(each.severity == "error" for each in found.problems)
    for problem in found.problems:
        assert problem.code
        assert problem.message.isprintable()
        assert problem.remedy.isprintable()
        assert problem.pointer.isprintable()
        assert problem.line >= 1
        assert problem.column >= 1
    problems_as_text(found.problems).encode()
    problems_as_json(found.problems).encode()


def try_bytes(folder: Path, data: bytes) -> None:
    with hang_guard():
        count = calls(lambda: assert_well_told(read(folder, data)))
    assert count <= 20_000 + 60 * len(data), "work explodes"


JSON_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [*lesson_schema()["properties"], *lesson_schema()["$defs"]["WrittenSection"]["properties"], "x", "rows"]
)
PLAUSIBLE = st.recursive(
    JSON_ANYTHING | st.sampled_from(["a [pause] b", "../x.png", "en", "#aabbcc", "table", "ok"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), EDITS)
def test_mutated_lessons_end_in_problems(tmp_path_factory: pytest.TempPathFactory, seed, edits):
    """One bad file in a watched folder would bring down the service for everyone."""
    try_bytes(tmp_path_factory.getbasetemp(), mutated(seed, edits))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(KEYS, PLAUSIBLE, max_size=6),
    st.lists(st.dictionaries(KEYS, PLAUSIBLE, max_size=6) | PLAUSIBLE, max_size=3),
)
def test_lessons_of_odd_values_end_in_problems(tmp_path_factory: pytest.TempPathFactory, lesson, sections):
    """A generated lesson with a wrong type somewhere would end in a traceback."""
    try_bytes(tmp_path_factory.getbasetemp(), json.dumps({"sections": sections, **lesson}).encode())


@pytest.mark.soak
@settings(max_examples=50_000, deadline=None)
@given(st.sampled_from(SEEDS), EDITS)
def test_a_hundred_thousand_hostile_lessons_bytes(tmp_path_factory: pytest.TempPathFactory, seed, edits):
    """The rare mutation that a short test misses would be found by a stranger."""
    try_bytes(tmp_path_factory.getbasetemp(), mutated(seed, edits))


@pytest.mark.soak
@settings(max_examples=50_000, deadline=None)
@given(
    st.dictionaries(KEYS, PLAUSIBLE, max_size=6),
    st.lists(st.dictionaries(KEYS, PLAUSIBLE, max_size=6) | PLAUSIBLE, max_size=3),
)
def test_a_hundred_thousand_hostile_lessons_values(tmp_path_factory: pytest.TempPathFactory, lesson, sections):
    """The rare combination of values that a short test misses would be found by a stranger."""
    try_bytes(tmp_path_factory.getbasetemp(), json.dumps({"sections": sections, **lesson}).encode())


DOCUMENT = (CHECKOUT / "docs" / "lesson-format.md").read_text("utf-8")
DIAGRAMS = (CHECKOUT / "docs" / "diagrams.md").read_text("utf-8")


def test_the_document_names_every_key_setting_and_profile():
    """An author would never learn that a key exists, or look for one that is gone."""
    schema = lesson_schema()
    declared = {*schema["properties"], *SETTING_NAMES, *PROFILES}
    for definition in schema["$defs"].values():
        declared |= set(definition["properties"])
    prose = DOCUMENT + DIAGRAMS
    missing = {
        name for name in declared if f"`{name}`" not in prose and f'"{name}"' not in prose and f".{name}`" not in prose
    }
    assert missing == set()


def test_the_document_names_every_code_of_a_problem():
    """Someone who searches for the code they were shown would find nothing."""
    studio = CHECKOUT / "video_assets" / "studio"
    others = (studio / "spoken" / "markup_syntax.py", studio / "core" / "settings.py")
    paths = [*(studio / "lesson").rglob("*.py"), *others]
    program = "\n".join(path.read_text("utf-8") for path in paths)
    problem = r'(?:(?:Syntax|Format|Markup|File)Problem|rule_error|_stop|\.add_fault)\(\s*"([a-z0-9-]+)"'
    given = set(re.findall(problem, program))
    assert len(given) > 50
    documented = set(re.findall(r"`([a-z0-9-]+)`", DOCUMENT.partition("## What is refused")[2]))
    assert given <= documented


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", DOCUMENT + DIAGRAMS, re.DOTALL))
def test_the_documents_examples_are_sound(tmp_path: Path, block):
    """A newcomer would copy an example that is refused."""
    assert read(tmp_path, block.encode()).problems == ()


@pytest.mark.parametrize("setting", ["speech", "pictures", "writing"])
def test_a_chain_may_be_a_list_or_a_text(tmp_path: Path, setting: str):
    """The list that the documentation shows would end `check` and the sensor with a stack trace."""
    sections = [{"image_description": "A lamp.", "content": "The lamp is on."}]
    given = (["trial", "espeak"], "trial, espeak")
    found = [read(tmp_path, {"settings": {setting: each}, "sections": sections}) for each in given]
    assert [each.problems for each in found] == [(), ()]
    lessons = [each.lesson for each in found]
    assert all(lesson is not None and lesson.settings == {setting: "trial, espeak"} for lesson in lessons)


@pytest.mark.parametrize("value", [[], [1], [["a"]], {}, {"a": 1}, None, ["a", None], [{}]], ids=repr)
@pytest.mark.parametrize("setting", sorted(SETTING_NAMES))
def test_a_value_of_another_kind_is_a_problem_and_no_crash(tmp_path: Path, setting: str, value: object):
    """One lesson with a slip would stop the sensor for a whole archive."""
    found = read(
        tmp_path,
        {"settings": {setting: value}, "sections": [{"image_description": "A lamp.", "content": "The lamp is on."}]},
    )
    assert found.lesson is None
    assert any(setting in problem.pointer for problem in found.problems)


@pytest.mark.parametrize("setting", ["review", "smooth_face", "enable_parallel"])
@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_of_a_lesson_is_one(tmp_path: Path, setting: str, value: bool):
    """A switch in a lesson file would be refused as a number, or a number taken for a switch."""
    sections = [{"image_description": "A lamp.", "content": "The lamp is on."}]
    lesson = read(tmp_path, {"settings": {setting: value, "crf": 20}, "sections": sections}).lesson
    assert lesson is not None
    assert (lesson.settings[setting], type(lesson.settings["crf"])) == (value, int)
    assert getattr(resolve("standard", ("lesson file", lesson.settings)), setting) is value
