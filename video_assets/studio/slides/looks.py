"""The states of a slide that are painted."""

from __future__ import annotations

from video_assets.studio.lesson.script import SectionScript, Slide, SlideLook

from .parts import parts_of


def looks_of(section: SectionScript) -> tuple[SlideLook, ...]:
    """The distinct states that the slide of `section` goes through, in order of their first use."""
    return tuple(dict.fromkeys(cue.look for cue in section.cues))


def looks_for(slide: Slide, looks: tuple[SlideLook, ...]) -> tuple[SlideLook, ...]:
    """`looks`, if they are states of `slide`; none if they were planned for another slide, as for a painted picture."""
    known = {part.id for part in parts_of(slide)}
    return looks if all(known >= {*look.shown, *look.marked} for look in looks) else ()
