"""Chooses the words and the number functions of a language by its BCP 47 tag."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from video_assets.studio.core.languages import primary_subtag

from .build import build_language
from .chinese_numbers import CHINESE_NUMBERS
from .english_numbers import ENGLISH_NUMBERS
from .french_numbers import FRENCH_NUMBERS
from .german_numbers import GERMAN_NUMBERS
from .hindi_numbers import HINDI_NUMBERS
from .language import Language
from .language_file import find_language_file
from .neutral import neutral
from .number_functions import NumberFunctions
from .spanish_numbers import SPANISH_NUMBERS

_NUMBERS: Mapping[str, NumberFunctions] = MappingProxyType(
    {
        "en": ENGLISH_NUMBERS,
        "de": GERMAN_NUMBERS,
        "fr": FRENCH_NUMBERS,
        "es": SPANISH_NUMBERS,
        "hi": HINDI_NUMBERS,
        "zh": CHINESE_NUMBERS,
    }
)


@lru_cache(maxsize=64)
def language_of(tag: str) -> Language:
    """The tables for a BCP 47 tag (`de`, `pt-BR`); a language without a file gets the neutral ones.

    The file is read when its language is first used. Raises SettingInvalid if it is wrong.
    """
    family = primary_subtag(tag)
    return _known(family) or neutral(family)


@lru_cache(maxsize=64)
def _known(family: str) -> Language | None:
    file = find_language_file(family)
    return build_language(family, file, _NUMBERS.get(family, NumberFunctions())) if file else None
