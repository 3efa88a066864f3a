"""Rules for a sign between two amounts: ranges, ratios, sizes, "per", and fractions that are something else.

Does not belong here: ranges of money (`money.py`), or a minus between names (`maths.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .money import is_difference
from .numbers import number_pattern, number_words
from .passage import Entry, Passage, SpokenPiece, SpokenPieces
from .units import SPACE, unit_of, unit_words

_NEAR = 40
_DASH = rf"{SPACE}?[–—-]{SPACE}?"
_SHORT = r"\d{1,4}(?:[.,]\d+)?"
_UNIT_BEFORE = re.compile(rf"\d{SPACE}?([^\W\d_]{{1,4}}[²³]?|°{SPACE}?[CF]?|%|[$€£¥￥₹])$")


def range_rules(language: Language) -> list[Entry]:
    """The rules for numbers with a sign between them."""
    number = number_pattern(language)
    amounts = language.amounts
    signs = "".join(map(re.escape, language.money))
    rules: list[Entry] = [
        (rf"({_SHORT}){SPACE}?%(?:{_DASH}|[~～])({_SHORT}){SPACE}?%", _percent_range),
        (rf"({number})((?:{SPACE}?:{SPACE}?{number})+)(?![\d:])", _ratio),
        (r"(?<![\d.,])(\d{3,4})\s?[×x]\s?(\d{3,4})(?![\d.,]|\s?[=×x])", _resolution),
        (rf"{SPACE}?[×x]{SPACE}?(?=\d)", _by),
        (r"(?<=\d:\d\d)\s?[–—~～-]\s?(?=[\w\u0900-\u0963]{2,8}\s?\d{1,2}:\d\d)", _until),
        (r"(?<=[\d日月年周级班一二三四五六七八九十])[~～〜](?=[\d第周一二三四五六七八九十])", _wave),
        (r"(?<=[\u4e00-\u9fff])[~～〜](?=[\u4e00-\u9fff])", _until),
        (r"(?<=[\u4e00-\u9fff])[~～〜]+(?=\s|$|[，。！？])", _drawn_out),
        (rf"{_DASH}(?=[{signs}]?{SPACE}?\d)", _dash_of_amounts),
        (r"(?<=\d) - (?=\d)", _ascending),
        (r"(?:(?<=\d(?:st|nd|rd|th))|(?<=\de))\s?[–-]\s?(?=\d+(?:st|nd|rd|th|e)(?!\w))", _to),
        (r"(?<![\d/.,^=+*×-])([1-9][05])/([1-9][05])(?![\d/.,^])(?!\s?[=+*×])", _shares),
        (r"(?<![\d/])(\d{1,2})/([1248]|16)(?![\d/])", _meter),
    ]
    if not language.percent.startswith("{}"):
        rules.insert(1, (rf"({_SHORT})(?:[–—-]|[~～])({_SHORT}){SPACE}?%", _percent_range))
    rules.append((rf"(?<=[^\W\d_])/(?=10{{1,3}}{SPACE}?(?:mL|ml|g|kg|km|L|l)(?!\w))", _per))
    if amounts.per_words:
        rules.append((rf"/(?:(?=(?:{amounts.per_words})(?![a-zà-ÿ]))|([^\W\d_²³]{{1,3}}[²³]?)(?!\w))", _per))
    return rules + _weekday_rules(language)


def _to(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`5th–6th`: a dash between ordinal numbers."""
    return (SpokenPiece(passage.language.to, match.start()),)


