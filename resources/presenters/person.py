"""A drawn person as data: colours, proportions, hair and clothes.

It is read from a file in `data/presenters`. Does not belong here: the drawing (`face.py`).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel

PathData = Annotated[str, Field(pattern=r"^[MmLlHhVvCcSsQqTtAaZz0-9eE+\-., ]*$")]
"""SVG path data and nothing else, because it is written into markup."""
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]

SHARED_COLOURS = (
    *("skin", "skin_light", "skin_shade", "skin_line", "blush"),
    *("lid", "lash", "brow", "iris", "iris_light", "pupil"),
    *("lip", "lip_light", "lip_line", "cavity", "teeth", "teeth_shade", "tongue"),
    *("top", "halo", "halo_light", "ring"),
)
"""The colours that the shared drawing needs of every person."""


class Shape(FrozenModel):
    """A filled or stroked path, or a cloud of discs (`dots`: x, y, radius). Colours are names from [colours]."""

    d: PathData = ""
    dots: tuple[tuple[float, float, float], ...] = ()
    fill: str = ""
    stroke: str = ""
    width: float = 0
    opacity: float = 1
    mirror: bool = False
    """Draw it a second time, mirrored at the middle of the face."""


class Proportions(FrozenModel):
    """Measures of a face in units; half widths where a thing is symmetrical."""

    temple: float = 138
    jaw: float = 108
    jaw_y: float = 126
    chin_y: float = 204
    eye_x: float = 62
    eye_y: float = -8
    eye_width: float = 29
    eye_height: float = 21
    iris: float = 18
    lashes: float = 6
    brow_y: float = -54
    brow: float = 11
    """Thickness."""
    brow_tilt: float = 7
    """Degrees; positive lifts the inner ends."""
    nose_y: float = 56
    nose: float = 17
    mouth_y: float = 118
    mouth: float = 1
    """Scale of the mouth's width."""
    lips: float = 1
    """Scale of the lips' thickness."""
    neck: float = 62
    shoulders: float = 292


class Person(FrozenModel):
    """One drawn presenter, as its file in `data/presenters` describes it."""

    name: str
    description: str
    licence: str
    colours: dict[str, Colour]
    proportions: Proportions = Proportions()
    back: tuple[Shape, ...] = ()
    """Hair behind the shoulders."""
    clothes: tuple[Shape, ...] = ()
    """Everything over neck and torso, from the lowest layer up."""
    skin_details: tuple[Shape, ...] = ()
    """Lines and hues of the skin, a beard: under the features."""
    hair: tuple[Shape, ...] = ()
    """Hair over the face's outline, and what hangs in it or at the ears."""
    eyewear: tuple[Shape, ...] = ()

    @model_validator(mode="after")
    def _colours_exist(self) -> Person:
        layers = (self.back, self.clothes, self.skin_details, self.hair, self.eyewear)
        named = {name for layer in layers for shape in layer for name in (shape.fill, shape.stroke) if name}
        missing = sorted(named.union(SHARED_COLOURS) - set(self.colours))
        if missing:
            raise ValueError(f"[colours] lacks {', '.join(missing)}")
        return self


def read_person(data: bytes, file: str) -> Person:
    """A presenter's TOML as a Person. Raises SettingInvalid, which names the file and its fault."""
    try:
        return Person.model_validate(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(f"The presenter file {file} is not TOML: {error}.", remedy="Correct that line.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        message = re.sub(r"^Value error, ", "", first["msg"])
        raise SettingInvalid(
            f"The presenter file {file} cannot be drawn: {place}: {message}.",
            remedy="See docs/presenters.md for what a presenter's file holds.",
        ) from error


def drawn_ids(folder: Path) -> tuple[str, ...]:
    """The ids of the drawn presenters in `folder`. Raises SettingInvalid if one of the files is damaged."""
    paths = sorted(folder.glob("*.toml"))
    for path in paths:
        read_person(path.read_bytes(), path.name)
    return tuple(path.stem for path in paths)
