"""What a writing provider says about the visual of a section, and the diagram that follows from it.

Providers follow a flat schema with few fields better than one schema for each kind of diagram. So a response has a list
of items, and the kind says what the fields of an item mean. Does not belong here: requests (`provider`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.diagrams import Diagram

_DIAGRAM: TypeAdapter[Diagram] = TypeAdapter(Diagram)

VisualKind = Literal[
    "picture",
    "flow",
    "cycle",
    "comparison",
    "layers",
    "hierarchy",
    "parts",
    "sets",
    "graph",
    "bar chart",
    "line chart",
    "pie chart",
    "timeline",
    "scale",
    "number",
    "quotation",
    "terms",
    "derivation",
]


# The docstrings of the next three classes are sent to providers, as descriptions in the JSON schema of the response.


class VisualItem(FrozenModel):
    """One item of a diagram."""

    text: str
    note: str = ""
    group: str = ""
    value: float = 0


class VisualLink(FrozenModel):
    """An arrow between two items of a flow, by their texts."""

    start: str
    end: str
    label: str = ""


class VisualText(FrozenModel):
    """What is drawn while the section is spoken."""

    kind: VisualKind = "picture"
    items: tuple[VisualItem, ...] = ()
    links: tuple[VisualLink, ...] = ()
    centre: str = ""
    x_label: str = ""
    y_label: str = ""
    unit: str = ""


VISUAL_PROMPT = (
    "visual says what is drawn. Choose the kind that explains this section best, and picture where no diagram "
    "explains anything; then items is empty. Items are two to six, in the order in which the narration speaks of "
    "them; texts have at most five words, are not repeated, and use the narration's words. text, note, group and "
    "value mean: flow: text is a box; links are the arrows, none if each box leads to the next. cycle: text is a "
    "step; centre may stand in the middle. comparison: text is a point, group the thing that it is said of; two "
    "groups. layers: from top to bottom. hierarchy: group is the text of the item above it, empty for the first. "
    "parts: centre is the whole, text a part, note what it does. sets: group is the set, or both. graph: text "
    "names a curve, note is its shape: rising, falling, exponential, decay, saturating, s, step, peak, valley, "
    "wave or flat; x_label and y_label name the axes. bar chart, line chart, pie chart: text is a category, value "
    "its number, unit the unit; only numbers of the narration. timeline: note is the date. scale: text is a size, "
    "note an example, the smallest first. number: one item, text is the number, note what it counts. quotation: "
    "one item, note is who said it. terms: the first text is an equation in LaTeX, the others are its symbols "
    "with note as their names. derivation: text is an equation in LaTeX, note why it follows. Fields without a "
    "meaning are empty or 0."
)
"""The part of a prompt that asks for the visual."""


def diagram_data(visual: VisualText) -> dict[str, Any] | None:
    """The diagram of `visual` as an author would write it in a lesson file; None for a picture.

    Raises ValueError, with the reason, for items of which no diagram of that kind can be drawn.
    """
    if visual.kind == "picture":
        return None
    try:
        diagram = _DIAGRAM.validate_python(_DATA[visual.kind](visual))
    except ValidationError as error:
        first = error.errors()[0]
        reason = first.get("ctx", {}).get("message") or first["msg"]
        raise ValueError(f"{visual.kind}: {'.'.join(map(str, first['loc'][1:]))} {reason}".strip()) from error
    except (IndexError, KeyError) as error:
        raise ValueError(f"{visual.kind}: it has too few items") from error
    return diagram.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"kind": diagram.kind}


def diagram_of(visual: VisualText) -> Diagram | None:
    """The diagram of `visual`; None for a picture. Raises ValueError as `diagram_data` does."""
    data = diagram_data(visual)
    return None if data is None else _DIAGRAM.validate_python(data)


def _texts(visual: VisualText) -> list[str]:
    return [_line(item.text) for item in visual.items]


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _without_empty(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", [], ())}


def _flow(visual: VisualText) -> dict[str, Any]:
    links = [
        _without_empty(**{"from": _line(link.start), "to": _line(link.end), "label": _line(link.label)})
        for link in visual.links
    ]
    return _without_empty(kind="flow", nodes=list(dict.fromkeys(_texts(visual))), links=links)


def _cycle(visual: VisualText) -> dict[str, Any]:
    return _without_empty(kind="cycle", steps=_texts(visual), centre=_line(visual.centre))


def _groups(visual: VisualText) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item in visual.items:
        groups.setdefault(_line(item.group), []).append(_line(item.text))
    return groups


def _comparison(visual: VisualText) -> dict[str, Any]:
    sides = [{"title": group, "points": points} for group, points in _groups(visual).items()]
    return {"kind": "comparison", "sides": sides}


def _layers(visual: VisualText) -> dict[str, Any]:
    return {"kind": "layers", "layers": [_named(item) for item in visual.items]}


def _named(item: VisualItem) -> dict[str, Any]:
    return _without_empty(name=_line(item.text), note=_line(item.note))


def _hierarchy(visual: VisualText) -> dict[str, Any]:
    branches: dict[str, dict[str, Any]] = {text: {"name": text} for text in _texts(visual)}
    root = branches[_line(visual.items[0].text)]
    for item in visual.items[1:]:
        parent = branches.get(_line(item.group), root)
        parent.setdefault("children", []).append(branches[_line(item.text)])
    if any(branch in branch.get("children", ()) for branch in branches.values()):
        raise KeyError("an item is above itself")
    return {"kind": "hierarchy", "root": root}


def _parts(visual: VisualText) -> dict[str, Any]:
    return {"kind": "parts", "figure": _line(visual.centre), "parts": [_named(item) for item in visual.items]}


def _sets(visual: VisualText) -> dict[str, Any]:
    groups = _groups(visual)
    shared = groups.pop("both", []) + groups.pop("all", [])
    sets = [_without_empty(name=group, items=items) for group, items in groups.items()]
    return _without_empty(kind="sets", sets=sets, shared=shared)


def _graph(visual: VisualText) -> dict[str, Any]:
    curves = [{"name": _line(item.text), "shape": item.note.strip().lower()} for item in visual.items]
    axes = {"x": {"label": _line(visual.x_label)}, "y": {"label": _line(visual.y_label)}}
    return {"kind": "graph", **axes, "curves": curves}


def _chart(visual: VisualText) -> dict[str, Any]:
    labels = _without_empty(unit=_line(visual.unit), x_label=_line(visual.x_label), y_label=_line(visual.y_label))
    series = [{"values": [item.value for item in visual.items]}]
    type_ = visual.kind.partition(" ")[0]
    return {"kind": "chart", "type": type_, "categories": _texts(visual), "series": series, **labels}


def _timeline(visual: VisualText) -> dict[str, Any]:
    events = [{"when": _line(item.note), "what": _line(item.text)} for item in visual.items]
    return {"kind": "timeline", "events": events}


def _scale(visual: VisualText) -> dict[str, Any]:
    steps = [_without_empty(value=_line(item.text), label=_line(item.note)) for item in visual.items]
    return {"kind": "scale", "steps": steps}


def _number(visual: VisualText) -> dict[str, Any]:
    first = visual.items[0]
    return {"kind": "number", "value": _line(first.text), "what": _line(first.note)}


def _quotation(visual: VisualText) -> dict[str, Any]:
    first = visual.items[0]
    return _without_empty(kind="quotation", text=" ".join(first.text.split()), by=_line(first.note))


def _terms(visual: VisualText) -> dict[str, Any]:
    terms = [{"symbol": item.text.strip(), "name": _line(item.note)} for item in visual.items[1:]]
    return {"kind": "terms", "equation": visual.items[0].text.strip(), "terms": terms}


def _derivation(visual: VisualText) -> dict[str, Any]:
    steps = [_without_empty(equation=item.text.strip(), reason=_line(item.note)) for item in visual.items]
    return {"kind": "derivation", "steps": steps}


_DATA: Mapping[str, Callable[[VisualText], dict[str, Any]]] = {
    "flow": _flow,
    "cycle": _cycle,
    "comparison": _comparison,
    "layers": _layers,
    "hierarchy": _hierarchy,
    "parts": _parts,
    "sets": _sets,
    "graph": _graph,
    "bar chart": _chart,
    "line chart": _chart,
    "pie chart": _chart,
    "timeline": _timeline,
    "scale": _scale,
    "number": _number,
    "quotation": _quotation,
    "terms": _terms,
    "derivation": _derivation,
}
