"""Speech as servers really answer: silence in front, words said twice, a quick voice. Told apart in six languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import util
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from resources.speech.aligner import Aligner
from resources.speech.espeak import EspeakSpeech
from tests.kit.studio import Studio
from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.lesson.script import Pause, SpokenWord, expected_seconds
from video_assets.studio.media.sound import decode_sound
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.provider import PhoneTime, RawSpeech, SpeechRequest, SpeechTimes
from video_assets.studio.speech.silence import apply_pauses, voice_activity

ANSWERS = Path(__file__).parent / "answers"
TEXT = (ANSWERS / "text.txt").read_text("utf-8").strip()
_GERMAN = (
    "Wenn die Spannung steigt, bildet sich unter dem Glas ein dünner Kanal. Warum gerade dort? Weil sich Gegensätze "
    "anziehen. Mehr ist es nicht."
)
_FRENCH = (
    "Quand la tension monte, un canal se forme sous le verre. Pourquoi là? Parce que les contraires s'attirent, et le "
    "verre ne laisse passer aucun courant."
)
_SPANISH = (
    "Cuando sube la tensión, se forma un canal bajo el vidrio. ¿Por qué allí? Porque los contrarios se atraen, y el "
    "vidrio no deja pasar la corriente."
)
_HINDI = "जब वोल्टेज बढ़ता है, तो एक परत बनती है। क्यों? क्योंकि विपरीत आवेश आकर्षित होते हैं। यही पूरी बात है।"
_CHINESE = "当 电压 升高 时， 形成 一层 通道。 为什么？ 因为 异性 相吸。 这 就是 全部 的 秘密。"
SAID = {
    "en": (TEXT, ("en-us+m7", "en-gb+f2", "en-us+f4", "en-gb+m3")),
    "de": (_GERMAN, ("de+m7", "de+f4")),
    "fr": (_FRENCH, ("fr+m7", "fr+f4")),
    "es": (_SPANISH, ("es+m7", "es+f4")),
    "hi": (_HINDI, ("hi+m7", "hi+f4")),
    "zh": (_CHINESE, ("cmn+m7", "cmn+f4")),
}
CAPTION_SECONDS = 0.08


class Speech(NamedTuple):
    """What a voice said, and what it was asked."""

    raw: RawSpeech
    request: SpeechRequest

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return self.raw.times.rate_hz


@cache
def embedded() -> EspeakSpeech:
    """The voice whose times are known."""
    return EspeakSpeech()


@cache
def aligner(acoustic: bool) -> Aligner:
    """The aligner, with or without its model."""
    return Aligner(embedded(), acoustic=acoustic)


@cache
def said(language: str, number: int = 0, rate: int = 100) -> Speech:
    """The text by another voice than the aligner's."""
    text, voices = SAID[language]
    words = tuple(SpokenWord(text=word, token=place) for place, word in enumerate(text.split()))
    request = SpeechRequest(pieces=words, language=language, voice=voices[number % len(voices)], rate_percent=rate)
    return Speech(embedded().speak(request), request.model_copy(update={"rate_percent": 100}))


def silence(seconds: float, rate_hz: int, noise: float = 0.0) -> NDArray[np.float32]:
    """Silence, digital or with a little noise."""
    drawn = np.random.default_rng(5).standard_normal(int(seconds * rate_hz)) * noise
    return drawn.astype(np.float32)


