"""Sizes and times as people read them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.core.quantities import format_clock, format_duration, format_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (640, "640 B"),
        (999, "999 B"),
        (999.6, "1 kB"),
        (1500, "1.5 kB"),
        (8_000_000, "8 MB"),
        (9_960_000, "10 MB"),
        (34_400_000, "34 MB"),
        (999_900_000, "1 GB"),
        (20 * 10**9, "20 GB"),
        (3 * 10**15, "3000 TB"),
    ],
)
def test_a_size_has_two_digits(size: float, text: str) -> None:
    """A reader would compare 999 MB with 1000 MB, or read a precision that nobody needs."""
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (82, "1 min 22 s"), (3600, "1 h"), (3661, "1 h 1 min 1 s")],
)
def test_a_duration_is_in_words(seconds: float, text: str) -> None:
    """A person who waits would take 1:22 for hours and minutes."""
    assert format_duration(seconds) == text


@given(st.fractions(min_value=0, max_value=10**6))
def test_a_clock_never_runs_ahead(seconds: Fraction) -> None:
    """A jump to the shown time would miss the first word."""
    shown = 0
    for part in format_clock(seconds).split(":"):
        shown = shown * 60 + int(part)
    assert shown == int(seconds)


def test_a_clock_looks_like_that_of_a_player() -> None:
    """A viewer would not find the place of a chapter."""
    assert [format_clock(seconds) for seconds in (0, 59.9, 247, 3723)] == ["0:00", "0:59", "4:07", "1:02:03"]
