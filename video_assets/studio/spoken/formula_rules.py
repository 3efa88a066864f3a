"""Rules for what only formulas have: factors, primes, letters with accents, norms, bars, bases of logarithms, limits.

Does not belong here: where a formula begins and ends (`formulas.py`), or operators, brackets and powers (`maths.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from video_assets.studio.spoken.languages.language import Language

from .characters import SUBSCRIPT_CLASS, SUBSCRIPTS, is_unspaced
from .formula_tokens import ACCENTS
from .numbers import number_words
from .passage import (
    Entry,
    Passage,
    Rule,
    SpokenPiece,
    SpokenPieces,
    compiled,
    fill_template,
    operand_after,
    operand_before,
    words_of,
)

_ACCENT_NAMES = {
    "\u0304": "bar",
    "\u0305": "bar",
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u20d7": "vector",
    "\u20d1": "vector",
    "\u0307": "dot",
    "\u0308": "double_dot",
}
_LETTERS_OF_PROSE = frozenset("äëïöüÿñãõôÄËÏÖÜŸÑÃÕÔ")
"""Letters with an accent that alphabets have. Alone they are letters, in a formula they have a hat."""
_LONGEST_FENCED = 80
_SUM = re.compile(r"[\w)²³]\s*[+−±-]\s*[\w(√]")
_CONDITIONED = re.compile(r"(?:(?<![A-Za-z^_])(?:P|p|Pr|E|H|I|f|q|L|N|Q|𝔼|ℙ)|Var|Cov|Prob)(?:_\w|[₀-₉])?$")


def formula_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried, before those of `maths`."""
    logarithms = "|".join(name for name in ("log", "lg", "ln", "Log") if name in language.maths.functions) or "(?!)"
    named = r"_\{([^{}\n]{1,20})\}|_\(([^()\n]{1,20})\)|_(\w{1,4})"
    index = rf"(?:{named}|(\d{{1,2}}(?=\())|([{SUBSCRIPT_CLASS}]+))"
    limit = (
        r"(?:_\{([^{}\n]{1,40})\}|_\(([^()\n]{1,40})\)|_(\w\s?(?:→|->)\s?\S{1,4})|\s(\w\s?(?:→|->)\s?[+−-]?[\w∞]{1,4}))"
    )
    apart = r"(?<![A-Za-z\u00c0-\u024f])"
    accented = rf"[A-Za-zıȷ\u0370-\u03ff\u00c0-\u024f\u1e00-\u1eff][{ACCENTS}]+"
    rules: list[Entry | Rule] = [
        (rf"(?<![\w\\])({logarithms}){index}(\s?(?=[\w(\u0370-\u03ff√|]))?", _logarithm),
        (rf"(?<![\w\\])lim{limit}", _limit),
        (rf"{apart}(?:{accented}|[{_precomposed()}])(?![A-Za-z\u00c0-\u024f{ACCENTS}])", _accented),
        (rf"(?<![^\W\d_])([A-Z]{{2}})([{ACCENTS}]+)(?![^\W\d_{ACCENTS}])", _accented_pair),
        (r"(?<!\w)(?:[A-Z]['’′]){2,}(?!\w)|(?<!\w)(?!I['’][DM])[A-Z]['’′][A-Z](?!\w)", _primed_points),
        (rf"(?<![A-Za-z\u00c0-\u024f_'’‘“\"])([A-Za-z])([{SUBSCRIPT_CLASS}]*)(['’]{{1,3}}|[′″‴]+)(?![\d])", _primed),
        (r"(?<=[)\]])(['’]{1,3}|[′″‴]+)(?=\s?[(=+×·*/^−-]|\s|[.,;:]|$)", _primed_bracket),
        Rule(rf"{apart}(?:[A-Za-z][{ACCENTS}]*){{2,12}}(?![A-Za-z\u00c0-\u024f{ACCENTS}])", _factors, _begins_factors),
        (
            rf"(?<=[\u0370-\u03ff)\]′{ACCENTS}ħℏℓ])_(?:\{{([^{{}}\n]{{1,40}})\}}|\(([^()\n]{{1,40}})\)|([A-Za-z0-9]+))",
            _index,
        ),
        (r"(?<=[A-Za-z])_\(([^()\n]{1,40})\)", _index),
        (r"(?<=[+,·×*−<>≤=-])(\s?)(?:…|⋯|\.{3})(?=\s?[+,·×*−<>≤=})\]-])", _continued),
        (r"\|\|(?=\S)([^\n]{1,80}?)(?<=\S)\|\||‖([^‖\n]{1,80})‖", _norm),
        (r"⌊|⌈", _rounded),
        (r"[⌋⌉]", lambda _match, _passage: ()),
        (r"(?:(?<=\bE)|(?<=\bVar)|(?<=\bCov))\[(?=[A-Z](?!\w))", _of_variable),
        (r"\s?[|∣]\s?", _given),
        (r"\s?[·⋅]\s?", _raised_dot),
        (r"\s?×\s?", _cross),
    ]
    return compiled(rules)


