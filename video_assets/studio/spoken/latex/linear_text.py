r"""A LaTeX formula of a narration as one line of text: `\frac{1}{2}mv^2` is `½mv²`.

Captions show the line, and the rules of formulas read it. Unknown LaTeX is an error that shows the place; nothing is
dropped. Does not belong here: typesetting for slides (`slides/equations`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from video_assets.studio.core.errors import EquationInvalid
from video_assets.studio.spoken.characters import SUBSCRIPTS, SUPERSCRIPTS

from .latex_tables import (
    BRACKET_SIZES_PERCENT,
    ESCAPED,
    FUNCTIONS,
    LIMIT_FUNCTIONS,
    NEGATIONS,
    SPACES,
    SYMBOLS,
    TEXTS,
)
from .latex_tokens import LatexToken, TokenCursor
from .line_parts import (
    VULGAR_FRACTIONS,
    LinePart,
    group_parts,
    has_sign,
    in_brackets,
    inner_parts,
    kind_of,
    leaf_parts,
    line_part,
    space_parts,
)


class LinearFormula(NamedTuple):
    """A formula in one line of text."""

    text: str
    offsets: tuple[int, ...]
    """The index in the LaTeX of the command or character that each character of `text` is made from."""
    factors: tuple[tuple[int, int], ...]
    """Start and end in `text` of each run of letters that are variables, not a word and not a function."""


_REMEDY = "Correct it, or write [what the class sees|what the voice says] instead."
_UP = {plain: raised for raised, plain in SUPERSCRIPTS.items() if len(plain) == 1}
_DOWN = {plain: lowered for lowered, plain in SUBSCRIPTS.items() if len(plain) == 1}
_ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "overrightarrow": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
}
_PLAIN_WRAPPERS = frozenset(
    ("mathbf", "boldsymbol", "bm", "mathit", "mathcal", "mathscr", "mathfrak", "mathsf", "mathtt", "boxed")
)
_BLACKBOARD = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ"}
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac"))
_BINOMIALS = frozenset(("binom", "dbinom", "tbinom"))
_WIDE_SPACES = frozenset(("quad", "qquad", "enspace", " ", ";"))
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_STYLES = frozenset(("displaystyle", "textstyle", "limits", "nolimits", "left", "right", "middle"))


def linear_text(latex: str, *, place: str, offset: int) -> LinearFormula:
    """`latex` (without delimiters) as one line of text.

    `offset` is the index of its first character in the narration. Raises EquationInvalid at `place`, with the number of
    the character in the narration, for anything that has no form in one line: matrices, lines, unknown commands.
    """
    parts = LatexLine(latex, place, offset).line()
    characters: list[str] = []
    offsets: list[int] = []
    factors: list[tuple[int, int]] = []
    for part in leaf_parts(parts):
        start = len(characters)
        characters += part.text
        offsets += part.offsets
        if part.kind in ("variable", "accented"):
            joined = factors and factors[-1][1] == start
            factors[-1:] = [(factors[-1][0], len(characters))] if joined else [*factors[-1:], (start, len(characters))]
    return LinearFormula("".join(characters), tuple(offsets), tuple(factors))


class LatexLine(TokenCursor):
    """A recursive-descent reader of one formula."""

    def __init__(self, latex: str, place: str, offset: int) -> None:
        super().__init__(latex, place)
        self._offset = offset

    def invalid(self, token: LatexToken, what: str, remedy: str = _REMEDY) -> EquationInvalid:
        """The error that says `what` is wrong at `token`, with its place in the narration."""
        around = self._latex[max(0, token.at - 12) : token.at + 18].replace("\n", " ")
        return EquationInvalid(
            f"The formula cannot be read aloud: {what}, character {self._offset + token.at + 1} of the narration, "
            f"in “{around}”.",
            remedy=remedy,
            place=self._place,
        )

    def line(self) -> list[LinePart]:
        """The parts of the whole formula."""
        parts = self._sequence()
        end = self.take()
        if end.kind == "close":
            raise self.invalid(end, "a } without its {")
        if end.kind in ("row", "align"):
            raise self.invalid(end, "a formula of several lines or columns")
        if end.kind != "end":
            raise self.invalid(end, f"a {end.text} without its beginning")
        return parts

    def _sequence(self, stop: str = "") -> list[LinePart]:
        """The parts up to the end of the formula, of a group, or of an option in square brackets."""
        parts: list[LinePart] = []
        while True:
            token = self.skip_spaces()
            if token.kind in ("end", "close", "align", "row") or (stop and token.text == stop and token.kind == "char"):
                return space_parts(parts)
            part = self._scripted(self._atom(self.take()))
            if part is not None:
                parts.append(part)

    def _atom(self, token: LatexToken) -> LinePart | None:
        if token.kind in ("sup", "sub"):
            self.step_back()
            return line_part("", token.at)
        with self.nested(token):
            if token.kind == "open":
                return self._group_after(token)
            return self._command(token) if token.kind == "command" else self._character(token)

    def _group_after(self, opening: LatexToken) -> LinePart:
        parts = self._sequence()
        end = self.take()
        if end.kind in ("row", "align"):
            raise self.invalid(end, "a formula of several lines or columns")
        if end.kind != "close":
            raise self.invalid(opening, "a { without its }")
        if [part.text for part in parts] == [","]:  # 1{,}000: the usual way to write a decimal comma
            return line_part(",", parts[0].offsets[0], "mark")
        return group_parts(parts) if parts else line_part("", opening.at)

    def _character(self, token: LatexToken) -> LinePart:
        text = token.text
        if token.kind != "char":
            raise self.invalid(token, "a symbol is missing" if not text else f"“{text}” where a symbol was expected")
        if text.isascii() and text.isdigit():
            return self._number(token)
        if text == "'":
            return line_part("′", token.at, "mark")
        if text == "~":
            return line_part(" ", token.at, "space")
        if text in '$#"\\%':
            raise self.invalid(token, f"a bare {text}")
        shown = {"-": "−", "*": "*"}.get(text, text)
        return line_part(shown, token.at, kind_of(shown))

    def _number(self, first: LatexToken) -> LinePart:
        digits, offsets = first.text, [first.at]
        while (token := self.peek()).kind == "char":
            point = token.text in ".," and self.peek(1).text.isdigit() and self.peek(1).kind == "char"
            if not point and not token.text.isdigit():
                break
            digits += self.take().text
            offsets.append(token.at)
        return LinePart(digits, tuple(offsets), "number")

    def _argument(self, owner: LatexToken) -> LinePart:
        token = self.skip_spaces()
        if token.kind in ("end", "close", "align", "row", "sup", "sub"):
            raise self.invalid(owner, f"{self._latex[owner.at : owner.at + 12]!r} lacks what belongs to it")
        self.take()
        if token.kind == "char" and token.text.isdigit():  # \frac12 takes one digit each
            return line_part(token.text, token.at, "number")
        return self._atom(token) or line_part("", token.at)

    def _raw(self, owner: LatexToken) -> LinePart:
        r"""The characters of the { } group after `\text`."""
        if self.skip_spaces().kind != "open" or self._holds_scripts():
            return self._argument(owner)
        self.take()
        text, offsets, depth = "", [], 1
        while True:
            token = self.take()
            depth += {"open": 1, "close": -1}.get(token.kind, 0)
            if token.kind == "end":
                raise self.invalid(owner, f"the {{ of \\{owner.text} has no }}")
            if depth == 0:
                kind = "function" if owner.text.startswith("operatorname") else "word"
                return LinePart(text, tuple(offsets), "variable" if len(text) == 1 and text.isalpha() else kind)
            if token.kind in ("open", "close"):
                continue
            shown = " " if token.kind == "space" or token.text == "~" or token.text in SPACES else token.text
            if token.kind == "command" and token.text not in SPACES:
                shown = ESCAPED.get(token.text) or SYMBOLS.get(token.text) or ""
                if not shown:
                    raise self.invalid(token, f"\\{token.text} inside text")
            text += shown
            offsets += [token.at] * len(shown)

    def _holds_scripts(self) -> bool:
        r"""Whether the group that is next has scripts: `\mathrm{H_2O}` is a formula, not a text."""
        ahead = 0
        while (token := self.peek(ahead)).kind not in ("close", "end"):
            if token.kind in ("sup", "sub"):
                return True
            ahead += 1
        return False

    # Scripts ---------------------------------------------------------------------------------------------------------

    def _scripted(self, base: LinePart | None) -> LinePart | None:
        """`base` with the primes and scripts after it: the lower one first, as the voice reads it."""
        if base is None:
            return None
        lower: tuple[LatexToken, LinePart] | None = None
        upper: tuple[LatexToken, LinePart] | None = None
        primes: list[LinePart] = []
        while (token := self.skip_spaces()).kind in ("sup", "sub") or token.text in ("'", "limits", "nolimits"):
            self.take()
            if token.text == "'":
                primes.append(line_part("′", token.at, "mark"))
            elif token.kind in ("sup", "sub"):
                with self.nested(token):
                    script = (token, self._argument(token))
                if (upper if token.kind == "sup" else lower) is not None:
                    raise self.invalid(token, "two scripts of one kind on one symbol")
                upper, lower = (script, lower) if token.kind == "sup" else (upper, script)
        if not primes and upper is None and lower is None:
            return base
        scripts = [
            *primes,
            *(self._lowered(*lower, base) if lower else ()),
            *(self._raised(*upper, base) if upper else ()),
        ]
        kind = base.kind if base.kind in ("big", "function", "close") else "scripted"
        return group_parts((base, *scripts), kind)

    def _lowered(self, token: LatexToken, script: LinePart, base: LinePart) -> tuple[LinePart, ...]:
        plain = script.text.replace(" ", "")
        if script.kind != "word" and all(character in _DOWN for character in plain) and len(plain) <= 6:
            return (line_part("".join(_DOWN[character] for character in plain), token.at, "script"),)
        bare = plain.isascii() and plain.isalnum() and base.kind != "big"
        return (line_part(f"_{plain}" if bare else f"_({script.text})", token.at, "script"),)

    def _raised(self, token: LatexToken, script: LinePart, base: LinePart) -> tuple[LinePart, ...]:
        plain = script.text.replace(" ", "")
        if plain in ("∘", "°"):
            return (line_part("°", token.at, "mark"),)
        if plain in ("*", "∗"):
            return (line_part("⁎", token.at, "mark"),)
        if re.fullmatch("′+", plain):
            return (line_part(plain, token.at, "mark"),)
        small = len(plain) <= 4 and re.fullmatch(r"[+−]?\d*[a-zT]?|\d*[+−]", plain)
        if small and all(character in _UP for character in plain):
            return (line_part("".join(_UP[character] for character in plain), token.at, "script"),)
        return (
            line_part("^(", token.at, "script"),
            *inner_parts(script),
            line_part(")", script.offsets[-1] if script.offsets else token.at, "script"),
        )

    # Commands --------------------------------------------------------------------------------------------------------

    def _command(self, token: LatexToken) -> LinePart | None:
        name = token.text
        if name in SYMBOLS or name in ESCAPED:
            character = SYMBOLS.get(name) or ESCAPED[name]
            return line_part(character, token.at, kind_of(character))
        if name in SPACES:
            return line_part(" ", token.at, "space" if name in _WIDE_SPACES else "thin")
        if name in FUNCTIONS or name in LIMIT_FUNCTIONS or name in ("bmod", "mod"):
            return line_part(
                {"bmod": "mod"}.get(name) or FUNCTIONS.get(name) or LIMIT_FUNCTIONS[name], token.at, "function"
            )
        if name in TEXTS:
            return self._raw(token)
        if name in _ACCENTS:
            return self._accented(token)
        if name in _PLAIN_WRAPPERS:
            return self._argument(token)
        if name in _STYLES or name.rstrip("lrm") in BRACKET_SIZES_PERCENT or name in BRACKET_SIZES_PERCENT:
            return self._sized(token)
        return self._special(token)

    def _special(self, token: LatexToken) -> LinePart | None:
        readers: dict[str, Callable[[LatexToken], LinePart]] = {
            "sqrt": self._root,
            "mathbb": self._blackboard,
            "pmod": self._modulus,
            "not": self._negated,
            **dict.fromkeys(_FRACTIONS, self._fraction),
            **dict.fromkeys(_BINOMIALS, self._binomial),
        }
        if token.text not in readers:
            what = "a matrix or lines" if token.text == "begin" else f"the command \\{token.text}"
            raise self.invalid(token, f"{what} cannot be written in one line")
        return readers[token.text](token)

    def _sized(self, token: LatexToken) -> LinePart | None:
        r"""Nothing for `\left`, `\big` and their like: the bracket after them is an atom. A full stop is no bracket."""
        if token.text in ("left", "right", "middle") and self.skip_spaces().text == "." and self.peek().kind == "char":
            self.take()
        return None

    def _accented(self, token: LatexToken) -> LinePart:
        mark, base = _ACCENTS[token.text], self._argument(token)
        letters = base.text
        pair = len(letters) == 2 and letters.isupper() and token.text in ("vec", "overrightarrow")
        if not pair and (len(letters) != 1 or not letters.isalpha()):
            raise self.invalid(token, f"\\{token.text} over more than one letter")
        return LinePart(letters + mark, (*base.offsets, base.offsets[-1]), "accented")

    def _blackboard(self, token: LatexToken) -> LinePart:
        base = self._argument(token)
        return LinePart(_BLACKBOARD.get(base.text, base.text), base.offsets, base.kind)

    def _modulus(self, token: LatexToken) -> LinePart:
        inner = self._argument(token)
        close = line_part(")", inner.offsets[-1] if inner.offsets else token.at, "close")
        return group_parts((line_part("(mod ", token.at, "open"), inner, close), "aside")

    def _negated(self, token: LatexToken) -> LinePart:
        after = self._atom(self.take())
        if after is None or after.text not in NEGATIONS:
            raise self.invalid(token, "\\not before something that has no negated form")
        return LinePart(NEGATIONS[after.text], after.offsets, "relation")

    def _root(self, token: LatexToken) -> LinePart:
        index = ""
        if self.skip_spaces().text == "[":
            self.take()
            index = "".join(part.text for part in self._sequence("]"))
            self.take()
        if index not in _ROOTS:
            raise self.invalid(token, f"a root of the order {index}", f"Write it as a power: x^{{1/{index}}}.")
        body = self._argument(token)
        return group_parts((line_part(_ROOTS[index], token.at, "sign"), *in_brackets(body)), "scripted")

    def _fraction(self, token: LatexToken) -> LinePart:
        above, below = self._argument(token), self._argument(token)
        vulgar = VULGAR_FRACTIONS.get(f"{above.text}/{below.text}")
        if vulgar:
            return line_part(vulgar, token.at, "number")
        bar = line_part("/", below.offsets[0] if below.offsets else token.at, "sign")
        top = (above,) if not has_sign(above) else in_brackets(above)
        return group_parts((*top, bar, *in_brackets(below)), "fraction")

    def _binomial(self, token: LatexToken) -> LinePart:
        above, below = self._argument(token), self._argument(token)
        parts = (
            line_part("C(", token.at, "open"),
            above,
            line_part(", ", below.offsets[0] if below.offsets else token.at, "sign"),
            below,
        )
        return group_parts(
            (*parts, line_part(")", parts[-1].offsets[-1] if below.offsets else token.at, "close")), "scripted"
        )
