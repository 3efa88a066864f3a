"""Slides: what the author asked for is shown as asked, and a bare section gets one worth showing.

The golden file holds title, labels and phrases of sections in several subjects and languages: whoever changes the rules
reads the difference as a teacher would, and then writes the file anew with `LESSONREEL_WRITE_GOLDEN=1`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from video_assets.studio.core.errors import ContentError
from video_assets.studio.lesson.model import Code, Lesson, PictureFile, Section, Show, Table
from video_assets.studio.lesson.script import Slide
from video_assets.studio.slides.descriptions.labels import MOST_LABEL_CHARACTERS
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.phrases.formulas import formulas
from video_assets.studio.slides.slide_plan import (
    described_labels,
    end_slide,
    plan_slide,
    title_slide,
)
from video_assets.studio.slides.titles import MOST_TITLE_CHARACTERS, derived_title
from video_assets.studio.slides.visible_text import visible_of

GOLDEN = Path(__file__).parent / "golden" / "outline"
LESSONS = Path(__file__).parents[2] / "data" / "lessons"
NARRATION = (
    "An enzyme is a protein that speeds up one particular reaction. It does not add energy; it lowers the *activation "
    "energy* instead. The substrate fits into the active site, much as a key fits a lock."
)


def _section(narration: str = NARRATION, **fields: Any) -> Section:
    return Section(**({"id": "s", "pointer": "/sections/3", "line": 1, "narration": narration} | fields))


def _bare_sections() -> list[tuple[str, str, Section]]:
    written = json.loads((GOLDEN / "sections.json").read_text("utf-8"))
    found = [
        (one["id"], one["language"], _section(one["narration"], image_description=one["image_description"]))
        for one in written
    ]
    mosfet = json.loads((LESSONS / "mosfet.json").read_text("utf-8"))["sections"]
    for number, one in enumerate(mosfet, 1):
        section = _section(one["content"], image_description=one["image_description"])
        found.append((f"mosfet-{number}", "en", section))
    return found


BARE = _bare_sections()
each_bare = pytest.mark.parametrize(("language", "section"), [one[1:] for one in BARE], ids=[one[0] for one in BARE])


def _points(slide: Slide) -> tuple[str, ...]:
    return tuple(point for point in (slide.statement, *slide.bullets) if point)


def test_derived_slides_are_those_a_teacher_approved() -> None:
    """A teacher whose bare lesson made good slides yesterday would find other ones today."""
    planned = {}
    for name, language, section in BARE:
        title, slide = plan_slide(section, language=language)
        shown = slide.model_dump(mode="json", exclude_defaults=True, exclude={"alt"})
        planned[name] = {"chapter": title} | shown
    golden = GOLDEN / "slides.json"
    if os.environ.get("LESSONREEL_WRITE_GOLDEN"):
        golden.write_text(json.dumps(planned, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert planned == json.loads(golden.read_text("utf-8"))


@each_bare
def test_a_derived_slide_never_reads_the_narration_out(language: str, section: Section) -> None:
    """A learner would read the slide instead of listening, if it repeated more than a quarter of what is said."""
    _, slide = plan_slide(section, language=language)
    visible = visible_of(section).text
    labels = described_labels(section.image_description)
    repeated = [point for point in _points(slide) if point not in labels and not formulas(point)]
    assert sum(map(len, repeated)) <= len(visible) * 0.25
    assert all(len(point) <= 64 for point in repeated)
    assert len(slide.bullets) <= 4


@each_bare
def test_a_derived_slide_says_only_what_is_said(language: str, section: Section) -> None:
    """A learner would be taught something the teacher never wrote."""
    _, slide = plan_slide(section, language=language)
    said = visible_of(section).text.lower().replace(",", "")
    labels = described_labels(section.image_description)
    assert all(point.lower().replace(",", "") in said or point in labels for point in _points(slide))


@each_bare
def test_a_chapter_title_is_short_and_made_of_whole_words(language: str, section: Section) -> None:
    """A learner would find chopped words, or "Structure of the", in the player's list of chapters."""
    title, slide = plan_slide(section, language=language)
    source = f" {visible_of(section).text} {section.image_description} ".lower()
    assert 0 < len(title) <= MOST_TITLE_CHARACTERS
    assert slide.title in (title, "")
    assert title.split()[-1].lower() not in {"of", "the", "with", "in", "and", "der", "mit", "de", "la", "के"}
    if language != "zh":
        words = source.translate(dict.fromkeys(map(ord, ".,;:!?()'\"“”„«»।"), " ")).split()
        assert all(word.lower().strip("'") in words for word in title.replace("'", " ").split())


