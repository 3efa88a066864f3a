"""What the provider answers when nothing is wrong, and the same spoilt in a way that a client must notice.

Speech is the embedded voice's, so it is real; pictures are drawn from the prompt's digest; text fits the schema that
was asked for. The same request gives the same answer.
"""

from __future__ import annotations

import base64
import io
import json
import random
import re
import struct
import wave
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from resources.speech.espeak import EspeakSpeech
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.media.sound import encode_flac
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest

RATE_HZ = 22050
_VOICES = {
    "en": ("en-us+m7", "en-gb+f2"),
    "de": ("de+m7", "de+f2"),
    "fr": ("fr+m7", "fr+f2"),
    "es": ("es+m7", "es+f2"),
    "hi": ("hi+m7", "hi+f2"),
    "cmn": ("cmn+m7", "cmn+f2"),
}
_MARKS = {
    "de": {"der", "die", "das", "und", "ein", "eine", "nicht", "wir", "ist"},
    "fr": {"le", "la", "les", "une", "est", "nous", "pas", "des"},
    "es": {"el", "los", "una", "es", "por", "que", "para"},
}

# --- speech ------------------------------------------------------------------------------------------------------


@cache
def _espeak() -> EspeakSpeech:
    return EspeakSpeech()


def spoken(text: str, voice: str, speed: float) -> NDArray[np.float32]:
    """`text` said at `speed`, with a little silence at both ends, as services have."""
    sound = said(text, voice, speed).sound
    edge = np.zeros(_EDGE, np.float32)
    return np.concatenate([edge, sound, edge])


def said(text: str, voice: str, speed: float) -> RawSpeech:
    """`text` said at `speed`, with its times."""
    language = _language_of(text)
    chosen = _VOICES[language][sum(voice.encode()) % 2]
    words = tuple(SpokenWord(text=word, token=number) for number, word in enumerate(text.split()))
    request = SpeechRequest(pieces=words, language=language, voice=chosen, rate_percent=round(100 * speed))
    return _espeak().speak(request)


_EDGE = RATE_HZ * 12 // 100


def captioned(asked: Mapping[str, Any], fault: str, digest: str) -> bytes:
    """Speech with the times of its words, as Kokoro-FastAPI sends it: punctuation is a word of its own there."""
    text, voice, speed = asked["input"], asked.get("voice", "alloy"), float(asked.get("speed") or 1)
    sound = spoilt_sound(spoken(text, voice, speed), fault, digest)
    data, _ = sound_file(sound, asked.get("response_format", "wav"), fault)
    stamps: list[dict[str, Any]] = []
    for word, time in zip(text.split(), said(text, voice, speed).times.words, strict=True):
        start, end = (time.start + _EDGE) / RATE_HZ, (time.end + _EDGE) / RATE_HZ
        bare = word.rstrip(".,;:!?")
        stamps.append({"word": bare, "start_time": round(start, 3), "end_time": round(end, 3)})
        if bare != word:
            stamps.append({"word": word[len(bare) :], "start_time": round(end, 3), "end_time": round(end, 3)})
    shift = float(asked.get("shift_seconds") or 0)
    moved = [{**each, **{key: each[key] + shift for key in ("start_time", "end_time")}} for each in stamps]
    timestamps = None if asked.get("without_times") else moved
    answer = {"audio": base64.b64encode(data).decode(), "audio_format": "audio/wav", "timestamps": timestamps}
    return json.dumps(answer).encode()


