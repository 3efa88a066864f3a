"""The benchmark lesson (bare format, ten sections, about five minutes of speech) made whole by the command: wall time
after the sound exists, what is made again, lips, captions, loudness; and its sections composed by MoviePy beside it.

Everything happens in a temporary root, with its own store and Dagster instance.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg

from resources.catalogue import presenter_providers
from video_assets.project_paths import ProjectPaths, prepare
from video_assets.studio.pictures.decode import decode_picture
from video_assets.studio.pipeline.manifests import ClipManifest, LessonManifest, Sources, read_sources
from video_assets.studio.pipeline.refs import manifest_of
from video_assets.studio.presenter.provider import PerformanceRequest
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import LocalStore

from .compose import Row, compare, report

LESSON = "mosfet"
_REPOSITORY = Path(__file__).resolve().parent.parent
_PR_SET_CHILD_SUBREAPER = 36
_COUNTED = ("section_audio", "section_image", "lip_synced_clip")


class Made(NamedTuple):
    """One run of the command."""

    wall_seconds: float
    cpu_seconds: float
    after_sound_seconds: float
    """Wall time from the end of `section_audio` to the end of the command."""
    stages: Mapping[str, float]
    counts: Mapping[str, int]
    """Sections made, by asset."""


def main(compared_sections: int = 2) -> None:
    """Print the tables."""
    _adopt_orphans()
    with _project_paths() as project_paths:
        first = _render(project_paths)
        film = json.loads((project_paths.videos / LESSON / "manifest.json").read_text())["film"]
        _print_first(first, float(film["seconds"]))
        _print_quality(project_paths)
        again = _render(project_paths)
        print(f"\nAgain, unchanged: {_counted(again)}; {again.wall_seconds:.1f} s wall, {again.cpu_seconds:.1f} CPU s")
        _change_one_word(project_paths)
        changed = _render(project_paths)
        print(f"One word changed: {_counted(changed)}; {changed.wall_seconds:.1f} s wall")
        _compare(project_paths, compared_sections)


@contextmanager
def _project_paths() -> Iterator[ProjectPaths]:
    """A root of its own, with the project's fonts, presenters and the benchmark lesson."""
    with tempfile.TemporaryDirectory(prefix="lessonreel-bench-") as folder:
        project_paths = ProjectPaths(Path(folder), Path(folder, "state"))
        project_paths.lessons.mkdir(parents=True)
        for name in ("fonts", "presenters"):
            (project_paths.data / name).symlink_to(_REPOSITORY / "data" / name)
        shutil.copy(_REPOSITORY / "dagster.yaml", folder)
        shutil.copy(_REPOSITORY / "data" / "lessons" / f"{LESSON}.json", project_paths.lessons)
        yield project_paths


def _environment(project_paths: ProjectPaths) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LESSONREEL_", "DAGSTER_"))}
    prepare(project_paths, kept)
    return kept


