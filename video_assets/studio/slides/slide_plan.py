"""Plans the content of each slide: the author's content, or else labels and phrases from description and narration.

It chooses layout, title, labels, key phrases and alternative text, and plans the title and end cards. Does not belong
here: finding phrases in a text (`phrases`), or typesetting (`typesetting`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.sentences import (
    CLAUSE_ENDS,
    COMMAS,
    ELLIPSIS,
    FULL_STOPS,
    SENTENCE_ENDS,
    with_sentence_end,
)
from video_assets.studio.core.unspaced_words import start_of
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
"""With at least this many quoted labels, symbols elsewhere in the description do not become labels."""

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


def plan_slide(section: Section, *, language: str) -> tuple[str, Slide]:
    """The chapter's title (never empty) and the slide of `section`.

    The author's content is shown unchanged. The layout "auto" takes the first of picture, code, equation, table and
    bullets that is given, and otherwise derives the slide from description and narration. Raises ContentError (with the
    place) for a layout that lacks its content or would hide given content.
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
            diagram=show.diagram,
        )
    else:
        slide = _derived(section, visible, layout, title, language)
    return title, slide.model_copy(update={"alt": _alt(section, slide)})


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


def visible_of(section: Section) -> VisibleText:
    """The section's narration without markup, and the parts that the author emphasised."""
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
    labels = described_labels(about) if layout == "labels" else ()
    most = 3 if len(labels) >= _ENOUGH_LABELS else 4
    phrases = key_phrases(visible, language=language, about=about, shown=(title, *labels), most=most)
    if len(labels) >= _ENOUGH_LABELS:
        return Slide(layout="labels", title=title, labels=labels, bullets=phrases)
    return _spoken_slide(title, (*labels, *phrases), bullets, large=layout == "statement")


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
"""For each opening mark: the mark, what closes it, and the replacement for an opening mark that is never closed.

The replacements of “ and ‘ still close a German quotation. Straight double marks need no entry: each is closed by the
next one.
"""


def described_labels(description: str) -> tuple[str, ...]:
    """The quotations in a description (in marks of any kind), then its formulas and symbols: each once, in order.

    At most `MOST_LABELS`. A quotation of more than `MOST_LABEL_CHARACTERS` is a sentence and no label.
    """
    quoted = _quotations(description)
    rest = _without_quotations(description, " ", as_long=True)
    equations = [rest[start:end] for start, end in formulas(rest)]
    for start, end in formulas(rest):
        rest = rest[:start] + " " * (end - start) + rest[end:]
    symbols = IDENTIFIER.findall(rest) if len(quoted) < _MANY_QUOTED else []
    found = (*quoted, *equations, *symbols)
    # Case is a difference: corner A lies opposite of side a.
    in_order = [label for label in dict.fromkeys(found) if 0 < len(label) <= MOST_LABEL_CHARACTERS]
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
"""French quotations have a no-break space inside the guillemets."""


def _without_quotations(description: str, instead: str, *, as_long: bool = False) -> str:
    """`description` with each quotation replaced by `instead`.

    With `as_long`, `instead` is repeated to the length of the quotation, so that all offsets stay the same.
    """
    kept, at = [], 0
    for match in _quoted_in(description):
        kept += [description[at : match.start()], instead * len(match[0]) if as_long else instead]
        at = match.end()
    return "".join([*kept, description[at:]])


def _quoted_in(description: str) -> Iterator[re.Match[str]]:
    """The quotations as matches with offsets in `description`.

    Opening marks that are never closed on their line are replaced first. Otherwise the expression would search from
    each of them to the end, which takes quadratic time in a text full of such marks.
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
    """A chapter title of at most `MOST_TITLE_CHARACTERS`.

    It is the likeliest subject (a topic of the narration or the subject of the description), or else the narration's
    best phrase, or else its first words. It is cut inside a word only if the first word is longer than that.
    """
    labels = sorted(label.casefold() for label in _quotations(about))
    named = tuple(_beside_labels(one, labels) for one in topics(visible, language=language, about=about))
    ranked = (*named, _described(visible, language=language, about=about))
    subjects = (one.text for one in sorted(ranked, key=lambda one: -one.score) if one.score > _LEAST_TOPIC)
    spoken = (text for text in key_phrases(visible, language=language, about=about) if not formulas(text))
    first = _STATEMENT_END.split(visible.text.strip(), maxsplit=1)[0]
    for text in (*subjects, *spoken, first, visible.text.strip()):
        title = capitalised(_shortened(text, language))
        if title:
            return title
    return start_of(visible.text.strip(), MOST_TITLE_CHARACTERS)


_LEAST_TOPIC = 0.5
_STATEMENT_END = re.compile(f"[{re.escape(SENTENCE_ENDS.replace(ELLIPSIS, '') + CLAUSE_ENDS)}—]")
# Without the marks of questions and exclamations: in a description, "!" is more often a factorial.
_SUBJECT_END = re.compile(rf"[{re.escape(FULL_STOPS + CLAUSE_ENDS + COMMAS)}(（]|\s[—–-]\s|—")


def _beside_labels(subject: Topic, labels: list[str]) -> Topic:
    """`subject` with a score that takes the labels of the picture into account; `labels` are in alphabetical order.

    A subject that is one of two or three labels is more likely. One of many labels is only a part of the subject.
    """
    start = subject.text.casefold()[: max(4, len(subject.text) - 2)]
    at = bisect_left(labels, start)
    if at == len(labels) or not labels[at].startswith(start):
        return subject
    return subject._replace(score=subject.score + (1.0 if len(labels) < 4 else -1.5))


def _described(visible: VisibleText, *, language: str, about: str) -> Topic:
    """The subject of the description. The more of it the narration mentions, the higher the score."""
    text = _subject_of(about, language)
    share = overlap(visible, text, language=language)
    staged = any(word.lower() in function_words_of(language).staging for word in text.split())
    symbolic = bool(IDENTIFIER.search(text))
    doubt = 2.0 * staged + 1.0 * symbolic + 1.0 * (share == 0) + 0.5 * (" " not in text)
    return Topic(text, 2.8 + 2 * share - doubt if text else 0)


def _subject_of(description: str, language: str) -> str:
    """The description without its words about the picture itself (`a diagram of`) and about details."""
    function_words = function_words_of(language)
    text = _without_quotations(description, " ").strip()
    text = _SUBJECT_END.split(text, maxsplit=1)[0]
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
    """As many whole words of `text` as fit in a title, without a preposition or article at the end."""
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
    """The number of words for the title: all, if they fit, or else those before the last preposition that fits."""
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
    """`parts` as sentences. Each ends with a full stop or another mark, at which a screen reader pauses."""
    return " ".join(with_sentence_end(part) for part in parts if part)
