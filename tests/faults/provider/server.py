"""The HTTP server: OpenAI's endpoints, limits, latencies, and every fault as it happens on a real wire."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self

from . import answers
from .faults import FAULTS, PICTURES, SPEECH, TEXT, Faults, scripted
from .ledger import Entry, Ledger

_KINDS = {
    "/v1/chat/completions": TEXT,
    "/v1/responses": TEXT,
    "/v1/audio/speech": SPEECH,
    "/v1/images/generations": PICTURES,
    "/dev/captioned_speech": SPEECH,
}
HTML = b"<!doctype html><html><body><h1>We will be right back</h1></body></html>"


class Reply(NamedTuple):
    """What is sent back."""

    status: int
    body: bytes
    type: str = "application/json"
    headers: Mapping[str, str] = {}
    usable: bool = True


def failure(status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An error as OpenAI writes it."""
    error = {"message": message, "type": "error", "code": code, "param": None}
    return Reply(status, json.dumps({"error": error}).encode(), headers=headers or {}, usable=False)


class Provider:
    """The server, from entering to leaving the context. `faults` may be replaced while it runs."""

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        latency: Mapping[str, float] | None = None,
        keys: Collection[str] = (),
        requests_per_minute: int = 0,
        quota: int = 0,
        retry_after_seconds: float = 1.0,
        job_seconds: float = 0.2,
        part_sections: int = 10,
        narration_sentences: int = 5,
        path: Path | None = None,
        port: int = 0,
        look_faults: Faults | None = None,
        replies: Sequence[Reply] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.faults = faults or scripted()
        self.look_faults = look_faults or scripted()
        """Of questions about jobs, which cost nothing."""
        self.replies = deque(replies)
        """Sent in this order in place of what would be answered, as other servers answer."""
        self.files = dict(files or {})
        """What is found below `/files/`, by name."""
        self.fetched: list[Mapping[str, str]] = []
        """The headers of each request for a file."""
        self.latency = dict(latency or {})
        """Seconds by kind: text, speech, pictures."""
        self.keys = frozenset(keys)
        """Those that are let in; all, if empty."""
        self.requests_per_minute = requests_per_minute
        """Of each key, in any 60 s; 0: unbounded."""
        self.quota = quota
        """Answers of each key; 0: unbounded."""
        self.retry_after_seconds = retry_after_seconds
        self.job_seconds = job_seconds
        """How long a background job takes."""
        self.text_sizes = answers.TextSizes(part_sections, narration_sentences)
        self.ledger = Ledger(path)
        self.asked: list[dict[str, Any]] = []
        """Every request's body, as it came."""
        self.elsewhere = 0
        """Requests that followed a redirect: prompts sent to a stranger."""
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._lock = threading.Lock()
        self._in_flight = 0
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._answered: dict[str, int] = defaultdict(int)
        self.jobs: dict[str, tuple[float, bytes]] = {}
        self.leaving = threading.Event()

    @property
    def url(self) -> str:
        """The base URL that clients are given."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leaving.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        with self._lock:
            return self._in_flight

    def arrive(self) -> int:
        """Count a request in; how many are under way."""
        with self._lock:
            self._in_flight += 1
            return self._in_flight

    def permit(self) -> None:
        """Count it out."""
        with self._lock:
            self._in_flight -= 1

    def refused(self, key: str) -> Reply | None:
        """What a key gets that may not ask now; None if it may."""
        if self.keys and key not in self.keys:
            return failure(401, f"Incorrect API key provided: {key}.", "invalid_api_key")
        with self._lock:
            if self.quota and self._answered[key] >= self.quota:
                return failure(429, "You exceeded your current quota.", "insufficient_quota")
            wait = self._wait_of(key)
            self._answered[key] += not wait
        if wait:
            return failure(429, "Rate limit reached.", "rate_limit_exceeded", {"Retry-After": str(-int(-wait // 1))})
        return None

    def _wait_of(self, key: str) -> float:
        now, asked = time.monotonic(), self._asked[key]
        while asked and asked[0] <= now - 60:
            asked.popleft()
        if self.requests_per_minute and len(asked) >= self.requests_per_minute:
            return asked[0] + 60 - now
        asked.append(now)
        return 0.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], provider: Provider) -> None:
        super().__init__(address, _Handler)
        self.provider = provider

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]  # narrower: this handler has one server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the base class's name
        """The ledger tells."""

    def do_GET(self) -> None:
        if self.path.endswith("/elsewhere"):
            self.server.provider.elsewhere += 1
        if self.path.removeprefix("/files/") in self.server.provider.files:
            self.server.provider.fetched.append(dict(self.headers))
            self._send(Reply(200, self.server.provider.files[self.path.removeprefix("/files/")], "image/png"))
        elif self.path == "/v1/models":
            self._send(Reply(200, json.dumps({"object": "list", "data": []}).encode()))
        elif self.path.startswith("/v1/responses/"):
            self._serve(TEXT, b"", self._job)
        else:
            self._send(failure(404, "Unknown path.", "not_found"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/elsewhere"):
            self.server.provider.elsewhere += 1
        kind = _KINDS.get(self.path)
        if kind is None:
            self._send(failure(404, "Unknown path.", "not_found"))
            return
        makers = {TEXT: self._text, SPEECH: self._speech, PICTURES: self._pictures}
        self._serve(kind, body, makers[kind])

    def _serve(self, kind: str, body: bytes, maker: Any) -> None:
        provider = self.server.provider
        arrived, in_flight = time.monotonic(), provider.arrive()
        self._leaving = provider.permit
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        digest = hashlib.sha256(self.path.encode() + body).hexdigest()[:16]
        billed, delivered, status, fault, told = False, False, 0, "", 0.0
        try:
            reply = provider.refused(key) if body else None
            if reply is None:
                fault = provider.faults(kind, digest) if body else provider.look_faults(kind, digest)
                billed = bool(body) and (not fault or FAULTS[fault].billed)
                reply = self._early(fault) or self._made(kind, body, maker, fault, digest)
            status = reply.status
            told = _seconds_told(reply)
            # What a client sees first must be in the ledger's order: the answer ends after it is counted out.
            delivered = self._delivered(reply, fault)
        finally:
            self._leave()
            endpoint = self.path.removeprefix("/v1/").split("?")[0]
            endpoint = "responses/job" if endpoint.startswith("responses/") else endpoint
            provider.ledger.add(
                Entry(
                    arrived, time.monotonic(), endpoint, hashlib.sha256(key.encode()).hexdigest()[:8], digest, fault,
                    billed, delivered and bool(body), status, in_flight, told,
                )
            )  # fmt: skip

    def _leave(self) -> None:
        """Count the request out, once."""
        leaving, self._leaving = self._leaving, lambda: None
        leaving()

    def _made(self, kind: str, body: bytes, maker: Any, fault: str, digest: str) -> Reply:
        self.server.provider.leaving.wait(self.server.provider.latency.get(kind, 0.0))
        try:
            asked = json.loads(body) if body else {}
        except ValueError:
            return failure(400, "We could not parse the JSON body.", "bad_request")
        if body:
            self.server.provider.asked.append(asked)
            if self.server.provider.replies:
                return self.server.provider.replies.popleft()
        return self._spoilt(maker(asked, fault, digest), fault)

    # What is answered

    def _text(self, asked: Mapping[str, Any], fault: str, digest: str) -> Reply:
        chat = self.path.endswith("completions")
        said = answers.said_in(asked["messages"] if chat else asked["input"])
        wanted = asked.get("response_format", {}).get("json_schema") or asked.get("text", {}).get("format") or {}
        sizes = self.server.provider.text_sizes
        text = json.dumps(answers.written(wanted.get("name", ""), wanted["schema"], said, sizes)) if wanted else "Good."
        text = text[: len(text) // 2] if fault == "cut-text" else text
        text = '{"something": "else"}' if fault == "other-schema" else text
        refusal = "I'm sorry, I cannot help with that." if fault == "refusal" else ""
        if chat:
            return Reply(200, answers.chat_answer(text, said, cut=fault == "cut-text", refusal=refusal))
        status = "incomplete" if fault == "cut-text" else "completed"
        if asked.get("background"):
            id_ = f"resp_{digest}_{len(self.server.provider.jobs)}"
            done = answers.response_answer(id_, text, said, status=status, refusal=refusal)
            self.server.provider.jobs[id_] = (time.monotonic() + self.server.provider.job_seconds, done)
            return Reply(200, answers.response_answer(id_, "", said, status="queued"))
        return Reply(200, answers.response_answer("resp_1", text, said, status=status, refusal=refusal))

    def _job(self, _asked: Mapping[str, Any], _fault: str, _digest: str) -> Reply:
        id_ = self.path.rsplit("/", 1)[1].split("?")[0]
        if id_ not in self.server.provider.jobs:
            return failure(404, "No such response.", "not_found")
        due, done = self.server.provider.jobs[id_]
        pending = answers.response_answer(id_, "", "", status="in_progress")
        return Reply(200, done if time.monotonic() >= due else pending)

    def _speech(self, asked: Mapping[str, Any], fault: str, digest: str) -> Reply:
        if self.path == "/dev/captioned_speech":
            return Reply(200, answers.captioned(asked, fault, digest))
        sound = answers.spoken(asked["input"], asked.get("voice", "alloy"), float(asked.get("speed") or 1))
        sound = answers.spoilt_sound(sound, fault, digest)
        data, kind = answers.sound_file(sound, asked.get("response_format", "mp3"), fault)
        return Reply(200, data, kind)

    def _pictures(self, asked: Mapping[str, Any], fault: str, digest: str) -> Reply:
        if fault == "refusal":
            return failure(400, "Your request was rejected by the safety system.", "moderation_blocked")
        size = asked.get("size", "1024x1024")
        width, height = map(int, ("1024x1024" if size == "auto" else size).split("x"))
        data = answers.spoilt_picture(
            answers.drawn(asked["prompt"], width, height, asked.get("output_format", "png")), fault, digest
        )
        usage = {"input_tokens": len(asked["prompt"]) // 4, "output_tokens": 1000, "total_tokens": 1000}
        answer = {"created": 0, "data": [{"b64_json": base64.b64encode(data).decode()}], "usage": usage}
        return Reply(200, json.dumps(answer).encode())

    # What goes wrong

    def _early(self, fault: str) -> Reply | None:
        """Faults of a provider that did no work."""
        after = self.server.provider.retry_after_seconds
        if fault == "429-date":
            # A date has whole seconds: rounded up, as a client that comes at that very second must be let in.
            due = email.utils.formatdate(int(time.time() + after) + 1, usegmt=True)
            return failure(429, "Rate limit reached.", "rate_limit_exceeded", {"Retry-After": due})
        replies = {
            "500": failure(500, "The server had an error.", "server_error"),
            "502-html": Reply(502, HTML, "text/html", usable=False),
            "503": failure(503, "Overloaded.", "overloaded"),
            "503-retry-after": failure(503, "Overloaded.", "overloaded", {"Retry-After": f"{after:g}"}),
            "429": failure(429, "Rate limit reached.", "rate_limit_exceeded", {"Retry-After": f"{after:g}"}),
            "quota": failure(429, "You exceeded your current quota.", "insufficient_quota"),
            "401": failure(401, "Incorrect API key provided.", "invalid_api_key"),
            "redirect": Reply(307, b"", headers={"Location": f"{self.server.provider.url}/elsewhere"}, usable=False),
            "secret-in-error": failure(
                400,
                f"Bad input at https://files.example/a?X-Signature=topsecretsignature, {self.headers['Authorization']}",
                "bad_request",
            ),
        }
        return replies.get(fault)

    def _spoilt(self, reply: Reply, fault: str) -> Reply:
        changed = {
            "html-200": {"body": HTML, "type": "text/html"},
            "empty-200": {"body": b""},
            "wrong-type": {"type": "text/plain", "body": b"ok"},
            "broken-json": {"body": reply.body[: len(reply.body) // 2]},
            "empty-object": {"body": b"{}"},
        }.get(fault, {})
        return reply._replace(**changed, usable=reply.usable and not fault)

    def _delivered(self, reply: Reply, fault: str) -> bool:
        """Send it, or what the fault leaves of it; whether it arrived whole and is of use."""
        try:
            if fault == "reset":
                self._reset()
            elif fault in {"hang", "drip-headers", "drip-body", "stall-at-99", "reset-in-body", "close-in-body"}:
                self._break_off(reply, fault)
            else:
                # Who has read the last byte may ask again before this thread is heard of: the work is over here.
                self._leave()
                self._send(reply)
                return reply.usable
        except OSError:
            self.close_connection = True
        return False

    def _break_off(self, reply: Reply, fault: str) -> None:
        self.close_connection = True
        if fault == "hang":
            self._idle(3600)
        elif fault == "drip-headers":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"a" * 3600)
        elif fault == "close-in-body":
            # Without a length: only the content can tell that it is not whole.
            self._head(reply, {"Connection": "close"}, length=False)
            self.wfile.write(reply.body[: len(reply.body) * 2 // 3])
        else:
            self._head(reply)
            self.wfile.write(reply.body[: len(reply.body) * 99 // 100 if fault == "stall-at-99" else 100])
            self.wfile.flush()
            if fault == "reset-in-body":
                self._reset()
            elif fault == "drip-body":
                self._drip(reply.body[100:])
            else:
                self._idle(3600)

    def _drip(self, data: bytes) -> None:
        for start in range(len(data)):
            self.wfile.write(data[start : start + 1])
            self.wfile.flush()
            if self.server.provider.leaving.wait(1.0):
                return

    def _idle(self, seconds: float) -> None:
        """Say nothing, until the client leaves or the server ends."""
        due = time.monotonic() + seconds
        self.connection.settimeout(0.1)
        while time.monotonic() < due and not self.server.provider.leaving.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    return

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def _head(self, reply: Reply, headers: Mapping[str, str] | None = None, *, length: bool = True) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.type, "X-Request-Id": "req_1", **reply.headers}.items():
            if value:
                self.send_header(name, value)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()

    def _send(self, reply: Reply) -> None:
        self._head(reply)
        self.wfile.write(reply.body)
        self.wfile.flush()


def _seconds_told(reply: Reply) -> float:
    told = reply.headers.get("Retry-After", "")
    if not told:
        return 0.0
    if told.replace(".", "").isdecimal():
        return float(told)
    return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - time.time())
