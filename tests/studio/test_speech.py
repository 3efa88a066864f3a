"""Silence cut without moving the times, mastering, and the check that refuses what is not speech."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from video_assets.studio.core.errors import SettingInvalid, SpeechInvalid
from video_assets.studio.lesson.script import Pause, SpokenWord
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.mastering import master
from video_assets.studio.speech.provider import PhoneTime, RawSpeech, SpeechRequest, SpeechTimes, WordTime
from video_assets.studio.speech.silence import Splice, splice_silence
from video_assets.studio.speech.voices import Voice, choose_voice

RATE_HZ = 22050
WORDS = 8
VOICES = (
    Voice(id="en-us+f2", name="Emma", language="en-US", provider="p"),
    Voice(id="en-gb+f2", name="Alice", language="en-GB", provider="p"),
    Voice(id="cmn+f2", name="Mei", language="cmn", provider="p"),
)


def tone(seconds: float, level: float = 0.2) -> NDArray[np.float32]:
    """A buzz of a voice's pitch, with harmonics."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * 120 * harmonic * at) / harmonic for harmonic in range(1, 30))
    return (level * wave / np.abs(wave).max()).astype(np.float32)


def speech(word_seconds: float = 0.3, gap_seconds: float = 0.1, level: float = 0.2) -> RawSpeech:
    """WORDS buzzes with gaps between them."""
    word, gap = tone(word_seconds, level), np.zeros(round(gap_seconds * RATE_HZ), np.float32)
    sound = np.concatenate([np.concatenate((word, gap)) for _ in range(WORDS)])
    step = len(word) + len(gap)
    words = tuple(WordTime(token=i, start=i * step, end=i * step + len(word)) for i in range(WORDS))
    phones = tuple(
        phone
        for w in words
        for phone in (
            PhoneTime(phone="a", start=w.start, end=w.end),
            PhoneTime(phone="", start=w.end, end=w.end + len(gap)),
        )
        if phone.start < phone.end
    )
    return RawSpeech(sound, SpeechTimes(rate_hz=RATE_HZ, samples=len(sound), words=words, phones=phones))


def request(*extra: Pause) -> SpeechRequest:
    pieces = tuple(SpokenWord(text="banana", token=i) for i in range(WORDS))
    return SpeechRequest(pieces=(*pieces, *extra), language="en", voice="Emma")


def test_good_speech_passes() -> None:
    """A check that refuses everything would stop every lesson."""
    check_speech(speech(), request(), 3.2)


