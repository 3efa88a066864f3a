"""A lip-sync service for tests: the program's engine behind HTTP, well-behaved or not.

Only fixtures that a test asks for by name.
"""

from __future__ import annotations

import base64
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from email import policy
from email.parser import BytesParser
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import util
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parent / "contracts" / "programs" / "engine.py"


def _program() -> Any:
    spec = util.spec_from_file_location("engine_program", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class LipService:
    """A service that runs the program's engine: by form, by cog's predictions, at once or after a while."""

    def __init__(self) -> None:
        self.behaviour = ""
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        self._busy = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.answer(self, body)

            def do_GET(self) -> None:
                service.later(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
                """Be quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._video = b""
        self.polls = 0
        self.busy_looks = 0
        """So many looks at a job are answered as `busy_with` says."""
        self.busy_with: tuple[int, bytes, str] = (503, b"restarting", "text/plain")
        self.looks_until_done = 1
        self.video_at = "/video"
        self.forgets = False
        """What it has taken on it does not know any more."""

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: Any, body: bytes) -> None:  # noqa: C901  one branch per way to misbehave
        """Do the work, or misbehave."""
        cog = handler.path == "/predictions"
        fields = json.loads(body)["input"] if cog else _form(handler.headers["Content-Type"], body)
        self.asked.append((handler.path, fields, handler.headers.get("Authorization", "")))
        if self.behaviour == "busy, then good" and self._busy < 2:
            self._busy += 1
            return _send(handler, 503, b"loading the model", "text/plain")
        if self.behaviour == "wait a second" and self._busy < 1:
            self._busy += 1
            return _send(handler, 429, b"slow down", "text/plain", {"Retry-After": "1"})
        if self.behaviour in {"500", "401"}:
            return _send(handler, int(self.behaviour), b"it is broken", "text/plain")
        if self.behaviour == "page":
            return _send(handler, 200, b"<html>welcome</html>", "text/html")
        if self.behaviour == "hang":
            time.sleep(3)
        if self.behaviour == "reset":
            handler.connection.close()
            return None
        self._video = _made(fields["face"], fields["audio"], self.behaviour)
        if self.behaviour == "endless":
            return _send(handler, 200, b"0" * 3_000_000, "video/mp4")
        if cog and self.behaviour == "polled":
            return _send_json(handler, {"status": "processing", "urls": {"get": "/status"}})
        if cog and self.behaviour == "failed":
            return _send_json(handler, {"status": "failed", "error": "no face was found"})
        if cog:
            uri = "data:video/mp4;base64," + base64.b64encode(self._video).decode()
            return _send_json(handler, {"status": "succeeded", "output": uri})
        if self.behaviour == "polled":
            return _send_json(handler, {"status_url": "/status"})
        return _send(handler, 200, self._video, "video/mp4")

    def later(self, handler: Any) -> None:
        """How the work is, and what came of it."""
        self.polls += 1
        if self.forgets:
            self.forgets = False
            return _send(handler, 404, b"no such job", "text/plain")
        if self._busy < self.busy_looks:
            self._busy += 1
            return _send(handler, *self.busy_with)
        if handler.path == "/gone":
            return _send(handler, 404, b"no such file", "text/plain")
        if handler.path == "/video":
            return _send(handler, 200, self._video, "video/mp4")
        done = {"status": "succeeded", "output": [self.video_at]}
        told = done if self.polls > self.looks_until_done else {"status": "processing"}
        return _send_json(handler, {**told, "urls": {"get": "/status"}})


def _form(kind: str, body: bytes) -> dict[str, Any]:
    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in message.iter_parts()
    }


def _made(face: bytes | str, sound: bytes | str, behaviour: str) -> bytes:
    data = [base64.b64decode(each.partition(",")[2]) if isinstance(each, str) else each for each in (face, sound)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("face.png", "sound.wav", "out.mp4")]
        for path, each in zip(paths, data, strict=False):
            path.write_bytes(each)
        _program().video(*paths, Fraction(10), behaviour)
        return paths[2].read_bytes()


def _send(handler: Any, status: int, body: bytes, kind: str, more: Mapping[str, str] | None = None) -> None:
    handler.send_response(status)
    for name, value in (more or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _send_json(handler: Any, told: dict[str, Any]) -> None:
    _send(handler, 200, json.dumps(told).encode(), "application/json")


@pytest.fixture
def service() -> Iterator[LipService]:
    running = LipService()
    yield running
    running.close()
