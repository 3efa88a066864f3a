"""The checked lesson, from which all results are made.

Does not belong here: the format of lesson files (`format`), or the meaning of the narration's markup (`script`).
"""

from __future__ import annotations

from pydantic import Field

from video_assets.studio.core.settings import PictureMotion, Reveal
from video_assets.studio.core.values import FrozenModel

from .diagrams import Diagram
from .format import Layout


class Code(FrozenModel):
    """Program text to show."""

    language: str = ""
    text: str


class Table(FrozenModel):
    """A table to show. All rows have the same length as the header, if there is one."""

    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]


class PictureFile(FrozenModel):
    """A picture that the author provided."""

    path: str
    """The path as written in the lesson, relative to the lesson's folder."""
    digest: str
    """SHA-256 of the file's bytes. The stage `lesson` stores these bytes with the lesson's manifest."""
    painted: bool = Field(default=False, exclude_if=lambda painted: not painted)
    """Whether an illustration provider made it. Such a picture may lose a little at its edges."""
    focus: tuple[float, float] | None = Field(default=None, exclude_if=lambda focus: focus is None)
    """What matters most: shares of its width from its left and of its height from its top. None: its middle."""


class PictureLabel(FrozenModel):
    """A label over a picture, with a line to the place that it names."""

    text: str
    at: tuple[float, float]
    """The place: shares of the picture's width from its left and of its height from its top, each 0 to 1."""


class RecordingFile(FrozenModel):
    """The author's own voice for one section."""

    path: str
    """The path as written in the lesson, relative to the lesson's folder."""
    digest: str
    """SHA-256 of the file's bytes. The stage `lesson` stores these bytes with the lesson's manifest."""


class Show(FrozenModel):
    """The content that the author gave for a section's slide, all optional. `layout` "auto" chooses by this content."""

    layout: Layout = "auto"
    bullets: tuple[str, ...] = ()
    equation: str = ""
    """LaTeX mathematics, without delimiters."""
    code: Code | None = None
    table: Table | None = None
    picture: PictureFile | None = None
    labels: tuple[PictureLabel, ...] = Field(default=(), exclude_if=lambda labels: not labels)
    """Labels over the picture."""
    diagram: Diagram | None = Field(default=None, exclude_if=lambda diagram: diagram is None)


class Section(FrozenModel):
    """A part of the film with one narration and one slide."""

    id: str
    """The author's id, or else one made from the description. Inserting or moving sections does not change it."""
    pointer: str
    """The JSON pointer of the section in the file, e.g. `/sections/3`."""
    line: int
    """The line of the file (from 1) at which the section's narration starts."""
    title: str = ""
    narration: str
    """The text with its markup; empty if a writing provider has still to write it from `notes`."""
    notes: str = Field(default="", exclude_if=lambda notes: not notes)
    """The author's notes for a narration that a writing provider writes."""
    image_description: str = ""
    alt: str = ""
    rate_percent: int = 100
    """Speaking rate in percent of the lesson's rate."""
    show: Show = Show()
    reveal: Reveal | None = Field(default=None, exclude_if=lambda reveal: reveal is None)
    """When the parts of the slide appear: each when it is spoken of, or all from the start. None: as the lesson's
    setting says."""
    picture_motion: PictureMotion | None = Field(default=None, exclude_if=lambda motion: motion is None)
    """Whether the camera moves over the picture. None: as the lesson's setting says."""
    recording: RecordingFile | None = Field(default=None, exclude_if=lambda recording: recording is None)
    """The author's voice, which says the narration; None if a voice speaks it."""


class Lesson(FrozenModel):
    """A checked lesson."""

    title: str
    """The author's title, or else one made from the file's name."""
    language: str = "en"
    """BCP 47 tag."""
    author: str = ""
    licence: str = ""
    credits: tuple[str, ...] = ()
    date: str = ""
    description: str = ""
    logo: PictureFile | None = None
    pronunciations: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, str | bool | int | float] = Field(default_factory=dict)
    """The settings that the lesson gives, by the names of Settings."""
    sections: tuple[Section, ...]
