"""The stage `lesson`: a lesson file read, checked and snapshotted with the settings it will be made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from video_assets.studio.errors import LessonInvalid, Problem, SettingInvalid
from video_assets.studio.lesson import ReadLesson, read_lesson
from video_assets.studio.manifests import LessonManifest, keep_manifest
from video_assets.studio.script import merge_pronunciations
from video_assets.studio.settings import Settings, resolve, settings_from_environment
from video_assets.studio.shelf import LessonShelf, Project
from video_assets.studio.store import Store
from video_assets.studio.workshop import Row, StageResult, Workshop

NOT_SETTINGS = frozenset({"LESSONREEL_ROOT", "LESSONREEL_STATE"})
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


def take_lesson(
    key: str, shelf: LessonShelf, environ: Mapping[str, str], choices: Choices, workshop: Workshop
) -> TakenLesson:
    """Snapshot the lesson of partition `key`. Raises LessonInvalid with everything wrong in it, SettingInvalid."""
    path = shelf.path_of(key)
    project = shelf.project()
    read = read_lesson(path)
    if read.lesson is None:
        raise LessonInvalid(read.problems)
    settings = settings_of(read, project, environ, choices)
    manifest = LessonManifest(
        key=key,
        source=read.digest,
        lesson=read.lesson,
        settings=settings,
        pronunciations=merge_pronunciations(project.pronunciations, read.lesson.pronunciations),
        logo=read.lesson.logo.digest if read.lesson.logo else "",
    )
    if choices.section:
        manifest = _only(manifest, choices.section)
    _keep_files(read, workshop.store)
    rows = tuple(
        Row(section.id, section.title, made=True, facts={"line": section.line, "characters": len(section.narration)})
        for section in manifest.lesson.sections
    )
    return TakenLesson(
        StageResult(manifest, keep_manifest(workshop.store, manifest), rows, {"section_count": len(rows)}),
        tuple(problem for problem in read.problems if problem.severity == "warning"),
        path.name,
    )


def settings_of(read: ReadLesson, project: Project, environ: Mapping[str, str], choices: Choices) -> Settings:
    """The settings: this run's choices over the environment over the lesson over the project over the profile."""
    assert read.lesson is not None
    chosen = {**choices.settings, **({"profile": choices.profile} if choices.profile else {})}
    return resolve(
        "standard",
        ("project file", project.settings),
        ("lesson file", read.lesson.settings),
        ("environment", settings_from_environment(environ, NOT_SETTINGS)),
        ("this run", chosen),
    )


def _only(manifest: LessonManifest, section_id: str) -> LessonManifest:
    sections = tuple(section for section in manifest.lesson.sections if section.id == section_id)
    if not sections:
        known = ", ".join(section.id for section in manifest.lesson.sections)
        raise SettingInvalid(f"The lesson has no section {section_id!r}.", remedy=f"It has: {known}.")
    cards = {"title_card_ms": 0, "end_card_ms": 0}
    return manifest.model_copy(
        update={
            "lesson": manifest.lesson.model_copy(update={"sections": sections}),
            "settings": manifest.settings.model_copy(update=cards),
        }
    )


def _keep_files(read: ReadLesson, store: Store) -> None:
    for data in read.files.values():
        store.put(data)
