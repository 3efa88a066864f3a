"""Rules for numbers that are names: telephones, codes, addresses of computers, versions, colours, orbitals.

Does not belong here: names without digits (`names.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .characters import SUPERSCRIPTS
from .numbers import number_words, plain_digits
from .passage import Entry, Passage, SpokenPiece, SpokenPieces

_NEAR = 40
_SMALL = r"[⁰¹²³⁴-⁹]"


def code_rules(language: Language) -> list[Entry]:
    """The rules in the order in which they are tried. They go before the rules for names and amounts."""
    orbital = language.amounts.orbital or "(?!)"
    return [
        (r"(?<![\d.,])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/\d{1,2})?(?![\d.,]\d|\d)", _computer),
        (
            r"(?<![\w.])(?:~|\.{1,2})?(?:/(?a:\.?[A-Za-z_][\w.-]*\w|[A-Za-z_]))(?:/(?a:[\w.-]*\w))*/?(?!\w)(?![(/])",
            _path,
        ),
        (r"(?<![\w&])#(?a:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})(?!\w)", _colour),
        (r"(?<!\w)0[xX](?a:[0-9A-Fa-f]+)(?!\w)", _hexadecimal),
        (r"97[89](?:-\d{1,7}){3}-[\dX](?![\w-])", _phone),
        (r"0\d(?:(?: \d\d){4}|(?:\.\d\d){4}|(?:-\d\d){4})(?![\w-])", _pairs),
        (r"\d[\u00a0 ()./-]*\d[\d\u00a0 ()./-]*\d(?![\w%°])(?!\.\d)", _dialled),
        (r"\+\d{1,3}(?:[ /-]\(?\d{1,9}\)?){1,6}(?![\w-])", _international),
        (
            r"(?:1-\d{3}-\d{3}-\d{4}|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4}|(?<![\w-])\d{3}-\d{2}-\d{4})(?![\w-])",
            _phone,
        ),
        (r"(?<![\d.,+-])(?:[6-9]\d{2}(?: \d{2}){3}|9[1-8]\d? \d{3} \d{2} \d{2})(?!\d| \d)", _phone),
        (r"(?<![\d.,])(?:[6-9]\d{4} \d{5}|\d{4}(?: \d{4}){2,3})(?!\d| \d)", _phone),
        (r"(?<![\d.,])0\d{1,4}[ /-]\d{3,}(?:[ -]\d{2,})*(?![\w.,-]\d|\w)", _phone),
        (r"(?<!\w)[vV]\.?(\d+(?:\.\d+)+)(?:[a-z]\d?)?(?![\w%])", _version_named),
        (r"(?<![\w.])([A-Za-z]+)(\d+(?:\.\d+)+)(?![\w%])", _letters_and_version),
        (r"(?<![\w.])([A-Z])\.(\d+(?:\.\d+)+)(?![\w%])", _letters_and_version),
        (rf"(?<![\w.])([A-Z]{{2,}})(\d+)[{language.decimal}](\d+)(?![\w%])", _letters_and_decimal),
        (rf"(?<![A-Za-z0-9.])([1-7])([spdf])({_SMALL}+|\d{{1,2}}(?!\w))", _orbital),
        (rf"(?<![\w.])([1-7])([spdf])(?=[\s-](?:{orbital})(?![a-z])|(?:{orbital}))", _orbital),
        (r"(?<![\d.,-])\d{1,2}(?:-\d{1,2}){2,}(?![\w-])", _chain),
        (r"(?<![\w.])([1-7])([spdf])(?![\w²³/])", _orbital_behind_name),
        (r"\d+(?:\.\d+){2,}(?!\w)", _version),
    ]


def _computer(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`192.168.1.1/24`: an address of a computer."""
    language = passage.language
    numbers = re.split(r"[.:/]", match[0])
    if any(int(number) > 255 or (number[0] == "0" and number != "0") for number in numbers[:4]):
        return None
    if (
        "." in language.group
        and re.fullmatch(r"\d{1,3}(?:\.\d{3}){3}", match[0])
        and not _names_computer(match, passage)
    ):
        return None
    pieces: list[SpokenPiece] = []
    for part in re.finditer(r"(\d+)|([.:/])", match[0]):
        said = language.cardinal(part[1]) if part[1] else _point(language) if part[2] == "." else language.web[part[2]]
        pieces.append(SpokenPiece(said, match.start() + part.start()))
    return tuple(pieces)


