"""The timeline: the film as data, in whole frames and whole samples, before any part of it is rendered.

`plan_clip` plans the clip of a section without the rest of the film, so that moving a section remakes no clip.
`build_timeline` places all parts in the film. `spoken_at` gives the times of each sentence. Does not belong here: any
float. A time is a whole number with its rate, or a Fraction.

Rounding happens once: frame `f` starts at sample floor(f * rate_hz / rate) counted from the film's start, so that
nothing drifts at 30000/1001 frames per second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from video_assets.studio.core.errors import SettingInvalid, SpeechInvalid
from video_assets.studio.core.sentences import CLOSERS, SENTENCE_ENDS
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Token
from video_assets.studio.speech.provider import SpeechTimes

MIN_CLIP_FRAMES = 24
"""A clip is encoded in three parts (head, body, tail), and the join needs at least 8 frames in each."""
MIN_LEAD_FRAMES = 2
"""Also the gap between two captions, so that the first caption of a section never touches the last one before it."""
MIN_CAPTION_MS = 800
"""A clip lasts at least this long after the start of its first word, so that its caption can be read."""

_ABBREVIATIONS = frozenset({"abb", "approx", "bspw", "bzw", "cf", "dr", "eq", "eqs", "fig", "fr", "hr", "mme"})
_ABBREVIATIONS |= {"mr", "mrs", "ms", "nr", "prof", "resp", "sr", "sra", "st", "vgl", "vs", "z"}


class ClipPlan(FrozenModel):
    """The clip of a section: silence, speech rounded up to whole frames, silence. The three parts sum to `frames`."""

    frames: int
    lead_frames: int
    speech_frames: int
    tail_frames: int


class CardPlan(FrozenModel):
    """A title or end card: a still without speech."""

    kind: Literal["title_card", "end_card"]
    frames: int
    title: str = ""


class SectionPlan(FrozenModel):
    """A section of the film: its clip, its times, its words, and their position in the lesson file."""

    kind: Literal["section"] = "section"
    id: str
    title: str
    """Title of the chapter; never empty."""
    pointer: str
    """JSON pointer of the section in the lesson file."""
    line: int
    """Line of the lesson file at which the narration starts."""
    plan: ClipPlan
    times: SpeechTimes
    tokens: tuple[Token, ...]


Part = Annotated[CardPlan | SectionPlan, Field(discriminator="kind")]


class Placed(FrozenModel):
    """A part at its place in the film. Frames and samples count from the film's start."""

    part: Part
    start_frame: int
    frames: int
    start_sample: int
    samples: int
    """Up to the next part's first sample."""
    speech_start_sample: int
    speech_samples: int
    """0 for a card. At the sample rate of the film; rounded up if the speech has another rate."""

    @property
    def end_frame(self) -> int:
        """The frame after the last."""
        return self.start_frame + self.frames


class Transition(FrozenModel):
    """How one part changes to the next. It lies in the silence around `at_frame` and never lengthens the film."""

    kind: Literal["cut"] = "cut"
    at_frame: int
    """First frame of the later part."""
    frames: int = 0
    """Frames it fills, half before `at_frame` and half after; 0 for a cut."""


class Chapter(FrozenModel):
    """A part of the film that a viewer can jump to. Chapters have no gaps and cover the whole film."""

    title: str
    start_frame: int
    end_frame: int


