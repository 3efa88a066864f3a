"""Pieces of Typst mathematics: escaping, paired brackets, tables, and where a long equation may be broken."""

from __future__ import annotations

import itertools
from typing import NamedTuple, TypeAlias

from video_assets.studio.spoken.latex.latex_tables import IMPLICATIONS, OPENERS, RELATIONS, SPACES


def escape(character: str) -> str:
    """One character as Typst mathematics without a special meaning."""
    if character.isascii() and character.isalnum():
        return character
    return f"\\u{{{ord(character):x}}}"


RELATION_SOURCES = frozenset(escape(character) for character in RELATIONS)
_ASIDES = ("quad", "wide", 'class("normal", "')
"""A condition or a remark follows these. A relation in it is no place to break the equation."""
_BARS = (escape("|"), escape("‖"))


def escape_string(text: str) -> str:
    """`text` for the inside of a Typst string literal."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


class TypstPiece(NamedTuple):
    """The Typst source of one atom and, if the atom is a single character, that character."""

    source: str
    character: str = ""


Rows: TypeAlias = list[list[list[TypstPiece]]]
"""Rows of columns of pieces."""


def pair_brackets(pieces: list[TypstPiece], opened: list[tuple[int, str]]) -> None:
    """If the last piece closes the last opened bracket, join both and the part between, so that they scale with it.

    Changes `pieces` and `opened`: for each open bracket, its index in `pieces` and the bracket that closes it.
    """
    last = pieces[-1].character
    if last in OPENERS:
        opened.append((len(pieces) - 1, OPENERS[last]))
        return
    closed = pieces[-1].source[:6] in ("\\u{29}", "\\u{5d}")  # a closing bracket, with or without scripts
    if not closed or not opened:
        return
    start, wanted = opened.pop()
    script = pieces[-1].source[6:]
    if pieces[-1].source[:6] != escape(wanted):  # a half-open interval
        return
    inside = join([pieces[start], *pair_bars(pieces[start + 1 : -1])])
    pieces[start:] = [TypstPiece(f"lr({inside} {escape(wanted)}){script}")]


def pair_bars(pieces: list[TypstPiece]) -> list[TypstPiece]:
    """`pieces`, changed in place, with each two bars as a pair of brackets.

    A single bar is a relation: "given" or "such that".
    """
    for bar in _BARS:
        places = [i for i, piece in enumerate(pieces) if piece.source.startswith(bar)]
        if len(places) == 1 and pieces[places[0]].source == bar:
            pieces[places[0]] = TypstPiece(f'class("relation", {bar})')
        if len(places) % 2:
            continue
        for start, end in reversed(list(zip(places[::2], places[1::2], strict=True))):
            script = pieces[end].source.removeprefix(bar)
            pieces[start : end + 1] = [TypstPiece(f"lr({bar} {join(pieces[start + 1 : end])} {bar}){script}")]
    return pieces


def join(pieces: list[TypstPiece]) -> str:
    """The source of `pieces` in a row."""
    return " ".join(piece.source for piece in pieces)


def matrix_cells(rows: Rows) -> str:
    """`rows` as the arguments of Typst's `mat`; short rows get empty cells at their end."""
    width = max(len(row) for row in rows)
    return "; ".join(", ".join([*(join(c) or '""' for c in row), *['""'] * (width - len(row))]) for row in rows)


def align(rows: Rows, *, display: bool = False, between: str = " \\ ") -> str:
    """`rows` as lines aligned at their columns, with `between` between the lines."""
    style = "display({})" if display else "{}"
    return between.join(" & ".join(style.format(join(column)) if column else "" for column in row) for row in rows)


def break_at_relations(pieces: list[TypstPiece]) -> str:
    """`pieces` with a new line before each relation but the first, aligned at the relations; "" for fewer than two.

    If there are arrows from one statement to the next, each statement has a line instead.
    """
    arrows = [i for i, piece in enumerate(pieces) if piece.character in IMPLICATIONS and 0 < i < len(pieces) - 1]
    if arrows:
        return _statements(pieces, arrows)
    condition = next((i for i, piece in enumerate(pieces) if piece.source.startswith(_ASIDES)), len(pieces))
    places = [i for i, piece in enumerate(pieces[:condition]) if piece.character in RELATIONS and i > 0]
    if len(places) < 2:
        return ""
    cuts = [*places[1:], len(pieces)]
    first = f"{join(pieces[: places[0]])} & {join(pieces[places[0] : cuts[0]])}"
    rest = [f"& {join(pieces[start:end])}" for start, end in itertools.pairwise(cuts)]
    return " \\ ".join([first, *rest])


def split_at_relation(pieces: list[TypstPiece]) -> tuple[str, str]:
    """The sources of what stands before the first relation in `pieces`, and of the rest; see `sides_of`.

    An arrow in front ("so") belongs to what follows it.
    """
    start = 1 if pieces and pieces[0].character in IMPLICATIONS else 0
    place = next((i for i, piece in enumerate(pieces) if i >= start and piece.character in RELATIONS), start)
    return join(pieces[:place]), join(pieces[place:])


def _statements(pieces: list[TypstPiece], arrows: list[int]) -> str:
    """A line for each of the statements between the arrows at the indices `arrows`, with its arrow in front."""
    first = f"& {join(_trim_spaces(pieces[: arrows[0]]))}"
    ends = itertools.pairwise([*arrows, len(pieces)])
    rest = [f"{pieces[start].source} quad & {join(_trim_spaces(pieces[start + 1 : end]))}" for start, end in ends]
    return " \\ ".join([first, *rest])


def _trim_spaces(pieces: list[TypstPiece]) -> list[TypstPiece]:
    """`pieces` without the spaces at both ends."""
    solid = [i for i, piece in enumerate(pieces) if piece.source not in SPACES.values()]
    return pieces[solid[0] : solid[-1] + 1] if solid else []