def _language_of(text: str) -> str:
    for language, script in (("hi", "[\u0900-\u097f]"), ("cmn", "[\u4e00-\u9fff]")):
        if re.search(script, text):
            return language
    words = set(re.findall(r"\w+", text.lower()))
    counts = {language: len(words & marks) for language, marks in _MARKS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > 1 else "en"


def spoilt_sound(sound: NDArray[np.float32], fault: str, seed: str) -> NDArray[np.float32]:
    """The sound with the fault in its samples; as it is, if the fault is elsewhere."""
    chance = random.Random(seed)
    if fault == "cut-sound":
        return sound[: round(len(sound) * chance.uniform(0.25, 0.8))]
    if fault == "silent-sound":
        return np.zeros_like(sound)
    if fault == "runaway-sound":
        return np.concatenate([sound, sound[len(sound) // 2 :], sound[len(sound) // 2 :]])
    if fault == "noise-sound":
        noise = np.random.default_rng(7).standard_normal(len(sound))
        return (0.2 * noise).astype(np.float32)
    return sound


def sound_file(sound: NDArray[np.float32], kind: str, fault: str) -> tuple[bytes, str]:
    """The sound as a file of `kind` (wav, flac, pcm), and its media type."""
    if kind == "flac":
        return encode_flac(sound, RATE_HZ), "audio/flac"
    samples = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    if kind == "pcm":
        return samples, "audio/pcm"
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ * (2 if fault == "wrong-rate" else 1))
        out.writeframes(samples)
    data = file.getvalue()
    return (data[: len(data) * 3 // 5] if fault == "cut-sound-header" else data), "audio/wav"


# --- pictures ----------------------------------------------------------------------------------------------------


def drawn(prompt: str, width: int, height: int, kind: str = "png") -> bytes:
    """A calm picture of the asked size: a gradient and some shapes, by the prompt's digest."""
    chance = random.Random(digest_of(prompt.encode()))
    top, bottom = (np.array([chance.randint(30, 225) for _ in range(3)], float) for _ in range(2))
    shade = np.linspace(0, 1, height)[:, None, None]
    rows = np.broadcast_to(top * (1 - shade) + bottom * shade, (height, width, 3))
    picture = Image.fromarray(rows.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(9):
        x, y, r = chance.randint(0, width), chance.randint(0, height), chance.randint(height // 16, height // 4)
        colour = tuple(chance.randint(20, 235) for _ in range(3))
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((x - r, y - r, x + r, y + r), fill=colour)
    out = io.BytesIO()
    picture.save(out, {"jpeg": "JPEG", "webp": "WEBP"}.get(kind, "PNG"))
    return out.getvalue()


def spoilt_picture(data: bytes, fault: str, seed: str) -> bytes:
    """The picture's file with the fault in it; as it is, if the fault is elsewhere."""
    if fault == "cut-picture":
        return data[: round(len(data) * random.Random(seed).uniform(0.2, 0.97))]
    if fault == "bomb-picture":
        return _png(20000, 20000, zlib.compress(bytes(60_000_000), 9))
    if fault == "tiny-picture":
        return drawn(seed, 1, 1)
    if fault == "blank-picture":
        out = io.BytesIO()
        Image.new("RGB", (1024, 1024), (40, 40, 40)).save(out, "PNG")
        return out.getvalue()
    return b"<html><body>Bad gateway</body></html>" if fault == "html-picture" else data


def _png(width: int, height: int, pixels: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# --- text --------------------------------------------------------------------------------------------------------

_SENTENCES = (
    "Let us look at {topic} step by step.",
    "What matters most about {topic} is that each part has one clear purpose.",
    "Think of a simple example: a friend explains {topic} to you at the kitchen table.",
    "First we name the parts, then we see how they work together.",
    "Notice how {topic} changes when one of its conditions changes.",
    "This is why people who use {topic} every day begin with a small sketch.",
    "A common mistake is to skip this step, and then nothing seems to fit.",
    "In the end, {topic} is easier than it looks at first.",
    "Ask yourself what would happen if this part were missing.",
    "With this idea in mind, the next step follows almost by itself.",
)


class TextSizes(NamedTuple):
    """How long written texts are: the sections of a part of an outline, and the sentences of a section's narration."""

    part_sections: int
    narration_sentences: int


def written(schema_name: str, schema: Mapping[str, Any], asked: str, sizes: TextSizes) -> dict[str, Any]:
    """Text that fits `schema`, about what was asked."""
    chance = random.Random(digest_of((schema_name + asked).encode()))
    count = re.search(r"Number of sections: (\d+)", asked)
    topic = re.search(r"^(?:Title|Topic|About|Notes): (.+)$", asked, re.MULTILINE)
    about = _Subject(
        topic[1].strip() if topic else "this idea", int(count[1]) if count else 4, sizes.narration_sentences
    )
    filled = _filled(schema, "", chance, about)
    assert isinstance(filled, dict)
    planned = filled.get("sections", [])
    for number in range(sizes.part_sections, len(planned), sizes.part_sections):
        planned[number]["opens_part"] = True
    return filled


class _Subject(NamedTuple):
    """What to write about, and how much: sections, and sentences of each narration."""

    topic: str
    sections: int
    sentences: int


def _filled(schema: Mapping[str, Any], name: str, chance: random.Random, about: _Subject) -> Any:
    kind = schema.get("type")
    if "enum" in schema:
        return schema["enum"][0]
    if name == "visual":
        return {key: value for key, value in _VISUAL.items() if key in schema["properties"]}
    if kind == "object":
        return {key: _filled(value, key, chance, about) for key, value in schema["properties"].items()}
    if kind == "array":
        several = about.sections if name == "sections" else 3
        return [_filled(schema["items"], f"{name} {number + 1}", chance, about) for number in range(several)]
    if kind == "boolean":
        return False
    if kind == "integer":
        return int(schema.get("minimum", 1))
    return _text(name, chance, about.topic, about.sentences)


_VISUAL: Mapping[str, Any] = {
    "kind": "picture",
    "items": [],
    "links": [],
    "centre": "",
    "x_label": "",
    "y_label": "",
    "unit": "",
}


def _text(name: str, chance: random.Random, topic: str, sentences: int) -> str:
    if name == "narration":
        return " ".join(sentence.format(topic=topic) for sentence in chance.sample(_SENTENCES, sentences))
    if name == "image_description":
        return f"A calm workbench with simple wooden shapes that stand for {topic}, seen from above, in soft light."
    if name == "title" or name.startswith("bullets"):
        return f"{topic[:30].strip().capitalize()}, {chance.choice(('a first look', 'step by step', 'in use'))}"
    if name == "about":
        return f"What {topic} is good for, with one example (aspect {chance.randint(2, 999)})."
    return f"{topic} in one sentence."


def chat_answer(text: str, asked: str, *, cut: bool, refusal: str = "") -> bytes:
    """A chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": None if refusal else text, "refusal": refusal or None}
    choice = {"index": 0, "finish_reason": "length" if cut else "stop", "message": message, "logprobs": None}
    usage = {"prompt_tokens": len(asked) // 4 + 1, "completion_tokens": len(text) // 4 + 1}
    usage["total_tokens"] = sum(usage.values())
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return json.dumps({**answer, "usage": usage}).encode()


def response_answer(id_: str, text: str, asked: str, *, status: str, refusal: str = "") -> bytes:
    """An answer of the Responses API."""
    part = {"type": "refusal", "refusal": refusal} if refusal else {"type": "output_text", "text": text}
    part |= {} if refusal else {"annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    usage = {"input_tokens": len(asked) // 4 + 1, "output_tokens": len(text) // 4 + 1}
    usage["total_tokens"] = sum(usage.values())
    answer: dict[str, Any] = {
        "id": id_,
        "object": "response",
        "created_at": 0,
        "status": status,
        "model": "m",
        "output": [message] if status in {"completed", "incomplete"} else [],
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "usage": usage if status == "completed" else None,
    }
    return json.dumps(answer).encode()


def said_in(messages: Sequence[Mapping[str, Any]] | str) -> str:
    """All text of a request."""
    if isinstance(messages, str):
        return messages
    return "\n".join(str(message.get("content", "")) for message in messages)