@pytest.mark.parametrize(
    ("raw", "expected_seconds", "fault"),
    [
        (speech(level=1e-5), 3.2, "silent"),
        (RawSpeech(np.clip(speech().sound * 20, -1, 1), speech().times), 3.2, "clipped"),
        (speech(), 8.0, "truncated"),
        (speech(), 0.8, "runaway"),
        (speech(gap_seconds=1.9), 14.0, "dead air"),
        (RawSpeech(speech().sound[:-1000], speech().times), 3.2, "its times are for"),
        (
            RawSpeech(speech().sound, speech().times.model_copy(update={"words": speech().times.words[1:]})),
            3.2,
            "times for 7",
        ),
        (RawSpeech(speech().sound, speech().times.model_copy(update={"phones": ()})), 3.2, "no times of phonemes"),
        (
            RawSpeech(speech().sound, speech().times.model_copy(update={"phones": speech().times.phones[::-1]})),
            3.2,
            "overlap",
        ),
        (RawSpeech(np.roll(speech(0.2, 0.2).sound, RATE_HZ // 5), speech(0.2, 0.2).times), 3.2, "words are silent"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_speech_of_the_text_is_refused(raw: RawSpeech, expected_seconds: float, fault: str) -> None:
    """A teacher would otherwise publish a section that is mute, cut off, distorted or stuck."""
    with pytest.raises(SpeechInvalid, match=fault):
        check_speech(raw, request(), expected_seconds)


def test_words_in_another_order_are_refused() -> None:
    """Captions would otherwise show the wrong word with the right sound."""
    raw = speech()
    swapped = (raw.times.words[0].model_copy(update={"token": 3}), *raw.times.words[1:])
    with pytest.raises(SpeechInvalid, match="another order"):
        check_speech(RawSpeech(raw.sound, raw.times.model_copy(update={"words": swapped})), request(), 3.2)


def test_an_asked_pause_is_no_dead_air() -> None:
    """A teacher could otherwise never give a class five seconds to think."""
    raw = splice_silence(speech(), [Splice(speech().times.words[-1].end, speech().times.samples, 5 * RATE_HZ)])
    check_speech(raw, request(Pause(milliseconds=5000)), 8.2)
    with pytest.raises(SpeechInvalid):
        check_speech(raw, request(), 3.2)


@given(st.lists(st.integers(0, 2 * RATE_HZ), min_size=WORDS, max_size=WORDS))
def test_cutting_silence_keeps_every_word_on_its_sound(lengths: list[int]) -> None:
    """Lips and captions would otherwise drift from the voice with every pause."""
    raw = speech(word_seconds=0.05, gap_seconds=0.05)
    gaps = [phone for phone in raw.times.phones if not phone.phone]
    splices = [Splice(gap.start, gap.end, length) for gap, length in zip(gaps, lengths, strict=True)]
    cut = splice_silence(raw, splices)
    assert cut.times.samples == len(cut.sound) == len(raw.sound) + sum(s.length - (s.end - s.start) for s in splices)
    for before, after in zip(raw.times.words, cut.times.words, strict=True):
        assert np.array_equal(raw.sound[before.start : before.end], cut.sound[after.start : after.end])


def test_a_time_inside_a_shortened_silence_keeps_to_its_end() -> None:
    """A stop's closure, which is silent, belongs to the word after the pause, not before it."""
    raw = speech()
    gap = raw.times.phones[1]
    early = raw.times.words[1].model_copy(update={"start": gap.end - 200})
    times = raw.times.model_copy(update={"words": (raw.times.words[0], early, *raw.times.words[2:])})
    for length in (5000, 200, 50):
        cut = splice_silence(RawSpeech(raw.sound, times), [Splice(gap.start, gap.end, length)])
        assert cut.times.words[1].start == gap.start + max(0, length - 200)


def test_mastering_gives_the_rate_the_loudness_and_exact_times() -> None:
    """Sections would otherwise jump in loudness, or their lips drift over a minute."""
    raw = speech()
    made = master(raw)
    assert made.times.rate_hz == 48000
    assert made.times.samples == len(made.sound) == -(-raw.times.samples * 48000 // RATE_HZ)
    assert made.loudness.integrated_lufs == pytest.approx(-23, abs=0.1)
    for before, after in zip(raw.times.phones, made.times.phones, strict=True):
        assert after.phone == before.phone
        assert abs(after.start - before.start * 48000 / RATE_HZ) <= 0.5
        assert abs(after.end - before.end * 48000 / RATE_HZ) <= 0.5
    last = made.times.words[-1]
    assert np.abs(made.sound[last.start : last.start + 480]).max() > 0.05
    assert np.abs(made.sound[last.end + 480 : last.end + 2400]).max() < 0.001


@pytest.mark.parametrize("seconds", [0.12, 0.37, 0.45, 1.23, 2.99, 4.567])
def test_a_section_of_any_length_has_a_loudness(seconds: float) -> None:
    """ "Hi." would otherwise stay as it came, far louder or softer than its neighbours."""
    sound = tone(seconds, 0.03)
    times = SpeechTimes(
        rate_hz=RATE_HZ,
        samples=len(sound),
        words=(WordTime(token=0, start=0, end=len(sound)),),
        phones=(PhoneTime(phone="a", start=0, end=len(sound)),),
    )
    made = master(RawSpeech(sound, times))
    level = 20 * np.log10(np.sqrt(np.square(made.sound.astype(float)).mean()))
    assert made.loudness.integrated_lufs == pytest.approx(-23, abs=0.2)
    assert level == pytest.approx(-24.8, abs=1.2)


def test_mastering_never_clips() -> None:
    """A voice with hard consonants would otherwise crackle."""
    raw = speech(level=0.01)
    spiky = raw.sound.copy()
    spiky[:: RATE_HZ // 10] = 0.9
    made = master(RawSpeech(spiky, raw.times), loudness_lufs=-9)
    assert made.loudness.true_peak_dbtp <= -0.9
    assert np.abs(made.sound).max() < 1


def test_mastering_refuses_silence() -> None:
    """Silence would otherwise be lifted to noise."""
    raw = speech()
    with pytest.raises(SpeechInvalid, match="silent"):
        master(RawSpeech(np.zeros_like(raw.sound), raw.times))


def test_the_best_voice_of_a_language_is_chosen() -> None:
    """A lesson that names no voice would otherwise get one that cannot read it."""
    assert choose_voice(VOICES, "", "en").name == "Emma"
    assert choose_voice(VOICES, "", "en-GB").name == "Alice"
    assert choose_voice(VOICES, "", "zh-Hans").name == "Mei"
    assert choose_voice(VOICES, "ALICE", "en").id == "en-gb+f2"


def test_a_voice_that_does_not_exist_or_fit_says_which_do() -> None:
    """Someone would otherwise have to guess at names."""
    with pytest.raises(SettingInvalid, match='Did you mean "Emma"'):
        choose_voice(VOICES, "Emmma", "en")
    with pytest.raises(SettingInvalid, match=r"speaks en-US.*cmn\+f2"):
        choose_voice(VOICES, "Emma", "zh")
    with pytest.raises(SettingInvalid, match="No voice speaks sw"):
        choose_voice(VOICES, "", "sw")
