"""Text from anybody: the work grows with its length, whatever it repeats.

Work is counted in calls of functions, Python's own included, so that no clock decides. What one call of a regular
expression costs is not seen by that: expressions that read on from every character are kept short by `RuleBook`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.kit.work import calls
from video_assets.studio.lesson.json_source.lines import Lines
from video_assets.studio.lesson.json_source.reading import read_json
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import write_section
from video_assets.studio.preflight.text_check import CheckedText, text_problems
from video_assets.studio.slides import slide_plan as outline
from video_assets.studio.slides.phrases import keyphrases, terms, words
from video_assets.studio.slides.phrases.formulas import formulas
from video_assets.studio.slides.slide_plan import described_labels, plan_slide
from video_assets.studio.spoken import markup
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup_syntax import markup_problems, says_something
from video_assets.studio.spoken.passage import LONGEST_MATCH, Passage, Rule, RuleBook, SpokenPiece
from video_assets.studio.spoken.reading import rules_of

ALPHABET = "aAzV1 .,;:!?-—_/=+*()[]{}|`'\"“«‘²₂½€%^#@<é中か\n\u00a0·√"
FOUND = (
    *("1 ", "1% ", "€1 ", "V_G ", "1/2 ", "XIV ", "*a* ", "*a ", "A", " A", ",\n", "````", "\u00a0—", "-m", "m₂"),
    *("·B", "m·", "and, *a* ", "(\n", "½b", "« é", "<\u00a0", "and, is ", "so, ", "a, ", "= ", "a=b ", "the 1 "),
    *("'a.", ".'a", "A a "),
    *("`", "`a``", "[pause]", "[a|b]", "a.a/", "a@", "((", "a)", "=(", "Aa of "),
)  # fmt: skip
SHORT, LONG = 1000, 2000


def _forget() -> None:
    for remembered in (formulas, words.sentences, terms.terms, keyphrases._ranked, markup._parsed):
        remembered.cache_clear()


def _work(pattern: str, length: int) -> Callable[[], object]:
    """All that `check` does with a section's text."""
    text = (pattern * length)[:length]
    section = Section(id="s", pointer="/s", line=1, narration=text, image_description=text)

    def check() -> None:
        _forget()
        markup_problems(text)
        says_something(text)
        text_problems([CheckedText("s", "Title", text, 60.0)], "strict", language="en")
        for work in (
            lambda: write_section(section, language="en", pronunciations={"a": "eigh"}),
            lambda: plan_slide(section, language="en"),
        ):
            try:
                work()
            except outline.ContentError:
                continue

    return check


def _sampled() -> list[str]:
    dice = random.Random(11)
    return ["".join(dice.choice(ALPHABET) for _ in range(dice.choice([1, 2, 2, 3, 4]))) for _ in range(15)]


@pytest.mark.parametrize("pattern", [*FOUND, *_sampled()], ids=ascii)
def test_twice_the_text_is_twice_the_work(pattern: str) -> None:
    """A class would wait for minutes on one pasted line: ten sections of "1 1 1" took three minutes to check."""
    _work(pattern, 50)()
    short, long = calls(_work(pattern, SHORT)), calls(_work(pattern, LONG))
    assert long <= 2.6 * short + 3000, (short, long)


def test_no_rule_reads_on_to_the_end_of_a_text() -> None:
    """A text without spaces would be read to its end from each of its characters."""
    seen: list[int] = []

    def note(match: re.Match[str], _scene: Any) -> tuple[SpokenPiece, ...]:
        seen.append(match.end() - match.start())
        return (SpokenPiece("a", match.start()),)

    book = RuleBook((Rule("(?:a·)*", note),))
    scene = Passage("a·" * 5000, language_of("en"), {}, lambda _start, _end: ())
    answer = book.read(scene, 0, 10_000)
    assert answer is not None
    assert seen == [LONGEST_MATCH]
    assert isinstance(rules_of(language_of("en")), RuleBook)


def test_a_quotation_that_never_ends_is_text() -> None:
    """An author who forgot a closing mark would lose the labels behind it, or wait."""
    assert described_labels("A lens, labelled “focus” and „Brennpunkt“, with a stray “ mark and 'axis'") == (
        *("focus", "Brennpunkt", "axis"),
    )
    assert described_labels("Un schéma avec «\u00a0la force\u00a0» et « la masse »") == ("la force", "la masse")


@pytest.mark.parametrize("written", [r"\q", r"\u0041", "\n", r"\n", r"\b ", r"\fa", "\x01", r"\ud83d\ude00"], ids=ascii)
def test_an_escape_is_judged_once_however_often_it_stands_there(written: str) -> None:
    """A machine that takes files from anybody would be busy for seconds with 8 MB of one wrong escape."""

    def reading(times: int) -> Callable[[], object]:
        data = ('{"a": "' + written * times + '"}').encode()
        return lambda: read_json(data)

    reading(10)()
    assert calls(reading(40_000)) <= calls(reading(20_000)) + 100


def test_lines_are_counted_as_editors_do() -> None:
    """An author would be sent to the wrong line of a long file."""
    dice = random.Random(5)
    text = "".join(dice.choice(["a", "b", "\n", "\r", "\r\n", "\u2028", "xyz" * 50]) for _ in range(10_000))
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    lines = Lines(text)
    assert len(text) > 3 * Lines._BLOCK
    for offset in (
        *range(200),
        *(dice.randrange(len(text) + 1) for _ in range(500)),
        *(len(text) - n for n in range(50)),
    ):
        line = sum(start <= offset for start in starts)
        assert lines.place(offset) == (line, offset - starts[line - 1] + 1)
