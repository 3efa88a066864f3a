"""The sound of the film: the sections' sounds placed on the timeline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.timeline import Timeline


def mix_audio(timeline: Timeline, sounds: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The sound of the film before levelling: each section's sound at its first sample, and silence elsewhere.

    `sounds` holds mono float32 samples at the rate of the timeline, by section id. The result has `timeline.samples`.
    """
    film = np.zeros(timeline.samples, np.float32)
    for placed, section in timeline.sections():
        sound = sounds[section.id]
        start = placed.speech_start_sample
        film[start : start + len(sound)] = sound
    return film
