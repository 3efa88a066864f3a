"""`lessonreel check` and `lessonreel init`: lessons as files, before anything is made of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from resources.lesson_folder import LessonFolder
from resources.listing import paths_in
from resources.means import providers_of
from video_assets.checkout import Checkout
from video_assets.studio.disk import Disk, write_whole
from video_assets.studio.errors import Problem, SettingInvalid, StudioError
from video_assets.studio.lesson import ReadLesson, problems_as_json, problems_as_text, read_lesson, starter_lesson
from video_assets.studio.lesson_settings import Choices, as_problem, recalled, setting_problems
from video_assets.studio.rehearsal import problems_of

CLEAN, BAD_INPUT = 0, 2


def check(checkout: Checkout, paths: Sequence[Path], layout: str) -> int:
    """Print everything wrong with the lessons; 2 if any is an error, else 0 (warnings alone are no fault)."""
    files = files_of(paths)
    look = _Look(checkout)
    problems = tuple(problem for path in files for problem in look.at(path))
    sys.stdout.write(problems_as_json(problems) if layout == "json" else problems_as_text(problems))
    errors = sum(problem.severity == "error" for problem in problems)
    if layout == "text":
        sys.stdout.write(f"lessons: {len(files)}, errors: {errors}, warnings: {len(problems) - errors}\n")
    return BAD_INPUT if errors else CLEAN


class _Look:
    """What lessons of a checkout are checked against, found once for all of them."""

    def __init__(self, checkout: Checkout) -> None:
        self._choices = checkout.choices
        self._shelf = LessonFolder(checkout.lessons, checkout.register, checkout.project_file)
        self._project = self._shelf.project()
        self._known = self._shelf.by_key()
        self._providers = providers_of(checkout)

    def at(self, path: Path) -> tuple[Problem, ...]:
        """What is wrong with a file; where nothing is, what its text or its settings would fail at later."""
        read = read_lesson(path)
        if read.lesson is None:
            return read.problems
        return (*problems_of(str(path), read, self._project.pronunciations), *self._settings(path, read))

    def _settings(self, path: Path, read: ReadLesson) -> tuple[Problem, ...]:
        try:
            choices = recalled(Choices(), self._choices, self._key(path))
        except StudioError as error:
            return (as_problem(str(path), error),)
        return setting_problems(str(path), read, self._project, os.environ, choices, self._providers)

    def _key(self, path: Path) -> str:
        try:
            return self._shelf.key_of(path, among=self._known, register=False)
        except StudioError:
            return ""  # two files of one key: nothing was ever chosen for them


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
