"""The transcript: the lesson as plain text and as an accessible HTML page, with the times at which it is spoken.

The page is one file without script, font or picture, and loads nothing else. It has a heading for each section, a list
of contents, the language and direction of the text, and dark and light colours with a contrast above 7:1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from html import escape

from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.quantities import format_clock
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.spoken.languages.language_file import TranscriptLabels, written_words
from video_assets.studio.timeline import SpokenSection, SpokenSentence, Timeline, spoken_at

from .measure import LATIN, direction_of_language, text_width

_PARAGRAPH_UNITS = 700 * LATIN.narrow
"""A paragraph ends with the first sentence that ends beyond this width. Most sections are one paragraph."""


class Paragraph(FrozenModel):
    """Some sentences, and the time of the film in seconds at which the first starts."""

    start: Fraction
    text: str


class TranscriptSection(FrozenModel):
    """A section: heading, paragraphs, and the alternative text of its picture."""

    title: str
    start: Fraction
    alt: str
    paragraphs: tuple[Paragraph, ...]


class Transcript(FrozenModel):
    """A lesson as a text."""

    title: str
    language: str
    seconds: Fraction
    """Length of the film."""
    author: str = ""
    licence: str = ""
    sections: tuple[TranscriptSection, ...]


_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --soft: #46464f; --paper: #fdfcf9; --line: #cfcdc6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ecebe6; --soft: #c0bfc8; --paper: #17171a; --line: #44444c; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.65 system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.5rem 0 .5rem; }
.about, time, figcaption { color: var(--soft); font-size: .95rem; }
time { font-variant-numeric: tabular-nums; margin-inline-end: .6em; }
nav { border-block: 1px solid var(--line); margin: 1.5rem 0; padding: .5rem 0; }
nav h2 { font-size: 1rem; margin: 0; }
nav ol { margin: .25rem 0; padding-inline-start: 1.75rem; }
a { color: inherit; }
figure { margin: 1rem 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--line); }
""".strip()


def transcript_of(
    timeline: Timeline,
    title: str,
    language: str = "en",
    author: str = "",
    licence: str = "",
    alts: Mapping[str, str] | None = None,
) -> Transcript:
    """The transcript of a film. `alts` holds the alternative text of each section's picture, by section id."""
    described = alts or {}
    titles = [section.title for _, section in timeline.sections()]
    sections = tuple(
        _section(spoken, heading, described.get(spoken.id, ""))
        for spoken, heading in zip(spoken_at(timeline), titles, strict=True)
    )
    return Transcript(
        title=title, language=language, seconds=timeline.seconds, author=author, licence=licence, sections=sections
    )


def _section(spoken: SpokenSection, title: str, alt: str) -> TranscriptSection:
    start = spoken.sentences[0].start if spoken.sentences else Fraction(spoken.start_seconds)
    return TranscriptSection(title=title, start=start, alt=alt, paragraphs=tuple(_paragraphs(spoken.sentences)))


def _paragraphs(sentences: Sequence[SpokenSentence]) -> Iterator[Paragraph]:
    gathered: list[SpokenSentence] = []
    for index, sentence in enumerate(sentences):
        gathered.append(sentence)
        length = sum(text_width(one.text, LATIN) for one in gathered)
        if length >= _PARAGRAPH_UNITS or index == len(sentences) - 1:
            yield Paragraph(start=gathered[0].start, text=_joined(gathered))
            gathered = []


def _joined(sentences: Sequence[SpokenSentence]) -> str:
    text = ""
    for sentence in sentences:
        text += f" {sentence.text}" if text and sentence.space_before else sentence.text
    return text


def transcript_text(transcript: Transcript) -> str:
    """The transcript as plain text, ending in a line feed."""
    about = " · ".join(
        part for part in (transcript.author, transcript.licence, format_clock(transcript.seconds)) if part
    )
    blocks = [f"{transcript.title}\n{about}"]
    for section in transcript.sections:
        blocks.append(section.title)
        blocks += [f"[{format_clock(paragraph.start)}] {paragraph.text}" for paragraph in section.paragraphs]
    return "\n\n".join(blocks) + "\n"


def transcript_html(transcript: Transcript) -> str:
    """The transcript as an HTML page, ending in a line feed."""
    labels = _labels(transcript.language)
    title, language = escape(transcript.title), escape(transcript.language)
    lines = [
        "<!doctype html>",
        f'<html lang="{language}" dir="{direction_of_language(transcript.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title} – {escape(labels.transcript)}</title>",
        f"<style>\n{_STYLE}\n</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{title}</h1>",
        f'<p class="about">{_about(transcript)}</p>',
        *_contents(transcript, labels),
        *(line for number, section in enumerate(transcript.sections, 1) for line in _html(number, section, labels)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _labels(language: str) -> TranscriptLabels:
    # The labels of the page. A language without them gets the English ones.
    labels = written_words(primary_subtag(language)).transcript or written_words("en").transcript
    assert labels is not None
    return labels


def _about(transcript: Transcript) -> str:
    parts = [escape(part) for part in (transcript.author, transcript.licence) if part]
    return " · ".join([*parts, _time(transcript.seconds)])


def _time(seconds: Fraction) -> str:
    return f'<time datetime="PT{int(seconds)}S">{format_clock(seconds)}</time>'


def _contents(transcript: Transcript, labels: TranscriptLabels) -> list[str]:
    if len(transcript.sections) < 2:
        return []
    items = [
        f'<li><a href="#section-{number}">{escape(section.title)}</a></li>'
        for number, section in enumerate(transcript.sections, 1)
    ]
    heading = f'<h2 id="contents">{escape(labels.contents)}</h2>'
    return ['<nav aria-labelledby="contents">', heading, "<ol>", *items, "</ol>", "</nav>"]


def _html(number: int, section: TranscriptSection, labels: TranscriptLabels) -> Iterator[str]:
    yield f'<section aria-labelledby="section-{number}">'
    yield f'<h2 id="section-{number}">{escape(section.title)}</h2>'
    for paragraph in section.paragraphs:
        yield f"<p>{_time(paragraph.start)}{escape(paragraph.text)}</p>"
    if section.alt:
        yield f"<figure><figcaption>{escape(labels.picture)}: {escape(section.alt)}</figcaption></figure>"
    yield "</section>"
