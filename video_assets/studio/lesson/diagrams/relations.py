"""Diagrams of relations: what leads to what, what stands beside, below or inside what.

The kinds are flow, cycle, comparison, layers, hierarchy, labelled parts, sets and matrix.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from video_assets.studio.lesson.text_rules import Line, Name, rule_error

from .base import MAX_PARTS, DiagramBase, DiagramPart, DiagramPiece, Names


class Link(DiagramPiece):
    """An arrow of a flow chart."""

    start: Annotated[Name, Field(alias="from")]
    """The node where the arrow starts, by its text."""
    end: Annotated[Name, Field(alias="to")]
    """The node where the arrow ends, by its text."""
    label: Line = ""
    """What stands at the arrow."""


class Flow(DiagramBase):
    """Boxes joined by arrows. An arrow back to an earlier box is drawn as feedback."""

    title_of_kind: ClassVar[str] = "flow chart"
    kind: Literal["flow"]
    nodes: Names
    """The boxes, in the order in which they are explained."""
    links: Annotated[tuple[Link, ...], Field(strict=False, max_length=24)] = ()
    """The arrows; left out, each box leads to the next."""

    @model_validator(mode="after")
    def _links_name_nodes(self) -> Self:
        for link in self.links:
            for name in (link.start, link.end):
                if name not in self.nodes:
                    remedy = "Write the text of one of the nodes, exactly as it stands there."
                    raise rule_error("unknown-node", f'An arrow names "{name}", which is none of the nodes', remedy)
        return self

    @model_validator(mode="after")
    def _links_differ(self) -> Self:
        seen: set[tuple[str, str, str]] = set()
        for link in self.links:
            arrow = (link.start, link.end, link.label)
            if arrow in seen:
                remedy = "Remove one of them, or give them different labels."
                raise rule_error("repeated-arrow", f'Two arrows from "{link.start}" to "{link.end}" are alike', remedy)
            seen.add(arrow)
        return self

    @property
    def arrows(self) -> tuple[tuple[int, int, str], ...]:
        """The arrows as (index of the first node, index of the second node, label)."""
        if self.links:
            place = {name: index for index, name in reversed(tuple(enumerate(self.nodes)))}
            return tuple((place[link.start], place[link.end], link.label) for link in self.links)
        return tuple((index, index + 1, "") for index in range(len(self.nodes) - 1))

    def parts(self) -> tuple[DiagramPart, ...]:
        """The nodes, each followed by the arrows that end the wait for both of their nodes."""
        found: list[DiagramPart] = []
        for node, text in enumerate(self.nodes):
            found.append(DiagramPart(id=f"nodes/{node}", texts=(text,)))
            for number, (start, end, label) in enumerate(self.arrows):
                if max(start, end) == node:
                    ends = (f"nodes/{start}", f"nodes/{end}")
                    found.append(DiagramPart(id=f"links/{number}", texts=(label,) if label else (), after=ends))
        return tuple(found)


class Cycle(DiagramBase):
    """Steps on a circle; the last one leads to the first."""

    title_of_kind: ClassVar[str] = "cycle"
    kind: Literal["cycle"]
    steps: Annotated[tuple[Name, ...], Field(strict=False, min_length=2, max_length=8)]
    """The steps, clockwise from the top."""
    centre: Line = ""
    """What stands in the middle."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """The middle, then the steps. The last arrow appears with the last step."""
        centre = (DiagramPart(id="centre", texts=(self.centre,), is_base=True),) if self.centre else ()
        return (*centre, *(DiagramPart(id=f"steps/{n}", texts=(text,)) for n, text in enumerate(self.steps)))


class Side(DiagramPiece):
    """One side of a comparison."""

    title: Name
    """What is compared."""
    points: Annotated[tuple[Name, ...], Field(strict=False, max_length=6)] = ()
    """What is true of it. The points of both sides with the same number stand in one row."""


class Comparison(DiagramBase):
    """Two or three things side by side, or a state before and after."""

    title_of_kind: ClassVar[str] = "comparison"
    kind: Literal["comparison"]
    sides: Annotated[tuple[Side, ...], Field(strict=False, min_length=2, max_length=3)]
    """The things."""
    relation: Literal["versus", "before-after"] = "versus"
    """Whether the second side stands against the first one, or follows from it (with an arrow)."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """Each side's title, then its points."""
        found: list[DiagramPart] = []
        for side, written in enumerate(self.sides):
            title = f"sides/{side}/title"
            found.append(DiagramPart(id=title, texts=(written.title,)))
            found.extend(
                DiagramPart(id=f"sides/{side}/points/{number}", texts=(point,), after=(title,))
                for number, point in enumerate(written.points)
            )
        return tuple(found)


class LayerOfDiagram(DiagramPiece):
    """A layer."""

    name: Name
    note: Line = ""
    """A remark that stands beside the name."""


