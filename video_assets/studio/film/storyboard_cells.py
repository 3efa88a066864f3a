"""The cells of a storyboard: the slide of each section, and its states with their times.

Before a film exists, the times are expected ones. Does not belong here: drawing the sheet (`slides.storyboard`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from types import MappingProxyType

from PIL import Image

from video_assets.studio.core.quantities import format_clock
from video_assets.studio.lesson.script import SectionScript, SlideLook, SpokenWord, expected_seconds
from video_assets.studio.pictures.decode import decode_picture
from video_assets.studio.pictures.states import StatePatch, with_patch
from video_assets.studio.pipeline.manifests import (
    LessonManifest,
    PictureEntry,
    PictureManifest,
    ScriptManifest,
    Sources,
)
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.storyboard import Cell
from video_assets.studio.storage.store import Store
from video_assets.studio.timeline import Timeline

from .slide_changes import TimedLook, timed_looks

MOST_CELLS = 60
"""Of a sheet. With more, the pictures would be too coarse at the size that a web page can embed."""

Moment = tuple[Fraction, SlideLook]
"""Seconds, and the state that begins then."""


def expected_cells(
    pictures: PictureManifest,
    script: ScriptManifest,
    lesson: LessonManifest,
    store: Store,
    lengths: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Cell, ...]:
    """The cells before a film exists. The times are those that the words are expected at, in their section.

    `lengths` has what is known of the length of a section, by its id.
    """
    entries = {entry.id: entry for entry in pictures.sections}
    sections = [section for section in script.sections if section.id in entries]
    moments = [tuple(_expected(section, lesson)) for section in sections]
    cells: list[Cell] = []
    for section, states in zip(sections, _shortened(moments), strict=True):
        entry = entries[section.id]
        cells.append(Cell(store.read(entry.picture.id), section.title, lengths.get(section.id, "")))
        cells += _state_cells(section, entry, states, store, lambda seconds: f"about {float(seconds):.0f} s")
    return tuple(cells)


def film_cells(sources: Sources, timeline: Timeline, store: Store) -> tuple[Cell, ...]:
    """The cells of a film, with the times at which its sections and their states begin."""
    entries = {entry.id: entry for entry in sources.pictures.sections}
    scripts = {section.id: section for section in sources.script.sections}
    placed = [(scripts[part.id], part, where.start_frame) for where, part in timeline.sections()]
    rate = timeline.frame_rate
    moments = [
        tuple(_moments(timed_looks(script.cues, script.tokens, part.times, part.plan, rate), start, rate))
        for script, part, start in placed
    ]
    cells: list[Cell] = []
    for (script, _, start), states in zip(placed, _shortened(moments), strict=True):
        entry = entries[script.id]
        cells.append(Cell(store.read(entry.picture.id), script.title, format_clock(start / rate)))
        cells += _state_cells(script, entry, states, store, format_clock)
    return tuple(cells)


def _moments(looks: Sequence[TimedLook], start: int, rate: Fraction) -> Iterator[Moment]:
    return ((Fraction(start + look.frame) / rate, look.look) for look in looks)


def _expected(section: SectionScript, lesson: LessonManifest) -> Iterator[Moment]:
    for cue in section.cues:
        ends = [
            n for n, piece in enumerate(section.speech) if isinstance(piece, SpokenWord) and piece.token >= cue.token
        ]
        before = section.speech[: ends[0]] if ends else section.speech
        rate_percent = lesson.settings.rate_percent
        yield expected_seconds(before, rate_percent, language=lesson.lesson.language), cue.look


def _shortened(moments: Sequence[tuple[Moment, ...]]) -> tuple[tuple[Moment, ...], ...]:
    """Of each section the moments at which something appears, and of those as many as the sheet has room for."""
    room = max(MOST_CELLS - len(moments), 0) // max(len(moments), 1)
    return tuple(_spread(tuple(_appearances(states)), room) for states in moments)


def _appearances(states: Sequence[Moment]) -> Iterator[Moment]:
    shown: frozenset[str] = frozenset()
    for seconds, look in states:
        if not shown >= frozenset(look.shown):
            yield seconds, look
        shown |= frozenset(look.shown)


def _spread(states: Sequence[Moment], room: int) -> tuple[Moment, ...]:
    if len(states) <= room:
        return tuple(states)
    return tuple(states[number * len(states) // room] for number in range(room))


def _state_cells(
    section: SectionScript,
    entry: PictureEntry,
    states: Sequence[Moment],
    store: Store,
    time_text: Callable[[Fraction], str],
) -> Iterator[Cell]:
    painted = {state.look: state for state in entry.states}
    texts = {part.id: next(iter(part.texts), "") for part in parts_of(section.slide)}
    before: set[str] = set()
    whole = decode_picture(store.read(entry.picture.id)) if painted and states else None
    for seconds, look in states:
        state = painted.get(look)
        if state is None or whole is None:
            continue
        pixels = with_patch(whole, StatePatch(state.x_px, state.y_px, store.read(state.patch.id)))
        picture = BytesIO()
        Image.fromarray(pixels).save(picture, "PNG", compress_level=0)
        new = [texts[part] for part in look.shown if part not in before and texts.get(part)]
        yield Cell(picture.getvalue(), f"+ {'; '.join(new)}", time_text(seconds))
        before |= set(look.shown)
