"""Answers in the shapes that real servers give them, over real sockets: each is used, or ends with what to do."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.catalogue import ConfiguredProviders
from resources.provider_file import PicturesSection, read_provider
from resources.speech.espeak import EspeakSpeech
from resources.untrusted_responses import decode_base64, error_in
from resources.untrusted_urls import UrlRefused, fetch_untrusted
from resources.writing.found_json import find_json_object
from tests.faults.provider import Provider, Reply
from tests.faults.provider.answers import chat_answer, drawn, sound_file, spoken
from video_assets.studio.calls.attempt import Attempt
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.rate_limiter import Account
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import (
    ContentRefused,
    InvalidResponse,
    ProviderError,
    QuotaExhausted,
    Rejected,
    SettingInvalid,
    Unavailable,
    UnsuitedResponse,
)
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.pictures.illustration import DEFAULT_STYLE, IllustrationRequest
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.writing.provider import SectionText, SpokenIn, WritingRequest

SAID = "Grass is green, because its leaves hold chlorophyll. It takes red and blue light, and gives the green back."
SECTION = {"title": "Grass", "narration": SAID, "bullets": [], "image_description": "A green field."}
PICTURE = IllustrationRequest(description="A lamp.", style=DEFAULT_STYLE, width_px=800, height_px=800)
TEXT = WritingRequest("lesson_section", "Write.", "About grass.", {"type": "object", "properties": {}}, {"n": 1})


class Customer:
    """An author's providers, and the calls that are made to them."""

    def __init__(
        self, root: Path, described: Callable[..., ConfiguredProviders], provider: Provider, **file: str
    ) -> None:
        self.services = CallServices(root / "calls")
        self.context = CallContext(self.services, LocalSlots({}), LocalStore(root / "store"))
        self.provider = provider
        self.configured = described(provider, **file)

    def paint(self) -> bytes:
        """A picture."""
        return self.configured.illustrators()["trial"].illustrate(PICTURE, self.context)

    def write(self, request: WritingRequest = TEXT) -> SectionText:
        """A section's text."""
        return self.configured.writers()["trial"].write(request, SectionText, self.context)

    def speak(self, text: str = SAID) -> RawSpeech:
        """The speech of a text."""
        words = tuple(SpokenWord(text=word, token=number) for number, word in enumerate(text.split()))
        request = SpeechRequest(pieces=words, language="en", voice="alloy")
        return self.configured.speech(EspeakSpeech())["trial"].speak(request, self.context)

    @property
    def outcomes(self) -> list[str]:
        """What came of each call, by the ledger."""
        return [each.outcome for each in self.services.ledger.purchases()]


@pytest.fixture
def customer(
    tmp_path: Path, described: Callable[..., ConfiguredProviders], provide: Callable[..., Provider]
) -> Callable[..., Customer]:
    """Makes a customer of a server that gives these replies, then its usual ones."""

    def made(*replies: Reply, files: dict[str, bytes] | None = None, **file: str) -> Customer:
        return Customer(tmp_path, described, provide(replies=replies, files=files), **file)

    return made


def chat(content: object) -> Reply:
    """A chat completion with this content."""
    message = {"role": "assistant", "content": content}
    return Reply(200, json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode())


def pictured(**first: str) -> Reply:
    """An answer with one picture."""
    return Reply(200, json.dumps({"created": 0, "data": [first]}).encode())


# --- speech ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["", "binary/octet-stream", "text/plain", "application/json", "video/mp4", "audio/wav"]
)
def test_the_bytes_of_a_sound_decide_and_not_its_media_type(customer: Callable[..., Customer], kind: str) -> None:
    """A server without a media type, or with an odd one, would be asked eight times and never heard."""
    data, _ = sound_file(spoken(SAID, "alloy", 1), "wav", "")
    at = customer(Reply(200, data, kind))
    assert len(at.speak().times.words) == len(SAID.split())
    assert at.outcomes == ["done"]


def test_the_times_of_a_server_are_used_when_they_fit_the_sound(customer: Callable[..., Customer]) -> None:
    """Captions would be no more exact with a server that knows when each word is said than without."""
    at = customer(speech_more='times = "kokoro"\nextra = { lang_code = "a" }')
    speech = at.speak()
    assert speech.facts["times_by"] == "the server, checked by alignment"
    assert at.provider.asked[0]["return_timestamps"] is True
    assert at.provider.asked[0]["lang_code"] == "a"
    assert len(speech.times.words) == len(SAID.split())
    starts = [word.start for word in speech.times.words]
    assert starts == sorted(set(starts))
    assert all(speech.times.phones_of(word) for word in speech.times.words)


