"""Aligns the speech of providers: the times of its words and phonemes, by an acoustic model or by comparison.

    pocketsphinx   English, if it is installed (extra `align`): forced alignment, starts within 10 to 15 ms on average
    comparison     every language of the embedded voice, which speaks the same words with times of its own

The comparison is always made, because it distinguishes speech of the whole text from cut, runaway or other speech. Its
algorithm is in `studio/speech/alignment.py`.

pocketsphinx 5.1.1, as measured: without a little noise digital silence breaks it, and with its lattice search on a
quarter of all alignments fail, at random; with seeded noise and `bestpath` off all of 70 succeeded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import metadata, util
from typing import TYPE_CHECKING, Any, NamedTuple

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.speech.alignment import Alignment, align_speech, alignment_problems
from video_assets.studio.speech.provider import (
    PhoneTime,
    RawSpeech,
    SpeechProvider,
    SpeechRequest,
    SpeechTimes,
    WordTime,
)
from video_assets.studio.speech.repetition import find_repetition
from video_assets.studio.speech.silence import without_silences
from video_assets.studio.speech.voices import choose_voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

VERSION = "2"
"""Raised whenever the resulting times change."""
_RATE_HZ, _FRAME = 16000, 160
_NOISE = 2e-4
"""Of full scale."""
_IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð",
    "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ", "SIL": "",
}  # fmt: skip
_ARPABET = {
    **{ipa: name for name, ipa in _IPA.items() if ipa},
    "ə": "AH", "ɐ": "AH", "ɜ": "ER", "ɜɹ": "ER", "ɚ": "ER", "a": "AA", "ɒ": "AO", "o": "OW", "e": "EH", "ɾ": "T",
    "r": "R", "g": "G", "x": "K", "ʔ": "T", "ɫ": "L", "əl": "AH L", "n̩": "AH N", "oːɹ": "AO R", "ɔɹ": "AO R",
    "ɑɹ": "AA R", "ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R", "iə": "IY AH", "əʊ": "OW", "eə": "EH R", "ɪə": "IH R",
    "ʊə": "UH R", "ᵻ": "IH", "ɨ": "IH", "y": "Y UW", "ø": "ER", "œ": "ER", "ç": "HH", "ts": "T S", "aɪə": "AY AH",
    "aɪɚ": "AY ER", "aʊɚ": "AW ER", "ɹ̩": "ER",
}  # fmt: skip


class Aligner:
    """Finds the times of speech. `reference` is a voice with times; `acoustic=False` disables pocketsphinx."""

    def __init__(self, reference: SpeechProvider, *, acoustic: bool = True) -> None:
        self._reference = reference
        self._acoustic = acoustic

    def identity(self) -> dict[str, str]:
        """The properties of the aligner that shape the times."""
        used = self._reference.identity(self._reference.voices()[0].id)
        found = {"alignment": f"comparison {VERSION} with {used['provider']} {used['version']}"}
        if self._acoustic and _has_model():
            found["alignment_model"] = f"pocketsphinx {metadata.version('pocketsphinx')}"
        return found

    def times(self, sound: NDArray[np.float32], rate_hz: int, request: SpeechRequest) -> tuple[SpeechTimes, str]:
        """The times of the words of `request` in `sound` (mono), and the name of the method.

        Raises SpeechInvalid if the sound is not exactly the whole text, at any pace.
        """
        reference = self.reference_speech(request)
        # A long silence would pass for a slow word: both ways of alignment give every sound to some word.
        spoken = without_silences(sound, rate_hz)
        found = align_speech(reference, spoken.sound, rate_hz)
        for fault in _faults(found, spoken.sound, rate_hz, reference):
            raise SpeechInvalid(
                f"The voice {request.voice!r} answered with unusable speech: {fault}.",
                remedy="It is requested again. If this is repeated, try another voice, or shorter sections.",
            )
        times, found_by = found.times, "comparison"
        if self._uses_model(request.language):
            forced = _forced(spoken.sound, rate_hz, request.words, reference.times, found.times)
            times, found_by = (
                (forced, "pocketsphinx") if forced else (times, "comparison, as pocketsphinx found no path")
            )
        return spoken.restore(times, len(sound)), found_by

    def _uses_model(self, language: str) -> bool:
        return self._acoustic and primary_subtag(language) == "en" and _has_model()

    def reference_speech(self, request: SpeechRequest) -> RawSpeech:
        """The words of `request` by the reference voice, whose times are known."""
        voice = choose_voice(self._reference.voices(), "", request.language).id
        # Neither pauses nor changes of pace: the provider may not have followed them.
        words = tuple(word.model_copy(update={"rate_percent": 100, "emphasis": 0}) for word in request.words)
        return self._reference.speak(SpeechRequest(pieces=words, language=request.language, voice=voice))


def _faults(found: Alignment, sound: NDArray[np.float32], rate_hz: int, reference: RawSpeech) -> Iterator[str]:
    """The signs that `sound` is not exactly the text, the cheapest look first."""
    yield from alignment_problems(found, sound, reference.times)
    repeated = find_repetition(reference, sound, rate_hz, found.distance)
    if repeated is not None:
        yield f"its words {repeated.first + 1} to {repeated.last + 1} are said twice"


@cache
def _has_model() -> bool:
    return util.find_spec("pocketsphinx") is not None


# --- forced alignment --------------------------------------------------------------------------------------------


class _Spelt(NamedTuple):
    """One of the model's words; several make up a spoken word."""

    name: str
    word: int


