"""Speech: sound with the times of its words and phonemes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .records import Frozen
from .script import Pause, SpokenWord


class WordTime(Frozen):
    """When a spoken word sounds, in samples from the sound's start, end exclusive."""

    token: int
    start: int
    end: int


class PhoneTime(Frozen):
    """When a phoneme sounds. `phone` is IPA without stress and length marks; "" is silence."""

    phone: str
    start: int
    end: int


class SpeechTimes(Frozen):
    """The times of one section's speech. Words and phones are ordered, do not overlap and lie in [0, samples)."""

    rate_hz: int
    samples: int
    words: tuple[WordTime, ...]
    phones: tuple[PhoneTime, ...]


class Voice(Frozen):
    id: str
    name: str
    language: str
    """BCP 47 tag."""
    gender: str = ""
    provider: str


class SpeechRequest(Frozen):
    """One section to be spoken: everything that shapes the sound, and nothing else."""

    pieces: tuple[SpokenWord | Pause, ...]
    language: str
    voice: str
    rate_percent: int = 100


class RawSpeech(NamedTuple):
    """What a provider answers: mono float32 samples in [-1, 1] at `times.rate_hz`, and the times."""

    sound: NDArray[np.float32]
    times: SpeechTimes


class SpeechProvider(ABC):
    """A source of speech."""

    name: str

    @abstractmethod
    def identity(self, voice: str) -> dict[str, str]:
        """What a recipe must name: provider, version, model, voice."""

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Every voice, the best of each language first."""

    @abstractmethod
    def speak(self, request: SpeechRequest) -> RawSpeech:
        """Speak. The same request gives the same bytes where the provider promises it. Raises ProviderError."""
