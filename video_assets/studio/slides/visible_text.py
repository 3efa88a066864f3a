"""The text of a narration as an audience reads it: without markup."""

from __future__ import annotations

from video_assets.studio.lesson.model import Section
from video_assets.studio.spoken.markup import parse

from .phrases.words import VisibleText


def visible_of(section: Section) -> VisibleText:
    """The section's narration without markup, and the parts that the author emphasised."""
    marked = parse(section.narration, place=section.pointer)
    emphasised: list[tuple[int, int]] = []
    for index, style in enumerate(marked.styles):
        if not style.emphasis:
            continue
        if emphasised and emphasised[-1][1] == index:
            emphasised[-1] = (emphasised[-1][0], index + 1)
        else:
            emphasised.append((index, index + 1))
    return VisibleText(marked.text, tuple(emphasised))
