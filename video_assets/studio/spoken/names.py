"""Rules for names that are not words: addresses, files, identifiers, formulas of matter, acronyms, Roman numbers.

They split such a name into parts and decide whether a part is spelled or spoken. Does not belong here: ordinary words
(`words.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .capitals import has_shape_of_a_word
from .characters import HAN_AND_KANA, SUPERSCRIPT_CLASS
from .numbers import number_words
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, compiled, operand_before
from .roman import roman_rules
from .units import is_measured

_CHUNK = re.compile(r"\d+|[A-Z]+(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[^\W\d_]|_|\W")
_SURNAME = re.compile(r"(?:Ma?c|De|Di|Du|La|Le|Van|Fitz|O['’])[A-Z][a-zà-ÿ]+")
_VOWELS = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüýÿ]", re.IGNORECASE)
_TOP_DOMAINS = "com|org|net|edu|gov|io|dev|de|fr|es|in|cn|uk|eu|ch|at|info"

_IN_NAME = rf"(?:[.$~#%+()-]|[^\W{HAN_AND_KANA}])"
_PATH_OF_WINDOWS = (
    rf"(?<![\w\\])(?:[A-Za-z]:\\|\\\\(?=[\w.])|(?a:%\w+%|~|\.{{1,2}}|[\w.-]{{2,}})\\(?=[\w.-]+\\|[\w-]+\.\w))"
    rf"(?:{_IN_NAME}+(?: {_IN_NAME}+){{0,3}}\\)*(?:{_IN_NAME}*[^\W{HAN_AND_KANA}])?(?!\\)"
)
"""`C:\\Program Files\\a.txt`, `\\\\server\\share`, `src\\main\\app.py`; not `\\d+`, which is read sign by sign."""


def name_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    endings = _endings(language, single=False)
    letters = _endings(language, single=True)
    rules: list[Entry] = [
        (r"(?a:(?:https?://|www\.)[\w\-./?=&%#~:@+]*[\w/])", _address),
        (r"(?a:[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+)", _address),
        (_PATH_OF_WINDOWS, _address),
        (rf"(?<![\w.])(?a:(?:[A-Za-z0-9][\w-]*\.)+(?:{_TOP_DOMAINS})(?:/[\w./~-]*\w)?)(?![\w(])", _address),
        (rf"(?<![\w.])(?a:[A-Za-z_][\w-]*(?:[./][A-Za-z_][\w-]*)*\.(?:{endings}))(?!\w)", _address),
        # `main.c` is a file; `h.c.` and `B.c` are abbreviations.
        (rf"(?<![\w.])(?a:(?:[A-Za-z_][\w-]*[./])*[A-Za-z_][\w-]+\.(?:{letters}))(?!\w)", _address),
        (r"(?a:</?([A-Za-z][\w-]*)\s*/?>)", _tag),
        (r"(?<![\w])(?a:_*[A-Za-z]\w*(?:\.[a-z_]\w+)+)(?![\w])", _address),
        (r"(?<![A-Za-z_])(?:\\?[A-Za-z]+)(?:_(?:\{[^{}]+\}|[A-Za-z0-9]+))+", _subscripted),
        *roman_rules(language),
        (r"(?<!\w)[A-Z]{2,}s(?!\w)", _plural_acronym),
        (r"(?<!\w)([A-Z]{1,3})-(?=\d)", _coded),
        (
            r"(?<!\w)[A-Z][A-Za-z]{0,3}(?=[₀-₉]|[⁰¹²³⁴-⁹]*[⁺⁻](?![⁰¹²³⁴-⁹]))|(?<=[₀-₉])[A-Z][A-Za-z]?(?![a-z\u0300-\u036f\u20d0-\u20ff])",
            _matter,
        ),
        (r"(?<=[=<>≤≥≠≈] )[a-z]{2}(?![\w'’])", _factors),
        (r"(?<!\w)(?:Na|K|H|Li|Ca|Mg|Ag|Cu|Fe|Zn|Al)(?:Cl|Br|F|I|OH|O)(?!\w)", _matter),
        (r"(?<!\w)[A-Z]\.(?:-?[A-Z]\.)+", _initials),
        (rf"(?a:[A-Za-z]+\d[A-Za-z\d]*)(?![\w{SUPERSCRIPT_CLASS}])", _mixture),
        (rf"(?<![^\W\d_])([a-z]{{2}}|[b-z]{{3}}|[A-Z]?[b-df-hj-np-tv-z]{{2,3}})(?=[{SUPERSCRIPT_CLASS}^])", _product),
    ]
    return compiled(rules)


def name_pieces(language: Language, name: str, at: int, *, spelled: bool = False) -> SpokenPieces:
    """A name split at humps, digits and underscores. `spelled` spells every capital letter (subscripts)."""
    if _SURNAME.fullmatch(name):
        return (SpokenPiece(name, at),)
    pieces: list[SpokenPiece] = []
    for chunk in _CHUNK.finditer(name):
        pieces += _chunk_pieces(language, chunk[0], at + chunk.start(), spelled=spelled)
    return tuple(pieces)


def _chunk_pieces(language: Language, chunk: str, at: int, *, spelled: bool) -> SpokenPieces:
    if chunk[0].isdigit():
        return (SpokenPiece(number_words(language, chunk), at),)
    if not chunk[0].isalpha():
        return ()
    if len(chunk) > 1 and chunk in language.acronyms and not spelled:
        return (SpokenPiece(language.acronyms[chunk], at),)
    if len(chunk) == 1 or is_spelled(language, chunk, always=spelled):
        return tuple(SpokenPiece(language.letter(letter), at + index) for index, letter in enumerate(chunk))
    return (SpokenPiece(chunk.lower() if chunk.isupper() else chunk, at),)


def is_spelled(language: Language, chunk: str, *, always: bool = False) -> bool:
    """Whether a part of a name is spelled: it has no vowel, is short, or cannot be pronounced."""
    if not chunk.isascii():
        return False
    if chunk.isupper():
        if chunk.lower() in language.common_capitals and not always:
            return False
        return always or len(chunk) <= 3 or not has_shape_of_a_word(chunk)
    return len(chunk) <= 4 and not _VOWELS.search(chunk) and chunk.lower() not in language.common_capitals


def _address(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`https://example.org/a-b` -> "example dot org slash A dash B": signs are spoken, the scheme is not."""
    language = passage.language
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", match[0]).rstrip("/")
    start = match.end() - len(match[0]) + match[0].index(bare) if bare else match.start()
    pieces: list[SpokenPiece] = []
    for part in re.finditer(r"([^\W_]+)|(.)", bare, re.DOTALL):
        at = start + part.start()
        if part[2]:
            pieces.append(SpokenPiece(language.web.get(part[2]) or language.symbols.get(part[2], ""), at))
        else:
            pieces += _address_part(language, bare, part, at)
    return tuple(piece for piece in pieces if piece.text)


