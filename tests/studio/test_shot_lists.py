"""Descriptions as real archives write them: shot lists, of which a slide takes what is shown and not how it is filmed.

`shot_lists/lessons.json` holds 89 bare sections in many subjects and six languages, each with a judgement of its title.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.lesson.model import Section, Show
from video_assets.studio.slides.descriptions.depiction import Depiction, depiction_of
from video_assets.studio.slides.phrases.formulas import formulas
from video_assets.studio.slides.slide_plan import derivation_of, plan_slide
from video_assets.studio.slides.titles import MOST_TITLE_CHARACTERS, MOST_TITLE_WORDS, plan_titles

FILE = json.loads((Path(__file__).parent / "shot_lists" / "lessons.json").read_text("utf-8"))
CORPUS = FILE["lessons"]
STAGING, UNFINISHED, PRONOUNS = (frozenset(FILE[key].split()) for key in ("staging", "unfinished", "pronouns"))


class Planned(NamedTuple):
    """A section of the corpus with its judgement and its title among its lesson's sections."""

    lesson: str
    language: str
    number: int
    written: dict[str, Any]
    section: Section
    title: str


def _section(number: int, written: dict[str, Any]) -> Section:
    narration, about = written["content"], written["image_description"]
    return Section(id=f"s{number}", pointer="", line=1, narration=narration, image_description=about)


def _planned() -> list[Planned]:
    found: list[Planned] = []
    for lesson in CORPUS:
        sections = [_section(number, written) for number, written in enumerate(lesson["sections"])]
        titles = plan_titles(sections, language=lesson["language"])
        found += [
            Planned(lesson["name"], lesson["language"], number, written, section, title)
            for number, (written, section, title) in enumerate(zip(lesson["sections"], sections, titles, strict=True))
        ]
    return found


PLANNED = _planned()
each = pytest.mark.parametrize("planned", PLANNED, ids=[f"{one.lesson}-{one.number}" for one in PLANNED])


def _words(text: str) -> list[str]:
    return [word.strip('.,;:!?()“”"').casefold() for word in text.split()]


def test_the_corpus_is_large_and_of_several_subjects() -> None:
    """A rule that fits one subject would be taken for a rule of all."""
    assert len(PLANNED) >= 80
    assert len({one.language for one in PLANNED}) == 6


@each
def test_a_title_names_the_subject(planned: Planned) -> None:
    """A learner would find "Dramatic", "Clean" or "Sports car" in the list of chapters."""
    words = set(_words(planned.title))
    assert words & set(map(str.casefold, planned.written["title_has_one_of"])), planned.title
    assert not words & set(planned.written["title_never"]), planned.title
    said = {*_words(planned.section.narration.replace("*", ""))}
    assert not words & (STAGING - said), planned.title


@each
def test_a_title_is_short_and_whole(planned: Planned) -> None:
    """A learner would read "Graph being" or "Technology Window'"."""
    title = planned.title
    assert 0 < len(title) <= MOST_TITLE_CHARACTERS
    assert len(title.split()) <= MOST_TITLE_WORDS
    assert _words(title)[-1] not in UNFINISHED, title
    assert not title[0].islower()
    assert not re.search(r"(?<!\w)['\"]|['\"](?!\w)|[“”„]", title), title
    assert title.count("(") == title.count(")")


def test_no_title_follows_itself() -> None:
    """A learner would think that the player hangs: two chapters in a row have the same name."""
    for before, after in pairwise(PLANNED):
        assert before.lesson != after.lesson or before.title.casefold() != after.title.casefold()


@each
def test_a_narration_without_emphasis_has_a_title_too(planned: Planned) -> None:
    """An author who never writes asterisks would find "Dramatic" again."""
    plain = planned.section.model_copy(update={"narration": planned.section.narration.replace("*", "")})
    (title,) = plan_titles([plain], language=planned.language)
    words = _words(title)
    assert not set(words) & (STAGING - {*_words(plain.narration)}), title
    assert words[-1] not in UNFINISHED | PRONOUNS, title
    assert len(title) <= MOST_TITLE_CHARACTERS
    assert len(title.split()) <= MOST_TITLE_WORDS


