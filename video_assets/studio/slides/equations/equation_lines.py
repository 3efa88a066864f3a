r"""The lines of an equation of several lines, which a slide shows one after the other.

Does not belong here: breaking a line that is too long (`typst_pieces`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.core.errors import EquationInvalid
from video_assets.studio.spoken.latex.latex_tables import ROW_ENVIRONMENTS
from video_assets.studio.spoken.latex.latex_tokens import tokenise_latex

from .latex_parser import LatexParser
from .latex_to_typst import without_delimiters
from .typst_pieces import join

_ENVIRONMENT = re.compile(r"\\begin\{(?P<name>[a-z]+\*?)\}(?P<inside>.*)\\end\{(?P=name)\}", re.DOTALL)
MOST_LINES = 12


class EquationLine(NamedTuple):
    """A line of an equation."""

    latex: str
    """As the author wrote it, without the marks of columns."""
    columns: tuple[str, ...]
    """Typst mathematics of each column; the columns of all lines are aligned in turn to the right and to the left."""


@lru_cache(maxsize=256)
def equation_lines(latex: str) -> tuple[EquationLine, ...]:
    r"""The lines of `latex`: those that `\\` separates, also inside `aligned` and its like.

    Empty for an equation of one line, of more than MOST_LINES, with a line that has no meaning by itself, or with an
    error, which `typeset_latex` reports.
    """
    texts = _separate_lines(without_delimiters(latex.strip()))
    if not 2 <= len(texts) <= MOST_LINES:
        return ()
    try:
        return tuple(map(_line, texts))
    except EquationInvalid:
        return ()


def _line(text: str) -> EquationLine:
    columns = tuple(join(column) for column in LatexParser(text, "").equation()[0])
    if not any(columns):
        raise EquationInvalid("The line is empty.", remedy="Leave it out.", place="")
    return EquationLine(re.sub(r"(?<!\\)&", " ", text).strip(), columns)


def _separate_lines(text: str) -> list[str]:
    whole = _ENVIRONMENT.fullmatch(text)
    if whole and whole["name"] in ROW_ENVIRONMENTS:
        text = whole["inside"]
    breaks = _breaks(text)
    if breaks is None:
        return []
    starts, ends = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)]
    lines = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return lines[:-1] if not lines[-1].strip() else lines


def _breaks(text: str) -> list[tuple[int, int]] | None:
    r"""The places [start, end) of each `\\` outside of braces and environments; None if these do not pair."""
    depth, found = 0, []
    for token in tokenise_latex(text):
        command = token.text if token.kind == "command" else ""
        if token.kind == "open" or command in ("begin", "left"):
            depth += 1
        elif token.kind == "close" or command in ("end", "right"):
            depth -= 1
        elif token.kind == "row" and depth == 0:
            found.append((token.at, token.at + len(token.text)))
        if depth < 0:
            return None
    return None if depth else found
