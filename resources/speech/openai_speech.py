"""Voices of OpenAI and of servers that speak its API (`POST /audio/speech`), with times found by alignment.

A request has the plain text of a whole section, or of some sentences of it if the section is longer than the provider
accepts. Pauses are inserted afterwards, exactly; so is every pace that the provider does not follow. The response is
kept unchanged, so that neither a new pace nor a better alignment is paid for.

Does not belong here: alignment (`aligner.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from resources.openai_client import OpenAIClient
from resources.provider_file import SpeechSection as SpeechFile
from video_assets.studio.calls.attempt import Attempt, Response
from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest, get_or_call
from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.core.errors import MediaError, SpeechInvalid
from video_assets.studio.core.sentences import has_sentence_end
from video_assets.studio.lesson.script import SpokenWord, expected_seconds, spoken_text
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.provider import RawSpeech, SpeechProvider, SpeechRequest
from video_assets.studio.speech.silence import apply_pauses, concatenate, time_stretched
from video_assets.studio.speech.voices import Voice, choose_voice

from .aligner import Aligner
from .captioned import Captioned, captioned_speech, judge_times, read_captioned

if TYPE_CHECKING:
    import openai

    from video_assets.studio.media.sound import Sound

VERSION = "1"
"""Raised whenever the result made from a response changes."""
_GAP_MS = 350
_SLACK_SECONDS = 10.0
"""A response may last twice as long as a usual voice takes, plus this much for silence around few words."""
_SLOWEST_SPEED, _FASTEST_SPEED = 25, 400


class _Part(NamedTuple):
    """The words of one request."""

    words: tuple[SpokenWord, ...]
    speed_percent: int


class OpenAISpeech(SpeechProvider):
    """Speaks through one provider's `/audio/speech`. Safe to use from several threads."""

    def __init__(self, client: OpenAIClient, file: SpeechFile, aligner: Aligner) -> None:
        self.name = client.name
        self.instructible = file.instructions
        self.at_once = client.file.at_once
        self._client = client
        self._file = file
        self._aligner = aligner

    def identity(self, voice: str) -> dict[str, str]:
        """See SpeechProvider. The provider's address is not part of it, because it may change."""
        pace = "theirs" if self._file.speed else "ours"
        return {**self._response_identity(voice), "version": VERSION, "pace": pace, **self._aligner.identity()}

    def _response_identity(self, voice: str) -> dict[str, str]:
        named = {"provider": self.name, "model": self._file.model, "voice": voice, "format": self._file.format}
        times = {"times": self._file.times} if self._file.times else {}
        return {**named, **times, **self._file.extra_identity}

    def voices(self) -> tuple[Voice, ...]:
        """See SpeechProvider. The voices that the provider's file lists."""
        return self._file.voices_of(self.name)

    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:
        """See SpeechProvider."""
        choose_voice(self.voices(), request.voice, request.language)
        parts = tuple(_parts(request, self._file))
        spoken = [self._part(part, request, call_context) for part in parts]
        answers = " ".join(part.facts["answers"] for part in spoken)
        speech = concatenate(spoken, _GAP_MS)
        speech = speech._replace(facts={**speech.facts, "answers": answers})
        percents = [_pace(word, request) * 100 // part.speed_percent for part in parts for word in part.words]
        return apply_pauses(time_stretched(speech, percents), request.pieces)

    def paid_requests(self, request: SpeechRequest) -> tuple[PaidRequest, ...]:
        """See SpeechProvider."""
        return tuple(self._paid_request(spoken_text(part.words), part, request) for part in _parts(request, self._file))

    def _part(self, part: _Part, request: SpeechRequest, call_context: CallContext | None) -> RawSpeech:
        """The speech of one response, decoded and aligned, before any change of pace on our side."""
        plain = tuple(word.model_copy(update={"rate_percent": 100}) for word in part.words)
        plain_request = SpeechRequest(
            pieces=plain, language=request.language, voice=request.voice, rate_percent=part.speed_percent
        )
        paid_request = self._paid_request(spoken_text(part.words), part, request)
        aligned: dict[bytes, RawSpeech] = {}

        def validate(data: bytes) -> None:
            try:
                aligned[data] = self._align(data, plain_request, paid_request)
            except (MediaError, SpeechInvalid) as error:
                raise self._client.unusable(f"speech that cannot be used: {error.message.rstrip('.')}") from error

        response = get_or_call(
            paid_request, call_context, self._client.caller, lambda attempt: self._send(attempt, paid_request), validate
        )
        raw = aligned.get(response.data) or self._align(response.data, plain_request, paid_request)
        return raw._replace(facts={**raw.facts, "answers": response.id})

    def _paid_request(self, text: str, part: _Part, request: SpeechRequest) -> PaidRequest:
        parameters = {"input": text, "response_format": self._file.format}
        if part.speed_percent != 100:
            parameters["speed"] = f"{part.speed_percent / 100:g}"
        if instructions := self._instructions(part, request):
            parameters["instructions"] = instructions
        seconds = expected_seconds(part.words, part.speed_percent, language=request.language)
        max_cost = BilledUsage(
            characters=len(text),
            input_tokens=(len(text) + len(parameters.get("instructions", ""))) // 3 + 1,
            sound_milliseconds=int(seconds * 2000),
        )
        return PaidRequest(
            "speech", self._file.model, self.name, self._response_identity(request.voice), parameters, max_cost
        )

    def _instructions(self, part: _Part, request: SpeechRequest) -> str:
        if not self._file.instructions:
            return ""
        stressed = [word.text.strip(",.;:!?") for word in part.words if word.emphasis]
        stress = f"Stress these words a little: {', '.join(dict.fromkeys(stressed))}." if stressed else ""
        return " ".join(filter(None, (request.instructions.strip(), stress)))

    def _send(self, attempt: Attempt, paid_request: PaidRequest) -> Response[bytes]:
        from video_assets.studio.media.sound import decode_sound

        parameters: dict[str, Any] = dict(paid_request.request)
        if "speed" in parameters:
            parameters["speed"] = float(parameters["speed"])
        data, kind = self._client.bytes(attempt, lambda client: self._request(client, paid_request, parameters))
        try:
            answer = self._opened(data)
            sound, rate_hz = decode_sound(answer.sound, longest_seconds=_longest_seconds(paid_request))
        except MediaError as error:
            # The bytes decide what it is. The media type only says what the server took it for.
            if kind.startswith(("audio/", "application/octet-stream", "binary/")) and data:
                raise self._client.unusable(f"a sound that does not decode: {error.message.rstrip('.')}") from error
            raise self._client.unusable(f"{kind or 'nothing'} of {len(data)} bytes instead of a sound") from error
        self._client.check_no_key(answer.sound)
        return Response(
            data, paid_request.max_usage.model_copy(update={"sound_milliseconds": len(sound) * 1000 // rate_hz})
        )

    def _request(self, client: openai.OpenAI, paid_request: PaidRequest, parameters: dict[str, Any]) -> Any:
        named = {"model": self._file.model, "voice": paid_request.identity["voice"], **parameters}
        if self._file.times == "kokoro":
            return captioned_speech(client, self._client.file.url, {**named, **self._file.extra})
        return client.audio.speech.with_streaming_response.create(**named, extra_body=self._file.extra or None)

    def _opened(self, data: bytes) -> Captioned:
        """The sound in a response, and the words with times if the server gives them."""
        return read_captioned(data) if self._file.times == "kokoro" else Captioned(data, ())

    def _align(self, data: bytes, plain_request: SpeechRequest, paid_request: PaidRequest) -> RawSpeech:
        from video_assets.studio.media.sound import decode_sound

        answer = self._opened(data)
        sound, rate_hz = decode_sound(answer.sound, longest_seconds=_longest_seconds(paid_request))
        sound, rate_hz = _at_workable_rate(sound, rate_hz)
        times, found_by = self._aligner.times(sound, rate_hz, plain_request)
        if self._file.times:
            times, found_by = judge_times(answer.words, plain_request.words, times, found_by)
        raw = RawSpeech(sound, times, {"times_by": found_by})
        expected = expected_seconds(plain_request.pieces, plain_request.rate_percent, language=plain_request.language)
        check_speech(_without_edges(raw), plain_request, expected)
        return raw


def _longest_seconds(paid_request: PaidRequest) -> float:
    """The longest response that is decoded. Runaway speech is rejected well below."""
    return paid_request.max_usage.sound_milliseconds / 1000 + _SLACK_SECONDS


def _at_workable_rate(sound: Sound, rate_hz: int) -> tuple[Sound, int]:
    """Resampled to 24 kHz, which all parts of a section share. Speech services deliver little above 12 kHz."""
    from video_assets.studio.media.sound import resample

    return resample(sound, rate_hz, 24000), 24000


def _without_edges(raw: RawSpeech) -> RawSpeech:
    return apply_pauses(raw, ())


def _pace(word: SpokenWord, request: SpeechRequest) -> int:
    return request.rate_percent * word.rate_percent // 100


def _parts(request: SpeechRequest, file: SpeechFile) -> Iterator[_Part]:
    """The words of each request: as many whole sentences as the provider accepts."""
    sentences = list(_sentences(request.words))
    kept: list[SpokenWord] = []
    for sentence in sentences:
        if kept and len(spoken_text([*kept, *sentence])) > file.most_characters:
            yield _part_of(kept, request, file)
            kept = []
        kept += sentence
    if kept:
        yield _part_of(kept, request, file)


def _part_of(words: Sequence[SpokenWord], request: SpeechRequest, file: SpeechFile) -> _Part:
    paces = {_pace(word, request) for word in words}
    pace = paces.pop() if len(paces) == 1 else 100
    speed = min(max(pace, _SLOWEST_SPEED), _FASTEST_SPEED) if file.speed else 100
    return _Part(tuple(words), speed)


def _sentences(words: Sequence[SpokenWord]) -> Iterator[list[SpokenWord]]:
    sentence: list[SpokenWord] = []
    for word in words:
        sentence.append(word)
        if has_sentence_end(word.text):
            yield sentence
            sentence = []
    if sentence:
        yield sentence
