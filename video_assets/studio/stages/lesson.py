"""The stage `lesson`: a lesson file read, checked and snapshotted with the settings it will be made with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.errors import LessonInvalid, Problem, SettingInvalid
from video_assets.studio.lesson import Lesson, ReadLesson, read_lesson
from video_assets.studio.lesson_files import Refusal, read_picture
from video_assets.studio.manifests import LessonManifest, keep_manifest
from video_assets.studio.records import digest_of
from video_assets.studio.rehearsal import problems_of
from video_assets.studio.script import merge_pronunciations
from video_assets.studio.settings import Settings, resolve, settings_from_environment
from video_assets.studio.shelf import LessonShelf, Project
from video_assets.studio.wording import printable, quoted, suggestion
from video_assets.studio.workshop import Row, StageResult, Workshop

NOT_SETTINGS = frozenset({"LESSONREEL_ROOT", "LESSONREEL_STATE", "LESSONREEL_LESSONS"})
"""Variables with our prefix that name folders."""


class Choices(NamedTuple):
    """What was chosen for this run, over all else. `section`: only this one, without cards, to look at."""

    profile: str = ""
    settings: Mapping[str, str] = {}
    section: str = ""


class TakenLesson(NamedTuple):
    """The stage's result, the warnings about the file, and its name."""

    result: StageResult[LessonManifest]
    warnings: tuple[Problem, ...]
    file: str


class Snapshot(NamedTuple):
    """A lesson as its file is now, with what it will be made with. `files` are the bytes of its pictures and logo."""

    manifest: LessonManifest
    files: tuple[bytes, ...]
    warnings: tuple[Problem, ...]
    file: str


def take_lesson(
    key: str, shelf: LessonShelf, environ: Mapping[str, str], choices: Choices, workshop: Workshop
) -> TakenLesson:
    """Snapshot the lesson of partition `key`. Raises LessonInvalid with everything wrong in it, SettingInvalid."""
    taken = snapshot(key, shelf.path_of(key), shelf.project(), environ, choices)
    for data in taken.files:
        workshop.store.put(data)
    rows = tuple(
        Row(section.id, section.title, made=True, facts={"line": section.line, "characters": len(section.narration)})
        for section in taken.manifest.lesson.sections
    )
    digest = keep_manifest(workshop.store, taken.manifest)
    return TakenLesson(
        StageResult(taken.manifest, digest, rows, {"section_count": len(rows)}), taken.warnings, taken.file
    )


def snapshot(
    key: str, path: Path, project: Project, environ: Mapping[str, str], choices: Choices, *, rehearse: bool = True
) -> Snapshot:
    """The lesson `key` as its file `path` is now; keeps nothing. Raises LessonInvalid, SettingInvalid.

    Without `rehearse`, what its text alone would be refused for is not looked for, which takes most of the time.
    """
    read = read_lesson(path)
    name = printable(path.name)
    problems = read.problems
    if rehearse:
        problems = problems_of(name, _only(read, choices.section), project.pronunciations)
    if read.lesson is None or any(problem.severity == "error" for problem in problems):
        # By its name: where the archive lies on this machine is nobody's business in the run's records.
        raise LessonInvalid(tuple(each.model_copy(update={"file": name}) for each in problems))
    lesson = part_of(read.lesson, choices.section)
    settings = settings_of(read, project, environ, choices)
    logo = _logo(path.parent, settings.logo)
    manifest = LessonManifest(
        key=key,
        source=read.digest,
        lesson=lesson,
        settings=settings,
        pronunciations=merge_pronunciations(project.pronunciations, lesson.pronunciations),
        logo=digest_of(logo) if logo else "",
    )
    return Snapshot(
        manifest,
        (*read.files.values(), *([logo] if logo else [])),
        tuple(problem for problem in read.problems if problem.severity == "warning"),
        name,
    )


def _only(read: ReadLesson, section: str) -> ReadLesson:
    return read if read.lesson is None else read._replace(lesson=part_of(read.lesson, section))


def settings_of(read: ReadLesson, project: Project, environ: Mapping[str, str], choices: Choices) -> Settings:
    """The settings: this run's choices over the environment over the lesson over the project over the profile.

    A single section to look at has no cards.
    """
    assert read.lesson is not None
    chosen = {**choices.settings, **({"profile": choices.profile} if choices.profile else {})}
    settings = resolve(
        "standard",
        ("project file", project.settings),
        ("lesson file", read.lesson.settings),
        ("environment", settings_from_environment(environ, NOT_SETTINGS)),
        ("this run", chosen),
    )
    return settings.model_copy(update={"title_card_ms": 0, "end_card_ms": 0}) if choices.section else settings


def part_of(lesson: Lesson, section: str) -> Lesson:
    """The lesson with this section alone; all of it when `section` is empty. Raises SettingInvalid if it has none."""
    if not section:
        return lesson
    sections = tuple(each for each in lesson.sections if each.id == section)
    if not sections:
        known = {each.id: each for each in lesson.sections}
        raise SettingInvalid(f"The lesson has no section {quoted(section)}.", remedy=suggestion(section, known))
    return lesson.model_copy(update={"sections": sections})


def _logo(folder: Path, name: str) -> bytes | None:
    """The logo's bytes: settings of any place may name it, always relative to the lesson's folder."""
    if not name:
        return None
    data = read_picture(folder, folder, name)
    if isinstance(data, Refusal):
        raise SettingInvalid(f"The logo cannot be used: {data.message}.", remedy=data.remedy)
    return data
