"""The lesson: what an author writes, checked."""

from __future__ import annotations

from typing import Literal

from .records import Frozen

Layout = Literal["auto", "title", "bullets", "equation", "code", "table", "picture", "statement"]


class Code(Frozen):
    language: str = ""
    text: str


class Table(Frozen):
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]


class PictureFile(Frozen):
    path: str
    """As written, relative to the lesson's folder."""
    digest: str
    """SHA-256 of the file's bytes; the lesson's manifest snapshots them into the store."""


class Show(Frozen):
    """What the author asked to show in a section. All optional; `layout` "auto" chooses by what is there."""

    layout: Layout = "auto"
    bullets: tuple[str, ...] = ()
    equation: str = ""
    """LaTeX mathematics, without delimiters."""
    code: Code | None = None
    table: Table | None = None
    picture: PictureFile | None = None


class Section(Frozen):
    id: str
    pointer: str
    """JSON pointer of the section in the file, e.g. `/sections/3`."""
    line: int
    """Line of the file (from 1) at which the section's narration starts."""
    title: str = ""
    narration: str
    """The author's text with its markup."""
    image_description: str = ""
    alt: str = ""
    rate_percent: int = 100
    show: Show = Show()


class Lesson(Frozen):
    """A checked lesson."""

    title: str
    """The author's, else made from the file's name."""
    language: str = "en"
    """BCP 47 tag."""
    author: str = ""
    licence: str = ""
    credits: tuple[str, ...] = ()
    date: str = ""
    description: str = ""
    pronunciations: dict[str, str] = {}
    sections: tuple[Section, ...]
