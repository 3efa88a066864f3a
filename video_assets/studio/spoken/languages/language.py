"""The tables that a language needs to read numbers, units, symbols and mathematics.

Does not belong here: words of any language (its TOML file), or how they are read from the file (`language_file`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .amount_words import AmountWords


@dataclass(frozen=True)
class Unit:
    """The words of a unit: singular `one`, plural `many`; `feminine` for languages whose "one" has genders."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True)
class Money:
    """The words of a currency and of its hundredth part."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""
    feminine: bool = False


@dataclass(frozen=True)
class Maths:
    """The words of formulas. A power is spoken after its base; `power` has `{}` for the exponent."""

    minus: str
    """Between two operands."""
    negative: str
    """Before a negative number."""
    times: str
    over: str
    of: str
    quantity: str
    """Before a sum in brackets that is an operand; empty if a pause is enough."""
    squared: str
    cubed: str
    power: str
    prime: str
    inverse: str
    transposed: str
    factorial: str
    absolute: str
    triple_prime: str
    ellipsis: str
    """`…` between the terms of a sum or a list."""
    dot_product: str
    cross_product: str
    by: str
    """Between the sides of a matrix, a screen or a sheet."""
    base: str
    """After the name of a logarithm; `{}` for its base."""
    norm: str
    floor: str
    ceiling: str
    given: str
    """The bar of a conditional probability."""
    limit: str
    """`lim` with a variable (`{}`) and its end (`{}`)."""
    accents: Mapping[str, str]
    """bar, hat, tilde, vector, dot and double_dot: `{}` for the letter below."""
    states: Mapping[str, str]
    """s, l, g and aq after a chemical formula."""
    limits: Mapping[str, str]
    """∫, ∑ and ∏ with limits: `{}` twice, for the lower and the upper one."""
    domains: Mapping[str, str]
    """∫, ∑ and ∏ with a lower limit only."""
    scientific: str
    """`{}`: the exponent of `1.5e-3`."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """sin, log…: spoken only before an argument."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Language:
    """The tables of one language. Rules know a language only through them."""

    tag: str
    has_tables: bool = True
    """False: words and digits do not change, and no rule that needs a word of the language applies."""
    unspaced: bool = False
    """Written without spaces between words (Han, Kana)."""
    script: str
    """Letters that the voice reads as its own: the inside of a character class."""
    accents: bool = True
    """Whether the voice reads accents on Latin letters. If not, it gets the letters without accents."""
    point: str
    decimal: str
    """Characters that may separate whole number and fraction, the preferred one first."""
    group: str
    """Characters that may separate groups of digits."""
    cardinal: Callable[[str], str]
    """Digits without sign or point -> the text for the voice."""
    digits: Callable[[str], str]
    """Digits one after another."""
    fraction_digits: Callable[[str], str]
    """Digits after the decimal point."""
    fraction: Callable[[int, int], str]
    mixed: str = "{} {}"
    """A whole number and a fraction."""
    year: Callable[[int], str] | None = None
    decade: Callable[[int], str] | None = None
    ordinal: Callable[[int], str] | None = None
    ordinal_with: Callable[[int, str], str | None] | None = None
    """An ordinal or decade with the ending that a mark or an article asks for; None if it is the usual one."""
    decade_ending: str = ""
    """Regular expression of the suffix after the digits of a decade, where it is an ending of the word."""
    ordinal_marks: str = ""
    """Regular expression of the suffix after the digits of an ordinal number."""
    roman_ordinals: bool = False
    """Whether ordinal marks also follow Roman numbers (`XIXe siècle`)."""
    date: Callable[[int, int, int], str]
    months: tuple[str, ...] = ()
    """The names of the months, from January on."""
    month_first: bool = False
    """Whether the month stands before the day: `12/25/2020`."""
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
    """A squared unit of time after "per"."""
    one: str = ""
    """The number 1 before a unit, if it differs from counting; empty: as in counting."""
    one_feminine: str = ""
    units: Mapping[str, Unit]
    money: Mapping[str, Money]
    money_order: str = "{} {} {}"
    """Whole amount, currency, hundredths."""
    magnitudes: str = ""
    """Regular expression of words like "million", spoken before the currency."""
    amounts: AmountWords = field(default_factory=AmountWords)
    maths: Maths
    symbols: Mapping[str, str]
    """A character, or several that form one symbol -> its words."""
    letters: Mapping[str, str] = field(default_factory=dict)
    """Letters that the voice would read as words or in another language -> their names."""
    single_letter_words: frozenset[str] = frozenset()
    """Single letters that are also words: they are letters only beside an operator, or as a capital in a sentence."""
    articles: frozenset[str] = frozenset()
    """Those of `single_letter_words` that never precede a mark: "divide by a, then halve" means the letter."""
    letter_markers: str = ""
    """Regular expression of words after which a single letter is a name ("point A")."""
    blank: str = ""
    """The word for a gap to fill in: `____`."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of a keyboard -> their names: `Ctrl`."""
    sizes: str = ""
    """Regular expression of what has sides: "matrix", "screen"."""
    short_words: frozenset[str] = frozenset()
    """Words of at most four letters that are hardly ever factors of a formula: "at", "is", "no"."""
    single_words: frozenset[str] = frozenset()
    """Every word of one letter, also those that the voice reads alike as a letter."""
    acronyms: Mapping[str, str] = field(default_factory=dict)
    """Acronyms that are not spoken letter by letter -> their words."""
    common_capitals: frozenset[str] = frozenset()
    """Ordinary words (in lower case) that authors write in capitals for emphasis."""
    plural: str = ""
    """The plural ending of a spelled acronym ("CPUs"), added to its last letter."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Regular expression -> words, tried in order. Words may contain a backslash reference."""
    roman_before: str = ""
    """Regular expression of words before a Roman cardinal number."""
    roman_after: str = ""
    """Regular expression of words after a Roman number that is read as an ordinal number, if the language has them."""
    reigning: str = ""
    """Regular expression of names before a Roman ordinal number."""
    regnal_ordinal: Callable[[int], str] | None = None
    regnal_genitive: Callable[[int], str] | None = None
    """After a name with the ending of the genitive: `Ludwigs XIV.`"""
    queens: str = ""
    """Regular expression of those of `reigning` after which the number is feminine."""
    queen_ordinal: Callable[[int], str] | None = None
    web: Mapping[str, str] = field(default_factory=dict)
    """Words for the signs in addresses and file names."""
    endings: Mapping[str, str] = field(default_factory=dict)
    """Spoken file name endings."""
    year_refused: str = ""
    """Regular expression. Four digits before a match are a plain number, not a year."""
    unit_words: Mapping[str, str] = field(default_factory=dict)
    """Units that are also common words -> regular expression. Before a match the sign is the word."""

    def letter(self, character: str) -> str:
        """The name of the letter, as the voice gets it."""
        return self.letters.get(character.lower(), character)