@pytest.mark.parametrize(
    ("more", "why"), [("shift_seconds = 0.3", "off the sound"), ("without_times = true", "no times")]
)
def test_times_that_do_not_fit_are_replaced_and_that_is_said(
    customer: Callable[..., Customer], more: str, why: str
) -> None:
    """Captions would stand beside the voice for a whole film, and nothing would tell anybody."""
    speech = customer(speech_more=f'times = "kokoro"\nextra = {{ {more} }}').speak()
    assert why in speech.facts["times_by"]
    onset = np.flatnonzero(np.abs(speech.sound) > 0.02)[0]
    assert abs(speech.times.words[0].start - onset) < speech.times.rate_hz * 0.08


# --- pictures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("front", ["", "data:image/png;base64,", "DATA:image/png,", " data:;base64,\n"])
@pytest.mark.parametrize("key", ["b64_json", "url"])
def test_a_picture_is_taken_with_what_stands_before_it(customer: Callable[..., Customer], front: str, key: str) -> None:
    """A server that writes data: before its pictures would be paid eight times for none."""
    if key == "url" and not front:
        pytest.skip("base64 alone is no address")
    encoded = base64.encodebytes(drawn("lamp", 1024, 1024)).decode()
    at = customer(pictured(**{key: front + encoded}))
    assert at.paint().startswith(b"\x89PNG")
    assert at.outcomes == ["done"]


@given(data=st.binary(min_size=1, max_size=300), wide=st.booleans(), bare=st.booleans(), url_safe=st.booleans())
def test_base64_is_read_however_it_is_written(data: bytes, wide: bool, bare: bool, url_safe: bool) -> None:
    """A picture would be lost to a line break or a missing sign at its end."""
    text = (base64.urlsafe_b64encode(data) if url_safe else base64.b64encode(data)).decode()
    text = text.rstrip("=") if bare else text
    text = "\n".join(text[at : at + 7] for at in range(0, len(text), 7)) if wide else text
    assert decode_base64(text) == data


def test_base64_is_asked_for_where_a_server_has_the_choice(customer: Callable[..., Customer]) -> None:
    """A server whose default is an address would answer each request with one."""
    at = customer(pictures_more="[pictures.extra]\nseed = 7")
    at.paint()
    assert at.provider.asked[0]["response_format"] == "b64_json"
    assert at.provider.asked[0]["seed"] == 7
    assert PicturesSection(model="gpt-image-2.5").requested_format == "", "OpenAI refuses the field"
    assert PicturesSection(model="gpt-image-2.5", response_format="url").requested_format == "url"


def test_a_picture_on_the_server_itself_is_fetched_without_the_key(customer: Callable[..., Customer]) -> None:
    """A server on one's own machine that only hands out addresses could not be used."""
    at = customer(files={"lamp.png": drawn("lamp", 1024, 1024)})
    at.provider.replies.append(pictured(url=f"{at.provider.url.removesuffix('/v1')}/files/lamp.png"))
    assert at.paint().startswith(b"\x89PNG")
    assert [set(map(str.lower, headers)) & {"authorization", "cookie"} for headers in at.provider.fetched] == [set()]


ELSEWHERE = (
    "http://127.0.0.1:1/img.png",
    "https://127.0.0.1/img.png",
    "https://localhost/img.png",
    "https://[::1]/img.png",
    "https://[::ffff:10.0.0.1]/img.png",
    "https://10.1.2.3/img.png",
    "https://169.254.169.254/latest/meta-data",
    "https://0x7f000001/img.png",
    "https://2130706433/img.png",
    "https://192.168.1.1:8443/img.png",
    "https://user:secret@example.com/img.png",
    "http://example.com/img.png",
    "file:///etc/hostname",
    "ftp://example.com/img.png",
    "gopher://127.0.0.1:6379/_INFO",
    "//127.0.0.1/img.png",
    "https://",
    "img.png",
)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_that_leads_elsewhere_ends_it_at_once(customer: Callable[..., Customer], url: str) -> None:
    """A provider could make a school's server read its own network, or a teacher pay eight times for none."""
    at = customer(*[pictured(url=url)] * 3)
    with pytest.raises(UnsuitedResponse) as caught:
        at.paint()
    assert 'response_format = "b64_json"' in caught.value.remedy
    assert "secret" not in str(caught.value)
    assert len(at.provider.asked) == 1
    assert at.outcomes == ["unusable"], "it was billed"


