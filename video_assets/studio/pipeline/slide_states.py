"""How the record of a picture keeps the states of its slide: a patch for each look, and its place as a fact.

Another fact says that a diagram is shown as a list.
"""

from __future__ import annotations

from collections.abc import Sequence

from video_assets.studio.lesson.script import SlideLook
from video_assets.studio.pictures.moving import MovingPicture
from video_assets.studio.pictures.states import patches_of
from video_assets.studio.storage.store import Built, Record, Scalar

from .manifests import MovingEntry, SlideStateEntry

_LISTED = "listed"


def built_picture(pictures: Sequence[bytes], moving: MovingPicture | None = None, *, listed: bool = False) -> Built:
    """What is stored of a slide: `pictures` has the whole slide first, then one for each look.

    `moving` is its picture alone, if a camera will move over it. `listed` says that the pictures show a diagram's parts
    as a list, because the diagram had no room.
    """
    patches = {f"look_{number}": patch for number, patch in enumerate(patches_of(pictures))}
    objects = {"picture": pictures[0], **{name: patch.png for name, patch in patches.items()}}
    facts: dict[str, Scalar] = {f"{name}_at": f"{patch.x_px},{patch.y_px}" for name, patch in patches.items()}
    if moving is not None:
        objects |= {"moving": moving.png, "moving_coverage": moving.coverage_png}
        facts["moving_at"] = ",".join(map(str, (moving.x_px, moving.y_px, moving.focus_x_px, moving.focus_y_px)))
    if listed:
        facts[_LISTED] = 1
    return Built(objects, facts)


def is_listed(record: Record) -> bool:
    """Whether the picture of `record` shows a diagram's parts as a list, because the diagram had no room."""
    return _LISTED in record.facts


def moving_in(record: Record) -> MovingEntry | None:
    """The picture alone that `record` keeps for a camera; None if it keeps none."""
    if "moving" not in record.objects:
        return None
    x_px, y_px, focus_x_px, focus_y_px = map(int, str(record.facts["moving_at"]).split(","))
    return MovingEntry(
        picture=record.objects["moving"],
        coverage=record.objects["moving_coverage"],
        x_px=x_px,
        y_px=y_px,
        focus_px=(focus_x_px, focus_y_px),
    )


def states_in(record: Record, looks: Sequence[SlideLook]) -> tuple[SlideStateEntry, ...]:
    """The states that `record` keeps, which was built for `looks`."""
    return tuple(_state(record, f"look_{number}", look) for number, look in enumerate(looks))


def _state(record: Record, name: str, look: SlideLook) -> SlideStateEntry:
    x_px, y_px = map(int, str(record.facts[f"{name}_at"]).split(","))
    return SlideStateEntry(look=look, patch=record.objects[name], x_px=x_px, y_px=y_px)
