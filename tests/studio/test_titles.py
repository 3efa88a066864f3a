"""The titles of bare sections: `title_cases.tsv` holds 60 in eleven lessons, with the titles that a teacher accepts.

The column `accepted` was written before any title was seen. It is a pattern; an article may stand before it.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.lesson.model import Section
from video_assets.studio.slides.titles import MOST_TITLE_CHARACTERS, MOST_TITLE_WORDS, plan_titles


class TitleCase(NamedTuple):
    """A bare section, the titles that are accepted for it, and the title that it has in its lesson."""

    half: str
    lesson: str
    accepted: str
    narration: str
    description: str
    title: str = ""

    def is_accepted(self) -> bool:
        """Whether the title is one of those accepted."""
        return bool(re.fullmatch(f"(the |an? )?(?:{self.accepted})", self.title.casefold()))


def _bare_section(number: int, narration: str, description: str) -> Section:
    return Section(id=f"s{number}", pointer="", line=1, narration=narration, image_description=description)


def _title_cases() -> list[TitleCase]:
    lines = (Path(__file__).parent / "title_cases.tsv").read_text("utf-8").splitlines()[1:]
    written = [TitleCase(*line.split("\t")) for line in lines]
    found: list[TitleCase] = []
    for _, lesson in groupby(written, key=lambda one: one.lesson + one.half):
        cases = list(lesson)
        sections = [_bare_section(at, one.narration, one.description) for at, one in enumerate(cases)]
        titles = plan_titles(sections, language="en")
        found += [one._replace(title=title) for one, title in zip(cases, titles, strict=True)]
    return found


CASES = _title_cases()
LEAST_ACCEPTED = {"dev": 22, "held": 22}
"""Accepted titles of each half. Raise a number when a rule gets better; a lower one needs a reason."""
SHAPES = (
    *("falling curve", "3D pyramid", "tree", "two blue arrows", "rising line", "box", "row of boxes", "red circle"),
    *("graph", "bar chart", "growing tree", "stack", "three boxes", "glowing dots"),
)
SUBJECTS = ("Inflation", "Photosynthesis", "Democracy", "Gravity", "Erosion", "Osmosis")


@pytest.mark.parametrize("half", LEAST_ACCEPTED)
def test_a_teacher_accepts_the_titles(half: str) -> None:
    """A teacher would rename most chapters of a film made from bare sections."""
    cases = [one for one in CASES if one.half == half]
    refused = [one.title for one in cases if not one.is_accepted()]
    assert len(cases) - len(refused) >= LEAST_ACCEPTED[half], refused


@given(st.sampled_from(SUBJECTS), st.sampled_from(SHAPES), st.sampled_from(("labelled 'A'", "appears", "on black")))
@settings(max_examples=120, deadline=None)
def test_a_shape_is_never_the_title(subject: str, shape: str, staging: str) -> None:
    """A learner would look for inflation and find "Falling curve" in the list of chapters."""
    narration = f"{subject} is easy to see in this picture. Look at the {shape.split()[-1]} and think about it."
    (title,) = plan_titles([_bare_section(0, narration, f"Cinematic shot: a {shape} {staging}.")], language="en")
    assert title == subject


@given(
    st.lists(
        st.sampled_from(
            ("so next time you see", "the queue drains", "bread 'fresh", "remember", "prices were high", *SUBJECTS)
        ),
        min_size=1,
        max_size=14,
    ),
    st.sampled_from(SHAPES),
)
@settings(max_examples=150, deadline=None)
def test_any_title_is_short_and_has_no_loose_mark(pieces: list[str], shape: str) -> None:
    """A learner would read the first half of a sentence, or a lone quotation mark."""
    section = _bare_section(0, " ".join(pieces) + ".", f"A {shape}, dramatic light.")
    (title,) = plan_titles([section], language="en")
    assert 0 < len(title) <= MOST_TITLE_CHARACTERS
    assert len(title.split()) <= MOST_TITLE_WORDS
    assert not re.search(r"(?<!\w)['\"]|['\"](?!\w)", title)


@pytest.mark.parametrize(
    ("narration", "description", "title"),
    [
        ("So next time you smell fresh bread, think of the workers inside it.", "Fade to black.", "Fresh bread"),
        ("TCP repeats what is lost. UDP sends and forgets.", "Left: 'TCP'. Right: 'UDP'.", "TCP and UDP"),
        ("First the egg, then the caterpillar.", "A circular life cycle diagram.", "Life cycle"),
        (
            "Where the curves cross, the market is at rest.",
            "A supply and demand graph. Falling curve labelled 'Demand', rising curve labelled 'Supply'.",
            "Supply and demand",
        ),
        ("The number of new laws has grown from 40 to 300.", "Bar chart. Numbers count up.", "Number of new laws"),
        ("Light comes back at the same angle. This is called the law of reflection.", "A mirror.", "Law of reflection"),
    ],
)
def test_a_kind_of_section_has_its_title(narration: str, description: str, title: str) -> None:
    """A learner would find a torn clause, a shape or one side of a comparison as a chapter."""
    assert plan_titles([_bare_section(0, narration, description)], language="en") == (title,)


@pytest.mark.parametrize(
    ("narration", "description", "title"),
    [
        ("The heart beats about a hundred thousand times a day.", "Huge text: '100,000 beats a day' pulses.", "heart"),
        ("Taxes take 40 % of it. Taxes pay for schools.", "Huge text: '40 % of it' on a dark ground.", "taxes"),
        ("Brightness rises upwards. Brightness is power per area.", "Graph: brightness upwards.", "brightness"),
    ],
)
def test_an_amount_and_a_direction_name_nothing(narration: str, description: str, title: str) -> None:
    """A learner would read a number, or where an axis points, in the list of chapters."""
    assert title in plan_titles([_bare_section(0, narration, description)], language="en")[0].casefold()
    assert not re.match(r"[\d]", plan_titles([_bare_section(0, narration, description)], language="en")[0])


def test_a_label_gives_no_capital_letter_to_a_common_noun() -> None:
    """A learner would take firms for a name, because the description's label had a capital letter."""
    narration = "Households and firms meet in the market. Households sell work, and firms buy it."
    [title] = plan_titles([_bare_section(0, narration, "Two boxes: 'Households' and 'Firms'.")], language="en")
    assert title == "Households and firms"
