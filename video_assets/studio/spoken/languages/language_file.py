"""The TOML file of a language: its words, by the rules that use them. A file is parsed when its language is first used.

Lists of words are strings with spaces or lines between the words. Does not belong here: words, or rules.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel

from .amount_words import AmountWords

_FOLDER = Path(__file__).parent
_NEUTRAL = "neutral"

Words = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]
"""Words with one space between them."""
UnitWords = str | tuple[str, str] | tuple[str, str, Literal["f"]]
"""Singular and plural, one string if they are equal; then `f` if the unit is feminine."""
MoneyWords = (
    tuple[str, str]
    | tuple[str, str, Literal["f"]]
    | tuple[str, str, str, str]
    | tuple[str, str, str, str, Literal["f"]]
)
"""Singular and plural of the currency, and of its hundredth part if that is spoken; then `f` if it is feminine."""


def _with_holes(count: int) -> AfterValidator:
    def check(template: str) -> str:
        if len(re.findall(r"\{\d?\}", template)) != count:
            raise ValueError(f"{template!r} must have {{}} {count} times")
        return template

    return AfterValidator(check)


OneHole = Annotated[str, _with_holes(1)]
TwoHoles = Annotated[str, _with_holes(2)]


class Writing(FrozenModel):
    """How the language is written."""

    scripts: tuple[Literal["latin", "devanagari", "han", "any"], ...]
    """Those that the voice reads; `any` for every letter."""
    unspaced: bool = False
    accents: bool = True


class NumberWords(FrozenModel):
    """The words between and around numbers."""

    point: str
    decimal: str
    group: str
    mixed: TwoHoles
    fraction: TwoHoles
    """A fraction without a name of its own: `{}` for the numerator and for the denominator."""
    percent: OneHole
    to: str
    one: str = ""
    one_feminine: str = ""
    magnitudes: Words
    ordinal_marks: str = ""
    year_refused: str = ""
    roman_ordinals: bool = False


class ClockWords(FrozenModel):
    """The time of the day. `hours` has its own form for one o'clock."""

    hours: tuple[str, OneHole]
    on_the_hour: str
    """`{hours}`."""
    past_the_hour: str
    """`{hours}` and `{minutes}`."""
    past_the_hour_below_ten: str = ""
    """The same for less than ten minutes, if it differs."""


class DateWords(FrozenModel):
    """Dates and times. `date` has `{year}`, `{month}` and `{day}`."""

    months: Words
    date: str
    clock: ClockWords | None = None
    """None: the language has a function for it."""


class Currencies(FrozenModel):
    """Amounts of money."""

    order: str
    """Whole amount, currency, hundredths."""
    currencies: dict[str, MoneyWords]


class Powers(FrozenModel):
    """Units with a power, and below a fraction bar."""

    per: str
    square: OneHole
    cubic: OneHole
    square_one: OneHole
    cubic_one: OneHole
    time_squared: OneHole


class FormulaWords(FrozenModel):
    """The words of formulas: the fields of `Maths`."""

    minus: str
    negative: str
    times: str
    over: str
    of: str
    quantity: str
    squared: str
    cubed: str
    power: OneHole
    prime: str
    inverse: str
    transposed: str
    factorial: str
    absolute: str
    triple_prime: str
    ellipsis: str
    dot_product: str
    cross_product: str
    by: str
    base: OneHole
    norm: str
    floor: str
    ceiling: str
    given: str
    limit: TwoHoles
    scientific: OneHole
    limits: dict[str, TwoHoles]
    domains: dict[str, OneHole]
    accents: dict[Literal["bar", "hat", "tilde", "vector", "dot", "double_dot"], OneHole]
    states: dict[Literal["s", "l", "g", "aq"], str]
    functions: dict[str, str]


class Greek(FrozenModel):
    """The names of the 24 Greek letters, in the order of the alphabet."""

    letters: Words


class LetterWords(FrozenModel):
    """Single letters: their names, and which of them are words."""

    names: dict[str, str]
    single_letter_words: Words = ""
    articles: Words = ""
    markers: Words = ""


class NameWords(FrozenModel):
    """Acronyms, words in capitals and Roman numbers."""

    plural: str = ""
    common_capitals: Words = ""
    sizes: Words = ""
    roman_before: Words = ""
    roman_after: Words = ""
    reigning: Words = ""
    queens: Words = ""
    blank: str


class EndCard(FrozenModel):
    """The words on an end card."""

    thanks: str
    licence: str


class KeyNote(FrozenModel):
    """Why this file lacks keys (`units.mi`) that other languages have, or has keys that the others lack."""

    keys: tuple[str, ...]
    reason: Annotated[str, Field(min_length=1)]


class CaptionWords(FrozenModel):
    """Small words that decide where a caption breaks."""

    conjunctions: Words = ""
    prepositions: Words = ""
    leaning: Words = ""
    """Other words that belong to the next word: articles, auxiliaries."""
    clinging: Words = ""
    """Words that belong to the word before: postpositions, particles."""
    closing: Words = ""
    """Words after which a break is good: particles that close a phrase."""


