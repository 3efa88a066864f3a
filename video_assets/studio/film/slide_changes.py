"""When a slide changes to another state: from the words of the narration to frames of the clip.

A change begins a moment before its word, so that the eye has found the new part when the ear hears its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.settings import Motion
from video_assets.studio.lesson.script import SectionScript, SlideCue, SlideLook, Token
from video_assets.studio.media.compose import SlideChange
from video_assets.studio.pictures.states import StatePatch, with_patch
from video_assets.studio.pipeline.manifests import PictureEntry
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import Store
from video_assets.studio.timeline import ClipPlan, ceil_div, token_spans

ENTRANCE = Fraction(32, 100)
"""Seconds in which a part fades in."""
BEFORE_WORD = Fraction(12, 100)
"""Seconds between the start of an entrance and the start of its word."""
LEAST_APART = Fraction(40, 100)
"""Seconds between two changes at least. Changes that are closer become one."""
EARLIER = Fraction(16, 100)
"""Seconds by which a change may be brought forward to become one with the change before it."""
LATER = Fraction(28, 100)
"""Seconds by which a change may be put off to become one with the change after it."""


class TimedLook(NamedTuple):
    """A state of the slide, and the frame of the clip in which it begins to appear."""

    frame: int
    look: SlideLook


def entrance_frames(motion: Motion, rate: Fraction) -> int:
    """The number of frames in which a part fades in; 0 for an audience that asked for no motion."""
    return 0 if motion == "none" else int(ENTRANCE * rate)


def timed_looks(
    cues: Sequence[SlideCue], tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction
) -> tuple[TimedLook, ...]:
    """The states with their frames, in order. The first one begins with the clip. Empty without cues."""
    if not cues:
        return ()
    spans = token_spans(tokens, times)
    first, *later = (TimedLook(_frame(cue, spans, times, plan, rate), cue.look) for cue in cues)
    return tuple(_apart((first._replace(frame=0), *later), rate))


def _frame(cue: SlideCue, spans: Sequence[tuple[int, int]], times: SpeechTimes, plan: ClipPlan, rate: Fraction) -> int:
    if cue.token < 0:
        return 0
    seconds = Fraction(spans[cue.token][0], times.rate_hz) - BEFORE_WORD
    return max(0, plan.lead_frames + int(seconds * rate // 1))


def _apart(looks: Iterable[TimedLook], rate: Fraction) -> Iterator[TimedLook]:
    """The looks so far apart that each is complete before the next one begins. The first frame always has a look.

    Looks that are too close become one, the last of them. It begins at most EARLIER before its own moment and at most
    LATER after that of the first of them; a look that cannot join the one before it begins a little later.
    """
    earlier, later, apart = (ceil_div(seconds * rate, 1) for seconds in (EARLIER, LATER, LEAST_APART))
    waiting: TimedLook | None = None
    wanted = 0
    for look in looks:
        if waiting is None:
            waiting, wanted = look, look.frame
            continue
        joined = max(waiting.frame, look.frame - earlier)
        # The first state has no entrance, so it may be short.
        least = apart if waiting.frame else min(apart, earlier + 1)
        if look.frame - waiting.frame < least and joined - wanted <= (later if waiting.frame else 0):
            waiting = TimedLook(joined, look.look)
            continue
        yield waiting
        wanted = look.frame
        waiting = TimedLook(max(look.frame, waiting.frame + least), look.look)
    if waiting is not None:
        yield waiting


class TimedState(NamedTuple):
    """A state of the slide as a picture, and the frame of the clip in which it begins to appear."""

    frame: int
    patch: str
    """Object id of the patch on the whole slide."""
    x_px: int
    y_px: int


def slide_states(
    section: SectionScript, picture: PictureEntry, times: SpeechTimes, plan: ClipPlan, rate: Fraction
) -> tuple[TimedState, ...]:
    """The states of a section's slide in its clip; none if its picture has no states."""
    painted = {state.look: state for state in picture.states}
    if not painted:
        return ()
    return tuple(
        TimedState(timed.frame, painted[timed.look].patch.id, painted[timed.look].x_px, painted[timed.look].y_px)
        for timed in timed_looks(section.cues, section.tokens, times, plan, rate)
    )


def states_in_recipe(states: Sequence[TimedState], motion: Motion, rate: Fraction) -> dict[str, Any]:
    """The parameters of a clip's recipe for its states. A slide without states adds none."""
    if not states:
        return {}
    return {"states": [list(state) for state in states], "entrance_frames": entrance_frames(motion, rate)}


class StateSlides(NamedTuple):
    """The pictures of a slide's states, decoded when they are needed."""

    first: NDArray[np.uint8]
    later: tuple[tuple[int, Callable[[], NDArray[np.uint8]]], ...] = ()
    """The first frame of each later state, and its picture."""

    def changes(self, entrance: int) -> tuple[SlideChange, ...]:
        """The changes to the later states, each of which fades in over `entrance` frames."""
        return tuple(SlideChange(frame, entrance, picture) for frame, picture in self.later)

    def under(self, draw: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> StateSlides:
        """The same slides after `draw`."""
        later = ((frame, partial(_drawn, draw, picture)) for frame, picture in self.later)
        return StateSlides(draw(self.first), tuple(later))


def _drawn(
    draw: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], picture: Callable[[], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    return draw(picture())


def state_slides(whole: NDArray[np.uint8], states: Sequence[TimedState], store: Store) -> StateSlides:
    """The pictures of `states` on the slide `whole`. Without states it is `whole` from the first frame."""

    def picture(state: TimedState) -> NDArray[np.uint8]:
        return with_patch(whole, StatePatch(state.x_px, state.y_px, store.read(state.patch)))

    if not states:
        return StateSlides(whole)
    first, *later = states
    return StateSlides(picture(first), tuple((state.frame, partial(picture, state)) for state in later))
