"""The words of a text in a form in which the words of a slide and those of a narration can be compared.

Does not belong here: which part of a slide a sentence speaks of (`mentions`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.slides.phrases.function_words import function_words_of
from video_assets.studio.spoken.characters import is_unspaced


class WordForm(NamedTuple):
    """A word as it is compared, and the index of its first character in the text."""

    form: str
    start: int
    stop: bool
    """Whether it is a function word, which alone says nothing."""


_MARKS = (
    r"\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u1000-\u109f\u1780-\u17d3"
    r"\u200c\u200d"
)
"""Combining vowel signs and accents, which `\\w` leaves out."""
_WORD = re.compile(rf"\d+(?:[.,]\d+)*(?![\w{_MARKS}])|[\w{_MARKS}]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_INSIDE = re.compile(r"_+|(?<=[a-z])(?=[A-Z])")
_ACCENTS = re.compile("[\u0300-\u036f]")
_DICTIONARY_SCRIPTS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


def word_forms(text: str, language: str) -> tuple[WordForm, ...]:
    """The words of `text`, in order.

    Case and accents are left out, except the case of single letters (`A` is no article) and of function words in
    capitals (`NOT`). `binary_search` is two words, `V_GS` one. A text without spaces (Chinese, Japanese, Thai) becomes
    pairs of characters: the word that starts at each character.
    """
    stop = _stop_forms(primary_subtag(language))
    found = tuple(found for match in _WORD.finditer(text) for found in _forms(match[0], match.start(), stop))
    if len(found) < 2 or len(found[0].form) > 1 or found[0].form.casefold() not in stop:
        return found
    # "A body at rest" begins with an article, "A" alone is a name.
    return (found[0]._replace(form=found[0].form.casefold(), stop=True), *found[1:])


def _forms(written: str, start: int, stop: frozenset[str]) -> Iterator[WordForm]:
    if any(map(_without_spaces, written)):
        yield from _pairs(written, start)
        return
    pieces = [piece for piece in _INSIDE.split(written) if piece]
    if len(pieces) > 1 and all(len(piece) > 2 for piece in pieces):
        at = start
        for piece in pieces:
            yield _form(piece, at, stop)
            at += len(piece)
        return
    if joined := "".join(pieces):
        yield _form(joined, start, stop)


def _form(written: str, start: int, stop: frozenset[str]) -> WordForm:
    plain = unicodedata.normalize("NFKC", written)
    if len(plain) == 1:
        return WordForm(plain, start, plain.islower() or plain in stop)
    folded = _folded(plain)
    if _THOUSANDS.fullmatch(folded):
        folded = re.sub("[.,]", "", folded)
    if folded in stop and plain.isupper():
        return WordForm(plain, start, stop=False)
    return WordForm(folded, start, folded in stop)


def _folded(text: str) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold()))


def _without_spaces(character: str) -> bool:
    return is_unspaced(character) or bool(_DICTIONARY_SCRIPTS.match(character))


def _pairs(written: str, start: int) -> Iterator[WordForm]:
    """Each character with the one after it; the last one alone."""
    for at in range(len(written)):
        yield WordForm(written[at : at + 2], start + at, stop=False)


@lru_cache(maxsize=32)
def _stop_forms(family: str) -> frozenset[str]:
    return frozenset(_folded(word) for word in function_words_of(family).stop)


# How like two words are ----------------------------------------------------------------------------------------------

_ENGLISH_ENDINGS = frozenset(re.split(" ", " s es d ed ing ings er ers y ies ied ly n en"))
_ENDINGS = frozenset(
    re.split(
        " ",
        " s es e er ers en em ern n r m nd t te ten ter st et ung ungen a o i as os al ale aux x d ed ing is ne nes",
    )
)
"""Endings of German, French, Spanish and their relatives; the first one is empty."""
_COMPOUNDING = frozenset({"de", "nl", "sv", "da", "no", "nb"})
_PARTICIPLE = "ge"
"""The prefix of German participles: "spalten, gespalten"."""
_SHORTEST_STEM = 3
_SHORTEST_DERIVED_STEM = 5
_SHORTEST_COMMON_STEM = 7
_SHORTEST_IN_COMPOUND = 4
_LONGEST_DERIVATION = 5


@lru_cache(maxsize=20_000)
def likeness(one: str, other: str, family: str) -> float:
    """How surely both forms are the same word: 1 equal, 0.9 inflected, 0.5 to 0.8 derived or in a compound, else 0.

    `family` is the primary subtag of the language.
    """
    if one == other:
        return 1.0
    if len(one) < 2 or len(other) < 2:
        return 0.7 if _without_spaces(one[0]) and other.startswith(one) else 0.0
    if one.isupper() or other.isupper() or any(map(str.isdigit, one + other)) or _without_spaces(one[0]):
        return 0.0
    shared = _common_prefix(one, other)
    rests = one[shared:], other[shared:]
    if not one.isascii():
        return 0.8 if shared >= 2 and max(map(len, rests)) <= 2 and 2 * shared >= max(len(one), len(other)) else 0.0
    if _inflected(one[:shared], *rests, family):
        return 0.9
    if family == "de" and one.startswith(_PARTICIPLE) != other.startswith(_PARTICIPLE) and shared < 2:
        return 0.9 * likeness(one.removeprefix(_PARTICIPLE), other.removeprefix(_PARTICIPLE), family)
    longest = max(map(len, rests))
    if longest <= _LONGEST_DERIVATION and (
        shared >= _SHORTEST_COMMON_STEM
        or (shared == _SHORTEST_COMMON_STEM - 1 and shared >= 0.8 * min(len(one), len(other)))
        or (shared >= _SHORTEST_DERIVED_STEM and not all(rests))
    ):
        return 0.7
    return 0.5 if family in _COMPOUNDING and _in_compound(one, other) else 0.0


def _common_prefix(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _inflected(stem: str, rest: str, other_rest: str, family: str) -> bool:
    if len(stem) < _SHORTEST_STEM or 2 * len(stem) < len(stem) + max(len(rest), len(other_rest)):
        return False
    if family != "en":
        return rest in _ENDINGS and other_rest in _ENDINGS
    # A silent e is left out before another ending only: "make, making", but not "plan, plane".
    endings = _ENGLISH_ENDINGS | {"e"} if rest and other_rest else _ENGLISH_ENDINGS
    doubled = stem[-1]
    return all(each in endings or each.removeprefix(doubled) in endings for each in (rest, other_rest))


def _in_compound(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_IN_COMPOUND and (long.startswith(short) or long.endswith(short))
