"""What answers over HTTP say beside what was asked: when to ask again, and why not; for people, without secrets.

Belongs here: reading that, whoever was asked. Does not belong here: what another try is worth (`openai_client.py`,
`presenters/http_engine.py`).
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping

from video_assets.studio.errors import ProviderError


def told_seconds(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3: seconds or a date); 0 if it asks for nothing readable."""
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    try:
        due = email.utils.parsedate_to_datetime(told).timestamp()
    except ValueError:
        return 0.0
    # By the server's own clock where it tells it: the two may differ. A date has whole seconds.
    try:
        sent = email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        sent = time.time()
    return max(0.0, due - sent, due - time.time()) + 0.1


def redacted(text: str) -> str:
    """`text` on one line without keys, tokens and what stands behind the `?` of an address."""
    text = " ".join(text.split())
    text = re.sub(r"(https?://[^\s/?\"']+)[^\s\"']*", r"\1/…", text)
    text = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 …", text)
    text = re.sub(r"\b(sk|pk|key|org|proj)[-_][A-Za-z0-9_-]{6,}", "…", text)
    text = re.sub(r"(?i)(api[ _-]?key[^:=]{0,12}[:=]\s*)\S+", r"\1…", text)
    return text[:300]


def bare(error: BaseException) -> ProviderError:
    """The cause, as far as it may be kept: the client's own errors hold requests, and texts with keys in them."""
    return ProviderError(f"{type(error).__name__}: {redacted(str(error))}")