class Timeline(FrozenModel):
    """The whole film. `rate` is frames per second as an exact fraction, `rate_hz` samples per second."""

    rate: str
    rate_hz: int
    frames: int
    samples: int
    parts: tuple[Placed, ...]
    transitions: tuple[Transition, ...]
    chapters: tuple[Chapter, ...]

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exact."""
        return Fraction(self.rate)

    @property
    def seconds(self) -> Fraction:
        """Length of the film, exact."""
        return self.frames / self.frame_rate

    def sections(self) -> Iterator[tuple[Placed, SectionPlan]]:
        """The sections in order, each with its place."""
        return ((placed, placed.part) for placed in self.parts if isinstance(placed.part, SectionPlan))


class SpokenSentence(FrozenModel):
    """A sentence of the narration and the exact seconds of the film between which it is spoken."""

    text: str
    """As captions show it."""
    first_token: int
    end_token: int
    """Index of the token after the last."""
    space_before: bool
    """Whether a space separates it from the sentence before."""
    offset: int
    """Index of its first character in the narration, as the author wrote it."""
    start: Fraction
    end: Fraction
    start_seconds: str
    """`start` as a decimal, rounded to milliseconds."""
    end_seconds: str


class SpokenSection(FrozenModel):
    """When a section of the lesson file is spoken, sentence by sentence."""

    id: str
    pointer: str
    line: int
    start_seconds: str
    end_seconds: str
    sentences: tuple[SpokenSentence, ...]


def ceil_div(number: int | Fraction, divisor: int | Fraction) -> int:
    """`number / divisor` rounded up, exactly."""
    return int(-(-number // divisor))


def frames_of(milliseconds: int, rate: Fraction) -> int:
    """`milliseconds` in frames, rounded up."""
    return ceil_div(milliseconds * rate, 1000)


def sample_at(frame: int, rate: Fraction, rate_hz: int) -> int:
    """The sample at which film frame `frame` starts."""
    return int(frame * rate_hz // rate)


def decimal_seconds(seconds: Fraction) -> str:
    """`seconds` (not negative) with three decimals, half a millisecond rounded up."""
    milliseconds = milliseconds_of(seconds)
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"


def milliseconds_of(seconds: Fraction) -> int:
    """`seconds` in whole milliseconds, halves rounded up. Monotone: rounding never swaps two times."""
    return int((seconds * 2000 + 1) // 2)


def plan_clip(times: SpeechTimes, rate: Fraction, breath_ms: int) -> ClipPlan:
    """The clip of a section with speech `times`, at `rate` frames per second.

    Two fifths of the breath (rounded up to frames) lie before the speech and the rest after it, so that the breath
    between any two sections is complete. The tail is longer if the clip would otherwise be shorter than
    MIN_CLIP_FRAMES, or too short to read one caption. Raises SettingInvalid for a breath without silence on both sides.
    """
    breath = frames_of(breath_ms, rate)
    if breath <= MIN_LEAD_FRAMES:
        raise SettingInvalid(
            f"A breath of {breath_ms} ms is {breath} frames at {rate} frames/s, too few to part two sections.",
            remedy=f"Set breath_ms to at least {ceil_div(MIN_LEAD_FRAMES * 1000 + 1, rate)}.",
        )
    lead = max(MIN_LEAD_FRAMES, breath * 2 // 5)
    speech = ceil_div(times.samples * rate, times.rate_hz)
    first_word = times.words[0].start if times.words else 0
    readable = lead + ceil_div((Fraction(first_word, times.rate_hz) + Fraction(MIN_CAPTION_MS, 1000)) * rate, 1) + 1
    frames = max(speech + breath, readable, MIN_CLIP_FRAMES)
    return ClipPlan(frames=frames, lead_frames=lead, speech_frames=speech, tail_frames=frames - lead - speech)


def card_frames(milliseconds: int, rate: Fraction) -> int:
    """Frames of a card of `milliseconds`: 0 leaves the card out, anything else gives at least MIN_CLIP_FRAMES."""
    return max(MIN_CLIP_FRAMES, frames_of(milliseconds, rate)) if milliseconds else 0


def build_timeline(entries: Sequence[CardPlan | SectionPlan], rate: Fraction, rate_hz: int = 48000) -> Timeline:
    """Place `entries` one after the other. Cards of 0 frames are left out; transitions are cuts."""
    parts: list[Placed] = []
    start = 0
    for entry in entries:
        placed = _place(entry, start, rate, rate_hz)
        if placed.frames:
            parts.append(placed)
        start = placed.end_frame
    return Timeline(
        rate=str(rate),
        rate_hz=rate_hz,
        frames=start,
        samples=sample_at(start, rate, rate_hz),
        parts=tuple(parts),
        transitions=tuple(Transition(at_frame=placed.start_frame) for placed in parts[1:]),
        chapters=_chapters(parts, start),
    )


def _place(part: CardPlan | SectionPlan, start: int, rate: Fraction, rate_hz: int) -> Placed:
    frames = part.frames if isinstance(part, CardPlan) else part.plan.frames
    lead = 0 if isinstance(part, CardPlan) else part.plan.lead_frames
    first = sample_at(start, rate, rate_hz)
    return Placed(
        part=part,
        start_frame=start,
        frames=frames,
        start_sample=first,
        samples=sample_at(start + frames, rate, rate_hz) - first,
        speech_start_sample=sample_at(start + lead, rate, rate_hz),
        speech_samples=0 if isinstance(part, CardPlan) else ceil_div(part.times.samples * rate_hz, part.times.rate_hz),
    )


def _chapters(parts: Sequence[Placed], frames: int) -> tuple[Chapter, ...]:
    # Players and platforms need the first chapter at 0 and handle chapters of a few seconds badly. The title card
    # therefore belongs to the chapter of the first section, and the end card to that of the last one.
    sections = [(placed.start_frame, placed.part.title) for placed in parts if isinstance(placed.part, SectionPlan)]
    starts = [0, *(start for start, _ in sections[1:])]
    ends = [*starts[1:], frames]
    return tuple(
        Chapter(title=title, start_frame=start, end_frame=end)
        for (_, title), start, end in zip(sections, starts, ends, strict=False)
    )


def token_spans(tokens: Sequence[Token], times: SpeechTimes) -> tuple[tuple[int, int], ...]:
    """(start, end) of each token in samples of the speech; starts never decrease.

    A token that is not spoken (a single dash) has an empty span at the start of the next spoken token, or at the end of
    the last one. Raises SpeechInvalid when no word has a time.
    """
    if tokens and not times.words:
        raise SpeechInvalid(
            "The speech of this section has no word times.", remedy="Use a voice that gives times, or align it."
        )
    heard: dict[int, tuple[int, int]] = {}
    for word in times.words:
        start, end = heard.get(word.token, (word.start, word.end))
        heard[word.token] = (min(start, word.start), max(end, word.end))
    return _without_gaps(len(tokens), heard)


def _without_gaps(count: int, heard: dict[int, tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    latest = max((end for _, end in heard.values()), default=0)
    spans: list[tuple[int, int]] = []
    following = latest
    for token in reversed(range(count)):
        start, end = heard.get(token, (following, following))
        # A voice may say a later token first ("$5"). The earlier token then starts no later than that one.
        following = min(start, following)
        spans.append((following, max(end, following)))
    return tuple(reversed(spans))


def joined_text(tokens: Sequence[Token]) -> str:
    """The author's text of `tokens`, as captions show it."""
    return "".join(f" {token.shown}" if token.space_before else token.shown for token in tokens).strip()


