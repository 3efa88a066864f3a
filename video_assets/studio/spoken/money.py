"""Rules for amounts of money, with hundredths, millions and ranges, and for abbreviated millions of anything.

Does not belong here: the names of currencies.
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language, Money

from .numbers import in_own_signs, number_pattern, number_words
from .passage import Entry, Passage, SpokenPiece, SpokenPieces
from .units import SPACE, is_adjective, noun, one

_NEAR = 30


def money_rules(language: Language) -> list[Entry]:
    """The rules for amounts with a sign of money, and for abbreviated millions."""
    number = number_pattern(language)
    return [*_sign_rules(language, number), *_scale_rules(language, number)]


def _sign_rules(language: Language, number: str) -> list[Entry]:
    signs = "".join(re.escape(sign) for sign in language.money)
    if not signs:
        return []
    scales = sorted(language.amounts.money_scales, key=len, reverse=True)
    attached = "|".join(map(re.escape, scales)) or "(?!)"
    spaced = "|".join(re.escape(scale) for scale in scales if len(scale) > 1) or "(?!)"
    words = "|".join([language.magnitudes or "(?!)", *language.amounts.number_scales])
    magnitude = rf"(?:{SPACE}?(?P<magnitude>{words})|(?P<scale>{attached})|{SPACE}(?P<spaced>{spaced}))?"
    before_sign = rf"(?:{SPACE}?(?P<magnitude>{words}|{attached}))?"
    dollars = "|".join(sorted(language.amounts.dollars, key=len, reverse=True)) or "(?!)"
    minus = r"(?P<minus>(?:\s+|(?<!\w)(?<![\s)%]))[-−–](?=\S))?"
    sign = rf"(?P<sign>[{signs}])"
    prefix = rf"(?P<prefix>(?<![A-Za-z])(?:{dollars})(?=\$))?"
    amount = rf"(?P<amount>{number})"
    dash = rf"{SPACE}?[–—-]{SPACE}?"
    last = rf"(?P<last>{number})"
    return [
        (rf"{prefix}{sign}{amount}(?P<first>{attached})?{dash}(?P<again>[{signs}])?{last}{magnitude}(?!\w)", _range),
        (rf"{minus}{prefix}{sign}{SPACE}?(?P<signed>[-−])?{amount}{magnitude}(?!\w)", _money),
        (rf"{amount}{before_sign}{SPACE}?{sign}(?!\d)", _money),
        (rf"(?<!\w)(?P<code>{'|'.join(_CODES)}){SPACE}?{amount}{magnitude}(?!\w)", _coded),
        (rf"{amount}{magnitude}{SPACE}?(?P<code>{'|'.join(_CODES)})(?!\w)", _coded),
    ]


_CODES = {
    "USD": ("US", "$"),
    "EUR": ("", "€"),
    "GBP": ("", "£"),
    "JPY": ("", "¥"),
    "INR": ("", "₹"),
    "AUD": ("AU", "$"),
    "CAD": ("CA", "$"),
}


def _coded(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`USD 500`, `GBP 3m`, `20 EUR`: an amount with the code of a currency."""
    language, magnitude = passage.language, _magnitude(match)
    prefix, sign = _CODES[match["code"]]
    money, dollars = language.money.get(sign), language.amounts.dollars.get(prefix)
    if money is None or (prefix and not dollars):
        return None
    number = match["amount"]
    single = number == "1" and not magnitude
    said = [one(language, money.feminine) if single else number_words(language, number)]
    if magnitude and number == "1":
        said = [_one_scale(language, magnitude)]
    if magnitude:
        said.append(_scale(language, magnitude, number))
    name = noun(dollars, one=single) if dollars else money.one if single else money.many
    return (SpokenPiece(" ".join((*said, _joint(language, magnitude, name))), match.start()),)


def is_difference(match: re.Match[str]) -> bool:
    """Whether `100% - 20%` takes the second amount from the first: a hyphen with spaces, and the second is smaller."""
    amounts = [float("0" + re.sub(r"\D", "", text)) for text in re.findall(r"\d+", match[0])]
    return bool(re.search(r"\s-\s", match[0])) and amounts[-1] < amounts[0]


