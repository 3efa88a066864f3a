"""Hostile lessons and equations by the thousand, checked in one process with limits; prints what came of it as JSON.

`python tests/soak/hostile.py lessons|equations|patterns SEED COUNT`: the same seed makes the same inputs. What an
input costs is measured in processor seconds and in memory beyond that of the imports, and the worst are named. A
traceback is whatever is no StudioError. Belongs here: making the inputs and running them. Does not belong here: what
may come of them (the tests beside this module), or benchmarks of ordinary lessons.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from video_assets.studio.choices.precedence import RunOverrides, settings_of
from video_assets.studio.core.errors import StudioError
from video_assets.studio.core.settings import DEFAULTS
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.project import ProjectFile
from video_assets.studio.lesson.reader import ReadLesson, read_lesson
from video_assets.studio.lesson.script import expected_seconds, write_section
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.preflight.text_check import CheckedText, text_problems
from video_assets.studio.slides.equations.latex_to_typst import typeset_latex
from video_assets.studio.slides.slide_plan import end_slide, plan_slide, title_slide
from video_assets.studio.spoken.latex import latex_tables
from video_assets.studio.spoken.markup_syntax import markup_problems, says_something
from video_assets.studio.telemetry.estimate import film_seconds

REPOSITORY = Path(__file__).parents[2]
LANGUAGES = ("en", "de", "fr", "es", "hi", "zh", "ja", "it")
Attempt = Callable[[], object]


# Equations -----------------------------------------------------------------------------------------------------------


def equation_sources(dice: random.Random) -> Iterator[str]:
    """Equations without end: nested, long, broken off, of every command of the tables."""
    commands = _commands()
    while True:
        kind = dice.randrange(5)
        if kind == 0:
            yield _nested(dice)
        elif kind == 1:
            yield _of_pieces(dice, commands, dice.randint(1, 12))
        elif kind == 2:
            yield (_of_pieces(dice, commands, dice.randint(1, 4)) * 4000)[: dice.choice([200, 1000, 4000])]
        elif kind == 3:
            whole = _of_pieces(dice, commands, dice.randint(2, 9))
            cut = dice.randrange(len(whole) + 1)
            yield whole[:cut] + dice.choice(["", "{", "}", "\\", "^", "&", "\\\\", "\\end{cases}"]) + whole[cut + 1 :]
        else:
            yield "".join(dice.choice(_CHARACTERS) for _ in range(dice.randint(1, 200)))


_CHARACTERS = "abxyz0129+-=<>()[]{}|/\\^_&'~ .,;:!*%#$\"@αé中\u0301\u200b\u2028"
_WRAPS = (
    *("{", "}"), *("(", ")"), *("[", "]"), *(r"\left(", r"\right)"), *(r"\sqrt{", "}"), *(r"\sqrt[", "]{x}"),
    *(r"\frac{1}{", "}"), *(r"\frac{", "}{2}"), *("x^{", "}"), *("x_{", "}"), *(r"\begin{cases}", r"\end{cases}"),
    *(r"\begin{pmatrix}", r"\end{pmatrix}"), *(r"\begin{aligned}", r"\end{aligned}"), *(r"\substack{", "}"),
    *(r"\overset{a}{", "}"), *(r"\binom{", "}{k}"), *(r"\displaystyle ", ""), *(r"\not", ""), *(r"\vec", ""),
    *("|", "|"), *(r"\boxed{", "}"), *("", r"\limits"), *(r"\text{", "}"), *(r"\xrightarrow{", "}"),
)  # fmt: skip


def _nested(dice: random.Random) -> str:
    pairs = list(zip(_WRAPS[::2], _WRAPS[1::2], strict=True))
    if dice.random() < 0.5:
        pairs = [dice.choice(pairs)]
    depth = dice.choice([3, 10, 38, 39, 40, 41, 42, 100, 400, 2000])
    chosen = [dice.choice(pairs) for _ in range(depth)]
    inner = dice.choice(["x", "", "a=b", "1"])
    closed = "".join(after for _, after in reversed(chosen)) if dice.random() < 0.9 else ""
    return ("".join(before for before, _ in chosen) + inner + closed)[:4000]


def _commands() -> list[str]:
    tables = Path(latex_tables.__file__).with_name("latex.toml").read_text("utf-8")
    return [
        *(name for table in tomllib.loads(tables).values() for name in table),
        "sqrt",
        "left",
        "right",
        "begin",
        "end",
        "not",
        "substack",
        "bmod",
        "mod",
        "displaystyle",
        "big",
    ]


def _of_pieces(dice: random.Random, commands: list[str], count: int) -> str:
    pieces = []
    for _ in range(count):
        name = "\\" + dice.choice(commands)
        tail = dice.choice(["", " ", "{a}", "{a}{b}", "^2", "_{i}", "[3]{x}", "(", ")", "{", "}", "{cases}", " x"])
        pieces.append(dice.choice([name + tail, name + tail, dice.choice(_CHARACTERS), "x", "=", "12", "&", r"\\"]))
    return "".join(pieces)


def equation_attempt(latex: str) -> Attempt:
    """Typeset it."""
    return lambda: typeset_latex(latex)


# Patterns ------------------------------------------------------------------------------------------------------------

ALPHABET = [*"aAbBzmVI019 .,;:!?-–—_/\\=+*()[]{}|`'\"“”„«»‘’°²₂½€$%^&#@<>~αé中か।क\n\u00a0\u200b…·√∑±×"]
_FRAGMENTS = (
    *("[pause]", "[a|b]", "[slow]", "V_G ", "1/2 ", "XIV ", "*a* ", "**", "d/dx", "http://", "a@", ".a", "e.g."),
    *("U.S.", "12:30", "(a", "and ", "and, ", "the ", "is ", "A a ", "1,234", "x^2", "[rate 80%]", "```", "a.b/", "« "),
)


def patterns(dice: random.Random) -> Iterator[str]:
    """What texts repeat: every one and two characters of the alphabet in random order, then longer ones without end."""
    short = [*ALPHABET, *(one + two for one in ALPHABET for two in ALPHABET)]
    dice.shuffle(short)
    yield from short
    while True:
        several = "".join(dice.choice(ALPHABET) for _ in range(dice.choice([3, 4])))
        yield dice.choice([several, dice.choice(_FRAGMENTS) + dice.choice([*_FRAGMENTS, *ALPHABET])])


def repeated(pattern: str, length: int) -> str:
    """A text of `length` characters."""
    return (pattern * (length // len(pattern) + 1))[:length]


def pattern_attempt(pattern: str, language: str, length: int = 10_000) -> Attempt:
    """All that `check` does with a section's text, and the slide's plan, with the pattern wherever text may stand."""
    text = repeated(pattern, length)
    section = Section(
        id="s", pointer="/sections/0", line=1, narration=text, image_description=text[:4000], title=text[:400].strip()
    )

    def attempt() -> None:
        markup_problems(text)
        says_something(text)
        text_problems([CheckedText("s", "Title", text, 60.0)], "strict", language=language)
        for work in (
            lambda: write_section(section, language=language, pronunciations={"a": "eigh", "x y": "ex why"}),
            lambda: plan_slide(section, language=language),
            lambda: plan_slide(section.model_copy(update={"title": ""}), language=language),
        ):
            try:
                work()
            except StudioError:
                continue

    return attempt


# Lessons -------------------------------------------------------------------------------------------------------------


def base_lessons() -> list[dict[str, Any]]:
    """The repository's lessons, and one with every key."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted((REPOSITORY / "data" / "lessons").glob("*.json"))]
    rich = {
        "$schema": "../../docs/lesson.schema.json", "title": "Rich", "description": "All keys.", "language": "en-GB",
        "presenter": "ada", "place": "corner", "voice": "en-gb", "rate": 100, "theme": "chalk", "accent": "#1f6f8b",
        "author": "A", "licence": "CC0", "credits": ["B"], "date": "2025-09-30", "pronunciations": {"SQL": "sequel"},
        "settings": {"frame_rate": "30", "crf": 20}, "sections": [
            {"id": "one", "title": "T", "content": "Say *this* [pause 800ms] and [that|this].", "rate": 90,
             "image_description": "A beam labelled 'light' and “air”.", "alt": "A beam", "equation": "E = mc^2"},
            {"content": "Two.", "bullets": ["One", "Two"], "layout": "bullets"},
            {"content": "Three.", "code": {"language": "python", "text": "print(1)"}},
            {"content": "Four.", "table": {"header": ["A", "B"], "rows": [["1", 2.50], [3, "4"]]}},
            {"notes": "five; six"},
        ],
    }  # fmt: skip
    return [*found, rich]