def ends_sentence(tokens: Sequence[Token], index: int) -> bool:
    """Whether a sentence ends with `tokens[index]`, by punctuation, abbreviations and the case of the next token."""
    bare = tokens[index].shown.rstrip(CLOSERS)
    if index + 1 == len(tokens):
        return True
    if not bare or bare[-1] not in SENTENCE_ENDS:
        return False
    following = tokens[index + 1].shown.lstrip("([{\"'“‘«„¿¡")
    if following[:1].islower():
        return False
    return not (bare.endswith(".") and _is_abbreviation(bare[:-1], tokens[index - 1].shown if index else ""))


def _is_abbreviation(word: str, before: str) -> bool:
    # The last word of the token: no-break spaces keep "z. B." in one token.
    word = (word.lstrip("([{\"'“‘«„").split() or [""])[-1]
    if len(word) == 1 and word.isupper():
        return not before[-1:].isdigit()  # "5 V." ends a sentence, "J. Smith" does not
    return word.casefold() in _ABBREVIATIONS or (word.count(".") > 0 and word.replace(".", "").isalpha())


def sentence_ranges(tokens: Sequence[Token]) -> tuple[tuple[int, int], ...]:
    """The sentences of `tokens` as (first, end) indices, in order and without gaps."""
    ends = [index + 1 for index in range(len(tokens)) if ends_sentence(tokens, index)]
    return tuple(zip([0, *ends[:-1]], ends, strict=True)) if ends else ()


def spoken_at(timeline: Timeline) -> tuple[SpokenSection, ...]:
    """For every section and sentence, the exact seconds of the film between which it is spoken."""
    return tuple(_spoken_section(placed, section, timeline.rate_hz) for placed, section in timeline.sections())


def _spoken_section(placed: Placed, section: SectionPlan, rate_hz: int) -> SpokenSection:
    origin = Fraction(placed.speech_start_sample, rate_hz)
    spans = [
        (origin + Fraction(start, section.times.rate_hz), origin + Fraction(end, section.times.rate_hz))
        for start, end in token_spans(section.tokens, section.times)
    ]
    sentences = tuple(_sentence(section.tokens, spans, first, end) for first, end in sentence_ranges(section.tokens))
    return SpokenSection(
        id=section.id,
        pointer=section.pointer,
        line=section.line,
        start_seconds=decimal_seconds(origin),
        end_seconds=decimal_seconds(origin + Fraction(section.times.samples, section.times.rate_hz)),
        sentences=sentences,
    )


def _sentence(
    tokens: Sequence[Token], spans: Sequence[tuple[Fraction, Fraction]], first: int, end: int
) -> SpokenSentence:
    start, stop = spans[first][0], max(stop for _, stop in spans[first:end])
    return SpokenSentence(
        text=joined_text(tokens[first:end]),
        first_token=first,
        end_token=end,
        space_before=tokens[first].space_before,
        offset=tokens[first].offset,
        start=start,
        end=stop,
        start_seconds=decimal_seconds(start),
        end_seconds=decimal_seconds(stop),
    )