def _precomposed() -> str:
    """All letters that Unicode has with one of the accents, as one character."""
    codes = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    return "".join(chr(code) for code in codes if _accent_of(chr(code)))


def _accent_of(letter: str) -> str:
    """The name of the accent of a letter, and "" for a letter without one."""
    decomposed = unicodedata.normalize("NFD", letter)
    return _ACCENT_NAMES.get(decomposed[1], "") if len(decomposed) == 2 else ""


def letter_name(language: Language, letter: str) -> str:
    """The name of a variable: a Latin or a Greek letter."""
    plain = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    return language.symbols.get(plain) or language.letter(plain)


def _accented(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`x̄` is "x bar". A letter of an alphabet (`ñ`) has an accent only in a formula."""
    letter, *accents = unicodedata.normalize("NFD", match[0])
    if not all(accent in _ACCENT_NAMES for accent in accents):
        return None
    if match[0] in _LETTERS_OF_PROSE and not passage.in_formula(match.start()):
        return None
    return _with_accents(passage, letter_name(passage.language, letter), "".join(accents), match.start())


def _with_accents(passage: Passage, name: str, accents: str, at: int) -> SpokenPieces:
    pieces: SpokenPieces = (SpokenPiece(name, at),)
    for accent in accents:
        pieces = fill_template(passage.language.maths.accents[_ACCENT_NAMES[accent]], pieces, at)
    return pieces


def _accented_pair(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`AB⃗`: the vector from A to B."""
    if not all(accent in _ACCENT_NAMES for accent in match[2]):
        return None
    name = " ".join(letter_name(passage.language, letter) for letter in match[1])
    return _with_accents(passage, name, match[2], match.start())


def _index(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`σ_y`: the index of a Greek letter or a bracket."""
    group = next(group for group in range(1, match.re.groups + 1) if match[group] is not None)
    if group == 3 and (len(match[3]) < 3 or not match[3].islower()):
        return (SpokenPiece(small_words(passage.language, match[3]), match.start()),)
    return passage.read(match.start(group), match.end(group))


def _continued(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`a₁ + … + aₙ`: the terms that are left out."""
    at = match.start() + len(match[1])
    inside = passage.in_formula(max(0, match.start() - 1)) or passage.in_formula(match.end() + 1)
    return (SpokenPiece(passage.language.maths.ellipsis, at),) if inside else None


def prime_words(language: Language, primes: str) -> str:
    """The words for one, two or three primes."""
    count = len(primes) + primes.count("″") + 2 * primes.count("‴")
    maths = language.maths
    return {1: maths.prime, 2: language.symbols["″"], 3: maths.triple_prime}.get(count, " ".join([maths.prime] * count))


def _primed(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`f''(x)`, `y' = ky`. An apostrophe in a word, and a quote that ends at a letter, are no primes."""
    language = passage.language
    if not _is_prime(match, passage):
        return None
    letter = SpokenPiece(letter_name(language, match[1]), match.start())
    index = "".join(SUBSCRIPTS[character] for character in match[2])
    indexed = (SpokenPiece(small_words(language, index), match.start(2)),) if index else ()
    return (letter, *indexed, SpokenPiece(prime_words(language, match[3]), match.start(3)))


def _primed_points(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`A'B'C'`: a figure named by its points."""
    names = dict.fromkeys("'’′", passage.language.maths.prime)
    return tuple(
        SpokenPiece(names.get(character) or letter_name(passage.language, character), match.start() + at)
        for at, character in enumerate(match[0])
    )


def _is_prime(match: re.Match[str], passage: Passage) -> bool:
    text, end = passage.text, match.end()
    if match[3][0] in "′″‴":
        return True
    if len(match[3]) == 1 and re.match(r"(?i:s|m|d|t|re|ve|ll)(?![^\W\d_])", text[end:]) and match[1] in "IiUuAa":
        return False
    if text[end : end + 1].isalpha() and not is_unspaced(text[end]):
        factor = re.match(r"[A-Za-z](?![^\W\d_])|[A-Za-z]['’(]", text[end : end + 2]) and text[end] not in "sS"
        return bool(factor) and passage.in_formula(match.start())
    if passage.in_formula(match.start()) or re.match(r"\s?[(=+]", text[end : end + 2]):
        return True
    quoted = re.search(r"(?:^|[\s(])['‘][^'’\n]*$", text[max(0, match.start() - 60) : match.start()])
    return not quoted and bool(re.match(r"\s|[.,;:)]|$", text[end : end + 1]))


def _primed_bracket(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if not passage.in_formula(match.start() - 1):
        return None
    return (SpokenPiece(prime_words(passage.language, match[1]), match.start()),)


def _begins_factors(passage: Passage, at: int) -> bool:
    return at in passage.formulas.factors


def _factors(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`kx`, `GMm`, `ma⃗`: letters multiplied."""
    start, end = match.span()
    if passage.formulas.factors.get(start) != end:
        return None
    return tuple(piece for at in _letter_starts(passage.text, start, end) for piece in _factor(passage, at, start, end))


def _letter_starts(text: str, start: int, end: int) -> Iterator[int]:
    return (at for at in range(start, end) if not unicodedata.combining(text[at]))


def _factor(passage: Passage, at: int, start: int, end: int) -> SpokenPieces:
    accents = re.match(f"[{ACCENTS}]*", passage.text[at + 1 : end])
    marks = accents[0] if accents else ""
    language = passage.language
    name = letter_name(language, passage.text[at])
    if not marks or not all(mark in _ACCENT_NAMES for mark in marks):
        return (SpokenPiece(name, at),)
    times = (SpokenPiece(language.maths.times, at),) if at > start and passage.text[at - 1] != "d" else ()
    return (*times, *_with_accents(passage, name, marks, at))


def small_words(language: Language, text: str) -> str:
    """A short exponent or index: digits as a number, letters and signs by name."""
    return " ".join(_small_word(language, match[0]) for match in re.finditer(r"\d+(?:\.\d+)?|\S", text))


def _small_word(language: Language, piece: str) -> str:
    if piece[0].isdigit():
        return number_words(language, piece)
    if piece in "−-":
        return language.maths.negative
    if piece in "()[]{}":
        return ""
    return language.symbols.get(piece) or language.letter(piece)


def _logarithm(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`log₂ 8`: the logarithm to the base 2 of 8."""
    maths, text = passage.language.maths, passage.text
    group = next(group for group in (2, 3, 4, 5, 6) if match[group] is not None)
    if group == 6:
        base = small_words(passage.language, "".join(SUBSCRIPTS[character] for character in match[6]))
    else:
        base = _read_index(passage, match, group)
    said = (SpokenPiece(f"{maths.functions[match[1]]} {maths.base.format(base)}".strip(), match.start()),)
    applied = bool(re.match(r"[\w\u0370-\u03ff√|\[]", text[match.end() : match.end() + 1]))
    return (*said, SpokenPiece(maths.of, match.start())) if applied and maths.of else said


def _read_index(passage: Passage, match: re.Match[str], group: int) -> str:
    if len(match[group]) == 1:
        return small_words(passage.language, match[group])
    return words_of(passage.read(match.start(group), match.end(group)))


def _limit(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`lim_{x→0}`: the limit as x goes to 0 of what follows."""
    group = next(group for group in (1, 2, 3, 4) if match[group] is not None)
    start = match.start(group)
    arrow = re.search(r"\s*(?:→|->|⟶)\s*", match[group])
    if arrow is None:
        said = words_of(passage.read(start, match.end(group)))
        return (SpokenPiece(f"{passage.language.maths.functions['lim']} {said}", match.start()),)
    ends = ((start, start + arrow.start()), (start + arrow.end(), match.end(group)))
    parts = [words_of(passage.read(*end)) for end in ends]
    said = passage.language.maths.limit.format(*parts)
    if not passage.text[match.end() : match.end() + 2].strip():  # nothing follows whose limit it is
        said = said.removesuffix(f" {passage.language.maths.of}")
    return (SpokenPiece(said, match.start()),)


def _norm(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`||v||` and `‖v‖`. Two bars between spaces are the "or" of a program."""
    group = 1 if match[1] is not None else 2
    inside, (start, end) = match[group], match.span(group)
    before = passage.text[max(0, match.start() - 1) : match.start()]
    if (before.isalpha() and not is_unspaced(before)) or not _is_balanced(inside):
        return None
    ended = (SpokenPiece(",", end),) if _SUM.search(inside) else ()
    return (SpokenPiece(passage.language.maths.norm, match.start()), *passage.read(start, end), *ended)


def _is_balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _rounded(match: re.Match[str], passage: Passage) -> SpokenPieces:
    maths = passage.language.maths
    return (SpokenPiece(maths.floor if match[0] == "⌊" else maths.ceiling, match.start()),)


def _of_variable(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`E[X]`: the expectation of X."""
    return (SpokenPiece(passage.language.maths.of, match.start()),) if passage.language.maths.of else None


def _given(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """The bar of `P(A|B)` and `{x | x > 0}`. Other single bars are those of an absolute value."""
    opener = _enclosing(passage.text, match.start())
    if opener is None:
        return None
    at = match.start() + len(match[0]) - len(match[0].lstrip())
    if passage.text[opener] == "{":
        such_that = passage.language.symbols["∣"]
        return (SpokenPiece(such_that, at),) if match[0].strip() == "∣" or match[0] != "|" else None
    close = passage.pairs.get(opener, match.end() + _LONGEST_FENCED)
    if passage.text[opener] == "[":
        close = passage.text.find("]", opener)
    one_bar = passage.text[opener:close].count("|") + passage.text[opener:close].count("∣") == 1
    if not one_bar or not _CONDITIONED.search(passage.text[max(0, opener - 6) : opener]):
        return None
    return (SpokenPiece(passage.language.maths.given, at),)


def _enclosing(text: str, at: int) -> int | None:
    """The bracket that is open at `at`; None if there is none, or if another bar is open in it."""
    depth = 0
    for index in range(at - 1, max(-1, at - _LONGEST_FENCED), -1):
        character = text[index]
        if character in ")]}":
            depth += 1
        elif character in "([{":
            if depth == 0:
                return index
            depth -= 1
        elif character == "|" and depth == 0:
            return None
    return None


_CLOSING_BARS = frozenset("|‖∣⌋⌉⟩")


def _raised_dot(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`3·4` is a product and `∇·E` a divergence. Between words the dot is a mark, and `CuSO₄·5H₂O` is no product."""
    text, start, end = passage.text, match.start(), match.end()
    at, maths = start + len(match[0]) - len(match[0].lstrip()), passage.language.maths
    if text[start - 1 : start] == "∇" or (
        _is_vector(text, start) and text[end : end + 3] and _starts_vector(text, end)
    ):
        return (SpokenPiece(maths.dot_product, at),)
    if re.match(r"\d*H[₂2]O", text[end : end + 6]):
        return None
    before = operand_before(text, start) or bool(unicodedata.combining(text[max(0, start - 1)]))
    before = before or text[start - 1 : start] in _CLOSING_BARS
    factors = before and operand_after(text, end) and not is_unspaced(text[end : end + 1] or "a")
    return (SpokenPiece(maths.times, at),) if passage.in_formula(at) or factors else None


def _is_vector(text: str, end: int) -> bool:
    return text[max(0, end - 1) : end] in ("\u20d7", "\u20d1") and end > 0


def _starts_vector(text: str, start: int) -> bool:
    return text[start + 1 : start + 2] in ("\u20d7", "\u20d1")


def _cross(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`∇×B` and `a⃗ × b⃗`: the cross product."""
    text, start = passage.text, match.start()
    if text[start - 1 : start] != "∇" and not (_is_vector(text, start) and _starts_vector(text, match.end())):
        return None
    return (SpokenPiece(passage.language.maths.cross_product, start + match[0].index("×")),)