@each_bare
def test_every_label_of_the_description_is_shown(language: str, section: Section) -> None:
    """An author who quoted a label would miss it on the slide."""
    _, slide = plan_slide(section, language=language)
    drawn = [text for part in parts_of(slide) for text in part.texts]
    shown = "\n".join((slide.title, *slide.labels, *_points(slide), *drawn)).casefold()
    labels = described_labels(section.image_description, language=language)
    assert [label for label in labels if label.casefold() not in shown] == []
    assert slide.alt


@pytest.mark.parametrize(
    "description",
    [
        "A cell with 'nucleus' and 'cell wall'",
        'A cell with "nucleus" and "cell wall"',
        "A cell with “nucleus” and “cell wall”",
        "A cell with ‘nucleus’ and ‘cell wall’",
        "Une cellule avec « nucleus » et «cell wall»",
        "Eine Zelle mit „nucleus“ und „cell wall“",
        "细胞，标注「nucleus」和『cell wall』",
        "The cell's parts, with 'nucleus', the neighbour's 'cell wall' and the plant's leaf",
    ],
)
def test_labels_are_found_in_quotation_marks_of_every_kind(description: str) -> None:
    """An author who types quotation marks as their language does would get a slide without labels."""
    assert described_labels(description) == ("nucleus", "cell wall")


def test_symbols_and_formulas_of_the_description_are_labels() -> None:
    """A physics teacher who describes axes by their symbols would get a graph without names."""
    labels = described_labels("Graph of I_D against V_DS with the slope λ, where V_GS > V_T, beside CO₂ and a MOSFET")
    assert labels == ("V_GS > V_T", "I_D", "V_DS", "λ", "CO₂")


@pytest.mark.parametrize(
    ("description", "labels"),
    [
        ("A triangle with corners 'A', 'B', 'C' and sides 'a', 'b', 'c'", ("A", "B", "C", "a", "b", "c")),
        ("Ein Dreieck mit den Ecken „A“, „B“ und den Seiten „a“, „b“", ("A", "B", "a", "b")),
        ("Deux disques de rayons « R » et « r »", ("R", "r")),
        ("Una célula con genotipos 'AA', 'Aa' y 'aa'", ("AA", "Aa", "aa")),
        ("三角形有顶点“A”“B”和边“a”“b”", ("A", "B", "a", "b")),
        ("A graph of I_D against i_d", ("I_D", "i_d")),
        ("Cards labelled 'Gate', 'Gate' and 'source'", ("Gate", "source")),
    ],
)
def test_labels_that_differ_in_case_are_different(description: str, labels: tuple[str, ...]) -> None:
    """A class would see corners A, B and C without the sides a, b and c."""
    assert described_labels(description) == labels


def test_a_long_quotation_is_no_label() -> None:
    """A learner would find a whole sentence squeezed into a label."""
    assert described_labels("A poster saying 'This is a sentence of quite some length, and not a label'") == ()
    assert MOST_LABEL_CHARACTERS < 60


