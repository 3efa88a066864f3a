"""Rules for signs that point somewhere or stand for something: marks of notes, blanks, and keys of a keyboard."""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .characters import LATIN, LETTER, MARKS, SUPERSCRIPT_CLASS
from .names import name_pieces
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, beside_operator, compiled

_RAISED_DIGITS = r"⁽?[⁰¹²³⁴-⁹]+(?:[⁻,˒][⁰¹²³⁴-⁹]+)*⁾?"
_BRACKETED = r"\[\d{1,3}(?:\s?[,–-]\s?\d{1,3})*\]"
_NEAR = 24
_LEAST_LETTERS = 3
_OTHER_KEYS = (
    "Tab|Enter|Return|Space|Delete|Backspace|Home|End|Up|Down|Left|Right|Leertaste|Pos1|F[1-9][0-2]?|[A-Za-z0-9]"
)
_ONLY_IN_COMBINATIONS = frozenset(("Alt", "Shift", "Del", "Ins", "Fn", "Win"))
"""Keys whose names are also words."""


def pointer_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    keys = "|".join(re.escape(key) for key in sorted(language.keys, key=len, reverse=True)) or "(?!)"
    rules: list[Entry] = [
        (rf"(?<=[^\W\d_]){_RAISED_DIGITS}|(?<=[{MARKS}]){_RAISED_DIGITS}", _note_after_word),
        (rf"(?<=[.,;:!?”“\"»)’…।॥。，；：？！」』]){_RAISED_DIGITS}", _note_after_mark),
        (rf"(?<=[.,;:!?”\"»)])(?:{_BRACKETED})+(?![(\w])", _silent),
        (rf"(?<=[{LATIN}]{{4}})(?:{_BRACKETED})+(?=[.,;:!?](?!\w)|\s[a-zà-ÿ]{{2}})", _attached_citation),
        (rf"(?<=[{LATIN}]{{3}})\s{_BRACKETED}(?=[.,;:!?]|\s[a-zà-ÿ])", _citation),
        (rf"(?<=[{LATIN}]{{3}})(?:[†‡]+|\*{{1,3}}(?=[\s,.;:!?)]|$))", _silent),
        (r"(?<=[^\W\d_][.,;:!?”])(?:[†‡]+|\*{1,3})(?=\s|$)", _silent),
        (r"(?<!\w)_(?: ?_)+(?!\w)|_{3,}", _blank),
        (r"(?<![^\n])[*+](?= [^\W\d_]{2})", _item),
        (rf"(?<!\w)(?:{keys})(?:\s?[+-]\s?(?:{keys}|{_OTHER_KEYS})(?!\w))+|[⌘⌥⇧⌃]+[A-Z0-9]?(?!\w)", _combination),
        (rf"(?<!\w)(?:{keys})(?!\w)", _key),
    ]
    return compiled(rules)


def _silent(_match: re.Match[str], _passage: Passage) -> SpokenPieces:
    return ()


