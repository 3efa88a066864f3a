"""Untrusted HTTP responses of any provider: Retry-After, JSON of bounded size, and error texts without secrets.

Does not belong here: which errors are retryable (`openai_client.py`, `presenters/http_engine.py`).
"""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from typing import Any

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


def without_secrets(error: BaseException, keys: Keys) -> ProviderError:
    """The cause of an error, safe to keep: the client's own exceptions hold requests, and texts with keys."""
    return ProviderError(f"{type(error).__name__}: {redacted(str(error), keys)}")
