"""Sizes and times as text for people: bytes, durations of work, and times of a film.

Does not belong here: times in a file format (`captions.files`), or amounts of money (`calls.pricing`).
"""

from __future__ import annotations

from fractions import Fraction

_UNITS = ("B", "kB", "MB", "GB")


def format_size(size_bytes: float) -> str:
    """`34 MB`, `1.5 MB`, `640 B`: in powers of 1000, with one decimal below 10 if it is not 0."""
    size = float(size_bytes)
    for unit in _UNITS:
        if size < 999.5:
            return f"{_two_digits(size)} {unit}"
        size /= 1000
    return f"{_two_digits(size)} TB"


def _two_digits(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 9.95 else f"{number:.0f}"


def format_duration(seconds: float | Fraction) -> str:
    """`1 h 2 min 3 s`, `20 min`, `0 s`: how long something takes, to the nearest second; units of 0 are left out."""
    hours, minutes, whole = _split(round(seconds))
    parts = [(hours, "h"), (minutes, "min"), (whole, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def format_clock(seconds: float | Fraction) -> str:
    """`4:07`, `1:02:03`: a time or the length of a film, as players show it.

    It is rounded down, so that a jump to this time includes the first word.
    """
    hours, minutes, whole = _split(int(seconds))
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def _split(seconds: int) -> tuple[int, int, int]:
    minutes, second = divmod(seconds, 60)
    return *divmod(minutes, 60), second