def twice(speech: Speech, first: int, last: int, gap_seconds: float) -> NDArray[np.float32]:
    """The speech with the words [first, last] said a second time."""
    sound, words = speech.raw.sound, speech.raw.times.words
    following = words[last + 1].start if last + 1 < len(words) else len(sound)
    cut = min(following, words[last].end + speech.rate_hz // 20)
    return np.concatenate([sound[:cut], silence(gap_seconds, speech.rate_hz), sound[words[first].start :]])


def onset_seconds(sound: NDArray[np.float32], rate_hz: int) -> float:
    """When the voice begins."""
    return int(np.flatnonzero(voice_activity(sound, rate_hz))[0]) * 0.005


def models() -> list[object]:
    """Both ways of alignment; the model only where it is installed."""
    without = pytest.mark.skipif(util.find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed")
    return [pytest.param(False, id="comparison"), pytest.param(True, id="pocketsphinx", marks=without)]


@pytest.mark.parametrize("acoustic", models())
@pytest.mark.parametrize("language", SAID)
@settings(max_examples=2)
@given(
    seconds=st.floats(0.3, 3.0), noise=st.sampled_from((0.0, 1e-4, 1e-3)), number=st.integers(0, 3), click=st.booleans()
)
def test_no_caption_stands_before_the_voice(
    acoustic: bool, language: str, seconds: float, noise: float, number: int, click: bool
) -> None:
    """A learner would read the first caption for a second before anybody speaks, and see lips move in silence."""
    speech = said(language, number)
    front = silence(seconds, speech.rate_hz, noise)
    if click:
        front[len(front) // 4 : len(front) // 4 + speech.rate_hz // 500] = 0.1
    sound = np.concatenate([front, speech.raw.sound, silence(seconds / 2, speech.rate_hz, noise)])
    times, _ = aligner(acoustic).times(sound, speech.rate_hz, speech.request)
    true = (speech.raw.times.words[0].start + len(front)) / speech.rate_hz
    assert times.words[0].start / speech.rate_hz == pytest.approx(true, abs=CAPTION_SECONDS)
    assert times.samples == len(sound)
    cut = apply_pauses(RawSpeech(sound, times), ())
    check_speech(cut, speech.request, expected_seconds(speech.request.pieces, 100, language=language))
    assert onset_seconds(cut.sound, speech.rate_hz) <= 2 * CAPTION_SECONDS, "the silence is cut"
    assert abs(onset_seconds(cut.sound, speech.rate_hz) - cut.times.words[0].start / speech.rate_hz) <= CAPTION_SECONDS


@pytest.mark.parametrize("acoustic", models())
@settings(max_examples=3)
@given(seconds=st.floats(1.0, 3.0), place=st.integers(4, 22), number=st.integers(0, 3))
@example(seconds=1.0, place=11, number=1)
def test_no_word_is_stretched_over_a_silence(acoustic: bool, seconds: float, place: int, number: int) -> None:
    """A learner would see a word highlighted for seconds in which nothing is said."""
    speech = said("en", number)
    words = speech.raw.times.words
    cut = words[place].end
    front, back = speech.raw.sound[:cut], speech.raw.sound[cut:]
    sound = np.concatenate([front, silence(seconds, speech.rate_hz), back])
    times, _ = aligner(acoustic).times(sound, speech.rate_hz, speech.request)
    assert all(left.end <= right.start for left, right in pairwise(times.words))
    longest = max(word.end - word.start for word in times.words) / speech.rate_hz
    usual = max(word.end - word.start for word in words) / speech.rate_hz
    assert longest < usual + 0.3


@pytest.mark.parametrize("acoustic", models())
def test_the_answer_with_silence_in_front_begins_where_its_voice_does(acoustic: bool) -> None:
    """A teacher's bought voice would begin more than a second after its first caption."""
    sound, rate_hz = decode_sound((ANSWERS / "silence_first.flac").read_bytes())
    request = said("en").request
    times, _ = aligner(acoustic).times(sound, rate_hz, request)
    assert times.words[0].start / rate_hz == pytest.approx(onset_seconds(sound, rate_hz), abs=0.02)


@pytest.mark.parametrize("language", SAID)
@settings(max_examples=3)
@given(
    count=st.integers(3, 6), place=st.floats(0, 1), gap=st.floats(0, 0.4), number=st.integers(0, 3),
    rate=st.sampled_from((88, 100, 115)),
)  # fmt: skip
def test_words_said_twice_are_found(
    language: str, count: int, place: float, gap: float, number: int, rate: int
) -> None:
    """A learner would hear the voice stumble, in a film that passed every check and was paid for."""
    speech = said(language, number, rate)
    words = len(speech.request.words)
    last = count - 1 + round(place * (words - count))
    sound = twice(speech, last - count + 1, last, gap)
    with pytest.raises(SpeechInvalid, match=r"twice|must be missing|something else|does not sound"):
        aligner(False).times(sound, speech.rate_hz, speech.request)


@pytest.mark.parametrize("acoustic", models())
def test_the_answer_whose_end_is_said_twice_is_refused(acoustic: bool) -> None:
    """A teacher's film would end with the same four words twice."""
    sound, rate_hz = decode_sound((ANSWERS / "said_twice.flac").read_bytes())
    with pytest.raises(SpeechInvalid, match="twice"):
        aligner(acoustic).times(sound, rate_hz, said("en").request)


@pytest.mark.parametrize("language", SAID)
@settings(max_examples=3)
@given(number=st.integers(0, 3), rate=st.sampled_from((80, 92, 100, 118, 140)), noise=st.sampled_from((0.0, 3e-3)))
def test_whole_speech_is_never_taken_for_a_repetition(language: str, number: int, rate: int, noise: float) -> None:
    """A teacher would pay again and again for speech that was whole."""
    speech = said(language, number, rate)
    sound = speech.raw.sound + silence(1, len(speech.raw.sound), noise)
    times, _ = aligner(False).times(sound, speech.rate_hz, speech.request)
    assert len(times.words) == len(speech.request.words)


REPEATING = (
    "It is very very cold. The more you read, the more you know, and the more you know, the more you ask.",
    "Again and again, step by step, we add one and one and one and one.",
    "Ha ha ha! No, no, no. Round and round it goes, and round and round again.",
)


@pytest.mark.parametrize("text", REPEATING)
@pytest.mark.parametrize("voice", SAID["en"][1])
def test_what_the_author_says_twice_is_no_fault(text: str, voice: str) -> None:
    """A poem or a rhyme could not be spoken by a bought voice."""
    words = tuple(SpokenWord(text=word, token=place) for place, word in enumerate(text.split()))
    request = SpeechRequest(pieces=words, language="en", voice=voice)
    raw = embedded().speak(request)
    assert aligner(False).times(raw.sound, raw.times.rate_hz, request)[0].words


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("rate", [150, 180])
def test_a_quick_voice_that_says_everything_is_kept(language: str, rate: int) -> None:
    """An author whose chosen voice is brisk would be told that it leaves words out, and pay eight times for that."""
    speech = said(language, 0, rate)
    times, _ = aligner(False).times(speech.raw.sound, speech.rate_hz, speech.request)
    expected = expected_seconds(speech.request.pieces, 100, language=language)
    check_speech(RawSpeech(speech.raw.sound, times), speech.request, expected)


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("kept", [0.5, 0.8])
def test_a_quick_voice_that_breaks_off_is_refused(language: str, kept: float) -> None:
    """A section would end in the midst, as its voice passed for a quick one."""
    speech = said(language, 0, 110)
    words = speech.raw.times.words
    end = next(word.end for word in words if word.end >= kept * len(speech.raw.sound))
    sound = np.concatenate([speech.raw.sound[:end], silence(0.1, speech.rate_hz)])
    with pytest.raises(SpeechInvalid):
        times, _ = aligner(False).times(sound, speech.rate_hz, speech.request)
        expected = expected_seconds(speech.request.pieces, 100, language=language)
        check_speech(RawSpeech(sound, times), speech.request, expected)


def test_pauses_beside_each_other_are_one_silence(studio: Studio) -> None:
    """An author who writes two pauses in a row would be told to choose another voice."""
    sections = json.loads((ANSWERS / "pause_twice.json").read_text("utf-8"))["sections"]
    studio.write(sections)
    speech = studio.make().speech
    times = SpeechTimes.model_validate_json(studio.store.read(speech.manifest.sections[0].times.id))
    assert max(map(_silent_seconds(times), times.phones)) == pytest.approx(4.0, abs=0.05)


def _silent_seconds(times: SpeechTimes) -> Callable[[PhoneTime], float]:
    return lambda phone: 0.0 if phone.phone else (phone.end - phone.start) / times.rate_hz


@given(pauses=st.lists(st.integers(100, 4000), min_size=1, max_size=4), place=st.integers(1, 5))
@settings(max_examples=4)
def test_any_number_of_pauses_is_kept(pauses: list[int], place: int) -> None:
    """A teacher's long wait for an answer would pass for a broken voice."""
    words = said("en").request.words[:8]
    pieces = (*words[:place], *(Pause(milliseconds=each) for each in pauses), *words[place:])
    request = SpeechRequest(pieces=pieces, language="en", voice="en-us+m7")
    check_speech(embedded().speak(request), request, expected_seconds(pieces))
