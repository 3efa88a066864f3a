"""Plots the statistics of runs: the seconds of each stage, and the speed of each run.

matplotlib is imported only when a plot is drawn, because the import takes half a second. Does not belong here:
computing the figures (`studio/telemetry/run_statistics.py`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from video_assets.studio.telemetry.run_statistics import RunStatistics

_STAGES = {
    "lesson": "#999999",
    "script": "#cc79a7",
    "section_audio": "#0072b2",
    "section_image": "#009e73",
    "lip_synced_clip": "#e69f00",
    "final_video": "#d55e00",
}
"""The stages with colours that colour-blind readers can tell apart (Okabe and Ito)."""
_REST = "#e4e4e4"
_NAMED = 24
"""Up to this many runs are labelled with the names of their lessons."""
_NAME_CHARACTERS = 18


def draw_runs(runs: Sequence[RunStatistics], *, width_px: int = 1200, height_px: int = 720) -> bytes:
    """A PNG of `runs`, in the given order. The upper plot shows the seconds of each stage and between the stages, the
    lower plot the speed.

    Runs without a wall time (not started, not ended) are left out. If none is left, the picture says so.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ended = [run for run in runs if run.wall_seconds is not None]
    figure = Figure(figsize=(width_px / 100, height_px / 100), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _draw_stages(above, ended)
    _draw_speed(below, ended)
    _name_runs(below, ended)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _draw_stages(axes: Any, runs: Sequence[RunStatistics]) -> None:
    places = range(len(runs))
    # Stages may run in parallel, so their sum can exceed the time of the run.
    floor = [0.0] * len(runs)
    for stage, colour in _STAGES.items():
        found = [run.stage(stage) for run in runs]
        seconds = [(each.seconds or 0.0) if each else 0.0 for each in found]
        if any(seconds):
            axes.bar(places, seconds, 0.8, bottom=floor, color=colour, label=stage.replace("_", " "))
        floor = [low + more for low, more in zip(floor, seconds, strict=True)]
    rest = [_rest_seconds(run) for run in runs]
    if any(rest):
        axes.bar(places, rest, 0.8, bottom=floor, color=_REST, label="between stages")
    axes.set_ylabel("seconds")
    axes.set_title("What each stage took" if runs else "No run has ended yet")
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if runs:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, reverse=True)


def _rest_seconds(run: RunStatistics) -> float:
    busy = run.busy_seconds
    return 0.0 if busy is None or run.wall_seconds is None else max(0.0, run.wall_seconds - busy)


def _draw_speed(axes: Any, runs: Sequence[RunStatistics]) -> None:
    for outcome, colour, filled in (("made", "#0072b2", "#0072b2"), ("unchanged", "#0072b2", "none")):
        points = [
            (place, run.speed) for place, run in enumerate(runs) if run.speed is not None and run.outcome == outcome
        ]
        if points:
            places, speeds = zip(*points, strict=True)
            label = "film made" if outcome == "made" else "nothing to make"
            axes.scatter(places, speeds, s=28, facecolors=filled, edgecolors=colour, label=label, zorder=3)
    failed = [place for place, run in enumerate(runs) if run.outcome == "failed"]
    if failed:
        axes.scatter(failed, [0.0] * len(failed), s=36, marker="x", color="#b00020", label="failed", zorder=4)
    axes.axhline(1.0, color="#555555", linewidth=1, linestyle="--", label="real time")
    axes.set_ylim(bottom=-0.1)
    axes.set_ylabel("seconds of film\nper second")
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _name_runs(axes: Any, runs: Sequence[RunStatistics]) -> None:
    if len(runs) > _NAMED:
        axes.set_xlabel(f"{len(runs)} runs, the oldest first")
        return
    names = [
        run.lesson if len(run.lesson) <= _NAME_CHARACTERS else run.lesson[: _NAME_CHARACTERS - 1] + "…" for run in runs
    ]
    turned = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if len(runs) > 6 else {}
    axes.set_xticks(range(len(runs)), names, **turned)
    if len(runs) == 1:
        axes.set_xlim(-1.5, 1.5)