def _render(project_paths: ProjectPaths) -> Made:
    environment = _environment(project_paths)
    command = [sys.executable, "-m", "video_assets.cli", "render", str(project_paths.lessons / f"{LESSON}.json")]
    before, started = os.times(), time.time()
    done = subprocess.run(command, env=environment, cwd=project_paths.root, capture_output=True, text=True, check=False)
    ended = time.time()
    _wait_for_orphans()
    after = os.times()
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    steps = _steps(environment)
    journal = max((project_paths.event_logs).glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    counts = {stage: sum(e["stage"] == stage and e["made"] for e in events) for stage in _COUNTED}
    seconds = {e["stage"]: e["seconds"] for e in events if e["kind"] == "stage-done"}
    return Made(ended - started, cpu, ended - steps["section_audio"], seconds, counts)


def _adopt_orphans() -> None:
    """Become the parent of whatever the command leaves behind, so that its processor time is counted (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _steps(environment: Mapping[str, str]) -> dict[str, float]:
    """When each step of the newest run ended, in seconds since the epoch."""
    os.environ.update({name: environment[name] for name in ("DAGSTER_HOME", "LESSONREEL_STATE", "LESSONREEL_ROOT")})
    with dg.DagsterInstance.get() as instance:
        run = instance.get_runs(limit=1)[0]
        return {step.step_key: step.end_time or 0.0 for step in instance.get_run_step_stats(run.run_id)}


def _counted(made: Made) -> str:
    return ", ".join(f"{made.counts[stage]} of {stage}" for stage in _COUNTED) + " made"


def _print_first(made: Made, film_seconds: float) -> None:
    after = made.after_sound_seconds
    print(f"{LESSON}: a film of {film_seconds:.1f} s, 720p25, default profile")
    print(f"  whole command      {made.wall_seconds:7.1f} s wall, {made.cpu_seconds:.1f} CPU s")
    print(f"  after the sound    {after:7.1f} s wall = 1/{film_seconds / after:.1f} of the film (target 1/6)")
    for stage, seconds in made.stages.items():
        print(f"    {stage:17}{seconds:7.1f} s")


def _print_quality(project_paths: ProjectPaths) -> None:
    checks = json.loads((project_paths.videos / LESSON / "qc.json").read_text())["checks"]
    for check in checks:
        if check["check"] in {"lips", "captions", "loudness"}:
            figures = ", ".join(f"{name} {value}" for name, value in check["measured"].items())
            print(f"  {check['check']:19}{figures}")


def _change_one_word(project_paths: ProjectPaths) -> None:
    path = project_paths.lessons / f"{LESSON}.json"
    lesson: dict[str, Any] = json.loads(path.read_text())
    section = lesson["sections"][4]
    section["content"] = section["content"].replace(" the ", " this ", 1)
    path.write_text(json.dumps(lesson, ensure_ascii=False))


def _compare(project_paths: ProjectPaths, sections: int) -> None:
    """The lesson's own slides and presenter, composed and encoded by both."""
    store = LocalStore(project_paths.store)
    clips = manifest_of(store, project_paths.manifests, LESSON, "lip_synced_clip", ClipManifest)
    assert clips is not None
    sources = read_sources(clips, store)
    rows: list[Row] = []
    print(f"\nComposing and encoding {sections} of its sections, one encoder thread each:")
    for preset, target in (("veryfast", 6), ("fast", 4)):
        pairs = [_pair(sources, store, project_paths, number, preset) for number in range(sections)]
        ours, theirs = _sum([pair[0] for pair in pairs]), _sum([pair[1] for pair in pairs])
        rows += [ours, theirs]
        ratio = theirs.cpu_seconds / ours.cpu_seconds
        print(f"  {preset:9} 1/{ratio:.1f} of MoviePy's CPU (target 1/{target})")
    print(report(rows))


def _pair(
    sources: Sources, store: LocalStore, project_paths: ProjectPaths, number: int, preset: str
) -> tuple[Row, Row]:
    lesson: LessonManifest = sources.lesson
    sound, picture = sources.speech.sections[number], sources.pictures.sections[number]
    clip = sources.clips.sections[number]
    box = picture.stage.presenter
    assert box is not None
    request = PerformanceRequest(
        presenter=lesson.settings.presenter,
        box=box,
        rate=lesson.settings.frame_rate,
        frames=clip.plan.frames,
        lead_frames=clip.plan.lead_frames,
        times=SpeechTimes.model_validate_json(store.read(sound.times.id)),
        seed=sound.sound.id,
    )
    performance = presenter_providers(
        project_paths.presenters, project_paths.engines, project_paths.weights, project_paths.faces
    )["drawn"].animate(request)
    slide = decode_picture(store.read(picture.picture.id))
    rate = Fraction(lesson.settings.frame_rate)
    chosen = "veryfast" if preset == "veryfast" else "fast"
    return compare(slide, box, performance.keys, performance.patch, rate, chosen, lesson.settings.crf)


def _sum(rows: list[Row]) -> Row:
    return Row(
        rows[0].maker,
        rows[0].preset,
        sum(row.frames for row in rows),
        sum(row.wall_seconds for row in rows),
        sum(row.cpu_seconds for row in rows),
        sum(row.kilobytes for row in rows),
        sum(row.psnr_db for row in rows) / len(rows),
    )
