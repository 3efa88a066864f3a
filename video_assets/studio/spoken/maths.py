"""Rules for formulas: operators, brackets, powers, subscripts, functions, sums and integrals, in one line of text.

They say what a teacher would say for a formula in a sentence. Typeset equations (`show.equation`) are never spoken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from video_assets.studio.spoken.languages.language import Language

from .characters import (
    HAN_AND_KANA,
    OPERATORS,
    SUBSCRIPT_CLASS,
    SUBSCRIPTS,
    SUPERSCRIPT_CLASS,
    SUPERSCRIPTS,
    is_unspaced,
)
from .formula_rules import prime_words, small_words
from .formula_tokens import ACCENTS
from .numbers import number_words
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, compiled, operand_after, operand_before, words_of
from .slashes import slash_rules

_FUNCTION_LETTERS = frozenset("fghFGHPOuvyψφΨΦΓΘΩζ")
_ARGUMENTS = frozenset("txsnzωθ")
_NEAR = 24
_TOUCHING = re.compile(rf"[\w)!′″'’{SUPERSCRIPT_CLASS}{SUBSCRIPT_CLASS}]$")
_FUNCTION = re.compile(
    rf"(?<![A-Za-zÀ-ɏ])(?P<name>[A-Za-zÀ-ɏ]+|[\u0370-\u03ff])"
    rf"(?:['’′″]+|⁻¹|[{SUBSCRIPT_CLASS}]+|(?<![a-z]{{3}})_\{{?\w{{1,4}}\}}?)?$"
)
"""A name before a bracket, with primes, the exponent of an inverse, or an index between them."""
_ARGUMENT = r"[(\[²⁻₀-₉\d\u0370-\u03ff]|['’′″]+\s?\(|\s(?:[A-Za-z](?!\w)|[(\d\u0370-\u03ff])"
"""What follows the name of a function."""
_INDEXED = re.compile(rf"(?:[{SUBSCRIPT_CLASS}]|(?<![A-Za-z])[A-Za-z]{{1,2}}_\{{?\w{{1,4}}\}}?)$")
_BASED = re.compile(rf"(?<![A-Za-z])(?:log|lg|ln|Log|lim)(?:_\{{\w+\}}|_\(\w+\)|_\w+|\d{{1,2}}|[{SUBSCRIPT_CLASS}]+)$")
_PRIMED_BRACKET = re.compile(r"\)['’′″]+$")
_NESTED = r"\((?:[^()\n]|\([^()\n]*\)){0,60}\)"
"""A pair of brackets, which may hold bars of its own: `|P(A|B)|`."""
_LONGEST_FORMULA = 200
_SUM = re.compile(r"[\w)²³]\s*[+−±-]\s*[\w(√]")
_RELATION = re.compile(r"[=<>≤≥≠≈∈+−×÷√^²³→]|\s-\s")
_LOWER = rf"(?:_\{{([^{{}}]*)\}}|_\(([^()]*)\)|_([+−-]?\w+|∞|[+−-]∞)|([{SUBSCRIPT_CLASS}]+))"
_UPPER = rf"(?:\^\{{([^{{}}]*)\}}|\^\(([^()]*)\)|\^([+−-]?\w+|∞|[+−-]∞)|([{SUPERSCRIPT_CLASS}]+))"


def maths_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    functions = "|".join(sorted(language.maths.functions, key=len, reverse=True)) or "(?!)"
    rules: list[Entry] = [
        (rf"([∫∑∏]){_LOWER}{_UPPER}", _limits),
        (rf"([∫∑∏]){_LOWER}", _domain),
        (r"d([A-Za-zα-ω])(?=/d[A-Za-zα-ω](?!\w))|(?<=/)d([A-Za-zα-ω])(?!\w)|d([xyztr])(?!\w)", _differential),
        (r"(?<=\d)(?!pi)[a-z]{2,3}(?![\w'’])", _factors),
        (
            rf"(?<![\w])({functions})(?=[(\[²⁻₀-₉\d\u0370-\u03ff]|['’′″]+\s?\(|\s(?:[A-Za-z](?!\w)|[(\d\u0370-\u03ff]))",
            _function,
        ),
        (rf"\|(?=[^|\s])((?:[^|\n()]|{_NESTED}){{0,80}}(?:[^|\s()]|{_NESTED}))\|", _absolute),
        (r"[\(（]", _opening),
        (r"[\)）]", _closing),
        (rf"[{SUPERSCRIPT_CLASS}]+", _superscript),
        (
            r"(?:\^|\*\*(?=\S))(?:\{([^{}]+)\}|\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\)|([+−-]?(?:\d+(?:\.\d+)?|[^\W\d_])))",
            _caret,
        ),
        (rf"[{SUBSCRIPT_CLASS}]+", _subscript),
        (r"[′’'](?=\s?[(=])|[′″]", _prime),
        (r"!(?=\s+[=/+×·⋅*−<>≤≥≠≈≡±→∈–-]|[/+×·⋅*)−^<>|‖⌋⌉–-])|(?<=\))!|(?<=\b[nkm])!", _factorial),
        (r"\s*[-−–‒](?![>=])\s*", _minus_or_dash),
        *slash_rules(language),
    ]
    return compiled(rules)


def _limits(match: re.Match[str], passage: Passage) -> SpokenPieces:
    lower, upper = (_limit_words(match, passage, groups) for groups in ((2, 3, 4, 5), (6, 7, 8, 9)))
    return (SpokenPiece(passage.language.maths.limits[match[1]].format(lower, upper), match.start()),)


def _limit_words(match: re.Match[str], passage: Passage, groups: Sequence[int]) -> str:
    """The words of the limit that one of the groups has: in braces, in brackets, bare, or in small characters."""
    group = next(group for group in groups if match[group] is not None)
    if group != groups[-1]:
        return words_of(passage.read(match.start(group), match.end(group)))
    plain = "".join(SUBSCRIPTS.get(character) or SUPERSCRIPTS[character] for character in match[group])
    return small_words(passage.language, plain)


def _domain(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`∑ᵢ`: an index, or a domain, without an end."""
    said = _limit_words(match, passage, (2, 3, 4, 5))
    return (SpokenPiece(passage.language.maths.domains[match[1]].format(said), match.start()),)


