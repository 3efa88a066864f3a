"""The stage `lesson`: a lesson file read, checked and snapshotted with the settings it will be made with."""

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
from video_assets.studio.core.errors import LessonInvalid, Problem, SettingInvalid
from video_assets.studio.core.lesson_keys import lesson_of
from video_assets.studio.core.messages import printable, quoted, suggestion
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.files import FileProblem, read_picture
from video_assets.studio.lesson.model import Lesson
from video_assets.studio.lesson.project import LessonSource, ProjectFile
from video_assets.studio.lesson.reader import ReadLesson, read_lesson
from video_assets.studio.lesson.script import merge_pronunciations
from video_assets.studio.pipeline.manifests import LessonManifest, keep_manifest
from video_assets.studio.pipeline.stage_context import SectionRow, StageContext, StageResult
from video_assets.studio.preflight.lesson_check import problems_of


class LoadedLesson(NamedTuple):
    """The stage's result, the warnings about the file, its name, and how the settings came about."""

    result: StageResult[LessonManifest]
    warnings: tuple[Problem, ...]
    file: str
    made_with: LessonSettings


class Snapshot(NamedTuple):
    """A lesson as its file is now, with what it will be made with. `files` are the bytes of its pictures and logo."""

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
    """Snapshot the lesson of partition `key`, and remember what was chosen for it: from here on no kill loses it.

    `providers` are what its names may mean; without them, names are left to the stages that use them. Raises
    LessonInvalid with everything wrong in it; then sound choices are remembered all the same. Raises SettingInvalid for
    a choice that cannot be; then none is remembered.
    """
    choices = with_remembered(choices, context.choices, key)
    try:
        taken = snapshot(
            key, lesson_source.path_of(key), lesson_source.project(), environ, choices, providers=providers
        )
    except LessonInvalid:
        # The file may only lack a comma. The choices hold for the film that is made after the correction.
        _remember(context, key, choices, valid_choices(choices, providers))
        raise
    _remember(context, key, choices, {name: taken.made_with.chosen[name] for name in choices.of_this_run})
    for data in taken.files:
        context.store.put(data)
    rows = tuple(
        SectionRow(
            section.id, section.title, made=None, facts={"line": section.line, "characters": len(section.narration)}
        )
        for section in taken.manifest.lesson.sections
    )
    digest = keep_manifest(context.store, taken.manifest)
    return LoadedLesson(
        StageResult(taken.manifest, digest, rows, {"section_count": len(rows)}),
        taken.warnings,
        taken.file,
        taken.made_with,
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
    """The lesson `key` as its file `path` is now; keeps nothing. Raises LessonInvalid, SettingInvalid.

    `choices` come from `with_remembered`. Without `rehearse` the text is not checked, which takes most of the time.
    Without `providers` the names in the settings are not checked.
    """
    read = read_lesson(path)
    name = printable(path.name)
    problems = read.problems
    if rehearse:
        problems = problems_of(name, _only(read, choices.section), project.pronunciations)
    if read.lesson is None or any(problem.severity == "error" for problem in problems):
        # By its name: where the archive lies on this machine is nobody's business in the run's records.
        raise LessonInvalid(tuple(each.model_copy(update={"file": name}) for each in problems))
    lesson = only_section(read.lesson, choices.section)
    made_with = settings_of(read, project, environ, choices)
    if providers is not None:
        raise_for_name_faults(name, name_problems(read, made_with, providers))
    logo = _logo(path.parent, made_with.settings.logo)
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
    if isinstance(data, FileProblem):
        raise SettingInvalid(f"The logo cannot be used: {data.message}.", remedy=data.remedy)
    return data
