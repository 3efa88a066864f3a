"""A teacher's recordings, made by another voice than the reference, so that the true times of its words are known."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from resources.speech.espeak import EspeakSpeech
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import SectionWords, SpokenWord, write_section
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest

TEACHERS = {"en": "en-us+m7", "de": "de+m7", "fr": "fr+m7", "es": "es+m7", "hi": "hi+m3", "zh": "cmn+m7"}
Samples = NDArray[np.float32]


@cache
def _voice() -> EspeakSpeech:
    return EspeakSpeech()


class Taken(NamedTuple):
    """A recording before it is encoded."""

    sound: Samples
    rate_hz: int
    starts: tuple[float, ...]
    """The true start of each spoken word, in seconds."""


def words_of(text: str, language: str) -> SectionWords:
    """The words of a narration, as a lesson's script has them."""
    section = Section(id="a", pointer="/sections/0", line=1, narration=text)
    return write_section(section, language=language, pronunciations={})


def spoken_by(text: str, language: str, voice: str, rate: int = 100) -> RawSpeech:
    """A text by a voice of espeak-ng, without marks."""
    spoken = (piece for piece in words_of(text, language).speech if isinstance(piece, SpokenWord))
    plain = tuple(word.model_copy(update={"emphasis": 0, "rate_percent": 100}) for word in spoken)
    return _voice().speak(SpeechRequest(pieces=plain, language=language, voice=voice, rate_percent=rate))


def take(
    text: str,
    language: str = "en",
    voice: str = "",
    *,
    rate: int = 100,
    noise_db: float = -55,
    before_seconds: float = 0.7,
    after_seconds: float = 0.9,
) -> Taken:
    """The teacher says `text` in a room whose noise lies `noise_db` below full scale."""
    raw = spoken_by(text, language, voice or TEACHERS[language], rate)
    hz = raw.times.rate_hz
    before, after = round(before_seconds * hz), round(after_seconds * hz)
    quiet = np.random.default_rng(1).standard_normal(before + len(raw.sound) + after) * 10 ** (noise_db / 20)
    sound = quiet.astype(np.float32)
    sound[before : before + len(raw.sound)] += raw.sound
    return Taken(sound, hz, tuple((before + word.start) / hz for word in raw.times.words))


def encoded(channels: Sequence[Samples], rate_hz: int, file_format: str, codec: str, *, video: bool = False) -> bytes:
    """The channels as a file of any format; with `video`, beside a few black frames."""
    file = io.BytesIO()
    layout = "mono" if len(channels) == 1 else "stereo"
    with av.open(file, "w", format=file_format) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)
        frames = container.add_stream("mpeg4", rate=Fraction(25), width=64, height=64) if video else None
        whole = av.AudioFrame.from_ndarray(np.stack(channels).astype(np.float32), format="fltp", layout=layout)
        whole.sample_rate, whole.pts, whole.time_base = rate_hz, 0, Fraction(1, rate_hz)
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=rate_hz, frame_size=stream.codec_context.frame_size
        )
        if frames is not None:
            for _ in range(5):
                container.mux(frames.encode(av.VideoFrame(64, 64, "yuv420p")))
            container.mux(frames.encode(None))
        for frame in (*resampler.resample(whole), *resampler.resample(None)):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def as_wav(taken: Taken) -> bytes:
    """The recording as a 16-bit WAV file."""
    return encoded([taken.sound], taken.rate_hz, "wav", "pcm_s16le")
