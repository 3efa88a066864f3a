"""Plans the content of each slide: the author's content, or else labels and phrases from description and narration.

It chooses layout, title, labels, key phrases and alternative text, and plans the title and end cards. Does not belong
here: finding phrases in a text (`phrases`), or typesetting (`typesetting`).
"""

from __future__ import annotations

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.sentences import with_sentence_end
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.model import Lesson, Section, Show
from video_assets.studio.lesson.script import Slide

from .descriptions.arrangement import arranged
from .descriptions.depiction import depiction_of
from .phrases.formulas import formulas
from .phrases.function_words import headings_of
from .phrases.keyphrases import key_phrases
from .phrases.words import VisibleText, sentence_cased, stems_of
from .titles import derived_title
from .visible_text import visible_of

MOST_LABELS = 8

_NEEDS = {name: name for name in ("bullets", "equation", "code", "table", "picture", "diagram")}
"""The content that each layout requires."""
_SHOWS = {
    "title": frozenset({"bullets"}),
    "statement": frozenset({"bullets"}),
    "bullets": frozenset({"bullets"}),
    "equation": frozenset({"equation", "bullets"}),
    "code": frozenset({"code", "bullets"}),
    "table": frozenset({"table"}),
    "picture": frozenset({"picture", "bullets"}),
    "diagram": frozenset({"diagram", "bullets"}),
}
"""The content for which each layout has room."""
_BY_RANK = ("picture", "diagram", "code", "equation", "table", "bullets")


def plan_slide(section: Section, *, language: str, title: str = "") -> tuple[str, Slide]:
    """The chapter's title (never empty) and the slide of `section`.

    `title` is the title planned among the lesson's sections (`titles.plan_titles`); without it, the section is named
    by itself. The author's title and content are shown unchanged. The layout "auto" takes the first of picture,
    diagram, code, equation, table and bullets that is given, and otherwise derives the slide from description and
    narration. Raises ContentError (with the place) for a layout that lacks its content or would hide given content.
    """
    visible = visible_of(section)
    layout = _layout(section)
    named = title or derived_title(visible, language=language, about=section.image_description)
    title = section.title or named
    if layout in _NEEDS and layout in _given(section.show):
        show = section.show
        slide = Slide(
            layout=layout,
            title=title,
            bullets=show.bullets,
            equation=show.equation,
            code=show.code,
            table=show.table,
            picture=show.picture,
            picture_labels=show.labels,
            diagram=show.diagram,
        )
    else:
        slide = _derived(section, visible, layout, title, language)
    return title, slide.model_copy(update={"alt": _alt(section, slide)})


def derivation_of(section: Section, slide: Slide) -> str:
    """The source of the slide's content: "" if the author gave it, else what was made of description and narration.

    That is "labels", "bullets", "statement", or the kind of the diagram.
    """
    if _given(section.show) or slide.layout == "title":
        return ""
    return slide.diagram.kind if slide.diagram else slide.layout


def title_slide(lesson: Lesson) -> Slide:
    """The film's title card: the lesson's title, its description (or else its author), and its date."""
    subtitle = lesson.description or lesson.author
    alt = _sentences(lesson.title, subtitle, lesson.date)
    return Slide(layout="title", title=lesson.title, subtitle=subtitle, footer=lesson.date, alt=alt)


def end_slide(lesson: Lesson) -> Slide:
    """The film's end card: author, credits and licence. Without an author, it shows the lesson's title.

    The headings are in the lesson's language. If there are none in this language, the lesson's title replaces them.
    """
    headings = headings_of(lesson.language)
    title = headings.thanks if headings else lesson.title
    below = lesson.author or ("" if title == lesson.title else lesson.title)
    licence = f"{headings.licence}: {lesson.licence}" if headings and lesson.licence else lesson.licence
    return Slide(
        layout="end",
        title=title,
        subtitle=below,
        bullets=lesson.credits,
        footer=licence,
        alt=_sentences(title, below, *lesson.credits, licence),
    )


# The author's content ------------------------------------------------------------------------------------------------


def _given(show: Show) -> frozenset[str]:
    return frozenset(name for name in _BY_RANK if getattr(show, name))


def _layout(section: Section) -> str:
    """The layout, with "auto" replaced by a definite one. "labels" means that the slide is derived."""
    given = _given(section.show)
    layout = section.show.layout
    if layout == "auto":
        layout = next((name for name in _BY_RANK if name in given), "labels")
        return _without_hiding(section, layout, given)
    if layout in _NEEDS and layout not in given:
        raise ContentError(
            f'The layout is "{layout}", but the section has nothing under "{layout}" to show',
            remedy=f'Add "{layout}" to the section, or leave "layout" out.',
            place=f"{section.pointer}/layout",
        )
    return _without_hiding(section, layout, given)


