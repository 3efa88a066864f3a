r"""Typesetting an equation: the LaTeX of an author, checked and converted to Typst mathematics.

Unknown LaTeX is an error that shows the place; nothing is dropped. The result contains only names from the tables,
single letters, digits and escaped characters (`\u{…}`), so that no text of an author can become Typst code. Does not
belong here: type sizes, or anything that is not mathematics.
"""

from __future__ import annotations

from typing import NamedTuple

from video_assets.studio.core.errors import EquationInvalid

from .latex_parser import LatexParser
from .typst_pieces import align, break_at_relations, join, split_at_relation


class Equation(NamedTuple):
    """An equation as Typst mathematics, in one line and broken into several."""

    source: str
    broken: str
    """The same with a line for each step of a deduction, else for each relation; "" if it cannot be broken."""


def typeset_latex(latex: str, place: str = "/equation") -> Equation:
    """`latex` as Typst mathematics for a displayed equation. Delimiters such as `$$` around it are removed.

    Raises EquationInvalid at `place`, with the number of the character (from 1) and the piece that does not parse. More
    than `latex_tokens.MOST_NESTED` levels of nesting are an error too. The work grows linearly with the length of the
    equation, whatever it contains.
    """
    text = without_delimiters(latex.strip())
    if not text:
        raise EquationInvalid("The equation is empty.", remedy="Write it, or leave the key out.", place=place)
    lines = LatexParser(text, place).equation()
    if len(lines) > 1 or len(lines[0]) > 1:
        return Equation(align(lines), "")
    pieces = lines[0][0]
    return Equation(join(pieces), break_at_relations(pieces))


def sides_of(latex: str, place: str = "/equation") -> tuple[str, str]:
    """`latex` as Typst mathematics in two parts: what stands before its first relation (or first `&`), and the rest.

    The first is empty for a line that starts with a relation, or has none. Raises EquationInvalid.
    """
    lines = LatexParser(without_delimiters(latex.strip()), place).equation()
    if len(lines) > 1:
        return "", align(lines)
    if len(lines[0]) > 1:
        first, *rest = (join(column) for column in lines[0])
        return first, " ".join(rest)
    return split_at_relation(lines[0][0])


def without_delimiters(text: str) -> str:
    """`text` without one pair of the delimiters that mark an equation, such as `$$`, if it has them."""
    for before, after in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        inside = text[len(before) : len(text) - len(after)]
        if (
            len(text) >= len(before + after)
            and text.startswith(before)
            and text.endswith(after)
            and before not in inside
        ):
            return inside.strip()
    return text