@each
def test_points_stand_alone(planned: Planned) -> None:
    """A learner would read "It grows", "About 1 µm wide" or the title once more."""
    _, slide = plan_slide(planned.section, language=planned.language, title=planned.title)
    statement = (slide.statement,) if slide.title and slide.statement else ()
    for point in (*statement, *slide.bullets):
        words = _words(point)
        if formulas(point) == ((0, len(point)),):
            continue
        assert words[0] not in PRONOUNS, point
        assert words[-1] not in UNFINISHED, point
        assert point.casefold() != planned.title.casefold()
        assert not point[0].islower()
        assert len(words) <= 13, point


@each
def test_directions_are_no_statements_and_no_labels(planned: Planned) -> None:
    """A learner would read "Style: minimalist, flat vector" on a slide, or a drawing would show "Blue tones"."""
    depiction = depiction_of(planned.section.image_description, planned.language)
    for text in (*depiction.statements, *depiction.labels, depiction.subject):
        assert not re.search(
            r"(?i)\b(style:|lighting|tones|mood|palette|camera|zoom|fade|music|stil|kamera|caméra|cámara|शैली|镜头)\b",
            text,
        ), text


DESCRIBED = {
    "flowchart": (
        "A clean, animated flowchart. Camera zooms out to show 'Input' -> 'Process' -> 'Output'. Dramatic lighting.",
        Depiction(
            statements=("“Input” → “Process” → “Output”",),
            labels=("Input", "Process", "Output"),
            directions=("A clean", "animated flowchart.", "Dramatic lighting."),
            forms=("flowchart",),
        ),
    ),
    "split screen": (
        "Split screen: left side shows a CPU labelled 'Latency', right side a GPU ('Throughput').",
        Depiction(
            subject="CPU",
            subjects=("CPU", "GPU"),
            statements=("left side: CPU labelled “Latency”", "right side: GPU (“Throughput”)"),
            labels=("Latency", "Throughput"),
            directions=("Split screen",),
            forms=("split screen", "screen"),
        ),
    ),
    "continued": (
        "Continuing the animated flowchart, the graph being extended… Text overlay: 'Moore's Law'. Style: flat vector.",
        Depiction(
            labels=("Moore's Law",),
            headings=("Moore's Law",),
            directions=("Continuing the animated flowchart", "the graph being extended", "Style: flat vector."),
            forms=("flowchart", "graph"),
            continues=True,
        ),
    ),
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_shot_list_is_taken_apart(name: str) -> None:
    """An author's picture would lose its labels, or show how it should have been filmed."""
    description, depiction = DESCRIBED[name]
    assert depiction_of(description, "en") == depiction


@pytest.mark.parametrize(
    ("description", "labels"),
    [
        ("A box with 'Moore's Law' and the neurons' paths", ("Moore's Law",)),
        ("The electrical 'roads' of 'Core 1' and 'the students' work'", ("roads", "Core 1", "the students' work")),
        ("A chart of the '90s with 'Gate' (unclosed 'quote and [bracket", ("Gate",)),
        ("'The 'inner' label'", ("The inner label",)),
        ("Labels: gate, source and drain.", ("gate", "source", "drain")),
        ("A cell labelled Nucleus, Golgi Apparatus and Membrane.", ("Nucleus", "Golgi Apparatus", "Membrane")),
        ("Text overlay: Publish or perish", ("Publish or perish",)),
        ("Style: 'flat vector'. Mood: 'calm'. A leaf labelled 'stoma'.", ("stoma",)),
    ],
)
def test_labels_survive_marks_and_lists(description: str, labels: tuple[str, ...]) -> None:
    """A learner would read "Electrical 'roads" or "Technology Window'" in a drawing."""
    assert depiction_of(description, "en").labels == labels


@pytest.mark.parametrize(
    ("language", "description", "subject", "labels"),
    [
        (
            "de",
            "Eine saubere, animierte Grafik der Zellteilung. Die Kamera zeigt „Zellkern“. Stil: blaue Töne.",
            "Zellteilung",
            ("Zellkern",),
        ),
        (
            "fr",
            "Une animation épurée du cycle de l'eau, avec la légende « pluie ». Éclairage dramatique.",
            "cycle de l'eau",
            ("pluie",),
        ),
        (
            "es",
            "Un diagrama animado y limpio de la fotosíntesis, con la etiqueta «luz». Estilo minimalista.",
            "fotosíntesis",
            ("luz",),
        ),
        (
            "hi",
            "एक साफ एनिमेटेड मानव हृदय का चित्र, जिसमें 'निलय' लिखा है। कैमरा ज़ूम आउट होता है। शैली: न्यूनतम।",
            "मानव हृदय",
            ("निलय",),
        ),
        (
            "zh",
            "简洁的动画：光合作用的过程。镜头慢慢拉远，标注「类囊体」。风格：极简，蓝色色调。",
            "光合作用的过程",
            ("类囊体",),
        ),
    ],
)
def test_other_languages_are_taken_apart_too(
    language: str, description: str, subject: str, labels: tuple[str, ...]
) -> None:
    """A German, French, Spanish, Hindi or Chinese class would read stage directions."""
    depiction = depiction_of(description, language)
    assert (depiction.subject, depiction.labels) == (subject, labels)


@pytest.mark.parametrize(
    ("description", "subject"),
    [
        ("Image processing pipeline with three stages", "Image processing pipeline"),
        ("A black hole bending light", "black hole"),
        ("Clean energy sources in Europe", "Clean energy sources in Europe"),
        ("Diagram of the light reactions in a leaf", "light reactions in a leaf"),
        ("The left ventricle of the heart", "left ventricle of the heart"),
        ("Diagram of the dark reactions", "dark reactions"),
        ("Split view compares mitosis (left) with meiosis (right)", "mitosis and meiosis"),
        ("The camera descends to the crowd in front of the Bastille", "crowd in front of the Bastille"),
    ],
)
def test_words_of_style_may_be_a_part_of_a_name(description: str, subject: str) -> None:
    """A class would learn of "energy", "reactions" and "ventricles": the word of style was the point."""
    depiction = depiction_of(description, "en")
    assert subject in depiction.subjects
    assert depiction.subjects[0] == subject


SUBJECTS = (
    *("Krebs cycle", "water cycle", "supply and demand", "French Revolution", "hash table", "p–n junction"),
    *("Pythagorean theorem", "photosynthesis", "Doppler effect", "binary search tree", "Treaty of Versailles"),
)
BEFORE = (
    *("A clean, animated diagram of", "Close-up of", "Cinematic wide shot of", "A minimalist flat illustration of"),
    *("The camera slowly zooms out to reveal", "Fade in:", "Animated sequence showing", "A 3D rendering of the"),
    *("Dramatic, high-contrast image of", "Whiteboard-style animation explaining the", "Visual:", "Scene 3:"),
)
AFTER = (
    *("Dramatic lighting, blue tones.", "Style: minimalist, flat vector.", "Camera pans left.", "4K, cinematic."),
    *("Soft shadows; shallow depth of field.", "Fade to black.", "Background music: gentle piano.", "Slow motion."),
    *("Mood: tense.", "Clean white background.", "Smooth transition to the next scene.", "Golden hour light."),
)


@given(st.sampled_from(SUBJECTS), st.sampled_from(BEFORE), st.lists(st.sampled_from(AFTER), max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_subject_survives_all_directions(subject: str, before: str, after: list[str]) -> None:
    """An author who adds a word about the light would lose the title of the section."""
    description = " ".join((f"{before} {subject}.", *after))
    depiction = depiction_of(description, "en")
    assert depiction.subject.casefold() == subject.casefold()
    assert depiction.statements == (depiction.statements[0],)
    assert depiction.labels == ()


@given(
    st.text(alphabet="aA'\"“”‘’()[]:;,.…→->  zoomcameralabelled\n", max_size=80), st.sampled_from(["en", "de", "zh"])
)
@settings(max_examples=300, deadline=None)
def test_any_description_has_a_depiction(description: str, language: str) -> None:
    """An author with a stray mark would get a crash instead of a film."""
    depiction = depiction_of(description, language)
    assert all(text.strip() for text in (*depiction.statements, *depiction.labels, *depiction.subjects))
    assert not any("\ue010" in text for text in (*depiction.statements, *depiction.labels, *depiction.subjects))


# Titles among sections ------------------------------------------------------------------------------------------------


def _bare(number: int, narration: str, about: str = "", title: str = "") -> Section:
    return Section(id=f"s{number}", pointer="", line=1, narration=narration, image_description=about, title=title)


LIGHT = "Photosynthesis begins with light. Chlorophyll takes it in. The *light reactions* split water."
DARK = "Photosynthesis ends without light. The *dark reactions* build sugar from carbon dioxide."
ABOUT = "Animated diagram of photosynthesis, slow zoom."


def test_a_continued_subject_says_how_it_goes_on() -> None:
    """A learner could not tell the two halves of photosynthesis apart in the list of chapters."""
    titles = plan_titles([_bare(1, LIGHT, ABOUT), _bare(2, DARK, ABOUT)], language="en")
    assert titles == ("Photosynthesis", "Photosynthesis: dark reactions")


def test_a_section_without_anything_new_is_numbered() -> None:
    """A lesson of three equal sections would have three equal chapters."""
    titles = plan_titles([_bare(n, "A cell is a cell.", "Diagram of a cell") for n in range(3)], language="en")
    assert len(set(titles)) == 3
    assert all(title.startswith("Cell") for title in titles)


def test_an_author_s_title_is_never_changed() -> None:
    """An author who names two sections alike would find another name in the film."""
    sections = [_bare(n, LIGHT, ABOUT, "Photosynthesis") for n in range(2)] + [_bare(2, DARK, ABOUT)]
    titles = plan_titles(sections, language="en")
    assert titles == ("Photosynthesis", "Photosynthesis", "Photosynthesis: dark reactions")


def test_a_change_of_one_section_renames_no_section_of_another_subject() -> None:
    """An author who edits one section would pay for the pictures of all that follow."""
    for lesson in CORPUS:
        sections = [_section(number, written) for number, written in enumerate(lesson["sections"])]
        before = plan_titles(sections, language=lesson["language"])
        for at in range(len(sections)):
            changed = [*sections]
            changed[at] = _bare(at, "The *quagga* is an extinct zebra of the Cape.", "A quagga grazing")
            after = plan_titles(changed, language=lesson["language"])
            names = [name.partition(": ")[0].partition(" (")[0] for name in before]
            run_end = next((n for n in range(at + 1, len(names)) if names[n] != names[at]), len(names))
            assert after[:at] + after[run_end:] == before[:at] + before[run_end:]


def test_a_section_that_cannot_be_read_has_no_title() -> None:
    """An author with one wrong bracket would get an error without the section's place."""
    sections = [_bare(1, "[pause"), _bare(2, "[rate 80%]never ends"), _bare(3, DARK, ABOUT)]
    assert plan_titles(sections, language="en")[2] == "Photosynthesis"


@pytest.mark.parametrize(
    ("about", "show", "derived"),
    [
        ("A cell with 'nucleus' and 'membrane'", Show(), "labels"),
        ("A leaf", Show(layout="statement"), "statement"),
        ("A leaf", Show(bullets=("one", "two")), ""),
        ("A leaf", Show(layout="title"), ""),
    ],
)
def test_a_slide_says_what_it_was_derived_as(about: str, show: Show, derived: str) -> None:
    """An author could not find out which slides are only lists of labels."""
    section = Section(id="s", pointer="", line=1, narration=LIGHT, image_description=about, show=show)
    _, slide = plan_slide(section, language="en")
    assert derivation_of(section, slide) == derived
