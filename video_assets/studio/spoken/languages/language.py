"""What a language must know to have numbers, units, symbols and mathematics read out: the shape of its tables.

Belongs here: the value that each language module fills, with the smallest functions all languages share. Does not
belong here: any word of any language, or the rules that find the places where a table applies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Unit:
    """A unit's words. `one` is its singular, `many` its plural; `feminine` where "one" has genders."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True)
class Money:
    """A currency's words, and those of its hundredth part."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""
    feminine: bool = False


@dataclass(frozen=True)
class Maths:
    """The words of formulas. Powers are said after their base, `power` with `{}` for the exponent."""

    minus: str
    """Between two operands."""
    negative: str
    """Before a number that is less than nothing."""
    times: str
    over: str
    of: str
    quantity: str
    """Before a sum in brackets that something is done to; empty where a pause is enough."""
    squared: str
    cubed: str
    power: str
    prime: str
    inverse: str
    transposed: str
    factorial: str
    absolute: str
    limits: Mapping[str, str]
    """∫, ∑ and ∏ with limits: `{}` twice, for the lower and the upper one."""
    scientific: str
    """`{}`: the exponent of `1.5e-3`."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """sin, log…: said only before an argument."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Language:
    """One language's tables. The rules know no language but through this."""

    tag: str
    has_tables: bool = True
    """False: words and digits pass as they are, and no rule that needs a word of the language applies."""
    unspaced: bool = False
    """Written without spaces between words (Han, Kana)."""
    script: str
    """Letters that the voice reads as this language's own: the inside of a character class."""
    accents: bool = True
    """Whether the voice reads accents on Latin letters; else the bare letters are given to it."""
    point: str
    decimal: str
    """Characters that may part whole and fraction, the preferred one first."""
    group: str
    """Characters that may part groups of digits."""
    cardinal: Callable[[str], str]
    """Digits without sign or point -> what the voice is given."""
    digits: Callable[[str], str]
    """Digits one after another."""
    fraction_digits: Callable[[str], str]
    """Digits behind the point."""
    fraction: Callable[[int, int], str]
    mixed: str = "{} {}"
    """A whole number and a fraction."""
    year: Callable[[int], str] | None = None
    decade: Callable[[int], str] | None = None
    ordinal: Callable[[int], str] | None = None
    ordinal_marks: str = ""
    """Regular expression of what follows the digits of an ordinal number."""
    roman_ordinals: bool = False
    """Whether ordinal marks also follow Roman numbers (`XIXe siècle`)."""
    date: Callable[[int, int, int], str]
    clock: Callable[[int, int], str]
    percent: str
    to: str
    """Between the ends of a range, and the sides of a ratio."""
    per: str
    square: str
    cubic: str
    """Several squared or cubed units."""
    square_one: str
    cubic_one: str
    time_squared: str
    """A squared unit of time behind "per"."""
    one: str = ""
    """The number 1 before a unit, where it differs from counting; empty: as counted."""
    one_feminine: str = ""
    units: Mapping[str, Unit]
    money: Mapping[str, Money]
    money_order: str = "{} {} {}"
    """Whole amount, currency, hundredths."""
    magnitudes: str = ""
    """Regular expression of words like "million", said before the currency."""
    maths: Maths
    symbols: Mapping[str, str]
    """A character, or a few that mean one thing -> its words."""
    letters: Mapping[str, str] = field(default_factory=dict)
    """Letters that the voice would read as words, or in another language -> their names."""
    single_letter_words: frozenset[str] = frozenset()
    """Single letters that are also words: letters only beside an operator, or as a capital within a sentence."""
    articles: frozenset[str] = frozenset()
    """Those of `single_letter_words` that never stand before a mark: "divide by a, then halve" means the letter."""
    letter_markers: str = ""
    """Regular expression of words after which a single letter names a thing ("point A")."""
    acronyms: Mapping[str, str] = field(default_factory=dict)
    """Acronyms that are said as words, or otherwise than letter by letter."""
    common_capitals: frozenset[str] = frozenset()
    """Ordinary words, lower case, that authors write in capitals to stress them."""
    plural: str = ""
    """What makes several of a spelled acronym ("CPUs"): added to its last letter."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Regular expression -> words. Tried in order; a backslash reference may be used."""
    roman_before: str = ""
    """Regular expression of words before a Roman cardinal number."""
    reigning: str = ""
    """Regular expression of names before a Roman ordinal number."""
    regnal_ordinal: Callable[[int], str] | None = None
    web: Mapping[str, str] = field(default_factory=dict)
    """Words for the signs inside addresses and file names."""
    endings: Mapping[str, str] = field(default_factory=dict)
    """File name endings as they are said."""
    year_refused: str = ""
    """Regular expression of what makes four digits before it a plain number."""

    def letter(self, character: str) -> str:
        """The letter's name, as the voice should be given it."""
        return self.letters.get(character.lower(), character)


