"""`lessonreel new`: has a provider write a lesson file from a topic or notes, for the user to review and edit."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from resources.catalogue import writers
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.context import CallContext, CallServices, budget_of
from video_assets.studio.calls.file_semaphore import FileSlots
from video_assets.studio.calls.ledger.ledger import new_id
from video_assets.studio.calls.pricing import read_prices
from video_assets.studio.core.errors import SectionsFailed, SettingInvalid
from video_assets.studio.core.settings import as_chain
from video_assets.studio.lesson.format import slug
from video_assets.studio.lesson.project import read_project
from video_assets.studio.lesson.reader import problems_as_text, read_lesson
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.writing.authoring import Writers, lesson_text, write_lesson, writers_of
from video_assets.studio.writing.provider import MOST_NOTES, Brief

WRITTEN, FAILED = 0, 1
_NOTE_FILES = {".md", ".txt", ".rst", ".markdown"}


class NewOptions(NamedTuple):
    """The options of the command line."""

    about: str
    output: Path | None
    provider: str
    sections: int
    language: str
    audience: str
    batch: int
    max_cost: str


def new(project_paths: ProjectPaths, options: NewOptions) -> int:
    """Write a new lesson file. It never overwrites a file.

    After a failure the same command requests only the missing sections. Returns 1 if sections failed, else 0.
    """
    chain = options.provider or str(as_chain(read_project(project_paths.project_file).settings.get("writing", "")))
    chain = chain or os.environ.get("LESSONREEL_WRITING", "")
    known = writers(project_paths.providers)
    providers = writers_of(chain, known)
    if not providers:
        raise SettingInvalid(
            "No writing provider is chosen.",
            remedy=f"Name a provider with --writing ({', '.join(known) or 'there is none: see docs/providers.md'}).",
        )
    brief = Brief(
        notes=_notes(options.about),
        language=options.language,
        audience=options.audience,
        sections=options.sections,
    )
    path = _path(project_paths, options)
    services = CallServices(
        project_paths.calls, read_prices(project_paths.prices), budget_of(new_id(), options.max_cost)
    )
    slots = FileSlots(project_paths.semaphores, {provider.name: provider.at_once for provider in providers})
    call_context = CallContext(services, slots, LocalStore(project_paths.store), path.stem, notify=_notify)
    try:
        data = write_lesson(brief, Writers(providers, call_context), options.batch, _progress)
    except SectionsFailed as error:
        sys.stderr.write(f"{error}\nFinished sections are kept. Run the same command again to request the others.\n")
        return FAILED
    schema = Path(os.path.relpath(project_paths.root / "docs" / "lesson.schema.json", path.resolve().parent)).as_posix()
    atomic_write(path, lesson_text(data, schema).encode(), filesystem=FileSystem())
    problems = read_lesson(path).problems
    if problems:
        sys.stderr.write(problems_as_text(problems))
    sys.stdout.write(f"Wrote {path}. Review and edit it. Then run: lessonreel render {path}\n")
    return WRITTEN


def _notes(about: str) -> str:
    """`about` itself, or the text of the file that it names."""
    path = Path(about)
    if path.suffix.lower() not in _NOTE_FILES:
        return about
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"The notes {path} cannot be read: {error}.", remedy="Name a text file in UTF-8."
        ) from error
    if not text.strip() or len(text) > MOST_NOTES:
        raise SettingInvalid(
            f"The notes {path} have {len(text.strip()):,} characters.", remedy=f"Use 1 to {MOST_NOTES:,} characters."
        )
    return text


def _path(project_paths: ProjectPaths, options: NewOptions) -> Path:
    stem = Path(options.about).stem if Path(options.about).suffix.lower() in _NOTE_FILES else options.about
    path = options.output or project_paths.lessons / f"{slug(stem)[:48].strip('-') or 'lesson'}.json"
    path = path if path.suffix else path.with_suffix(".json")
    if path.exists():
        raise SettingInvalid(
            f"{path} already exists.", remedy="Choose another name with --output, or delete the file first."
        )
    return path


def _progress(finished: int, of: int) -> None:
    sys.stdout.write(f"{finished} of {of} sections written\n")
    sys.stdout.flush()


def _notify(message: str) -> None:
    sys.stderr.write(f"{message}\n")