def _differential(match: re.Match[str], passage: Passage) -> SpokenPieces:
    letter = match[1] or match[2] or match[3]
    name = passage.language.symbols.get(letter) or passage.language.letter(letter)
    return (SpokenPiece(passage.language.letter("d"), match.start()), SpokenPiece(name, match.start() + 1))


def _factors(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`4ac`: letters multiplied."""
    return tuple(SpokenPiece(passage.language.letter(letter), match.start() + i) for i, letter in enumerate(match[0]))


def _function(match: re.Match[str], passage: Passage) -> SpokenPieces:
    said = SpokenPiece(passage.language.maths.functions[match[1]], match.start())
    if passage.text[match.end() : match.end() + 2] == "⁻¹":
        return (SpokenPiece(passage.language.maths.inverse, match.start()), said)
    if passage.text[match.end() : match.end() + 1] == "[" and passage.language.maths.of:
        return (said, SpokenPiece(passage.language.maths.of, match.end()))
    return (said,)


def _absolute(match: re.Match[str], passage: Passage) -> SpokenPieces:
    inner = passage.read(match.start() + 1, match.end() - 1)
    return (SpokenPiece(passage.language.maths.absolute, match.start()), *inner)


def _opening(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`f(x)` is "f of x", `k(a + b)²` is "k times the quantity a plus b, squared", `(an aside)` is a pause."""
    at, maths = match.start(), passage.language.maths
    joint = _joint(passage, at)
    if joint is None:
        return (SpokenPiece(",", at),) if _is_aside(passage, at) else _quantity(passage, at)
    if joint == maths.times:
        return (SpokenPiece(joint, at), *_quantity(passage, at))
    return (SpokenPiece(joint, at),) if joint else ()


def _is_aside(passage: Passage, at: int) -> bool:
    """Whether a bracket that touches nothing holds words, or a formula that explains the word before it."""
    if not _is_formula(passage, at):
        return True
    word = re.search(r"([^\W\d_]{2,})\s$", passage.text[max(0, at - _NEAR) : at])
    return bool(word) and word[1].lower() not in passage.language.common_capitals


def _joint(passage: Passage, at: int) -> str | None:
    """The words between a bracket and the text that it touches; None if it touches none, "" for a call in code."""
    before = passage.text[max(0, at - _NEAR) : at]
    if _BASED.search(before) or _PRIMED_BRACKET.search(before):
        return passage.language.maths.of
    if not _TOUCHING.search(before) or is_unspaced(before[-1]) or (before[-1] == "!" and not passage.in_formula(at)):
        return None
    maths = passage.language.maths
    if before[-1] == ")" and "∘" in passage.text[passage.pairs.get(at - 1, at) : at]:
        return maths.of
    function = _FUNCTION.search(before)
    if not function and before[-1].isalpha():
        return None
    name = function["name"] if function else ""
    if name in maths.functions or (len(name) == 1 and _applies(passage, at, name)):
        return maths.of
    if len(name) > 1 and not _INDEXED.search(before):
        return ""
    return None if _holds_words(passage, at) else maths.times


def _holds_words(passage: Passage, at: int) -> bool:
    """`V_T (threshold)` written without the space is an aside, not a product."""
    return bool(re.match(rf"\s*(?:[{HAN_AND_KANA}\u0900-\u0963]|[^\W\d_]{{3,}}(?!\())", _inside(passage, at))) or (
        bool(re.search(r"第\d+$", passage.text[max(0, at - 6) : at]))
    )


def _applies(passage: Passage, at: int, letter: str) -> bool:
    """Whether `letter` is a function: it names functions, has an index before a variable, or no sum follows it."""
    inside = _inside(passage, at)
    if letter in _FUNCTION_LETTERS or inside in _ARGUMENTS:
        return True
    return not (_SUM.search(inside) or _INDEXED.search(passage.text[max(0, at - 8) : at]))


def _inside(passage: Passage, at: int) -> str:
    close = passage.pairs.get(at, at)
    return passage.text[at + 1 : min(close, at + _LONGEST_FORMULA)]


def _is_formula(passage: Passage, at: int) -> bool:
    """Whether a separate bracket belongs to a formula: it holds one, or an operator is beside it."""
    close = passage.pairs.get(at)
    if close is None or close - at > _LONGEST_FORMULA:
        return False
    if passage.in_formula(at) and passage.in_formula(close):
        return True
    before = passage.text[max(0, at - 4) : at].rstrip()[-1:]
    powered = (bool(before) and before in OPERATORS) or bool(
        re.match(rf"[{SUPERSCRIPT_CLASS}^]", passage.text[close + 1 : close + 2])
    )
    return powered or bool(_RELATION.search(_inside(passage, at)))


def _quantity(passage: Passage, at: int) -> SpokenPieces:
    """ "the quantity" before a sum that is an operand; nothing before any other sum."""
    close, said, inside = passage.pairs.get(at), passage.language.maths.quantity, _inside(passage, at)
    if close is None or not said or inside.startswith(("(", "（")):
        return ()
    if _is_negative_power(passage, at):
        return (SpokenPiece(said, at),)
    if not _SUM.search(inside):
        return ()
    before = passage.text[max(0, at - 4) : at].rstrip()[-1:]
    after = passage.text[close + 1 : close + 4].lstrip()[:1]
    touched = passage.text[max(0, at - 1) : at].isalnum() or before in SUBSCRIPTS or before.isalpha()
    worked_on = after in SUPERSCRIPTS or after in _WORKING_AFTER or before in _WORKING_BEFORE
    return (SpokenPiece(said, at),) if worked_on or touched or _multiplies(passage, close) else ()


def _is_negative_power(passage: Passage, at: int) -> bool:
    """`(-x)²`, which is not `-x²`."""
    close = passage.pairs.get(at, at)
    powered = re.match(rf"[{SUPERSCRIPT_CLASS}^]", passage.text[close + 1 : close + 2])
    return bool(powered) and bool(re.match(r"[-−]\s?[^\W_]", _inside(passage, at)))


_WORKING_AFTER = frozenset("^/(*×·÷⋅'’′")
_WORKING_BEFORE = frozenset("/*×·÷−-)")


def _multiplies(passage: Passage, close: int) -> bool:
    """Whether a factor follows a bracket without a sign: `(a + b)c`."""
    return bool(re.match(r"[A-Za-z0-9½¼¾\u0370-\u03ff√]", passage.text[close + 1 : close + 2]))


def _closing(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """A pause after an aside, or after a quantity that is an operand; none inside a formula."""
    at = match.start()
    start = passage.pairs.get(at)
    if start is None:
        return (SpokenPiece(",", at),)
    after = passage.text[at + 1 : at + 2]
    is_sum = bool(_SUM.search(_inside(passage, start))) or _is_negative_power(passage, start)
    if after and (after in SUPERSCRIPTS or after in "^'’′"):
        applied = _joint(passage, start) == passage.language.maths.of
        return (SpokenPiece(",", at),) if is_sum or (_is_product(passage, start) and not applied) else ()
    if is_sum and _multiplies(passage, at):
        return (SpokenPiece(",", at), SpokenPiece(passage.language.maths.times, at))
    return (
        (SpokenPiece(",", at),) if after != "(" and _joint(passage, start) is None and _is_aside(passage, start) else ()
    )


def _is_product(passage: Passage, at: int) -> bool:
    """`(2s)²`, which is not `2s²`: factors in a bracket."""
    return bool(re.search(r"[^\W_]\s?[^\W\d_]", _inside(passage, at)))


def _superscript(match: re.Match[str], passage: Passage) -> SpokenPieces:
    plain = "".join(SUPERSCRIPTS[character] for character in match[0])
    base = passage.text[max(0, match.start() - 1) : match.start()]
    if plain == "−1" and _behind_function(passage, match.start()):
        return ()
    if re.fullmatch(r"\d*[+−]", plain):
        return (SpokenPiece(small_words(passage.language, plain), match.start()),)
    if plain.isdigit() and not re.match(rf"[\w)\]}}|‖⌋⌉∂∇∆%{SUBSCRIPT_CLASS}{ACCENTS}′'’]", base):
        return (SpokenPiece(number_words(passage.language, plain), match.start()),)
    return (SpokenPiece(_power(passage.language, plain, base), match.start()),)


def _behind_function(passage: Passage, at: int) -> bool:
    name = re.search(r"[a-z]+$", passage.text[max(0, at - 8) : at])
    return bool(name) and name[0] in passage.language.maths.functions


def _power(language: Language, exponent: str, base: str) -> str:
    maths = language.maths
    if exponent in ("2", "3"):
        return maths.squared if exponent == "2" else maths.cubed
    if exponent == "T" and base.isupper():
        return maths.transposed
    if exponent in ("−1", "-1") and base in "fghFGHA" and base:
        return maths.inverse
    return maths.power.format(small_words(language, exponent))


def _caret(match: re.Match[str], passage: Passage) -> SpokenPieces:
    group = next(index for index in (1, 2, 3) if match[index] is not None)
    inner = passage.text[match.start(group) : match.end(group)]
    base = passage.text[max(0, match.start() - 1) : match.start()]
    if re.fullmatch(r"[+−-]?(?:\d+|[A-Za-z])", inner):
        return (SpokenPiece(_power(passage.language, inner, base), match.start()),)
    said = words_of(passage.read(match.start(group), match.end(group)))
    return (SpokenPiece(passage.language.maths.power.format(said), match.start()), SpokenPiece(",", match.start()))


def _subscript(match: re.Match[str], passage: Passage) -> SpokenPieces:
    plain = "".join(SUBSCRIPTS[character] for character in match[0])
    return (SpokenPiece(small_words(passage.language, plain), match.start()),)


def _prime(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    name = re.search(r"(?:^|[^\w])([A-Za-z]+)['’′]*$", before)
    if not name or (len(name[1]) > 1 and name[1] not in passage.language.maths.functions):
        return None
    return (SpokenPiece(prime_words(passage.language, match[0]), match.start()),)


def _factorial(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    at = match.start()
    closes = passage.text[at - 1 : at] == ")"
    if not operand_before(passage.text, at) or (
        closes and not _SUM.search(_inside(passage, passage.pairs.get(at - 1, at)))
    ):
        return None
    return (SpokenPiece(passage.language.maths.factorial, match.start()),)


def _minus_or_dash(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """One sign with five meanings: minus, negative, "to", a pause, or the joint of a compound word."""
    sign = match[0].strip()
    at = match.start() + match[0].index(sign)
    kind = _kind_in_formula(passage, at) or _kind_of_dash(passage.text, match, sign)
    language = passage.language
    words = {"minus": language.maths.minus, "negative": language.maths.negative, "to": language.to, "breath": ","}
    return (SpokenPiece(words[kind], at),) if kind in words else ()


def _kind_in_formula(passage: Passage, at: int) -> str:
    """minus or negative inside a formula; "" outside, and for a range of numbers."""
    formula = passage.formulas.around(at)
    if formula is None:
        return ""
    text = passage.text
    before = text[formula[0] : at].rstrip()
    if text[at] == "–" and before[-1:].isdigit() and text[at + 1 : at + 2].isdigit() and text[at - 1 : at].isdigit():
        return ""
    unit = re.match(r"[A-Za-zµμΩ\u2126]{2,4}", text[at + 1 : at + 5])
    measured = text[at - 1 : at].isdigit() and re.search(r"(?:^|[^\^_\d])\d+$", before)
    if unit and measured and unit[0] in passage.language.units:
        return ""
    if before[-1:] in ("|", "‖"):
        opened = len(re.findall(r"\|\||‖|\|", before)) % 2 == 1
        return "negative" if opened else "minus"
    return "minus" if before and before[-1] not in _NO_OPERAND_END else "negative"


_NO_OPERAND_END = (OPERATORS - frozenset("²³")) | frozenset("([{,:;|‖⌊⌈⟨=")
"""After one of these a minus is the sign of a number."""


_HAN_BEFORE_NUMBER = frozenset("是为到至达于约低和与或从在得等即")
"""Chinese words before a number: `温度是-5°C`. Behind other characters the hyphen joins a name: `歼-20`."""


def _kind_of_dash(text: str, match: re.Match[str], sign: str) -> str:
    start, end = match.span()
    space_before, space_after = match[0][0].isspace(), match[0][-1].isspace()
    before, after = operand_before(text, start), operand_after(text, end)
    if sign == "−":
        return "minus" if before else "negative"
    if match[0] == "-" and text[start - 1 : start] in _HAN_BEFORE_NUMBER and text[end : end + 1].isdigit():
        return "negative"
    if before and after and not (space_before and space_after and _joins_phrases(text, start, end)):
        return _between_operands(text, match, sign)
    if after and not space_after and (space_before or start == 0 or not text[start - 1].isalnum()):
        return "negative"
    return "breath" if space_before or space_after or sign == "‒" else "joint"


def _joins_phrases(text: str, start: int, end: int) -> bool:
    """Whether a spaced dash has a compound with a number before it, or a word of one letter after it.

    `COVID-19 – a virus` has both.
    """
    compound = re.search(r"[^\W\d_]{2,}[-‐‑]\d+[a-z]?$", text[max(0, start - _NEAR) : start])
    article = re.match(r"[AaIyYàÀ]\s[^\W\d_]{2,}", text[end : end + _NEAR])
    return bool(compound or article)


def _between_operands(text: str, match: re.Match[str], sign: str) -> str:
    start, end = match.span()
    digits = text[start - 1].isdigit() and text[end : end + 1].isdigit()
    spaced = match[0][0].isspace() and match[0][-1].isspace()
    if sign == "–" and re.fullmatch(r"[A-Z]–[A-Z]", text[start - 1 : end + 1]):
        return "to"
    if digits and (sign != "-" or not spaced) and not _in_formula(text, start, end):
        return "to"
    if spaced or _in_formula(text, start, end):
        return "minus"
    if match[0][0].isspace():
        return "negative"
    return "minus" if re.match(r"[a-z)]-[\d(]", text[start - 1 : end + 1]) else "joint"


def _in_formula(text: str, start: int, end: int) -> bool:
    """Whether the unspaced neighbourhood, or the next sign on either side, holds an operator."""
    left = re.search(r"\S*\s?\S*$", text[max(0, start - 30) : start])
    right = re.match(r"\S*\s?\S*", text[end : end + 30])
    return any(side is not None and re.search(r"[=<>≤≥≠×÷^²³√·*]|\s\+|\+\s", side[0]) for side in (left, right))
