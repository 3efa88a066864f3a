"""Statements for which a description asks: a quotation, an equation with its terms named, the steps of a derivation.

Does not belong here: the syntax of formulas (`equations`).
"""

from __future__ import annotations

import re
import unicodedata

from video_assets.studio.lesson.diagrams.figures import Derivation, DerivationStep, Quotation, Term, Terms
from video_assets.studio.slides.phrases.formulas import formulas

from .arrangement_source import MARK, MOST_CHARACTERS, MOST_NARRATION, ArrangementSource

_LEAST_WORDS = 4
_MOST_QUOTATION = 240
_MOST_STEPS = 8
_NAME = r"(?:[A-ZÀ-Þ]\.|[A-ZÀ-Þ][\w'’-]+|de|of|von|van|the|la|le)"
_PERSON = rf"({_NAME}(?:\s{_NAME}){{0,4}})"
_SYMBOL = re.compile(
    r"(?<![A-Za-z\\])(?:sin|cos|tan|log|ln|exp|max|min)(?![A-Za-z])|[A-Za-zα-ωΑ-Ω](?:_\{?\w+\}?|[₀-₉]+)?"
)
_WORDS_BEHIND = re.compile(r"(?:\s+[a-z]{3,})+$")
_FUNCTIONS = frozenset({"sin", "cos", "tan", "log", "ln", "exp", "max", "min"})
_RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻ⁿ]+")
_LOWERED = re.compile("[₀-₉]+")
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "·": r" \cdot ", "×": r" \times ", "≤": r" \le ", "≥": r" \ge ", "≈": r" \approx "}
)


def asked_quotation(source: ArrangementSource, *, named: bool) -> Quotation | None:
    """A quotation of at least four words, and who said it."""
    if not named:
        return None
    for number, mark in enumerate(re.findall(MARK, source.text)):
        text = source.quoted[number]
        if len(text.split()) >= _LEAST_WORDS and len(text) <= _MOST_QUOTATION:
            return Quotation(kind="quotation", text=text, by=_speaker(source, mark))
    return None


def _speaker(source: ArrangementSource, mark: str) -> str:
    before, _, behind = source.text.partition(mark)
    words = source.words.any_of("by")
    after = re.match(rf"[\s,.]*(?:[—–-]|(?i:{words}))\s*{_PERSON}", behind)
    owner = re.search(rf"{_PERSON}(?:'s|’s|\ssays|\ssaid)\b[^.]*$", before)
    named = re.search(rf"(?i:{words})\s+{_PERSON}[^.]*$", before)
    found = after or owner or named
    return found[1].strip(" .,") if found and found[1][:1].isupper() else ""


def asked_terms(source: ArrangementSource, *, named: bool) -> Terms | None:
    """An equation, and the names of its symbols from description or narration.

    A description that writes an equation on the picture asks for it without naming it.
    """
    if not named and not writes_equation(source):
        return None
    quoted = tuple(text for text in source.quoted if "=" in text and len(text) <= MOST_CHARACTERS)
    equations = quoted or _equations(source.written(source.text)) or _equations(source.spoken.text[:MOST_NARRATION])
    if not equations:
        return None
    symbols = tuple(dict.fromkeys(match[0] for match in _SYMBOL.finditer(equations[0]) if match[0] not in _FUNCTIONS))[
        :_MOST_STEPS
    ]
    names = _headed_by_symbol(source, equations[0]) or _names(source, symbols, equations[0])
    known = sorted(names, key=lambda symbol: _place(symbol, equations[0]))
    terms = tuple(Term(symbol=_latex(symbol), name=names[symbol]) for symbol in known[:_MOST_STEPS])
    return Terms(kind="terms", equation=_latex(equations[0]), terms=terms) if len(terms) > 1 else None


def _names(source: ArrangementSource, symbols: tuple[str, ...], equation: str) -> dict[str, str]:
    """The names of the symbols: labels in the order of the equation, or `m is the mass`, or the equation in words."""
    quoted = tuple(name for name in source.quotes() if "=" not in name)
    if len(quoted) == len(symbols):
        return dict(zip(symbols, quoted, strict=True))
    said = _explained(source, symbols)
    if len(said) > 1:
        return said
    text = source.text.replace(equation, " ")
    for match in re.finditer(source.words.any_of("labelled"), text, re.IGNORECASE):
        items = source.items(re.split(r"[.;]\s", text[match.end() :].lstrip(" :"))[0])
        if len(items) == len(symbols):
            return dict(zip(symbols, items, strict=True))
    return _in_words(source, symbols)


