"""Converts espeak-ng's events to the times of words and phonemes, and its silences to the requested pauses.

The meaning of the events was measured (version 1.52). A word event has the place of the word in the text. A number has
several events for one word, and some short words share one ("of a"). The length in the event is not reliable. A
phoneme's event is at its start, a stop's at its burst. An empty phoneme is a pause, but sometimes a voiced link between
vowels, and its first part may be the end of the sound before it. `(de)` marks a change of language.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.lesson.script import Pause, SpokenWord
from video_assets.studio.speech.provider import PhoneTime, RawSpeech, SpeechTimes, WordTime
from video_assets.studio.speech.silence import apply_pauses, voice_activity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

_SHORTEST_SILENCE_MS = 20
_NOT_IPA = str.maketrans("", "", "ˈˌːˑ̆")
_MANDARIN = {
    "i.": "ɨ", "i̪": "ɨ", "o-": "ɤ", "onɡ": "ʊŋ", "s.": "ʂ", "ts.": "tʂ", "ts.h": "tʂʰ", "tsh": "tsʰ", "tɕh": "tɕʰ",
    "ph": "pʰ", "th": "tʰ", "kh": "kʰ",
}  # fmt: skip


class _Mark(NamedTuple):
    sample: int
    word: int


def raw_speech(
    sound: NDArray[np.float32],
    rate_hz: int,
    events: Sequence[Sequence[Any]],
    pieces: Sequence[SpokenWord | Pause],
    spans: Sequence[tuple[int, int]],
) -> RawSpeech:
    """The speech of `pieces`, whose words are at `spans` of the spoken text.

    Every word gets a time; every Pause is exactly its length of digital silence; other silence is at
    most LONGEST_DEAD_AIR_SECONDS long, and EDGE_SILENCE_MS at the ends. Raises SpeechInvalid for words without a sound.
    """
    words = [piece for piece in pieces if isinstance(piece, SpokenWord)]
    phones = _phones(events, sound, rate_hz)
    if not any(phone.phone for phone in phones):
        raise SpeechInvalid("The voice said nothing.", remedy="Write something that can be said, or how to say it.")
    times = SpeechTimes(
        rate_hz=rate_hz, samples=len(sound), words=_words(events, words, spans, phones), phones=tuple(phones)
    )
    raw = RawSpeech(sound, times)
    return apply_pauses(raw, pieces)


# --- phonemes ----------------------------------------------------------------------------------------------------


def _phones(events: Sequence[Sequence[Any]], sound: NDArray[np.float32], rate_hz: int) -> list[PhoneTime]:
    starts = [(sample, _ipa(text)) for kind, text, sample in events if kind == "phone" and not text.startswith("(")]
    starts = [(min(sample, len(sound)), text) for sample, text in starts]
    if not starts:
        return []
    ends = [sample for sample, _ in starts[1:]] + [len(sound)]
    raw = [("", 0, starts[0][0])] + [(text, start, end) for (start, text), end in zip(starts, ends, strict=True)]
    loud, block = voice_activity(sound, rate_hz), max(1, rate_hz // 200)
    shortest = -(-_SHORTEST_SILENCE_MS * rate_hz // 1000 // block)
    found: list[PhoneTime] = []
    for text, start, end in raw:
        for part in [(text, start, end)] if text else _pause_parts(start, end, loud, block, shortest):
            _append(found, *part)
    return found


def _ipa(text: str) -> str:
    """The phoneme without stress and length, and the Mandarin ones that are not in IPA (`ts.`, `o-`, `onɡ`) in it."""
    plain = text.translate(_NOT_IPA)
    return _MANDARIN.get(plain, plain)


def _pause_parts(
    start: int, end: int, loud: NDArray[np.bool_], block: int, shortest: int
) -> list[tuple[str | None, int, int]]:
    """An empty phoneme as (None: part of the sound before, "": silence) by the energy in it."""
    first, last = -(-start // block), end // block
    quiet_from = first
    for index in range(first, last):
        if loud[index]:
            quiet_from = index + 1
    if last - quiet_from < shortest and end < len(loud) * block - block:
        # Voiced to the end, or nearly: a link, unless there is a silence inside it before the next sound.
        head = next((index for index in range(first, last) if not loud[index : index + shortest].any()), None)
        if head is None or head + shortest > last:
            return [(None, start, end)]
        quiet_from = head
    cut = start if quiet_from <= first else min(end, quiet_from * block)
    return [(None, start, cut), ("", cut, end)]


def _append(found: list[PhoneTime], text: str | None, start: int, end: int) -> None:
    if start >= end:
        return
    if found and (text is None or (text == "" and found[-1].phone == "")):
        found[-1] = found[-1].model_copy(update={"end": end})
    else:
        found.append(PhoneTime(phone=text or "", start=start, end=end))


# --- words -------------------------------------------------------------------------------------------------------


def _words(
    events: Sequence[Sequence[Any]],
    words: Sequence[SpokenWord],
    spans: Sequence[tuple[int, int]],
    phones: Sequence[PhoneTime],
) -> tuple[WordTime, ...]:
    marks = _marks(events, spans)
    last_sound = max(phone.end for phone in phones if phone.phone)
    bounds = [mark.sample for mark in marks] + [last_sound]
    groups = [mark.word for mark in marks] + [len(words)]
    if groups[0] > 0:
        groups[0] = 0
    times: list[WordTime] = []
    for index, (start, end) in enumerate(pairwise(bounds)):
        members = range(groups[index], groups[index + 1])
        spoken = [phone for phone in phones if phone.phone and phone.end > start and phone.start < end]
        spoken = [phone for phone in spoken if phone.start >= start] or spoken
        times += _shared([words[member] for member in members], start, end, spoken)
    return tuple(times)


def _marks(events: Sequence[Sequence[Any]], spans: Sequence[tuple[int, int]]) -> list[_Mark]:
    """The first event of each word that has one, in order."""
    starts = [start for start, _ in spans]
    marks: list[_Mark] = []
    for kind, place, sample in events:
        if kind != "word":
            continue
        word = max(0, bisect_right(starts, place) - 1)
        if not marks or (word > marks[-1].word and sample > marks[-1].sample):
            marks.append(_Mark(sample, word))
    if not marks:
        raise SpeechInvalid("The voice gave no times of words.", remedy="Choose another voice.")
    return marks


def _shared(words: Sequence[SpokenWord], start: int, end: int, phones: Sequence[PhoneTime]) -> list[WordTime]:
    """The words that share [start, end): cut where a phoneme starts, by the number of letters."""
    letters = [sum(character.isalnum() for character in word.text) for word in words]
    sayable = sum(count > 0 for count in letters)
    if sayable > len(phones):
        mute = ", ".join(repr(word.text) for word in words)
        raise SpeechInvalid(
            f"The voice says nothing for one of {mute}.",
            remedy="Write in the lesson's `pronunciations` how to say it, or leave it out.",
        )
    end = min(end, phones[-1].end) if phones else end
    cuts = [start, *_cuts(letters, start, end, phones), end]
    return [
        WordTime(token=word.token, start=left, end=right)
        for word, (left, right) in zip(words, pairwise(cuts), strict=True)
    ]


def _cuts(letters: Sequence[int], start: int, end: int, phones: Sequence[PhoneTime]) -> list[int]:
    """Where all but the first word start. Each word with letters has a phoneme at least; punctuation has one sample."""
    cuts: list[int] = []
    for index in range(1, len(letters)):
        before, after = letters[:index], letters[index:]
        least, most = sum(map(bool, before)), len(phones) - sum(map(bool, after))
        phone = min(max(round(sum(before) / (sum(letters) or 1) * len(phones)), least), most)
        exact = phones[phone].start if phone < len(phones) else end
        cuts.append(min(max(exact, start + index, *(cut + 1 for cut in cuts)), end - len(after)))
    return cuts
