"""The letters that the voices of espeak-ng read. They would spell all others, as code points or as "Chinese letter".

`espeak_letters.toml` lists the letters within the scripts; a test compares it with the library.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from video_assets.studio.core.languages import primary_subtag

LANGUAGES_OF_SCRIPT = {
    "ARABIC": ("ar", "fa", "ku", "sd", "ug", "ur"),
    "ARMENIAN": ("hy", "hyw"),
    "BENGALI": ("as", "bn", "bpy"),
    "BOPOMOFO": ("cmn",),
    "CHEROKEE": ("chr",),
    "CJK": ("cmn", "yue"),
    "CYRILLIC": ("ba", "be", "bg", "cv", "kk", "ky", "mk", "nog", "ru", "sr", "tt", "uk"),
    "DEVANAGARI": ("hi", "kok", "mr", "ne"),
    "ETHIOPIC": ("am", "ti"),
    "GEORGIAN": ("ka",),
    "GREEK": ("el", "grc"),
    "GUJARATI": ("gu",),
    "GURMUKHI": ("pa",),
    "HANGUL": ("ko",),
    "HEBREW": ("he",),
    "HIRAGANA": ("ja",),
    "KANNADA": ("kn",),
    "KATAKANA": ("ja",),
    "KATAKANA-HIRAGANA": ("ja",),
    "MALAYALAM": ("ml",),
    "MYANMAR": ("my", "shn"),
    "ORIYA": ("or",),
    "SHAVIAN": ("en-shaw",),
    "SINHALA": ("si",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "THAI": ("th",),
}
CONSTRUCTED = ("piqd", "qdb", "qya", "sjn", "xex")
"""Languages with scripts outside Unicode's names; their voices are not checked."""
_READ_BY_ALL = ("LATIN", "MODIFIER", "MICRO", "OHM")


def unread_letters(text: str, language: str) -> str:
    """The letters of `text` that the voice of `language` would spell, each once; "" if it reads all.

    Every voice reads Latin letters (others switch to English for them) and the name of a single Greek letter. Japanese
    and Korean voices read no Chinese characters.
    """
    tag = language.casefold()
    family = primary_subtag(tag)
    if text.isascii() or family in CONSTRUCTED:
        return ""
    known = {script for script, languages in LANGUAGES_OF_SCRIPT.items() if {tag, family} & set(languages)}
    listed = _listed(tag) or _listed(family)
    letters = [character for character in text if unicodedata.category(character).startswith("L")]
    unread = [letter for letter in letters if not _is_read(letter, known, listed)]
    if len(letters) == 1 and writing_system(letters[0]) == "GREEK":
        return ""
    return "".join(dict.fromkeys(unread))


def _is_read(letter: str, known: set[str], listed: re.Pattern[str] | None) -> bool:
    script = writing_system(letter)
    if script in _READ_BY_ALL:
        return True
    return script in known and (listed is None or bool(listed.match(letter)))


def writing_system(character: str) -> str:
    """The first word of its name, which is its script: `CYRILLIC`, `CJK`."""
    return unicodedata.name(character, "UNKNOWN").split(" ")[0]


@cache
def _listed(language: str) -> re.Pattern[str] | None:
    letters = _table().get(language)
    return re.compile(f"[{letters}]") if letters else None


@cache
def _table() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
