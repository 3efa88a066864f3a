"""Numbers on figures: each stays on one line, however many digits it has and whatever language groups them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kit.typeset_slides import text_boxes, type_sizes
from video_assets.studio.core.errors import DoesNotFit
from video_assets.studio.lesson.script import Slide
from video_assets.studio.slides.inline_text import template_text

from .test_figure_drawings import DIAGRAMS
from .test_figure_drawings import _request as request_of  # pyright: ignore[reportPrivateUsage]
from .test_slides import PAINTER, SIZES, THEMES

SEPARATORS = {"en": ",", "de": ".", "fr": "\u202f", "pl": " ", "sv": "\u2009", "ru": "\u00a0", "ar": "٬", "zh": ","}
"""What groups digits in these languages, also as authors type it."""
BREAKS = " \u2009\u200b"


def _grouped(number: int, language: str) -> str:
    return f"{number:,}".replace(",", SEPARATORS[language])


def _figures(numbers: list[str]) -> dict[str, dict[str, Any]]:
    """A figure of each kind that shows numbers as the author wrote them."""
    steps = [{"value": number, "label": "steps"} for number in numbers]
    return {
        "scale": {"kind": "scale", "steps": steps, "between": "× 1 000"},
        "timeline": {"kind": "timeline", "events": [{"when": number, "what": "Then"} for number in numbers]},
        "bar": {"kind": "chart", "type": "bar", "categories": numbers, "series": [{"values": [3, 1, 2]}]},
        "line": {"kind": "chart", "type": "line", "categories": numbers, "series": [{"values": [3, 1, 2]}]},
        "number-line": {
            "kind": "number-line",
            "from": 0,
            "to": 9_000_000,
            "step": 1_000_000,
            "marks": [{"at": 2_000_000 * (i + 1), "label": number} for i, number in enumerate(numbers)],
        },
        "graph": {
            "kind": "graph",
            "x": {"label": "Time", "ticks": numbers},
            "y": {"label": "Height", "ticks": numbers},
            "curves": [{"shape": "rising"}],
        },
        "number": {"kind": "number", "value": numbers[-1], "what": "of them", "compare": numbers[0]},
    }


@given(number=st.integers(1000, 10**24), language=st.sampled_from(sorted(SEPARATORS)))
@example(number=10**9, language="pl")
@example(number=10**23, language="en")
def test_a_line_never_breaks_inside_a_number(number: int, language: str) -> None:
    """A learner would read "1 000" on one line and "000" on the next, and take it for two numbers."""
    found = template_text(f"about {_grouped(number, language)} cells", language)
    assert found is not None
    isolates = str.maketrans("", "", "\u2066\u2067\u2068\u2069")
    words = "".join(run["text"] for run in found["runs"]).translate(isolates)
    digits = words[words.index(str(number)[0]) : words.rindex(str(number)[-1]) + 1]
    assert not set(digits) & set(BREAKS)
    assert any(sum(run["text"].count(digits) for run in unit) for unit in found["units"])


@pytest.mark.parametrize(("text", "shown"), [("× 1 000", "×\u00a01\u00a0000"), ("50 %", "50\u00a0%")])
def test_a_sign_stays_with_its_number(text: str, shown: str) -> None:
    """A learner would read a sign at the end of a line without its number."""
    found = template_text(text, "fr")
    assert found is not None
    assert found["runs"][0]["text"] == shown


@pytest.mark.parametrize("text", ["1914 1918 1939", "1 and 2 345 6", "12 34 56"])
def test_numbers_that_only_stand_side_by_side_may_part(text: str) -> None:
    """A list of years would be one long word that no slide has room for."""
    found = template_text(text, "en")
    assert found is not None
    assert " " in "".join(run["text"] for run in found["runs"])


@settings(max_examples=6)
@given(
    powers=st.lists(st.integers(3, 9), min_size=3, max_size=3, unique=True).map(sorted),
    language=st.sampled_from(sorted(SEPARATORS)),
    room=st.sampled_from([(size, theme) for size in SIZES for theme in THEMES]),
)
@example(powers=[3, 6, 9], language="pl", room=((720, 1280), "signal"))
@example(powers=[3, 6, 9], language="sv", room=((720, 720), "paper"))
def test_numbers_of_figures_stand_on_one_line(
    powers: list[int], language: str, room: tuple[tuple[int, int], str]
) -> None:
    """A class would see a billion broken into a thousand and some zeros."""
    size, theme = room
    numbers = [_grouped(10**power, language) for power in powers]
    for kind, data in _figures(numbers).items():
        slide = Slide(layout="diagram", title="A title", diagram=DIAGRAMS.validate_python(data))
        request = request_of(slide, size, "corner", theme, language)
        try:
            PAINTER.paint(request, {})
        except DoesNotFit:
            assert kind == "graph"  # whose axes leave a third of the width to the longest number
            continue
        joined = {**data, **_joined(data)}
        same = slide.model_copy(update={"diagram": DIAGRAMS.validate_python(joined)})
        assert len(text_boxes(request_of(same, size, "corner", theme, language))) == len(text_boxes(request)), kind


def _joined(value: Any) -> Any:
    """`value` with numbers whose groups cannot part in any writing system."""
    if isinstance(value, str):
        return value if "×" in value or value.isalpha() else value.replace("\u2009", "\u202f").replace(" ", "\u00a0")
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    return [_joined(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("ends", [(-5, 5), (-3, 12), (-20, 7)], ids=str)
def test_zero_is_named_on_a_number_line(ends: tuple[int, int]) -> None:
    """A learner would have to count the ticks to find zero, from which all is told."""
    low, high = ends
    marks = [{"at": 1, "label": "a mark with words"}]
    data = {"kind": "number-line", "from": low, "to": high, "step": 1, "marks": marks}
    slide = Slide(layout="diagram", title="A title", diagram=DIAGRAMS.validate_python(data))
    for size, theme in itertools.product(SIZES, THEMES):
        assert "0" in [text for _, text in type_sizes(request_of(slide, size, "corner", theme))]