def _without_hiding(section: Section, layout: str, given: frozenset[str]) -> str:
    hidden = [name for name in _BY_RANK if name in given - _SHOWS.get(layout, frozenset())]
    if not hidden:
        return layout
    raise ContentError(
        f'A slide with the layout "{layout}" has no room for the section\'s {" and ".join(hidden)}',
        remedy=f'Give "{hidden[0]}" a section of its own, or take it out.',
        place=f"{section.pointer}/{hidden[0]}",
    )


# Derived content -----------------------------------------------------------------------------------------------------


def _derived(section: Section, visible: VisibleText, layout: str, title: str, language: str) -> Slide:
    """A slide from narration and description. `layout` is title, statement, or labels for an automatic choice."""
    about, bullets = section.image_description, section.show.bullets
    if layout == "title":
        return Slide(layout="title", title=title, bullets=bullets)
    if layout == "labels" and (diagram := arranged(about, visible, language=language, title=title)):
        return Slide(
            layout="diagram", title=title, diagram=diagram, bullets=bullets or _formulas_beside(diagram, visible)
        )
    labels = _labels_beside(title, about, language) if layout == "labels" else ()
    most = 3 if len(labels) >= _ENOUGH_LABELS else 4
    phrases = key_phrases(visible, language=language, about=about, shown=(title, *labels), most=most)
    if len(labels) >= _ENOUGH_LABELS:
        return Slide(layout="labels", title=title, labels=labels, bullets=phrases)
    told = (sentence_cased(label) for label in labels if label.casefold() != title.casefold())
    return _spoken_slide(title, (*told, *phrases), bullets, large=layout == "statement")


def _formulas_beside(diagram: Diagram, visible: VisibleText) -> tuple[str, ...]:
    """The formulas that are said and that `diagram` does not show: at most `_MOST_FORMULAS`, in their order."""
    if diagram.kind in ("terms", "derivation"):
        return ()  # it is about the formula itself
    shown = {text for part in diagram.parts() for text in part.texts}
    said = dict.fromkeys(visible.text[start:end] for start, end in formulas(visible.text))
    telling = (formula for formula in said if len(formula) > _TRIVIAL_CHARACTERS and formula not in shown)
    return tuple(telling)[-_MOST_FORMULAS:]


def _labels_beside(title: str, about: str, language: str) -> tuple[str, ...]:
    """The labels of the description, without those that repeat the title: a heading, or one of several."""
    depiction = depiction_of(about, language)
    known = frozenset(stems_of(title, language))
    headings = {label for label in depiction.headings if known >= frozenset(stems_of(label, language))}
    labels = [label for label in depiction.labels if label not in headings]
    others = [label for label in labels if label.casefold() != title.casefold()]
    return tuple(others if len(others) >= _MANY_LABELS else labels)[:MOST_LABELS]


def _spoken_slide(title: str, points: tuple[str, ...], bullets: tuple[str, ...], *, large: bool) -> Slide:
    """A slide for `points`: a formula or a single point is shown large, several points are shown as bullets."""
    formula = next((point for point in points if formulas(point) == ((0, len(point)),)), "")
    first = formula or (points[0] if points else "")
    if not first:
        return Slide(layout="statement", statement=title, bullets=bullets)
    if large or formula or len(points) == 1:
        rest = () if large else tuple(point for point in points if point != first)
        return Slide(layout="statement", title=title, statement=first, bullets=bullets or rest)
    return Slide(layout="bullets", title=title, bullets=points)


_MOST_FORMULAS = 2
_TRIVIAL_CHARACTERS = 5
"""A formula such as `n = 1` is said in passing."""
_ENOUGH_LABELS = 2
_MANY_LABELS = 3


def described_labels(description: str, *, language: str = "en") -> tuple[str, ...]:
    """The labels of a description that a slide has room for: the first `MOST_LABELS` of its depiction."""
    return depiction_of(description, language).labels[:MOST_LABELS]


def _alt(section: Section, slide: Slide) -> str:
    if section.alt or section.image_description:
        return section.alt or section.image_description
    code = slide.code.text if slide.code else ""
    cells = [", ".join(row) for row in (slide.table.header, *slide.table.rows)] if slide.table else []
    over = (label.text for label in slide.picture_labels)
    return _sentences(slide.title, slide.statement, *slide.labels, *over, *slide.bullets, slide.equation, code, *cells)


def _sentences(*parts: str) -> str:
    """`parts` as sentences. Each ends with a full stop or another mark, at which a screen reader pauses."""
    return " ".join(with_sentence_end(part) for part in parts if part)
