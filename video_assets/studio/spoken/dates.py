"""Rules for dates, days, years and decades in digits.

Does not belong here: the time of the day (`clocks.py`), or the names of months.
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .passage import Entry, Passage, SpokenPiece, SpokenPieces, beside_operator

_NEAR = 30


def date_rules(language: Language) -> list[Entry]:
    """The rules for dates with signs between their numbers, and for the day beside the name of a month."""
    months = "|".join(language.months)
    rules: list[Entry] = [
        (r"(?<![\d./-])(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})(?!\d|[-/.]\d|\s?[=+*×])", _year_first),
        (r"(?<![\d./-])(\d{1,2})([-/.])(\d{1,2})([-/.])((?:1[0-9]|20)\d\d)(?!\d|[-/.]\d)", _year_last),
        (r"(?<![\d./-])(\d{1,2})([/.])(\d{1,2})([/.])(\d\d)(?!\d|[-/.]\d)", _short_year),
    ]
    rules += [
        (r"(?<![\d/])(0[1-9]|1[0-2])/((?:19|20)\d\d)(?![\d/])", _month_of_year),
        (r"(?<![\d/])((?:1[5-9]|20)\d\d)/(\d\d(?:\d\d)?)(?![\d/])", _years),
    ]
    if language.amounts.date_after:
        rules.append((r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)", _day_and_month))
        rules.append((rf"(\d{{1,2}})\.\s?[–-]\s?(?=\d{{1,2}}\.\s?(?:{months}))", _first_day))
        rules.append((r"(?<![\d.])(\d{1,2})\.[–-](?=\d{1,2}\.\s[A-ZÄÖÜ])", _first_day))
        rules.append((r"(?<=\d\.[–-])(\d{1,2})\.(?=\s[A-ZÄÖÜ])", _last_of_ordinals))
    if language.ordinal and language.month_first:
        behind_month = _behind_any((*language.months, *_spellings(language.amounts.short_months)))
        rules.append((rf"(?:{behind_month})(\d{{1,2}})(?![\d%:]|[.,/:]\d|(?:st|nd|rd|th)\b)", _day_behind_month))
        short = language.amounts.short_months
        rules.append((rf"(?<!\w)({short})\b\.?(?=\s\d)", _short_month))
        rules.append((rf"(\d{{1,2}})(?:st|nd|rd|th)?(?=\s(?:{months})\b(?!\s(?:[^\W\d_]+s)\b))", _day_before_month))
    return rules


def _spellings(short: str) -> list[str]:
    """`Sept?` -> Sept, Sep."""
    return [spelled for each in short.split("|") for spelled in {each.replace("?", ""), re.sub(r".\?", "", each)}]


def _behind_any(names: tuple[str, ...]) -> str:
    """Look-behinds for any of the names, and for another day after them.

    Without them the rule would match at every number, and the rules behind it would be tried one by one.
    """
    ends = sorted({name + end for name in names for end in (" ", ". ")}, key=len)
    of_a_length = (
        "|".join(re.escape(end) for end in ends if len(end) == length) for length in sorted(set(map(len, ends)))
    )
    looks = [rf"(?<={alternatives})" for alternatives in of_a_length]
    return "|".join([*looks, r"(?<=\d[–—-])", r"(?<=[\dthds] to )", r"(?<=[\dthds] and )"])


def year_rules(language: Language) -> list[Entry]:
    """The rules for years and decades."""
    refused = f"(?!{language.year_refused})" if language.year_refused else ""
    rules: list[Entry] = []
    if language.decade:
        rules += [(r"(1\d\d0|20\d0)['’]?s(?!\w)", _decade), (r"(?<=['’‘])(\d0)s(?!\w)", _decade)]
        rules.append((r"([2-9]0)s(?![\w²³])", _age))
    if language.year:
        after = rf"(?<!\w)(?:{language.amounts.period_before})\s" if language.amounts.period_before else ""
        if after:
            rules.append((r"(1[1-9]\d\d|20\d\d)(?![\w%])(?![.,:/]\d)(?<![05]0)", _year_of_period))
        if language.amounts.year_after or language.unspaced:
            rules.append((rf"(100[1-9]|10[1-9]\d)(?![\w%])(?![.,:/]\d){refused}", _early_year))
        rules.append((rf"(1[1-9]\d\d|20\d\d)(?![\w%])(?![.,:/]\d){refused}", _year))
    return rules


def _year_first(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    return _date(match, passage, int(match[1]), int(match[3]), int(match[5]))


def _year_last(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    return _date_in_order(match, passage, int(match[5]))


def _short_year(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`7/4/76`: the century is the one that a computer takes, from 1950 to 2049."""
    if beside_operator(passage.text, match.start(), match.end()):
        return None
    year = int(match[5])
    return _date_in_order(match, passage, year + (1900 if year >= 50 else 2000))


