"""The words of one language around amounts: ratios, sizes, ranges, millions, places, and numbers that are names."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from video_assets.studio.core.values import FrozenModel

_List = Annotated[str, AfterValidator(lambda text: "|".join(text.split()))]
"""Words in a file, and a regular expression for any of them here; each may be an expression itself."""
_Pair = str | tuple[str, str] | tuple[str, str, str]
"""Singular and plural, one string if they are equal; then `f` if the word is feminine."""


class AmountWords(FrozenModel):
    """The table `[amounts]`. A language without an entry does not have what the entry is for."""

    ratio: str = ""
    """Between the sides of `16:9`."""
    ratio_shape: _List = ""
    """After them `16:9` is the shape of a picture, which the language says as a fraction."""
    ratio_near: _List = ""
    """Near them `1:20` is a ratio and not a time of the day."""
    by: str = ""
    """Between the sides of `10 x 20 cm`."""
    sized: _List = ""
    """What `3 × 4` before or after it gives the size of."""
    version: str = ""
    version_point: str = ""
    digits_after: _List = ""
    """After them a number is said digit by digit: telephones, codes."""
    digits_joint: _List = ""
    """Between these words and the number: "is", "number"."""
    digits_before: _List = ""
    """Before them a telephone number ends: Hindi "112 पर कॉल करें"."""
    calls: _List = ""
    """Those of `digits_after` that may also be followed by a count: "call 100 people"."""
    emergency: _List = ""
    """Telephone numbers, whatever follows them."""
    per_words: _List = ""
    """After an amount and a slash: `€5/month`."""
    meter: str = ""
    """A time in music: `{}` twice."""
    meter_near: _List = ""
    orbital: _List = ""
    """What `2s` is the name of."""
    year_after: _List = ""
    """After them the numbers from 1001 to 1099 are years."""
    decade_after: _List = ""
    """After them `20s` is a decade and not seconds."""
    period_before: _List = ""
    """Before a number from 1100 to 2099 that is a year whatever follows."""
    last_factor_plural: bool = False
    """Whether the last unit of a product has the plural: "five newton metres"."""
    adjective_after: _List = ""
    """After them a unit is an adjective: "a 5 kg mass"."""
    adjective_maybe: _List = ""
    """The same, unless `not_adjective_before` follows the unit: "the 5 kg mass" but "the 5 kg of flour"."""
    not_adjective_before: _List = ""
    date_after: _List = ""
    """After them `3.10.` is a date."""
    dated: _List = ""
    """After them `5/6` may be a date."""
    day_of_month: str = ""
    """How such a date is written without doubt: `{day}` and `{month}`."""
    counted_or_year: _List = ""
    """After them `1500` may be a year, although a noun in the plural follows."""
    ordinal_after: _List = ""
    """After them a number with a full stop and a noun is an ordinal."""
    decade_ending: str = ""
    """Regular expression of what follows the digits of a decade: German `1990er`."""
    money_joint: str = ""
    """Between a million and its currency."""
    money_joint_vowel: str = ""
    """The same before a vowel."""
    singular_below_two: bool = False
    """Whether `1,5` is counted in the singular."""
    measured_after: _List = ""
    """After them a number is measured, even if the unit is also a word: Spanish "de 5 ha situado"."""
    foot: _Pair = ""
    inch: _Pair = ""
    arc_minute: _Pair = ""
    arc_second: _Pair = ""
    arc_near: _List = ""
    """Near them `30′` is a part of a degree, where it is feet elsewhere."""
    knot: _Pair = ""
    knot_near: _List = ""
    """Near them `15 kt` is a speed and not a mass."""
    clock_before: _List = ""
    """After them `5 pm` is a time of the day and not a length. Empty: it always is."""
    clock_after: _List = ""
    """After `9:30`: the word that the spoken time has anyway."""
    weekdays: _List = ""
    """From Monday on."""
    short_weekdays: _List = ""
    """Their abbreviations in the same order."""
    short_months: _List = ""
    """The abbreviations of the months, from January on."""
    compass: dict[str, str] = Field(default_factory=dict)
    """Letters after degrees."""
    money_scales: dict[str, _Pair] = Field(default_factory=dict)
    """Letters after an amount of money: `$5m`."""
    dollars: dict[str, _Pair] = Field(default_factory=dict)
    """Letters before `$`: `US$`."""
    number_scales: dict[str, _Pair] = Field(default_factory=dict)
    """Expressions for abbreviated millions after any number: `2,5 Mio.`."""