def combine_patterns(*tables: Mapping[str, Unit]) -> Mapping[str, Unit]:
    """One table; later ones win."""
    found: dict[str, Unit] = {}
    for table in tables:
        found.update(table)
    return MappingProxyType(found)


def with_prefixes(prefixes: Mapping[str, str], bases: Mapping[str, Unit]) -> Mapping[str, Unit]:
    """Every prefix before every base: `k` and `Ω` make `kΩ`."""
    return {
        sign + base: Unit(word + unit.one, word + unit.many, unit.feminine)
        for sign, word in prefixes.items()
        for base, unit in bases.items()
    }


def listed(words: str) -> tuple[str, ...]:
    """The words of a table that is easier to read without quotes."""
    return tuple(words.split())


def table(text: str) -> dict[str, str]:
    """`"= equals ; + plus"` -> sign -> words: a table that is easy to read through."""
    entries = (entry.split(maxsplit=1) for entry in text.split(" ; "))
    return {sign: " ".join(words.split()) for sign, words in entries}


def unit_table(text: str, plural: str = "") -> dict[str, Unit]:
    """`"V volt ; s seconde*"` -> units whose plural adds `plural` to each; an asterisk marks the feminine ones."""
    found = {}
    for sign, words in table(text).items():
        name = words.rstrip("*")
        found[sign] = Unit(name, name + plural, words.endswith("*"))
    return found


_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_GREEK_VARIANTS = table("µ μ ; ϵ ε ; ϑ θ ; ϱ ρ ; ς σ ; ϕ φ ; ∆ Δ ; Ω Ω")


def greek_letters(names: str) -> dict[str, str]:
    """Both cases of the alphabet, and its variants in use, from the names of its 24 letters."""
    named = dict(zip(_GREEK, names.split(), strict=True))
    named |= {letter.upper(): name for letter, name in named.items()}
    return named | {variant: named[letter] for variant, letter in _GREEK_VARIANTS.items()}


def as_counted(text: str) -> str:
    """Digits left to a voice that reads them well; those with leading zeros, or too many to count, one by one."""
    return one_by_one(text) if (len(text) > 1 and text[0] == "0") or len(text) > 12 else text


def one_by_one(text: str) -> str:
    """`"07"` -> `"0 7"`."""
    return " ".join(text)


WEB_ENDINGS = table(
    "py P Y ; json J son ; jpg J P G ; md M D ; txt T X T ; csv C S V ; html H T M L ; css C S S ; js J S ; ts T S "
    "; exe E X E ; pdf P D F ; png P N G ; svg S V G ; mp4 M P 4 ; mp3 M P 3 ; xml X M L ; sh S H ; cpp C P P ; "
    "org org ; com com ; net net ; edu E D U ; gov gov ; io I O ; uk U K ; de D E ; fr F R ; es E S ; cn C N ; zip "
    "zip"
)
"""File name endings that most languages name alike."""