class Layers(DiagramBase):
    """Layers one above the other: a stack, or a cross-section."""

    title_of_kind: ClassVar[str] = "layers"
    kind: Literal["layers"]
    layers: Annotated[tuple[LayerOfDiagram, ...], Field(strict=False, min_length=2, max_length=9)]
    """The layers, the top one first."""
    look: Literal["stack", "section"] = "stack"
    """A stack of plates, or a cut through the ground with layers that touch."""
    start: Literal["top", "bottom"] = "top"
    """The end at which the explanation starts."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """The layers, in the order of the explanation."""
        found = [
            DiagramPart(id=f"layers/{number}", texts=tuple(text for text in (layer.name, layer.note) if text))
            for number, layer in enumerate(self.layers)
        ]
        return tuple(found if self.start == "top" else reversed(found))


class Branch(DiagramPiece):
    """A node of a hierarchy."""

    name: Name
    children: Annotated[tuple[Branch, ...], Field(strict=False, max_length=6)] = ()
    """What belongs to it."""


class Hierarchy(DiagramBase):
    """A tree of kinds, parts or ranks, at most four levels deep."""

    title_of_kind: ClassVar[str] = "hierarchy"
    kind: Literal["hierarchy"]
    root: Branch
    """The top of the tree."""

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if len(self.branches) > 2 * MAX_PARTS or any(path.count("/") > 3 for path, _ in self.branches):
            raise rule_error(
                "too-large", "The hierarchy has over 24 nodes or over four levels", "Show a part of it in each section."
            )
        return self

    @property
    def branches(self) -> tuple[tuple[str, Branch], ...]:
        """All nodes in reading order, each with its id: root, root/0, root/0/1."""

        def below(path: str, branch: Branch) -> tuple[tuple[str, Branch], ...]:
            inner = (pair for n, child in enumerate(branch.children) for pair in below(f"{path}/{n}", child))
            return ((path, branch), *inner)

        return below("root", self.root)

    def parts(self) -> tuple[DiagramPart, ...]:
        """The nodes, each after its parent, with the line from it."""
        return tuple(
            DiagramPart(
                id=path,
                texts=(branch.name,),
                after=(path.rpartition("/")[0],) if "/" in path else (),
                is_base="/" not in path,
            )
            for path, branch in self.branches
        )


class LabelledPart(DiagramPiece):
    """A part of a figure with its name."""

    name: Name
    note: Line = ""
    """What it does, in a few words."""


class LabelledParts(DiagramBase):
    """A thing in the middle with its parts named around it."""

    title_of_kind: ClassVar[str] = "labelled parts"
    kind: Literal["parts"]
    figure: Name
    """The thing."""
    parts_of_figure: Annotated[tuple[LabelledPart, ...], Field(alias="parts", strict=False, min_length=2, max_length=8)]
    """Its parts."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """The figure, then its parts."""
        return (
            DiagramPart(id="figure", texts=(self.figure,), is_base=True),
            *(
                DiagramPart(id=f"parts/{n}", texts=tuple(t for t in (part.name, part.note) if t), after=("figure",))
                for n, part in enumerate(self.parts_of_figure)
            ),
        )


class NamedSet(DiagramPiece):
    """A set."""

    name: Name
    items: Annotated[tuple[Name, ...], Field(strict=False, max_length=5)] = ()
    """What belongs to this set alone."""


class Sets(DiagramBase):
    """A set diagram (Venn) of two or three sets that overlap, or of sets inside each other."""

    title_of_kind: ClassVar[str] = "set diagram"
    kind: Literal["sets"]
    sets: Annotated[tuple[NamedSet, ...], Field(strict=False, min_length=2, max_length=3)]
    """The sets; for nested ones, the outermost first."""
    shared: Annotated[tuple[Name, ...], Field(strict=False, max_length=4)] = ()
    """What belongs to all of them."""
    arrangement: Literal["overlap", "nested", "apart"] = "overlap"
    """How the sets lie."""

    def parts(self) -> tuple[DiagramPart, ...]:
        """Each set with its items, then the shared items."""
        found: list[DiagramPart] = []
        for number, each in enumerate(self.sets):
            found.append(DiagramPart(id=f"sets/{number}", texts=(each.name,)))
            found.extend(
                DiagramPart(id=f"sets/{number}/items/{n}", texts=(item,), after=(f"sets/{number}",))
                for n, item in enumerate(each.items)
            )
        around = tuple(f"sets/{number}" for number in range(len(self.sets)))
        found.extend(DiagramPart(id=f"shared/{n}", texts=(item,), after=around) for n, item in enumerate(self.shared))
        return tuple(found)


class Matrix(DiagramBase):
    """Cells by two properties: a two-by-two field, a Punnett square, a table of cases."""

    title_of_kind: ClassVar[str] = "matrix"
    kind: Literal["matrix"]
    columns: Annotated[tuple[Name, ...], Field(strict=False, min_length=2, max_length=4)]
    """Headings of the columns."""
    rows: Annotated[tuple[Name, ...], Field(strict=False, min_length=2, max_length=4)]
    """Headings of the rows."""
    cells: Annotated[
        tuple[Annotated[tuple[Line, ...], Field(strict=False)], ...], Field(strict=False, min_length=2, max_length=4)
    ]
    """The cells, row by row."""
    column_title: Line = ""
    """What the columns are."""
    row_title: Line = ""
    """What the rows are."""

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        if len(self.cells) != len(self.rows) or any(len(row) != len(self.columns) for row in self.cells):
            remedy = "Give a list for each row, with a text for each column."
            raise rule_error("uneven-matrix", "The cells do not match the rows and columns", remedy)
        return self

    def parts(self) -> tuple[DiagramPart, ...]:
        """The cells that are not empty, row by row. Headings are there from the start."""
        return tuple(
            DiagramPart(id=f"cells/{row}/{column}", texts=(text, self.rows[row], self.columns[column]))
            for row, cells in enumerate(self.cells)
            for column, text in enumerate(cells)
            if text
        )
