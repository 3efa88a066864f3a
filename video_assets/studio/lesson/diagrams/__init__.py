"""Diagrams that an author writes as data, one class for each kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import DiagramPart
from .figures import (
    BigNumber,
    Chart,
    Chronology,
    Derivation,
    Graph,
    NumberLine,
    Quotation,
    Scale,
    Terms,
)
from .relations import Comparison, Cycle, Flow, Hierarchy, LabelledParts, Layers, Matrix, Sets

Diagram = Annotated[
    Flow
    | Cycle
    | Comparison
    | Layers
    | Hierarchy
    | LabelledParts
    | Sets
    | Matrix
    | Graph
    | Chart
    | Chronology
    | NumberLine
    | Scale
    | Quotation
    | BigNumber
    | Terms
    | Derivation,
    Field(discriminator="kind"),
]
"""A diagram of any kind."""

__all__ = ["Diagram", "DiagramPart"]
