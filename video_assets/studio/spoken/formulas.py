"""Finds the formulas in a text: where a hyphen is a minus, a slash is a fraction bar, and letters are factors.

A formula is a run of numbers, variables, operators and brackets that holds an operator, or another sign that prose does
not have. Does not belong here: the words of a formula (`formula_rules.py`, `maths.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from video_assets.studio.spoken.languages.language import Language

from .characters import is_unspaced
from .formula_spans import Formulas
from .formula_tokens import ACCENTS, FormulaToken, tokens_of
from .markup import MarkedFormula

_RELATIONS = frozenset("=≈≠≤≥∝")
_WORD_SIGNS = frozenset("=+×÷*≈≠≤≥<>∝/")
_WORKING = frozenset("=<>≤≥≠≈≡±∓×÷⋅∙*+−-–/·^∝→")
_ORDINAL_ENDINGS = frozenset(("th", "st", "nd", "rd", "te", "ten", "ter"))
_WEAK_SIGNS = frozenset("-–−/·!|‖'’′″‴")
_VOWEL = re.compile("[aeiou]", re.IGNORECASE)
_OPERANDS = frozenset(("number", "variable", "factors", "symbol", "unit", "word_operand"))


def find_formulas(text: str, language: Language, written: Sequence[MarkedFormula] = ()) -> Formulas:
    """The formulas of `text`: those that were `written` as LaTeX, and those that are found between them.

    The time that it takes grows linearly with the length of the text.
    """
    found: list[tuple[int, int]] = []
    factors: dict[int, int] = {}
    at = 0
    for formula in (*written, None):
        end = formula.start if formula else len(text)
        spans, products = _search(text, at, end, language)
        found += spans
        factors |= products
        if formula:
            found.append((formula.start, formula.end))
            factors |= {start: stop for start, stop in formula.factors if stop - start > 1}
            at = formula.end
    return Formulas(tuple(start for start, _ in found), tuple(end for _, end in found), factors)


def _search(text: str, start: int, end: int, language: Language) -> tuple[list[tuple[int, int]], dict[int, int]]:
    tokens = _joined_compounds(tokens_of(text, start, end), language)
    spans: list[tuple[int, int]] = []
    factors: dict[int, int] = {}
    for run in _runs(_classified(tokens, index, language) for index in _near_signs(tokens)):
        trimmed = _trimmed(
            run,
            language,
            joined=_is_spaced_letter(text[run[0].start - 1 : run[0].start]),
            followed=text[run[-1].end :][:1].isalnum(),
        )
        if _is_evident(trimmed):
            spans.append((trimmed[0].start, trimmed[-1].end))
            factors |= {token.start: token.end for token in trimmed if token.kind == "factors"}
    return spans, factors


def _near_signs(tokens: Sequence[FormulaToken]) -> Iterator[int]:
    """The indices of the tokens that may belong to a formula: with a sign, and no end of a sentence between."""
    start, has_sign = 0, False
    for index, token in enumerate(tokens):
        has_sign = has_sign or token.kind == "sign" or token.text in _WEAK_SIGNS
        if token.kind == "other":
            yield from range(start, index + 1) if has_sign else ()
            start, has_sign = index + 1, False
    yield from range(start, len(tokens)) if has_sign else ()


def _is_spaced_letter(character: str) -> bool:
    return character.isalnum() and not is_unspaced(character)


def _joined_compounds(tokens: Sequence[FormulaToken], language: Language) -> list[FormulaToken]:
    """`x-axis` and `well-known` are words: their hyphens join a long word and stand between letters."""
    joined: list[FormulaToken] = []
    for index, token in enumerate(tokens):
        if token.kind == "letters" and _continues_a_word(joined, token) and not _begins_term(tokens, index, language):
            joined.pop()
            first = joined.pop()
            joined.append(FormulaToken("compound", first.text + "-" + token.text, first.start, token.end))
        elif _numbers_a_name(joined, token):
            joined.pop()
            first = joined.pop()
            joined.append(FormulaToken("compound", f"{first.text}-{token.text}", first.start, token.end))
        else:
            joined.append(token)
    return joined


def _numbers_a_name(before: Sequence[FormulaToken], token: FormulaToken) -> bool:
    """`GPT-4`, `Windows-11`: a hyphen between three letters or more and a number is no minus."""
    if token.kind != "number" or len(before) < 2 or before[-1].text != "-":
        return False
    name = before[-2]
    return name.kind == "letters" and len(name.text) > 2 and (name.text.isupper() or _is_long(name.text))


def _continues_a_word(joined: Sequence[FormulaToken], token: FormulaToken) -> bool:
    if len(joined) < 2 or joined[-1].text != "-" or joined[-2].kind not in ("letters", "compound"):
        return False
    titles = all(re.fullmatch("[A-Z][a-z]+", part) for part in (joined[-2].text, token.text))  # Wi-Fi
    return titles or _is_long(token.text) or _is_long(joined[-2].text)


def _begins_term(tokens: Sequence[FormulaToken], index: int, language: Language) -> bool:
    """Whether a function with its argument is at `index`: `u-log(x)`, but not `semi-log`."""
    return tokens[index].text in language.maths.functions and _applies(_beside(tokens, index, 1))


def _is_long(word: str) -> bool:
    """Whether `word` is no variable or product: it has a vowel inside, or ends an ordinal number (`n-th`)."""
    return (
        "-" in word
        or word.lower() in _ORDINAL_ENDINGS
        or (len(word) > 2 and bool(_VOWEL.search(word[1:])) and word[1:].islower())
    )


def _classified(tokens: Sequence[FormulaToken], index: int, language: Language) -> FormulaToken:
    token = tokens[index]
    if token.kind in ("script_word", "compound"):
        return token._replace(kind="word_operand" if _is_operand_word(tokens, index, language) else "word")
    if token.kind != "letters":
        return token
    base = re.sub(f"[{ACCENTS}]", "", token.text)
    if base == language.symbols.get("&") and _joins(tokens, index):
        return token._replace(kind="word")
    if len(base) == 1:
        return token._replace(kind="variable")
    before, after = _beside(tokens, index, -1), _beside(tokens, index, 1)
    if base in language.maths.functions and _applies(after):
        return token._replace(kind="function")
    if before is not None and before.kind == "number" and base in language.units:
        return token._replace(kind="unit")
    if _is_product(base, tokens, index, language):
        return token._replace(kind="factors")
    return token._replace(kind="word_operand" if _is_operand_word(tokens, index, language) else "word")


def _applies(after: FormulaToken | None) -> bool:
    """Whether a function's name has an argument after it."""
    if after is None:
        return False
    return after.kind in ("number", "symbol", "opening", "script") or (
        len(after.text) <= 2 and after.kind not in ("other", "comma", "closing")
    )


