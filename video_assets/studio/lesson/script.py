"""The script of a section: the text to show and the text to speak, and which words of both belong together.

Speech, captions and pictures are made from it. Does not belong here: reading markup, numbers and symbols (`spoken`), or
the content of a slide (`slides.slide_plan`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from pydantic import Field

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.settings import PictureMotion
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.spoken.characters import is_unspaced
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import Marked, MarkedPause, parse
from video_assets.studio.spoken.pace import LANGUAGE_FACTORS, letter_seconds
from video_assets.studio.spoken.reading import SpokenForm, normalise
from video_assets.studio.spoken.tokens import TextPiece, tokenise

from .diagrams import Diagram
from .model import Code, PictureFile, PictureLabel, RecordingFile, Section, Table


class Token(FrozenModel):
    """A word of the author's text as captions show it, with its punctuation and without markup."""

    shown: str
    space_before: bool = True
    offset: int
    """The index of its first character in the section's narration, as the author wrote it (markup included)."""


class SpokenWord(FrozenModel):
    """A word (or a few) that the voice speaks for one token. A token may have several ("V_GS" -> "V", "G", "S")."""

    text: str
    """Plain text in the lesson's language. It may end with one of `, . ; : ? !` (or CJK forms) for the intonation."""
    token: int
    """The index of the token."""
    emphasis: int = 0
    """0 none, 1 `*so*`, 2 `**so**`."""
    rate_percent: int = 100
    """Speaking rate in percent of the lesson's rate: the section's rate times that of the markup."""


class Pause(FrozenModel):
    """A pause that the author wrote."""

    milliseconds: int


class Slide(FrozenModel):
    """The content of a section's slide and its definite layout, before typesetting."""

    layout: str
    """title, bullets, equation, code, table, picture, statement, diagram, diagram-list, labels or end; never "auto"."""
    title: str = ""
    subtitle: str = ""
    bullets: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Short labels from the description of a picture ("V_GS", "drain"), for the layout "labels"."""
    statement: str = ""
    equation: str = ""
    code: Code | None = None
    table: Table | None = None
    picture: PictureFile | None = None
    picture_labels: tuple[PictureLabel, ...] = Field(default=(), exclude_if=lambda labels: not labels)
    """Labels over the picture, for the layout "picture"."""
    diagram: Diagram | None = Field(default=None, exclude_if=lambda diagram: diagram is None)
    alt: str = ""
    footer: str = ""


class SlideLook(FrozenModel):
    """A state of a slide: which of its parts are shown, and which are marked as spoken about. Parts by their ids."""

    shown: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()


class SlideCue(FrozenModel):
    """The moment at which a slide changes to another state."""

    look: SlideLook
    token: int
    """The index of the token at whose start the state has begun; -1: with the first frame of the section."""


class SectionScript(FrozenModel):
    """A section, ready for speech, captions and pictures."""

    id: str
    pointer: str
    line: int
    title: str
    """The title of the chapter; never empty."""
    tokens: tuple[Token, ...]
    speech: tuple[SpokenWord | Pause, ...]
    slide: Slide
    derived: str = Field(default="", exclude_if=lambda derived: not derived)
    """What the slide shows of description and narration: "labels", "bullets", "statement", or the kind of its diagram;
    "" if the author gave the slide's content."""
    scene: str = Field(default="", exclude_if=lambda scene: not scene)
    """The description for an illustration provider; "" if the slide is only typeset."""
    cues: tuple[SlideCue, ...] = Field(default=(), exclude_if=lambda cues: not cues)
    """The states of the slide, in order. Empty: the whole slide is shown from the first frame; nothing is marked."""
    picture_motion: PictureMotion | None = Field(default=None, exclude_if=lambda motion: motion is None)
    """Whether the camera moves over the picture. None: as the lesson's setting says."""
    written_by: str = Field(default="", exclude_if=lambda name: not name)
    """The provider that wrote missing texts; "" if the author wrote all texts."""
    written: str = Field(default="", exclude_if=lambda digest: not digest)
    """The id of the stored response of that provider."""
    recording: RecordingFile | None = Field(default=None, exclude_if=lambda recording: recording is None)
    """The author's voice, which says the text; None if a voice speaks it."""


class SlideSignal(NamedTuple):
    """`[show]` or `[point]` in a narration, by which an author says when a part appears or is marked."""

    verb: str
    """"show" or "point"."""
    part: str
    """The number or the name of a part, as written; "" for the next part, or for the end of a mark."""
    token: int
    """The index of the token at whose start it takes effect; the last token for a signal after the last word."""
    offset: int
    """The index of its first character in the section's narration, as the author wrote it."""


class SectionWords(NamedTuple):
    """The words of a section as shown and as spoken. The `token` of each spoken word is an index in `tokens`.

    These indices never decrease.
    """

    tokens: tuple[Token, ...]
    speech: tuple[SpokenWord | Pause, ...]
    signals: tuple[SlideSignal, ...] = ()


