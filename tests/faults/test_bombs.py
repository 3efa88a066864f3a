"""Answers that are small on the wire and huge inside, or huge altogether: refused while they are read, none kept.

All are asked for by one child process whose memory the kernel bounds, from a server that sends them.
"""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import threading
import wave
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest
from PIL import Image

from tests.services import FILE, USUAL
from video_assets.studio.media.sound import encode_flac

REPOSITORY = Path(__file__).parents[2]
SENT_BYTES = 63_000_000
MOST_BYTES = 300_000_000

BUYER = """
import json, resource, sys, time
from pathlib import Path
from resources.catalogue import ConfiguredProviders, speech_providers
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import InvalidResponse
from video_assets.studio.pictures.illustration import IllustrationRequest
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.speech.provider import SpeechRequest
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.writing.provider import Brief, OutlineText, outline_request
root, most = Path(sys.argv[1]), int(sys.argv[2])
known = ConfiguredProviders(root / "providers")
espeak = speech_providers()["espeak"]
words = tuple(SpokenWord(text=word, token=number) for number, word in enumerate("Every cloud is water.".split()))
espeak.speak(SpeechRequest(pieces=words, language="en", voice=espeak.voices()[0].id))
voices, painters, writers = known.speech(espeak), known.illustrators(), known.writers()
def status(name):
    return int(Path("/proc/self/status").read_text().split(name + ":")[1].split()[0]) // 1024
print(json.dumps(["", f"before: {status('VmData')} MB may be written", status("VmHWM"), 0]), flush=True)
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
for name in sorted(voices):
    store = LocalStore(root / "store")
    call_context = CallContext(CallServices(root / "calls"), LocalSlots({}), store)
    asked = {
        "sound": lambda: voices[name].speak(SpeechRequest(pieces=words, language="en", voice="alloy"), call_context),
        "picture": lambda: painters[name].illustrate(
            IllustrationRequest(description="A cloud.", style="", width_px=600, height_px=600), call_context
        ),
        "text": lambda: writers[name].write(outline_request(Brief(notes="clouds")), OutlineText, call_context),
    }[name.partition("-")[0]]
    began = time.monotonic()
    try:
        asked()
        told = "taken"
    except InvalidResponse as error:
        told = error.message
    except BaseException as error:
        told = repr(error)
    print(json.dumps([name, told, status("VmHWM"), round(time.monotonic() - began, 2)]), flush=True)
"""


class Bomb(NamedTuple):
    """What is sent: a beginning, a middle so often, an end."""

    kind: str
    begin: bytes
    middle: bytes = b""
    times: int = 0
    end: bytes = b""

    @property
    def length(self) -> int:
        """In bytes."""
        return len(self.begin) + len(self.middle) * self.times + len(self.end)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(pixels: bytes, *, extra: bytes = b"") -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1024, 1024, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _painted(picture: bytes) -> Bomb:
    import base64

    return Bomb("application/json", json.dumps({"data": [{"b64_json": base64.b64encode(picture).decode()}]}).encode())


def _zeros(megabytes: int) -> bytes:
    packing = zlib.compressobj(1)
    return b"".join(packing.compress(bytes(1_000_000)) for _ in range(megabytes)) + packing.flush()


def _overlapping_exif(size: int) -> bytes:
    """Tags that all hold the same bytes."""
    tags = 5000
    held = size - 14 - tags * 12
    listed = b"".join(struct.pack("<HHII", 300 + n, 7, held, 14 + tags * 12) for n in range(tags))
    return b"II*\0" + struct.pack("<IH", 8, tags) + listed + bytes(4 + held)


