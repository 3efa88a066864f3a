"""The default voice of English lessons: hibari-tts, without key, network or GPU, the same bytes for the same text.

A distilled Kokoro-82M with its own English front end, on the CPU. `hibari_text.py` makes the phonemes,
`hibari_model.py` runs the network, and `hibari_times.py` interprets its durations. The network follows the rate of a
whole utterance. Single words at another rate are stretched. An emphasised word is louder, slower and has a main stress.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.calls.context import CallContext
from video_assets.studio.core.errors import Rejected, SpeechInvalid
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.speech.provider import PhoneTime, RawSpeech, SpeechProvider, SpeechRequest, SpeechTimes
from video_assets.studio.speech.silence import EDGE_SILENCE_MS, apply_pauses, time_stretched
from video_assets.studio.speech.voices import Voice, choose_voice

from .espeak_text import check_sayable
from .hibari_model import RATE_HZ, HibariModel
from .hibari_text import HibariFrontEnd, Utterance
from .hibari_times import timed
from .hibari_voices import NAME, PACKAGE_VERSION, REINSTALL, HibariVoices, HibariWeights, runtime_version

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

TUNING = "1"
"""Raised whenever the sound or the times change for another reason than the versions, so that recipes notice."""
NORMAL_SPEED = 0.85
"""Of the network's pace, at 100 %. At 1 it speaks 216 words a minute inside sentences, too fast for most learners."""
_SLOWEST_SPEED, _FASTEST_SPEED = 0.45, 1.9
"""Beyond these the network's durations no longer follow. The rest is stretched."""
_SLOWEST_PERCENT, _FASTEST_PERCENT = 50, 290
_SENTENCE_GAP_MS, _CLAUSE_GAP_MS = 400, 150
_EMPHASIS_GAIN = {0: 1.0, 1: 1.3, 2: 1.6}
_EMPHASIS_PERCENT = {0: 100, 1: 93, 2: 86}
_RAMP = RATE_HZ // 100
"""Samples in which the gain of an emphasised word rises and falls."""


class _Loaded(NamedTuple):
    front_end: HibariFrontEnd
    model: HibariModel


class HibariSpeech(SpeechProvider):
    """hibari-tts in this process, loaded with the first use. Safe to use from several threads, and after a fork."""

    name = NAME

    def __init__(self, voices: HibariVoices | None = None) -> None:
        self._voices = voices or HibariVoices()
        self._lock = threading.Lock()
        self._loaded: dict[str, _Loaded] = {}
        self._process = 0

    def identity(self, voice: str) -> dict[str, str]:
        """The voice's part of a recipe: the versions of package and runtime, the content of its weights, its tuning.

        It is the same whether or not the package is installed: what was spoken before stays valid.
        """
        weights = self._voices.weights_of(voice)
        return {
            "provider": self.name,
            "version": PACKAGE_VERSION,
            "runtime": runtime_version(),
            "model": weights.sha256,
            "voice": voice,
            "tuning": TUNING,
        }

    def voices(self) -> tuple[Voice, ...]:
        """See SpeechProvider."""
        return self._voices.voices()

    def unsayable(self, word: str, voice: Voice) -> str:
        """See VoiceSource."""
        return self._voices.unsayable(word, voice)

    def fault(self, voice: str) -> str:
        """See VoiceSource."""
        return self._voices.fault(voice)

    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:  # costs nothing
        """Speak, at 24,000 Hz. The same request gives the same bytes on one machine, in any process and thread.

        Raises Rejected if the package or the weights are not the known ones.
        """
        voice = choose_voice(self.voices(), request.voice, request.language)
        check_sayable(request, voice.language)
        loaded = self._ready(voice.id)
        utterances = loaded.front_end.utterances(request.pieces)
        if not utterances or not any(loaded.model.known(each.phonemes).strip(" ,.;:?!…—") for each in utterances):
            raise SpeechInvalid("The voice said nothing.", remedy="Write something that can be said, or how to say it.")
        spoken = [_spoken(utterance, request, loaded.model) for utterance in utterances]
        speech = _joined(spoken, utterances, request.rate_percent)
        return apply_pauses(_emphasised(speech, request.words), request.pieces)

    def _ready(self, voice: str) -> _Loaded:
        with self._lock:
            if self._process != os.getpid():
                # A session's threads do not survive a fork.
                self._loaded, self._process = {}, os.getpid()
            if voice not in self._loaded:
                self._loaded[voice] = self._load(self._voices.weights_of(voice))
            return self._loaded[voice]

    def _load(self, weights: HibariWeights) -> _Loaded:
        data = self._voices.model(weights)
        try:
            return _Loaded(HibariFrontEnd(british=weights.british), HibariModel(data, self._voices.assets))
        except (ImportError, OSError, EOFError, ValueError, KeyError, AttributeError) as error:
            raise Rejected(
                f"The package of the voice hibari is damaged ({type(error).__name__}: {error}).", remedy=REINSTALL
            ) from error