def hostile_lessons(dice: random.Random) -> Iterator[bytes]:
    """Lesson files without end, each mutated in its values, in its grammar, and sometimes in its bytes."""
    bases = base_lessons()
    while True:
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(20_000)  # for writing what is nested deeply; it is read with the usual limit
        lesson = json.loads(json.dumps(dice.choice(bases)))
        lesson["sections"] = dice.sample(lesson["sections"], min(len(lesson["sections"]), dice.randint(1, 3)))
        for _ in range(dice.choice([0, 1, 1, 1, 2, 3, 6])):
            _mutate_value(dice, lesson)
        text = _dumped(dice, lesson, dice.choice([0.0, 0.0, 0.01, 0.05]))
        sys.setrecursionlimit(usual)
        yield (
            _mutated_bytes(dice, text.encode("utf-8", "surrogatepass"))
            if dice.random() < 0.4
            else text.encode("utf-8", "surrogatepass")
        )


def _mutate_value(dice: random.Random, lesson: dict[str, Any]) -> None:
    places = list(_places(lesson))
    if not places:
        return
    holder, key = dice.choice(places)
    kind = dice.randrange(6)
    if kind == 0 and isinstance(holder, dict):
        holder[dice.choice([key.upper(), key + "s", key[:-1], "id", "notes", "rate", "\ud800", ""])] = holder[key]
    elif kind == 1:
        del holder[key]
    elif kind == 2 and isinstance(holder[key], str):
        at = dice.randrange(len(holder[key]) + 1)
        holder[key] = holder[key][:at] + _text(dice) + holder[key][at:]
    elif kind == 3:
        other, other_key = dice.choice(places)
        holder[key] = json.loads(json.dumps(other[other_key]))
    else:
        holder[key] = _value(dice)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _value(dice: random.Random) -> Any:
    deep: Any = "x"
    for _ in range(dice.choice([2, 10, 38, 45, 300])):
        deep = dice.choice([[deep], {"a": deep}])
    scalars = [None, True, 0, -1, 1.5, 10**30, 1e308, float("nan"), float("inf"), "", " ", [], {}, [[]], {"": ""}]
    return dice.choice([*scalars, deep, _text(dice), [_text(dice)] * dice.choice([1, 13, 60]), {_text(dice): "x"}])