def _beside(tokens: Sequence[FormulaToken], index: int, step: int) -> FormulaToken | None:
    """The next token on one side that is no space."""
    index += step
    while 0 <= index < len(tokens) and tokens[index].kind == "space":
        index += step
    return tokens[index] if 0 <= index < len(tokens) else None


def _joins(tokens: Sequence[FormulaToken], index: int) -> bool:
    """Whether a letter that is also the word for "and" stands between two operands: Spanish `x = 5 y z = 3`."""
    before, after = _beside(tokens, index, -1), _beside(tokens, index, 1)
    spaced = all(tokens[side].kind == "space" for side in (index - 1, index + 1) if 0 <= side < len(tokens))
    if before is None or after is None or not spaced:
        return False
    return not (
        _works(before) or _works(after) or before.kind in ("opening", "comma") or after.kind in ("closing", "comma")
    )


def _works(token: FormulaToken | None) -> bool:
    return token is not None and (token.kind == "sign" or token.text in _WORKING)


def _is_product(base: str, tokens: Sequence[FormulaToken], index: int, language: Language) -> bool:
    """Whether several letters are factors: `kx`, `PV`, `GMm`, `nRT`; `ma` and `at` only beside an operator."""
    if not base.isascii() or len(base) > 4 or base == "pH" or base in language.abbreviations:
        return False
    if _ends_an_ordinal(base, tokens, index):
        return False
    before, after = _beside(tokens, index, -1), _beside(tokens, index, 1)
    if not (_works(before) or _works(after) or _touches(tokens, index) or _follows_limits(tokens, index)):
        return False
    if base.lower() in language.short_words and not (base.islower() or base.isupper()):
        return False
    if base in language.short_words or (base.isupper() and base.lower() in language.common_capitals):
        return len(base) == 2 and (_is_scripted(tokens, index) or _is_operand_alone(tokens, index))
    if not _VOWEL.search(base) or len(base) == 2 or base in ("abc", "abcd"):
        return True
    mixed = not base[1:].islower() and not base.isupper()
    return mixed or (base.isupper() and len(base) <= 3)


