"""The timeline: exact, contiguous, and for each clip independent of the rest of the film."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import SettingInvalid, SpeechInvalid
from video_assets.studio.core.values import canonical_json
from video_assets.studio.lesson.script import Token
from video_assets.studio.speech.provider import SpeechTimes, WordTime
from video_assets.studio.timeline import (
    MIN_CLIP_FRAMES,
    MIN_LEAD_FRAMES,
    CardPlan,
    SectionPlan,
    Timeline,
    build_timeline,
    card_frames,
    decimal_seconds,
    frames_of,
    milliseconds_of,
    plan_clip,
    sentence_ranges,
    spoken_at,
    token_spans,
)

RATES = (
    Fraction(8),
    Fraction(24),
    Fraction(25),
    Fraction(30),
    Fraction(30000, 1001),
    Fraction(24000, 1001),
    Fraction(60),
)
rates = st.sampled_from(RATES)
sound_rates = st.sampled_from((16000, 22050, 24000, 44100, 48000))
breaths = st.integers(300, 2000)


def speech(samples: int, words: tuple[tuple[int, int, int], ...] = (), rate_hz: int = 22050) -> SpeechTimes:
    spoken = tuple(WordTime(token=token, start=start, end=end) for token, start, end in words)
    return SpeechTimes(rate_hz=rate_hz, samples=samples, words=spoken, phones=())


def tokens_of(text: str) -> tuple[Token, ...]:
    found, offset = [], 0
    for word in text.split(" "):
        offset = text.index(word, offset)
        found.append(Token(shown=word, offset=offset, space_before=bool(found)))
        offset += len(word)
    return tuple(found)


def planned(name: str, seconds: Fraction, rate: Fraction, breath_ms: int = 400, rate_hz: int = 22050) -> SectionPlan:
    times = speech(int(seconds * rate_hz), ((0, 0, 10), (1, 20, 400)), rate_hz)
    return SectionPlan(
        id=name,
        title=name.title(),
        pointer=f"/sections/{name}",
        line=1,
        plan=plan_clip(times, rate, breath_ms),
        times=times,
        tokens=tokens_of("Hello. World."),
    )


lengths = st.integers(1, 9_000).map(lambda n: Fraction(n, 300))


@st.composite
def films(draw: st.DrawFn) -> Timeline:
    rate, breath, rate_hz = draw(rates), draw(breaths), draw(sound_rates)
    sections = [
        planned(f"s{number}", seconds, rate, breath, rate_hz)
        for number, seconds in enumerate(draw(st.lists(lengths, min_size=1, max_size=12)))
    ]
    opening = CardPlan(kind="title_card", frames=card_frames(draw(st.integers(0, 5000)), rate))
    closing = CardPlan(kind="end_card", frames=card_frames(draw(st.integers(0, 5000)), rate))
    return build_timeline([opening, *sections, closing], rate, draw(st.sampled_from((44100, 48000))))


@given(lengths, rates, breaths, sound_rates)
def test_a_clip_holds_its_speech_and_a_whole_breath(
    seconds: Fraction, rate: Fraction, breath_ms: int, rate_hz: int
) -> None:
    """A learner who hears a last syllable cut off, or two sections without a breath between, would be hurt."""
    times = speech(int(seconds * rate_hz), ((0, 0, 1),), rate_hz)
    plan = plan_clip(times, rate, breath_ms)
    assert plan.lead_frames + plan.speech_frames + plan.tail_frames == plan.frames >= MIN_CLIP_FRAMES
    assert 0 <= plan.speech_frames / rate - Fraction(times.samples, rate_hz) < 1 / rate
    assert plan.lead_frames >= MIN_LEAD_FRAMES
    assert plan.tail_frames >= 1
    assert plan.lead_frames + plan.tail_frames >= frames_of(breath_ms, rate)
    # Until it is too short to be encoded in three parts or to be read, the breath is exactly what was asked for.
    if plan.frames > max(MIN_CLIP_FRAMES, frames_of(800, rate) + plan.lead_frames + 1):
        assert plan.lead_frames + plan.tail_frames == frames_of(breath_ms, rate)


def test_the_usual_breath_is_parted_four_to_six() -> None:
    """An author who sets 400 ms at 25 frames/s would get another rhythm than the one that was listened to."""
    plan = plan_clip(speech(22050 * 10), Fraction(25), 400)
    assert (plan.lead_frames, plan.speech_frames, plan.tail_frames) == (4, 250, 6)


def test_a_late_single_word_still_leaves_time_to_read_it() -> None:
    """A deaf learner would see the only word of a section flash by."""
    plan = plan_clip(speech(22050 * 2, ((0, 22050 * 2 - 2000, 22050 * 2),)), Fraction(25), 300)
    assert plan.frames - plan.lead_frames - 48 >= 20


def test_a_breath_without_room_is_refused_with_the_remedy() -> None:
    """An author would get sections that run into each other, without a word why."""
    with pytest.raises(SettingInvalid, match="breath_ms to at least 251"):
        plan_clip(speech(22050), Fraction(8), 200)


@given(films())
@settings(max_examples=60)
def test_the_parts_fill_the_film_without_gap_or_overlap(film: Timeline) -> None:
    """A viewer would see black frames, or hear the sound drift from the lips in the last section."""
    frame = sample = 0
    for placed in film.parts:
        assert (placed.start_frame, placed.start_sample) == (frame, sample)
        assert placed.start_sample == frame * film.rate_hz // film.frame_rate
        frame, sample = frame + placed.frames, sample + placed.samples
    assert (frame, sample) == (film.frames, film.samples)
    assert abs(film.samples - film.seconds * film.rate_hz) < 1
    assert [cut.at_frame for cut in film.transitions] == [placed.start_frame for placed in film.parts[1:]]


@given(films())
@settings(max_examples=60)
def test_speech_lies_inside_its_clip(film: Timeline) -> None:
    """A learner would lose the last phoneme of a section under the next one's first."""
    for placed, section in film.sections():
        assert placed.start_sample < placed.speech_start_sample
        assert placed.speech_start_sample + placed.speech_samples <= placed.start_sample + placed.samples
        assert placed.speech_samples >= Fraction(section.times.samples * film.rate_hz, section.times.rate_hz)


