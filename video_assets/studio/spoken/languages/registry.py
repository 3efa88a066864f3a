"""Chooses the tables of a language by its BCP 47 tag."""

from __future__ import annotations

from functools import lru_cache

from video_assets.studio.core.languages import primary_subtag

from .chinese import CHINESE
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .hindi import HINDI
from .language import Language
from .neutral import neutral
from .spanish import SPANISH

_KNOWN = {language.tag: language for language in (ENGLISH, GERMAN, FRENCH, SPANISH, HINDI, CHINESE)}


@lru_cache(maxsize=64)
def language_of(tag: str) -> Language:
    """The tables for a BCP 47 tag (`de`, `pt-BR`); a language without tables gets the neutral ones."""
    family = primary_subtag(tag)
    return _KNOWN.get(family) or neutral(family)