def _forced(
    sound: NDArray[np.float32],
    rate_hz: int,
    words: Sequence[SpokenWord],
    reference: SpeechTimes,
    compared: SpeechTimes,
) -> SpeechTimes | None:
    """The model's times; None if it finds none. The times of the comparison are then used."""
    from pocketsphinx import Decoder

    from video_assets.studio.media.sound import resample

    decoder = Decoder(bestpath=False, loglevel="FATAL", samprate=_RATE_HZ, lm=None)
    spelt = list(_spelling(decoder, words, reference))
    noise = np.random.default_rng(0).standard_normal(-(-len(sound) * _RATE_HZ // rate_hz)) * _NOISE
    heard = np.clip(resample(sound, rate_hz, _RATE_HZ) + noise, -1, 1)
    data = (heard * 32767).astype("<i2").tobytes()
    try:
        decoder.set_align_text(" ".join(each.name for each in spelt))
        _decode(decoder, data)
        decoder.set_alignment()
        _decode(decoder, data)
        found = list(_entries(decoder.get_alignment()))
    except (RuntimeError, TypeError):
        return None
    if [_plain(entry.name) for entry in found] != [each.name for each in spelt]:
        return None
    return _times(found, [each.word for each in spelt], words, rate_hz, compared)


class _Entry(NamedTuple):
    """A word or phone of the alignment, in frames of 10 ms."""

    name: str
    start: int
    duration: int
    phones: tuple[_Entry, ...] = ()


def _entries(alignment: Any) -> Iterator[_Entry]:
    """The words, copied while the alignment lives: its entries point into it."""
    for word in alignment:
        if not word.name.startswith(("<", "[")):
            phones = tuple(_Entry(phone.name, phone.start, phone.duration) for phone in word)
            yield _Entry(word.name, word.start, word.duration, phones)


def _decode(decoder: Any, data: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()


def _plain(name: str) -> str:
    """A word's name without the number of its pronunciation: `read(2)`."""
    return re.sub(r"\(\d+\)$", "", name)


def _spelling(decoder: Any, words: Sequence[SpokenWord], reference: SpeechTimes) -> Iterator[_Spelt]:
    """The text in the model's words.

    Words that its dictionary lacks are added with the pronunciation of the reference voice. Words without a
    pronunciation (a dash between two words) are left out.
    """
    for number, word in enumerate(words):
        parts = re.findall(r"[a-z']+", word.text.lower().replace("’", "'"))
        parts = [part.strip("'") for part in parts if part.strip("'")]
        if parts and re.fullmatch(r"[\W_]*[A-Za-z'’ -]+[\W_]*", word.text) and all(map(decoder.lookup_word, parts)):
            yield from (_Spelt(part, number) for part in parts)
            continue
        name = f"spoken{number}"
        phones = reference.phones_of(reference.words[number])
        if not phones:
            continue
        decoder.add_word(name, " ".join(_arpabet(each.phone) for each in phones), True)
        yield _Spelt(name, number)


def _arpabet(phone: str) -> str:
    if phone in _ARPABET:
        return _ARPABET[phone]
    known = [_ARPABET[letter] for letter in phone if letter in _ARPABET]
    return " ".join(known) or "AH"


def _times(
    found: Sequence[_Entry], owners: Sequence[int], words: Sequence[SpokenWord], rate_hz: int, compared: SpeechTimes
) -> SpeechTimes:
    def sample(frame: int) -> int:
        return min(compared.samples, frame * _FRAME * rate_hz // _RATE_HZ)

    spans: dict[int, tuple[int, int]] = {}
    phones: list[PhoneTime] = []
    for entry, owner in zip(found, owners, strict=True):
        start, end = sample(entry.start), sample(entry.start + entry.duration)
        spans[owner] = (spans.get(owner, (start, end))[0], end)
        if start > (phones[-1].end if phones else 0):
            phones.append(PhoneTime(phone="", start=phones[-1].end if phones else 0, end=start))
        for phone in entry.phones:
            left, right = sample(phone.start), sample(phone.start + phone.duration)
            if left < right:
                phones.append(PhoneTime(phone=_IPA.get(phone.name, ""), start=left, end=right))
    if phones[-1].end < compared.samples:
        phones.append(PhoneTime(phone="", start=phones[-1].end, end=compared.samples))
    timed: list[WordTime] = []
    for number, word in enumerate(words):
        done = timed[-1].end if timed else 0
        start, end = spans.get(number, (done, done + 1))
        timed.append(WordTime(token=word.token, start=max(start, done), end=max(end, start + 1, done + 1)))
    return SpeechTimes(rate_hz=rate_hz, samples=compared.samples, words=tuple(timed), phones=tuple(phones))
