"""The folders of the project, and the environment variables that Dagster needs.

Does not belong here: reading or writing the contents of these folders.
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
    """The folders of the project.

    `state` holds the databases of Dagster and of this project. In `data`, everything except lessons, presenters, fonts,
    weights, providers, prices, retirements and project.toml can be made again.
    """

    root: Path
    state: Path
    lessons_elsewhere: Path | None = None
    """The lessons folder that the environment names, if any."""

    @property
    def data(self) -> Path:
        """The user's files (lessons, presenters, fonts), the store and the films."""
        return self.root / "data"

    @property
    def lessons(self) -> Path:
        """The lessons folder: from the environment, else from the project file, else data/lessons.

        The project file is read at each access, so that a correction takes effect at once. Raises SettingInvalid if
        the file is read and is invalid.
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
        """The fonts of slides and storyboards."""
        return self.data / "fonts"

    @property
    def presenters(self) -> Path:
        """The files of the presenters."""
        return self.data / "presenters"

    @property
    def engines(self) -> Path:
        """The configuration files of lip-sync engines. The folder need not exist."""
        return self.data / "engines"

    @property
    def faces(self) -> Path:
        """The faces that were found in the pictures of presenters. They can be found again."""
        return self.state / "faces"

    @property
    def providers(self) -> Path:
        """The configuration files of remote providers. The folder need not exist."""
        return self.data / "providers"

    @property
    def prices(self) -> Path:
        """The price list of the providers' models. The file need not exist."""
        return self.data / "prices.toml"

    @property
    def retirements(self) -> Path:
        """The list of models that are shut down. The file need not exist."""
        return self.data / "retirements.toml"

    @property
    def calls(self) -> Path:
        """The ledger of paid calls, and the current state of each provider."""
        return self.state / "calls"

    @property
    def approvals(self) -> Path:
        """The approvals of scripts and pictures."""
        return self.state / "approvals"

    @property
    def choices(self) -> Path:
        """The remembered choices of each lesson. They cannot be restored from anything else."""
        return self.state / "choices"

    @property
    def weights(self) -> Path:
        """The weights of networks, which the user supplies. The folder need not exist."""
        return self.data / "weights"

    @property
    def project_file(self) -> Path:
        """The project file, with settings and pronunciations for every lesson. It need not exist."""
        return self.data / "project.toml"

    @property
    def videos(self) -> Path:
        """The bundles, one folder for each lesson."""
        return self.data / "videos"

    @property
    def store(self) -> Path:
        """The store of objects and records."""
        return self.data / "store"

    @property
    def event_logs(self) -> Path:
        """The event logs of runs."""
        return self.state / "progress"

    @property
    def manifests(self) -> Path:
        """The pointers to the manifests of each lesson."""
        return self.state / "manifests"

    @property
    def run_locks(self) -> Path:
        """The locks of unfinished runs."""
        return run_locks_folder(self.state)

    @property
    def semaphores(self) -> Path:
        """The semaphores of resources that are shared between processes of this machine."""
        return self.state / "seats"

    @property
    def watched(self) -> Path:
        """The index of the lesson sensor."""
        return self.state / "watched-lessons.json"

    @property
    def film_index(self) -> Path:
        """The film index: the state of each lesson's film and last run. It can be lost."""
        from video_assets.studio.film.index import film_index_path

        return film_index_path(self.state)

    @property
    def register(self) -> Path:
        """The registered lesson files outside the lessons folder."""
        return self.state / "elsewhere"


def run_locks_folder(state: Path) -> Path:
    """The folder of the locks of unfinished runs, for callers that know only the state folder."""
    return state / "running"


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The state folder of `locate_project`. It reads no file, so that it also works with an invalid project file."""
    environ = os.environ if environ is None else environ
    root = Path(environ.get(ROOT_VARIABLE) or Path(__file__).resolve().parent.parent)
    state = environ.get(STATE_VARIABLE)
    return Path(state) if state else root / "data" / "state"


def locate_project(environ: MutableMapping[str, str] | None = None) -> ProjectPaths:
    """The project that the environment names, else the one that contains this code. Writes nothing.

    A relative LESSONREEL_LESSONS is relative to the project's root. The project file is not read: Dagster calls this at
    import, and an error in that file would prevent loading all definitions.
    """
    environ = os.environ if environ is None else environ
    root = Path(environ.get(ROOT_VARIABLE) or Path(__file__).resolve().parent.parent)
    project_paths = ProjectPaths(root, state_folder(environ))
    lessons = environ.get(LESSONS_VARIABLE)
    return project_paths._replace(lessons_elsewhere=root / Path(lessons).expanduser()) if lessons else project_paths


def prepare(project_paths: ProjectPaths, environ: MutableMapping[str, str]) -> None:
    """Create the folders that Dagster needs, and set their variables in `environ` for child processes.

    Variables that are already set keep their values.
    """
    environ.setdefault(ROOT_VARIABLE, str(project_paths.root))
    environ.setdefault(STATE_VARIABLE, str(project_paths.state))
    environ.setdefault("DAGSTER_HOME", str(project_paths.root))
    # Otherwise the processes of steps would import modules from the working directory first, such as another `jobs`.
    environ.setdefault("PYTHONSAFEPATH", "1")
    project_paths.state.mkdir(parents=True, exist_ok=True)
    # A lessons folder elsewhere is not created. If it is missing, its disk is probably not mounted, and an empty folder
    # would hide that. The code that needs the project file reports its errors.
    with suppress(SettingInvalid):
        if project_paths.lessons == project_paths.usual_lessons:
            project_paths.lessons.mkdir(parents=True, exist_ok=True)
