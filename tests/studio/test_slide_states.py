"""The states of a slide: how they are painted and kept, when they are shown, and what a change of one makes anew."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from resources.pictures.slides import SlidePictures
from tests.kit.studio import Studio
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.film.slide_changes import entrance_frames, states_in_recipe, timed_looks
from video_assets.studio.film.storyboard_cells import expected_cells
from video_assets.studio.lesson.model import Code, Table
from video_assets.studio.lesson.script import Slide, SlideCue, SlideLook, Token
from video_assets.studio.pictures.decode import decode_picture
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.pictures.states import patches_of, with_patch
from video_assets.studio.pipeline.slide_states import built_picture
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.storyboard import LIMIT_BYTES
from video_assets.studio.speech.provider import SpeechTimes, WordTime
from video_assets.studio.stages.section_image import contact_sheet, picture_recipe
from video_assets.studio.timeline import plan_clip

PAINTER = SlidePictures(Path(__file__).parents[2] / "data" / "fonts")
THEMES = ("chalk", "paper", "signal")
POINTS = ("Below threshold no current flows", "Then the current grows", "At last it stays constant")
SLIDES = {
    "bullets": Slide(layout="bullets", title="Three regions", bullets=POINTS),
    "labels": Slide(layout="labels", title="The gate", labels=("V_GS", "drain", "source"), bullets=POINTS[:1]),
    "code": Slide(layout="code", title="Area", code=Code(language="python", text="def area(r):\n\n    return r * r\n")),
    "table": Slide(
        layout="table",
        title="Planets",
        table=Table(header=("Planet", "Radius"), rows=(("Jupiter", "69 911"), ("Earth", "6371"))),
    ),
    "equation": Slide(layout="equation", title="Law", equation="I = k V^2", bullets=POINTS[:2]),
}
RATES = ("12", "24", "25", "30000/1001", "60")
HZ = 48000


def _request(slide: Slide, looks: tuple[SlideLook, ...], theme: str = "paper") -> PictureRequest:
    stage = plan_layout(1280, 720, "corner")
    return PictureRequest(slide=slide, stage=stage, look=SlideStyle(theme=theme), language="en", looks=looks)


def _states(slide: Slide, *looks: SlideLook, theme: str = "paper") -> list[NDArray[np.uint8]]:
    return [decode_picture(picture) for picture in PAINTER.paint_states(_request(slide, looks, theme), {})]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", SLIDES)
def test_each_part_appears_by_itself_and_is_marked_in_its_place(name: str, theme: str) -> None:
    """A learner would see the slide move about while parts appear, or not see which part is spoken about."""
    slide = SLIDES[name]
    ids = tuple(part.id for part in parts_of(slide))
    looks = [SlideLook(), *(SlideLook(shown=ids[: n + 1]) for n in range(len(ids)))]
    marks = [SlideLook(shown=ids, marked=(id_,)) for id_ in ids]
    whole, empty, *rest = _states(slide, *looks, *marks, theme=theme)
    appeared, marked = rest[: len(ids)], rest[len(ids) :]
    assert np.array_equal(appeared[-1], whole), "all parts shown, none marked: the whole slide"
    before = empty
    for state in appeared:
        new = (state != before).any(axis=2)
        assert new.any()
        assert np.array_equal(state[new], whole[new]), "what appears stands as on the whole slide"
        before = state
    for number, state in enumerate(marked):
        without = appeared[number - 1] if number else empty
        own = np.flatnonzero((appeared[number] != without).any(axis=(1, 2)))
        changed = np.flatnonzero((state != whole).any(axis=(1, 2)))
        assert len(changed), f"{ids[number]} is not marked"
        assert changed[0] >= own[0] - 40, "the mark is at its part"
        assert changed[-1] <= own[-1] + 40, "the mark is at its part"


def test_a_picture_without_states_has_the_recipe_that_it_had() -> None:
    """An archive would be painted and encoded again for lessons in which nothing appears later."""
    recipe = picture_recipe(_request(SLIDES["bullets"], ()), {"provider": "slides"})
    assert "looks" not in recipe.parameters
    assert states_in_recipe((), "calm", Fraction(25)) == {}
    pictures = PAINTER.paint_states(_request(SLIDES["bullets"], ()), {})
    assert set(built_picture(pictures).objects) == {"picture"}


def test_states_come_back_from_their_patches() -> None:
    """A learner would see remains of another state."""
    slide = SLIDES["labels"]
    looks = tuple(SlideLook(shown=("labels/0",), marked=marked) for marked in ((), ("labels/0",)))
    pictures = PAINTER.paint_states(_request(slide, (*looks, SlideLook())), {})
    whole = decode_picture(pictures[0])
    for patch, picture in zip(patches_of(pictures), pictures[1:], strict=True):
        assert np.array_equal(with_patch(whole, patch), decode_picture(picture))
        with Image.open(io.BytesIO(patch.png)) as image:
            assert image.size < (1280, 720)


@given(
    gaps=st.lists(st.integers(1, 3 * HZ), min_size=1, max_size=20),
    rate=st.sampled_from(RATES),
    start=st.integers(0, HZ),
)
def test_every_part_appears_with_its_word(gaps: list[int], rate: str, start: int) -> None:
    """A learner would look for a part that is spoken about, or be told of it by the slide before the teacher does."""
    starts = [start + sum(gaps[:number]) for number in range(len(gaps))]
    words = tuple(WordTime(token=n, start=at, end=at + 1) for n, at in enumerate(starts))
    times = SpeechTimes(rate_hz=HZ, samples=starts[-1] + HZ, words=words, phones=())
    tokens = tuple(Token(shown="a", offset=n) for n in range(len(starts)))
    frames = Fraction(rate)
    plan = plan_clip(times, frames, 400)
    looks = [SlideLook(shown=tuple(map(str, range(n)))) for n in range(len(starts) + 1)]
    cues = [SlideCue(look=look, token=n - 1) for n, look in enumerate(looks)]
    shown = timed_looks(cues, tokens, times, plan, frames)
    assert shown[0].frame == 0
    later = [look.frame for look in shown[1:]]
    assert all(b - a > entrance_frames("calm", frames) for a, b in pairwise(later))
    assert later == sorted(later)
    assert shown[-1].look == looks[-1], "at last everything is there"
    for number, at in enumerate(starts):
        seen = next(look.frame for look in shown if len(look.look.shown) > number) / frames
        offset = seen - plan.lead_frames / frames - Fraction(at, HZ)
        assert Fraction(-3, 10) - 1 / frames <= offset <= Fraction(4, 10), f"word {number}"


def test_no_motion_is_a_cut() -> None:
    """A viewer whom motion makes ill asked for none."""
    assert entrance_frames("none", Fraction(25)) == 0
    assert 0 < entrance_frames("calm", Fraction(25)) <= 10


def _lesson(studio: Studio) -> list[dict[str, object]]:
    return [
        {**studio.lamp, "title": "The lamp", "bullets": ["A closed switch", "The lamp is bright"]},
        {**studio.battery, "title": "The battery", "bullets": ["The battery pumps charge", "It goes around again"]},
        {**studio.copper, "bullets": ["Most people believe it", "Copper wires carry more"]},
    ]


def test_one_point_makes_one_section_again(studio: Studio) -> None:
    """An author who mends one point would pay for every section whose slide changes while it is shown."""
    sections = _lesson(studio)
    studio.write(sections)
    made = studio.make()
    assert all(entry.states for entry in made.pictures.manifest.sections)
    assert studio.make().counts == (0, 0, 0)
    sections[1] = {**sections[1], "bullets": ["The battery pumps charge", "It goes round and round"]}
    studio.write(sections)
    again = studio.make()
    assert again.counts == (0, 1, 1)
    assert [row.section for row in again.clips.rows if row.made] == ["battery"]


def test_a_clip_shows_each_state_in_its_moment(studio: Studio) -> None:
    """A learner would see the whole slide from the start, as before."""
    studio.write(_lesson(studio)[:1])
    made = studio.make({"presenter_place": "absent"})
    (picture,), (clip,) = made.pictures.manifest.sections, made.clips.manifest.sections
    assert {each.id for each in picture.objects} >= {state.patch.id for state in picture.states}, (
        "the film's states are kept with it"
    )
    (section,) = made.script.manifest.sections
    frames: list[NDArray[np.uint8]] = []
    for part in clip.parts:
        with av.open(io.BytesIO(studio.store.read(part.part.id)), "r") as container:
            frames += [np.asarray(frame.to_image()) for frame in container.decode(video=0)]
    times = SpeechTimes.model_validate_json(studio.store.read(made.speech.manifest.sections[0].times.id))
    shown = timed_looks(section.cues, section.tokens, times, clip.plan, Fraction(12))
    whole = decode_picture(studio.store.read(picture.picture.id))
    patches = {state.look: state for state in picture.states}
    assert len(shown) >= 2
    for look, end in zip(shown, [*(later.frame for later in shown[1:]), len(frames)], strict=True):
        state = patches[look.look]
        pixels = decode_picture(studio.store.read(state.patch.id))
        wanted = whole.copy()
        rows, columns = slice(state.y_px, state.y_px + len(pixels)), slice(state.x_px, state.x_px + pixels.shape[1])
        wanted[rows, columns] = pixels
        error = np.abs(frames[end - 1].astype(int) - wanted.astype(int)).mean()
        assert error < 6, f"the frame before frame {end}"


def test_the_settings_reveal_and_motion_take_effect(studio: Studio) -> None:
    """An author who wants whole slides, or no motion, would get neither."""
    studio.write(_lesson(studio)[:1])
    whole = studio.make({"reveal": "all"})
    assert not any(entry.states for entry in whole.pictures.manifest.sections)
    studio.make()
    still = studio.make({"motion": "none"})
    assert still.counts == (0, 0, 1), "only the clips are made again"
    assert json.dumps(whole.script.manifest.model_dump(mode="json")).count('"cues"') == 0


def test_the_storyboard_shows_the_states_with_their_times(studio: Studio) -> None:
    """An author would only find out in the film when each point appears."""
    studio.write(_lesson(studio))
    made = studio.make()
    pictures, script = made.pictures.manifest, made.script.manifest
    cells = expected_cells(pictures, script, made.lesson.manifest, studio.store)
    titles = [section.title for section in script.sections]
    assert [cell.caption for cell in cells if cell.caption in titles] == titles
    points = [cell for cell in cells if cell.caption.startswith("+ ")]
    assert any("Copper wires carry more" in cell.caption for cell in points)
    assert all(cell.subcaption.startswith("about ") for cell in points)
    sheet = contact_sheet(pictures, script, studio.store, studio.context.fonts)
    assert len(sheet) <= LIMIT_BYTES
    film = studio.finish(made)
    assert len(film.sheet) <= LIMIT_BYTES