@pytest.mark.parametrize(
    ("narration", "formula"),
    [
        ("Today we write E = mc². Because c is large, this is a lot of energy indeed.", "E = mc²"),
        ("Its value depends on the gate alone: I_D = ½k(V_GS − V_T)². Notice the square.", "I_D = ½k(V_GS − V_T)²"),
        ("Ohm found the rule long ago: U = R·I, and nothing else about it.", "U = R·I"),
        ("The two squares have exactly the area of the large one: a² + b² = c². So it is.", "a² + b² = c²"),
        ("Only a photon with enough energy (E > E_g) lifts an electron across the gap.", "E > E_g"),
    ],
)
def test_a_formula_in_the_narration_is_shown_large(narration: str, formula: str) -> None:
    """A learner would hear a formula and not see it."""
    _, slide = plan_slide(_section(narration), language="en")
    assert (slide.layout, slide.statement) == ("statement", formula)


def test_markup_is_not_shown() -> None:
    """A learner would read asterisks and brackets on the slide."""
    narration = "The [SQL|sequel] *query* [pause 800ms] is a [rate 80%]question[/rate] put to a **database**."
    _, slide = plan_slide(_section(narration), language="en")
    assert not set("*[]|%") & set("".join((slide.title, *_points(slide))))
    assert "SQL query" in visible_of(_section(narration)).text


@pytest.mark.parametrize(
    ("narration", "never"),
    [
        ("Many people believed that the Sun moves around the Earth. It does not.", "the sun moves around the earth"),
        ("If the gate is open, the channel conducts electrons. It rarely is.", "the channel conducts electrons"),
        ("Is the whale a fish with lungs and hair? The whale is a mammal.", "fish"),
        (f"Corals look like tiny plants, but they are animals. {NARRATION}", "corals look like tiny plants"),
        ("It is a myth that vitamin C cures colds. Colds end by themselves.", "vitamin c cures colds"),
    ],
)
def test_what_is_doubted_or_conditional_is_not_shown_as_a_fact(narration: str, never: str) -> None:
    """A learner would remember the error that the teacher set out to correct."""
    _, slide = plan_slide(_section(narration), language="en")
    shown = [point.lower() for point in (slide.title, *_points(slide))]
    assert never not in shown
    assert not any(point.startswith(never) for point in shown)


def test_what_the_author_gave_is_shown_exactly() -> None:
    """An author would find their own words changed."""
    bullets = ("first  thing ", "*second* thing")
    section = _section(title="My title: as it is,", show=Show(bullets=bullets), alt="Two things")
    assert plan_slide(section, language="en") == (
        "My title: as it is,",
        Slide(layout="bullets", title="My title: as it is,", bullets=bullets, alt="Two things"),
    )


@pytest.mark.parametrize(
    ("show", "layout"),
    [
        (Show(picture=PictureFile(path="a.png", digest="0"), bullets=("b",)), "picture"),
        (Show(code=Code(text="x = 1"), bullets=("b",)), "code"),
        (Show(equation="x^2", bullets=("b",)), "equation"),
        (Show(table=Table(rows=(("a", "b"),))), "table"),
        (Show(bullets=("b",)), "bullets"),
        (Show(layout="statement"), "statement"),
        (Show(layout="title"), "title"),
        (Show(layout="statement", bullets=("b",)), "statement"),
    ],
)
def test_the_layout_follows_from_what_there_is(show: Show, layout: str) -> None:
    """An author would find their code or equation missing from the slide."""
    title, slide = plan_slide(_section(show=show), language="en")
    assert (slide.layout, slide.title) == (layout, title)
    assert (slide.bullets == show.bullets) or not show.bullets
    assert (slide.code, slide.table, slide.picture, slide.equation) == (
        show.code,
        show.table,
        show.picture,
        show.equation,
    )


@pytest.mark.parametrize("layout", ["bullets", "equation", "code", "table", "picture"])
def test_a_layout_without_its_content_is_an_error_with_the_place(layout: Any) -> None:
    """An author who forgot the code would get a film with an empty slide instead of a message."""
    with pytest.raises(ContentError) as caught:
        plan_slide(_section(show=Show(layout=layout)), language="en")
    assert caught.value.place == "/sections/3/layout"
    assert layout in caught.value.message
    assert layout in caught.value.remedy