def _date_in_order(match: re.Match[str], passage: Passage, year: int) -> SpokenPieces | None:
    """The order of the language, unless only the other one is a date. Full stops stand behind the day everywhere."""
    first, second = int(match[1]), int(match[3])
    month_first = passage.language.month_first and match[2] != "."
    month, day = (first, second) if month_first else (second, first)
    if month > 12 >= day:
        month, day = day, month
    return _date(match, passage, year, month, day)


def _date(match: re.Match[str], passage: Passage, year: int, month: int, day: int) -> SpokenPieces | None:
    if match[2] != match[4] or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return (SpokenPiece(_with_article(match, passage, passage.language.date(year, month, day), day), match.start()),)


def _with_article(match: re.Match[str], passage: Passage, said: str, day: int) -> str:
    """German "der dritte Oktober" but "am dritten Oktober"."""
    language, before = passage.language, passage.text[max(0, match.start() - 12) : match.start()]
    article = re.search(rf"(?<!\w)({language.amounts.ordinal_after or '(?!)'})\s$", before)
    ordinal = language.ordinal_with(day, article[1].lower()) if article and language.ordinal_with else None
    return said.replace(language.ordinal(day), ordinal, 1) if ordinal and language.ordinal else said


def _day_and_month(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """German `am 3.10.`; the second full stop may also end the sentence."""
    language, day, month = passage.language, int(match[1]), int(match[2])
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    days = f"(?:{language.amounts.weekdays}|{language.amounts.short_weekdays})\\.?,?"
    goes_on = re.match(r"\s[a-zäöüß]", passage.text[match.end() : match.end() + 2])
    if not (goes_on or re.search(rf"(?<!\w)(?:{language.amounts.date_after}|{days})\s$", before)) or not (
        1 <= month <= 12 and 1 <= day <= 31 and language.ordinal
    ):
        return None
    pieces = (
        SpokenPiece(language.ordinal(day), match.start()),
        SpokenPiece(language.months[month - 1], match.start(2)),
    )
    ends = not passage.text[match.end() :].strip(")]\"'”’ \n")
    return (*pieces, SpokenPiece(".", match.end() - 1)) if ends else pieces


def _month_of_year(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language = passage.language
    year = (language.year or str)(int(match[2]))
    month = language.months[int(match[1]) - 1]
    if language.unspaced:
        return (SpokenPiece(f"{year}年{month}月", match.start()),)
    return (SpokenPiece(month, match.start()), SpokenPiece(year, match.start(2)))


def _years(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`2023/24` and `2019/2020` name two years that follow each other; `2018/2022` lists two."""
    language, first, last = passage.language, int(match[1]), int(match[2])
    if beside_operator(passage.text, match.start(), match.end()):
        return None
    year = language.year or str
    if first + 1 < last and not passage.in_formula(match.start(1) + len(match[1])):
        return (SpokenPiece(f"{year(first)},", match.start()), SpokenPiece(year(last), match.start(2)))
    if (first + 1) % 100 != last and first + 1 != last:
        return None
    if first + 1 == last or language.unspaced:
        return (
            SpokenPiece(year(first), match.start()),
            SpokenPiece(language.to, match.end(1)),
            SpokenPiece(year(first + 1), match.start(2)),
        )
    second = language.cardinal(str(last)) if last > 9 else language.digits(match[2])
    return (
        SpokenPiece(year(first), match.start()),
        SpokenPiece(second, match.start(2)),
    )


def _first_day(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """German `vom 1.–3. Mai`."""
    ordinal, day = passage.language.ordinal, int(match[1])
    if not ordinal or not 1 <= day <= 31:
        return None
    said = _ordinal_behind_article(match, passage, day)
    return (SpokenPiece(said, match.start()), SpokenPiece(passage.language.to, match.end() - 1))


def _last_of_ordinals(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """German `1.–3. Klasse`: the second number."""
    return (SpokenPiece(_ordinal_behind_article(match, passage, int(match[1])), match.start()),)


def _ordinal_behind_article(match: re.Match[str], passage: Passage, value: int) -> str:
    """German "die erste bis dritte Klasse", but "vom ersten bis dritten Mai"."""
    language, before = passage.language, passage.text[max(0, match.start() - _NEAR) : match.start()]
    article = re.search(rf"(?<!\w)({language.amounts.ordinal_after or '(?!)'})\s(?:\d{{1,2}}\.[–-])?$", before)
    inflected = language.ordinal_with(value, article[1].lower()) if article and language.ordinal_with else None
    return inflected or (language.ordinal or str)(value)


def _month_before(passage: Passage, at: int) -> re.Match[str] | None:
    """The name of a month right before `at`, or before another day and a dash."""
    names = "|".join((*passage.language.months, *passage.language.amounts.short_months.split("|")))
    day = r"(?:\d{1,2}(?:st|nd|rd|th)?(?:\s?[–—-]\s?|\sto\s|\sand\s))?"
    return re.search(rf"(?<!\w)({names})\.?\s{day}$", passage.text[max(0, at - _NEAR) : at])


def _day_behind_month(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`July 4` -> "July fourth"; "May 5 people come?" and `March 10 km` are no dates."""
    month = _month_before(passage, match.start())
    if not month or not passage.language.ordinal or not 1 <= int(match[1]) <= 31:
        return None
    behind = passage.text[match.end() : match.end() + _NEAR]
    verb = month[1] in ("May", "March") and re.match(r"\s(?:[a-z]+s|people|of)\b", behind)
    if verb or re.match(r"\s?(?:km|m|kg|miles?|°|%|[ap]\.?m\b)", behind):
        return None
    return (SpokenPiece(passage.language.ordinal(int(match[1])), match.start()),)


def _short_month(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Mar 3` -> "March third"."""
    short = passage.language.amounts.short_months.split("|")
    found = (name for name, one in zip(passage.language.months, short, strict=True) if re.fullmatch(one, match[1]))
    return (SpokenPiece(next(found), match.start()),)


def _day_before_month(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`4 July` -> "the fourth of July"."""
    language, before = passage.language, passage.text[max(0, match.start() - _NEAR) : match.start()]
    if not language.ordinal or not 1 <= int(match[1]) <= 31:
        return None
    article = "" if re.search(r"(?i:\bthe\s)$", before) else "the "
    return (SpokenPiece(f"{article}{language.ordinal(int(match[1]))} of", match.start()),)


def _year(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if not passage.language.year or beside_operator(passage.text, match.start(), match.end()):
        return None
    return (SpokenPiece(passage.language.year(int(match[1])), match.start()),)


def _year_of_period(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Q1 2025 earnings`: a year although a noun in the plural follows."""
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    if not re.search(rf"(?<!\w)(?:{passage.language.amounts.period_before}),?\s$", before):
        return None
    return _year(match, passage)


def _early_year(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`In 1066`: from 1001 to 1099 a year needs a word before it."""
    words, before = passage.language.amounts.year_after, passage.text[max(0, match.start() - _NEAR) : match.start()]
    behind = passage.text[match.end() : match.end() + 4]
    if (
        words
        and not re.search(rf"(?<!\w)(?:{words})\s(?:\d{{3,4}}(?:\s\w{{2,3}}\s|[–-]))?$", before)
        and not re.match(r"\s(?:AD|CE|BC)", behind)
    ):
        return None
    return _year(match, passage)


def _decade(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    return (SpokenPiece(passage.language.decade(int(match[1])), match.start()),) if passage.language.decade else None


def _age(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`in their 20s and 30s`: a decade of a life and not seconds."""
    words = passage.language.amounts.decade_after
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    behind = passage.text[match.end() : match.end() + _NEAR]
    part = r"(?:(?:late|early|mid)[\s-])?"
    chain = rf"{part}(?:\d0s(?:,\s|\s?[–-]\s?|,?\s(?:and|or|to)\s){part})"
    owned = re.search(
        rf"(?<!\w)(?:{words})[\s-](?:{chain})*{part}$|[Tt]he\s(?:{chain})+$|\d\d0s(?:,\s|\s?[–-]\s?|\s(?:and|or|to)\s)$",
        before,
    )
    of_the_time = re.search(r"(?<!\w)[Tt]he\s$", before) and not re.match(
        r"\s(?:mark|interval|delay|timer|timeout|limit|window|period|pause|clip|ad|video)", behind
    )
    if not (owned or of_the_time):
        return None
    return _decade(match, passage)
