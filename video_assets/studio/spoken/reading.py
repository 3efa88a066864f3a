"""Reads a marked narration: applies overrides, the pronunciation dictionary and the rules, in this order.

A character for which no rule has a word is an error. It is never dropped.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.core.errors import ContentError
from video_assets.studio.spoken.languages.language import Language

from .characters import HAN_AND_KANA, MELODY_STRENGTH, is_unspaced
from .markup import Marked, PronunciationOverride
from .maths import maths_rules
from .names import name_rules
from .numbers import digit_rules
from .passage import Passage, RuleBook, SpokenPiece, SpokenPieces, bounded, pairs_of_brackets
from .quantities import amount_rules, number_rules
from .words import abbreviation_rules, is_readable, word_rules


class SpokenForm(NamedTuple):
    """One word for the voice with its melody mark, and the visible character that it stands for."""

    text: str
    at: int


class UnreadableCharacter(NamedTuple):
    """A character for which the language has no word, and what to do about it."""

    offset: int
    """Its index in the narration as the author wrote it."""
    character: str
    message: str
    remedy: str


class UnreadableText(ContentError):
    """A narration with characters that cannot be spoken: all of them, in the order of the text."""

    def __init__(self, characters: Sequence[UnreadableCharacter], *, place: str = "") -> None:
        super().__init__(characters[0].message, remedy=characters[0].remedy, place=place)
        self.characters = tuple(characters)


class NoWordError(Exception):
    """No rule has a word for the visible character `at`. `normalise` raises a ContentError with the place."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def normalise(
    marked: Marked, language: Language, pronunciations: Mapping[str, str], *, place: str = ""
) -> tuple[SpokenForm, ...]:
    """All words for the voice, in the order of the text.

    The author's `[shown|said]` comes first, then the pronunciations, then the rules of the language. Raises
    UnreadableText with every character for which this language has no word.
    """
    overrides = _all_overrides(marked, pronunciations, language)
    unreadable: list[int] = []
    pieces = tuple(_pieces(marked, overrides, language, unreadable))
    if unreadable:
        raise UnreadableText([_unspeakable(marked, at, language) for at in unreadable], place=place)
    return tuple(_joined(pieces, language))


def _pieces(
    marked: Marked, overrides: list[PronunciationOverride], language: Language, unreadable: list[int]
) -> Iterator[SpokenPiece]:
    """The spoken pieces part by part: a rule never reaches across an override or a pause.

    The positions of characters without a word are added to `unreadable`, and the reading continues behind each.
    """
    passage = _passage(marked.text, language)
    barriers = sorted({silence.at for silence in marked.silences})
    start = 0
    for override in [*overrides, PronunciationOverride(len(marked.text), len(marked.text), "")]:
        stops = barriers[bisect_right(barriers, start) : bisect_left(barriers, override.start)]
        for end in [*stops, override.start]:
            yield from _read_past(passage, start, end, unreadable)
            start = end
        try:
            yield from tuple(_said(override, marked.text[override.start : override.end], language))
        except NoWordError as missing:
            unreadable.append(missing.at)
        start = override.end


def _read_past(passage: Passage, start: int, end: int, unreadable: list[int]) -> Iterator[SpokenPiece]:
    while start < end:
        try:
            yield from passage.read(start, end)
            start = end
        except NoWordError as missing:
            unreadable.append(missing.at)
            start = max(missing.at, start) + 1


def _passage(text: str, language: Language) -> Passage:
    rules = rules_of(language)
    passage = Passage(
        text, language, pairs_of_brackets(text), lambda start, end: tuple(_scan(passage, rules, start, end))
    )
    return passage


@lru_cache(maxsize=32)
def rules_of(language: Language) -> RuleBook:
    """All rules of `language`, the specific ones before the general ones."""
    if not language.has_tables:
        return RuleBook((*digit_rules(), *word_rules(language)))
    return RuleBook(
        (
            *abbreviation_rules(language),
            *amount_rules(language),
            *name_rules(language),
            *number_rules(language),
            *maths_rules(language),
            *word_rules(language),
        )
    )


def _scan(passage: Passage, rules: RuleBook, start: int, end: int) -> Iterator[SpokenPiece]:
    while start < end:
        said = rules.read(passage, start, end)
        if said is None:
            raise NoWordError(start)
        pieces, start = said
        yield from pieces


def _said(override: PronunciationOverride, shown: str, language: Language) -> Iterator[SpokenPiece]:
    """The author's own words, distributed over the shown words: one each, and the last gets the rest."""
    if not override.said:
        return
    starts = [override.start + part.start() for part in _UNIT.finditer(shown)]
    words = [part for piece in _override_pieces(override, language) for part in piece.text.split()]
    count = -1
    for word in words:
        count += any(map(str.isalnum, word))
        yield SpokenPiece(word, starts[max(0, min(count, len(starts) - 1))] if starts else override.start)


_UNIT = re.compile(rf"[{HAN_AND_KANA}]|[^\s{HAN_AND_KANA}]+")


def _override_pieces(override: PronunciationOverride, language: Language) -> SpokenPieces:
    said = unicodedata.normalize("NFC", override.said)
    words = [match[0] for match in _UNIT.finditer(said)]
    if all(is_plain(language, word) for word in words):
        return tuple(SpokenPiece(word, override.start) for word in words)
    try:
        return _passage(said, language).read(0, len(said))
    except NoWordError as missing:
        raise NoWordError(override.start) from missing