def _names_computer(match: re.Match[str], passage: Passage) -> bool:
    """Whether a word before four groups of digits tells that they are an address: `6.214.154.100` is also a number."""
    return bool(
        re.search(
            r"(?<!\w)(?:IP|DNS|host|ping|ssh)\W*(?:\w+\W+)?$", passage.text[: match.start()][-_NEAR:], re.IGNORECASE
        )
    )


def _point(language: Language) -> str:
    return language.amounts.version_point or language.point


def _path(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`~/notes`, `/usr/bin`, `./run.sh`: a path on a computer, unless it is one of two words: `and /or`."""
    if match[0][0] == "/" and match[0].count("/") < 2:
        return None
    language = passage.language
    pieces: list[SpokenPiece] = []
    for part in re.finditer(r"([A-Za-z]+)|(\d+)|(.)", match[0]):
        at = match.start() + part.start()
        if part[3]:
            pieces.append(SpokenPiece(language.web.get(part[3], ""), at))
        else:
            pieces += passage.read(at, at + len(part[0]))
    return tuple(piece for piece in pieces if piece.text)


def _spelled(language: Language, text: str, at: int) -> SpokenPieces:
    """Digits and letters one by one."""
    return tuple(
        SpokenPiece(language.digits(sign) if sign.isdigit() else _capital(language, sign), at + index)
        for index, sign in enumerate(text)
    )


def _capital(language: Language, letter: str) -> str:
    name = language.letter(letter)
    return name.upper() if len(name) == 1 and name.isascii() else name


def _colour(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`#FF5733`; `#123` is the number 123."""
    if match[0][1:].isdigit() and len(match[0]) == 4:
        return None
    hash_sign = SpokenPiece(passage.language.web.get("#", ""), match.start())
    return (hash_sign, *_spelled(passage.language, match[0][1:], match.start() + 1))


def _hexadecimal(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return _spelled(passage.language, match[0], match.start())


def _phone(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """Digit by digit, with a breath between the groups."""
    language = passage.language
    pieces: list[SpokenPiece] = []
    if match[0].startswith("+"):
        pieces.append(SpokenPiece(language.symbols.get("+", ""), match.start()))
    for group in re.finditer(r"\d+|X$", match[0]):
        at = match.start() + group.start()
        said = language.digits(plain_digits(group[0])) if group[0][0] != "X" else "X"
        pieces += [SpokenPiece(said, at), SpokenPiece(",", at)]
    return tuple(pieces[:-1])


def _international(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`+49 30 123456`; `+5 10` is a sum."""
    return _phone(match, passage) if len(re.sub(r"\D", "", match[0])) > 7 else None


def _pairs(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """A French telephone number: in pairs."""
    pieces: list[SpokenPiece] = []
    for pair in re.finditer(r"\d\d", match[0]):
        at = match.start() + pair.start()
        pieces += [SpokenPiece(passage.language.cardinal(pair[0]), at), SpokenPiece(",", at)]
    return tuple(pieces[:-1])


def _dialled(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Call 911`, `PIN 1234`, `电话13800138000`: a number after a word for such numbers."""
    amounts, text = passage.language.amounts, passage.text
    apart = "" if passage.language.unspaced else r"(?<![^\W\d_])"
    joint = rf"(?:{apart}(?:{amounts.digits_joint})[\s.:：]*)" if amounts.digits_joint else ""
    before = text[max(0, match.start() - _NEAR) : match.start()]
    digits = re.sub(r"\D", "", match[0])
    if len(digits) < 3 or not amounts.digits_after or _measures(match, passage):
        return None
    named = re.search(
        rf"{apart}({amounts.digits_after})[\s.:：#+]*(?:{joint}){{0,2}}(?:\+?[\d()/ -]*\d\s?{joint}{joint}?)?\+?$",
        before,
    )
    if not named:
        asked = amounts.digits_before and re.match(
            rf"\s?(?:{amounts.digits_before})", passage.text[match.end() :][:_NEAR]
        )
        return _phone(match, passage) if asked else None
    called = re.fullmatch(amounts.calls, named[1]) if amounts.calls else None
    if called and digits not in amounts.emergency.split("|") and _counts(match, passage, digits):
        return None
    return _phone(match, passage)


def _measures(match: re.Match[str], passage: Passage) -> bool:
    """Whether a unit of two letters or more follows: `the room is 200 sq ft`."""
    unit = re.match(r"\s?(?:(?:sq|cu)\.?\s)?([^\W\d_]{2,})", passage.text[match.end() : match.end() + 12])
    return bool(unit) and unit[1] in passage.language.units


def _counts(match: re.Match[str], passage: Passage, digits: str) -> bool:
    """Whether the number counts what follows it, as in "call 100 people", or is a round one."""
    behind = passage.text[match.end() : match.end() + _NEAR]
    following = re.match(r"\s([^\W\d_]+)", behind)
    counted = bool(following) and following[1] not in _GOES_ON and len(following[1]) > 3
    return counted or (len(digits) == 3 and digits.endswith("00"))


_GOES_ON = frozenset(
    {"when", "from", "with", "then", "before", "after", "para", "pour", "oder", "wenn", "dans", "desde"}
)


def _joined(language: Language, version: str, at: int) -> SpokenPieces:
    """`2.0.1` -> "two point zero point one"."""
    say = language.fraction_digits if language.unspaced else language.cardinal
    said = f" {_point(language)} ".join(say(plain_digits(part)) for part in version.split("."))
    return (SpokenPiece(said, at),)


def _version_named(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`v2.0.1` -> "version two point zero point one"; `v2` may be a speed."""
    if "." not in match[1] and (
        match[0][0] == "V" or not match[0][1].isdigit() or "=" in passage.text[match.end() :][:3]
    ):
        return None
    if re.match(r"[vV]\s", match[0]):
        return None
    language = passage.language
    rest = match[0][match.end(1) - match.start() :]
    name = SpokenPiece(language.amounts.version, match.start())
    return (name, *_joined(language, match[1], match.start(1)), *_spelled(language, rest, match.end(1)))


def _letters_and_version(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`PM2.5`, `USB3.1.2`: letters, then a number with points that end no sentence."""
    language = passage.language
    name = passage.read(match.start(1), match.end(1))
    if match[2].count(".") > 1:
        return (*name, *_joined(language, match[2], match.start(2)))
    whole, _, fraction = match[2].partition(".")
    said = f"{language.cardinal(whole)} {_point(language)} {language.fraction_digits(fraction)}"
    return (*name, SpokenPiece(said, match.start(2)))


def _letters_and_decimal(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`PM2,5` where the comma is the decimal sign."""
    language = passage.language
    said = f"{language.cardinal(match[2])} {language.point} {language.fraction_digits(match[3])}"
    return (*passage.read(match.start(1), match.end(1)), SpokenPiece(said, match.start(2)))


def _orbital(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`1s² 2s² 2p⁶` -> "one s two, two s two, two p six": electrons in orbitals, no seconds."""
    language = passage.language
    count = match[3] if match.re.groups > 2 else ""
    before = passage.text[max(0, match.start() - 8) : match.start()]
    behind = passage.text[match.end() : match.end() + 8]
    beside = re.search(rf"(?:\][ \u00a0]?|[1-7][spdf](?:{_SMALL}+|\d{{1,2}})[ \u00a0]?)$", before) or re.match(
        rf"[ \u00a0]?[1-7][spdf](?:{_SMALL}|\d)", behind
    )
    if count and not beside:
        return None
    number = "".join(SUPERSCRIPTS.get(digit, digit) for digit in count)
    pieces = [
        SpokenPiece(language.cardinal(match[1]), match.start()),
        SpokenPiece(language.letter(match[2]), match.start(2)),
    ]
    if number:
        pieces.append(SpokenPiece(number_words(language, number), match.start(3)))
    follows = re.match(r"[ \u00a0]?[1-7][spdf]", behind) and count
    return (*pieces, SpokenPiece(",", match.end() - 1)) if follows else tuple(pieces)


def _chain(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`a 3-4-5 triangle`: three numbers with joints between them."""
    language = passage.language
    return tuple(
        SpokenPiece(language.cardinal(number[0]), match.start() + number.start())
        for number in re.finditer(r"\d+", match[0])
    )


def _orbital_behind_name(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """French `l'orbitale 2s`."""
    words, before = passage.language.amounts.orbital, passage.text[max(0, match.start() - 16) : match.start()]
    return _orbital(match, passage) if words and re.search(rf"(?:{words})\s$", before) else None


def _version(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", match[0]) and len(match[0]) > 7:
        return None
    return _joined(passage.language, match[0], match.start())