@pytest.mark.parametrize(
    ("show", "hidden"),
    [
        (Show(layout="bullets", bullets=("b",), code=Code(text="x")), "code"),
        (Show(code=Code(text="x"), equation="x"), "equation"),
        (Show(table=Table(rows=(("a",),)), bullets=("b",)), "bullets"),
        (Show(layout="title", equation="x"), "equation"),
    ],
)
def test_content_without_room_is_an_error_and_not_dropped(show: Show, hidden: str) -> None:
    """An author would not notice that half of what they wrote never appears."""
    with pytest.raises(ContentError) as caught:
        plan_slide(_section(show=show), language="en")
    assert caught.value.place == f"/sections/3/{hidden}"
    assert hidden in caught.value.remedy


def test_alternative_text_comes_from_the_author_before_anything_else() -> None:
    """A learner who cannot see the slide would hear less than the author wrote for them."""
    described = _section(image_description="A lock and a key")
    assert plan_slide(described, language="en")[1].alt == "A lock and a key"
    assert plan_slide(described.model_copy(update={"alt": "Own words"}), language="en")[1].alt == "Own words"
    listing = _section(title="One line", show=Show(code=Code(text="x = 1")))
    assert plan_slide(listing, language="en")[1].alt == "One line. x = 1."


@pytest.mark.parametrize("narration", ["Hm.", "!?", "λ", "So it is, and so it was.", "a" * 500, "为什么？", "x = 1"])
@pytest.mark.parametrize("language", ["en", "zh", "fr", "pt-BR"])
def test_any_narration_makes_a_title_and_a_slide(narration: str, language: str) -> None:
    """An author of an unusual section would get a crash instead of a film."""
    title, slide = plan_slide(_section(narration), language=language)
    assert 0 < len(title) <= MOST_TITLE_CHARACTERS
    assert slide.statement or slide.bullets


def test_a_long_description_is_shortened_before_a_preposition() -> None:
    """A learner would read a chapter title that stops in the middle of a name."""
    about = "Menschen auf der Berliner Mauer am Brandenburger Tor im Morgengrauen"
    title = derived_title(visible_of(_section("Die Berliner Mauer fiel.")), language="de", about=about)
    assert title == "Menschen auf der Berliner Mauer"


def _lesson(**fields: Any) -> Lesson:
    return Lesson(**({"title": "Light", "sections": (_section(),)} | fields))


def test_the_title_card_names_lesson_author_and_date() -> None:
    """A learner would not know what they are about to see."""
    slide = title_slide(_lesson(author="Ada", date="2026-03-01"))
    assert (slide.layout, slide.title, slide.subtitle, slide.footer) == ("title", "Light", "Ada", "2026-03-01")
    assert title_slide(_lesson(author="Ada", description="What light is")).subtitle == "What light is"


@pytest.mark.parametrize("language", ["en", "de-AT", "fr", "es-MX", "hi", "zh-Hans", "is"])
def test_the_end_card_speaks_the_lesson_s_language(language: str) -> None:
    """A learner of a German lesson would be thanked in English."""
    slide = end_slide(_lesson(language=language, author="Ada", licence="CC-BY-4.0", credits=("Photo: Ben",)))
    assert (slide.layout, slide.subtitle, slide.bullets) == ("end", "Ada", ("Photo: Ben",))
    assert "CC-BY-4.0" in slide.footer
    assert ("Thank" in slide.title) == (language == "en")
    assert slide.alt.count("CC-BY-4.0") == 1


def test_a_lesson_without_an_author_ends_with_its_title() -> None:
    """The film of a bare lesson would break off with its last word."""
    assert (end_slide(_lesson()).title, end_slide(_lesson()).subtitle) == ("Thank you for watching", "Light")
    assert (end_slide(_lesson(language="is")).title, end_slide(_lesson(language="is")).subtitle) == ("Light", "")
