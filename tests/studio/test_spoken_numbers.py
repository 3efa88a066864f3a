"""Numbers of every kind, generated, in the six spoken languages."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.reading import normalise

QUICK = settings(max_examples=30, deadline=None)
LANGUAGES = ("de", "en", "es", "fr", "hi", "zh")
DATES = st.dates(dt.date(1100, 1, 1), dt.date(2099, 12, 31))
SEPARATORS = {"de": ".", "en": "/", "es": "/", "fr": "/", "hi": "/", "zh": "/"}


def said(text: str, language: str) -> str:
    """The words without the marks between them."""
    words = " ".join(word.text for word in normalise(parse(text), language_of(language), {}))
    return re.sub(r"[,.;:?!，。；：？！、]", "", words)


def written_date(date: dt.date, language: str) -> str:
    sign = SEPARATORS[language]
    if language == "zh":
        return f"{date.year}{sign}{date.month}{sign}{date.day}"
    order = (date.month, date.day) if language == "en" else (date.day, date.month)
    return f"{order[0]:02}{sign}{order[1]:02}{sign}{date.year}"


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(date=DATES)
def test_a_date_in_figures_is_the_date_in_words(language: str, date: dt.date) -> None:
    """A class would hear a date as a fraction, or with day and month exchanged."""
    expected = language_of(language).date(date.year, date.month, date.day)
    assert said(written_date(date, language), language) == re.sub(r"[,.]", "", expected)


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(date=DATES)
def test_a_date_of_the_international_form_is_read_in_every_language(language: str, date: dt.date) -> None:
    """A class would hear three numbers and two minus signs."""
    expected = re.sub(r"[,.]", "", language_of(language).date(date.year, date.month, date.day))
    assert said(date.isoformat(), language) == expected
    assert said(date.isoformat().replace("-", "/"), language) == expected


GROUPING = {"de": ".", "en": ",", "es": ".", "fr": "\u202f", "hi": ",", "zh": ","}


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(value=st.integers(1000, 999_999_999_999))
def test_a_number_in_groups_is_the_number(language: str, value: int) -> None:
    """A class would hear a million as a decimal fraction."""
    assert said(f"{value:,}".replace(",", GROUPING[language]), language) == language_of(language).cardinal(str(value))


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(value=st.integers(1_000_000, 99_999_999))
def test_spaces_and_apostrophes_group_a_large_number_in_every_language(language: str, value: int) -> None:
    """A class would hear three numbers instead of one."""
    expected = language_of(language).cardinal(str(value))
    assert said(f"{value:,}".replace(",", "’"), language) == expected
    assert said(f"{value:,}".replace(",", "\u00a0"), language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sign", ["$", "€", "£", "¥", "₹"])
@QUICK
@given(amount=st.integers(2, 900), minus=st.sampled_from("-−"))
def test_a_debt_is_not_said_as_a_fortune(language: str, sign: str, amount: int, minus: str) -> None:
    """A class would hear that a balance of minus twenty dollars is twenty dollars."""
    words = language_of(language)
    expected = f"{words.maths.negative} {words.cardinal(str(amount))} {words.money[sign].many}"
    assert said(f"{minus}{sign}{amount}", language) == expected
    assert said(f"{sign}{minus}{amount}", language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(low=st.integers(2, 400), more=st.integers(1, 400), sign=st.sampled_from("$€£"))
def test_a_range_of_money_says_both_ends_and_one_currency(language: str, low: int, more: int, sign: str) -> None:
    """A class would hear two prices instead of a range."""
    words = language_of(language)
    ends = f"{words.cardinal(str(low))} {words.to} {words.cardinal(str(low + more))}"
    for text in (f"{sign}{low}–{sign}{low + more}", f"{sign}{low}-{low + more}", f"{low} {sign}–{low + more} {sign}"):
        assert said(text, language) == f"{ends} {words.money[sign].many}"


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(low=st.integers(1, 49), more=st.integers(1, 50))
def test_a_range_of_percent_is_one_range(language: str, low: int, more: int) -> None:
    """A class would hear two rates with a pause between them."""
    words = language_of(language)
    last = words.percent.format(words.cardinal(str(low + more)))
    first = words.cardinal(str(low))
    if not words.percent.startswith("{}"):
        first = words.percent.format(first)
    assert said(f"{low}%–{low + more}%", language) == f"{first} {words.to} {last}"


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(sides=st.lists(st.integers(1, 9), min_size=2, max_size=4))
def test_a_ratio_says_every_side(language: str, sides: list[int]) -> None:
    """A class would mix the wrong parts: a colon was a pause, or a time of the day."""
    words = language_of(language)
    expected = f" {words.amounts.ratio} ".join(words.cardinal(str(side)) for side in sides)
    assert said(":".join(map(str, sides)), language) == expected


UPPER = st.sampled_from(["m", "kg", "J", "mol", "kJ", "W", "rad", "Pa"])
LOWER = st.sampled_from(["s", "K", "mol", "L", "kg", "Hz"])


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(
    upper=UPPER, lower=LOWER, power=st.sampled_from([("⁻¹", ""), ("⁻²", "²"), ("⁻³", "³")]), joint=st.sampled_from(" ·")
)
def test_a_negative_power_of_a_unit_is_the_unit_below_the_bar(
    language: str, upper: str, lower: str, power: tuple[str, str], joint: str
) -> None:
    """A class would hear letters for a unit that is written as the sciences write it."""
    assert said(f"5 {upper}{joint}{lower}{power[0]}", language) == said(f"5 {upper}/{lower}{power[1]}", language)


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(unit=st.sampled_from(["m", "km", "cm", "mm", "dm"]), power=st.sampled_from([("²", "2"), ("³", "3")]))
def test_an_area_is_no_letters(language: str, unit: str, power: tuple[str, str]) -> None:
    """A class would hear "k m squared" for square kilometres, and another reading for each way to type the power."""
    words = language_of(language)
    shape = words.square if power[1] == "2" else words.cubic
    expected = f"{words.cardinal('5')} {shape.format(words.units[unit].many)}"
    for text in (f"5 {unit}{power[0]}", f"5 {unit}^{power[1]}", f"5 {unit}{power[1]}"):
        assert said(text, language).casefold() == expected.casefold()  # German Quadratmeter is one word


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(parts=st.tuples(*[st.integers(0, 255)] * 4))
def test_an_address_of_a_computer_is_four_numbers(language: str, parts: tuple[int, ...]) -> None:
    """A class would hear a number of a thousand millions, or a date."""
    words = language_of(language)
    expected = f" {words.amounts.version_point} ".join(words.cardinal(str(part)) for part in parts)
    # Where full stops group digits, four groups without a word before them may also be a number.
    assert said("IP " + ".".join(map(str, parts)), language).endswith(expected)


@pytest.mark.parametrize("language", LANGUAGES)
@QUICK
@given(hour=st.integers(1, 12), minute=st.integers(1, 59))
def test_a_time_before_noon_has_its_letters_once(language: str, hour: int, minute: int) -> None:
    """A class would hear picometres, or a time with two endings."""
    words = language_of(language)
    heard = said(f"{hour}:{minute:02} pm", language)
    assert heard.startswith(words.clock(hour, minute))
    assert len(heard.removeprefix(words.clock(hour, minute)).split()) == 2


@QUICK
@given(st.integers(2, 9), st.sampled_from(["his", "her", "their", "my", "in the", "the late", "the early"]))
def test_a_decade_of_a_life_is_no_time_in_seconds(tens: int, before: str) -> None:
    """A class would hear that people are in their twenty seconds."""
    decade = language_of("en").decade
    assert decade is not None
    assert said(f"{before} {tens}0s", "en") == f"{before} {decade(10 * tens)}"


@QUICK
@given(st.integers(1, 99), st.sampled_from(["kg", "m", "V", "km", "W", "cm"]), st.sampled_from(["a", "an", "each"]))
def test_a_unit_before_its_noun_is_singular(count: int, unit: str, article: str) -> None:
    """A class would hear "a five kilograms mass"."""
    words = language_of("en")
    expected = f"{article} {words.cardinal(str(count))} {words.units[unit].one} block"
    assert said(f"{article} {count} {unit} block", "en") == expected
