"""Where this checkout keeps what: one root, found by its dagster.yaml.

Belongs here: the names of folders, and the environment that Dagster needs. Does not belong here: using them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.lesson.project import read_project

ROOT_VARIABLE = "LESSONREEL_ROOT"
STATE_VARIABLE = "LESSONREEL_STATE"
LESSONS_VARIABLE = "LESSONREEL_LESSONS"


class ProjectPaths(NamedTuple):
    """The folders of a checkout. `state` holds Dagster's database and ours; all below `data` but lessons, presenters,
    fonts, weights and project.toml can be made again.
    """

    root: Path
    state: Path
    lessons_elsewhere: Path | None = None
    """The folder of lessons that the environment names."""

    @property
    def data(self) -> Path:
        """Lessons, presenters, fonts, and what is made of them."""
        return self.root / "data"

    @property
    def lessons(self) -> Path:
        """The lesson files: in the folder that the environment names, else the project file, else data/lessons.

        Read each time, so that a corrected project file takes effect at once. Raises SettingInvalid if that file
        is asked and is wrong.
        """
        if self.lessons_elsewhere is not None:
            return self.lessons_elsewhere
        named = read_project(self.project_file).archive.lessons
        return self.root / Path(named).expanduser() if named else self.usual_lessons

    @property
    def usual_lessons(self) -> Path:
        """The default folder of lesson files."""
        return self.data / "lessons"

    @property
    def fonts(self) -> Path:
        """Fonts of slides and storyboards."""
        return self.data / "fonts"

    @property
    def presenters(self) -> Path:
        """Files of the presenters."""
        return self.data / "presenters"

    @property
    def providers(self) -> Path:
        """Files of those who write, speak and paint for us; need not exist."""
        return self.data / "providers"

    @property
    def prices(self) -> Path:
        """What they ask for it."""
        return self.data / "prices.toml"

    @property
    def calls(self) -> Path:
        """The journal of paid calls, and what is known of providers just now."""
        return self.state / "calls"

    @property
    def approvals(self) -> Path:
        """Which scripts and pictures somebody approved."""
        return self.state / "approvals"

    @property
    def choices(self) -> Path:
        """The remembered choices of each lesson. They cannot be restored from anything else."""
        return self.state / "choices"

    @property
    def weights(self) -> Path:
        """Networks' weights that the user brings; need not exist."""
        return self.data / "weights"

    @property
    def project_file(self) -> Path:
        """Settings and pronunciations of every lesson; need not exist."""
        return self.data / "project.toml"

    @property
    def videos(self) -> Path:
        """The bundles, one folder per lesson."""
        return self.data / "videos"

    @property
    def store(self) -> Path:
        """Objects and records."""
        return self.data / "store"

    @property
    def journals(self) -> Path:
        """Progress of runs."""
        return self.state / "progress"

    @property
    def manifests(self) -> Path:
        """Pointers to the manifests of each lesson."""
        return self.state / "manifests"

    @property
    def semaphores(self) -> Path:
        """Locks of what only so many may use at once on this machine."""
        return self.state / "seats"

    @property
    def watched(self) -> Path:
        """What the sensor knows of the lesson files."""
        return self.state / "watched-lessons.json"

    @property
    def film_index(self) -> Path:
        """What is known of each lesson's film and last run; can be lost."""
        from video_assets.studio.film.index import film_index_path

        return film_index_path(self.state)

    @property
    def register(self) -> Path:
        """Lesson files outside the lessons folder."""
        return self.state / "elsewhere"


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The state folder of `locate_project`; reads no file, so that it is known while the project file is wrong."""
    environ = os.environ if environ is None else environ
    root = Path(environ.get(ROOT_VARIABLE) or Path(__file__).resolve().parent.parent)
    state = environ.get(STATE_VARIABLE)
    return Path(state) if state else root / "data" / "state"


def locate_project(environ: MutableMapping[str, str] | None = None) -> ProjectPaths:
    """The checkout that the environment names, else the one this code lies in. Writes nothing.

    A relative LESSONREEL_LESSONS counts from the checkout. The project file is not read: Dagster asks at import, when a
    mistake in it would hide all that it has no bearing on.
    """
    environ = os.environ if environ is None else environ
    root = Path(environ.get(ROOT_VARIABLE) or Path(__file__).resolve().parent.parent)
    project_paths = ProjectPaths(root, state_folder(environ))
    lessons = environ.get(LESSONS_VARIABLE)
    return project_paths._replace(lessons_elsewhere=root / Path(lessons).expanduser()) if lessons else project_paths


def prepare(project_paths: ProjectPaths, environ: MutableMapping[str, str]) -> None:
    """Make the folders Dagster needs and name them in `environ`, for the processes to come; what the caller has set is
    kept.
    """
    environ.setdefault(ROOT_VARIABLE, str(project_paths.root))
    environ.setdefault(STATE_VARIABLE, str(project_paths.state))
    environ.setdefault("DAGSTER_HOME", str(project_paths.root))
    # Steps' processes would else look for modules in the working directory first: `jobs` is a name others use, too.
    environ.setdefault("PYTHONSAFEPATH", "1")
    project_paths.state.mkdir(parents=True, exist_ok=True)
    # A lessons folder elsewhere is not created: if it is missing, its disk is, and an empty folder would hide that.
    # A bad project file is reported by the code that needs it.
    with suppress(SettingInvalid):
        if project_paths.lessons == project_paths.usual_lessons:
            project_paths.lessons.mkdir(parents=True, exist_ok=True)