def _ends_an_ordinal(base: str, tokens: Sequence[FormulaToken], index: int) -> bool:
    """`2nd`, `n-th`: an ordinal number; `x - nd` and `-ND` are sums."""
    if base not in _ORDINAL_ENDINGS or not index:
        return False
    if tokens[index - 1].kind == "number":
        return True
    hyphened = index > 1 and tokens[index - 1].text == "-" and tokens[index - 2].kind in ("letters", "number")
    return hyphened and base not in ("st", "nd", "rd")


def _is_operand_alone(tokens: Sequence[FormulaToken], index: int) -> bool:
    """Whether a short word can only be an operand: between operators, or before `=` at the start of a sentence."""
    before, after = _beside(tokens, index, -1), _beside(tokens, index, 1)
    if before is None:
        return after is not None and after.text == "="
    if before.text in ("-", "–") and before.end < tokens[index].start and after is None:
        return any(token.text in _RELATIONS for token in tokens[max(0, index - 24) : index])
    opened = _works(before) or _is_bar(before) or _is_argument(tokens, index)
    ended = after is None or after.kind in ("closing", "comma", "other", "script")
    return opened and (ended or _works(after) or _is_bar(after))


def _is_scripted(tokens: Sequence[FormulaToken], index: int) -> bool:
    right = tokens[index + 1] if index + 1 < len(tokens) else None
    return right is not None and (right.kind == "script" or right.text == "^")


def _follows_limits(tokens: Sequence[FormulaToken], index: int) -> bool:
    """Whether `∑`, `∏` or `∫` with its limits is right before the token."""
    limits = ""
    for token in reversed(tokens[max(0, index - 16) : max(0, index - 1)]):
        if token.kind == "space":
            break
        limits = token.text + limits
    return limits[:1] in ("∑", "∏", "∫") and index > 0 and tokens[index - 1].kind == "space"


def _is_bar(token: FormulaToken | None) -> bool:
    return token is not None and token.text in ("|", "‖", "⌊", "⌋", "⌈", "⌉")


def _is_argument(tokens: Sequence[FormulaToken], index: int) -> bool:
    """Whether the token is the first in the brackets of a function or a factor: `sin(at)`."""
    return index > 1 and tokens[index - 1].kind == "opening" and tokens[index - 2].kind in ("letters", "sign", "script")


def _touches(tokens: Sequence[FormulaToken], index: int) -> bool:
    """Whether a number, a bracket or an index touches the token."""
    left = tokens[index - 1] if index else None
    right = tokens[index + 1] if index + 1 < len(tokens) else None
    return bool(
        (left and (left.kind in ("number", "opening", "closing", "script", "symbol") or _is_bar(left)))
        or (right and (right.kind in ("closing", "script", "symbol") or _is_bar(right)))
    )


def _is_operand_word(tokens: Sequence[FormulaToken], index: int, language: Language) -> bool:
    """Whether a word is a quantity: `speed = distance/time`. An operator must be beside it."""
    word = tokens[index].text
    if (len(word) < 3 and word.isascii()) or word.lower() in language.short_words:
        return False
    return any(_works_on_words(tokens, index, step) for step in (-1, 1))