def _spoken(utterance: Utterance, request: SpeechRequest, model: HibariModel) -> RawSpeech:
    """The utterance at its pace: the network's where all its words have one, else stretched word by word."""
    words = request.words
    percents = [_percent(words[word.number], request.rate_percent) for word in utterance.words]
    common = percents[0] if len(set(percents)) == 1 else request.rate_percent
    phonemes = utterance.phonemes
    usual = model.units(phonemes, NORMAL_SPEED) if common != 100 else 0
    speed = _speed(model, phonemes, usual * 100 / common) if usual else NORMAL_SPEED
    raw = timed(utterance, [word.token for word in words], model.speak(phonemes, speed))
    done = round(usual * 100 / model.units(phonemes, speed)) if usual else 100
    return time_stretched(raw, [_within(percent * 100 // done) for percent in percents])


def _percent(word: SpokenWord, rate_percent: int) -> int:
    percent = rate_percent * word.rate_percent * _EMPHASIS_PERCENT[_emphasis(word)] // 10000
    return min(max(percent, _SLOWEST_PERCENT), _FASTEST_PERCENT)


def _within(percent: int) -> int:
    """A pace that can be stretched to. What is off by less than 3 % is not worth the loss of quality."""
    return 100 if abs(percent - 100) < 3 else min(max(percent, _SLOWEST_PERCENT), _FASTEST_PERCENT)


def _speed(model: HibariModel, phonemes: str, units: float) -> float:
    """The speed at which the phonemes take about `units`. Durations are whole, so they do not follow it exactly."""
    speed = NORMAL_SPEED
    for _ in range(3):
        speed = min(max(speed * model.units(phonemes, speed) / units, _SLOWEST_SPEED), _FASTEST_SPEED)
    return speed


def _joined(parts: Sequence[RawSpeech], utterances: Sequence[Utterance], rate_percent: int) -> RawSpeech:
    """The utterances with gaps between them and silence at both ends. Gaps within a sentence are shorter."""
    edge = EDGE_SILENCE_MS * RATE_HZ // 1000
    gaps = [_SENTENCE_GAP_MS if each.ends_sentence else _CLAUSE_GAP_MS for each in utterances[:-1]]
    lengths = [edge, *(gap * RATE_HZ // 10 // _within(rate_percent) for gap in gaps), edge]
    sounds = [np.zeros(edge, np.float32)]
    phones = [PhoneTime(phone="", start=0, end=edge)]
    words = []
    at = edge
    for part, length in zip(parts, lengths[1:], strict=True):
        words += [each.model_copy(update={"start": each.start + at, "end": each.end + at}) for each in part.times.words]
        phones += [
            each.model_copy(update={"start": each.start + at, "end": each.end + at}) for each in part.times.phones
        ]
        at += len(part.sound)
        phones.append(PhoneTime(phone="", start=at, end=at + length))
        sounds += [part.sound, np.zeros(length, np.float32)]
        at += length
    return RawSpeech(
        np.concatenate(sounds), SpeechTimes(rate_hz=RATE_HZ, samples=at, words=tuple(words), phones=tuple(phones))
    )


def _emphasised(speech: RawSpeech, words: Sequence[SpokenWord]) -> RawSpeech:
    """The speech with its emphasised words louder."""
    sound = speech.sound.copy()
    for word, time in zip(words, speech.times.words, strict=True):
        if emphasis := _emphasis(word):
            sound[time.start : time.end] *= _ramped(time.end - time.start, _EMPHASIS_GAIN[emphasis])
    return speech._replace(sound=sound)


def _ramped(samples: int, gain: float) -> NDArray[np.float32]:
    ramp = min(_RAMP, samples // 3)
    inner = np.full(samples - 2 * ramp, gain)
    rise = np.linspace(1, gain, ramp)
    return np.concatenate((rise, inner, rise[::-1])).astype(np.float32)


def _emphasis(word: SpokenWord) -> int:
    return max(0, min(2, word.emphasis))
