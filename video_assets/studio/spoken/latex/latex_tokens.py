"""The tokens of a LaTeX equation, and a cursor over them that limits nesting and makes the errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from video_assets.studio.core.errors import EquationInvalid

MOST_NESTED = 40
"""Levels of commands, scripts, braces and brackets inside each other. The parser here and Typst's are recursive. A
slide with more than five or six levels cannot be read anyway."""


class LatexToken(NamedTuple):
    """A token of LaTeX; `at` is the index of its first character in the equation."""

    kind: str
    """command, open, close, sup, sub, align, row, space, char or end."""
    text: str
    at: int


_LEX = re.compile(
    r"(?P<row>\\\\(?:\[-?[\d.]+(?:pt|em|ex|mm|cm)\])?)|(?P<command>\\(?:[A-Za-z]+\*?|.))|(?P<open>\{)|(?P<close>\})|(?P<sup>\^)|(?P<sub>_)"
    r"|(?P<align>&)|(?P<space>\s+)|(?P<char>.)",
    re.DOTALL,
)


def tokenise_latex(latex: str) -> list[LatexToken]:
    """The tokens of `latex`, which cover it completely, and one of the kind `end`."""
    found = []
    for match in _LEX.finditer(latex):
        kind, text = str(match.lastgroup), match.group()
        if kind == "command":
            text = text[1:]
            starred = text.endswith("*") and text not in ("operatorname*", "*")
            if starred:  # `\alpha*x`: the star does not belong to the command
                found += [LatexToken("command", text[:-1], match.start()), LatexToken("char", "*", match.end() - 1)]
                continue
        found.append(LatexToken(kind, text, match.start()))
    found.append(LatexToken("end", "", len(latex)))
    return found


class TokenCursor:
    """A position in the tokens of one equation. `depth` is the number of levels of nesting at this position."""

    def __init__(self, latex: str, place: str) -> None:
        self._latex = latex
        self._place = place
        self._tokens = tokenise_latex(latex)
        self._next = 0
        self.depth = 0

    def peek(self, ahead: int = 0) -> LatexToken:
        """The token `ahead` places after the next one, without a change of position."""
        return self._tokens[self._next + ahead]

    def take(self) -> LatexToken:
        """The next token; the position moves behind it."""
        token = self._tokens[self._next]
        self._next += 1
        return token

    def step_back(self) -> None:
        """Make the token that was taken last the next one again."""
        self._next -= 1

    def skip_spaces(self) -> LatexToken:
        """The next token that is not a space; the position moves to it."""
        while self.peek().kind == "space":
            self.take()
        return self.peek()

    def is_first(self, token: LatexToken) -> bool:
        """Whether only spaces come before `token`."""
        return not self._latex[: token.at].strip()

    def invalid(
        self, token: LatexToken, what: str, remedy: str = "Correct it, or write it with other commands."
    ) -> EquationInvalid:
        """The error that says `what` is wrong at `token`: with its character's number (from 1) and the text around."""
        around = self._latex[max(0, token.at - 12) : token.at + 18].replace("\n", " ")
        return EquationInvalid(
            f"The equation does not parse at character {token.at + 1}: {what}, in “{around}”.",
            remedy=remedy,
            place=self._place,
        )

    @contextmanager
    def nested(self, token: LatexToken) -> Iterator[None]:
        """One level of nesting, which begins at `token`. Every recursive call of the parser must be inside one.

        Raises EquationInvalid for more than MOST_NESTED levels.
        """
        self.check_depth(token, self.depth + 1)
        self.depth += 1
        yield
        self.depth -= 1

    def check_depth(self, token: LatexToken, depth: int) -> None:
        """Raise EquationInvalid at `token` if `depth` is more than MOST_NESTED."""
        if depth > MOST_NESTED:
            raise self.invalid(
                token,
                f"more than {MOST_NESTED} levels are nested in each other",
                "Look for a brace or bracket that was not closed, or write the inner part as a symbol of its own.",
            )
