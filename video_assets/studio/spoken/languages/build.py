"""Makes a `Language` of the words in a language's file and the functions for its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from types import MappingProxyType

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.spoken.characters import DEVANAGARI, HAN_AND_KANA, LATIN

from .language import Language, Maths, Money, Unit
from .language_file import ClockWords, DateWords, FormulaWords, LanguageFile, MoneyWords, UnitWords
from .number_functions import NumberFunctions

EVERY_LETTER = "\\w"
_SCRIPTS = MappingProxyType({"latin": LATIN, "devanagari": DEVANAGARI, "han": HAN_AND_KANA, "any": EVERY_LETTER})
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_GREEK_VARIANTS = MappingProxyType(
    {"\u00b5": "μ", "ϵ": "ε", "ϑ": "θ", "ϱ": "ρ", "ς": "σ", "ϕ": "φ", "∆": "Δ", "\u2126": "Ω"}
)
_SAME_SIGN = MappingProxyType({"\u00b5": "\u03bc", "\u03a9": "\u2126"})
"""Unicode has the signs for micro and ohm twice. Files list units with the first; a text may have either."""


def build_language(tag: str, file: LanguageFile, functions: NumberFunctions) -> Language:
    """The tables of the language `tag`. Raises SettingInvalid if neither file nor functions say how a clock is read."""
    numbers, letters, names = file.numbers, file.letters, file.names
    return Language(
        tag=tag,
        unspaced=file.writing.unspaced,
        accents=file.writing.accents,
        script="".join(_SCRIPTS[script] for script in file.writing.scripts),
        point=numbers.point,
        decimal=numbers.decimal,
        group=numbers.group,
        cardinal=functions.cardinal,
        digits=functions.digits,
        fraction_digits=functions.fraction_digits,
        fraction=_fraction(numbers.fraction, functions),
        mixed=numbers.mixed,
        year=functions.year,
        year_refused=numbers.year_refused,
        decade=functions.decade,
        ordinal=functions.ordinal,
        ordinal_with=functions.ordinal_with,
        decade_ending=file.amounts.decade_ending,
        ordinal_marks=numbers.ordinal_marks,
        roman_ordinals=numbers.roman_ordinals,
        regnal_ordinal=functions.regnal_ordinal,
        regnal_genitive=functions.regnal_genitive,
        queens=_any_of(names.queens),
        queen_ordinal=functions.queen_ordinal,
        date=_date(file.dates, functions),
        months=tuple(file.dates.months.split()),
        month_first=file.dates.date.index("{month}") < file.dates.date.index("{day}"),
        amounts=file.amounts,
        clock=functions.clock or _clock(file.dates.clock, tag),
        percent=numbers.percent,
        to=numbers.to,
        one=numbers.one,
        one_feminine=numbers.one_feminine,
        **file.powers.model_dump(),
        units=_units(file.units),
        unit_words=MappingProxyType(file.unit_words),
        money=MappingProxyType({sign: _money(words) for sign, words in file.money.currencies.items()}),
        money_order=file.money.order,
        magnitudes=_any_of(numbers.magnitudes),
        maths=_maths(file.formulas),
        symbols=MappingProxyType(_greek_letters(file.greek.letters.split()) | file.symbols),
        letters=MappingProxyType(letters.names),
        single_letter_words=frozenset(letters.single_letter_words.split()),
        articles=frozenset(letters.articles.split()),
        letter_markers=_any_of(letters.markers),
        blank=names.blank,
        keys=MappingProxyType(file.keys),
        sizes=_any_of(names.sizes),
        short_words=frozenset(word for word in _small_words(file) if 1 < len(word) <= 4),
        single_words=frozenset(letters.single_letter_words.split())
        | {word for word in _small_words(file) if len(word) == 1},
        acronyms=MappingProxyType(file.acronyms),
        common_capitals=frozenset(names.common_capitals.split()),
        plural=names.plural,
        abbreviations=MappingProxyType(file.abbreviations),
        roman_before=_any_of(names.roman_before),
        roman_after=_any_of(names.roman_after),
        reigning=_any_of(names.reigning),
        web=MappingProxyType(file.web),
        endings=MappingProxyType(file.endings),
    )


def _small_words(file: LanguageFile) -> list[str]:
    """The function words that the file lists for slides and captions."""
    stop, captions = file.function_words.get("stop", ""), file.captions
    listed = [stop] if isinstance(stop, str) else list(stop)
    return " ".join((*listed, captions.conjunctions, captions.prepositions, captions.leaning)).split()


def _any_of(patterns: str) -> str:
    """A regular expression for any of the listed words."""
    return "|".join(patterns.split())


def _fraction(template: str, functions: NumberFunctions) -> Callable[[int, int], str]:
    def fraction(numerator: int, denominator: int) -> str:
        named = functions.part(numerator, denominator) if functions.part else None
        counted = (functions.cardinal(str(number)) for number in (numerator, denominator))
        return named or template.format(*counted)

    return fraction


def _date(words: DateWords, functions: NumberFunctions) -> Callable[[int, int, int], str]:
    months, spoken_year = words.months.split(), functions.year or str

    def date(year: int, month: int, day: int) -> str:
        return words.date.format(year=spoken_year(year), month=months[month - 1], day=functions.day(day))

    return date


def _clock(words: ClockWords | None, tag: str) -> Callable[[int, int], str]:
    if words is None:
        raise SettingInvalid(
            f"The language file {tag}.toml has no [dates.clock], and {tag} has no function for it.",
            remedy=f"Add [dates.clock] to {tag}.toml.",
        )

    def clock(hour: int, minute: int) -> str:
        template = words.past_the_hour if minute else words.on_the_hour
        if 0 < minute < 10 and words.past_the_hour_below_ten:
            template = words.past_the_hour_below_ten
        return template.format(hours=words.hours[hour != 1].format(hour), minutes=minute)

    return clock


def _units(listed: Mapping[str, UnitWords]) -> Mapping[str, Unit]:
    units = {}
    for sign, words in listed.items():
        unit = Unit(words, words) if isinstance(words, str) else Unit(words[0], words[1], len(words) == 3)
        units |= dict.fromkeys(_spellings(sign), unit)
    return MappingProxyType(units)


def _spellings(unit: str) -> list[str]:
    """The unit with every combination of the characters that look the same."""
    choices = ((character, *_SAME_SIGN.get(character, "")) for character in unit)
    return ["".join(spelling) for spelling in product(*choices)]


def _money(words: MoneyWords) -> Money:
    feminine = words[-1] == "f"
    return Money(*(words[:-1] if feminine else words), feminine=feminine)


def _maths(words: FormulaWords) -> Maths:
    return Maths(
        **words.model_dump(exclude={"limits", "domains", "functions", "accents", "states"}),
        accents=MappingProxyType({str(name): said for name, said in words.accents.items()}),
        states=MappingProxyType({str(name): said for name, said in words.states.items()}),
        limits=MappingProxyType(words.limits),
        domains=MappingProxyType(words.domains),
        functions=MappingProxyType(words.functions),
    )


def _greek_letters(names: list[str]) -> dict[str, str]:
    """Both cases of the Greek alphabet and its common variants, from the names of its 24 letters."""
    named = dict(zip(_GREEK, names, strict=True))
    named |= {letter.upper(): name for letter, name in named.items()}
    return named | {variant: named[letter] for variant, letter in _GREEK_VARIANTS.items()}
