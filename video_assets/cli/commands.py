"""What each command does with its parsed arguments.

Each function returns the exit code. It imports what it needs when it runs, so that `lessonreel check` does not load
Dagster. A command that writes files uses `raise_on_interrupt`, so that it can clean up. The others exit at once.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from .interruption import raise_on_interrupt

if TYPE_CHECKING:
    from video_assets.project_paths import ProjectPaths


def _project_paths() -> ProjectPaths:
    from video_assets.project_paths import locate_project

    return locate_project()


def _prepared() -> ProjectPaths:
    """The project's paths, after the folders and the environment that Dagster needs are prepared."""
    from video_assets.project_paths import locate_project, prepare

    project_paths = locate_project()
    prepare(project_paths, os.environ)
    return project_paths


def run_render(options: argparse.Namespace) -> int:
    """Render films."""
    from .planning import RenderOptions
    from .render import render

    if options.estimate:
        return _estimate(options)
    project_paths = _prepared()
    render_options = RenderOptions(
        profile="draft" if options.draft and not options.profile else options.profile,
        assignments=tuple(options.assignments),
        reset=tuple(options.reset),
        section=options.section,
        draft=options.draft,
        storyboard=options.storyboard,
        sequential=options.sequential,
        output=options.output,
        which=options.which or "all",
        at_once=options.at_once,
        report=options.report,
        most_cost=options.max_cost,
    )
    return render(project_paths, options.files, render_options)


def _estimate(options: argparse.Namespace) -> int:
    from .costs import estimate
    from .planning import RenderOptions

    profile = "draft" if options.draft and not options.profile else options.profile
    render_options = RenderOptions(
        profile=profile,
        assignments=tuple(options.assignments),
        section=options.section,
        reset=tuple(options.reset),
    )
    return estimate(_project_paths(), options.files, render_options.choices, draft=options.draft)


def run_new(options: argparse.Namespace) -> int:
    """Have a provider write a lesson."""
    from .new import NewOptions, new

    new_options = NewOptions(
        about=options.about,
        output=options.output,
        provider=options.writing,
        sections=options.sections,
        language=options.language,
        audience=options.audience,
        batch=options.batch,
        most_cost=options.max_cost,
    )
    with raise_on_interrupt():
        return new(_project_paths(), new_options)


def run_approve(options: argparse.Namespace) -> int:
    """Approve lessons, or list those that wait."""
    from .approve import approve

    with raise_on_interrupt():
        return approve(_project_paths(), options.lessons)


def run_costs(options: argparse.Namespace) -> int:
    """Print the cost of paid calls."""
    from .costs import costs

    return costs(_project_paths(), options.by, as_json=options.json)


def run_explain(options: argparse.Namespace) -> int:
    """Explain what a render would make."""
    from .explain import ExplainOptions, explain

    explain_options = ExplainOptions(
        profile="draft" if options.draft and not options.profile else options.profile,
        assignments=tuple(options.assignments),
        reset=tuple(options.reset),
        section=options.section,
        draft=options.draft,
        as_json=options.json,
    )
    return explain(_project_paths(), options.files, explain_options)


def run_check(options: argparse.Namespace) -> int:
    """Check lesson files."""
    from .lessons import check

    return check(_project_paths(), options.files, options.format)


def run_init(options: argparse.Namespace) -> int:
    """Write a starter lesson."""
    from .lessons import init

    with raise_on_interrupt():
        return init(_project_paths(), options.file, options.title)


def run_voices(options: argparse.Namespace) -> int:
    """List voices, or speak a text."""
    from .lists import say, voices

    if options.say is not None:
        with raise_on_interrupt():
            return say(options.say, options.voice, options.language, options.output)
    return voices(_project_paths(), options.language)


def run_presenters(_: argparse.Namespace) -> int:
    """List presenters."""
    from .lists import presenters

    return presenters(_project_paths())


def run_themes(_: argparse.Namespace) -> int:
    """List themes."""
    from .lists import themes

    return themes(_project_paths())


def run_lipsync(options: argparse.Namespace) -> int:
    """Make a video from a sound and a face, without a lesson."""
    from .lipsync import LipsyncOptions, lipsync

    lipsync_options = LipsyncOptions(
        sound=options.sound,
        face=options.face,
        output=options.output,
        box=options.box,
        engine=options.engine,
        checkpoint=options.checkpoint,
        profile=options.profile,
        mark=not options.no_mark,
    )
    with raise_on_interrupt():
        return lipsync(_project_paths(), lipsync_options)


def run_store_status(options: argparse.Namespace) -> int:
    """Print the contents of the store."""
    from .store import status

    return status(_project_paths(), as_json=options.json)


def run_store_verify(options: argparse.Namespace) -> int:
    """Read and verify the whole store."""
    from .store import verify

    with raise_on_interrupt():
        return verify(_project_paths(), as_json=options.json)


def run_store_gc(options: argparse.Namespace) -> int:
    """Remove unneeded objects from the store."""
    from .store import gc

    limits = (options.max_size, options.max_age)
    with raise_on_interrupt():
        return gc(_project_paths(), *limits, dry_run=options.dry_run, as_json=options.json)


def run_stats(options: argparse.Namespace) -> int:
    """Print statistics of runs."""
    from .stats import StatsOptions, stats

    project_paths = _prepared()
    stats_options = StatsOptions(
        run=options.run_id,
        lesson=options.lesson,
        since=options.since,
        csv=options.csv,
        parquet=options.parquet,
        plot=options.plot,
        as_json=options.as_json,
    )
    with raise_on_interrupt():
        return stats(project_paths, stats_options)
