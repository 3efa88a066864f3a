"""`lessonreel explain`: prints what a render would make of each lesson, and why. It writes no file.

Does not belong here: finding out what a render would make (`studio/explain`).
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from resources.explain_inputs import explain_inputs
from resources.lesson_folder import LessonFolder
from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import LessonSettings
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import LessonInvalid, StudioError
from video_assets.studio.core.settings import DEFAULTS
from video_assets.studio.explain.dry_run import explain_file
from video_assets.studio.explain.model import ExplainedItem, Explanation
from video_assets.studio.telemetry.events import COUNTED

from .lesson_options import LessonOptions
from .lessons import files_of

EXPLAINED, BAD_INPUT = 0, 2
_PIPE_WIDTH = 200
_MAX_NAMED = 4
_WORDS = {"make": "make", "reuse": "reuse", "show": "show again", "fail": "FAILS"}
_FILM_WORDS = {"make": "the film to join", "show": "the film to show again"}
_FOLLOWS = "A part that depends on another part is made again only if the bytes of that other part change."


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(LessonOptions):
    """The options of `lessonreel explain`, with the names of its parameters."""

    as_json: bool = False


class ExplainedFile(NamedTuple):
    """The result for one file: an explanation, or the error that prevented it."""

    file: Path
    explanation: Explanation | None
    error: str = ""


def explain(project_paths: ProjectPaths, paths: Sequence[Path], options: ExplainOptions) -> int:
    """Print what a render would make of each lesson. Returns 2 if a render would refuse one of them, else 0."""
    results: list[ExplainedFile] = []
    for result in _explained(project_paths, files_of(paths), options):
        results.append(result)
        if result.error:
            sys.stderr.write(f"{result.error}\n")
        elif result.explanation and not options.as_json:
            _print(result.explanation)
    if options.as_json:
        sys.stdout.write(json.dumps([_plain(result) for result in results], ensure_ascii=False, indent=2) + "\n")
    return BAD_INPUT if any(result.error for result in results) else EXPLAINED


def _explained(project_paths: ProjectPaths, files: Sequence[Path], options: ExplainOptions) -> Iterator[ExplainedFile]:
    lesson_source = LessonFolder(project_paths.lessons, project_paths.register, project_paths.project_file)
    project, by_key = lesson_source.project(), lesson_source.by_key()
    overrides, inputs = options.overrides, explain_inputs(project_paths, thorough=True)
    for file in files:
        try:
            with defect_boundary(str(file)):
                key = options.key(lesson_source.key_of(file, among=by_key, register=False))
                explanation = explain_file(key, file, project, os.environ, overrides, inputs)
            yield ExplainedFile(file, explanation)
        except LessonInvalid as error:
            yield ExplainedFile(file, None, str(error))
        except StudioError as error:
            yield ExplainedFile(file, None, f"{file}: error: {error}")


# --- Text output -------------------------------------------------------------------------------------------------


def _print(explanation: Explanation) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    console.print(_headline(explanation), highlight=False, markup=False, soft_wrap=True)
    for line in _settings(explanation.made_with):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if not explanation.anything_to_make:
        return
    if explanation.derived:
        console.print(_derived(explanation), highlight=False, markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("stage", "section", "", "why"):
        table.add_column(heading, overflow="fold")
    for stage, names, what, why in _rows(explanation):
        table.add_row(stage, names, what, why)
    console.print(table, markup=False, highlight=False)
    if explanation.seams:
        seams = ", ".join(f"{seam.before} | {seam.after}" for seam in explanation.seams)
        console.print(f"new seams: {seams}", highlight=False, markup=False, soft_wrap=True)
    if any(item.follows and not item.reasons for item in explanation.items):
        console.print(_FOLLOWS, highlight=False, markup=False, soft_wrap=True)
    console.print()


def _headline(explanation: Explanation) -> str:
    """The counts of sounds, pictures and clips, as a run counts them, and the state of the film in words."""
    parts = Counter(item.action for item in explanation.items if item.stage in COUNTED)
    reused = parts["reuse"]
    if not explanation.anything_to_make:
        return f"{explanation.key}: nothing to make, all {reused} parts and the film are up to date"
    films = Counter(item.action for item in explanation.items if item.stage not in COUNTED)
    phrases = [f"{parts['make']} to make"] * bool(parts["make"])
    phrases += [words for action, words in _FILM_WORDS.items() if films[action]]
    failing = parts["fail"] + films["fail"]
    phrases += [f"{failing} cannot be made"] * bool(failing)
    return f"{explanation.key}: {', '.join([*phrases, f'{reused} reused'])}"


def _settings(made_with: LessonSettings | None) -> Iterator[str]:
    """Every setting whose value is not the default, or that is remembered, with its source."""
    if made_with is None or not made_with.shown:
        return
    phrases = ", ".join(f"{name}={value} ({source})" for name, (value, source) in made_with.shown.items())
    yield f"settings: {phrases}"
    yield from made_with.overrides


def _derived(explanation: Explanation) -> str:
    """The sections whose slides are made of description and narration, by what each shows."""
    kinds = (
        f"{kind} ({', '.join(sections) if len(sections) <= _MAX_NAMED else f'{len(sections)} sections'})"
        for kind, sections in explanation.derived.items()
    )
    return f"derived slides: {', '.join(kinds)}"


def _rows(explanation: Explanation) -> Iterator[tuple[str, str, str, str]]:
    """The rows of the table: one for each item to make, and one for all items that are reused for the same reason."""
    for stage in dict.fromkeys(item.stage for item in explanation.items):
        reused: dict[str, list[str]] = {}
        for item in explanation.of(stage):
            if item.action == "reuse":
                reused.setdefault(item.why, []).append(item.section)
            else:
                yield stage, item.section, _what(item), item.why
        for why, sections in reused.items():
            yield stage, _named(sections, sum(1 for _ in explanation.of(stage))), "reuse", why


def _named(sections: Sequence[str], of: int) -> str:
    if len(sections) <= _MAX_NAMED:
        return ", ".join(sections)
    return f"all {of}" if len(sections) == of else f"{len(sections)} others"


def _what(item: ExplainedItem) -> str:
    return "join" if item.stage == "final_video" and item.action == "make" else _WORDS[item.action]


# --- JSON output -------------------------------------------------------------------------------------------------


def _plain(result: ExplainedFile) -> Mapping[str, Any]:
    if result.explanation is None:
        return {"file": str(result.file), "error": result.error}
    found = result.explanation
    return {
        "file": str(result.file),
        "lesson": found.key,
        "anything_to_make": found.anything_to_make,
        "reasons": found.reasons,
        **_plain_settings(found.made_with),
        "counts": found.counts,
        "derived": {kind: list(sections) for kind, sections in found.derived.items()},
        "seams": [list(seam) for seam in found.seams],
        "items": [
            {
                "stage": item.stage,
                "section": item.section,
                "title": item.title,
                "action": item.action,
                "certain": item.certain,
                "why": item.why,
            }
            for item in found.items
        ],
    }


def _plain_settings(made_with: LessonSettings | None) -> Mapping[str, Any]:
    if made_with is None:
        return {}
    settings, defaults = made_with.settings.model_dump(mode="json"), DEFAULTS.model_dump(mode="json")
    return {
        "settings": settings,
        "sources": {name: made_with.sources.get(name, "") for name in settings if settings[name] != defaults[name]},
        "remembered": dict(made_with.remembered),
    }
