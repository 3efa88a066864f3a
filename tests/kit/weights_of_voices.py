"""Weights of voices that a user could add: the bundled ones, under another content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from resources.speech.hibari_voices import BUNDLED, HibariVoices, HibariWeights

_DOC_STRING = b"\x32\x05other"
"""A field of onnx.proto's ModelProto that changes the bytes of a model, and not what it computes."""


def with_a_user_voice(folder: Path) -> HibariVoices:
    """The bundled voice, and a second one in `folder`, whose content is known."""
    model = HibariVoices().model(BUNDLED) + _DOC_STRING
    weights = HibariWeights("other", "Other", "en-GB", "female", "other.onnx", hashlib.sha256(model).hexdigest())
    (folder / weights.file).write_bytes(model)
    return HibariVoices(folder, user_weights=(weights,))
