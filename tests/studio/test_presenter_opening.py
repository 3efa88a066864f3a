"""The setting `presenter_opening`: large at the beginning and at the end of a film, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.studio import Made, Studio
from tests.portraits import Portraits
from video_assets.studio.core.settings import DEFAULTS
from video_assets.studio.lesson.script import Slide
from video_assets.studio.media.probe import decode_frame
from video_assets.studio.pictures.provider import opening_sections, section_place

OPEN = {"presenter_opening": "yes"}
NO_CARDS = {"title_card_ms": "0", "end_card_ms": "0"}
POINTS = {"bullets": ["A closed switch", "A bright lamp"]}
TABLE = {"table": {"header": ["A", "B"], "rows": [["1", "2"]]}}


@pytest.fixture
def lesson(studio: Studio) -> Studio:
    """A lesson of three sections with points."""
    studio.write([{**each, **POINTS} for each in (studio.lamp, studio.battery, studio.copper)])
    return studio


def _widths(made: Made) -> list[int]:
    boxes = [entry.stage.presenter for entry in made.pictures.manifest.sections]
    return [box.width if box else 0 for box in boxes]


def _made_clips(made: Made) -> list[str]:
    return [row.section for row in made.clips.rows if row.made]


def _moving(file: Path, first: int, frames: int, rows: slice) -> float:
    """The share of the pixels in `rows` that change within `frames` frames from `first` on."""
    shown = np.stack([decode_frame(file, first + index).astype(int)[rows] for index in range(frames)])
    return float((np.ptp(shown, axis=0).max(axis=2) > 12).mean())


@given(count=st.integers(0, 6), wanted=st.booleans(), place=st.sampled_from(["corner", "side", "full", "absent"]))
def test_only_edges_open_and_only_with_a_presenter(count: int, wanted: bool, place: str) -> None:
    """A teacher would get a large presenter in the middle of an explanation, or one who was to be absent."""
    ids = [f"s{number}" for number in range(count)]
    settings = DEFAULTS.model_copy(update={"presenter_opening": wanted, "presenter_place": place})
    expected = {ids[0], ids[-1]} if ids and wanted and place != "absent" else set()
    assert opening_sections(ids, settings) == expected


@pytest.mark.parametrize("place", ["corner", "side", "absent"])
def test_a_slide_without_room_keeps_its_place(place: str) -> None:
    """A learner would find a picture squeezed under the presenter, or into a panel that nobody asked for."""
    settings = DEFAULTS.model_copy(update={"presenter_opening": True, "presenter_place": place})
    assert section_place(Slide(layout="picture"), settings, opens=True) == place
    assert section_place(Slide(layout="bullets", bullets=("x",) * 5), settings, opens=True) == place
    assert section_place(Slide(layout="statement", statement="x"), settings, opens=True) == "full"


def test_the_film_shows_the_presenter_large_at_both_ends(lesson: Studio) -> None:
    """Viewers would be welcomed by a face of a few pixels in a corner, as without the setting."""
    made = lesson.make({**NO_CARDS, **OPEN})
    assert _widths(made) == [320, _widths(made)[1], 320]
    assert _widths(made)[1] < 120
    file = lesson.finish(made).folder / "tiny.en.mp4"
    first, second, last = (clip.plan.frames for clip in made.clips.manifest.sections)
    upper = np.s_[:134]
    starts = (0, first, first + second)
    moving = [
        _moving(file, start, min(24, frames), upper)
        for start, frames in zip(starts, (first, second, last), strict=True)
    ]
    assert min(moving[0], moving[2]) > 0.005, "a large face speaks in the upper part of the frame"
    presenter = decode_frame(file, 4)[upper], decode_frame(file, first + 4)[upper]
    assert np.abs(presenter[0].astype(int) - presenter[1]).mean() > 10


def test_only_the_edges_are_made_anew(lesson: Studio) -> None:
    """An archive would encode each of its films anew for two sections, or twice for a section that was added."""
    lesson.make()
    opened = lesson.make(OPEN)
    assert _made_clips(opened) == ["lamp", "copper"]
    wire = lesson.section("wire", "A wire is long and thin.", **POINTS)
    lesson.write([{**each, **POINTS} for each in (lesson.lamp, lesson.battery, lesson.copper)] + [wire])
    longer = lesson.make(OPEN)
    assert _made_clips(longer) == ["wire"], "the clip of copper in the corner is there from before"
    assert lesson.make(OPEN, part="battery").counts == (0, 0, 0)
    assert lesson.make(OPEN, part="lamp").counts == (0, 0, 0)


def test_a_diagram_at_the_beginning_keeps_its_room(studio: Studio) -> None:
    """A table would stand in the lower half of the frame, smaller than a class can read."""
    studio.write([{**studio.lamp, **TABLE}, {**studio.battery, **POINTS}])
    first, last = _widths(studio.make(OPEN))
    assert first < 120
    assert last == 320


def test_a_photographed_presenter_opens_as_well(studio: Studio, portraits_in: type[Portraits]) -> None:
    """A school with its own teacher's photo would have paid for a film in which the setting does nothing."""
    portraits = portraits_in(studio.root / "portraits")
    portraits.write("noor")
    studio.players["photographed"] = portraits.provider()
    studio.write([{**studio.lamp, **POINTS}, {**studio.battery, **POINTS}, {**studio.copper, **POINTS}])
    made = studio.make({**OPEN, **NO_CARDS, "presenter": "noor"})
    assert _widths(made) == [320, _widths(made)[1], 320]
    file = studio.finish(made).folder / "tiny.en.mp4"
    upper = decode_frame(file, 4)[:134].astype(int)
    assert upper.std() > 10, "a face, not an empty slide"
