"""The stage `lesson`: reads and checks a lesson file, and snapshots it with the settings of the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.choices.precedence import (
    LessonSettings,
    Providers,
    RunOverrides,
    name_problems,
    raise_for_name_faults,
    settings_of,
    valid_choices,
    with_remembered,
)
from video_assets.studio.choices.remembered import Value, keep_choices
from video_assets.studio.choices.sayable import unreadable_words
from video_assets.studio.core.errors import LessonInvalid, Problem, SettingInvalid
from video_assets.studio.core.lesson_keys import lesson_of
from video_assets.studio.core.messages import printable, quoted, suggestion
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.files import read_logo
from video_assets.studio.lesson.model import Lesson
from video_assets.studio.lesson.project import LessonSource, ProjectFile
from video_assets.studio.lesson.reader import ReadLesson, read_lesson
from video_assets.studio.lesson.script import merge_pronunciations
from video_assets.studio.pipeline.manifests import LessonManifest, keep_manifest
from video_assets.studio.pipeline.stage_context import SectionRow, StageContext, StageResult
from video_assets.studio.preflight.lesson_check import problems_of


class LoadedLesson(NamedTuple):
    """The result of the stage, the warnings about the file, its name, and the settings with their origin."""

    result: StageResult[LessonManifest]
    warnings: tuple[Problem, ...]
    file: str
    made_with: LessonSettings


class Snapshot(NamedTuple):
    """A lesson as its file is now, and its settings. `files` are the bytes of its pictures and logo."""

    manifest: LessonManifest
    files: tuple[bytes, ...]
    warnings: tuple[Problem, ...]
    file: str
    made_with: LessonSettings


def load_lesson(
    key: str,
    lesson_source: LessonSource,
    environ: Mapping[str, str],
    choices: RunOverrides,
    context: StageContext,
    providers: Providers | None = None,
) -> LoadedLesson:
    """Snapshot the lesson of partition `key`, and store its choices on disk, so that a killed run does not lose them.

    `providers` are the known names of voices, presenters and so on. Without them, the stages that use the names check
    them. Raises LessonInvalid with every fault of the file; valid choices are then remembered all the same. Raises
    SettingInvalid for an invalid choice; then no choice is remembered.
    """
    choices = with_remembered(choices, context.choices, key)
    try:
        loaded = snapshot(
            key, lesson_source.path_of(key), lesson_source.project(), environ, choices, providers=providers
        )
    except LessonInvalid:
        # The file may only lack a comma. The choices hold for the film that is made after the correction.
        _remember(context, key, choices, valid_choices(choices, providers))
        raise
    _remember(context, key, choices, {name: loaded.made_with.chosen[name] for name in choices.of_this_run})
    for data in loaded.files:
        context.store.put(data)
    rows = tuple(
        SectionRow(
            section.id, section.title, made=None, facts={"line": section.line, "characters": len(section.narration)}
        )
        for section in loaded.manifest.lesson.sections
    )
    digest = keep_manifest(context.store, loaded.manifest)
    return LoadedLesson(
        StageResult(loaded.manifest, digest, rows, {"section_count": len(rows)}),
        loaded.warnings,
        loaded.file,
        loaded.made_with,
    )


def _remember(context: StageContext, key: str, choices: RunOverrides, chosen: Mapping[str, Value]) -> None:
    if context.choices is not None and choices.remember and not choices.section and key == lesson_of(key):
        keep_choices(context.choices, key, choices.reset, chosen)


def snapshot(
    key: str,
    path: Path,
    project: ProjectFile,
    environ: Mapping[str, str],
    choices: RunOverrides,
    *,
    rehearse: bool = True,
    providers: Providers | None = None,
) -> Snapshot:
    """The lesson `key` as its file `path` is now. Stores nothing. Raises LessonInvalid, SettingInvalid.

    `choices` come from `with_remembered`. Without `rehearse` the text is not checked, which saves most of the time.
    Without `providers` the names in the settings are not checked.
    """
    read = read_lesson(path)
    name = printable(path.name)
    problems = read.problems
    if rehearse:
        problems = problems_of(name, _only(read, choices.section), project.pronunciations)
    if read.lesson is None or any(problem.severity == "error" for problem in problems):
        # The name only: the records of a run must not show where the lessons lie on this machine.
        raise LessonInvalid(tuple(each.model_copy(update={"file": name}) for each in problems))
    lesson = only_section(read.lesson, choices.section)
    made_with = settings_of(read, project, environ, choices)
    if providers is not None:
        raise_for_name_faults(name, name_problems(read, made_with, providers))
        said = merge_pronunciations(project.pronunciations, lesson.pronunciations)
        if unread := unreadable_words(name, lesson, made_with.settings, said, providers.voices, read.source):
            raise LessonInvalid(unread)
    logo = read_logo(path.parent, made_with.settings.logo)
    manifest = LessonManifest(
        key=key,
        source=read.digest,
        lesson=lesson,
        settings=made_with.settings,
        pronunciations=merge_pronunciations(project.pronunciations, lesson.pronunciations),
        logo=digest_of(logo) if logo else "",
        chosen=dict(made_with.chosen),
    )
    return Snapshot(
        manifest,
        (*read.files.values(), *([logo] if logo else [])),
        tuple(problem for problem in problems if problem.severity == "warning"),
        name,
        made_with,
    )


def _only(read: ReadLesson, section: str) -> ReadLesson:
    return read if read.lesson is None else read._replace(lesson=only_section(read.lesson, section))


def only_section(lesson: Lesson, section: str) -> Lesson:
    """The lesson with only this section, or the whole lesson if `section` is empty.

    Raises SettingInvalid if the lesson has no such section.
    """
    if not section:
        return lesson
    sections = tuple(each for each in lesson.sections if each.id == section)
    if not sections:
        known = {each.id: each for each in lesson.sections}
        raise SettingInvalid(f"The lesson has no section {quoted(section)}.", remedy=suggestion(section, known))
    return lesson.model_copy(update={"sections": sections})
