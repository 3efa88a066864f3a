"""Lips that follow real speech in six languages, and metrics that notice when they do not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.speech.espeak import EspeakSpeech
from resources.speech.hibari import HibariSpeech
from video_assets.studio.lesson.script import Pause, SpokenWord
from video_assets.studio.presenter.lip_timing import closed_lips_recall, lip_timing, movement_in_silence
from video_assets.studio.presenter.viseme_rules import OPENINGS, Viseme
from video_assets.studio.presenter.visemes import mouth_frames, viseme_cues
from video_assets.studio.speech.mastering import master
from video_assets.studio.speech.provider import MasteredSpeech, PhoneTime, SpeechRequest, SpeechTimes

SENTENCES = {
    "heart": "Maybe Bob's problem is simple: the pump moves above five volts, but people remember more from a film.",
    "en-us+f2": "Maybe Bob's problem is simple: the pump moves above five volts, but people remember more from a film.",
    "en-gb+m7": "When the gate voltage rises above the threshold, a thin channel of electrons forms under the oxide.",
    "de+f2": "Am Abend kam mein Bruder pünktlich aus Bamberg, und wir probierten viele frische Pflaumen vom Baum.",
    "fr+m7": "Un bon problème passe parfois par beaucoup de petits pas, mais votre premier effort compte vraiment.",
    "es+f2": "Mi madre compra pan y fruta para toda la familia, porque vamos a preparar una comida muy buena.",
    "hi+m7": "हमारी पृथ्वी पर पानी भाप बनकर बादल बनता है, और फिर वर्षा के रूप में वापस आता है।",
    "cmn+f2": "朋友们 慢慢 明白 这个 问题， 为什么 苹果 比 飞机 跑得 慢， 我们 不怕 麻烦。",
}
LEAD = 5


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakSpeech]:
    made = EspeakSpeech()
    yield made
    made.close()


@pytest.fixture(scope="module")
def hibari() -> HibariSpeech:
    return HibariSpeech()


@pytest.fixture(scope="module", params=SENTENCES)
def spoken(request: pytest.FixtureRequest, espeak: EspeakSpeech, hibari: HibariSpeech) -> MasteredSpeech:
    voice = request.param
    provider, language = (hibari, "en") if voice == "heart" else (espeak, voice.partition("+")[0])
    words = [SpokenWord(text=word, token=i) for i, word in enumerate(SENTENCES[voice].split())]
    # Twice with a pause between, so that there is enough to correlate and a silence to rest in.
    pieces = (*words, Pause(milliseconds=1000), *words)
    return master(provider.speak(SpeechRequest(pieces=pieces, language=language, voice=voice)))


def performed(speech: MasteredSpeech, rate: Fraction) -> tuple[tuple[Viseme, ...], list[float]]:
    frames = int(speech.times.samples * rate / speech.times.rate_hz) + 1 + 2 * LEAD
    shapes = mouth_frames(speech.times, rate, frames, LEAD)
    return shapes, [OPENINGS[shape] for shape in shapes]


def times_of(*phones: tuple[str, int]) -> SpeechTimes:
    """Phonemes with their milliseconds, at 1 kHz."""
    found, at = [], 0
    for phone, milliseconds in phones:
        found.append(PhoneTime(phone=phone, start=at, end=at + milliseconds))
        at += milliseconds
    return SpeechTimes(rate_hz=1000, samples=at, words=(), phones=tuple(found))


def shapes_of(*phones: tuple[str, int]) -> str:
    return "".join(cue.shape for cue in viseme_cues(times_of(*phones)))


RATES = [Fraction(10), Fraction(12), Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(60)]


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3g}fps")
def test_lips_close_on_every_labial_and_rest_in_silence(spoken: MasteredSpeech, rate: Fraction) -> None:
    """A learner who reads lips would otherwise see "mat" as "at", and everyone a mouth that chews in the pauses."""
    shapes, openings = performed(spoken, rate)
    assert closed_lips_recall(openings, spoken.times, rate, LEAD) == 1
    assert movement_in_silence(openings, spoken.times, rate, LEAD) == 0
    assert set(shapes[:LEAD]) == {"X"} == {shapes[-1]}


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30), Fraction(60)], ids=str)
def test_teeth_touch_the_lip_on_every_f_and_v(spoken: MasteredSpeech, rate: Fraction) -> None:
    """A learner who reads lips would otherwise see "fine" as "pine" or "dine"."""
    shapes, _ = performed(spoken, rate)
    for phone in spoken.times.phones:
        if phone.phone[:1] in {"f", "v", "ʋ"}:
            first = LEAD + int(phone.start * rate / 48000)
            last = LEAD + int((phone.end - 1) * rate / 48000)
            assert "G" in shapes[first : last + 1]


def test_lips_are_on_the_sound(spoken: MasteredSpeech) -> None:
    """Everyone notices lips that are late by a frame or two, and trusts the speaker less."""
    _, openings = performed(spoken, Fraction(25))
    assert abs(lip_timing(openings, Fraction(25), spoken.sound, 48000, LEAD).offset_ms) <= 20


@pytest.mark.parametrize("shift", [-3, 2, 4])
def test_the_offset_is_measured_when_there_is_one(spoken: MasteredSpeech, shift: int) -> None:
    """A metric that always says "in time" would let a film through that is not."""
    _, openings = performed(spoken, Fraction(25))
    true = lip_timing(openings, Fraction(25), spoken.sound, 48000, LEAD).offset_ms
    moved = lip_timing(openings, Fraction(25), spoken.sound, 48000, LEAD - shift).offset_ms
    assert moved - true == pytest.approx(shift * 40, abs=8)


def test_no_shape_flickers_or_freezes(spoken: MasteredSpeech) -> None:
    """A mouth that changes with every frame looks like a fault, and so does one that stands open for a second."""
    cues = viseme_cues(spoken.times)
    assert cues[0].start == 0
    assert cues[-1].end == spoken.times.samples
    assert all(left.end == right.start and left.shape != right.shape for left, right in pairwise(cues))
    shapes, _ = performed(spoken, Fraction(25))
    runs: list[tuple[Viseme, int]] = [(shape, len(list(group))) for shape, group in groupby(shapes)]
    assert all(length <= 30 for shape, length in runs if shape != "X")
    flickers = [
        (before, shape, after)
        for (before, _), (shape, length), (after, _) in zip(runs, runs[1:], runs[2:], strict=False)
        if length == 1
        and not {before, shape, after} & set("AGX")
        and not min(OPENINGS[before], OPENINGS[after]) - 0.1
        <= OPENINGS[shape]
        <= max(OPENINGS[before], OPENINGS[after]) + 0.1
    ]
    assert flickers == []
    assert len(set(shapes)) >= 6


def test_an_open_mouth_on_m_is_noticed() -> None:
    """The figure in the report would otherwise be 100 % whatever is drawn."""
    times = times_of(("a", 200), ("m", 80), ("a", 200), ("b", 80), ("a", 200))
    openings = [1.0] * 19
    assert closed_lips_recall(openings, times, Fraction(25), 0) == 0
    openings[5] = 0
    assert closed_lips_recall(openings, times, Fraction(25), 0) == 0.5


def test_movement_in_silence_is_noticed() -> None:
    """The figure in the report would otherwise be 0 whatever is drawn."""
    times = times_of(("a", 200), ("", 600), ("a", 200))
    # Silent are the five frames before the speech, and inside 600 ms the ten whole frames after the first 200 ms.
    assert movement_in_silence([1.0] * 30, times, Fraction(25), 5) == 5 + 10
    assert movement_in_silence([0.0] * 30, times, Fraction(25), 5) == 0


def test_a_stop_closes_before_its_burst_and_a_nasal_while_it_sounds() -> None:
    """The puff of a "p" from lips that are still open is what makes dubbed films look wrong."""
    cues = {cue.shape: cue for cue in viseme_cues(times_of(("a", 200), ("p", 60), ("a", 200)))}
    assert cues["A"].start <= 200 - 40
    assert 200 <= cues["A"].end < 260
    cues = {cue.shape: cue for cue in viseme_cues(times_of(("a", 200), ("m", 60), ("a", 200)))}
    assert (cues["A"].start, cues["A"].end) == (175, 260)


def test_free_consonants_take_the_shape_of_the_coming_vowel() -> None:
    """ "Two" starts with rounded lips; without that the mouth snaps from sound to sound."""
    assert shapes_of(("t", 80), ("u", 200)) == "F"
    assert shapes_of(("t", 80), ("i", 200)) == "B"


def test_diphthongs_move() -> None:
    """ "How now" with a still mouth looks like a puppet."""
    assert shapes_of(("aʊ", 300)) == "DEF"
    assert shapes_of(("aɪ", 300)) == "DCB"
    assert shapes_of(("aɪ", 150)) == "CB"
    assert shapes_of(("oʊ", 250)) == "EF"


def test_pauses_hold_relax_or_rest() -> None:
    """A mouth that shuts at every comma looks nervous; one that stays open in a pause looks asleep."""
    assert shapes_of(("a", 200), ("", 80), ("a", 200)) == "D"
    assert shapes_of(("a", 200), ("", 150), ("a", 200)) == "DCD"
    assert shapes_of(("a", 200), ("", 500), ("a", 200)) == "DCXD"


def test_a_shape_held_over_many_syllables_is_broken_up() -> None:
    """ "Banana" said with one open shape would look like a yawn."""
    syllables = [(phone, 140) for phone in "nananana"]
    assert len(shapes_of(*syllables)) > 3


PHONES = st.sampled_from(
    ["a", "i", "u", "o", "ə", "aɪ", "ɔ̃", "p", "b", "m", "f", "v", "t", "k", "l", "ɹ", "s", "n", "tʂʰ", "", "?"]
)


@given(st.lists(st.tuples(PHONES, st.integers(1, 400)), min_size=1, max_size=40), st.sampled_from(RATES))
def test_any_phonemes_give_a_whole_track(phones: list[tuple[str, int]], rate: Fraction) -> None:
    """A rare sequence of sounds would otherwise stop a lesson, or leave a hole in the mouth's track."""
    times = times_of(*phones)
    cues = viseme_cues(times)
    assert cues[0].start == 0
    assert cues[-1].end == times.samples
    assert all(left.end == right.start for left, right in pairwise(cues))
    assert len(mouth_frames(times, rate, 100, 2)) == 100


def test_the_offset_of_a_still_mouth_is_no_error() -> None:
    """A film without a presenter would otherwise fail its own check."""
    assert lip_timing([0.0] * 50, Fraction(25), np.ones(48000, np.float32), 48000, 0).offset_ms == 0