def test_a_redirect_of_a_picture_is_not_followed(provide: Callable[..., Provider]) -> None:
    """An address that was checked would lead to one that was not."""
    provider = provide()
    attempt = Attempt("c", Account("main", 0), 10, "", lambda _: None, CallServices(Path("/nowhere")).stopped)
    root = provider.url.removesuffix("/v1")
    with pytest.raises(UrlRefused, match="404"):
        fetch_untrusted(f"{root}/files/none.png", provider.url, attempt, largest_bytes=1000)
    provider.files["large.png"] = bytes(5000)
    with pytest.raises(UrlRefused, match="larger"):
        fetch_untrusted(f"{root}/files/large.png", provider.url, attempt, largest_bytes=1000)


# --- texts -------------------------------------------------------------------------------------------------------

_PLAIN = json.dumps(SECTION)
WRAPPED = {
    "nothing": _PLAIN,
    "a fence": f"```json\n{_PLAIN}\n```",
    "a bare fence": f"```\n{_PLAIN}\n```",
    "a fence of tildes": f"~~~JSON\r\n{_PLAIN}\r\n~~~",
    "a fence that is not closed": f"```json\n{_PLAIN}",
    "a remark and a fence": f"Here is the JSON you asked for:\n\n```json\n{_PLAIN}\n```\nIs it long enough?",
    "remarks": f"Sure! {_PLAIN} I hope this helps.",
    "thoughts": f"<think>\nThe user wants {{JSON}}.\n</think>\n\n{_PLAIN}",
    "thoughts with an object": f'<think>Maybe {{"narration": "x"}}?</think>{_PLAIN}',
    "thoughts without a beginning": f"The user wants JSON.</think>\n{_PLAIN}",
    "thoughts and a fence": f"<thinking>hm ``` hm</thinking>\n```json\n{_PLAIN}\n```",
    "a mark of the byte order": f"\ufeff{_PLAIN}",
    "another encoding": json.dumps(_PLAIN),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_the_json_in_an_answer_is_taken(customer: Callable[..., Customer], name: str) -> None:
    """A small model that always writes a fence could not be used, and would be paid for eight times to find out."""
    at = customer(chat(WRAPPED[name]))
    assert at.write().narration == SAID
    assert at.outcomes == ["done"]


def test_a_content_in_parts_and_fields_that_are_missing_are_no_fault(customer: Callable[..., Customer]) -> None:
    """A server that does not follow a schema would be refused for a title that can be done without."""
    part = json.dumps({"narration": SAID})
    assert (
        customer(chat([{"type": "text", "text": part[:20]}, {"type": "text", "text": part[20:]}])).write().title == ""
    )


@given(
    before=st.text(max_size=60),
    behind=st.text(max_size=60),
    value=st.dictionaries(
        st.text(min_size=1, max_size=8), st.text(max_size=30) | st.integers(), min_size=1, max_size=4
    ),
    fence=st.sampled_from(("```json\n{}\n```", "```\n{}\n```", "<think>no</think>{}", "{}")),
)
def test_an_object_is_found_in_any_text(before: str, behind: str, value: dict[str, Any], fence: str) -> None:
    """A remark with odd signs in it would hide the answer that was paid for."""
    plain = before.translate({ord(sign): None for sign in "{}`~<>\"'"})
    ending = behind.translate({ord(sign): None for sign in "{}`~<>\"'"})
    found = find_json_object(plain + fence.replace("{}", json.dumps(value)) + ending)
    assert found is not None
    assert json.loads(found) == value


def test_the_second_answer_of_one_shape_ends_it(customer: Callable[..., Customer]) -> None:
    """A model that cannot write JSON would be paid for eight times."""
    at = customer(*[chat("```json\nno object\n```")] * 8)
    with pytest.raises(UnsuitedResponse, match="fence"):
        at.write()
    assert at.outcomes == ["unusable", "unusable"]


UNSAYABLE = (
    "Great question! 🚀 " + SAID,
    SAID + " Well done 🎉!",
    SAID + " In Chinese it is 光合作用.",
    SAID + " ☃☃ ඞ",
)
READ_ALOUD = TEXT._replace(spoken=SpokenIn("en"))


@pytest.mark.parametrize("narration", UNSAYABLE)
def test_what_cannot_be_spoken_is_asked_for_again_with_the_reason(
    customer: Callable[..., Customer], narration: str
) -> None:
    """A lesson would fail for ever over an emoji that its author did not write."""
    at = customer(chat(json.dumps({**SECTION, "narration": narration})), chat(_PLAIN))
    assert at.write(READ_ALOUD).narration == SAID
    assert at.outcomes == ["unusable", "done"]
    first, second = (json.dumps(asked, ensure_ascii=False) for asked in at.provider.asked)
    assert "could not be spoken" in second
    assert "could not be spoken" not in first
    assert at.write(READ_ALOUD).narration == SAID, "the good one is kept"


def test_an_author_is_told_what_to_do_when_it_stays_unspeakable(customer: Callable[..., Customer]) -> None:
    """An author would read of a character that is nowhere in the lesson file."""
    at = customer(*[chat(json.dumps({**SECTION, "narration": UNSAYABLE[0]}))] * 8)
    with pytest.raises(ProviderError) as caught:
        at.write(READ_ALOUD)
    assert "🚀" in str(caught.value)
    assert len(at.outcomes) <= 3


# --- errors ------------------------------------------------------------------------------------------------------

ERRORS: tuple[tuple[object, type[ProviderError]], ...] = (
    ({"error": {"message": "model overloaded, try later", "code": 503}}, Unavailable),
    ({"error": {"message": "model overloaded, try later", "type": "overloaded_error"}}, Unavailable),
    ({"error": "model overloaded, try later"}, InvalidResponse),
    ({"detail": "model overloaded, try later"}, InvalidResponse),
    ({"message": "model overloaded, try later", "code": "503"}, Unavailable),
    ({"choices": [{"finish_reason": "error", "error": {"message": "model overloaded, try later"}}]}, InvalidResponse),
    ({"error": {"message": "model overloaded, try later", "code": 400}}, Rejected),
    ({"error": {"message": "model overloaded, try later", "code": "insufficient_quota"}}, QuotaExhausted),
    ({"error": {"message": "model overloaded, try later", "code": "content_policy_violation"}}, ContentRefused),
    ({"error": [{"msg": "model overloaded, try later"}]}, InvalidResponse),
)


@pytest.mark.parametrize("work", ["paint", "write", "speak"])
@pytest.mark.parametrize(("body", "kind"), ERRORS)
def test_an_error_with_status_200_shows_its_message(
    customer: Callable[..., Customer], body: object, kind: type[ProviderError], work: str
) -> None:
    """An author would read "JSON without a message in it", while the server said what is wrong."""
    at = customer(Reply(200, json.dumps(body).encode()))
    at.provider.replies.extend([Reply(200, json.dumps(body).encode())] * 3)
    with pytest.raises(ProviderError, match="model overloaded, try later") as caught:
        customer_of = at.configured.client("trial")
        attempt = Attempt("c", Account("main", 0), 10, "", lambda _: None, at.services.stopped)
        send: dict[str, Callable[[Any], Any]] = {
            "paint": lambda api: api.images.with_streaming_response.generate(model="m", prompt="p"),
            "write": lambda api: api.chat.completions.with_streaming_response.create(model="m", messages=[]),
            "speak": lambda api: api.audio.speech.with_streaming_response.create(model="m", voice="v", input="i"),
        }
        read = customer_of.bytes if work == "speak" else customer_of.json
        read(attempt, send[work])
    assert type(caught.value) is kind


@pytest.mark.parametrize("body", [json.loads(chat_answer("{}", "", cut=False)), {"data": [], "error": None}, {}, [], 7])
def test_a_good_answer_holds_no_error(body: object) -> None:
    """A good answer that names its error as null would be refused."""
    assert error_in(body) is None


@pytest.mark.parametrize("section", ["writing", "speech", "pictures"])
def test_further_fields_are_sent_and_cannot_replace_ours(tmp_path: Path, section: str) -> None:
    """A field of the file would change the very text of a request, while its recipe names another."""
    needed = "\nvoices = [{ id = 'a' }]" if section == "speech" else ""
    path = tmp_path / "p.toml"
    path.write_text(f"[{section}]\nmodel = 'm'{needed}\n[{section}.extra]\nlang_code = 'a'\n")
    found = getattr(read_provider(path), section)
    assert found.extra == {"lang_code": "a"}
    assert found.extra_identity == {"extra": '{"lang_code":"a"}'}
    path.write_text(f"[{section}]\nmodel = 'm'{needed}\n[{section}.extra]\ninput = 'other'\n")
    with pytest.raises(SettingInvalid, match="input"):
        read_provider(path)
