"""How the record of a picture keeps the states of its slide: a patch for each look, and its place as a fact."""

from __future__ import annotations

from collections.abc import Sequence

from video_assets.studio.lesson.script import SlideLook
from video_assets.studio.pictures.states import patches_of
from video_assets.studio.storage.store import Built, Record

from .manifests import SlideStateEntry


def built_picture(pictures: Sequence[bytes]) -> Built:
    """What is stored of a slide: `pictures` has the whole slide first, then one for each look."""
    patches = {f"look_{number}": patch for number, patch in enumerate(patches_of(pictures))}
    objects = {"picture": pictures[0], **{name: patch.png for name, patch in patches.items()}}
    return Built(objects, {f"{name}_at": f"{patch.x_px},{patch.y_px}" for name, patch in patches.items()})


def states_in(record: Record, looks: Sequence[SlideLook]) -> tuple[SlideStateEntry, ...]:
    """The states that `record` keeps, which was built for `looks`."""
    return tuple(_state(record, f"look_{number}", look) for number, look in enumerate(looks))


def _state(record: Record, name: str, look: SlideLook) -> SlideStateEntry:
    x_px, y_px = map(int, str(record.facts[f"{name}_at"]).split(","))
    return SlideStateEntry(look=look, patch=record.objects[name], x_px=x_px, y_px=y_px)