def _works_on_words(tokens: Sequence[FormulaToken], index: int, step: int) -> bool:
    token = _beside(tokens, index, step)
    if token is None:
        return False
    if token.text in ("-", "–", "−"):
        at = tokens.index(token, max(0, index - 3))
        neighbours = tokens[at - 1 : at + 2]
        return len(neighbours) == 3 and all(neighbours[side].kind == "space" for side in (0, 2))
    return token.text in _WORD_SIGNS


def _runs(tokens: Iterable[FormulaToken]) -> Iterator[list[FormulaToken]]:
    """The parts of a text between words, ends of sentences, and commas outside brackets."""
    run: list[FormulaToken] = []
    depth = 0
    for token in tokens:
        depth += (token.kind == "opening") - (token.kind == "closing" and depth > 0)
        if token.kind in ("word", "other") or (token.kind == "comma" and depth == 0):
            if run:
                yield run
            run, depth = [], 0
        else:
            run.append(token)
    if run:
        yield run


def _trimmed(run: list[FormulaToken], language: Language, *, joined: bool, followed: bool) -> list[FormulaToken]:
    """`run` without what belongs to the sentence at its ends: spaces, dashes, brackets without a partner, `a`.

    `joined`: a letter touches the start, so a hyphen there is that of a word (`mid-40s`). `followed`: a word
    comes after the run.
    """
    tokens = list(run)
    if tokens[0].text in "-–" and joined:
        tokens.pop(0)
    while tokens and _is_outside(tokens, language):
        tokens.pop(0)
    while tokens and _is_behind(tokens, language, followed=followed):
        tokens.pop()
    return tokens


def _is_outside(tokens: list[FormulaToken], language: Language) -> bool:
    first, second = tokens[0], tokens[1] if len(tokens) > 1 else None
    if first.kind in ("space", "comma", "closing"):
        return True
    if first.kind == "opening":
        return _is_alone(tokens, first, "closing")
    if first.text in "-–":
        return second is None or second.kind == "space"
    if first.text in "/'’·!":
        return True
    spaced = second is not None and second.kind == "space" and len(tokens) > 2
    return spaced and first.text.lower() in language.single_words and tokens[2].kind in (*_OPERANDS, "function")


def _is_behind(tokens: list[FormulaToken], language: Language, *, followed: bool) -> bool:
    last, before = tokens[-1], tokens[-2] if len(tokens) > 1 else None
    if last.kind in ("space", "comma", "opening"):
        return True
    if last.kind == "closing":
        return _is_alone(tokens, last, "opening")
    if last.text in "-–/·":
        return True
    spaced = followed and before is not None and before.kind == "space" and len(tokens) > 2
    return spaced and last.text.lower() in language.single_words and tokens[-3].kind in _OPERANDS


def _is_alone(tokens: list[FormulaToken], bracket: FormulaToken, partner: str) -> bool:
    """Whether the first or the last token is a bracket without a partner."""
    ordered = tokens if partner == "closing" else tokens[::-1]
    depth = 0
    for token in ordered:
        depth += (token.kind == bracket.kind) - (token.kind == partner)
        if depth == 0:
            return False
    return True


def _is_evident(tokens: list[FormulaToken]) -> bool:
    """Whether the tokens are a formula: an operator beside an operand, or signs that prose does not have."""
    kinds = {token.kind for token in tokens}
    if not kinds & _OPERANDS or len(tokens) < 2:
        return False
    if "word_operand" in kinds:
        return any(token.text in _RELATIONS for token in tokens)
    if "sign" in kinds:
        return True
    if not any(token.text in _WEAK_SIGNS for token in tokens):
        return False
    if kinds & {"script", "symbol", "function"}:
        return True
    return any(_prose_lacks(first, second) for first, second in pairwise(tokens))


def _prose_lacks(first: FormulaToken, second: FormulaToken) -> bool:
    if first.kind == "number":
        return second.kind in ("variable", "factors") and not second.text.isupper()
    if first.kind == "variable":
        return second.text[0] in "(!'’′″"
    return first.kind == "closing" and second.text in ("(", "!")
