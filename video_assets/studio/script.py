"""The script: what is shown and what is said, apart, and which word of one is which of the other."""

from __future__ import annotations

from .lesson import Code, PictureFile, Table
from .records import Frozen


class Token(Frozen):
    """A word of the author's text as captions show it, punctuation attached, markup removed."""

    shown: str
    space_before: bool = True
    offset: int
    """Index of its first character in the section's narration, as the author wrote it (markup included)."""


class SpokenWord(Frozen):
    """A word (or a few) given to the voice for one token. Several may belong to one token ("V_GS" -> "V", "G", "S")."""

    text: str
    """Plain text in the lesson's language; may end in one of `, . ; : ? !` (or CJK forms) that shapes the melody."""
    token: int
    emphasis: int = 0
    """0 none, 1 `*so*`, 2 `**so**`."""
    rate_percent: int = 100


class Pause(Frozen):
    """Silence the author asked for."""

    milliseconds: int


class Slide(Frozen):
    """What a section's picture shows, everything decided (layout included), nothing laid out yet."""

    layout: str
    """title, bullets, equation, code, table, picture, statement, diagram or end; never "auto"."""
    title: str = ""
    subtitle: str = ""
    bullets: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Short labels of a picture the author described ("V_GS", "drain"), for the diagram layout."""
    statement: str = ""
    equation: str = ""
    code: Code | None = None
    table: Table | None = None
    picture: PictureFile | None = None
    alt: str = ""
    footer: str = ""


class SectionScript(Frozen):
    id: str
    pointer: str
    line: int
    title: str
    """For the chapter; never empty."""
    tokens: tuple[Token, ...]
    speech: tuple[SpokenWord | Pause, ...]
    slide: Slide
