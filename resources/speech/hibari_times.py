"""When the words and phonemes of an utterance sound: by the durations of the network, and the energy of the sound.

The meaning of the durations was measured with pocketsphinx, whose own bias is known from espeak-ng's exact times. All
of them are late, by a time that depends on the kind of phoneme. The last phoneme before a mark contains the silence
after it. A stop contains its closure, whereas a PhoneTime starts at the burst.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.speech.provider import PhoneTime, RawSpeech, SpeechTimes, WordTime
from video_assets.studio.speech.silence import voice_activity

from .hibari_model import RATE_HZ, UNIT, SpokenPhonemes
from .hibari_text import MARKS, Utterance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

_LATE_MS = {"hiss": 85, "consonant": 55, "vowel": 55, "stressed vowel": 40}
_HISSES, _VOWELS = frozenset("sʃfθ"), frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻᵊɐeo")
_BLOCK = RATE_HZ // 200
"""5 ms, the blocks of `voice_activity`."""
_TAIL = 2 * _BLOCK
"""What is kept of the decay after the last sound, faded out."""
_SHORTEST_SILENCE, _LONGEST_SNAP = 8, 24
"""In blocks: the shortest silence at a mark, and how far the next phoneme may move to the end of that silence."""
_SHORTEST_PHONE = 2 * _BLOCK
_BURST_RISE_DB = 6.0
_STOPS = frozenset("pbtdkɡ")
_JOINED = frozenset("ˈˌːʰʲ\u0303")
"""Marks without a sound of their own: their time belongs to the phoneme behind, or before."""
_IPA = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ",
    "T": "ɾ", "ᵊ": "ə", "ᵻ": "ɪ", "ʤ": "dʒ", "ʧ": "tʃ",
}  # fmt: skip


class _Phone(NamedTuple):
    """A phoneme: IPA, the number of its word, its first sample, and whether a mark stands before it."""

    text: str
    word: int
    start: int
    after_mark: bool


class _Silence(NamedTuple):
    start: int
    end: int


def timed(utterance: Utterance, tokens: Sequence[int], spoken: SpokenPhonemes) -> RawSpeech:
    """The utterance, without the silence around it, and the times of its words and phonemes.

    `tokens` has the token of each word of the request. A word without a phoneme, such as a dash, has one sample.
    """
    first, last = _sounding(spoken.sound)
    sound = _faded(spoken.sound[first : last + _TAIL])
    phones = _spread(_phones(utterance, spoken.durations, first), len(sound))
    loud = voice_activity(sound, RATE_HZ)
    phones, silences = _with_silences(phones, loud, len(sound))
    phones = _with_bursts(phones, silences, sound)
    entries = _entries(phones, silences, len(sound))
    mute = _leading_mute(utterance, phones)
    if mute:
        sound = np.concatenate((np.zeros(mute, np.float32), sound))
        shifted = [each.model_copy(update={"start": each.start + mute, "end": each.end + mute}) for each in entries]
        entries = [PhoneTime(phone="", start=0, end=mute), *shifted]
        phones = [each._replace(start=each.start + mute) for each in phones]
    words = tuple(_words(utterance, tokens, phones, entries))
    return RawSpeech(sound, SpeechTimes(rate_hz=RATE_HZ, samples=len(sound), words=words, phones=tuple(entries)))


def _sounding(sound: NDArray[np.float32]) -> tuple[int, int]:
    loud = np.flatnonzero(voice_activity(sound, RATE_HZ))
    if not len(loud):
        return 0, len(sound)
    return int(loud[0]) * _BLOCK, min(len(sound), (int(loud[-1]) + 1) * _BLOCK)


def _faded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    faded = sound.copy()
    tail = min(_TAIL, len(sound))
    faded[len(sound) - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)
    return faded


# --- phonemes ----------------------------------------------------------------------------------------------------


def _phones(utterance: Utterance, durations: Sequence[int], first: int) -> Iterator[_Phone]:
    """The phonemes, without spaces and marks, where the network puts them in the sound that begins at `first`."""
    owners = [-1]
    for word in utterance.words:
        owners += [word.number] * len(word.phonemes) + [-1]
    at = -first
    start: int | None = None
    after_mark = False
    for character, owner, duration in zip(f" {utterance.phonemes} ", owners, durations, strict=True):
        if character in _JOINED:
            start = at if start is None else start
        elif character.isalpha():
            late = _LATE_MS[_kind(character, stressed=start is not None)]
            place = (at if start is None else start) - late * RATE_HZ // 1000
            yield _Phone(_IPA.get(character, character), owner, place, after_mark)
            start, after_mark = None, False
        else:
            start, after_mark = None, after_mark or character in MARKS
        at += duration * UNIT


def _kind(character: str, *, stressed: bool) -> str:
    if character in _VOWELS:
        return "stressed vowel" if stressed else "vowel"
    return "hiss" if character in _HISSES else "consonant"


def _spread(phones: Iterator[_Phone], samples: int) -> list[_Phone]:
    """The phonemes inside the sound, in order, each with _SHORTEST_PHONE at least. The first starts with the sound."""
    found = list(phones)
    shortest = min(_SHORTEST_PHONE, samples // max(1, len(found)))
    at = 0
    for place, phone in enumerate(found):
        latest = samples - shortest * (len(found) - place)
        at = 0 if place == 0 else min(max(phone.start, at + shortest), latest)
        found[place] = phone._replace(start=at)
    return found


def _with_silences(
    phones: Sequence[_Phone], loud: NDArray[np.bool_], samples: int
) -> tuple[list[_Phone], dict[int, _Silence]]:
    """The phonemes after marks moved to the end of the silence there, and these silences by the phoneme's place."""
    found = list(phones)
    silences: dict[int, _Silence] = {}
    for place in range(1, len(found)):
        if not found[place].after_mark:
            continue
        following = found[place + 1].start if place + 1 < len(found) else samples
        low = (found[place - 1].start + _SHORTEST_PHONE) // _BLOCK + 1
        high = min(found[place].start // _BLOCK + _LONGEST_SNAP, (following - _SHORTEST_PHONE) // _BLOCK)
        start, end = _longest_quiet(loud, low, high)
        if end - start >= _SHORTEST_SILENCE and end >= found[place].start // _BLOCK - _LONGEST_SNAP:
            silences[place] = _Silence(start * _BLOCK, end * _BLOCK)
            found[place] = found[place]._replace(start=end * _BLOCK)
    return found, silences


def _longest_quiet(loud: NDArray[np.bool_], low: int, high: int) -> tuple[int, int]:
    best, start = (low, low), low
    for block in range(low, high + 1):
        if block == high or loud[block]:
            best = max(best, (start, block), key=lambda run: run[1] - run[0])
            start = block + 1
    return best


def _with_bursts(phones: Sequence[_Phone], silences: dict[int, _Silence], sound: NDArray[np.float32]) -> list[_Phone]:
    """The stops moved to their burst: where the sound rises most, if it rises clearly."""
    found = list(phones)
    levels = _levels(sound)
    for place, phone in enumerate(found):
        if phone.text not in _STOPS or place == 0 or place in silences:
            continue
        following = silences[place + 1].start if place + 1 in silences else len(sound)
        following = min(following, found[place + 1].start if place + 1 < len(found) else len(sound))
        low, high = phone.start // _BLOCK, (following - _SHORTEST_PHONE) // _BLOCK
        rises = levels[low + 1 : high + 1] - levels[low:high]
        if len(rises) and rises.max() >= _BURST_RISE_DB:
            found[place] = phone._replace(start=(low + 1 + int(rises.argmax())) * _BLOCK)
    return found


def _levels(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The level of each block in dB. Differences of samples favour the high sounds of a burst over a voice."""
    differences = np.diff(sound, prepend=0).astype(np.float64)
    whole = differences[: len(sound) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    return 10 * np.log10(np.mean(whole**2, axis=1) + 1e-9)


def _entries(phones: Sequence[_Phone], silences: dict[int, _Silence], samples: int) -> list[PhoneTime]:
    entries: list[PhoneTime] = []
    for place, phone in enumerate(phones):
        if place in silences:
            entries.append(PhoneTime(phone="", start=silences[place].start, end=silences[place].end))
        following = phones[place + 1].start if place + 1 < len(phones) else samples
        end = silences[place + 1].start if place + 1 in silences else following
        entries.append(PhoneTime(phone=phone.text, start=phone.start, end=end))
    return entries


# --- words -------------------------------------------------------------------------------------------------------


def _leading_mute(utterance: Utterance, phones: Sequence[_Phone]) -> int:
    """How many words without a phoneme come before the first that has one."""
    return next((place for place, word in enumerate(utterance.words) if word.number == phones[0].word), 0)


def _words(
    utterance: Utterance, tokens: Sequence[int], phones: Sequence[_Phone], entries: Sequence[PhoneTime]
) -> Iterator[WordTime]:
    """The words from their first phoneme to the end of their last; the mute ones take samples of the word before."""
    ends = {entry.start: entry.end for entry in entries if entry.phone}
    spans: dict[int, tuple[int, int]] = {}
    for phone in phones:
        spans[phone.word] = (spans.get(phone.word, (phone.start, 0))[0], ends[phone.start])
    numbers = [word.number for word in utterance.words]
    done = 0
    for place, number in enumerate(numbers):
        following = next((other for other, each in enumerate(numbers[place + 1 :]) if each in spans), None)
        mute = len(numbers) - place - 1 if following is None else following
        start, end = spans.get(number, (done, done + 1))
        done = end - mute if number in spans else end
        yield WordTime(token=tokens[number], start=start, end=done)