def _text(dice: random.Random) -> str:
    kind = dice.randrange(7)
    if kind == 0:
        return repeated(dice.choice(ALPHABET) + dice.choice(["", dice.choice(ALPHABET)]), dice.choice([50, 400, 9000]))
    if kind == 1:
        return next(equation_sources(dice))
    if kind == 2:
        return "".join(dice.choice(ALPHABET) for _ in range(dice.randint(1, 60)))
    if kind == 3:
        return dice.choice(_FRAGMENTS) * dice.choice([1, 3, 40])
    if kind == 4:
        return "".join(chr(dice.choice([dice.randrange(0x20, 0x3000), dice.randrange(0x10FFFF)])) for _ in range(12))
    odd = ["\ud800", "\udc00x", "\x00", "\x1b[31m", "\u2028", "\u0085", "\x0b", "\ufeff", "\ufffd", "../../etc/passwd"]
    return dice.choice([*odd, "[slow]", "[/rate]", "[pause 99s]", "[rate 500%]x[/rate]", "C:\\x", "a\nb", "\t", "$x$"])


def _dumped(dice: random.Random, value: Any, disorder: float) -> str:
    """JSON, in which with the probability `disorder` at each place the grammar is broken."""
    if isinstance(value, dict):
        members = [f"{json.dumps(key)}: {_dumped(dice, each, disorder)}" for key, each in value.items()]
        if members and dice.random() < disorder * 4:
            members += [each for each in members[:1] if len(each) < 500]
        return "{" + _joined(dice, members, disorder) + "}"
    if isinstance(value, list):
        return "[" + _joined(dice, [_dumped(dice, each, disorder) for each in value], disorder) + "]"
    text = json.dumps(value, ensure_ascii=dice.random() < 0.3)
    if dice.random() < disorder:
        odd = ["NaN", "01", "1e999", "True", "-", '"\\q"', '"\\ud800"', '"a\nb"', f"/* x */{text}", f"\ufeff{text}"]
        doubled = text + text[:500]
        return dice.choice([text[:-1], doubled, text.replace('"', "'"), text.replace('"', "“"), *odd])
    return text


def _joined(dice: random.Random, parts: list[str], disorder: float) -> str:
    if dice.random() >= disorder:
        return ", ".join(parts)
    return dice.choice([" ", ",, ", "; ", ",\n// note\n", ", "]).join(parts) + dice.choice(["", ",", "]", "}"])