def write_section(section: Section, *, language: str, pronunciations: Mapping[str, str]) -> SectionWords:
    """The words to show and to speak for the narration of `section`.

    The tokens joined according to their `space_before` are the visible text. Each token with a letter or digit has a
    spoken word, unless the author silenced it with `[shown|]`. A token of punctuation only changes the intonation of
    the word before it. A spoken word is never empty. `pronunciations` maps words (or a few) to their spoken form; see
    `merge_pronunciations`. Raises ContentError, with the section's pointer, for invalid markup, a character without a
    word in `language`, and a section with nothing to say.
    """
    place = section.pointer
    marked = parse(section.narration, place=place)
    tables = language_of(language)
    pieces = tokenise(marked, tables)
    spoken = normalise(marked, tables, pronunciations, place=place)
    if not spoken:
        raise ContentError(
            "The narration has nothing for the voice to say.", remedy="Write at least one word.", place=place
        )
    return SectionWords(
        tuple(_tokens(marked, pieces)),
        tuple(_speech(marked, pieces, spoken, section.rate_percent)),
        tuple(_signals(marked, pieces)),
    )


def merge_pronunciations(*dictionaries: Mapping[str, str]) -> dict[str, str]:
    """One dictionary of several, the more general first: entries of the lesson override those of the project.

    An entry also replaces earlier ones that differ from it only in case; otherwise it might never be used.
    """
    merged: dict[str, str] = {}
    for dictionary in dictionaries:
        folded = {key.lower() for key in dictionary}
        merged = {key: spoken for key, spoken in merged.items() if key.lower() not in folded}
        merged.update(dictionary)
    return merged


def spoken_text(pieces: Sequence[SpokenWord | Pause]) -> str:
    """The spoken words as text: without pauses, and without spaces in scripts that use none."""
    spoken = ""
    for piece in pieces:
        if isinstance(piece, SpokenWord):
            joined = (
                not spoken or is_unspaced(piece.text[0]) or is_unspaced(spoken.rstrip("，。；：？！、")[-1:] or " ")
            )
            spoken += piece.text if joined else f" {piece.text}"
    return spoken


def shown_text(tokens: Sequence[Token]) -> str:
    """The author's text without markup, as captions show it."""
    return "".join(f"{' ' * (token.space_before and number > 0)}{token.shown}" for number, token in enumerate(tokens))


_SLOWEST_PERCENT, _FASTEST_PERCENT = 50, 290
"""80 and 450 words a minute, the limits of espeak-ng, in percent of the 155 words a minute of a usual voice."""


def expected_seconds(pieces: Sequence[SpokenWord | Pause], rate_percent: int = 100, *, language: str = "") -> Fraction:
    """The approximate duration of `pieces` at `rate_percent` of a voice's normal rate, with pauses.

    The error for a section is at most 10 % of espeak-ng's duration in most languages (`spoken.pace` describes the
    measurement). `language` corrects languages with many silent letters, such as French, which is 25 % too long without
    it. The rates of lesson, section and markup are multiplied, within the limits of a voice.
    """
    factor = LANGUAGE_FACTORS.get(primary_subtag(language), Fraction(1))
    seconds = Fraction(0)
    for piece in pieces:
        if isinstance(piece, Pause):
            seconds += Fraction(piece.milliseconds, 1000)
        else:
            percent = Fraction(rate_percent * piece.rate_percent, 100)
            seconds += letter_seconds(piece.text) * factor * 100 / min(max(percent, _SLOWEST_PERCENT), _FASTEST_PERCENT)
    return seconds


def _tokens(marked: Marked, pieces: Sequence[TextPiece]) -> Iterator[Token]:
    for piece in pieces:
        yield Token(
            shown=marked.text[piece.start : piece.end],
            space_before=piece.space_before,
            offset=marked.offsets[piece.start],
        )


def _speech(
    marked: Marked, pieces: Sequence[TextPiece], spoken: Sequence[SpokenForm], section_percent: int
) -> Iterator[SpokenWord | Pause]:
    """Words and pauses in the order of the text. Each word gets the token and the style of its character."""
    starts = [piece.start for piece in pieces]
    silences = list(marked.silences)
    for word in spoken:
        while silences and silences[0].at <= word.at:
            yield _pause(silences.pop(0))
        style = marked.styles[word.at]
        yield SpokenWord(
            text=word.text,
            token=bisect_right(starts, word.at) - 1,
            emphasis=style.emphasis,
            rate_percent=style.rate_percent * section_percent // 100,
        )
    yield from map(_pause, silences)


def _signals(marked: Marked, pieces: Sequence[TextPiece]) -> Iterator[SlideSignal]:
    """Each signal with the first token that does not end before it."""
    ends = [piece.end for piece in pieces]
    for signal in marked.signals:
        token = min(bisect_right(ends, signal.at), len(ends) - 1)
        yield SlideSignal(signal.verb, signal.part, token, signal.offset)


def _pause(silence: MarkedPause) -> Pause:
    return Pause(milliseconds=silence.milliseconds)
