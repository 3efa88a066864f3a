"""`lessonreel render`: check, estimate, run the job for each lesson, say what came of it."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal, NamedTuple

from rich.console import Console
from rich.table import Table

from jobs.here import Ending, Order, definitions_of_job, open_instance, run_here, settle_dead_runs, step_errors
from jobs.liveness import locks_folder
from jobs.render import IN_ONE_PROCESS
from resources.lessons import LessonFolder
from resources.store import manifest_of
from video_assets.checkout import Checkout
from video_assets.studio.bundle import copy_bundle
from video_assets.studio.errors import LessonInvalid, Problem, StudioError
from video_assets.studio.estimate import Estimate, Rates, readable
from video_assets.studio.keys import preview_key
from video_assets.studio.lesson import ReadLesson, problems_as_text, read_lesson
from video_assets.studio.manifests import FilmManifest
from video_assets.studio.progress import Journal, Stopwatch, Tally
from video_assets.studio.rehearsal import problems_of
from video_assets.studio.script import merge_pronunciations
from video_assets.studio.settings import Settings, parse_assignment
from video_assets.studio.shelf import Project
from video_assets.studio.stages.lesson import Choices, part_of, settings_of
from video_assets.studio.store import LocalStore
from video_assets.studio.workshop import journal_path

from .batch import Batch, Crash
from .display import Bars, Display, PlainLines, watching
from .lessons import files_of
from .names import check_names
from .outlook import estimate_of, known_rates, learn
from .selection import Which, failed_keys
from .storyboard import write_storyboard

STORYBOARD_ASSETS = ("lesson", "script", "section_audio", "section_image")
MADE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class Wishes(NamedTuple):
    """What the command line asks for."""

    profile: str = ""
    assignments: tuple[str, ...] = ()
    section: str = ""
    draft: bool = False
    storyboard: bool = False
    sequential: bool = False
    output: Path | None = None
    which: Which = "all"
    at_once: int = 1
    """Lessons that are made at a time."""
    report: Path | None = None
    """Where the summary goes as JSON."""

    @property
    def choices(self) -> Choices:
        """The run's choices. Raises SettingInvalid for an assignment that is none."""
        return Choices(self.profile, dict(parse_assignment(text) for text in self.assignments), self.section)

    def key(self, lesson: str) -> str:
        """The partition."""
        return preview_key(lesson, section=self.section, draft=self.draft)


class Job(NamedTuple):
    """A lesson to be made."""

    key: str
    language: str
    settings: Settings
    estimate: Estimate


class Plan(NamedTuple):
    """The lessons to be made, and how many were refused as they are wrong."""

    jobs: tuple[Job, ...]
    refused: int


class Done(NamedTuple):
    """How it went."""

    job: Job
    run_id: str
    ending: Ending | Literal["not reached"]
    tally: Tally
    seconds: float
    film: FilmManifest | None
    errors: tuple[str, ...]
    """Why it failed."""


def render(checkout: Checkout, paths: Sequence[Path], wishes: Wishes) -> int:
    """Make the film of each lesson; returns the exit code."""
    console = Console(stderr=False)
    plan = _plan(checkout, paths, wishes)
    with open_instance(checkout.state) as instance:
        settle_dead_runs(instance, _locks(checkout))
        jobs = _chosen(console, checkout, instance, plan.jobs, wishes)
        for job in jobs[:_ANNOUNCED]:
            console.print(f"{job.key}: {readable(job.estimate)}", highlight=False, markup=False)
        if len(jobs) == 1:
            done = [_make(console, checkout, instance, jobs[0], wishes)]
        else:
            done = _make_many(console, checkout, instance, jobs, wishes)
        settle_dead_runs(instance, _locks(checkout))
    made = _report(console, checkout, done, wishes) if jobs else MADE
    return BAD_INPUT if made == MADE and plan.refused else made


def _chosen(console: Console, checkout: Checkout, instance: Any, jobs: Sequence[Job], wishes: Wishes) -> Sequence[Job]:
    """Those of `jobs` that the wishes are about; says so when they are fewer."""
    if wishes.which == "all":
        return jobs
    keys = failed_keys(instance, [job.key for job in jobs])
    chosen = [job for job in jobs if job.key in keys]
    console.print(f"{len(chosen)} of {len(jobs)} lessons {_CHOSEN[wishes.which]}.", highlight=False)
    return chosen


