"""Diagrams from bare descriptions: what is asked for is drawn, and nothing in it is invented.

`arrangements.json` holds descriptions as archives write them, the kind of diagram that each asks for (null: none), and
texts that the diagram must have.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.slides.descriptions.arrangement import arranged
from video_assets.studio.slides.phrases.words import VisibleText

CASES = json.loads((Path(__file__).parent / "arrangements.json").read_text("utf-8"))
NAMES = st.lists(
    st.sampled_from(
        ["Ember", "Quartz", "Willow", "Harbour", "Lantern", "Meadow", "Pebble", "Thistle", "Walnut", "Falcon"]
    ),
    min_size=3,
    max_size=6,
    unique=True,
)


def _texts(diagram: Diagram) -> list[str]:
    return [part.texts[0] for part in diagram.parts() if part.texts]


def _derive(description: str, narration: str = "", language: str = "en") -> Diagram | None:
    return arranged(description, VisibleText(narration), language=language, title="Subject of the lesson")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_arrangement_that_is_asked_for_is_derived(case: dict) -> None:
    """A class would see a row of labels where the lesson's author described a flow chart."""
    diagram = _derive(case["description"], case.get("narration", ""), case.get("language", "en"))
    assert (diagram.kind if diagram else None) == case["kind"]
    shown = [text.casefold() for part in (diagram.parts() if diagram else ()) for text in part.texts]
    assert [text for text in case.get("texts", ()) if text.casefold() not in shown] == []


TEMPLATES = (
    ("flow", "An animated flowchart: {arrows}. Style: minimalist, dark background."),
    ("flow", "A clean flowchart with boxes for {commas}. The camera zooms out."),
    ("flow", "Flow diagram, step by step: {quoted}."),
    ("cycle", "A circular diagram with arrows: {commas}."),
    ("cycle", "The cycle of {quoted}, slowly rotating, soft light."),
    ("layers", "Cross-section with layers from top to bottom: {commas}."),
    ("hierarchy", "A tree diagram: the kingdom branches into {commas}."),
    ("parts", "Labelled diagram of a machine with labels: {commas}."),
)


@pytest.mark.parametrize(("kind", "template"), TEMPLATES)
@given(names=NAMES)
def test_every_name_arrives_once_and_in_order(kind: str, template: str, names: list[str]) -> None:
    """A step that is lost, doubled or moved would teach a wrong process."""
    commas = f"{', '.join(names[:-1])} and {names[-1]}"
    quoted = ", ".join(f"'{name}'" for name in names)
    diagram = _derive(template.format(arrows=" -> ".join(names), commas=commas, quoted=quoted))
    assert diagram is not None
    assert diagram.kind == kind
    assert [text for text in _texts(diagram) if text in names] == names


PIECES = st.sampled_from(
    (
        *(
            "flowchart",
            "cycle",
            "split screen",
            "left:",
            "right:",
            "before:",
            "after:",
            "tree",
            "branches into",
            "layers",
        ),
        *(
            "labels:",
            "'A'",
            "“B c”",
            "→",
            "->",
            ",",
            "and",
            "from",
            "to",
            "Venn diagram of",
            "graph of",
            "x-axis: time",
        ),
        *("peak", "bar chart", "40 %", "1947", "number line", "the number", "F = ma", "equation", "1.", "2)", ":", "."),
        *("\n", "(", "'", "\ue100", "\x00", "首先", "चक्र", "matrix", "rows:", "columns:", "quote", "scale", "million"),
    )
)
LANGUAGES = st.sampled_from(("en", "de", "zh", "hi", "xx"))


@given(st.lists(PIECES | st.text(max_size=12), max_size=40), st.text(max_size=80), LANGUAGES)
def test_any_description_can_be_read(pieces: list[str], narration: str, language: str) -> None:
    """One odd description would stop a whole lesson."""
    description = " ".join(pieces)
    diagram = _derive(description, narration, language)
    if diagram is not None:
        _assert_nothing_is_invented(diagram, description, narration)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_no_text_of_a_diagram_is_invented(case: dict) -> None:
    """A class would learn something that its teacher never said."""
    diagram = _derive(case["description"], case.get("narration", ""), case.get("language", "en"))
    if diagram is not None:
        _assert_nothing_is_invented(diagram, case["description"], case.get("narration", ""))


def _assert_nothing_is_invented(diagram: Diagram, description: str, narration: str) -> None:
    said = _plain(f"{description} {narration} Subject of the lesson")
    shown = (text for part in diagram.parts() for text in part.texts)
    assert [text for text in shown if _plain(text) not in said] == []


def _plain(text: str) -> str:
    """Letters and digits alone: the case, the spaces and the marks around them may differ."""
    text = re.sub(r"\\[a-z]+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"[\W_]+", "", text).casefold()
