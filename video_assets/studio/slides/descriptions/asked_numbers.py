"""Diagrams of numbers and dates for which a description asks: chart, timeline, number line, scale, big number.

All numbers stand in the description or in the narration. Does not belong here: graphs without numbers (`asked_graphs`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import floor, log10
from typing import Literal, NamedTuple

from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.lesson.diagrams.figures import (
    BigNumber,
    Chart,
    Chronology,
    DatedEvent,
    Mark,
    NumberLine,
    Rung,
    Scale,
    Series,
)

from .arrangement_source import MARK, MOST_NARRATION, ArrangementSource

_NUMBER = r"[-−]?(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
_YEAR = r"(?<![\d.,-])(?:1\d{3}|20\d{2})(?![\d.,]\d|\d|%)"
_DATE = rf"(?:{_YEAR}s?(?:\s(?:BCE?|CE|AD))?|\d{{1,4}}\s(?:BCE?|CE|AD)|\d{{1,2}}(?:st|nd|rd|th) century)"
_MOST_CATEGORIES = 12
_MOST_NAME_WORDS = 4
_MOST_CLAUSE_WORDS = 9
_FEWEST_TICKS, _MOST_TICKS = 4, 20
_MOST_EVENTS = 8
_MOST_STEPS = 8
_MOST_MARKS = 8
_SEGMENT = r"[,;](?!\d)\s*|(?<=[.!?])\s+|[。；，]\s*|\n|\)\s*"


class _Measured(NamedTuple):
    name: str
    value: float
    unit: str


def asked_chart(source: ArrangementSource, *, named: bool) -> Chart | None:
    """A chart of the numbers of the description, or else of the narration."""
    if not named:
        return None
    for text in (source.text, source.spoken.text[:MOST_NARRATION]):
        dated = _dated_numbers(source, text)
        measured = dated if len(dated) > 1 else _measured(source, text)
        if len(measured) > 1:
            return _chart(source, measured, years=measured is dated)
    return None


def _chart(source: ArrangementSource, measured: tuple[_Measured, ...], *, years: bool) -> Chart | None:
    unit = Counter(each.unit for each in measured).most_common(1)[0][0]
    chosen = tuple({each.name: each for each in measured if each.unit == unit}.values())[:_MOST_CATEGORIES]
    if len(chosen) < 2:
        return None
    form = _form(source, years=years)
    if form == "pie" and min(each.value for each in chosen) < 0:
        form = "bar"
    series = Series(values=tuple(each.value for each in chosen))
    return Chart(kind="chart", type=form, categories=tuple(each.name for each in chosen), series=(series,), unit=unit)


def _form(source: ArrangementSource, *, years: bool) -> Literal["bar", "line", "pie"]:
    for form in ("pie", "bar", "line"):
        if source.words.find(form, source.text):
            return form
    return "line" if years else "bar"


def _dated_numbers(source: ArrangementSource, text: str) -> tuple[_Measured, ...]:
    """Numbers with their years: `from 10 in 1990 to 45 in 2020`, `1990: 10`."""
    unit, words = _unit(source), source.words
    before = rf"(?P<value>{_NUMBER})(?P<unit>{unit})?\s+(?:{words.any_of('in_year')})\s+(?P<year>{_YEAR})"
    after = rf"(?P<year>{_YEAR})\s*[:=(]\s*(?P<value>{_NUMBER})(?P<unit>{unit})?"
    plain = source.written(text)
    found = list(re.finditer(before, plain, re.IGNORECASE)) or list(re.finditer(after, plain, re.IGNORECASE))
    return tuple(
        _Measured(match["year"], _value(match["value"], source.language), (match["unit"] or "").strip())
        for match in found
    )


def _measured(source: ArrangementSource, text: str) -> tuple[_Measured, ...]:
    """Numbers with their names: `40 % oil`, `oil (40 %)`, `Jupiter has 95 moons`."""
    found = []
    for segment in re.split(rf"{_SEGMENT}|\s(?:{source.words.any_of('and')})\s", text, flags=re.IGNORECASE):
        numbers = list(re.finditer(rf"(?<![\w.,])({_NUMBER})({_unit(source)})?(?![\w.,]*\d)", segment, re.IGNORECASE))
        if len(numbers) != 1 or re.fullmatch(_YEAR, numbers[0][1]):
            quoted = [mark for mark in re.findall(MARK, segment) if re.search(r"\d", source.written(mark))]
            found += [each for mark in quoted for each in _measured_inside(source, source.written(mark))]
            continue
        if name := _name_beside(source, segment[: numbers[0].start()], segment[numbers[0].end() :]):
            found.append(_Measured(name, _value(numbers[0][1], source.language), (numbers[0][2] or "").strip()))
    return tuple(found)


def _measured_inside(source: ArrangementSource, text: str) -> Iterator[_Measured]:
    match = re.fullmatch(rf"(\D*?)[\s:(]*({_NUMBER})({_unit(source)})?[)\s]*(\D*)", text, re.IGNORECASE)
    if match and (name := _name_beside(source, match[1], match[4])):
        yield _Measured(name, _value(match[2], source.language), (match[3] or "").strip())


def _name_beside(source: ArrangementSource, before: str, after: str) -> str:
    """The name of a number: what stands before it, if that is more than a link, else what stands behind it."""
    marks = source.quotes(before) or source.quotes(after)
    if marks:
        return marks[-1]
    link = rf"(?:{source.words.any_of('link')}|{source.words.any_of('in_year')})"
    behind = source.label(re.sub(rf"^(?:[\s:)]|{link})+", "", after, flags=re.IGNORECASE))
    if behind and before.rstrip().endswith((":", "：")):
        return behind  # The colon opens the list.
    before = re.split(r"[:：](?=.*\S)", before.rstrip(" :(="))[-1]
    before = re.sub(rf"(?:[\s:(=]|{link})+$", "", before, flags=re.IGNORECASE)
    before = re.sub(rf"^(?:\s|{link})+", "", before, flags=re.IGNORECASE)
    if name := source.label(before):
        return name if len(name.split()) <= _MOST_NAME_WORDS else ""
    return behind


def _unit(source: ArrangementSource) -> str:
    return rf"\s?[%％€$£¥]|(?:k|M|bn)(?!\w)|\s(?:{source.words.any_of('units')})"


def _value(text: str, language: str) -> float:
    plain = text.replace("−", "-").replace("\u00a0", "").replace("\u202f", "")
    grouped = primary_subtag(language) in ("en", "zh", "hi", "ja") or bool(re.search(r",\d{3}\b.*[.,]", plain))
    return float(plain.replace(",", "") if grouped else plain.replace(",", "."))


# Timeline ------------------------------------------------------------------------------------------------------------


def asked_timeline(source: ArrangementSource, *, named: bool) -> Chronology | None:
    """The dated events of the description, or else of the narration."""
    if not named:
        return None
    for events in (_described_events(source), _narrated_events(source)):
        chosen = tuple({(event.when, event.what): event for event in events}.values())[:_MOST_EVENTS]
        if len(chosen) > 1:
            return Chronology(kind="timeline", events=chosen)
    return None


def _described_events(source: ArrangementSource) -> list[DatedEvent]:
    text = source.written(re.sub(rf"({MARK})", r"; \1 ;", source.text))
    dates = list(re.finditer(_DATE, text))
    found = []
    for number, date in enumerate(dates):
        end = dates[number + 1].start() if number + 1 < len(dates) else len(text)
        start = dates[number - 1].end() if number else 0
        behind = re.match(r"\s*(?:[:–—=-]\s*)?(?:;\s*)?([^;.,()\n]{2,})", text[date.end() : end])
        bracketed = re.search(r"(?:^|[:;,.)]\s*|\band )([^;:.,()]+)\($", text[start : date.start()])
        what = source.label(bracketed[1]) if bracketed else _event(source, behind[1] if behind else "")
        if what:
            found.append(DatedEvent(when=date[0], what=what))
    return found


def _narrated_events(source: ArrangementSource) -> Iterator[DatedEvent]:
    into = rf"(?:(?:{source.words.any_of('in_year')}|the)\s+)*"
    for clause in source.clauses:
        dates = list(re.finditer(rf"{into}({_DATE})", clause, re.IGNORECASE))
        if len(dates) != 1:
            continue
        before, behind = clause[: dates[0].start()], clause[dates[0].end() :].lstrip(" ,:")
        what = _event(source, behind if len(before.split()) < 3 else before)
        if what:
            yield DatedEvent(when=dates[0][1], what=what)


def _event(source: ArrangementSource, text: str) -> str:
    plain = text.strip(" ,.;:'\"")
    label = source.label(plain)
    return label if label and len(label) + 12 > len(plain) else source.clause_label(plain)


# Lines and scales of numbers -----------------------------------------------------------------------------------------


def asked_number_line(source: ArrangementSource, *, named: bool) -> NumberLine | None:
    """A number line between the numbers of the description, with the other numbers marked."""
    if not named:
        return None
    text = source.written(source.text)
    limits = re.search(
        rf"(?:{source.words.any_of('from')})\s+({_NUMBER})\s+(?:{source.words.any_of('to')})\s+({_NUMBER})",
        text,
        re.IGNORECASE,
    )
    rest = text[: limits.start()] + " " + text[limits.end() :] if limits else text
    numbers = [_value(match[0], source.language) for match in re.finditer(rf"(?<![\w.,]){_NUMBER}(?![\w%])", rest)]
    ends = [_value(number, source.language) for number in limits.groups()] if limits else numbers
    if not numbers or len(ends) < 2 or min(ends) >= max(ends):
        return None
    start, end = min(ends), max(ends)
    marks = tuple(Mark(at=at) for at in dict.fromkeys(numbers) if start <= at <= end)[:_MOST_MARKS]
    return NumberLine(kind="number-line", start=start, end=end, step=_tick(end - start), marks=marks) if marks else None


def _tick(length: float) -> float:
    """A distance of ticks that gives at most 20 of them: 1, or 1, 2 or 5 times a power of ten."""
    if _FEWEST_TICKS <= length <= _MOST_TICKS:
        return 1.0
    power = 10.0 ** floor(log10(length / 20))
    return next(power * factor for factor in (1, 2, 5, 10, 20) if length / (power * factor) <= 20)


def asked_scale(source: ArrangementSource, *, named: bool) -> Scale | None:
    """A ladder of sizes: `thousand, million, billion`, or things from the small to the large."""
    if not named:
        return None
    narrated = _narrated_sizes(source)
    if len(narrated) > 1 and source.words.find("magnitudes", source.text):
        return Scale(kind="scale", steps=narrated)
    words = source.words
    for sentence in source.sentences:
        quoted = source.quotes(sentence)
        match = words.find("from", sentence)
        chained = _stations(source, sentence[match.end() :]) if match else ()
        names = quoted if len(quoted) > 2 else (chained or source.listed((sentence,), least=3))
        names = tuple(name for name in names if not source.is_direction(name))[:_MOST_STEPS]
        sized = [name for name in names if words.find("magnitudes", name)]
        chosen = tuple(sized) if len(sized) > 1 else names
        if len(chosen) > 1:
            return Scale(kind="scale", steps=tuple(_rung(source, name) for name in _smallest_first(chosen)))
    return None


def _smallest_first(names: tuple[str, ...]) -> tuple[str, ...]:
    """`names` turned around if their sizes, all in one unit, fall: a description may zoom in."""
    found = [re.search(r"(\d+(?:[.,]\d+)?)\s?([^\W\d]+)", name) for name in names]
    sizes = [(float(match[1].replace(",", ".")), match[2]) for match in found if match]
    one_unit = len(sizes) == len(names) and len({unit for _, unit in sizes}) == 1
    falling = all(first > second for (first, _), (second, _) in pairwise(sizes))
    return names[::-1] if one_unit and falling else names


def _stations(source: ArrangementSource, text: str) -> tuple[str, ...]:
    parts = re.split(
        rf",?\s+(?:{source.words.any_of('to')})\s+|\s*→\s*", re.split(r"[.;]\s", text)[0], flags=re.IGNORECASE
    )
    labels = [source.label(re.split(r",\s", part)[0]) for part in parts]
    return tuple(dict.fromkeys(labels)) if len(labels) > 1 and all(labels) else ()


def _rung(source: ArrangementSource, name: str) -> Rung:
    sized = re.fullmatch(rf"({_NUMBER}\s?\S{{1,8}})\s*[:=–-]\s*(.+)", name)
    return Rung(value=sized[1], label=sized[2]) if sized else Rung(value=name)


def _narrated_sizes(source: ArrangementSource) -> tuple[Rung, ...]:
    """The sizes that the narration compares: `A million seconds is about eleven days.`"""
    magnitude = source.words.any_of("magnitudes")
    size = rf"((?:one|a|\d+)\s+(?:{magnitude})(?:\s\w+)?)\s+(?:is|are|make|takes?|lasts?|=)\s+([^,.;]+)"
    found = {}
    for clause in source.clauses:
        match = re.search(size, clause, re.IGNORECASE)
        if match and len(match[2].split()) < 8:
            found.setdefault(match[1].casefold(), Rung(value=match[1], label=match[2].strip()))
    return tuple(found.values())[:_MOST_STEPS]


# One number ----------------------------------------------------------------------------------------------------------


def asked_number(source: ArrangementSource, *, named: bool) -> BigNumber | None:
    """The single number that the description shows large, and what it counts."""
    if not named:
        return None
    marks = re.findall(MARK, source.text)
    quoted = [mark for mark in marks if _is_amount(source, source.written(mark))]
    if len(marks) == 1 and not quoted and (counted := _counted_inside(source, source.written(marks[0]))):
        return counted
    if len(quoted) == 1:
        value = source.written(quoted[0])
    else:
        match = re.search(
            rf"(?:{source.words.any_of('number_words')})\W+({_amount(source)})", source.text, re.IGNORECASE
        )
        value = match[1].strip() if match and not quoted else ""
    if not value:
        return None
    others = [source.quote(mark) for mark in re.findall(MARK, source.text) if mark not in quoted]
    what = next(filter(None, others), "") or _counted(source, value)
    return BigNumber(kind="number", value=value, what=what) if what else None


def _counted_inside(source: ArrangementSource, text: str) -> BigNumber | None:
    """`100,000 beats a day` as the number and what it counts."""
    match = re.match(rf"({_amount(source)})\s+(\D{{3,}})$", text.strip(), re.IGNORECASE)
    if match is None or re.fullmatch(_YEAR, match[1]) or len(match[2].split()) > _MOST_CLAUSE_WORDS:
        return None
    return BigNumber(kind="number", value=match[1].strip(), what=match[2].strip())


def _amount(source: ArrangementSource) -> str:
    unit = rf"(?:{source.words.any_of('magnitudes')}|{source.words.any_of('units')})"
    return rf"[$€£¥~≈]?\s?{_NUMBER}(?:\s?[%‰°]|\s{unit}|\s?(?:km|m|s|kg|nm|µm)/?[hs]?\b)*(?![\w.,]*\d)"


def _is_amount(source: ArrangementSource, text: str) -> bool:
    return bool(re.fullmatch(_amount(source) + r"\+?", text.strip(), re.IGNORECASE)) and not re.fullmatch(_YEAR, text)


def _counted(source: ArrangementSource, value: str) -> str:
    """What the narration counts with `value`: the words behind it, or else those before it."""
    for clause in source.clauses:
        at = clause.casefold().find(value.casefold())
        if at < 0:
            continue
        link = rf"(?:{source.words.any_of('link')}|{source.words.any_of('stands_for')})"
        behind = source.clause_label(re.sub(rf"^(?:\s|{link})+", "", clause[at + len(value) :], flags=re.IGNORECASE))
        before = source.clause_label(re.sub(rf"(?:\s|{link})+$", "", clause[:at], flags=re.IGNORECASE))
        if len(behind.split()) > 2:
            return behind
        # `13.8 billion` needs `The universe is 13.8 billion years old`; `years old` alone tells nothing.
        whole = clause.strip(" ,;:.!?")
        if found := whole if len(whole.split()) <= _MOST_CLAUSE_WORDS else behind or before:
            return found
    return ""