_CHOSEN = {"changed": "are to be made", "failed": "failed the last time"}


def _make_many(console: Console, checkout: Checkout, instance: Any, jobs: Sequence[Job], wishes: Wishes) -> list[Done]:
    """Each lesson in a process of its own, `wishes.at_once` at a time; a line for each that ends."""
    done: list[Done] = []
    silent = Console(quiet=True)

    def make(job: Job) -> Done:
        return _make(silent, checkout, instance, job, wishes, alone=False)

    def heard(job: Job, result: Done | Crash) -> None:
        if isinstance(result, Crash):
            result = Done(job, "", "failure", Tally(), 0.0, None, (str(result),))
        done.append(result)
        told = f"[{len(done)}/{len(jobs)}] {job.key}: {_in_a_line(result)}"
        console.print(told, highlight=False, markup=False, soft_wrap=True)

    # Everything the forks need is loaded once, here.
    definitions_of_job()
    Batch(make, heard).run(jobs, wishes.at_once)
    reached = {each.job.key for each in done}
    return [*done, *(Done(job, "", "not reached", Tally(), 0.0, None, ()) for job in jobs if job.key not in reached)]


def _in_a_line(done: Done) -> str:
    if done.film is None:
        first = done.errors[0].splitlines()[0] if done.errors else ""
        return f"{_RESULTS[done.ending]} {first}".rstrip()
    made = sum(done.tally.made(stage) for stage in _COUNTED)
    reused = sum(done.tally.reused(stage) for stage in _COUNTED)
    return f"film of {done.film.seconds:.1f} s in {done.seconds:.1f} s, {made} made, {reused} reused"


def _plan(checkout: Checkout, paths: Sequence[Path], wishes: Wishes) -> Plan:
    """Read every lesson before any is made, and say what is wrong; the sound ones are made all the same.

    Raises LessonInvalid when none is sound, SettingInvalid for a name that nothing has.
    """
    shelf = LessonFolder(checkout.lessons, checkout.register, checkout.project_file)
    project, choices = shelf.project(), wishes.choices
    read = [(path, _rehearsed(path, project)) for path in files_of(paths)]
    problems = tuple(problem for _, each in read for problem in each.problems)
    sound = [(path, each) for path, each in read if each.lesson is not None]
    if not sound:
        raise LessonInvalid(problems)
    _warn(problems)
    rates = known_rates(checkout.state)
    jobs = [_job(shelf, project, path, each, wishes, choices, rates) for path, each in sound]
    found = tuple(job for job in jobs if job is not None)
    check_names(checkout, [(job.settings, job.language) for job in found])
    return Plan(found, len(read) - len(found))


def _rehearsed(path: Path, project: Project) -> ReadLesson:
    """The lesson as read; refused, too, for what its text alone tells that a render would refuse."""
    read = read_lesson(path)
    if read.lesson is None:
        return read
    problems = problems_of(str(path), read, project.pronunciations)
    refused = any(problem.severity == "error" for problem in problems)
    return read._replace(lesson=None, problems=problems) if refused else read


def _job(
    shelf: LessonFolder,
    project: Project,
    path: Path,
    read: ReadLesson,
    wishes: Wishes,
    choices: Choices,
    rates: Rates,
) -> Job | None:
    """None, and a word about it, if another file has its key."""
    try:
        key = wishes.key(shelf.key_of(path))
    except StudioError as clash:
        sys.stderr.write(f"{path}: error: {clash}\n")
        return None
    settings = settings_of(read, project, os.environ, choices)
    assert read.lesson is not None
    said = merge_pronunciations(project.pronunciations, read.lesson.pronunciations)
    outlook = estimate_of(part_of(read.lesson, wishes.section), said, settings, rates)
    return Job(key, read.lesson.language, settings, outlook)


def _warn(problems: Sequence[Problem]) -> None:
    if problems:
        sys.stderr.write(problems_as_text(problems))