class TranscriptLabels(FrozenModel):
    """The labels of a transcript's page."""

    transcript: str
    contents: str
    picture: str


class CheckWords(FrozenModel):
    """Words for the checks of a lesson's text."""

    unfinished: Words = ""
    """Words that end no finished sentence."""


class WrittenWords(FrozenModel):
    """The file of a language whose words are shown, but which has none to be read aloud with."""

    captions: CaptionWords = CaptionWords()
    transcript: TranscriptLabels | None = None
    checks: CheckWords = CheckWords()


class DirectionWords(FrozenModel):
    """Words of descriptions that tell how a picture is made, not what it shows. All are in lower case."""

    forms: Words = ""
    """Words for the picture itself: diagram, animation, shot."""
    manner: Words = ""
    """Adjectives that always tell how: animated, cinematic."""
    looks: Words = ""
    """Adjectives that tell how, next to an article or other such words: a clean, simple drawing; but clean energy."""
    tints: Words = ""
    """Colours and kinds of light. They tell how only beside aspects: blue tones."""
    aspects: Words = ""
    """Nouns for how: lighting, style, mood, music."""
    camera: Words = ""
    """The camera, what it does, and how shots follow each other."""
    reveals: Words = ""
    """Verbs between a picture and what it shows: showing, reveals."""
    comparing: Words = ""
    """Those of the same that set two things beside each other."""
    places: Words = ""
    """Places in the frame."""
    texts: Words = ""
    """Words before a text that is to be written in the picture: labelled, caption, text overlay."""
    headings: Words = ""
    """Those of the same before a text for the picture as a whole: text overlay, title."""
    moves: Words = ""
    """Verbs of staging. A name of what is shown ends before one: the graph appears."""
    continuing: Words = ""
    """Words by which a description goes on from the one before."""
    scaffolding: Words = ""
    """Small words between the words above: the camera slowly pans out to."""
    compounds: Words = ""
    """Words that tell how only right before a word for the picture: bar chart."""
    observers: Words = ""
    """What sees the scene. The verb behind one is a direction, whichever it is: the camera descends."""
    genitives: Words = ""
    """Words between the picture and what it is of."""
    joining: Words = ""
    """Words with which a direction is joined to the end of a clause: against a dark background."""
    coordinating: Words = ""
    """Words between two names: and."""


class LanguageFile(WrittenWords):
    """The content of `<language>.toml`. `Language` describes the entries that have its names."""

    writing: Writing
    numbers: NumberWords
    dates: DateWords
    money: Currencies
    amounts: AmountWords = AmountWords()
    powers: Powers
    units: dict[str, UnitWords]
    unit_words: dict[str, str] = Field(default_factory=dict)
    formulas: FormulaWords
    greek: Greek
    symbols: dict[str, str]
    letters: LetterWords
    names: NameWords
    keys: dict[str, str]
    acronyms: dict[str, str]
    abbreviations: dict[str, str]
    web: dict[str, str]
    endings: dict[str, str]
    function_words: dict[str, str | tuple[str, ...]]
    """Lists of words, and regular expressions (in parts, which are joined); see `FunctionWords`."""
    directions: DirectionWords = DirectionWords()
    headings: EndCard
    absent: tuple[KeyNote, ...] = ()
    own: tuple[KeyNote, ...] = ()


def find_language_file(family: str) -> LanguageFile | None:
    """All words of the language with this primary subtag; None if it has none to be read aloud with.

    The file is read once. Raises SettingInvalid if it is wrong.
    """
    file = _file(family) if family in _families() else None
    return file if isinstance(file, LanguageFile) else None


def written_words(family: str) -> WrittenWords:
    """The words of the language with this primary subtag for captions, pages and checks; empty for an unknown one.

    The file is read once. Raises SettingInvalid if it is wrong.
    """
    return _file(family) if family in _families() else _NO_WORDS


_NO_WORDS = WrittenWords()


@cache
def _families() -> frozenset[str]:
    return frozenset(path.stem for path in _FOLDER.glob("*.toml")) - {_NEUTRAL}


@lru_cache(maxsize=16)
def _file(family: str) -> WrittenWords:
    return read_language_file(_FOLDER / f"{family}.toml")


def neutral_symbols() -> dict[str, str]:
    """The names of Greek letters for a language that has no file."""
    return _neutral_words()["symbols"]


def neutral_unit_signs() -> tuple[str, ...]:
    """The signs of units that are no words in any language. A language that has no file has no words for them."""
    return tuple(_neutral_words()["unit_signs"]["listed"].split())


@cache
def _neutral_words() -> dict[str, dict[str, str]]:
    return tomllib.loads((_FOLDER / f"{_NEUTRAL}.toml").read_text("utf-8"))


def read_language_file(path: Path) -> WrittenWords:
    """The words in the file `path`: a LanguageFile if it has the table `[writing]`.

    Raises SettingInvalid that names the file and its first wrong entry.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        return (LanguageFile if "writing" in content else WrittenWords).model_validate(content)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise SettingInvalid(
            f"The language file {path.name} cannot be read: {_first_mistake(error)}", remedy=f"Mend {path}."
        ) from error


def _first_mistake(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
