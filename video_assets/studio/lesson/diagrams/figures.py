"""Diagrams of quantities and of single statements.

The kinds are graph, chart, timeline, number line, scale, quotation, big number, equation with terms, and derivation.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from video_assets.studio.lesson.text_rules import Line, Name, rule_error

from .base import DiagramBase, DiagramPart, DiagramPiece, Number

Shape = Literal[
    "rising", "falling", "exponential", "decay", "saturating", "s", "step", "peak", "valley", "wave", "flat", "points"
]


_NUMBER = re.compile(r"[-\u2212]?[0-9]+([.,][0-9]+)?")


class Axis(DiagramPiece):
    """An axis of a graph."""

    label: Name
    unit: Line = ""
    ticks: Annotated[tuple[Name, ...], Field(strict=False, max_length=6)] = ()
    """Texts on the axis: the first at the origin, the last at the end, the others at even distances; numbers stand at
    their places if a curve has points. Left out, an axis of points has round numbers, and any other axis has none."""


class Curve(DiagramPiece):
    """A curve of a graph, by words or by points."""

    name: Line = ""
    shape: Shape
    """How it runs from left to right; "points" joins the given points."""
    points: Annotated[
        tuple[Annotated[tuple[Number, Number], Field(strict=False)], ...], Field(strict=False, max_length=200)
    ] = ()
    """Points [x, y], in the unit of the axes, for the shape "points". The axes reach at least from the least to the
    greatest."""
    dashed: bool = False


class Region(DiagramPiece):
    """A range of the horizontal axis with a name, such as "triode"."""

    name: Name
    start: Annotated[Number, Field(alias="from", ge=0, le=1)]
    """Where it starts, as a share of the axis: 0 is the origin, 1 the end."""
    end: Annotated[Number, Field(alias="to", ge=0, le=1)]
    """Where it ends."""


class Graph(DiagramBase):
    """Two axes with named curves and regions."""

    title_of_kind: ClassVar[str] = "graph"
    kind: Literal["graph"]
    x: Axis
    y: Axis
    curves: Annotated[tuple[Curve, ...], Field(strict=False, min_length=1, max_length=5)]
    regions: Annotated[tuple[Region, ...], Field(strict=False, max_length=4)] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for curve in self.curves:
            if (curve.shape == "points") != (len(curve.points) > 1):
                remedy = 'Give at least two points with the shape "points", and none with another shape.'
                raise rule_error("curve-points", "A curve's shape and points do not fit", remedy)
        if any(region.start >= region.end for region in self.regions):
            raise rule_error("empty-region", "A region ends before it starts", 'Make "from" less than "to".')
        return self

    def parts(self) -> tuple[DiagramPart, ...]:
        """Axes, regions, curves."""
        return (
            DiagramPart(id="x", texts=(self.x.label,), is_base=True),
            DiagramPart(id="y", texts=(self.y.label,), is_base=True),
            *(DiagramPart(id=f"regions/{n}", texts=(each.name,), after=("x",)) for n, each in enumerate(self.regions)),
            *(
                DiagramPart(id=f"curves/{n}", texts=(each.name,) if each.name else (), after=("x", "y"))
                for n, each in enumerate(self.curves)
            ),
        )


class Series(DiagramPiece):
    """A row of numbers."""

    name: Line = ""
    values: Annotated[tuple[Number, ...], Field(strict=False, min_length=1, max_length=24)]


class Chart(DiagramBase):
    """A chart of numbers."""

    title_of_kind: ClassVar[str] = "chart"
    kind: Literal["chart"]
    type: Literal["bar", "line", "pie", "scatter"]
    categories: Annotated[tuple[Name, ...], Field(strict=False, max_length=24)] = ()
    """Names of the bars, of the points of a line, or of the pieces of a pie. For "scatter": numbers as texts."""
    series: Annotated[tuple[Series, ...], Field(strict=False, min_length=1, max_length=4)]
    unit: Line = ""
    """Unit of the values, such as "%" or "million tonnes"."""
    x_label: Line = ""
    y_label: Line = ""

    @model_validator(mode="after")
    def _matching(self) -> Self:
        if any(len(each.values) != len(self.categories) for each in self.series):
            raise rule_error(
                "uneven-chart", "A series has not as many values as there are categories", "Give a value for each."
            )
        if self.type == "pie" and (len(self.series) != 1 or min(self.series[0].values) < 0):
            raise rule_error("bad-pie", "A pie has one series of numbers that are not negative", "Take a bar chart.")
        if self.type == "scatter" and len(self.numbers) != len(self.categories):
            remedy = 'Write numbers as texts, such as "1.5".'
            raise rule_error("scatter-numbers", "The categories of a scatter chart are not numbers", remedy)
        return self

    @property
    def numbers(self) -> tuple[str, ...]:
        """The categories of a scatter chart that are numbers."""
        return tuple(filter(_NUMBER.fullmatch, self.categories)) if self.type == "scatter" else ()

    def parts(self) -> tuple[DiagramPart, ...]:
        """The bars or pieces; of a line or scatter chart, the series."""
        if self.type in ("line", "scatter") or len(self.series) > 1:
            return tuple(
                DiagramPart(id=f"series/{n}", texts=(each.name,) if each.name else ())
                for n, each in enumerate(self.series)
            )
        return tuple(DiagramPart(id=f"categories/{n}", texts=(text,)) for n, text in enumerate(self.categories))


class DatedEvent(DiagramPiece):
    """An event of a timeline."""

    when: Name
    what: Name


class Chronology(DiagramBase):
    """Events in their order."""

    title_of_kind: ClassVar[str] = "timeline"
    kind: Literal["timeline"]
    events: Annotated[tuple[DatedEvent, ...], Field(strict=False, min_length=2, max_length=8)]

    def parts(self) -> tuple[DiagramPart, ...]:
        """The events."""
        return tuple(DiagramPart(id=f"events/{n}", texts=(e.what, e.when)) for n, e in enumerate(self.events))


class Mark(DiagramPiece):
    """A place on a number line."""

    at: Number
    label: Line = ""


class NumberLine(DiagramBase):
    """A line of numbers with marked places."""

    title_of_kind: ClassVar[str] = "number line"
    kind: Literal["number-line"]
    start: Annotated[Number, Field(alias="from")]
    end: Annotated[Number, Field(alias="to")]
    step: Annotated[Number, Field(gt=0)] = 1.0
    """Distance of the ticks."""
    marks: Annotated[tuple[Mark, ...], Field(strict=False, min_length=1, max_length=8)]

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.start >= self.end or any(not self.start <= mark.at <= self.end for mark in self.marks):
            raise rule_error("outside-line", "A mark lies outside the number line", 'Widen "from" and "to".')
        if (self.end - self.start) / self.step > 40:
            raise rule_error("too-many-ticks", "The number line has over 40 ticks", 'Make "step" larger.')
        return self

    def parts(self) -> tuple[DiagramPart, ...]:
        """The marks."""
        return tuple(
            DiagramPart(id=f"marks/{n}", texts=tuple(t for t in (mark.label, f"{mark.at:g}") if t))
            for n, mark in enumerate(self.marks)
        )


class Rung(DiagramPiece):
    """A step of a scale."""

    value: Name
    label: Line = ""
    """An example of that size."""


class Scale(DiagramBase):
    """A ladder of sizes, each step many times the one before: thousand, million, billion."""

    title_of_kind: ClassVar[str] = "scale"
    kind: Literal["scale"]
    steps: Annotated[tuple[Rung, ...], Field(strict=False, min_length=2, max_length=8)]
    """The steps, the smallest first."""
    between: Line = ""
    """What leads from each step to the next, such as "× 1000"."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """The steps."""
        return tuple(
            DiagramPart(id=f"steps/{n}", texts=tuple(t for t in (step.value, step.label) if t))
            for n, step in enumerate(self.steps)
        )


class Quotation(DiagramBase):
    """Words of somebody."""

    title_of_kind: ClassVar[str] = "quotation"
    kind: Literal["quotation"]
    text: Name
    by: Line = ""

    def parts(self) -> tuple[DiagramPart, ...]:
        """The words, then who said them."""
        by = (DiagramPart(id="by", texts=(self.by,), after=("text",)),) if self.by else ()
        return (DiagramPart(id="text", texts=(self.text,)), *by)


class BigNumber(DiagramBase):
    """One number, large."""

    title_of_kind: ClassVar[str] = "big number"
    kind: Literal["number"]
    value: Name
    """The number with its unit."""
    what: Name
    """What it counts or measures."""
    compare: Line = ""
    """What it may be compared with."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """The number, what it is, the comparison."""
        compare = (DiagramPart(id="compare", texts=(self.compare,), after=("value",)),) if self.compare else ()
        return (
            DiagramPart(id="value", texts=(self.value,)),
            DiagramPart(id="what", texts=(self.what,), after=("value",)),
            *compare,
        )


class Term(DiagramPiece):
    """A term of an equation."""

    symbol: Name
    """The term in LaTeX, as it stands in the equation."""
    name: Name
    """What it is."""


class Terms(DiagramBase):
    """An equation with its terms named."""

    title_of_kind: ClassVar[str] = "equation with terms"
    kind: Literal["terms"]
    equation: Name
    """LaTeX, without $."""
    terms: Annotated[tuple[Term, ...], Field(strict=False, min_length=1, max_length=8)]

    def parts(self) -> tuple[DiagramPart, ...]:
        """The equation, then the terms."""
        return (
            DiagramPart(id="equation", texts=(self.equation,), is_base=True),
            *(
                DiagramPart(id=f"terms/{n}", texts=(term.name, term.symbol), after=("equation",))
                for n, term in enumerate(self.terms)
            ),
        )


class DerivationStep(DiagramPiece):
    """A step of a derivation."""

    equation: Name
    """LaTeX, without $."""
    reason: Line = ""
    """Why it follows from the step before."""


class Derivation(DiagramBase):
    """Equations one below the other, each following from the one before."""

    title_of_kind: ClassVar[str] = "derivation"
    kind: Literal["derivation"]
    steps: Annotated[tuple[DerivationStep, ...], Field(strict=False, min_length=2, max_length=8)]

    def parts(self) -> tuple[DiagramPart, ...]:
        """The steps."""
        return tuple(
            DiagramPart(id=f"steps/{n}", texts=tuple(t for t in (step.reason, step.equation) if t))
            for n, step in enumerate(self.steps)
        )
