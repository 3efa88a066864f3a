"""A drawn person as data: colours, proportions, hair and clothes.

It is read from a file in `data/presenters`. Does not belong here: the drawing (`face.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

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


class PersonFile(NamedTuple):
    """The bytes of a presenter's file, and of the file of the person whom it dresses anew (`like`), if any."""

    data: bytes
    base: bytes = b""


def person_files(folder: Path) -> dict[str, PersonFile]:
    """The files of the drawn presenters in `folder` by their ids. Raises SettingInvalid for a file `like` no other."""
    files = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.toml"))}
    return {id_: PersonFile(data, _base_of(id_, data, files)) for id_, data in files.items()}


def _base_of(id_: str, data: bytes, files: Mapping[str, bytes]) -> bytes:
    base = _named_base(data)
    if not base:
        return b""
    if base not in files or _named_base(files[base]):
        plain = [name for name, other in files.items() if not _named_base(other)]
        raise SettingInvalid(
            f"The presenter file {id_}.toml is like {base!r}, which is no drawn presenter with a file of its own.",
            remedy=f"Write one of {', '.join(plain)}.",
        )
    return files[base]


def _named_base(data: bytes) -> str:
    try:
        return str(tomllib.loads(data.decode("utf-8")).get("like", ""))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""  # `read_person` reports it


def _dressed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The person `base` with the keys of `changes`; single colours and proportions are replaced, layers as a whole."""
    merged = base | {key: value for key, value in changes.items() if key != "like"}
    for table in ("colours", "proportions"):
        if isinstance(changes.get(table), dict) and isinstance(base.get(table), dict):
            merged[table] = base[table] | changes[table]
    return merged


def read_person(data: bytes, file: str, base: bytes = b"") -> Person:
    """A presenter's TOML as a Person. Raises SettingInvalid, which names the file and its fault.

    `base` is the file of the person whom it dresses anew.
    """
    try:
        written = tomllib.loads(data.decode("utf-8"))
        return Person.model_validate(_dressed(tomllib.loads(base.decode("utf-8")), written) if base else written)
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
    files = person_files(folder)
    for id_, file in files.items():
        read_person(file.data, f"{id_}.toml", file.base)
    return tuple(files)
