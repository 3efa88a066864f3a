"""Rules for words, single letters, symbols and punctuation, which apply when no more specific rule matches.

They also cover abbreviations and acronyms in running text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby

from video_assets.studio.spoken.languages.language import Language

from .capitals import is_in_title, is_word_in_title
from .characters import (
    HAN_AND_KANA,
    INVISIBLE,
    LETTER,
    MARKS,
    MARKS_IN_WORDS,
    MELODY,
    SILENT,
    SUBSCRIPT_CLASS,
    SUPERSCRIPT_CLASS,
    character_class,
    is_unspaced,
)
from .letters import plain_letters
from .names import name_pieces
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, beside_operator, compiled

_NEAR = 24
_APOSTROPHES = "'’ʼ"


def abbreviation_rules(language: Language) -> tuple[Rule, ...]:
    """The abbreviations, in the order of the table.

    Neighbours share one expression. Seventy expressions, each with its own classes of letters, took half a second to
    compile in every process.
    """
    rules = groupby(language.abbreviations.items(), key=lambda entry: entry[0].startswith("(?<"))
    return tuple(_abbreviations(dict(entries), guarded=not says_itself) for says_itself, entries in rules)


def _abbreviations(words_by_pattern: Mapping[str, str], *, guarded: bool) -> Rule:
    """A rule that matches whole words only. Patterns with their own look-behind define where they may start."""
    before = rf"(?<![^\W\d{HAN_AND_KANA}])" if guarded else ""
    # The empty group after each one identifies it. A group around it would hide its first letter from the compiler.
    any_of_them = "|".join(f"(?:{pattern})(?P<_{number}>)" for number, pattern in enumerate(words_by_pattern))
    pattern = rf"{before}(?:{any_of_them})(?!(?![{HAN_AND_KANA}]){LETTER})"
    said = tuple(words.split() for words in words_by_pattern.values())

    def read(match: re.Match[str], _passage: Passage) -> SpokenPieces:
        # The group after the abbreviation closes after all groups inside it, so it is the last.
        words = said[int(str(match.lastgroup)[1:])]
        return tuple(SpokenPiece(word, at) for word, at in _shared(words, match))

    return Rule(pattern, read)


def _shared(words: list[str], match: re.Match[str]) -> list[tuple[str, int]]:
    """Distributes words over the tokens that they stand for: one each, and the last token gets the rest."""
    starts = [match.start() + part.start() for part in re.finditer(r"\S+", match[0])]
    if len(starts) > len(words):
        words = [*words, *[""] * (len(starts) - len(words))]
    return [(word, starts[min(index, len(starts) - 1)]) for index, word in enumerate(words)]


def word_rules(language: Language) -> tuple[Rule, ...]:
    """Words, then symbols, then punctuation."""
    named = character_class(sorted(sign for sign in language.symbols if len(sign) == 1 and sign.isalpha()))
    raised = f"{named}{SUPERSCRIPT_CLASS}{SUBSCRIPT_CLASS}" if named else ""
    letter = rf"(?:(?![{raised}{HAN_AND_KANA}]){LETTER})"
    own_marks = "" if language.has_tables else MARKS_IN_WORDS
    joint = rf"(?:[{_APOSTROPHES}{INVISIBLE}{own_marks}]+|(?<=[a-zà-ÿ]{{2}})[-‐‑](?=[a-zà-ÿ]{{2}}))"
    symbols = "|".join(re.escape(sign) for sign in sorted(language.symbols, key=len, reverse=True)) or "(?!)"
    rules: list[Entry] = [
        (rf"[{HAN_AND_KANA}]", _unspaced),
        (r"([^\W\d_]{2,})\((s|es|n|e|en)\)", _optional_ending),
        (r"\.{2,}|[…⋯]+", _ellipsis),
        (rf"{letter}+(?:{joint}{letter}+)*", _word),
        (symbols, _symbol),
        (rf"[{character_class(MELODY)}]", _melody),
        (rf"\s+|[{character_class(sorted(SILENT))}]+", _silence),
    ]
    return compiled(rules)


def _unspaced(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    return (SpokenPiece(match[0], match.start()),) if is_readable(passage.language, match[0]) else None


def _optional_ending(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`file(s)` is read "files"."""
    return (SpokenPiece(match[1] + match[2], match.start()),) if passage.language.tag == "en" else None


