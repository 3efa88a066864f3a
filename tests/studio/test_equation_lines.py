"""The lines of an equation of several lines: each is a part of the slide that appears when it is spoken of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.typeset_slides import drawn_parts, text_boxes
from video_assets.studio.core.errors import ContentError
from video_assets.studio.lesson.script import Slide
from video_assets.studio.slides.equations.equation_lines import MOST_LINES, equation_lines
from video_assets.studio.slides.equations.latex_to_typst import typeset_latex
from video_assets.studio.slides.parts import parts_of

from .test_figure_drawings import _request
from .test_slides import PLACES, SIZES, THEMES

SEVERAL = {
    r"\begin{aligned} x^2 + 10x &= 39 \\ (x+5)^2 &= 64 \\ x &= 3 \end{aligned}": (
        "x^2 + 10x  = 39",
        "(x+5)^2  = 64",
        "x  = 3",
    ),
    r"$$a = \frac{b}{c} \\[4pt] c = 1$$": (r"a = \frac{b}{c}", "c = 1"),
    r"\begin{gather*} a \\ \begin{cases} x & y \\ z & w \end{cases} \\ \end{gather*}": (
        "a",
        r"\begin{cases} x   y \\ z   w \end{cases}",
    ),
    r"\begin{align} \nabla\cdot E &= 0 & B &= 1 \\ & = 3 \end{align}": (
        r"\nabla\cdot E  = 0   B  = 1",
        "= 3",
    ),
    r"A \& B \\ C": (r"A \& B", "C"),
}
WHOLE = (
    "a = b",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\begin{cases} x & y \\ z & w \end{cases}",
    r"a \\",
    r"a \\ \\ b",
    r"\begin{aligned} a \end{aligned} \begin{aligned} b \\ c \end{aligned}",
    r"{a \\ b}",
    r"\frac{a",
    r"\left( a \\ b \right)",
    r"\\".join("a" * (MOST_LINES + 1)),
)


@pytest.mark.parametrize("latex", SEVERAL)
def test_lines_are_parts(latex: str) -> None:
    """A learner would see the last line of a deduction while the first one is explained."""
    slide = Slide(layout="equation", title="So", equation=latex)
    assert tuple(part.texts[0] for part in parts_of(slide)) == SEVERAL[latex]
    assert sorted(drawn_parts(_request(slide))) == sorted(part.id for part in parts_of(slide))


@pytest.mark.parametrize("latex", WHOLE)
def test_what_has_no_lines_is_one_part(latex: str) -> None:
    """A learner would see half of a matrix, or a teacher get an error that no equation has."""
    assert equation_lines(latex) == ()
    assert [part.id for part in parts_of(Slide(layout="equation", equation=latex))] == ["equation"]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_lines_stay_on_the_slide(size: tuple[int, int]) -> None:
    """A learner would lose the end of a line at the edge of the frame, in Arabic as in English."""
    for number, (latex, place) in enumerate(zip(SEVERAL, (*PLACES, PLACES[0]), strict=True)):
        language = ("en", "ar")[number % 2]
        slide = Slide(layout="equation", title="So", equation=latex, bullets=("One thing",))
        request = _request(slide, size, place, THEMES[number % 3], language)
        content = request.stage.content
        for box in text_boxes(request):
            assert content.x - 2 <= box.left
            assert box.right <= content.x + content.width + 2


ATOMS = (
    "x",
    "=",
    "+",
    r"\frac{a}{b}",
    "{",
    "}",
    "&",
    r"\\",
    r"\left(",
    r"\right)",
    r"\begin{aligned}",
    r"\end{aligned}",
)


@given(st.lists(st.sampled_from(ATOMS), max_size=14).map(" ".join))
def test_lines_never_hide_an_error_or_a_sign(latex: str) -> None:
    """A teacher would miss that an equation is wrong, or that a sign of it is not shown."""
    lines = equation_lines(latex)
    try:
        typeset_latex(latex)
    except ContentError:
        return
    if lines:
        shown = "".join(line.latex for line in lines)
        assert [shown.count(sign) for sign in "x=+"] == [latex.count(sign) for sign in "x=+"]
        assert all(any(line.columns) for line in lines)
