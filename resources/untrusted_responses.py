"""Untrusted HTTP responses of any provider: Retry-After, JSON of bounded size, and error texts without secrets.

Does not belong here: which errors are retryable (`openai_client.py`, `presenters/http_engine.py`).
"""

from __future__ import annotations

import base64
import email.utils
import json
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from video_assets.studio.core.errors import ProviderError

from .key_redaction import Keys

_MAX_RETRY_AFTER_SECONDS = 86_400.0
"""A longer Retry-After is cut to a day."""
_MAX_CHARACTERS = 300
MOST_JSON_VALUES = 100_000
"""In one response. An outline of a hundred sections has a thousand."""


def retry_after_seconds(headers: Mapping[str, str]) -> float:
    """The seconds of Retry-After (RFC 9110, 10.2.3: seconds or a date), at most a day; 0 if missing or unreadable."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return min(float(value), _MAX_RETRY_AFTER_SECONDS)
    try:
        due = email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    # By the server's own clock if it sends its date: the clocks may differ. A date has whole seconds.
    try:
        sent = email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        sent = time.time()
    return min(max(0.0, due - sent, due - time.time()) + 0.1, _MAX_RETRY_AFTER_SECONDS)


def redacted(text: str, keys: Keys) -> str:
    """`text` on one line, shortened, without `keys`, other tokens, and the parts of a URL other than its host."""
    text = " ".join(keys.redact(text).split())
    text = re.sub(r"(https?://)(?:[^\s/?#\"'@]*@)?([^\s/?#\"'@]+)[^\s\"']*", r"\1\2/…", text)
    text = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 …", text)
    text = re.sub(r"\b(sk|pk|key|org|proj)[-_][A-Za-z0-9_-]{6,}", "…", text)
    text = re.sub(r"(?i)(api[ _-]?key[^:=]{0,12}[:=]\s*)\S+", r"\1…", text)
    return text[:_MAX_CHARACTERS]


def parse_untrusted_json(body: bytes | bytearray) -> Any:
    """The JSON value in `body`. A bytearray is emptied, so that a large response is not held twice.

    Raises ValueError with the reason if it cannot be read; the message does not quote it.
    """
    size = len(body)
    # A value can take a hundred times the memory of its characters.
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_JSON_VALUES:
        raise ValueError(f"JSON of more than {MOST_JSON_VALUES} values")
    try:
        text = body.decode("utf-8")
        if isinstance(body, bytearray):
            body.clear()
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"JSON that cannot be read ({size} bytes)") from None


def decode_base64(text: str) -> bytes:
    """The bytes of a base64 text, with or without `data:…,` in front, line breaks, padding, or the alphabet of URLs.

    Raises ValueError if it is no base64, or empty, or too large to be copied for such a difference.
    """
    with suppress(ValueError):
        if data := base64.b64decode(text, validate=True):
            return data
    if len(text) > _MOST_COPIED_CHARACTERS:
        raise ValueError("base64 with other characters in it")
    if text.lstrip()[:5].casefold() == "data:":
        _, separator, text = text.partition(",")
        if not separator:
            raise ValueError("a data: URL without data")
    compact = "".join(text.split()).rstrip("=").translate(_FROM_URL_ALPHABET)
    if not compact:
        raise ValueError("no base64 at all")
    return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)


_MOST_COPIED_CHARACTERS = 24_000_000
"""18 MB of data, more than any picture or sound that is accepted. What follows the standard needs no copy."""
_FROM_URL_ALPHABET = str.maketrans("-_", "+/")


class ErrorInBody(NamedTuple):
    """The error that the body of a response holds."""

    message: str
    code: str
    """As the provider names it; "" if it names none."""
    status: int
    """The HTTP status that the error names; 200 if it names none."""


_STATUS_OF_CODE = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "overloaded": 503,
    "overloaded_error": 503,
    "server_error": 500,
    "api_error": 500,
    "internal_server_error": 500,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "model_not_found": 404,
    "invalid_request_error": 400,
}


def error_in(body: object) -> ErrorInBody | None:
    """The error in the JSON value `body` of a response; None if it holds none.

    Servers send it as `error` (an object or a text), `detail` (FastAPI), or as a bare `message` beside a `code`; some
    inside the first of `choices`.
    """
    if not isinstance(body, Mapping):
        return None
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if isinstance(first, Mapping) and first.get("error"):
        return _error_of(first["error"])
    for name in ("error", "errors", "detail"):
        if body.get(name):
            return _error_of(body[name])
    bare = set(body) & {"message", "msg"} and set(body) & {"code", "status", "status_code", "type"}
    return _error_of(body) if bare and not set(body) & _RESULTS else None


_RESULTS = frozenset({"choices", "data", "output", "audio", "content"})
"""The keys under which results stand."""


def _error_of(error: object) -> ErrorInBody | None:
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, str):
        return ErrorInBody(error, "", 200)
    if not isinstance(error, Mapping):
        return None
    texts = [error.get(name) for name in ("message", "msg", "detail", "error", "description")]
    message = next((text for text in texts if isinstance(text, str) and text.strip()), "no reason given")
    names = [error.get(name) for name in ("code", "status", "status_code", "type")]
    code = next((str(name) for name in names if isinstance(name, str | int) and str(name).strip()), "")
    return ErrorInBody(message, code, next(filter(None, map(_status_of, names)), 200))


def _status_of(name: object) -> int:
    """The HTTP status that an error's code or type stands for; 0 if none."""
    text = str(name).strip().casefold()
    if re.fullmatch(r"[45]\d\d", text):
        return int(text)
    return _STATUS_OF_CODE.get(text, 0)


def without_secrets(error: BaseException, keys: Keys) -> ProviderError:
    """The cause of an error, safe to keep: the client's own exceptions hold requests, and texts with keys."""
    return ProviderError(f"{type(error).__name__}: {redacted(str(error), keys)}")