def _mutated_bytes(dice: random.Random, data: bytes) -> bytes:
    body = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) + 1)
        kind = dice.randrange(5)
        if kind == 0:
            body[at : at + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            del body[at : at + dice.choice([1, 1, 5, 200])]
        elif kind == 2:
            body[at:at] = body[at : at + dice.choice([1, 30, 300])]
        elif kind == 3:
            body[at:at] = dice.choice(
                [b'"', b"{", b"}", b"[", b"]", b"\\", b"\xff", b"\xed\xa0\x80", b"\0", b"//", b","]
            )
        else:
            del body[at:]
    return dice.choice([b"", b"", b"", b"\xef\xbb\xbf", b"\xff\xfe"]) + bytes(body)


_ABOUT_THE_FILE = {"not-a-file", "missing-file", "file-too-large", "unreadable-file", "outside-folder"}


def lesson_attempt(data: bytes, folder: Path) -> Attempt:
    """All that planning does with a lesson file before anything is made."""
    path = folder / "lesson.json"
    path.write_bytes(data)

    def attempt() -> None:
        read = read_lesson(path)
        problems = problems_of("lesson.json", read, {})
        for problem in problems:
            assert problem.code, problem
            assert problem.message, problem
            assert problem.remedy, problem
            assert problem.pointer == "" or problem.pointer.startswith("/"), problem
            assert (problem.line >= 1 and problem.column >= 1) or problem.code in _ABOUT_THE_FILE, problem
            str(problem).encode("utf-8")
        if read.lesson is not None and not any(problem.severity == "error" for problem in problems):
            _plan(read)

    return attempt


def _plan(read: ReadLesson) -> None:
    assert read.lesson is not None
    title_slide(read.lesson)
    end_slide(read.lesson)
    try:
        settings = settings_of(read, ProjectFile({}, {}), {}, RunOverrides()).settings
    except StudioError:
        settings = DEFAULTS
    written = [section for section in read.lesson.sections if section.narration]
    words = [write_section(section, language=read.lesson.language, pronunciations={}) for section in written]
    film_seconds([float(expected_seconds(each.speech)) for each in words], settings)


# Running -------------------------------------------------------------------------------------------------------------


def _peak_kb() -> int:
    """Most resident memory of this process. `getrusage` would count that of the process which started it, too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


class Tally:
    """What came of all inputs."""

    def __init__(self) -> None:
        self.count = 0
        self.tracebacks: list[str] = []
        self.slowest: list[tuple[float, str]] = []
        self._before_kb = _peak_kb()

    def run(self, attempt: Attempt, shown: str) -> None:
        """One input; whatever it raises is noted."""
        started = time.process_time()
        try:
            attempt()
        except StudioError:
            pass
        except Exception:  # noqa: BLE001  # what this module looks for
            self.tracebacks.append(f"{shown}\n{traceback.format_exc()[-1500:]}")
        self.count += 1
        self.slowest.append((time.process_time() - started, shown))
        if len(self.slowest) > 200:
            self.slowest = sorted(self.slowest, reverse=True)[:10]

    def told(self) -> dict[str, Any]:
        """As JSON."""
        peak_kb = _peak_kb()
        return {
            "count": self.count,
            "tracebacks": self.tracebacks[:20],
            "tracebacks_in_all": len(self.tracebacks),
            "slowest": [(round(each, 3), shown[:120]) for each, shown in sorted(self.slowest, reverse=True)[:10]],
            "peak_mb": round(peak_kb / 1000),
            "peak_beyond_imports_mb": round((peak_kb - self._before_kb) / 1000),
        }


def attempts(kind: str, dice: random.Random, folder: Path) -> Iterator[tuple[Attempt, str]]:
    """The inputs of one kind, and how each is named."""
    if kind == "equations":
        for latex in equation_sources(dice):
            yield equation_attempt(latex), repr(latex)
    elif kind == "patterns":
        for pattern in patterns(dice):
            language = dice.choice(LANGUAGES)
            yield pattern_attempt(pattern, language), f"{language} {pattern!r}"
    else:
        for data in hostile_lessons(dice):
            if os.environ.get("LESSONREEL_SOAK_KEEP"):
                (Path(os.environ["LESSONREEL_SOAK_KEEP"]) / "last.json").write_bytes(data)
            yield lesson_attempt(data, folder), repr(data)


def main(kind: str, seed: int, count: int) -> dict[str, Any]:
    """Run `count` inputs of `kind`."""
    counter = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for attempt, shown in attempts(kind, random.Random(seed), Path(folder)):
            if counter.count == count:
                break
            counter.run(attempt, shown)
    return counter.told()


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), indent=1, ensure_ascii=True) + "\n"
    )
