"""The base class of values that are passed between steps or stored, their canonical JSON, and its digest.

Does not belong here: a particular value, or reading and writing files.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """An immutable value, hashable by content. Unknown fields are errors, so that a change of the schema is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


def canonical_json(value: Any) -> bytes:
    """`value` (a FrozenModel or plain JSON data) as UTF-8 JSON with sorted keys, without spaces and NaN.

    Equal values give equal bytes.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def digest_of(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
