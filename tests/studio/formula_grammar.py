"""A grammar that makes formulas together with the words that must be said for them, in any language.

Each node writes itself as text, and lists the words of its signs and names in the order in which they are said. The
words come from the tables of the language; the order, and that none is missing, is the grammar's own knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from video_assets.studio.spoken.languages.language import Language

Words = Callable[[Language], str]


@dataclass(frozen=True)
class Written:
    """A part of a formula: its text, its words, and whether it is a sum, which needs brackets as a factor."""

    text: str
    words: Words
    is_sum: bool = False
    is_atom: bool = True


def letter_words(language: Language, letter: str) -> str:
    return language.symbols.get(letter) or language.letter(letter)


LATIN = "abcdefghjklmnpqrstuvwxyzABCDEFGHJKLMNPQRSUVWXYZ"
GREEK = "αβγδεηθκλμνρστφχψωΔΦΨΩ"
MARKS = {
    "\u0304": "bar",
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u20d7": "vector",
    "\u0307": "dot",
    "\u0308": "double_dot",
}
RELATIONS = "=<>≤≥≠≈"
LOW = dict(zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True))


def variable(letter: str) -> Written:
    return Written(letter, lambda language: letter_words(language, letter))


def number(value: int) -> Written:
    return Written(str(value), lambda language: language.cardinal(str(value)))


def product(letters: str) -> Written:
    return Written(letters, lambda language: " ".join(letter_words(language, letter) for letter in letters))


def accented(letter: str, mark: str) -> Written:
    return Written(
        letter + mark, lambda language: language.maths.accents[MARKS[mark]].format(letter_words(language, letter))
    )


def indexed(letter: str, index: int, *, small: bool) -> Written:
    text = letter + "".join(LOW[digit] for digit in str(index)) if small else f"{letter}_{index}"
    return Written(text, lambda language: f"{letter_words(language, letter)} {language.cardinal(str(index))}")


def primed(letter: str, primes: str) -> Written:
    def words(language: Language) -> str:
        said = {1: language.maths.prime, 2: language.symbols["″"], 3: language.maths.triple_prime}[len(primes)]
        return f"{letter_words(language, letter)} {said}"

    return Written(letter + primes, words)


def fraction(above: Written, below: Written, sign: str) -> Written:
    if above.text.isdecimal() and below.text.isdecimal() and sign == "/":
        value = int(above.text), int(below.text)
        return Written(f"{value[0]}/{value[1]}", lambda language: language.fraction(*value), is_atom=False)
    return _joined(as_factor(above), sign, as_divisor(below), lambda language: language.maths.over)


def times(first: Written, second: Written, sign: str) -> Written:
    left, right = as_factor(first), as_factor(second)
    vectors = left.text.endswith("\u20d7") and right.text[1:2] == "\u20d7"
    names: dict[str, Words] = {
        "×": lambda language: language.maths.cross_product,
        "·": lambda language: language.maths.dot_product,
        "⋅": lambda language: language.maths.dot_product,
    }
    plain: Words = lambda language: language.maths.times  # noqa: E731
    return _joined(left, sign, right, names.get(sign.strip(), plain) if vectors else plain)


def summed(first: Written, second: Written, sign: str) -> Written:
    names: dict[str, Words] = {
        "+": lambda language: language.symbols["+"],
        "±": lambda language: language.symbols["±"],
    }
    word = names.get(sign.strip(), lambda language: language.maths.minus)
    joined = _joined(first, sign, bracketed(second) if second.text[0] in "-−" else second, word)
    return Written(joined.text, joined.words, is_sum=True, is_atom=False)


def _joined(first: Written, sign: str, second: Written, word: Words) -> Written:
    return Written(
        first.text + sign + second.text,
        lambda language: f"{first.words(language)} {word(language)} {second.words(language)}",
        is_atom=False,
    )


def negated(inner: Written, sign: str) -> Written:
    factor = as_factor(inner)
    return Written(
        sign + factor.text,
        lambda language: f"{language.maths.negative} {factor.words(language)}",
        is_sum=True,
        is_atom=False,
    )


def bracketed(inner: Written) -> Written:
    return Written(f"({inner.text})", inner.words)


def as_factor(part: Written) -> Written:
    return bracketed(part) if part.is_sum else part


def as_divisor(part: Written) -> Written:
    return part if part.is_atom else bracketed(part)


def squared(base: Written, sign: str) -> Written:
    inner = (
        base
        if re.fullmatch(r"[A-Za-z\u0370-\u03ff]+['’′]*|\d+|\(.*\)", base.text) and base.is_atom
        else bracketed(base)
    )
    names: dict[str, Words] = {
        "²": lambda language: language.maths.squared,
        "^2": lambda language: language.maths.squared,
        "³": lambda language: language.maths.cubed,
        "^3": lambda language: language.maths.cubed,
    }
    return Written(inner.text + sign, lambda language: f"{inner.words(language)} {names[sign](language)}")


def raised(base: Written, exponent: Written) -> Written:
    def words(language: Language) -> str:
        special = {"2": language.maths.squared, "3": language.maths.cubed}.get(exponent.text)
        return f"{base.words(language)} {special or language.maths.power.format(exponent.words(language))}"

    return Written(f"{base.text}^({exponent.text})", words)


def fenced(inner: Written, fence: str) -> Written:
    fence = "⌊" if set(inner.text) & set("|‖") else fence
    opening, closing = {"|": "||", "‖": "‖‖", "⌊": "⌊⌋", "⌈": "⌈⌉"}.get(fence, "  ") if fence != "||" else ("||", "||")
    names: dict[str, Words] = {
        "|": lambda language: language.maths.absolute,
        "||": lambda language: language.maths.norm,
        "‖": lambda language: language.maths.norm,
        "⌊": lambda language: language.maths.floor,
        "⌈": lambda language: language.maths.ceiling,
    }
    return Written(opening + inner.text + closing, lambda language: f"{names[fence](language)} {inner.words(language)}")


def applied(name: str, argument: Written) -> Written:
    return Written(
        f"{name}({argument.text})", lambda language: f"{language.maths.functions[name]} {argument.words(language)}"
    )


def called(name: str, primes: str, argument: Written) -> Written:
    head = primed(name, primes) if primes else variable(name)
    return Written(
        f"{head.text}({argument.text})", lambda language: f"{head.words(language)} {argument.words(language)}"
    )


def logarithm(base: int, argument: Written, *, small: bool) -> Written:
    written = "".join(LOW[digit] for digit in str(base)) if small else f"_{base}"

    def words(language: Language) -> str:
        said = language.maths.base.format(language.cardinal(str(base)))
        return f"{language.maths.functions['log']} {said} {argument.words(language)}"

    return Written(f"log{written}({argument.text})", words)


def rooted(inner: Written) -> Written:
    inside = as_divisor(inner)
    return Written(f"√{inside.text}", lambda language: f"{language.symbols['√']} {inside.words(language)}")


def factorial(inner: Written) -> Written:
    return Written(f"{inner.text}!", lambda language: f"{inner.words(language)} {language.maths.factorial}")


def given(first: Written, second: Written, bar: str) -> Written:
    return Written(
        f"P({first.text}{bar}{second.text})",
        lambda language: (
            f"{language.letter('P')} {first.words(language)} {language.maths.given} {second.words(language)}"
        ),
    )


def limited(sign: str, index: str, end: str, body: Written) -> Written:
    factor = as_factor(body)

    def words(language: Language) -> str:
        lower = f"{letter_words(language, index)} {language.symbols['=']} {language.cardinal('1')}"
        return f"{language.maths.limits[sign].format(lower, letter_words(language, end))} {factor.words(language)}"

    return Written(f"{sign}_{{{index}=1}}^{end} {factor.text}", words, is_sum=True, is_atom=False)


def related(left: Written, sign: str, right: Written) -> Written:
    return Written(
        f"{left.text} {sign} {right.text}",
        lambda language: f"{left.words(language)} {language.symbols[sign]} {right.words(language)}",
        is_atom=False,
    )


letters = st.sampled_from(LATIN)
symbols = st.sampled_from(GREEK)
variables = st.one_of(letters, letters, symbols).map(variable)
products = st.one_of(
    st.text("bcdfgkmnprtvxz", min_size=2, max_size=3),
    st.text("BCDFGHKLMNPQRTVXZ", min_size=2, max_size=2),
    st.sampled_from(
        ["hf", "ax", "GMm", "nRT", "PV", "RT", "kT", "mgh", "mv", "IR", "Ir", "abc", "qvB", "hc", "ut", "gt", "kx"]
    ),
).map(product)
atoms = st.one_of(
    variables,
    variables,
    products,
    st.integers(2, 99).map(number),
    st.builds(accented, st.sampled_from("xyvFpqnB"), st.sampled_from(sorted(MARKS))),
    st.builds(indexed, st.sampled_from("xyvaTnmk"), st.integers(0, 12), small=st.booleans()),
    st.builds(primed, st.sampled_from("xyzfgAB"), st.sampled_from(["'", "''", "'''", "′", "’"])),
)


def _grown(parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    return st.one_of(
        st.builds(summed, parts, parts, st.sampled_from([" + ", "+", " - ", "-", " − ", "−", " ± ", " – "])),
        st.builds(summed, parts, parts, st.sampled_from([" + ", " - ", "-"])),
        st.builds(times, parts, parts, st.sampled_from([" × ", "·", " · ", " * ", " ⋅ "])),
        st.builds(fraction, parts, parts, st.sampled_from(["/", " / "])),
        st.builds(negated, parts, st.sampled_from(["-", "−"])),
        st.builds(squared, parts, st.sampled_from(["²", "^2", "³", "^3"])),
        st.builds(raised, variables, parts),
        st.builds(fenced, parts, st.sampled_from(["|", "||", "‖", "⌊", "⌈"])),
        st.builds(applied, st.sampled_from(["sin", "cos", "tan", "ln", "exp", "log"]), parts),
        st.builds(called, st.sampled_from("fgFGh"), st.sampled_from(["", "'", "''", "′"]), variables),
        st.builds(logarithm, st.sampled_from([2, 3, 10]), parts, small=st.booleans()),
        st.builds(rooted, parts),
        st.builds(factorial, st.sampled_from("nkm").map(variable)),
        st.builds(
            given,
            st.sampled_from("ABX").map(variable),
            st.sampled_from("CDY").map(variable),
            st.sampled_from(["|", " | "]),
        ),
        st.builds(limited, st.sampled_from("∑∏"), st.sampled_from("ijk"), st.sampled_from("nNm"), parts),
    )


expressions = st.recursive(atoms, _grown, max_leaves=6)
formulas = st.builds(related, expressions, st.sampled_from(RELATIONS), expressions)

_WORD = re.compile(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+(?:['\u0900-\u0963-][^\W_\u4e00-\u9fff]*)*")


def split_words(text: str) -> list[str]:
    """The words of a spoken text, without marks; each Han character is one."""
    return _WORD.findall(text.casefold())
