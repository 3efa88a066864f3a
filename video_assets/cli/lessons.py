"""`lessonreel check` and `lessonreel init`: lessons as files, before anything is made of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from resources.listing import paths_in
from video_assets.checkout import Checkout
from video_assets.studio.disk import Disk, write_whole
from video_assets.studio.errors import Problem, SettingInvalid
from video_assets.studio.lesson import ReadLesson, problems_as_json, problems_as_text, read_lesson, starter_lesson
from video_assets.studio.rehearsal import problems_of
from video_assets.studio.shelf import read_project
from video_assets.studio.stages.lesson import Choices, settings_of

from .names import check_names

CLEAN, BAD_INPUT = 0, 2


def check(checkout: Checkout, paths: Sequence[Path], layout: str) -> int:
    """Print everything wrong with the lessons; 2 if any is an error, else 0 (warnings alone are no fault)."""
    files, said = files_of(paths), read_project(checkout.project_file).pronunciations
    problems = tuple(problem for path in files for problem in _problems_of(checkout, path, said))
    sys.stdout.write(problems_as_json(problems) if layout == "json" else problems_as_text(problems))
    errors = sum(problem.severity == "error" for problem in problems)
    if layout == "text":
        sys.stdout.write(f"lessons: {len(files)}, errors: {errors}, warnings: {len(problems) - errors}\n")
    return BAD_INPUT if errors else CLEAN


def _problems_of(checkout: Checkout, path: Path, project: Mapping[str, str]) -> tuple[Problem, ...]:
    """What is wrong with the file; where nothing is, what its text would fail at later."""
    read = read_lesson(path)
    if read.lesson is None:
        return read.problems
    return (*problems_of(str(path), read, project), *_unknown_names(checkout, path, read))


def _unknown_names(checkout: Checkout, path: Path, read: ReadLesson) -> Iterator[Problem]:
    """A setting, voice, theme or presenter that does not exist, wherever it was set."""
    assert read.lesson is not None
    try:
        settings = settings_of(read, read_project(checkout.project_file), os.environ, Choices())
        check_names(checkout, [(settings, read.lesson.language)])
    except SettingInvalid as error:
        yield Problem(file=str(path), code="setting", message=error.message.rstrip("."), remedy=error.remedy)


def init(checkout: Checkout, path: Path, title: str) -> int:
    """Write a starter lesson to a new file."""
    path = path if path.suffix else path.with_suffix(".json")
    if path.exists():
        raise SettingInvalid(f"{path} exists.", remedy="Choose another name, or delete it first.")
    schema = os.path.relpath(checkout.root / "docs" / "lesson.schema.json", path.resolve().parent)
    text = starter_lesson(title or path.stem.replace("-", " ").replace("_", " ").capitalize(), Path(schema).as_posix())
    write_whole(path, text.encode("utf-8"), disk=Disk())
    sys.stdout.write(f"Wrote {path}. Look at it, change it, then: lessonreel render {path}\n")
    return CLEAN


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Files as given; folders as the lessons in them. One named twice counts once. Raises SettingInvalid if none."""
    files = [file for path in paths for file in (paths_in(path) if path.is_dir() else [path])]
    if not files:
        raise SettingInvalid(f"There is no lesson in {paths[0]}.", remedy="Name a .json file, or a folder with some.")
    return list(dict.fromkeys(files))
