"""The base of all diagrams: how an author's keys are read, and the parts of which a diagram consists.

Does not belong here: a particular kind of diagram, or drawing one (`slides`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from video_assets.studio.lesson.text_rules import Name

MAX_PARTS = 12

Names = Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=MAX_PARTS)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class DiagramPart(BaseModel):
    """A part of a slide that can appear, or be pointed at, by itself."""

    model_config = ConfigDict(frozen=True)

    id: str
    """The part's key in the slide, such as "nodes/2". The template draws the part under this name."""
    texts: tuple[str, ...] = ()
    """The texts that the part shows, the most telling one first. The narration is searched for them."""
    after: tuple[str, ...] = ()
    """Parts that must have appeared before this one. A part without texts appears together with the last of them."""
    is_base: bool = False
    """Whether the others stand on this part, such as an axis. It is there from the start if nothing else is."""


class DiagramPiece(BaseModel):
    """An object inside a diagram, as its author writes it."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        # Manifests hold the names of the fields, authors write the aliases.
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
        json_schema_extra={"additionalProperties": False},
    )


class DiagramBase(DiagramPiece, ABC):
    """A diagram, as its author writes it. `kind` names its kind."""

    title_of_kind: ClassVar[str]
    """What the kind is called in messages and docs, such as "flow chart"."""

    @abstractmethod
    def parts(self) -> tuple[DiagramPart, ...]:
        """The parts, in the order in which a reader goes through them."""
