"""`lessonreel check` and `lessonreel init`: checks lesson files, and writes a starter lesson."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from resources.lesson_check import LessonCheck
from resources.lesson_folder import LessonFolder
from resources.listing import paths_in
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import SettingInvalid, StudioError
from video_assets.studio.lesson.reader import problems_as_json, problems_as_text
from video_assets.studio.lesson.starter import starter_lesson
from video_assets.studio.storage.filesystem import FileSystem, atomic_write

CLEAN, BAD_INPUT = 0, 2


def check(project_paths: ProjectPaths, paths: Sequence[Path], output_format: str) -> int:
    """Print all problems of the lessons. Returns 2 if one of them is an error, else 0 (also with warnings)."""
    files, checks = files_of(paths), LessonCheck(project_paths)
    lesson_source = LessonFolder(project_paths.lessons, project_paths.register, project_paths.project_file)
    by_key = lesson_source.by_key()
    problems = tuple(problem for path in files for problem in checks.problems(path, _key(lesson_source, path, by_key)))
    sys.stdout.write(problems_as_json(problems) if output_format == "json" else problems_as_text(problems))
    errors = sum(problem.severity == "error" for problem in problems)
    if output_format == "text":
        sys.stdout.write(f"lessons: {len(files)}, errors: {errors}, warnings: {len(problems) - errors}\n")
    return BAD_INPUT if errors else CLEAN


def _key(lesson_source: LessonFolder, path: Path, by_key: Mapping[str, Sequence[Path]]) -> str:
    """The file's key; empty if another file has the same key, because then no choices are remembered for it."""
    try:
        return lesson_source.key_of(path, among=by_key, register=False)
    except StudioError:
        return ""


def init(project_paths: ProjectPaths, path: Path, title: str) -> int:
    """Write a starter lesson to a new file."""
    path = path if path.suffix else path.with_suffix(".json")
    if path.exists():
        raise SettingInvalid(f"{path} already exists.", remedy="Choose another name, or delete the file first.")
    schema = os.path.relpath(project_paths.root / "docs" / "lesson.schema.json", path.resolve().parent)
    text = starter_lesson(title or path.stem.replace("-", " ").replace("_", " ").capitalize(), Path(schema).as_posix())
    atomic_write(path, text.encode("utf-8"), filesystem=FileSystem())
    sys.stdout.write(f"Wrote {path}. Edit it. Then run: lessonreel render {path}\n")
    return CLEAN


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files of `paths`, with each folder replaced by the lessons in it, without duplicates.

    Raises SettingInvalid if there is no lesson.
    """
    files = [file for path in paths for file in (paths_in(path) if path.is_dir() else [path])]
    if not files:
        raise SettingInvalid(
            f"There is no lesson in {paths[0]}.", remedy="Name a .json file, or a folder that contains .json files."
        )
    return list(dict.fromkeys(files))