def _jpeg(segments: bytes = b"", scans: int = 0) -> bytes:
    out = io.BytesIO()
    shades = np.random.default_rng(1).integers(0, 255, (128, 128, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    Image.fromarray(shades).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:2] + segments + data[2:-2] + last * scans + b"\xff\xd9"


def _wav(seconds: int, rate_hz: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(rate_hz)
        out.writeframes(b"\x80" * (seconds * rate_hz))
    return file.getvalue()


def _mp3_second() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=24000, layout="mono")
        stream.bit_rate = 8000
        silence = np.zeros((1, 24000), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 24000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def bombs() -> Iterator[tuple[str, Bomb]]:
    """Every bomb, by the kind of call that it answers."""
    inflated = _zeros(400)
    yield "picture-idat", _painted(_png(inflated))
    yield "picture-text", _painted(_png(_zeros(4), extra=_chunk(b"zTXt", b"a\0\0" + inflated)))
    yield "picture-profile", _painted(_png(_zeros(4), extra=_chunk(b"iCCP", b"a\0\0" + inflated)))
    yield "picture-parts", _painted(_png(_zeros(4), extra=_chunk(b"teSt", b"") * 3_000_000))
    yield "picture-exif", _painted(_png(_zeros(4), extra=_chunk(b"eXIf", _overlapping_exif(4_000_000))))
    yield (
        "picture-canvas",
        _painted(b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 2) + b"\xfe\x3f\0" * 2),
    )
    yield "picture-segments", _painted(_jpeg(segments=b"\xff\xfe\x00\x02" * 8_000_000))
    yield "picture-scans", _painted(_jpeg(scans=2000))
    before, behind = b'{"data":[{"b64_json":"', b'"}]}'
    yield "picture-base64", Bomb("application/json", before, b"A" * 1024, SENT_BYTES // 1024, behind)
    filler = {"nesting": b"[", "digits": b"7", "objects": b"{},", "strings": b'"ab",', "escapes": b"\\u0041"}
    for name, middle in filler.items():
        begin = b'{"data":["' if name == "escapes" else b'{"data":['
        many = middle * 3000
        yield f"picture-{name}", Bomb("application/json", begin, many, SENT_BYTES // len(many), b'"]}')
        yield f"text-{name}", Bomb("application/json", begin, many, SENT_BYTES // len(many), b'"]}')
    yield "sound-wav", Bomb("audio/wav", _wav(2 * 3600, 6000))
    yield "sound-rate", Bomb("audio/wav", _wav(1_000_000, 1))
    yield "sound-flac", Bomb("audio/flac", encode_flac(np.zeros(3600 * 8000, np.float32), 8000))
    second = _mp3_second()
    yield "sound-mp3", Bomb("audio/mpeg", second, second, 40_000_000 // len(second))
    yield "sound-endless", Bomb("audio/wav", b"RIFF", bytes(1_000_000), 200)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    sent: dict[str, Bomb]


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]  # narrower: this handler has one server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        bomb = self.server.sent[self.path.split("/")[1]]
        self.send_response(200)
        self.send_header("Content-Type", bomb.kind)
        self.send_header("Content-Length", str(bomb.length))
        self.end_headers()
        try:
            for part in (bomb.begin, *[bomb.middle] * bomb.times, bomb.end):
                self.wfile.write(part)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Be quiet."""


@pytest.fixture
def served() -> Iterator[tuple[str, dict[str, Bomb]]]:
    """A server of bombs: its address, and what it sends below which path."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.sent = dict(bombs())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", server.sent
    server.shutdown()
    server.server_close()


def test_no_answer_takes_more_memory_than_it_may(tmp_path: Path, served: tuple[str, dict[str, Bomb]]) -> None:
    """One answer of a broken provider would take the machine's memory, and every other lesson with it."""
    address, sent = served
    (tmp_path / "providers").mkdir()
    usual = {**USUAL, "tries": 1, "timeout_seconds": 60}
    for name in sent:
        text = FILE.format(**{**usual, "url": f"{address}/{name}/v1"})
        (tmp_path / "providers" / f"{name}.toml").write_text(text)
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    arguments = [sys.executable, "-c", BUYER, str(tmp_path), str(MOST_BYTES)]
    ended = subprocess.run(arguments, capture_output=True, text=True, cwd=REPOSITORY, env=environ, check=False)
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    sys.stdout.write("\n".join(map(str, told)))  # pytest -s shows memory and time of each
    assert [name for name, *_ in told] == ["", *sorted(sent)], ended.stderr
    taken = [(name, said) for name, said, *_ in told[1:] if f"{name} answered with" not in said]
    assert taken == []
    assert [path for path in (tmp_path / "store" / "objects").rglob("*") if path.is_file()] == [], "none is kept"
