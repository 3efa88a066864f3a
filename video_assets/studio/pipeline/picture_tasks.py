"""The pictures of a lesson as tasks: what is requested, the illustration made first, and the row of the stage's table.

Does not belong here: planning the tasks or making the pictures (`section_image`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.script import spoken_text
from video_assets.studio.pictures.illustration import IllustrationRequest, illustrated
from video_assets.studio.pictures.provider import PictureRequest
from video_assets.studio.pipeline.manifests import ScriptManifest
from video_assets.studio.pipeline.slide_states import is_listed
from video_assets.studio.pipeline.stage_context import SectionRow
from video_assets.studio.slides.looks import looks_for
from video_assets.studio.storage.store import BuildResult


class Illustration(NamedTuple):
    """The illustration of a picture. There is none if `digest` is empty; else `digest` names a picture in the store."""

    digest: str = ""
    by: Mapping[str, str] = MappingProxyType({})
    instead_of: str = ""
    """Name of the first choice, if it failed."""


NO_ILLUSTRATION = Illustration()


class PictureTask(NamedTuple):
    """A picture to make: of a section or of a card."""

    id: str
    title: str
    request: PictureRequest
    """The request without the illustration."""
    place: PresenterPlace
    wanted_illustration: IllustrationRequest | None = None
    """The illustration to make first. The picture then shows it."""
    illustration: Illustration | None = None
    """The illustration that was made first; None: not yet."""

    @property
    def illustrated_request(self) -> PictureRequest:
        """The request with the illustration in its slide, if there is one."""
        if self.illustration is None or not self.illustration.digest:
            return self.request
        slide = illustrated(self.request.slide, self.illustration.digest)
        return self.request.model_copy(update={"slide": slide, "looks": looks_for(slide, self.request.looks)})


_MOST_SPOKEN_CHARACTERS = 200_000
"""In all rows together. Dagster stores the rows of each run twice, and its page shows all of them."""


def spoken_texts(script: ScriptManifest) -> dict[str, str]:
    """What is said while each section's picture is shown, by its id. The texts of a very long lesson are shortened."""
    most = _MOST_SPOKEN_CHARACTERS // max(len(script.sections), 1)
    texts = {section.id: spoken_text(section.speech) for section in script.sections}
    return {id_: text if len(text) <= most else f"{text[: most - 1]}…" for id_, text in texts.items()}


def picture_row(task: PictureTask, outcome: BuildResult, spoken: str) -> SectionRow:
    """The row of the stage's table for a picture. `spoken` is what is said while it is shown."""
    illustration = task.illustration or NO_ILLUSTRATION
    by = illustration.by.get("provider", outcome.record.recipe.provider.get("provider", ""))
    size = outcome.record.objects["picture"].size_bytes
    return SectionRow(
        task.id,
        task.title,
        outcome.made,
        {
            "layout": "diagram-list" if is_listed(outcome.record) else task.request.slide.layout,
            "made_by": f"{by}, instead of {illustration.instead_of}" if illustration.instead_of else by,
            "presenter": task.place,
            "spoken": spoken,
            "kilobytes": round(size / 1024, 1),
            "step_seconds": round(outcome.seconds, 3),
        },
    )