def _range(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`$10–$20` -> "ten to twenty dollars"; two amounts with hundredths are said in full."""
    language, rest = passage.language, passage.text[match.end() : match.end() + _NEAR]
    if (match["again"] or match["sign"]) != match["sign"] or re.match(r"\s*=", rest) or is_difference(match):
        return None
    if any(_whole_and_cents(language, match[group])[1] for group in ("amount", "last")):
        return None
    first = [SpokenPiece(number_words(language, match["amount"]), match.start("amount"))]
    if match["first"] and match["first"] != match["scale"]:
        first.append(SpokenPiece(_scale(language, match["first"], match["amount"]), match.start("first")))
    last = _amount(match, passage, "last")
    return (*first, SpokenPiece(language.to, match.end("amount")), *last)


def _money(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language, groups = passage.language, match.groupdict()
    minus = groups.get("minus") or groups.get("signed")
    head = (SpokenPiece(language.maths.negative, match.start()),) if minus else ()
    if match.start("sign") > match.start("amount") and _goes_on(match, passage):
        return (SpokenPiece(number_words(language, match["amount"]), match.start()),)
    whole, cents = _whole_and_cents(language, match["amount"])
    if cents and language.money[match["sign"]].cent and not _magnitude(match):
        return (*head, *_with_cents(match, passage, whole, cents))
    return (*head, *_amount(match, passage, "amount"))


def _goes_on(match: re.Match[str], passage: Passage) -> bool:
    """Whether `5 €` is the start of `5 €–10 €`."""
    language, number = passage.language, number_pattern(passage.language)
    scales = "|".join(map(re.escape, language.amounts.money_scales))
    following = rf"{SPACE}?–{SPACE}?{number}{SPACE}?(?:{scales})?{SPACE}?{re.escape(match['sign'])}"
    return not _magnitude(match) and bool(re.match(following, passage.text[match.end() : match.end() + _NEAR]))


def _amount(match: re.Match[str], passage: Passage, group: str) -> SpokenPieces:
    """The number, its million, and the currency."""
    language, money = passage.language, passage.language.money[match["sign"]]
    number, magnitude = re.sub(rf"[{language.decimal}]00$", "", in_own_signs(language, match[group])), _magnitude(match)
    single = number == "1" and not magnitude
    said = [
        SpokenPiece(one(language, money.feminine) if single else number_words(language, number), match.start(group))
    ]
    if magnitude:
        scale = _scale(language, magnitude, number)
        if number == "1":
            said = [SpokenPiece(_one_scale(language, magnitude), match.start(group))]
        said.append(SpokenPiece(scale, match.start(group) + len(number)))
    single = single or is_adjective(passage, match.start(), match.end())
    name = _joint(language, magnitude, _currency(language, match, one=single))
    return (*said, SpokenPiece(name, max(match.start("sign"), said[-1].at)))


def _magnitude(match: re.Match[str]) -> str:
    groups = match.groupdict()
    return next((groups[name] for name in ("magnitude", "scale", "spaced") if groups.get(name)), "")


def _scale(language: Language, written: str, number: str) -> str:
    """`m` after `1.5` -> "million"; a word of the language stays."""
    words = _scale_words(language, written)
    return noun(words, one=_is_one(language, number)) if words else written


def _scale_words(language: Language, written: str) -> str | tuple[str, ...]:
    listed = language.amounts.money_scales.get(written)
    if listed:
        return listed
    found = (words for scale, words in language.amounts.number_scales.items() if re.fullmatch(scale, written))
    return next(found, "")


def _is_one(language: Language, number: str) -> bool:
    below_two = rf"[01][{language.decimal}]\d+" if language.amounts.singular_below_two else "1"
    return number == "1" or bool(re.fullmatch(below_two, number))


def _one_scale(language: Language, written: str) -> str:
    words = _scale_words(language, written)
    return one(language, feminine=isinstance(words, tuple) and words[-1] == "f")


def _joint(language: Language, magnitude: str, name: str) -> str:
    """French "un million d'euros": a noun of number needs a word before the currency, a thousand does not."""
    amounts = language.amounts
    thousand = noun(amounts.money_scales["k"], one=False)
    if not magnitude or not amounts.money_joint or _scale(language, magnitude, "2") == thousand:
        return name
    return (amounts.money_joint_vowel if name[0] in "aeiou" else amounts.money_joint) + name


def _currency(language: Language, match: re.Match[str], *, one: bool) -> str:
    """The name of the currency; `A$` and its like are the dollars of a country."""
    dollars = language.amounts.dollars.get(match.groupdict().get("prefix") or "")
    money = language.money[match["sign"]]
    return noun(dollars, one=one) if dollars else money.one if one else money.many


def _whole_and_cents(language: Language, amount: str) -> tuple[str, str]:
    """`"3.50"` -> `("3", "50")`; no cents unless there are exactly two digits after the point, not both zero."""
    match = re.fullmatch(rf"(.*\d)[{language.decimal}](\d\d)", in_own_signs(language, amount))
    if not match:
        return amount, ""
    return match[1], "" if match[2] == "00" else match[2]


def _with_cents(match: re.Match[str], passage: Passage, whole: str, cents: str) -> SpokenPieces:
    language, money = passage.language, passage.language.money[match["sign"]]
    name = _currency(language, match, one=whole == "1")
    amount = one(language, money.feminine) if whole == "1" else number_words(language, whole)
    if whole == "0":
        return _only_cents(match, language, money, cents)
    said = language.money_order.format(amount, name, language.cardinal(str(int(cents))))
    return (SpokenPiece(said.strip(), match.start()),)


def _only_cents(match: re.Match[str], language: Language, money: Money, cents: str) -> SpokenPieces:
    """`$0.05` -> "five cents"."""
    count = str(int(cents))
    said = one(language, feminine=False) if count == "1" else language.cardinal(count)
    return (SpokenPiece(f"{said} {money.cent if count == '1' else money.cents}", match.start()),)


def _scale_rules(language: Language, number: str) -> list[Entry]:
    """`2,5 Mio.` -> "2 Komma 5 Millionen", whatever is counted."""
    scales = "|".join(language.amounts.number_scales)
    if not scales:
        return []
    rules: list[Entry] = [(rf"(?P<amount>{number}){SPACE}?(?P<magnitude>{scales})(?!\w)", _scaled)]
    counted = language.amounts.counted_in_millions
    if counted:
        rules.append((rf"(?P<amount>{number})(?P<magnitude>[kKmM])(?=\s(?:{counted})(?!\w))", _scaled))
    return rules


def _scaled(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language, number, written = passage.language, match["amount"], match["magnitude"]
    said = _one_scale(language, written) if number == "1" else number_words(language, number)
    pieces = (
        SpokenPiece(said, match.start()),
        SpokenPiece(_scale(language, written, number), match.start("magnitude")),
    )
    ends = written.endswith(".") and not passage.text[match.end() :].strip(")]\"'”’ \n")
    return (*pieces, SpokenPiece(".", match.end() - 1)) if ends else pieces