def is_plain(language: Language, word: str) -> bool:
    """Whether the voice can read `word` unchanged: letters of its script, digits, and marks only around them."""
    core = unicodedata.normalize("NFC", word).strip("".join(MELODY_STRENGTH))
    return bool(core) and is_readable(language, re.sub("[0-9]", "", core) or "-")


def _all_overrides(
    marked: Marked, pronunciations: Mapping[str, str], language: Language
) -> list[PronunciationOverride]:
    """The overrides of the author, then those of the dictionary that do not overlap: exact case before any case."""
    taken = sorted(marked.overrides)
    for pattern, table in _dictionaries(pronunciations, language):
        found = [_dictionary_override(match, table) for match in pattern.finditer(marked.text)]
        starts = [override.start for override in taken]
        taken = sorted([*taken, *(override for override in found if _is_free(override, taken, starts))])
    return [_with_ending(marked.text, override) for override in taken]


def overridden_spans(
    marked: Marked, pronunciations: Mapping[str, str], language: Language
) -> tuple[tuple[int, int], ...]:
    """The parts (start, end) of the visible text for which the author or the pronunciations give the words."""
    return tuple((override.start, override.end) for override in _all_overrides(marked, pronunciations, language))


def _dictionaries(
    pronunciations: Mapping[str, str], language: Language
) -> list[tuple[re.Pattern[str], Mapping[str, str]]]:
    keys = {" ".join(key.split()): said for key, said in pronunciations.items() if key.strip()}
    folded = {key.lower(): said for key, said in reversed(keys.items()) if not _is_another_word(key, language)}
    tables = [(keys, re.NOFLAG), (folded, re.IGNORECASE)]
    return [(_any_of(table, flags), table) for table, flags in tables if table]


def _is_another_word(key: str, language: Language) -> bool:
    """Whether `key` in another case is another word: `US` must not change every "us" to a country."""
    return key.isupper() and key.lower() in language.common_capitals


def _any_of(table: Mapping[str, str], flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile("|".join(_whole(key) for key in sorted(table, key=len, reverse=True)), flags)


def _whole(key: str) -> str:
    before = r"(?<!\w)" if key[0].isalnum() and not is_unspaced(key[0]) else ""
    after = r"(?!\w)" if key[-1].isalnum() and not is_unspaced(key[-1]) else ""
    return bounded(before + r"\s+".join(re.escape(part) for part in key.split(" ")) + after)


def _dictionary_override(match: re.Match[str], table: Mapping[str, str]) -> PronunciationOverride:
    key = " ".join(match[0].split())
    said = table[key] if key in table else table[key.lower()]
    return PronunciationOverride(match.start(), match.end(), said.strip())


def _is_free(override: PronunciationOverride, taken: list[PronunciationOverride], starts: list[int]) -> bool:
    """Whether `override` overlaps none of `taken`, which are ordered, do not overlap, and begin at `starts`."""
    following = bisect_left(starts, override.end)
    return following == 0 or taken[following - 1].end <= override.start


_ENDING = re.compile(r"['’]s(?!\w)|[a-z]{1,3}(?!\w)")


def _with_ending(text: str, override: PronunciationOverride) -> PronunciationOverride:
    """`[Euler|Oiler]'s` is one word for the voice: "Oiler's"."""
    ending = _ENDING.match(text, override.end)
    if not ending or not override.said or not override.said[-1].isalnum():
        return override
    return PronunciationOverride(override.start, ending.end(), override.said + ending[0].replace("’", "'"))


def _joined(pieces: tuple[SpokenPiece, ...], language: Language) -> Iterator[SpokenForm]:
    """Words with their marks. Of the marks between two words the strongest stays, on the first word."""
    words: list[SpokenForm] = []
    for piece in pieces:
        for part in piece.text.split():
            core = part.rstrip(MELODY_STRENGTH)
            mark = part[len(core) :]
            if core:
                words.append(SpokenForm(core if language.accents else _bare(core), piece.at))
            if mark and words:
                words[-1] = words[-1]._replace(text=_marked_by(words[-1].text, mark))
    if words:
        words[-1] = words[-1]._replace(text=words[-1].text.rstrip(",，、"))
    yield from words


_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")


def _bare(word: str) -> str:
    """Latin letters without their accents: `café` -> `cafe`."""
    return _ACCENTED.sub(lambda letter: unicodedata.normalize("NFD", letter[0])[0], word)


def _marked_by(word: str, marks: str) -> str:
    core = word.rstrip(MELODY_STRENGTH)
    return core + max(word[len(core) :] + marks, key=MELODY_STRENGTH.index)


def _unspeakable(marked: Marked, at: int, language: Language) -> UnreadableCharacter:
    character, offset = marked.text[at], marked.offsets[at]
    name = unicodedata.name(character, "unnamed")
    around = " ".join(marked.text[max(0, at - 20) : at + 20].split())
    return UnreadableCharacter(
        offset,
        character,
        f"The {language.tag} voice has no word for “{character}” (U+{ord(character):04X} {name}), character "
        f"{offset + 1} of the narration, in “…{around}…”.",
        f"Write [{character}|the words to say], leave it out, or give its word in the pronunciations.",
    )