def _note_after_word(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`light¹` is a note, `speed² = x`, `sin²` and `metre²` are powers."""
    found = re.search(rf"(?<![\w.]){LETTER}+$", passage.text[max(0, match.start() - _NEAR) : match.start()])
    if not found or not _is_a_word(found[0]) or passage.in_formula(match.start()):
        return None
    return None if _may_be_powered(found[0], match, passage) else ()


def _is_a_word(word: str) -> bool:
    """Whether letters are no product of variables. Scripts without capitals have no variables."""
    return len(word) >= _LEAST_LETTERS and word[-2:].islower() if word[-1] < "\u0370" else True


def _may_be_powered(word: str, match: re.Match[str], passage: Passage) -> bool:
    language = passage.language
    if match[0] not in ("²", "³") or word in language.maths.functions:
        return word in language.maths.functions
    if word in language.units or any(word in (unit.one, unit.many) for unit in language.units.values()):
        return True
    start = match.start() - len(word)
    return beside_operator(passage.text, start, match.end()) or _beside_word_of_operator(passage, start, match.end())


def _beside_word_of_operator(passage: Passage, start: int, end: int) -> bool:
    """Whether "times", "plus" or the like stands beside `text[start:end]`."""
    maths, symbols = passage.language.maths, passage.language.symbols
    said = (maths.times, maths.over, maths.minus, symbols.get("+", ""), symbols.get("=", ""), passage.language.per)
    before = re.search(r"([^\W\d_]+)\s$", passage.text[max(0, start - _NEAR) : start])
    after = re.match(r"\s([^\W\d_]+)", passage.text[end : end + _NEAR])
    return any(found and found[1] in said for found in (before, after))


def _note_after_mark(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`light.¹ Next` is a note; `(a + b)²` and `f(x)²` are powers."""
    before = passage.text[match.start() - 1]
    if before in ')’"' and match[0] in ("²", "³"):
        opened = passage.pairs.get(match.start() - 1)
        words = opened is not None and re.fullmatch(
            rf"[{LATIN}]{{3,}}(?:[\s,]+[{LATIN}]{{2,}})+", passage.text[opened + 1 : match.start() - 1]
        )
        quoted = before != ")" and re.search(
            rf"[{LATIN}]{{3}}$", passage.text[max(0, match.start() - 4) : match.start() - 1]
        )
        return () if words or quoted else None
    goes_on = re.match(rf"\s*[=+×·÷/^−{SUPERSCRIPT_CLASS}]", passage.text[match.end() : match.end() + 3])
    is_number = passage.text[match.start() - 2 : match.start() - 1].isdigit() and before in ".,"
    return None if goes_on or is_number else ()


def _citation(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`light [1].` is a note; in `see [1]` the number is the object of the sentence."""
    word = re.search(r"([^\W\d_]+)$", passage.text[max(0, match.start() - _NEAR) : match.start()])
    return None if word and _NAMING.fullmatch(word[1]) else ()


def _attached_citation(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`a study[12] found` is a note; `data[0]` and `names[2]` are elements."""
    word = re.search(r"([^\W\d_]+)$", passage.text[max(0, match.start() - _NEAR) : match.start()])
    others = re.findall(r"(?<!\w)([A-Za-z_]\w*)\[", passage.text)
    if word is None:
        return None
    is_element = _ELEMENTS.fullmatch(word[1]) or others.count(word[1]) > 1 or match[0] == "[0]"
    return None if is_element or _NAMING.fullmatch(word[1]) or passage.in_formula(match.start()) else ()


_ELEMENTS = re.compile(
    r"(?:data|arrays?|lists?|texts?|words?|names?|items?|num(?:ber)?s?|matrix|args|argv|lines?|chars?|table|rows?|col\w*|"
    r"stack|queue|tuple|string|dict|maps?|buffer|memory|results?|values?|scores?|grid|cells?|colou?rs|fruits|letters|"
    r"squares|points|cities|students|grades|primes|liste|datos|nombres|valores|zahlen|werte|feld)",
    re.IGNORECASE,
)
"""Names of lists in programs: a number in brackets behind them is an index."""
_NAMING = re.compile(
    "see|references?|equations?|pages?|sources?|from|and|the|item|interval|with|into|range|list|array|vector|set|index|"
    "siehe|quelle|laut|nach|von|aus|und|voir|selon|dans|fuente|según|véase|ver|liste|lista|intervalle",
    re.IGNORECASE,
)
"""Words after which a number in brackets is needed."""


def _item(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    """The mark of an item of a list."""
    return (SpokenPiece(",", match.start()),)


def _blank(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return (SpokenPiece(passage.language.blank, match.start()),)


def _combination(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`Ctrl+C`: the keys, without the sign between them."""
    language = passage.language
    pieces: list[SpokenPiece] = []
    for part in re.finditer(r"[⌘⌥⇧⌃]|[^\W_]+", match[0]):
        at = match.start() + part.start()
        if part[0] in language.keys:
            pieces.append(SpokenPiece(language.keys[part[0]], at))
        elif len(part[0]) == 1 and part[0].isalpha():
            pieces.append(SpokenPiece(language.letter(part[0].upper()), at))
        else:
            pieces += name_pieces(language, part[0], at)
    return tuple(pieces)


def _key(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if match[0] in _ONLY_IN_COMBINATIONS:
        return None
    return (SpokenPiece(passage.language.keys[match[0]], match.start()),)
