"""Letters that a voice would spell out, in the form that it reads: ligatures, styled letters, rare accents.

Captions keep the letters of the author. Does not belong here: the names of single letters (the language's tables).
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

from video_assets.studio.spoken.languages.language import Language

_COMPATIBLE = re.compile(
    "[\u0132\u0133\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb4f\uff21-\uff3a\uff41-\uff5a"
    "\u2102-\u214b\u24b6-\u24e9\U0001d400-\U0001d7cb\uff66-\uff9f\ufb50-\ufdff\ufe70-\ufefc]"
)
"""Characters whose NFKC form is the same letter in a plain style. A raised letter (`ʰ`) is another sign."""

_MARKS_OF_TRANSLITERATION = "\u02bb\u02bd\u02be\u02bf\ua78b\ua78c"
"""`ʻ` and its kin, for a glottal stop: `Hawaiʻi`, `Qurʾān`. Voices spell them or stop at them."""

_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_RARE = re.compile("[\u1e00-\u1eff]|[A-Za-z\u00c0-\u024f][\u0300-\u036f]")
"""Letters that espeak-ng spells as code points in languages that do not use them: `ṃ` is "letter one E four three"."""
_BASES = MappingProxyType(
    {
        "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "ng", "ø": "o", "œ": "oe", "æ": "ae", "ŧ": "t",
        "þ": "th", "ß": "ss", "ẞ": "ss", "ƒ": "f", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ǝ": "e", "ə": "e", "ſ": "s",
    }
)  # fmt: skip


def plain_letters(word: str) -> str:
    """`word` with ligatures and styled letters as plain ones, and without marks of transliteration: `ﬁ` is `fi`."""
    unstyled = _COMPATIBLE.sub(lambda styled: unicodedata.normalize("NFKC", styled[0]), word)
    return re.sub(f"(?<=\\w)[{_MARKS_OF_TRANSLITERATION}]|[{_MARKS_OF_TRANSLITERATION}](?=\\w)", "", unstyled)


def without_unsaid_accents(word: str, *, accents: bool) -> str:
    """Latin letters without the accents that the voice does not read.

    If `accents`, it reads those of the living languages of Europe, and the words that have others lose all of theirs:
    `Saṃsāra` -> `Samsara`, but `Čapek` stays. If not, every word loses its accents: `café` -> `cafe`.
    """
    if word.isascii() or (accents and not _RARE.search(word)):
        return word
    bare = _ACCENTED.sub(lambda letter: _base(letter[0]), word)
    return re.sub("(?<=[A-Za-z])[\u0300-\u036f]+", "", bare)


def _base(letter: str) -> str:
    first = unicodedata.normalize("NFD", letter)[0]
    base = _BASES.get(first.lower(), first.lower())
    return base.capitalize() if letter.isupper() else base


_FORMS = {"॰": "."}
_QUOTE_IN_HEBREW = re.compile(r"(?<=[א-ת])\"(?=[א-ת])")
"""`צה"ל`: typed for the mark of an abbreviation."""
_DOT_OF_HANGUL = re.compile(r"(?<=[가-힣])·(?=[가-힣])")
"""`서울·부산`: the dot of a list."""
_COLON_OF_NUMBERS = re.compile(r"(?<=\d)：(?=\d)")


def plain_forms(text: str, language: Language) -> str:
    """`text`, of the same length, with the digits of all scripts as 0 to 9, so that one rule fits `15/08` and `१५/०८`.

    Also the Hindi sign of an abbreviation as a full stop, and a full-width colon between digits as the plain one. A
    language without tables keeps its own digits, which its voice reads;
    only a dot or quote that stands for another mark is replaced.
    """
    if text.isascii():
        return text
    if not language.has_tables:
        return _DOT_OF_HANGUL.sub(",", _QUOTE_IN_HEBREW.sub("״", text))
    plain = "".join(
        str(digit) if (digit := unicodedata.decimal(sign, -1)) >= 0 else _FORMS.get(sign, sign) for sign in text
    )
    return _COLON_OF_NUMBERS.sub(":", plain)