def writes_equation(source: ArrangementSource) -> bool:
    """Whether the description quotes an equation, with nothing around it."""
    return any(formulas(text) == ((0, len(text)),) and "=" in text for text in source.quoted)


def _headed_by_symbol(source: ArrangementSource, equation: str) -> dict[str, str]:
    """The names in labels that begin with a symbol of the equation, such as `PV present value`.

    Empty if a label does not.
    """
    labels = [text for text in source.quoted if "=" not in text]
    pieces = [re.match(r"(\S+?)\s*[:,–-]?\s+(\S.*)", label) for label in labels]
    found = {piece[1]: piece[2] for piece in pieces if piece and _place(piece[1], equation) >= 0}
    return found if 1 < len(found) == len(labels) else {}


def _place(symbol: str, equation: str) -> int:
    """The index in the equation of `symbol` as a whole word, else of a letter as a factor (`n` in `nRT`), or -1."""
    match = re.search(rf"(?<![A-Za-z]){re.escape(symbol)}(?![A-Za-z])", equation)
    if match or len(symbol) > 1:
        return match.start() if match else -1
    return next((found.start() for found in _SYMBOL.finditer(equation) if found[0] == symbol), -1)


def _explained(source: ArrangementSource, symbols: tuple[str, ...]) -> dict[str, str]:
    found = {}
    joint = rf"(?:\s+(?:{source.words.any_of('stands_for')})\s+|\s*[(:]\s*|\s=\s)"
    for text in (source.written(source.text), source.spoken.text[:MOST_NARRATION]):
        for symbol in symbols:
            pattern = rf"(?<![\w=^_/*+·²³]){re.escape(symbol)}(?![\w²³=^_]){joint}([^,.;)=\n]+)"
            for match in re.finditer(pattern, text):
                name = source.label(re.split(r"\s+(?:and|und|et|y)\s+", match[1])[0])
                if re.search(r"[^\W\d_]{3}", name) and not formulas(match[0]):
                    found.setdefault(symbol, name)
    return found


def _in_words(source: ArrangementSource, symbols: tuple[str, ...]) -> dict[str, str]:
    """The names in a sentence that says the equation: `Force equals mass times acceleration.`"""
    equals = source.words.any_of("equals")
    for clause in source.clauses:
        pieces = [source.label(piece) for piece in re.split(rf"\s*(?:{equals})\s*", clause, flags=re.IGNORECASE)]
        names = [piece for piece in pieces if piece]
        if len(names) == len(symbols) and len(set(names)) == len(names) and all(len(name) > 1 for name in names):
            return dict(zip(symbols, names, strict=True))
    return {}


def asked_derivation(source: ArrangementSource, *, named: bool) -> Derivation | None:
    """At least two equations, one after the other."""
    if not named:
        return None
    for text in (source.written(source.text), source.spoken.text[:MOST_NARRATION]):
        equations = _equations(text)
        if len(equations) > 1:
            steps = tuple(DerivationStep(equation=_latex(each)) for each in equations[:_MOST_STEPS])
            return Derivation(kind="derivation", steps=steps)
    return None


def _equations(text: str) -> tuple[str, ...]:
    pieces = (piece for piece in re.split(r"[;\n→⇒]|,\s", text))
    found = (_WORDS_BEHIND.sub("", piece[start:end]) for piece in pieces for start, end in formulas(piece))
    return tuple(dict.fromkeys(formula for formula in found if "=" in formula))


def _latex(formula: str) -> str:
    """A formula of running text in LaTeX."""
    text = _RAISED.sub(lambda match: f"^{{{unicodedata.normalize('NFKC', match[0])}}}".replace("−", "-"), formula)
    text = _LOWERED.sub(lambda match: f"_{{{unicodedata.normalize('NFKC', match[0])}}}", text)
    text = re.sub(r"_(\w{2,})", r"_{\1}", text)
    return " ".join(text.translate(_SIGNS).split())