def _endings(language: Language, *, single: bool) -> str:
    """A pattern for the file name endings of a single letter, or for the others."""
    fitting = [ending for ending in language.endings if (len(ending) == 1) == single]
    return "|".join(sorted(fitting, key=len, reverse=True)) or "(?!)"


def _address_part(language: Language, bare: str, part: re.Match[str], at: int) -> SpokenPieces:
    behind_dot = part.start() > 0 and bare[part.start() - 1] == "."
    if behind_dot and part[1] in language.endings:
        return (SpokenPiece(language.endings[part[1]], at),)
    return name_pieces(language, part[1], at)


def _tag(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return name_pieces(passage.language, match[1], match.start())


_BASED = frozenset(("log", "lg", "ln", "Log", "lim"))
"""Functions whose index is a base or a limit (`formula_rules.py`)."""


def _subscripted(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`V_GS` -> V G S; `max_value` -> max value; `x_{n+1}` -> x, n plus one."""
    if match[0].partition("_")[0] in _BASED and passage.language.maths.functions:
        return None
    pieces: list[SpokenPiece] = []
    factors = match.start() in passage.formulas.factors
    for part in re.finditer(r"\{([^{}]+)\}|([A-Za-z0-9]+)", match[0]):
        at = match.start() + part.start()
        if part[1]:
            pieces += passage.read(at + 1, match.start() + part.end() - 1)
        else:
            index = _is_index(match[0], part)
            if factors and part.start() == 0:
                pieces += _letters(passage.language, part[2], at)
                continue
            name = part[2] if index else _calm(part[2])
            pieces += name_pieces(passage.language, name, at, spelled=index)
    return tuple(pieces)


def _letters(language: Language, letters: str, at: int) -> SpokenPieces:
    return tuple(SpokenPiece(language.letter(letter), at + index) for index, letter in enumerate(letters))


def _calm(part: str) -> str:
    """`MAX` in `MAX_SIZE` is a word; a single letter does not change."""
    return part.lower() if len(part) > 2 and part.isupper() and _VOWELS.search(part) else part


def _is_index(whole: str, part: re.Match[str]) -> bool:
    """Capitals in a short name are letters (`V_DS`, `BV_DSS`); in a long one they may be words (`MAX_VALUE`)."""
    base = whole.split("_", 1)[0]
    return len(base) <= 2 and len(part[0]) <= 4


def _plural_acronym(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`CPUs` -> C P U's; `MOSFETs` -> mosfets."""
    language = passage.language
    pieces = list(name_pieces(language, match[0][:-1], match.start()))
    mark = language.plural if len(pieces) > 1 or len(pieces[-1].text) == 1 else "s"
    pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + mark)
    return tuple(pieces)


def _coded(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`U-235`, `COVID-19`'s short kin: the hyphen is a joint, not a minus."""
    formula = passage.formulas.around(match.start())
    if formula and not re.search("→|->", passage.text[formula[0] : formula[1]]):
        return None
    behind = passage.text[match.end() : match.end() + 2]
    if len(match[1]) == 1 and not re.match(r"\d\d", behind):
        return None
    return name_pieces(passage.language, match[1], match.start())


def _mixture(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`H2O`, `MP3`, `x1`, `utf8`: letters and numbers in turn."""
    if re.fullmatch(r"(?:log|lg)\d{1,2}", match[0]) and passage.text[match.end() : match.end() + 1] == "(":
        return None
    spelled = bool(re.fullmatch(r"(?:[A-Z][a-z]?\d*)+", match[0])) and len(match[0]) <= 8
    return name_pieces(passage.language, match[0], match.start(), spelled=spelled)


def _initials(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`U.S.`: letters. At the end of the text, or before "It" or "The", the last point also ends the sentence."""
    pieces = name_pieces(passage.language, re.sub(r"[.-]", " ", match[0]), match.start(), spelled=True)
    ends = not passage.text[match.end() :].strip(")]\"'”’ \n") or _begins_sentence(passage, match.end())
    return (*pieces, SpokenPiece(".", match.end() - 1)) if ends else pieces


def _begins_sentence(passage: Passage, at: int) -> bool:
    """Whether a small word with a capital follows, which begins no name."""
    word = re.match(r"\s+([A-ZÀ-Þ][a-zà-ÿ]*)(?![\w.'’-])", passage.text[at : at + 16])
    language = passage.language
    return bool(word) and (word[1].lower() in language.short_words or word[1].lower() in language.single_letter_words)


def _matter(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """Elements before an index or a charge: letters, even if they look like a word."""
    return name_pieces(passage.language, match[0].upper(), match.start(), spelled=True)


def _factors(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`F = ma`: two letters opposite a single one."""
    single = operand_before(passage.text, match.start() - 2)
    if not single or match[0] in passage.language.common_capitals or match[0] in passage.language.maths.functions:
        return None
    return tuple(SpokenPiece(passage.language.letter(letter), match.start() + i) for i, letter in enumerate(match[0]))


def _product(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`mc²`: letters multiplied, because the last one has a power. `5 km²` is measured."""
    if match[1] in passage.language.units and is_measured(passage.text, match.start()):
        return None
    if match[1].lower() in passage.language.common_capitals or match[1] in passage.language.maths.functions:
        return None
    return tuple(SpokenPiece(passage.language.letter(letter), match.start() + i) for i, letter in enumerate(match[1]))
