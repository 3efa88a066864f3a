"""What the voice is given for what an author writes, kept as tables that a person has read.

`LESSONREEL_WRITE_GOLDEN=1` writes the spoken side anew; read the difference as a teacher of the language would.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from video_assets.studio.lesson.script import SpokenWord, spoken_text
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.reading import normalise

GOLDEN = Path(__file__).parent / "golden" / "script"
LANGUAGES = ("en", "de", "fr", "es", "hi", "zh")
LEAST = {"en": 120}
_LATIN = "A-Za-zÀ-ɏ"
ALLOWED = {
    "en": rf"[{_LATIN}' -]",
    "de": rf"[{_LATIN}0-9' -]",
    "fr": rf"[{_LATIN}0-9' -]",
    "es": rf"[{_LATIN}0-9' -]",
    "hi": r"[\u0900-\u0963A-Za-z0-9' -]",
    "zh": r"[\u4e00-\u9fffA-Za-z0-9' -]",
}
MARKS = r"[,.;:?!，。；：？！、]?"


def cases(language: str) -> list[tuple[str, str]]:
    lines = (GOLDEN / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" |> ") for line in lines if line and not line.startswith("//"))
    return [(shown, spoken) for shown, _, spoken in pairs]


def said(shown: str, language: str) -> str:
    spoken = normalise(parse(shown), language_of(language), {})
    return spoken_text([SpokenWord(text=word.text, token=0) for word in spoken])


def rewrite(language: str) -> None:
    path = GOLDEN / f"{language}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [
        line
        if line.startswith("//") or not line
        else f"{line.partition(' |> ')[0]} |> {said(line.partition(' |> ')[0], language)}"
        for line in lines
    ]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_as_a_teacher_says_it(language: str) -> None:
    """A learner would hear signs spelled out, formulas garbled, or a date like a telephone number."""
    if os.environ.get("LESSONREEL_WRITE_GOLDEN"):
        rewrite(language)
    table = cases(language)
    assert len(table) >= LEAST.get(language, 15)
    wrong = {shown: (said(shown, language), spoken) for shown, spoken in table if said(shown, language) != spoken}
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_voice_is_given_only_what_it_reads(language: str) -> None:
    """A learner would hear a sign dropped or spelled ("circumflex") in the middle of a sentence."""
    allowed = re.compile(rf"(?:{ALLOWED[language]}+{MARKS})+")
    tables = language_of(language)
    words = [said(shown, language) for shown, _ in cases(language)]
    words += [text for table in (tables.symbols, tables.letters, tables.web, tables.endings) for text in table.values()]
    words += [text for unit in tables.units.values() for text in (unit.one, unit.many)]
    words += [text for table in (tables.acronyms, tables.abbreviations) for text in table.values()]
    assert [text for text in words if text and not allowed.fullmatch(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_knows_the_signs_that_english_knows(language: str) -> None:
    """A teacher who translates a lesson would find that its formulas cannot be spoken in the other language."""
    missing = set(language_of("en").symbols) - set(language_of(language).symbols)
    assert missing == set()
    assert set(language_of("en").money) == set(language_of(language).money) - {"￥"}  # the full-width form of ¥
    common = {"V", "A", "Ω", "kΩ", "mA", "µF", "Hz", "GHz", "m", "km", "kg", "s", "ms", "h", "min", "°C", "%", "L", "W"}
    assert common - {"%"} <= set(language_of(language).units)