@given(films())
@settings(max_examples=60)
def test_chapters_cover_the_film_and_start_with_their_section(film: Timeline) -> None:
    """A viewer who clicks a chapter would land in the wrong section; platforms refuse a first chapter after 0."""
    chapters = film.chapters
    assert chapters[0].start_frame == 0
    assert chapters[-1].end_frame == film.frames
    assert all(one.end_frame == two.start_frame for one, two in pairwise(chapters))
    placed = [place for place, _ in film.sections()]
    assert [chapter.start_frame for chapter in chapters[1:]] == [place.start_frame for place in placed[1:]]
    assert [chapter.title for chapter in chapters] == [section.title for _, section in film.sections()]


@given(st.lists(lengths, min_size=2, max_size=8), rates, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_moving_a_section_changes_nothing_but_where_it_starts(
    seconds: list[Fraction], rate: Fraction, random: Random
) -> None:
    """An author who swaps two sections would wait for every clip to be encoded again."""
    sections = [planned(f"s{number}", length, rate) for number, length in enumerate(seconds)]
    moved = random.sample(sections, len(sections))
    before = {section.id: (placed.frames, section) for placed, section in build_timeline(sections, rate).sections()}
    after = {section.id: (placed.frames, section) for placed, section in build_timeline(moved, rate).sections()}
    assert before == after
    assert build_timeline(moved, rate).frames == build_timeline(sections, rate).frames


def test_samples_are_exact_after_two_hours_of_ntsc() -> None:
    """A viewer of a long film at 30000/1001 would hear the voice late by a growing amount."""
    rate = Fraction(30000, 1001)
    film = build_timeline([CardPlan(kind="title_card", frames=215_784), planned("a", Fraction(3), rate)], rate)
    assert film.parts[1].start_sample == 215_784 * 48000 * 1001 // 30000 == 345_599_654


def test_a_card_of_no_length_is_left_out() -> None:
    """An author who sets title_card_ms to 0 would get a film with an empty part that cannot be encoded."""
    film = build_timeline(
        [CardPlan(kind="title_card", frames=card_frames(0, Fraction(25))), planned("a", Fraction(2), Fraction(25))],
        Fraction(25),
    )
    assert len(film.parts) == 1
    assert card_frames(1, Fraction(25)) == MIN_CLIP_FRAMES


@given(films())
@settings(max_examples=20)
def test_a_timeline_survives_json(film: Timeline) -> None:
    """A manifest would describe another film than the one that was made."""
    assert Timeline.model_validate_json(canonical_json(film)) == film


@given(films())
@settings(max_examples=40)
def test_spoken_seconds_follow_the_words(film: Timeline) -> None:
    """A teacher's tool that jumps to a sentence of the lesson file would land beside it."""
    for (placed, section), spoken in zip(film.sections(), spoken_at(film), strict=True):
        origin = Fraction(placed.speech_start_sample, film.rate_hz)
        assert (spoken.pointer, spoken.line, spoken.id) == (section.pointer, section.line, section.id)
        assert [sentence.text for sentence in spoken.sentences] == ["Hello.", "World."]
        first, second = spoken.sentences
        assert first.start == origin
        assert second.start == origin + Fraction(20, section.times.rate_hz)
        assert second.offset == 7
        assert 0 <= first.start < first.end <= second.start < second.end <= film.seconds
        assert abs(Fraction(second.start_seconds) - second.start) <= Fraction(1, 2000)


@given(st.lists(st.fractions(0, 10_000), min_size=2, max_size=2))
def test_rounding_to_milliseconds_never_swaps_two_times(pair: list[Fraction]) -> None:
    """A player would refuse a caption that ends before it starts."""
    low, high = sorted(pair)
    assert milliseconds_of(low) <= milliseconds_of(high)
    assert Fraction(decimal_seconds(low)) == Fraction(milliseconds_of(low), 1000)


def test_times_of_tokens_that_are_not_one_word() -> None:
    """A learner would see captions of symbols, dashes and sums of money at the wrong time."""
    tokens = tokens_of("V_GS — rises now $5")
    times = speech(1000, ((0, 0, 10), (0, 10, 20), (2, 40, 50), (3, 60, 80), (4, 90, 99)))
    assert token_spans(tokens, times) == ((0, 20), (40, 40), (40, 50), (60, 80), (90, 99))
    unspoken_end = speech(1000, ((0, 5, 10),))
    assert token_spans(tokens_of("Yes …"), unspoken_end) == ((5, 10), (10, 10))
    said_backwards = speech(1000, ((1, 0, 10), (0, 10, 20)))
    assert token_spans(tokens_of("$ 5"), said_backwards) == ((0, 20), (0, 10))


def test_speech_without_times_is_refused() -> None:
    """An author would get a film whose captions all stand at 0."""
    with pytest.raises(SpeechInvalid, match="no word times"):
        token_spans(tokens_of("Hello"), speech(1000))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Look. Now.", ["Look.", "Now."]),
        ("It is 5 V. Then it rises.", ["It is 5 V.", "Then it rises."]),
        ("We ask Dr. Grove and J. C. Maxwell. Good.", ["We ask Dr. Grove and J. C. Maxwell.", "Good."]),
        ("Use it, e.g. Ohm’s law (see Fig. 3).", ["Use it, e.g. Ohm’s law (see Fig. 3)."]),
        ("“Why?” she asked. “Why not!”", ["“Why?” she asked.", "“Why not!”"]),
        (
            "Es gilt z. B. Folgendes: Strom fließt. „Gut.“ Weiter!",
            ["Es gilt z. B. Folgendes: Strom fließt.", "„Gut.“", "Weiter!"],
        ),
        ("Das gilt z.\u00a0B. Ohm. Gut.", ["Das gilt z.\u00a0B. Ohm.", "Gut."]),
        ("यह एक स्विच है। यह सरल है।", ["यह एक स्विच है।", "यह सरल है।"]),
        ("هل هذا واضح؟ نعم.", ["هل هذا واضح؟", "نعم."]),
        ("So λ. A long one… and on", ["So λ.", "A long one… and on"]),
        ("No full stop", ["No full stop"]),
    ],
)
def test_sentences_are_found(text: str, sentences: list[str]) -> None:
    """A teacher would find two sentences under one time, and captions parted inside one."""
    tokens = tokens_of(text)
    found = [" ".join(token.shown for token in tokens[first:end]) for first, end in sentence_ranges(tokens)]
    assert found == sentences
