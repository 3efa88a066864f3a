"""The diagram that a bare description asks for: its kind by words, its texts from description and narration.

Does not belong here: what a description shows without an arrangement (`depiction`), or drawing a diagram.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import ValidationError

from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.slides.phrases.words import VisibleText

from .arrangement_source import ArrangementSource, arrangement_source
from .arrangement_words import arrangement_words
from .asked_graphs import asked_graph
from .asked_numbers import asked_chart, asked_number, asked_number_line, asked_scale, asked_timeline
from .asked_relations import asked_cycle, asked_flow, asked_hierarchy, in_and_out
from .asked_statements import asked_derivation, asked_quotation, asked_terms, writes_equation
from .asked_structures import asked_comparison, asked_layers, asked_matrix, asked_parts, asked_sets

_BUILDERS: dict[str, Callable[..., Diagram | None]] = {
    "number-line": asked_number_line,
    "matrix": asked_matrix,
    "sets": asked_sets,
    "timeline": asked_timeline,
    "graph": asked_graph,
    "chart": asked_chart,
    "derivation": asked_derivation,
    "terms": asked_terms,
    "quotation": asked_quotation,
    "scale": asked_scale,
    "cycle": asked_cycle,
    "comparison": asked_comparison,
    "hierarchy": asked_hierarchy,
    "flow": asked_flow,
    "layers": asked_layers,
    "parts": asked_parts,
    "number": asked_number,
}
"""For each kind what fills it, in the order in which the kinds are tried: the one with the rarer words first."""


_EXCLUDED_BY_GRAPHS = frozenset({"parts", "layers", "flow", "sets"})
"""The labels of curves are no parts, layers or steps."""
_EXCLUDED_BY_MAPS = frozenset({"parts", "layers", "flow", "cycle"})
"""The labels of a map are places."""


def arranged(description: str, visible: VisibleText, *, language: str, title: str) -> Diagram | None:
    """The diagram for which `description` asks, in `language` (a BCP 47 tag), or None.

    Its texts are pieces of the description, of the narration `visible`, or `title`. None if no arrangement is asked
    for, or if the texts do not give enough to draw it. The work is bounded for texts of any length.
    """
    if not description.strip():
        return None
    for words in arrangement_words(language):
        source = arrangement_source(description, visible, language=language, title=title, words=words)
        for diagram in _diagrams(source):
            if _has_room(diagram):
                return diagram
    return None


_MOST_PARTS = 10
_MOST_TEXT, _MOST_WORD, _MOST_IN_ALL = 60, 28, 480
"""Characters of a part, of a word, and of all parts of a diagram that fits nearly every slide at a legible size."""


def _has_room(diagram: Diagram) -> bool:
    """Whether the texts are short enough for most slides. On the others, the diagram's parts are shown as a list."""
    if diagram.kind == "quotation":
        return True
    texts = [text for part in diagram.parts() for text in part.texts]
    words = (word for text in texts for word in text.split())
    return (
        len(diagram.parts()) <= 2 * _MOST_PARTS
        and all(len(text) <= _MOST_TEXT for text in texts)
        and all(len(word) <= _MOST_WORD for word in words)
        and sum(map(len, texts)) <= _MOST_IN_ALL
    )


def _diagrams(source: ArrangementSource) -> Iterator[Diagram]:
    asked = [
        kind for kind in _BUILDERS if kind in source.words.strong and source.words.strong[kind].search(source.text)
    ]
    hinted = [kind for kind in _BUILDERS if kind in source.words.weak and source.words.weak[kind].search(source.text)]
    if "→" in source.text:
        hinted.append("flow")
    if writes_equation(source):
        hinted.insert(0, "terms")
    if in_and_out(source):
        asked.insert(0, "flow")
    excluded = _EXCLUDED_BY_GRAPHS if "graph" in asked else frozenset[str]()
    if "→" in source.text:
        excluded -= {"flow"}  # a "graph" with arrows between its labels is a chain
    excluded |= _EXCLUDED_BY_MAPS if source.words.find("maps", source.text) else frozenset[str]()
    asked, hinted = ([kind for kind in kinds if kind not in excluded] for kinds in (asked, hinted))
    for kind, named in (*((kind, True) for kind in asked), *((kind, False) for kind in hinted)):
        try:
            diagram = _BUILDERS[kind](source, named=named)
        except ValidationError:
            # The texts break a limit of the kind, such as the length of a name.
            continue
        if diagram is not None:
            yield diagram
