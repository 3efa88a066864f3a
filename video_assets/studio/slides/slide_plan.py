"""What each slide of a film shows: what the author asked for, else something worth looking at.

Belongs here: choosing a slide's layout, title, labels, key phrases and alternative text, and the title and end cards.
Does not belong here: finding the phrases in a text (`keyphrases.py`), or placing anything on a slide (`pictures.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice

from video_assets.studio.core.errors import ContentError
from video_assets.studio.lesson.model import Lesson, Section, Show
from video_assets.studio.lesson.script import Slide
from video_assets.studio.spoken.markup import parse

from .phrases.formulas import IDENTIFIER, formulas
from .phrases.function_words import function_words_of, headings_of
from .phrases.keyphrases import key_phrases, overlap
from .phrases.topics import Topic, topics
from .phrases.words import VisibleText, capitalised

MOST_TITLE_CHARACTERS = 48
MOST_LABELS = 8
MOST_LABEL_CHARACTERS = 40
_MANY_QUOTED = 3
"""From here on the quoted labels are what the author chose; a symbol in passing is not one more."""

_NEEDS = {"bullets": "bullets", "equation": "equation", "code": "code", "table": "table", "picture": "picture"}
"""What each layout cannot do without."""
_SHOWS = {
    "title": frozenset({"bullets"}),
    "statement": frozenset({"bullets"}),
    "bullets": frozenset({"bullets"}),
    "equation": frozenset({"equation", "bullets"}),
    "code": frozenset({"code", "bullets"}),
    "table": frozenset({"table"}),
    "picture": frozenset({"picture", "bullets"}),
}
"""What each layout has room for."""
_BY_RANK = ("picture", "code", "equation", "table", "bullets")


def plan_slide(section: Section, *, language: str) -> tuple[str, Slide]:
    """The chapter's title (never empty) and the slide of `section`.

    What the author gave is shown exactly as given; "auto" takes picture before code, equation, table and bullets, and
    derives the slide from description and narration when none is there. Raises ContentError (with the place) for a
    layout that lacks its content or would hide something that was given.
    """
    visible = visible_of(section)
    layout = _layout(section)
    title = section.title or derived_title(visible, language=language, about=section.image_description)
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
        )
    else:
        slide = _derived(section, visible, layout, title, language)
    return title, slide.model_copy(update={"alt": _alt(section, slide)})


def title_slide(lesson: Lesson) -> Slide:
    """The film's title card: the lesson's title, its description or else its author, and its date."""
    subtitle = lesson.description or lesson.author
    alt = _sentences(lesson.title, subtitle, lesson.date)
    return Slide(layout="title", title=lesson.title, subtitle=subtitle, footer=lesson.date, alt=alt)


def end_slide(lesson: Lesson) -> Slide:
    """The film's end card: author, credits and licence, or the lesson's title when it names no author.

    Its headings are in the lesson's language; in a language without any the lesson's title stands in their place.
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


def visible_of(section: Section) -> VisibleText:
    """The section's narration as a reader sees it, and the parts that the author emphasised."""
    marked = parse(section.narration, place=section.pointer)
    emphasised: list[tuple[int, int]] = []
    for index, style in enumerate(marked.styles):
        if not style.emphasis:
            continue
        if emphasised and emphasised[-1][1] == index:
            emphasised[-1] = (emphasised[-1][0], index + 1)
        else:
            emphasised.append((index, index + 1))
    return VisibleText(marked.text, tuple(emphasised))


# What the author gave ------------------------------------------------------------------------------------------------


def _given(show: Show) -> frozenset[str]:
    return frozenset(name for name in _BY_RANK if getattr(show, name))


def _layout(section: Section) -> str:
    """The layout, "auto" resolved; "diagram" stands for whatever will be derived."""
    given = _given(section.show)
    layout = section.show.layout
    if layout == "auto":
        layout = next((name for name in _BY_RANK if name in given), "diagram")
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


# What is derived -----------------------------------------------------------------------------------------------------


def _derived(section: Section, visible: VisibleText, layout: str, title: str, language: str) -> Slide:
    """A slide for what the author said and described; `layout` is title, statement, or diagram for "what fits"."""
    about, bullets = section.image_description, section.show.bullets
    if layout == "title":
        return Slide(layout="title", title=title, bullets=bullets)
    labels = described_labels(about) if layout == "diagram" else ()
    most = 3 if len(labels) >= _ENOUGH_LABELS else 4
    phrases = key_phrases(visible, language=language, about=about, shown=(title, *labels), most=most)
    if len(labels) >= _ENOUGH_LABELS:
        return Slide(layout="diagram", title=title, labels=labels, bullets=phrases)
    return _spoken_slide(title, (*labels, *phrases), bullets, large=layout == "statement")


