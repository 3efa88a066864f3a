"""Estimates the time of a render from the measured times of earlier renders on this machine.

Does not belong here: the arithmetic (`studio/telemetry/estimate.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import canonical_json
from video_assets.studio.explain.model import Explanation
from video_assets.studio.lesson.model import Lesson
from video_assets.studio.lesson.script import expected_seconds, write_section
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.telemetry.estimate import EVERYTHING, Estimate, Measured, Rates, estimate_film, updated
from video_assets.studio.telemetry.events import ProgressCounter


def known_rates(state: Path) -> Rates:
    """This machine's rates; the default rates before the first render."""
    try:
        return Rates.model_validate_json(_file(state).read_bytes())
    except (FileNotFoundError, ValidationError):
        return Rates()  # rates that an older version saved are not better than the defaults


def shares_to_make(explanation: Explanation) -> Mapping[str, float]:
    """The share (0 to 1) of each stage's parts that a run would make, according to `explain`."""
    shares = {}
    for stage in EVERYTHING:
        actions = [item.action for item in explanation.of(stage)]
        shares[stage] = sum(action in {"make", "fail"} for action in actions) / len(actions) if actions else 1.0
    return shares


def estimate_of(
    lesson: Lesson,
    pronunciations: Mapping[str, str],
    settings: Settings,
    rates: Rates,
    shares: Mapping[str, float] = EVERYTHING,
) -> Estimate:
    """The estimate for a render that makes `shares` of each stage. Raises ContentError as the script would."""
    seconds = []
    for section in lesson.sections:
        if not section.narration:
            seconds.append(_UNWRITTEN_SECTION_SECONDS)
            continue
        words = write_section(section, language=lesson.language, pronunciations=pronunciations)
        seconds.append(float(expected_seconds(words.speech, settings.rate_percent, language=lesson.language)))
    return estimate_film(seconds, settings, rates, shares)


_UNWRITTEN_SECTION_SECONDS = 30.0
"""The typical length of a section whose narration a provider will write."""


def learn(state: Path, counter: ProgressCounter, film_seconds: float, wall_seconds: float, settings: Settings) -> None:
    """Update the saved rates with the times of a finished render."""
    measured = Measured(
        film_seconds=film_seconds,
        sections=counter.made("section_audio") + counter.reused("section_audio"),
        wall_seconds=wall_seconds,
        stage_seconds=dict(counter.seconds),
        made={stage: counter.made(stage) for stage in counter.stages},
    )
    rates = updated(known_rates(state), measured, settings)
    atomic_write(_file(state), canonical_json(rates), filesystem=FileSystem())


def _file(state: Path) -> Path:
    return state / "rates.json"
