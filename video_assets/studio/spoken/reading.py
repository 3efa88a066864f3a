"""Reads a marked narration: applies overrides, the pronunciation dictionary and the rules, in this order.

A character for which no rule has a word is an error. It is never dropped.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from video_assets.studio.core.errors import ContentError
from video_assets.studio.spoken.languages.language import Language
from video_assets.studio.spoken.languages.language_file import neutral_unit_signs

from .characters import HAN_AND_KANA, LETTER, MELODY_STRENGTH, is_unspaced
from .endings import ending_rules
from .formula_rules import formula_rules
from .letters import plain_forms, plain_letters, without_unsaid_accents
from .markup import Marked, MarkedFormula, PronunciationOverride
from .maths import maths_rules
from .matter import matter_rules
from .names import name_rules
from .numbers import digit_rules
from .ordinals import ordinal_rules
from .passage import NoWordError, Passage, RuleBook, SpokenPiece, SpokenPieces, bounded, pairs_of_brackets
from .pointers import pointer_rules
from .quantities import amount_rules, number_rules
from .sizes import size_rules
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
        first, *others = characters
        more = f"; nor for {_list_of(others)}" if others else ""
        super().__init__(first.message + more + ".", remedy=first.remedy, place=place)
        self.characters = tuple(characters)


def _list_of(characters: Sequence[UnreadableCharacter]) -> str:
    named = [f"“{each.character}” (character {each.offset + 1})" for each in characters[:_MOST_NAMED]]
    return ", ".join(named) + (", …" if len(characters) > _MOST_NAMED else "")


_MOST_NAMED = 5


def normalise(
    marked: Marked, language: Language, pronunciations: Mapping[str, str], *, place: str = ""
) -> tuple[SpokenForm, ...]:
    """All words for the voice, in the order of the text.

    The author's `[shown|said]` comes first, then the pronunciations, then the rules of the language. Raises
    UnreadableText that names all characters for which this language has no word.
    """
    overrides = _all_overrides(marked, pronunciations, language)
    pieces: list[SpokenPiece] = []
    missing: list[tuple[int, int]] = []
    for read in _readers(marked, overrides, language):
        try:
            pieces += read()
        except NoWordError as error:
            missing += error.spans
    if missing:
        raise UnreadableText([_unreadable(marked, span, language) for span in sorted(set(missing))], place=place)
    return tuple(_joined(tuple(pieces), language))


def _readers(
    marked: Marked, overrides: list[PronunciationOverride], language: Language
) -> Iterator[Callable[[], Iterable[SpokenPiece]]]:
    """Functions that read the parts in order: a rule never reaches across an override or a pause."""
    passage = _passage(marked.text, language, marked.formulas)
    barriers = sorted({silence.at for silence in marked.silences})
    start = 0
    for override in [*overrides, PronunciationOverride(len(marked.text), len(marked.text), "")]:
        stops = barriers[bisect_right(barriers, start) : bisect_left(barriers, override.start)]
        for end in [*stops, override.start]:
            yield partial(passage.read, start, end)
            start = end
        yield partial(_said, override, marked.text[override.start : override.end], language)
        start = override.end


def _passage(text: str, language: Language, formulas: tuple[MarkedFormula, ...] = ()) -> Passage:
    rules = rules_of(language)
    text = plain_forms(text, language)
    passage = Passage(
        text, language, pairs_of_brackets(text), lambda start, end: tuple(_scan(passage, rules, start, end)), formulas
    )
    return passage


@lru_cache(maxsize=32)
def rules_of(language: Language) -> RuleBook:
    """All rules of `language`, the specific ones before the general ones."""
    if not language.has_tables:
        return RuleBook((*digit_rules(neutral_unit_signs()), *word_rules(language)))
    return RuleBook(
        (
            *ordinal_rules(language),
            *amount_rules(language),
            *abbreviation_rules(language),
            *ending_rules(language),
            *pointer_rules(language),
            *matter_rules(language),
            *size_rules(language),
            *name_rules(language),
            *number_rules(language),
            *formula_rules(language),
            *maths_rules(language),
            *word_rules(language),
        )
    )


def _scan(passage: Passage, rules: RuleBook, start: int, end: int) -> Iterator[SpokenPiece]:
    missing: list[tuple[int, int]] = []
    while start < end:
        try:
            said = rules.read(passage, start, end)
        except NoWordError as inside:
            missing += inside.spans
            start = max(span_end for _, span_end in inside.spans)
            continue
        if said is None:
            spans, start = _unread(passage, start, end)
            missing += spans
            continue
        pieces, start = said
        yield from pieces
    if missing:
        raise NoWordError(*missing)


_LETTERS = re.compile(f"{LETTER}+")


def _unread(passage: Passage, start: int, end: int) -> tuple[list[tuple[int, int]], int]:
    """The spans of the characters at `start` that no rule reads, and the end of their word.

    A word fails as a whole, so its letters are tried one by one.
    """
    word = _LETTERS.match(passage.text, start, end)
    if not word:
        return [(start, start + 1)], start + 1
    strange = [
        (at, at + 1) for at in range(*word.span()) if not is_readable(passage.language, plain_letters(passage.text[at]))
    ]
    return strange or [(start, start + 1)], word.end()


def _said(override: PronunciationOverride, shown: str, language: Language) -> tuple[SpokenPiece, ...]:
    """The author's own words, distributed over the shown words: one each, and the last gets the rest."""
    return tuple(_distributed(override, shown, language)) if override.said else ()


def _distributed(override: PronunciationOverride, shown: str, language: Language) -> Iterator[SpokenPiece]:
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
        raise NoWordError((override.start, max(override.end, override.start + 1))) from missing


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
                words.append(SpokenForm(_for_voice(core, language), piece.at))
            if mark and words:
                words[-1] = words[-1]._replace(text=_marked_by(words[-1].text, mark))
    if words:
        words[-1] = words[-1]._replace(text=words[-1].text.rstrip(",，、"))
    yield from words


def _for_voice(word: str, language: Language) -> str:
    """`word` with the accents that the voice reads. Those of a language without tables are known to its voice alone."""
    return without_unsaid_accents(word, accents=language.accents) if language.has_tables else word


def _marked_by(word: str, marks: str) -> str:
    core = word.rstrip(MELODY_STRENGTH)
    return core + max(word[len(core) :] + marks, key=MELODY_STRENGTH.index)


def _unreadable(marked: Marked, span: tuple[int, int], language: Language) -> UnreadableCharacter:
    start, end = span
    shown = marked.text[start:end]
    around = " ".join(marked.text[max(0, start - 20) : end + 19].split())
    written = re.sub(r"[\\\[\]|]", r"\\\g<0>", shown)
    return UnreadableCharacter(
        marked.offsets[start],
        shown,
        f"The {language.tag} voice has no word for “{shown}”{_code_point(shown)}, character "
        f"{marked.offsets[start] + 1} of the narration, in “…{around}…”",
        f"Write [{written}|the words to say], leave it out, or give its word in the pronunciations.",
    )


def _code_point(character: str) -> str:
    if len(character) != 1:
        return ""
    return f" (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"
