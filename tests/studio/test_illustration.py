"""What a painter is told, and what becomes of what it paints."""

from __future__ import annotations

import pytest

from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.illustration import (
    IllustrationRequest,
    illustrated,
    nearest_size,
    prompt_of,
    still,
    wants_illustration,
)


@pytest.mark.parametrize(
    ("described", "told"),
    [
        ("An animated diagram of a pump.", "a picture of diagram of a pump."),
        ("A switch labelled 'open' and 'closed'", "A switch with parts for open and closed."),
        ("A lamp, then the camera zooms in on the wire.", "A lamp."),
        ("Drops appear one by one on a leaf.", "Drops appear on a leaf."),
        ("“Warm air” rises over a field", "Warm air rises over a field."),
    ],
)
def test_a_description_becomes_one_still_moment_without_writing(described: str, told: str) -> None:
    """A painter asked for motion or labels paints smears and misspelt words."""
    assert still(described) == told


def test_the_prompt_asks_for_no_writing_and_the_lesson_s_style() -> None:
    """Every picture of a lesson would look like another hand's, with letters that are none."""
    request = IllustrationRequest(description="A lamp.", style="woodcut", width_px=600, height_px=400)
    prompt = prompt_of(request)
    assert "A lamp." in prompt
    assert "No text of any kind" in prompt
    assert prompt.endswith("woodcut.")


def test_what_the_author_gave_exactly_is_never_painted() -> None:
    """A formula, a program or a photograph of the author's would be replaced by somebody's idea of it."""
    for layout in ("equation", "code", "table", "picture"):
        assert not wants_illustration(Slide(layout=layout), "A description.")
    assert wants_illustration(Slide(layout="labels"), "A description.")
    assert not wants_illustration(Slide(layout="labels"), "  ")


def test_only_whole_points_stand_beside_the_painted_picture() -> None:
    """A learner would read "X" and "LOW" beside a picture that shows them, and the picture would be small for it."""
    points = (
        "It breaks the loop",
        "X",
        "Current flows in a loop",
        "光合作用制造糖分",
        "Nothing flows while it is open",
    )
    slide = Slide(layout="labels", title="The switch", labels=("open", "LOW"), bullets=points, alt="A")
    shown = illustrated(slide, "ab" * 32)
    assert (shown.layout, shown.labels, shown.alt) == ("picture", (), "A")
    assert shown.bullets == (points[0], points[2], points[3])
    assert shown.picture is not None
    assert (shown.picture.digest, shown.picture.painted) == ("ab" * 32, True)


@pytest.mark.parametrize(
    ("place", "size"), [((800, 500), "1536x1024"), ((500, 800), "1024x1536"), ((500, 520), "1024x1024")]
)
def test_the_size_nearest_in_shape_is_asked_for(place: tuple[int, int], size: str) -> None:
    """A tall picture would stand in a wide place with empty bars beside it."""
    assert nearest_size(("1024x1024", "1536x1024", "1024x1536"), *place) == size