def _percent_range(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if _is_formula(passage, match.end()) or is_difference(match):
        return None
    language = passage.language
    first, last = (number_words(language, match[1]), language.percent.format(number_words(language, match[2])))
    if not language.percent.startswith("{}"):
        first = language.percent.format(first)
    return (
        SpokenPiece(first, match.start()),
        SpokenPiece(language.to, match.end(1)),
        SpokenPiece(last, match.start(2)),
    )


def _is_formula(passage: Passage, end: int) -> bool:
    return "=" in passage.text[end : end + _NEAR // 2]


def _ratio(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    language = passage.language
    sides = re.split(rf"{SPACE}?:{SPACE}?", match[0])
    after = language.amounts.clock_after
    named = bool(after) and bool(re.match(rf"\s(?:{after})(?![\w\u0900-\u0963])", passage.text[match.end() :][:12]))
    if _is_clock(match, sides) and (named or not is_ratio_near(passage, match.start(), match.end())):
        return None
    shaped = _shape(match, passage, sides)
    if shaped:
        return shaped
    pieces, at = [SpokenPiece(number_words(language, match[1]), match.start())], match.end(1)
    for side in sides[1:]:
        at = passage.text.index(side, at)
        pieces += [SpokenPiece(language.amounts.ratio, at - 1), SpokenPiece(number_words(language, side), at)]
    return tuple(pieces)


def _shape(match: re.Match[str], passage: Passage, sides: list[str]) -> SpokenPieces | None:
    """French `format 16:9`: the shape of a picture is a fraction."""
    words, language = passage.language.amounts.ratio_shape, passage.language
    before = passage.text[max(0, match.start() - _NEAR // 2) : match.start()]
    if not words or len(sides) != 2 or not all(re.fullmatch(r"\d{1,2}", side) for side in sides):
        return None
    if not re.search(rf"(?<!\w)(?:{words})\s(?:\w{{2,4}}\s)?$", before):
        return None
    return (SpokenPiece(language.fraction(int(sides[0]), int(sides[1])), match.start()),)


def _is_clock(match: re.Match[str], sides: list[str]) -> bool:
    """`9:30` and `9:30:15`: minutes have two digits."""
    clock = re.fullmatch(r"([01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?", match[0])
    return bool(clock) and len(sides) < 4


def is_ratio_near(passage: Passage, start: int, end: int) -> bool:
    """Whether a word near the place shows that it is a ratio."""
    words = passage.language.amounts.ratio_near
    before = re.split(r"[.!?;,。！？；，।]", passage.text[max(0, start - _NEAR) : start])[-1]
    around = before + "  " + re.split(r"[.!?;,。！？；，।]", passage.text[end : end + _NEAR // 2])[0]
    return bool(words) and bool(re.search(rf"(?<![^\W\d_])(?:{words})", around))


def _resolution(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`1920×1080` -> "nineteen twenty by ten eighty", in a language that reads such numbers in pairs."""
    language = passage.language
    pairs = language.tag == "en"
    sides = [language.year(int(side)) if pairs and language.year else side for side in match.groups()]
    return (
        SpokenPiece(sides[0], match.start()),
        SpokenPiece(language.amounts.by, match.end(1)),
        SpokenPiece(sides[1], match.start(2)),
    )


def _by(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`10 x 20 cm`: the letter is always "by" between numbers, `×` where it is a size."""
    text, start, end = passage.text, match.start(), match.end()
    before = re.search(rf"(\d){SPACE}?([^\W\d_]{{0,3}}|[′″])$", text[max(0, start - 12) : start])
    if (
        not before
        or (before[2] and before[2] not in "′″" and not unit_of(passage.language, before[2]))
        or re.search(r"\b0$", text[:start][-2:])
    ):
        return None
    rest = re.match(rf"([\d.,]*\d(?:\s?[×x]\s?[\d.,]*\d)*){SPACE}?([^\W\d_]*)[²³]?", text[end : end + _NEAR])
    at = start + match[0].index("x" if "x" in match[0] else "×")
    if not rest or re.match(r"\s*[=+^·*]", text[end + rest.end() : end + rest.end() + 4]):
        worked_out = rest and "x" in match[0] and re.match(r"\s*=", text[end + rest.end() :])
        return (SpokenPiece(passage.language.maths.times, at),) if worked_out else None
    measured = bool(before[2]) or bool(rest[2] and unit_of(passage.language, rest[2]))
    if "×" in match[0] and not measured and not _is_sized(passage, start, end + rest.end(1)):
        return None
    return (SpokenPiece(passage.language.amounts.by, at),)


def _is_sized(passage: Passage, start: int, end: int) -> bool:
    """Whether a word beside the numbers has a size: "3 × 4 matrix"."""
    words, text = passage.language.amounts.sized, passage.text
    if not words:
        return False
    before = re.search(rf"(?<![^\W\d_])(?:{words})[^.;=]{{0,15}}$", text[max(0, start - _NEAR) : start])
    return bool(before) or bool(re.match(rf"[\s-]?(?:\w+\s)?(?:{words})(?![a-z])", text[end : end + _NEAR]))


def _dash_of_amounts(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`9am–5pm`, `5 kg–10 kg`, `10 % – 20 %`: a dash between two amounts, unless it takes one from the other."""
    before = passage.text[max(0, match.start() - 12) : match.start()]
    sign, language = match[0].strip(), passage.language
    if not _ends_with_amount(passage, before):
        return None
    at, spaced = match.start() + match[0].index(sign), sign == "-" and match[0] != sign
    if _is_formula(passage, match.end()) or (spaced and not _ascends(before, passage.text[match.end() :][:12])):
        return (SpokenPiece(language.maths.minus, at),)
    return (SpokenPiece(language.to, at),)


def _ascends(before: str, behind: str) -> bool:
    """Whether the number at the start of `behind` is larger than the last one of `before`."""
    last, first = re.findall(r"\d+", before)[-1:], re.match(r"[$€£¥￥₹]?\s?(\d+)", behind)
    return bool(last) and bool(first) and int(last[0]) < int(first[1])


def _ascending(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`5 - 8 kg`: a hyphen with spaces before a larger number of something is a range that was typed so."""
    before = re.search(r"(?<![\d.,/=+×·*^-])\s?(\d+)$", passage.text[max(0, match.start() - 8) : match.start()])
    behind = re.match(r"(\d+)\s?(?:[^\W\d_]{1,}|[%°])", passage.text[match.end() : match.end() + 12])
    if not before or not behind or int(before[1]) >= int(behind[1]) or _is_formula(passage, match.end()):
        return None
    return (SpokenPiece(passage.language.to, match.start() + 1),)


def _ends_with_amount(passage: Passage, before: str) -> bool:
    if re.search(r"\d\s?[AaPp]\.?\s?[Mm]\.?$", before):
        return True
    if re.search(r"[$€£¥￥₹]\s?[\d.,]*\d(?:[kKmMBb]n?)?$", before):
        return True
    unit = _UNIT_BEFORE.search(before)
    return bool(unit) and (unit[1][0] in "°%" or unit[1] in passage.language.money or _is_unit(passage, unit[1]))


def _is_unit(passage: Passage, sign: str) -> bool:
    return unit_of(passage.language, sign) is not None


def _until(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`上午8:00–下午5:00`: a word for the part of the day stands before the second time."""
    return (SpokenPiece(passage.language.to, match.start()),)


def _wave(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """Chinese `3~5天`: a wave is the dash of a range."""
    return None if re.match(r"\d+\s?=", passage.text[match.end() :][:_NEAR]) else _until(match, passage)


def _drawn_out(_match: re.Match[str], _passage: Passage) -> SpokenPieces:
    """`你好~`: a friendly tone, without a word."""
    return ()


def _shares(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`80/20`: two parts of a hundred."""
    if int(match[1]) + int(match[2]) != 100:
        return None
    say = passage.language.cardinal
    return (SpokenPiece(say(match[1]), match.start()), SpokenPiece(say(match[2]), match.start(2)))


def _meter(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`6/8 time` is "six eight"."""
    amounts, language = passage.language.amounts, passage.language
    if not amounts.meter_near:
        return None
    before, behind = passage.text[max(0, match.start() - 12) : match.start()], passage.text[match.end() :][:14]
    near = rf"(?<!\w)(?:{amounts.meter_near})(?!\w)"
    if not re.search(rf"{near}[\s(]+(?:\w+\s)?$", before) and not re.match(rf"[\s-]{near}", behind):
        return None
    return (SpokenPiece(amounts.meter.format(*(language.cardinal(side) for side in match.groups())), match.start()),)


def _per(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`€5/month`, `60 miles/hour`, `$15/hr`: a slash between an amount and what it is for."""
    language, text = passage.language, passage.text
    before = text[max(0, match.start() - _NEAR) : match.start()]
    money = re.search(rf"[$€£¥￥₹]{SPACE}?[\d.,]*\d(?:{SPACE}?[^\W\d_]+)?$|\d{SPACE}?[$€£¥￥₹]$", before)
    if not money and not re.search(rf"\d[\d.,]*{SPACE}?[^\s\d(),;:=+*·×÷^−-]+$", before):
        return None
    per = SpokenPiece(language.per, match.start())
    if not match.re.groups or not match[1]:
        return (per,)
    if not unit_of(language, match[1]):
        return None
    return (per, SpokenPiece(unit_words(language, match[1], singular=True, below=True), match.start(1)))


def _weekday_rules(language: Language) -> list[Entry]:
    """`Mon–Fri` and `Jan–Mar`: names with a dash between them."""
    rules: list[Entry] = []
    amounts = language.amounts
    months = "|".join(language.months)
    for names, short in ((amounts.weekdays, amounts.short_weekdays), (months, amounts.short_months)):
        if names and not (language.unspaced and short == amounts.short_months):
            any_of_them = rf"(?:{names}|(?:{short})\b\.?)"
            rules.append((rf"(?<!\w)({any_of_them}){_DASH}({any_of_them})(?![\w-])", _named_range))
    return rules


def _named_range(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language = passage.language
    pieces = (
        SpokenPiece(_full_name(language, match[1]), match.start()),
        SpokenPiece(language.to, match.end(1)),
        SpokenPiece(_full_name(language, match[2]), match.start(2)),
    )
    ends = match[0].endswith(".") and re.match(r"\s*$|\s+[A-Z]", passage.text[match.end() :])
    return (*pieces, SpokenPiece(".", match.end() - 1)) if ends else pieces


def _full_name(language: Language, written: str) -> str:
    """`Mon.` -> "Monday"; a full name stays."""
    amounts = language.amounts
    tables = ((amounts.weekdays.split("|"), amounts.short_weekdays), (language.months, amounts.short_months))
    for names, short in tables:
        for name, pattern in zip(names, short.split("|"), strict=True):
            if written == name or re.fullmatch(rf"(?:{pattern})\.?", written):
                return name
    return written
