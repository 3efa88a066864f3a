"""Frozen values, their canonical JSON and the digest of it.

Belongs here: the base class of every value that crosses a step, a file or the store, and the one way such a
value becomes bytes. Does not belong here: any particular value, or reading and writing files.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """A value: immutable, hashable by content, refusing unknown fields so that a schema change is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


def canonical_json(value: Any) -> bytes:
    """`value` (a Frozen or plain JSON data) as UTF-8 JSON: sorted keys, no spaces, no NaN. Same value, same bytes."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def digest_of(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
