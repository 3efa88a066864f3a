"""Character classes for text normalisation in any language: letters, scripts, superscripts, melody marks, silent marks.

Does not belong here: words of any language for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from video_assets.studio.core.sentences import (
    AMBIGUOUS_STOPS,
    CLAUSE_ENDS,
    COMMAS,
    EXCLAMATION_MARKS,
    FULL_STOPS,
    QUESTION_MARKS,
)

NO_BREAK_SPACES = "\u00a0\u202f\u2007"
"""Spaces that hold a token together: `25 °C` written with one stays in one caption line."""

INVISIBLE = "\u00ad\u0640\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f"
"""Format characters: invisible and not spoken. Also the Arabic stroke that only lengthens a word in print."""

HAN_AND_KANA = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9\U00020000-\U0002a6df"
)
"""Range for a character class: scripts without spaces between words."""

LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
DEVANAGARI = "\u0900-\u0963\u0970-\u097f"

MELODY: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(set(FULL_STOPS) - set(AMBIGUOUS_STOPS), "."),
        **dict.fromkeys(QUESTION_MARKS, "?"),
        **dict.fromkeys(EXCLAMATION_MARKS, "!"),
        **dict.fromkeys(COMMAS, ","),
        **dict.fromkeys(CLAUSE_ENDS, ";"),
        **{mark: mark for mark in ",.;:?!，。；：？！、"},
        **dict.fromkeys("—―⸺⸻–‒•‣◦▪()（）¶|", ","),
        **dict.fromkeys("…⋯", "."),
        **dict.fromkeys("．﹒׃჻෴๚๛⁘⁛", "."),
        **dict.fromkeys("·՝៖፦", ","),
        "\u0387": ";",
        "՜": "!",
    }
)
"""Punctuation -> the mark with which the voice shapes its melody."""

MELODY_STRENGTH = "、，,：:；;。.！!？?"
"""Weakest first. If several meet, the voice gets the strongest."""

SILENT = frozenset(
    "\"'‘’‚‛“”„‟«»‹›「」『』《》〈〉【】〔〕［］[]{}｛｝¿¡`´‐‑￼⟨⟩⌊⌋⌈⌉〖〗〘〙〚〛〝〞〟｢｣｟｠＂＇❨❩❮❯⟦⟧⟪⟫﴾﴿־֊‧፡॰・･゠՛״"
    + INVISIBLE
)
"""Quotes, brackets, and joints and separators of words, which are not spoken."""

MARKS_IN_WORDS = "·՛՜՞׳״"
"""Marks of Catalan, Armenian and Hebrew that stand inside a word, which the voices of these languages know."""

OPERATORS = frozenset("=<>≤≥≠≈≡±∓×÷·⋅∙*/+−^→←↔⇒⇔∝∈∉⊂⊆∪∩√∑∏∫∂∇∀∃≪≫²³√")
"""Beside one of these a single letter is a variable, not a word."""


def character_class(characters: Iterable[str]) -> str:
    """The inside of a regular expression's `[...]` that matches exactly `characters`."""
    return "".join(re.escape(character) for character in characters)


def _codes_by_category() -> Mapping[str, Sequence[int]]:
    codes: dict[str, list[int]] = {}
    for code in range(0x80, 0x10000):
        codes.setdefault(unicodedata.category(chr(code)), []).append(code)
    return codes


_CODES = _codes_by_category()


def _ranges(categories: tuple[str, ...], spare: str = "") -> str:
    """The characters of `categories` in the basic plane as ranges for a character class."""
    codes = sorted(code for category in categories for code in _CODES[category] if chr(code) not in spare)
    there = set(codes)
    starts = [code for code in codes if code - 1 not in there]
    ends = [code for code in codes if code + 1 not in there]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


MARKS = _ranges(("Mn", "Mc"), spare="\ufe0e\ufe0f")
"""Combining marks. `\\w` does not match them, and the vowels of Hindi are among them."""

NUMERALS = _ranges(("No", "Nl"), spare="〇")
"""`²`, `½`, `Ⅳ`, `①`: `\\w` matches them like letters."""

LETTER = f"(?:[^\\W\\d_{NUMERALS}]|[{MARKS}])"
"""One letter of any script, or a combining mark."""


def _raised_or_lowered(kind: str) -> Mapping[str, str]:
    found = {}
    for code in (0xB2, 0xB3, 0xB9, *range(0x1D2C, 0x1D7C), *range(0x1D9B, 0x1DC0), *range(0x2070, 0x20A0), 0x2C7C):
        decomposition = unicodedata.decomposition(chr(code)).split()
        if decomposition[:1] == [f"<{kind}>"]:
            found[chr(code)] = "".join(chr(int(part, 16)) for part in decomposition[1:])
    return MappingProxyType(found)


SUPERSCRIPTS = _raised_or_lowered("super")
"""`²` -> `2`, `⁻` -> `−`, `ⁿ` -> `n`."""

SUBSCRIPTS = _raised_or_lowered("sub")

SUPERSCRIPT_CLASS = character_class(SUPERSCRIPTS)
SUBSCRIPT_CLASS = character_class(SUBSCRIPTS)

_UNSPACED = re.compile(f"[{HAN_AND_KANA}]")


def is_unspaced(character: str) -> bool:
    """Whether the character belongs to a script without spaces between words (Han, Kana)."""
    return bool(_UNSPACED.match(character))


def has_unspaced(text: str) -> bool:
    """Whether `text` has a character for which `is_unspaced` is true."""
    return bool(_UNSPACED.search(text))
