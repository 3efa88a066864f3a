"""Readings that are uncertain: found with their place, what is said, and two ways to write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.uncertain import UncertainReading, uncertain_readings

LESSONS = Path(__file__).parents[2] / "data" / "lessons"


def found(narration: str, language: str = "en") -> list[tuple[str, tuple[str, str]]]:
    return [(each.written, each.alternatives) for each in uncertain_readings(narration, language_of(language))]


@pytest.mark.parametrize(
    ("language", "narration", "written", "ways"),
    [
        ("en", "It is due 01/05/2024.", "01/05/2024", ("January 5, 2024", "May 1, 2024")),
        ("en", "It is due 3-4-2021.", "3-4-2021", ("March 4, 2021", "April 3, 2021")),
        ("en", "It is due 3/4/21.", "3/4/21", ("March 4, 2021", "April 3, 2021")),
        ("en", "Come on 5/6 at noon.", "5/6", ("May 6", "five sixths")),
        ("en", "We saw it in 1500 cells.", "1500", ("1,500", "the year 1500")),
        ("en", "Choose 10 - 20 now.", "10 - 20", ("10–20", "10 − 20")),
        ("en", "A solution (1:20) is used.", "1:20", ("one twenty", "1 to 20")),
        ("fr", "Il y a 1.234 pas.", "1.234", ("1234", "1,234")),
        ("fr", "Venez le 5/6 à midi.", "5/6", ("5 juin", "5 sixièmes")),
        ("de", "Es sind 1.234 Meter.", "1.234", ("1234", "1,234")),
        ("es", "Venga el 5/6.", "5/6", ("5 de junio", "5 sextos")),
        ("zh", "溶液（1:20）。", "1:20", ("1点20分", "1 比 20")),
        ("hi", "यह 10 - 20 है।", "10 - 20", ("10–20", "10 − 20")),
    ],
)
def test_what_may_be_read_in_two_ways_is_found(
    language: str, narration: str, written: str, ways: tuple[str, str]
) -> None:
    """A class would come on the wrong day, and nobody had warned the author."""
    assert found(narration, language) == [(written, ways)]


@pytest.mark.parametrize(
    ("language", "narration"),
    [
        ("en", "It is due 25/12/2024, 12/25/2024, 5/5/2024 or 2024-05-01."),
        ("en", "Add 3/4 of a cup, 1,234 g, 1.234 g and 3.5 km at 9:30."),
        ("en", "In 1969 people landed. Of 1500 cells 20 - 10 = 10 remain."),
        ("en", "It is due [01/05/2024|the first of May]."),
        ("fr", "Le 01/05/2024, 3/4 de 1 234 et 3,5."),
        ("de", "Am 01.05.2024 um 9:30 Uhr, 3,5 kg und 1.234.567 Euro."),
        ("es", "El 01/05/2024 hay 3/4 de taza."),
        ("hi", "15/08/1947 को 1,23,456 लोग।"),
        ("zh", "2024/5/1有1,234人。"),
        ("pt", "01/05/2024"),
    ],
)
def test_what_is_certain_is_not_named(language: str, narration: str) -> None:
    """An author would get used to warnings that mean nothing."""
    assert found(narration, language) == []


def test_the_place_counts_the_markup_and_said_is_what_the_voice_gets() -> None:
    """An author would be sent to the wrong word of a long narration."""
    narration = "A *very* [old|aged] date: 01/05/2024."
    assert uncertain_readings(narration, language_of("en")) == (
        UncertainReading(
            *(narration.index("01"), narration.index("01") + 10, "01/05/2024", "January fifth, twenty twenty-four"),
            ("January 5, 2024", "May 1, 2024"),
        ),
    )


def test_the_sample_lessons_have_no_uncertain_reading() -> None:
    """A person who tries the samples would get warnings for lessons that nothing is wrong with."""
    narrations = [
        (lesson.get("language", "en"), section.get("narration", ""))
        for path in sorted(LESSONS.rglob("*.json"))
        for lesson in [json.loads(path.read_text("utf-8"))]
        for section in lesson["sections"]
    ]
    assert len(narrations) > 20
    assert [found(narration, language) for language, narration in narrations if found(narration, language)] == []


@given(st.integers(1, 12), st.integers(1, 31), st.integers(1900, 2099))
def test_a_date_is_uncertain_exactly_if_both_orders_are_dates(first: int, second: int, year: int) -> None:
    """A class would hear a date that the author did not mean, or the author a warning for the only possible one."""
    both = second <= 12 and first != second
    assert len(found(f"It is due {first}/{second}/{year}.")) == both
