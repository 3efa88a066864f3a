"""Diagrams of relations as they are drawn: every text whole, legible and in its own place, in every room and script."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter

from tests.kit.typeset_slides import drawn_parts, text_boxes, type_sizes
from video_assets.studio.core.errors import DoesNotFit
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.script import Slide, SlideLook
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.parts import parts_of

from .relation_contents import LANGUAGES, LARGE, SMALL, Content, usual
from .test_slides import PAINTER, PLACES, SIZES, THEMES

DIAGRAMS: TypeAdapter[Any] = TypeAdapter(Diagram)
USUAL = {language: usual(language) for language in LANGUAGES}
LEAST_PX = 16


def relation_request(
    data: Content,
    size: tuple[int, int] = (1280, 720),
    place: PresenterPlace = "corner",
    theme: str = "paper",
    language: str = "en",
    looks: tuple[SlideLook, ...] = (),
) -> PictureRequest:
    slide = Slide(layout="diagram", title="A title", diagram=DIAGRAMS.validate_python(data))
    stage = plan_layout(*size, place)
    return PictureRequest(slide=slide, stage=stage, look=SlideStyle(theme=theme), language=language, looks=looks)


def _states(request: PictureRequest) -> list[NDArray[np.int16]]:
    found = []
    for png in PAINTER.paint_states(request, {}):
        with Image.open(io.BytesIO(png)) as picture:
            found.append(np.asarray(picture).astype(np.int16))
    return found


def check_places(request: PictureRequest) -> None:
    """Assert that ink and texts are inside, that texts keep off each other and the presenter, and are legible."""
    content, clear = request.stage.content, request.stage.keep_clear
    empty = request.model_copy(update={"slide": Slide(layout="statement", statement="·"), "looks": ()})
    ink = np.abs(_states(request)[0] - _states(empty)[0]).max(axis=2) > 12
    assert ink.sum() > 500
    rows, columns = np.nonzero(ink)
    assert content.y - 2 <= rows.min()
    assert rows.max() < content.y + content.height + 2
    assert content.x - 2 <= columns.min()
    assert columns.max() < content.x + content.width + 2
    if clear:
        assert not ink[clear.y : clear.y + clear.height, clear.x : clear.x + clear.width].any()
    boxes = text_boxes(request)
    for box in boxes:
        assert content.x - 2 <= box.left
        assert box.right <= content.x + content.width + 2
        assert box.bottom <= content.y + content.height + 2
    for one, other in itertools.combinations(boxes, 2):
        assert min(one.overlap(other)) <= 4, (one, other)
    assert all(pixels >= LEAST_PX - 1e-6 for pixels, _ in type_sizes(request))


ROOMS = list(itertools.product(SIZES, PLACES))
QUICK = {((1280, 720), "corner"), ((720, 1280), "side"), ((720, 720), "absent")}
"""A room of each format. `make test-slow` has the others."""
IN_ROOMS = [pytest.param(*room, marks=() if room in QUICK else pytest.mark.slow) for room in ROOMS]


@pytest.mark.parametrize(("size", "place"), IN_ROOMS, ids=str)
def test_usual_relations_are_whole_everywhere(size: tuple[int, int], place: PresenterPlace) -> None:
    """A class in Cairo, Berlin or Shanghai would see words cut, laid over each other, or no slide at all."""
    room = ROOMS.index((size, place))
    for number, name in enumerate(USUAL["en"]):
        # In neighbouring rooms, a drawing has another language and another theme.
        language = LANGUAGES[(room + room // 4 + number) % len(LANGUAGES)]
        theme = THEMES[(room + number) % len(THEMES)]
        try:
            check_places(relation_request(USUAL[language][name], size, place, theme, language))
        except (AssertionError, DoesNotFit) as error:
            raise AssertionError(f"{name} in {theme}, {language}: {error!r}") from error


@pytest.mark.parametrize("contents", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(("size", "place"), IN_ROOMS, ids=str)
def test_small_and_large_relations_are_whole_or_refused_with_their_place(
    size: tuple[int, int], place: PresenterPlace, contents: dict[str, Content]
) -> None:
    """An author would get boxes over each other, or an error that names nothing to shorten."""
    start = (SIZES.index(size) + PLACES.index(place)) % len(THEMES)
    shown = 0
    for theme, (name, data) in zip(itertools.cycle(THEMES[start:] + THEMES[:start]), contents.items(), strict=False):
        try:
            check_places(relation_request(data, size, place, theme))
        except DoesNotFit as error:
            assert contents is LARGE, name
            assert error.place.startswith("/diagram/"), name
            continue
        except AssertionError as error:
            raise AssertionError(f"{name} in {theme}: {error!r}") from error
        shown += 1
    assert shown >= len(contents) / 3


@pytest.mark.parametrize("name", USUAL["en"])
def test_each_part_of_a_relation_is_drawn_once_and_marked(name: str) -> None:
    """A learner would hear of a box that never appears, or not see which one is spoken about."""
    request = relation_request(USUAL["en"][name])
    ids = tuple(part.id for part in parts_of(request.slide))
    assert sorted(drawn_parts(request)) == sorted(ids)
    hidden = [SlideLook(shown=tuple(other for other in ids if other != one)) for one in ids]
    marked = [SlideLook(shown=ids, marked=(one,)) for one in ids]
    whole, *states = _states(request.model_copy(update={"looks": (*hidden, *marked)}))
    for one, without, lit in zip(ids, states[: len(ids)], states[len(ids) :], strict=True):
        assert (np.abs(without - whole).max(axis=2) > 12).sum() > 30, f"{one} shows nothing"
        assert (np.abs(lit - whole).max(axis=2) > 12).sum() > 30, f"{one} is not marked"