def _spoken_slide(title: str, points: tuple[str, ...], bullets: tuple[str, ...], *, large: bool) -> Slide:
    """A formula, or all there is to say, stands large; several points stand as bullets."""
    formula = next((point for point in points if formulas(point) == ((0, len(point)),)), "")
    first = formula or (points[0] if points else "")
    if not first:
        return Slide(layout="statement", statement=title, bullets=bullets)
    if large or formula or len(points) == 1:
        rest = () if large else tuple(point for point in points if point != first)
        return Slide(layout="statement", title=title, statement=first, bullets=bullets or rest)
    return Slide(layout="bullets", title=title, bullets=points)


_ENOUGH_LABELS = 2
_QUOTED = re.compile(
    r"(?<!\w)'(?P<a>[^'\n]++(?:'\w[^'\n]*+)*+)'(?!\w)"
    r"|\"(?P<b>[^\"\n]+)\"|“(?P<c>[^”\n]+)”|(?<!\w)‘(?P<d>[^’\n]+(?:’\w[^’\n]*)*)’"
    r"|„(?P<e>[^“”\ue000\n]+)[“”\ue000]|«(?P<f>[^»\n]+)»|「(?P<g>[^」\n]+)」|『(?P<h>[^』\n]+)』"
    r"|‚(?P<i>[^‘\ue001\n]+)[‘\ue001]|‹(?P<j>[^›\n]+)›"
)
_MARKS = (
    ("'", re.compile(r"'(?!\w)"), " "),
    ("“", re.compile("”"), "\ue000"),
    ("‘", re.compile("’"), "\ue001"),
    ("„", re.compile("[“”]"), " "),
    ("«", re.compile("»"), " "),
    ("「", re.compile("」"), " "),
    ("『", re.compile("』"), " "),
    ("‚", re.compile("‘"), " "),
    ("‹", re.compile("›"), " "),
)
"""What begins a quotation, what ends it, and what a mark is replaced by that begins none: “ and ‘ also end German ones.
The straight double ones close with the next of their kind.
"""


def described_labels(description: str) -> tuple[str, ...]:
    """What a description puts in quotation marks of any kind, then its symbols and formulas: each once, in order.

    At most `MOST_LABELS`; a quotation of more than `MOST_LABEL_CHARACTERS` is a sentence, not a label.
    """
    quoted = _quotations(description)
    rest = _without_quotations(description, " ", as_long=True)
    equations = [rest[start:end] for start, end in formulas(rest)]
    for start, end in formulas(rest):
        rest = rest[:start] + " " * (end - start) + rest[end:]
    symbols = IDENTIFIER.findall(rest) if len(quoted) < _MANY_QUOTED else []
    found = (*quoted, *equations, *symbols)
    labels = {label.casefold(): label for label in reversed(found) if 0 < len(label) <= MOST_LABEL_CHARACTERS}
    in_order = [labels[key] for key in dict.fromkeys(label.casefold() for label in found) if key in labels]
    parts = {part for label in in_order for part in IDENTIFIER.findall(label) if part != label}
    chosen = set(quoted)
    return tuple(islice((label for label in in_order if label in chosen or label not in parts), MOST_LABELS))


def _quotations(description: str) -> tuple[str, ...]:
    return tuple(
        description[slice(*match.span(str(match.lastgroup)))].strip(_FRENCH_EDGE if match["f"] else _EDGE)
        for match in _quoted_in(description)
    )


_EDGE = " ,.;"
_FRENCH_EDGE = f"{_EDGE}\u00a0\u202f\t"
"""« Guillemets » have a no-break space inside."""


def _without_quotations(description: str, instead: str, *, as_long: bool = False) -> str:
    """`description` with `instead` for each quotation; as often as it has characters, if the rest keeps its place."""
    kept, at = [], 0
    for match in _quoted_in(description):
        kept += [description[at : match.start()], instead * len(match[0]) if as_long else instead]
        at = match.end()
    return "".join([*kept, description[at:]])


def _quoted_in(description: str) -> Iterator[re.Match[str]]:
    """The quotations, as matches whose places count in `description`.

    Marks that are never closed on their line are replaced first: from each of them, the expression would read on to
    the end, which takes quadratic time over a text full of them.
    """
    return _QUOTED.finditer("".join(map(_without_unclosed, description.splitlines(keepends=True))))


def _without_unclosed(line: str) -> str:
    replaced = line
    for opening, closing, instead in _MARKS:
        if opening in line:
            last = max((match.start() for match in closing.finditer(line)), default=-1)
            replaced = replaced[: last + 1] + replaced[last + 1 :].replace(opening, instead)
    return replaced


