"""When the parts of a slide appear and are marked, from the words of the narration.

`cues_of` makes the cues. Does not belong here: drawing the states, or the times of the words in the sound.
"""

from __future__ import annotations

from .cues import cues_of
from .signals import SignalProblem, SignalReading, resolve_signals

__all__ = ["SignalProblem", "SignalReading", "cues_of", "resolve_signals"]
