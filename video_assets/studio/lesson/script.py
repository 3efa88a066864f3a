"""The script: what is shown and what is said, apart, and which word of one is which of the other.

Belongs here: the values that speech, captions and pictures are made from, and the way from a section's narration to
them. Does not belong here: how markup, numbers or symbols are read (`spoken`), what a slide shows (`outline`), sound.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from pydantic import Field

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.spoken.characters import is_unspaced
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import Marked, MarkedPause, parse
from video_assets.studio.spoken.pace import LANGUAGE_FACTORS, letter_seconds
from video_assets.studio.spoken.reading import SpokenForm, normalise
from video_assets.studio.spoken.tokens import TextPiece, tokenise

from .model import Code, PictureFile, Section, Table


class Token(FrozenModel):
    """A word of the author's text as captions show it, punctuation attached, markup removed."""

    shown: str
    space_before: bool = True
    offset: int
    """Index of its first character in the section's narration, as the author wrote it (markup included)."""


class SpokenWord(FrozenModel):
    """A word (or a few) given to the voice for one token. Several may belong to one token ("V_GS" -> "V", "G", "S")."""

    text: str
    """Plain text in the lesson's language; may end in one of `, . ; : ? !` (or CJK forms) that shapes the melody."""
    token: int
    emphasis: int = 0
    """0 none, 1 `*so*`, 2 `**so**`."""
    rate_percent: int = 100
    """Of the lesson's rate: the section's, times what the markup asks for."""


class Pause(FrozenModel):
    """Silence the author asked for."""

    milliseconds: int


class Slide(FrozenModel):
    """What a section's picture shows, everything decided (layout included), nothing laid out yet."""

    layout: str
    """title, bullets, equation, code, table, picture, statement, diagram or end; never "auto"."""
    title: str = ""
    subtitle: str = ""
    bullets: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Short labels of a picture the author described ("V_GS", "drain"), for the diagram layout."""
    statement: str = ""
    equation: str = ""
    code: Code | None = None
    table: Table | None = None
    picture: PictureFile | None = None
    alt: str = ""
    footer: str = ""


class SectionScript(FrozenModel):
    """A section, ready to be spoken, captioned and painted."""

    id: str
    pointer: str
    line: int
    title: str
    """For the chapter; never empty."""
    tokens: tuple[Token, ...]
    speech: tuple[SpokenWord | Pause, ...]
    slide: Slide
    scene: str = Field(default="", exclude_if=lambda scene: not scene)
    """What a painter is to show; empty where the slide is typeset alone."""
    written_by: str = Field(default="", exclude_if=lambda name: not name)
    """Who wrote what the author left out; empty where the author wrote all."""
    written: str = Field(default="", exclude_if=lambda digest: not digest)
    """The object that was written, as it came."""


class SectionWords(NamedTuple):
    """A section's words: as shown, and as said. Tokens of `speech` never go back, and index `tokens`."""

    tokens: tuple[Token, ...]
    speech: tuple[SpokenWord | Pause, ...]


def write_section(section: Section, *, language: str, pronunciations: Mapping[str, str]) -> SectionWords:
    """Part the narration of `section` into the author's text and the voice's.

    Tokens joined by their `space_before` are the visible text. Every token with a letter or digit has a spoken word,
    unless the author silenced it with `[shown|]`; a token of punctuation only shapes the word before it. A spoken
    word is never empty. `pronunciations` maps words (or a few) to what is said for them; see `merge_pronunciations`.
    Raises ContentError, with the section's pointer, for markup that cannot be kept, a character that `language` has no
    word for, and a section with nothing to say.
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
    return SectionWords(tuple(_tokens(marked, pieces)), tuple(_speech(marked, pieces, spoken, section.rate_percent)))


def merge_pronunciations(*dictionaries: Mapping[str, str]) -> dict[str, str]:
    """One dictionary of several, the more general first: what the lesson says wins over what the project says.

    An entry of a later dictionary also replaces an earlier one that differs in case alone, as it would never be heard.
    """
    merged: dict[str, str] = {}
    for dictionary in dictionaries:
        folded = {key.lower() for key in dictionary}
        merged = {key: said for key, said in merged.items() if key.lower() not in folded}
        merged.update(dictionary)
    return merged


def spoken_text(pieces: Sequence[SpokenWord | Pause]) -> str:
    """What the voice says, as text to read: without pauses, and without spaces where the script writes none."""
    said = ""
    for piece in pieces:
        if isinstance(piece, SpokenWord):
            joined = not said or is_unspaced(piece.text[0]) or is_unspaced(said.rstrip("，。；：？！、")[-1:] or " ")
            said += piece.text if joined else f" {piece.text}"
    return said


def shown_text(tokens: Sequence[Token]) -> str:
    """The author's text as captions show it."""
    return "".join(f"{' ' * (token.space_before and number > 0)}{token.shown}" for number, token in enumerate(tokens))


_SLOWEST_PERCENT, _FASTEST_PERCENT = 50, 290
"""Of a usual voice's 155 words a minute: 80 and 450, the limits of espeak-ng."""


def expected_seconds(pieces: Sequence[SpokenWord | Pause], rate_percent: int = 100, *, language: str = "") -> Fraction:
    """About how long `pieces` take at `rate_percent` of a voice's normal rate, pauses included.

    Within 10 % of espeak-ng for a section in most languages (`spoken.pace` says how it was measured); `language`
    corrects those whose spelling misleads, such as French, which is 25 % too long without it. Rates of lesson, section
    and markup multiply; what lies beyond the slowest and fastest that a voice can is taken as these.
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
    """Words and pauses in the order of the text; each word in the token and the style that its character has."""
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


def _pause(silence: MarkedPause) -> Pause:
    return Pause(milliseconds=silence.milliseconds)