def _ellipsis(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """The end of an unfinished sentence, or a hesitation inside a sentence."""
    goes_on = re.match(r"[\s\"'”’)]*[^\s\"'”’)A-ZÀ-Þ]", passage.text[match.end() : match.end() + 12])
    return (SpokenPiece("," if goes_on else ".", match.start()),)


def _word(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    written = match[0]
    word, pieces = (_known_word if len(written) <= _LONGEST_KNOWN else _read_word)(passage.language, written)
    if len(word) == 1:
        return _letter(match, passage, word)
    if word.isupper() and word[0].isascii() and is_word_in_title(passage.language, passage.text, *match.span()):
        return (SpokenPiece(word.lower(), match.start()),)
    if pieces and _is_formula_of_matter(match, passage, word):
        return tuple(SpokenPiece(passage.language.letter(each), match.start() + i) for i, each in enumerate(word))
    if pieces is None:
        return None
    start = match.start()
    return tuple(SpokenPiece(piece.text, start + piece.at) for piece in pieces)


def _is_formula_of_matter(match: re.Match[str], passage: Passage, word: str) -> bool:
    """Whether capitals that are also a word stand for a substance: `2NO + O₂`."""
    if not re.fullmatch("[BCFHIKNOPS]{2,3}", word) or word.lower() not in passage.language.common_capitals:
        return False
    before, after = passage.text[max(0, match.start() - 3) : match.start()], passage.text[match.end() : match.end() + 3]
    return before[-1:].isdigit() or bool(re.search(r"[+→⇌⇄]\s?\d?$", before) or re.match(r"\s?[+→⇌⇄]", after))


def _read_word(language: Language, written: str) -> tuple[str, SpokenPieces | None]:
    """A word independent of its context: its plain spelling, and its pieces counted from its start."""
    word = unicodedata.normalize("NFC", plain_letters(_without_invisible(written)))
    word = re.sub(f"[{_APOSTROPHES}]", "'", re.sub("[‐‑]", "-", word))
    if len(word) == 1 or not is_readable(language, word):
        return word, None
    if not word.isascii() or "'" in word or "-" in word or word.islower() or word.istitle():
        return word, _worded(language, word, 0)
    return word, name_pieces(language, word, 0)


_LONGEST_KNOWN = 40
_known_word = lru_cache(maxsize=4096)(_read_word)


def _without_invisible(word: str) -> str:
    """The word without invisible characters. Indic scripts keep U+200C and U+200D, which shape conjuncts."""
    unwanted = INVISIBLE if word[:1].isascii() else re.sub("[\u200c\u200d]", "", INVISIBLE)
    return re.sub(f"[{unwanted}]", "", word)


_ELIDED = frozenset("LDJNSCMT")
"""French articles and pronouns before a vowel, at the start of a sentence: `L'ONU`."""


def _worded(language: Language, word: str, at: int) -> SpokenPieces:
    stem, apostrophe, tail = word.partition("'")
    if len(stem) <= 2 and tail.isupper() and len(tail) > 1 and tail.isascii() and tail.isalpha():
        # An article before an acronym: `l'ADN`.
        first, *others = name_pieces(language, tail, at + len(stem) + 1)
        return (SpokenPiece(f"{stem.lower()}'{first.text}", at), *others)
    if stem.isupper() and len(stem) > 1 and stem.isascii():
        pieces = list(name_pieces(language, stem, at))
        pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + apostrophe + tail)
        return tuple(pieces)
    if len(tail) > 1 and tail.isupper() and tail.isascii() and (stem.islower() or stem in _ELIDED):
        first, *rest = name_pieces(language, tail, at + len(stem) + 1)
        return (SpokenPiece(f"{stem}'{first.text}", at), *rest)
    if word.isascii() and word.isalpha() and len(word) <= 4:
        return name_pieces(language, word, at)
    return (SpokenPiece(word.lower() if word.isupper() else word, at),)


def _letter(match: re.Match[str], passage: Passage, letter: str) -> SpokenPieces | None:
    language = passage.language
    if not is_readable(language, letter):
        return None
    named = letter.lower() in language.letters
    if named and letter.lower() in language.single_letter_words and not _is_a_name(match, passage, letter):
        titled = letter.isupper() and letter != "I" and is_in_title(language, passage.text, *match.span())
        return (SpokenPiece(letter.lower() if titled else letter, match.start()),)
    return (SpokenPiece(language.letter(letter), match.start()),)


def _is_a_name(match: re.Match[str], passage: Passage, letter: str) -> bool:
    """Whether a letter that is also a word is a name: in a formula, after "point", or alone in brackets."""
    text, start, end = passage.text, match.start(), match.end()
    if letter in passage.language.articles and _opens_aside(passage, start, end):
        return False
    operand = re.search(r"(?:[\d)²³]|(?<![^\W\d_])[^\W\d_])\s$", text[max(0, start - 3) : start])
    joins = operand and re.match(r"\s[\w(]", text[end : end + 2])
    if passage.in_formula(start) and not joins:  # Spanish `x = 2 y y = 3`: the first is "and"
        return True
    if beside_operator(text, start, end) or re.match(rf"[{SUPERSCRIPT_CLASS}{SUBSCRIPT_CLASS}^_]", text[end : end + 1]):
        return True
    before, after = text[max(0, start - 24) : start], text[end : end + 24]
    if before[-1:].isdigit():
        return True
    if letter in passage.language.articles and re.match(r"\s*(?:[,.;:!?)]|$)|\s(?:and|or)\s[b-z](?!\w)", after):
        return True
    if re.search(r"[(\[\"“‘]$", before) and re.match(r"[)\]\"”’.]", after):
        return True
    if passage.language.letter_markers and re.search(rf"(?i:\b(?:{passage.language.letter_markers})\s)$", before):
        return not re.match(r"\s[a-z]{3,}\s[a-z]+", after) or letter.isupper()
    if re.search(r"\b[A-Z],?\s(?:and\s|or\s)?$", before) or re.match(r",?\s(?:and\s|or\s)?[A-Z]\b(?!\s[a-z])", after):
        return letter.isupper()
    if letter.isupper() and is_in_title(passage.language, text, start, end):
        return False
    starts = not before.strip() or bool(re.search(r"[.!?:;—(\"“«¿¡…](?:\[\d+\])*\s*$", before))
    return letter.isupper() and not (starts and re.match(r"\s(?:[\"“‘'«($€£¥￥₹*~]*[^\W_]|[±½¼¾π√−-]\s?\w)", after))


def _opens_aside(passage: Passage, start: int, end: int) -> bool:
    """Whether a spaced dash is before the letter and words are after it: `T = 5 - a warm day`."""
    following = re.match(r"\s([^\W\d_]{3,})(?:\s[^\W\d_]{2,}|\s?[.,;:!?]|$)", passage.text[end : end + _NEAR])
    dashed = re.search(r"\s[-–—]\s$", passage.text[max(0, start - 3) : start])
    return dashed is not None and following is not None and following[1] not in passage.language.maths.functions


def _symbol(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return (SpokenPiece(passage.language.symbols[match[0]], match.start()),)


def _melody(match: re.Match[str], passage: Passage) -> SpokenPieces:
    if match[0] == "." and (_shortens_unit(passage, match) or _follows_initial(passage, match)):
        return ()
    return (SpokenPiece(MELODY[match[0]], match.start()),)


def _shortens_unit(passage: Passage, match: re.Match[str]) -> bool:
    """Whether a full stop belongs to a unit inside a sentence: `10 ft. tall`."""
    unit = re.search(r"\d[\s\u00a0]?([^\W\d_]{1,4})$", passage.text[max(0, match.start() - 8) : match.start()])
    goes_on = re.match(r"\s+(?:[a-zà-ÿ]|\d+\s?(?:oz|in|min|sec|s|cm)(?!\w))|[,;)]", passage.text[match.end() :][:12])
    return unit is not None and goes_on is not None and unit[1] in passage.language.units


def _follows_initial(passage: Passage, match: re.Match[str]) -> bool:
    """Whether a full stop belongs to a name: `John F. Kennedy`, `J. S. Bach`."""
    before, after = (
        passage.text[max(0, match.start() - _NEAR) : match.start()],
        passage.text[match.end() : match.end() + _NEAR],
    )
    if not re.search(r"(?<!\w)[A-ZÀ-Þ]$", before):
        return False
    if re.match(r"\s?(?:[A-ZÀ-Þ]\.\s?)+[A-ZÀ-Þ][a-zà-ÿ]", after):
        return True
    named = re.search(r"(?:^|[.?!]\s+|[A-ZÀ-Þ][a-zà-ÿ]+\s|(?<!\w)[A-ZÀ-Þ]\.\s?)[A-ZÀ-Þ]$", before)
    name = re.match(r"\s([A-ZÀ-Þ][a-zà-ÿ]+)", after)
    if not named or not name or re.search(rf"(?i:\b(?:{passage.language.letter_markers or '(?!)'})\s[A-Z]$)", before):
        return False
    return name[1].lower() not in passage.language.common_capitals


def _silence(_match: re.Match[str], _passage: Passage) -> SpokenPieces:
    return ()


@lru_cache(maxsize=64)
def _readable(script: str) -> re.Pattern[str]:
    own_marks = MARKS_IN_WORDS if script == r"\w" else ""
    return re.compile(rf"[{script}{MARKS}{own_marks}\u200c\u200d'-]+")


def is_readable(language: Language, word: str) -> bool:
    """Whether every letter is of a script that this language's voice reads."""
    return bool(_readable(language.script).fullmatch(word)) or (all(map(is_unspaced, word)) and "一" in language.script)
