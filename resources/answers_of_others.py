"""What answers over HTTP say beside what was asked: when to ask again, and why not; for people, without secrets.

Belongs here: reading that, whoever was asked. Does not belong here: what another try is worth (`openai_client.py`,
`presenters/http_engine.py`).
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

_LONGEST_TOLD_SECONDS = 86_400.0
"""A provider that asks for more is believed for a day."""
_MOST_CHARACTERS = 300
MOST_JSON_VALUES = 100_000
"""In one answer: an outline of a hundred sections has a thousand."""


def retry_after_seconds(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3: seconds or a date), a day at most; 0 if it asks for nothing
    readable.
    """
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", told):
        return min(float(told), _LONGEST_TOLD_SECONDS)
    try:
        due = email.utils.parsedate_to_datetime(told).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    # By the server's own clock where it tells it: the two may differ. A date has whole seconds.
    try:
        sent = email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        sent = time.time()
    return min(max(0.0, due - sent, due - time.time()) + 0.1, _LONGEST_TOLD_SECONDS)


def redacted(text: str, keys: Keys) -> str:
    """`text` on one line, shortened, without `keys`, tokens of others, and what an address holds beside its host."""
    text = " ".join(keys.redact(text).split())
    text = re.sub(r"(https?://)(?:[^\s/?#\"'@]*@)?([^\s/?#\"'@]+)[^\s\"']*", r"\1\2/…", text)
    text = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 …", text)
    text = re.sub(r"\b(sk|pk|key|org|proj)[-_][A-Za-z0-9_-]{6,}", "…", text)
    text = re.sub(r"(?i)(api[ _-]?key[^:=]{0,12}[:=]\s*)\S+", r"\1…", text)
    return text[:_MOST_CHARACTERS]


def read_json(body: bytes | bytearray) -> Any:
    """What `body` says as JSON; a bytearray is emptied, so that a large answer is not held twice.

    Raises ValueError that says why it cannot be read, without quoting it.
    """
    size = len(body)
    # A value can take a hundred times the memory of the characters that write it.
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
    """The cause, as far as it may be kept: the client's own errors hold requests, and texts with keys in them."""
    return ProviderError(f"{type(error).__name__}: {redacted(str(error), keys)}")
