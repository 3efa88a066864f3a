"""The interface of every voice, and the values of speech: sound with the times of its words and phonemes.

Does not belong here: any voice (`resources/speech`), or work on the sound (`silence.py`, `mastering.py`, `checks.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Pause, SpokenWord

from .voices import Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from video_assets.studio.calls.context import CallContext
    from video_assets.studio.calls.paid_responses import PaidRequest
    from video_assets.studio.media.loudness import Loudness
else:
    np = lazy_import("numpy")


class WordTime(FrozenModel):
    """When a word is spoken, in samples from the start of the sound; `end` is exclusive."""

    token: int
    start: int
    end: int


class PhoneTime(FrozenModel):
    """When a phoneme sounds. `phone` is IPA without stress and length marks; "" is silence.

    A stop (p b t d k g) starts at its burst, as synthesisers and aligners report it. Its silent closure lies in the end
    of the phone before. The mouth must close earlier than the stop starts; `presenter/visemes.py` does that.
    """

    phone: str
    start: int
    end: int


class SpeechTimes(FrozenModel):
    """The times of one section's speech. Words and phones are ordered, do not overlap and lie in [0, samples).

    `words` holds one entry per SpokenWord of the request, in its order.
    """

    rate_hz: int
    samples: int
    words: tuple[WordTime, ...]
    phones: tuple[PhoneTime, ...]

    def phones_of(self, word: WordTime) -> tuple[PhoneTime, ...]:
        """The phonemes of a word; none for a token that is not spoken, for example a dash between two words."""
        return tuple(phone for phone in self.phones if phone.phone and word.start <= phone.start < word.end)


class SpeechRequest(FrozenModel):
    """One section to speak: everything that shapes the sound, and nothing else."""

    pieces: tuple[SpokenWord | Pause, ...]
    language: str
    voice: str
    rate_percent: int = 100
    instructions: str = ""
    """How to speak, in words, for providers that follow instructions (`SpeechProvider.instructible`)."""

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        """The pieces that are spoken."""
        return tuple(piece for piece in self.pieces if isinstance(piece, SpokenWord))


class RawSpeech(NamedTuple):
    """The answer of a provider: mono float32 samples in [-1, 1] at `times.rate_hz`, and the times."""

    sound: NDArray[np.float32]
    times: SpeechTimes
    facts: Mapping[str, str] = {}
    """Facts about the synthesis, for the record. They do not shape the result."""


class MasteredSpeech(NamedTuple):
    """Mastered speech: mono float32 at the film's rate and the section's loudness, and the times at that rate."""

    sound: NDArray[np.float32]
    times: SpeechTimes
    loudness: Loudness
    """Measured after mastering."""
    facts: Mapping[str, str] = {}
    """The provider's."""


class SpeechProvider(ABC):
    """A source of speech."""

    name: str
    instructible: bool = False
    """Whether the provider follows the `instructions` of a request."""
    at_once: int = 0
    """How many requests to make in parallel; 0: as many as the machine has cores."""

    @abstractmethod
    def identity(self, voice: str) -> dict[str, str]:
        """The parts of a recipe's identity: provider, version, model, voice."""

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Every voice, the best of each language first."""

    def unsayable(self, word: str, voice: Voice) -> str:
        """The letters of `word` that `voice` would leave out, or spell as code points. None by default."""
        return ""

    @abstractmethod
    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:
        """Speak. The same request gives the same bytes if the provider promises it.

        A paid provider needs `call_context`. Silence before and after is at most 30 ms. A Pause becomes silence of its
        length. Raises SettingInvalid for a voice that does not exist or does not speak the language, SpeechInvalid for
        words that it cannot say, and ProcessFailed or ProviderError for a failure.
        """

    def paid_requests(self, request: SpeechRequest) -> tuple[PaidRequest, ...]:
        """The paid requests that `speak` needs, also those already in the store. None by default."""
        return ()
