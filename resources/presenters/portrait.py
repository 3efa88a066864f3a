"""The file `presenter.toml` of a photographed presenter: the person, the rights to the picture, the face's place."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel

if TYPE_CHECKING:
    from video_assets.studio.lipsync.engine import FaceBox

FILE = "presenter.toml"
_REMEDY = "docs/presenters.md shows a whole file."
Said = Annotated[str, Field(min_length=1)]


class FaceTable(FrozenModel):
    """The place of the face: `[face]`."""

    box: tuple[int, int, int, int] | None = None
    """Left, top, right, bottom in pixels of the upright picture; of a loop, in all its pictures. None: look for it."""
    pads: tuple[int, int, int, int] = (0, 10, 0, 0)
    """Pixels added above, below, left and right."""


class Portrait(FrozenModel):
    """A presenter that is a picture of a person."""

    name: Said
    description: Said
    licence: Said
    """The permitted use of the picture, and its source."""
    consent: Said
    """The consent that this face speaks the author's text: who gave it, and when."""
    file: Said
    """The photo or video, beside this file."""
    face: FaceTable = FaceTable()
    lips: dict[str, str] = Field(default_factory=lambda: {"engine": "wav2lip"})
    """`engine`, and the options of that engine."""

    @property
    def box(self) -> FaceBox | None:
        """Where the face is, if the file says so."""
        from video_assets.studio.lipsync.engine import FaceBox

        return FaceBox(*self.face.box) if self.face.box else None


def photographed_ids(folder: Path) -> tuple[str, ...]:
    """The ids of the photographed presenters in `folder`, whether or not their files are valid."""
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{FILE}")))


def read_portrait(data: bytes, path: str) -> Portrait:
    """The presenter in a file. Raises SettingInvalid, which names `path`, every wrong key, and the remedy."""
    try:
        portrait = Portrait.model_validate(tomllib.loads(data.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{path} is not TOML: {error}.", remedy=_REMEDY) from error
    except ValidationError as error:
        raise SettingInvalid("\n".join(_line(path, fault) for fault in error.errors()), remedy=_REMEDY) from error
    if "engine" not in portrait.lips:
        raise SettingInvalid(f"{path}: lips.engine: is missing.", remedy='Write [lips] engine = "wav2lip", say.')
    if "/" in portrait.file or "\\" in portrait.file:
        raise SettingInvalid(
            f"{path}: file: {portrait.file!r} is not beside it.", remedy="Put the picture into the presenter's folder."
        )
    return portrait


def _line(path: str, fault: ErrorDetails) -> str:
    key = ".".join(map(str, fault["loc"]))
    reasons = {
        "missing": "is missing",
        "string_too_short": "is empty",
        "extra_forbidden": "is not a key of a presenter",
    }
    return f"{path}: {key}: {reasons.get(fault['type'], fault['msg'])}."
