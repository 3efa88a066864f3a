"""Times for speech that came without them, judged by a voice whose times are known."""

from __future__ import annotations

from importlib import util
from itertools import pairwise

import numpy as np
import pytest

from resources.speech.aligner import Aligner
from resources.speech.espeak import EspeakSpeech
from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.lesson.script import SpokenWord, expected_seconds
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest

ENGLISH = (
    "When the gate voltage rises, a thin channel of electrons forms below the glass. Why does it form there? Because "
    "opposite charges attract each other, and the glass lets no current through. That is all there is to it."
)
GERMAN = (
    "Wenn die Spannung steigt, bildet sich unter dem Glas ein dünner Kanal. Warum gerade dort? Weil sich Gegensätze "
    "anziehen, und das Glas keinen Strom durchlässt. Mehr ist es nicht."
)
OTHER_VOICES = [("en", ENGLISH, "en-us+m7", 92), ("en", ENGLISH, "en-gb+f2", 110), ("de", GERMAN, "de+m7", 105)]


@pytest.fixture(scope="module")
def espeak() -> EspeakSpeech:
    """The voice whose times are known."""
    return EspeakSpeech()


def said(espeak: EspeakSpeech, language: str, text: str, voice: str, rate: int) -> tuple[RawSpeech, SpeechRequest]:
    """The text by another voice than the aligner's, with silence and a little noise around it, and the request."""
    words = tuple(SpokenWord(text=word, token=number) for number, word in enumerate(text.split()))
    request = SpeechRequest(pieces=words, language=language, voice=voice, rate_percent=rate)
    return espeak.speak(request), SpeechRequest(pieces=words, language=language, voice=voice)


@pytest.mark.parametrize("acoustic", [False, True], ids=["comparison", "pocketsphinx"])
@pytest.mark.parametrize(("language", "text", "voice", "rate"), OTHER_VOICES)
def test_words_are_found_where_they_sound(
    espeak: EspeakSpeech, acoustic: bool, language: str, text: str, voice: str, rate: int
) -> None:
    """Captions and lips would run ahead of the voice, or behind it."""
    if acoustic and (language != "en" or util.find_spec("pocketsphinx") is None):
        pytest.skip("pocketsphinx has an English model only")
    raw, request = said(espeak, language, text, voice, rate)
    edge = np.zeros(raw.times.rate_hz // 8, np.float32)
    sound = np.concatenate([edge, raw.sound, edge])
    times, found_by = Aligner(espeak, acoustic=acoustic).times(sound, raw.times.rate_hz, request)
    assert found_by == ("pocketsphinx" if acoustic else "comparison")
    errors = [
        abs(found.start - true.start - len(edge)) * 1000 / raw.times.rate_hz
        for found, true in zip(times.words, raw.times.words, strict=True)
    ]
    assert np.mean(errors) <= (35 if acoustic else 25), f"{np.mean(errors):.0f} ms"
    assert all(left.end <= right.start for left, right in pairwise(times.words))
    check_speech(RawSpeech(sound, times), request, expected_seconds(request.pieces, rate, language=language))


def _spoilt(raw: RawSpeech) -> dict[str, tuple[np.ndarray, int]]:
    sound, rate_hz = raw.sound, raw.times.rate_hz
    ends = [word.end for word in raw.times.words]
    return {
        "cut in a word": (sound[: int(len(sound) * 0.8)], rate_hz),
        "cut between words": (sound[: ends[-6] + rate_hz // 25], rate_hz),
        "said twice": (np.concatenate([sound, sound]), rate_hz),
        "its end said twice": (np.concatenate([sound, sound[len(sound) * 2 // 3 :]]), rate_hz),
        "at double rate": (sound, rate_hz * 2),
        "noise": ((0.2 * np.random.default_rng(1).standard_normal(len(sound))).astype(np.float32), rate_hz),
    }


@pytest.mark.parametrize(
    "fault",
    [
        "cut in a word",
        "cut between words",
        "said twice",
        "its end said twice",
        "at double rate",
        "noise",
        "other words",
    ],
)
def test_speech_that_is_not_the_whole_text_and_nothing_else_is_refused(espeak: EspeakSpeech, fault: str) -> None:
    """A section that stops in mid-sentence would be in the film, and be paid for."""
    raw, request = said(espeak, "en", ENGLISH, "en-us+m7", 100)
    if fault == "other words":
        other, _ = said(espeak, "en", " ".join(reversed(ENGLISH.split())), "en-us+m7", 100)
        sound, rate_hz = other.sound, other.times.rate_hz
    else:
        sound, rate_hz = _spoilt(raw)[fault]
    with pytest.raises(SpeechInvalid):
        Aligner(espeak, acoustic=False).times(sound, rate_hz, request)


@pytest.mark.parametrize("acoustic", [False, True])
def test_what_is_only_written_takes_no_time(espeak: EspeakSpeech, acoustic: bool) -> None:
    """A dash between two words would fail the section, or open the presenter's mouth where nothing is said."""
    raw, request = said(espeak, "en", "The sun is a star — not a planet — and it is far away.", "en-us+m7", 100)
    times, _ = Aligner(espeak, acoustic=acoustic).times(raw.sound, raw.times.rate_hz, request)
    dashes = [word for word in times.words if request.words[word.token].text == "—"]
    assert len(dashes) == 2
    assert all(word.end - word.start == 1 for word in dashes)
    check_speech(raw._replace(times=times), request, expected_seconds(request.pieces, 100, language="en"))


def test_the_times_are_the_same_each_time(espeak: EspeakSpeech) -> None:
    """A section would get other captions each time, and its clip be made anew."""
    raw, request = said(espeak, "en", ENGLISH, "en-gb+f2", 100)
    aligner = Aligner(espeak)
    assert aligner.times(raw.sound, raw.times.rate_hz, request) == aligner.times(raw.sound, raw.times.rate_hz, request)