def _make(console: Console, checkout: Checkout, instance: Any, job: Job, wishes: Wishes, *, alone: bool = True) -> Done:
    run_id = str(uuid.uuid4())
    journal = Journal(journal_path(checkout.journals, run_id))
    tally, watch = Tally(), Stopwatch()
    display, frame = _display(console, job, tally)
    assets = STORYBOARD_ASSETS if wishes.storyboard else ()
    order = Order(run_id, job.key, assets, _run_config(checkout, wishes), alone)
    with frame, watching(journal, display, tally):
        ending = run_here(instance, order, root=checkout.root, locks=_locks(checkout))
    film = None
    if ending == "success" and not wishes.storyboard:
        # This run's, not the newest: another command may be making the same lesson.
        store = LocalStore(checkout.store)
        film = manifest_of(store, checkout.manifests, job.key, "final_video", FilmManifest, run_id)
        if film is not None and not wishes.sequential:
            learn(checkout.state, tally, film.seconds, watch.seconds, job.settings)
    return Done(job, run_id, ending, tally, watch.seconds, film, _errors(instance, run_id, ending, tally))


def _errors(instance: Any, run_id: str, ending: Ending, tally: Tally) -> tuple[str, ...]:
    if ending != "failure":
        return ()
    told = tuple(event.message for event in tally.failures)
    # A defect of ours, or a killed step, tells nothing to the journal: Dagster's log has it.
    return told or tuple(step_errors(instance, run_id)) or ("The run failed; its log in Dagster's UI says why.",)


def _display(console: Console, job: Job, tally: Tally) -> tuple[Display, Any]:
    if not console.is_terminal:
        return PlainLines(console, job.key, tally), nullcontext()
    bars = Bars(console, job.estimate.wall_seconds, tally)
    return bars, bars.progress


def _run_config(checkout: Checkout, wishes: Wishes) -> Mapping[str, Any]:
    choices = wishes.choices
    config: dict[str, Any] = {
        "ops": {
            "lesson": {
                "config": {
                    "profile": choices.profile,
                    "settings": dict(choices.settings),
                    "section": choices.section,
                }
            }
        },
        # Dagster's own lines would drown ours; they are in the instance, and in the UI.
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    if wishes.sequential:
        folders = {"journals_folder": str(checkout.journals), "fonts_folder": str(checkout.fonts)}
        config["execution"] = {"config": IN_ONE_PROCESS}
        config["resources"] = {"bench": {"config": {**folders, "workers": 1}}}
    return config


def _report(console: Console, checkout: Checkout, done: Sequence[Done], wishes: Wishes) -> int:
    for each in done:
        for error in each.errors:
            console.print(f"\n{each.job.key}: {error}", highlight=False, markup=False, soft_wrap=True)
    console.print(_table(done))
    for each in done:
        if each.film is not None:
            folder = _bundle(checkout, each, wishes)
            console.print(f"{each.job.key}: {folder}", highlight=False, markup=False, soft_wrap=True)
        elif each.ending == "success":
            sheet = write_storyboard(checkout, each.job.key, each.run_id)
            console.print(f"{each.job.key}: {sheet}", highlight=False, markup=False, soft_wrap=True)
    if any(each.ending in {"interrupted", "not reached"} for each in done):
        console.print("Interrupted. What was finished is kept; the same command goes on from there.")
        return INTERRUPTED
    return FAILED if any(each.ending == "failure" for each in done) else MADE


def _table(done: Sequence[Done]) -> Table:
    table = Table(title=None, box=None, pad_edge=False)
    for heading in ("lesson", "result", "film", "wall", "speed"):
        table.add_column(heading, justify="left" if heading in {"lesson", "result"} else "right")
    table.add_column("made", justify="right")
    table.add_column("reused", justify="right")
    for each in done:
        film_seconds = each.film.seconds if each.film else 0.0
        table.add_row(
            each.job.key,
            _RESULTS[each.ending],
            f"{film_seconds:.1f} s" if each.film else "",
            f"{each.seconds:.1f} s",
            f"{film_seconds / each.seconds:.1f}x" if each.film else "",
            str(sum(each.tally.made(stage) for stage in _COUNTED)),
            str(sum(each.tally.reused(stage) for stage in _COUNTED)),
        )
    return table


_RESULTS = {"success": "made", "failure": "FAILED", "interrupted": "interrupted", "not reached": "not reached"}
_ANNOUNCED = 20
"""So many lessons are announced one by one."""
_COUNTED = ("section_audio", "section_image", "lip_synced_clip")
"""Stages whose sections cost something: sounds, pictures, clips."""


def _bundle(checkout: Checkout, done: Done, wishes: Wishes) -> Path:
    folder = checkout.videos / done.job.key
    if wishes.output is None:
        return folder
    return copy_bundle(folder, wishes.output / done.job.key)


def _locks(checkout: Checkout) -> Path:
    return locks_folder(checkout.state)
