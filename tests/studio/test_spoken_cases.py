"""Sentences of real lessons, and the words that the voice must say for them.

Each line of a table in `spoken_cases` has a language, a narration (`⏎` is a line break) and the spoken words. Case and
punctuation do not count. A third column that starts with `!` is a text that the error message must contain.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from video_assets.studio.core.errors import ContentError
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import spoken_text, write_section

TABLES = Path(__file__).parent / "spoken_cases"


def spoken_cases() -> Iterator[tuple[str, str, str]]:
    """The language, the narration and the spoken words of each line of the tables."""
    for table in sorted(TABLES.glob("*.tsv")):
        with table.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield row["language"], row["narration"].replace("⏎", "\n"), row["right"]


def _said(language: str, narration: str) -> str:
    section = Section.model_construct(id="a", pointer="/sections/0", line=1, narration=narration, rate_percent=100)
    return spoken_text(write_section(section, language=language, pronunciations={}).speech)


def _words(text: str) -> str:
    """The words alone, in lower case: `It's 5, now.` -> `it's 5 now`."""
    return " ".join(re.sub(r"[,.;:?!，。；：？！、।“”\"]", " ", text.casefold()).split())


@pytest.mark.parametrize(("language", "narration", "right"), spoken_cases())
def test_the_voice_says_what_is_written(language: str, narration: str, right: str) -> None:
    """A class would learn something false, for example "F equals k x" for `F = -kx`."""
    if right.startswith("!"):
        with pytest.raises(ContentError, match=re.escape(right[1:])):
            _said(language, narration)
    else:
        assert _words(_said(language, narration)) == _words(right)


@pytest.mark.parametrize(
    ("narration", "stop"),
    [
        ("Choose A. Bob said no.", "eigh. Bob"),
        ("I live in the U.S. It is big.", "U S. It"),
        ("He has a Ph.D. She has one.", "P H D. She"),
        ("The U.S. Air Force is old.", "U S Air"),
        ("Here is John F. Kennedy.", "John F Kennedy"),
    ],
)
def test_a_full_stop_behind_initials_ends_a_sentence_or_not(narration: str, stop: str) -> None:
    """Two sentences would be said as one, or a name would be torn apart."""
    assert stop in _said("en", narration)
