"""Speech with the times of its words, as Kokoro-FastAPI gives them: `POST /dev/captioned_speech`.

The answer is JSON: the sound in base64, and when each of the server's words is said. Its words are not always ours: it
splits off punctuation and reads numbers its own way. So both texts are matched letter by letter.

The times are not trusted. They are used if they agree with an alignment of the sound.

Does not belong here: the alignment (`aligner.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from resources.untrusted_responses import decode_base64, parse_untrusted_json
from video_assets.studio.core.errors import MediaError
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.speech.silence import with_moved_times

if TYPE_CHECKING:
    import openai

_LEAST_MATCHED = 0.9
"""Of our words, so that the server's times are used. Those between take theirs from their neighbours."""
_LARGEST_SHIFT_SECONDS, _LARGEST_SCATTER_SECONDS = 0.12, 0.12
"""The median differences of word starts from the alignment: of all words together, and of each word from them.
Alignments of other makers' voices are off by 25 ms on average."""
_SHORTEST_WORD_SECONDS = 0.02


class CaptionedWord(NamedTuple):
    """A word of the server, in seconds."""

    text: str
    start: float
    end: float


class Captioned(NamedTuple):
    """The sound of an answer, and its words; none if the server gives no times for this language."""

    sound: bytes
    words: tuple[CaptionedWord, ...]


@contextmanager
def captioned_speech(client: openai.OpenAI, url: str, fields: Mapping[str, Any]) -> Iterator[Any]:
    """The streaming response of a server whose API has the address `url`."""
    from openai import HttpxBinaryResponseContent

    address = url.rstrip("/").removesuffix("/v1") + "/dev/captioned_speech"
    body = {**fields, "stream": False, "return_timestamps": True}
    streamed: Any = {"headers": {"X-Stainless-Raw-Response": "stream"}}
    response: Any = client.post(address, cast_to=HttpxBinaryResponseContent, body=body, options=streamed)
    try:
        yield response
    finally:
        response.close()


def read_captioned(data: bytes) -> Captioned:
    """The sound and words of an answer. Raises MediaError if it holds no sound."""
    try:
        answer = parse_untrusted_json(data)
        fields = answer if isinstance(answer, dict) else {}
        return Captioned(decode_base64(str(fields.get("audio") or "")), tuple(_words(fields.get("timestamps"))))
    except ValueError as error:
        raise MediaError(
            f"Reading speech with times: {error}.",
            remedy='Remove `times = "kokoro"` from the provider\'s file if the server has no /dev/captioned_speech.',
        ) from error


def _words(listed: object) -> Iterator[CaptionedWord]:
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict):
            continue
        start, end = each.get("start_time"), each.get("end_time")
        if isinstance(start, int | float) and isinstance(end, int | float):
            yield CaptionedWord(str(each.get("word", "")), float(start), float(end))


class JudgedTimes(NamedTuple):
    """The times to use, and the name of the method for the record."""

    times: SpeechTimes
    found_by: str


def judge_times(
    captioned: Sequence[CaptionedWord], words: Sequence[SpokenWord], aligned: SpeechTimes, found_by: str
) -> JudgedTimes:
    """The server's times for `words` if they agree with `aligned`, which `found_by` names; else `aligned`, and why."""
    if not captioned:
        return JudgedTimes(aligned, f"{found_by}, as the server gave no times")
    if fault := _order_fault(captioned, aligned.samples / aligned.rate_hz):
        return JudgedTimes(aligned, f"{found_by}, as the server's times {fault}")
    spans = _matched(captioned, words)
    said = [number for number, word in enumerate(aligned.words) if aligned.phones_of(word)]
    known = [number for number in said if number in spans]
    if len(known) < _LEAST_MATCHED * len(said):
        return JudgedTimes(aligned, f"{found_by}, as the server's words are not those of the text")
    differences = [spans[number][0] - aligned.words[number].start / aligned.rate_hz for number in known]
    shift = median(differences)
    scatter = median(abs(difference - shift) for difference in differences)
    furthest = max(abs(shift), scatter)
    if abs(shift) > _LARGEST_SHIFT_SECONDS or scatter > _LARGEST_SCATTER_SECONDS:
        return JudgedTimes(aligned, f"{found_by}, as the server's times lie {furthest * 1000:.0f} ms off the sound")
    return JudgedTimes(_moved(aligned, {number: spans[number] for number in known}), "the server, checked by alignment")


def _order_fault(captioned: Sequence[CaptionedWord], seconds: float) -> str:
    if any(left.start > right.start for left, right in pairwise(captioned)):
        return "are out of order"
    if any(word.start < 0 or word.end < word.start for word in captioned) or captioned[-1].start > seconds:
        return "lie outside the sound"
    return ""


def _matched(captioned: Sequence[CaptionedWord], words: Sequence[SpokenWord]) -> dict[int, tuple[float, float]]:
    """Start and end in seconds of each of our words whose first letter is one of the server's."""
    theirs = [(letter, number) for number, word in enumerate(captioned) for letter in _letters(word.text)]
    ours = [(letter, number) for number, word in enumerate(words) for letter in _letters(word.text)]
    matcher = SequenceMatcher(None, [letter for letter, _ in ours], [letter for letter, _ in theirs], autojunk=False)
    spans: dict[int, tuple[float, float]] = {}
    for block in matcher.get_matching_blocks():
        for place in range(block.size):
            number, word = ours[block.a + place][1], captioned[theirs[block.b + place][1]]
            is_first = block.a + place == 0 or ours[block.a + place - 1][1] != number
            if is_first or number in spans:
                start = spans.get(number, (word.start, 0.0))[0]
                spans[number] = (start, word.end)
    return spans


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _moved(aligned: SpeechTimes, spans: Mapping[int, tuple[float, float]]) -> SpeechTimes:
    """The alignment with its words moved to `spans`. Phonemes and words between move with their neighbours."""
    rate_hz, shortest = aligned.rate_hz, round(_SHORTEST_WORD_SECONDS * aligned.rate_hz)
    knots: list[tuple[int, int]] = [(0, 0)]
    for number, (start, end) in sorted(spans.items()):
        word = aligned.words[number]
        for place, seconds, least in ((word.start, start, 0), (word.end, end, shortest)):
            target = max(round(seconds * rate_hz), knots[-1][1] + (least or place - knots[-1][0] > 0))
            if place > knots[-1][0]:
                knots.append((place, target))
    knots = [knot for knot in knots if knot[1] < aligned.samples]
    knots.append((aligned.samples, aligned.samples))
    return with_moved_times(aligned, lambda sample: _interpolated(sample, knots), rate_hz, aligned.samples)


def _interpolated(sample: int, knots: Sequence[tuple[int, int]]) -> int:
    for (from_left, to_left), (from_right, to_right) in pairwise(knots):
        if sample <= from_right:
            share = (sample - from_left) / max(1, from_right - from_left)
            return round(to_left + share * (to_right - to_left))
    return knots[-1][1]
