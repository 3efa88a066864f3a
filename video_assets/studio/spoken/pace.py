"""Estimates how long spoken text takes before a voice has spoken it.

The figures are fitted to the embedded voices (espeak-ng 1.52 at their normal rate) with the sample lessons and a
paragraph in each language. The estimate of a section is within 10 % of the sound for en, de, fr, es, hi and zh. Letters
and parts of numbers count as words.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from .characters import MELODY_STRENGTH, is_unspaced

LATIN_LETTER_SECONDS = Fraction(58, 1000)
LETTER_SECONDS = Fraction(74, 1000)
"""A letter or vowel sign of another alphabet."""
WORD_SECONDS = Fraction(78, 1000)
"""The time of each word in addition to its letters."""
DIGIT_SECONDS = Fraction(330, 1000)
SYLLABLE_SECONDS = Fraction(290, 1000)
"""One Han or Kana character."""
BREATH_SECONDS: Mapping[str, Fraction] = MappingProxyType(dict.fromkeys(",，、", Fraction(6, 25)))
FULL_STOP_SECONDS = Fraction(2, 5)
LANGUAGE_FACTORS: Mapping[str, Fraction] = MappingProxyType({"fr": Fraction(4, 5)})
"""Factors for languages whose spelling differs more from their sounds: many letters of French are silent."""


def letter_seconds(text: str) -> Fraction:
    """The time of one spoken word with its mark at the normal rate of a voice."""
    core = text.rstrip(MELODY_STRENGTH)
    seconds = sum((_character_seconds(character) for character in core), Fraction(0))
    if not any(map(is_unspaced, core)):
        seconds += WORD_SECONDS
    return seconds + (BREATH_SECONDS.get(text[-1], FULL_STOP_SECONDS) if text != core else 0)


def _character_seconds(character: str) -> Fraction:
    if is_unspaced(character):
        return SYLLABLE_SECONDS
    if character.isdigit():
        return DIGIT_SECONDS
    return LATIN_LETTER_SECONDS if character < "\u0370" else LETTER_SECONDS