# Titles --------------------------------------------------------------------------------------------------------------


def derived_title(visible: VisibleText, *, language: str, about: str) -> str:
    """A chapter title of at most `MOST_TITLE_CHARACTERS`, never cut inside a word.

    The narration's own name for its subject if it has one, else what the picture shows, else the narration's best
    phrase, else its first words.
    """
    labels = sorted(label.casefold() for label in _quotations(about))
    named = tuple(_beside_labels(one, labels) for one in topics(visible, language=language, about=about))
    ranked = (*named, _described(visible, language=language, about=about))
    subjects = (one.text for one in sorted(ranked, key=lambda one: -one.score) if one.score > _LEAST_TOPIC)
    spoken = (text for text in key_phrases(visible, language=language, about=about) if not formulas(text))
    first = re.split(r"[.!?。！？।;:；：—]", visible.text.strip(), maxsplit=1)[0]
    for text in (*subjects, *spoken, first, visible.text.strip()):
        title = capitalised(_shortened(text, language))
        if title:
            return title
    return visible.text.strip()[:MOST_TITLE_CHARACTERS]


_LEAST_TOPIC = 0.5


def _beside_labels(subject: Topic, labels: list[str]) -> Topic:
    """One of two or three labels is likely the picture's subject, one of many is only a part of it. `labels` are in
    alphabetical order.
    """
    start = subject.text.casefold()[: max(4, len(subject.text) - 2)]
    at = bisect_left(labels, start)
    if at == len(labels) or not labels[at].startswith(start):
        return subject
    return subject._replace(score=subject.score + (1.0 if len(labels) < 4 else -1.5))


def _described(visible: VisibleText, *, language: str, about: str) -> Topic:
    """The subject of the description, surer the more of it the narration mentions."""
    text = _subject_of(about, language)
    share = overlap(visible, text, language=language)
    staged = any(word.lower() in function_words_of(language).staging for word in text.split())
    symbolic = bool(IDENTIFIER.search(text))
    doubt = 2.0 * staged + 1.0 * symbolic + 1.0 * (share == 0) + 0.5 * (" " not in text)
    return Topic(text, 2.8 + 2 * share - doubt if text else 0)


def _subject_of(description: str, language: str) -> str:
    """A description without what it says about the picture itself and about details."""
    function_words = function_words_of(language)
    text = _without_quotations(description, " ").strip()
    text = re.split(r"[,;:(.，、；：（。।]|\s[—–-]\s|—", text, maxsplit=1)[0]
    for pattern, whole in (
        (rf"^{function_words.preface}", function_words.preface),
        (function_words.suffix, function_words.suffix),
    ):
        text = re.sub(pattern, "", text, count=1, flags=re.IGNORECASE) if whole else text
    text = re.split(function_words.cut, text, maxsplit=1, flags=re.IGNORECASE)[0] if function_words.cut else text
    words = text.split()
    if words and words[0].lower() in function_words.articles:
        words = words[1:]
    return " ".join(words)


def _shortened(text: str, language: str) -> str:
    """As many whole words of `text` as fit a title, not ending in a preposition or article."""
    function_words = function_words_of(language)
    small = (
        function_words.settings
        | function_words.articles
        | function_words.joints
        | function_words.openers
        | function_words.copulas
    )
    words = text.split()
    if len(words) <= 1:
        return text if len(text) <= MOST_TITLE_CHARACTERS else ""
    words = words[: _title_length(words, function_words.settings)]
    while words and words[-1].lower().strip(",") in small:
        words.pop()
    return " ".join(words).strip(" ,")


def _title_length(words: list[str], settings: frozenset[str]) -> int:
    """How many of `words` make the title: all that fit, or those before the last preposition that ends within these."""
    ends = [length - 1 for length in accumulate(len(word) + 1 for word in words[:MOST_TITLE_CHARACTERS])]
    fitting = bisect_right(ends, MOST_TITLE_CHARACTERS)
    if fitting == len(words):
        return fitting
    return next((at for at in range(fitting, 1, -1) if words[at].lower() in settings), fitting)


def _alt(section: Section, slide: Slide) -> str:
    if section.alt or section.image_description:
        return section.alt or section.image_description
    code = slide.code.text if slide.code else ""
    cells = [", ".join(row) for row in (slide.table.header, *slide.table.rows)] if slide.table else []
    return _sentences(slide.title, slide.statement, *slide.labels, *slide.bullets, slide.equation, code, *cells)


def _sentences(*parts: str) -> str:
    """The parts, each ended as a screen reader needs it to pause."""
    return " ".join(part if part[-1] in ".!?…。！？।" else f"{part}." for part in parts if part)
