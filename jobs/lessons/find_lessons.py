"""The job that adds a partition for every file in data/lessons, so that users need not type keys in Dagster's UI.

`make dev` runs it before the UI starts (`python -m jobs.lessons.find_lessons`), so that all partitions exist, including
lessons that wait for a place in the queue. The job is for files that arrive while the sensor is off.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from jobs.render import IN_ONE_PROCESS
from jobs.runs.executor import lesson_steps
from jobs.runs.local_run import open_instance
from resources.lesson_folder import LessonFolder
from video_assets.dagster_internals import InstigatorStatus, InstigatorType
from video_assets.environment_file import load_environment_file
from video_assets.failures import as_dagster_failure
from video_assets.partitions import LESSONS
from video_assets.project_paths import locate_project, prepare
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import StudioError

SENSOR_NAME = "lesson_sensor"
"""The sensor's name. It is repeated here because importing the sensor would import half of the project."""


class FoundLessons(NamedTuple):
    """Keys of the folder's lessons, the new ones among them, and the errors of files without a key."""

    keys: tuple[str, ...]
    added: tuple[str, ...]
    refused: tuple[str, ...]


def add_lessons(instance: dg.DagsterInstance, folder: LessonFolder) -> FoundLessons:
    """Add the missing partitions. Two files with the same key are both refused. All others are still added."""
    keys: list[str] = []
    refused: list[str] = []
    for path in folder.files():
        try:
            with defect_boundary(str(path)):
                keys.append(folder.key_of(path))
        except StudioError as error:
            refused.append(str(error))
    known = set(instance.get_dynamic_partitions(str(LESSONS.name)))
    added = [key for key in keys if key not in known]
    instance.add_dynamic_partitions(str(LESSONS.name), added)
    return FoundLessons(tuple(keys), tuple(added), tuple(dict.fromkeys(refused)))


@dg.op(required_resource_keys={"lesson_source"}, out=dg.Out(dg.Nothing))
def look_into_folder(context: dg.OpExecutionContext) -> None:
    """Add a partition for each file in data/lessons that has none yet. Nothing else is made, and nothing is deleted."""
    with as_dagster_failure():
        found = add_lessons(context.instance, context.resources.lesson_source)
    context.log.info(summary(found))
    for problem in found.refused:
        context.log.warning(problem)
    context.add_output_metadata({"lessons": len(found.keys), "added": len(found.added)})


@dg.job(executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="one_process"))
def find_lessons() -> None:
    """Make new files in data/lessons selectable: each becomes a partition named after its file."""
    look_into_folder()


def summary(found: FoundLessons) -> str:
    """One line: how many lessons there are, and which are new."""
    new = f"new: {', '.join(found.added)}" if found.added else "none is new"
    return f"{len(found.keys)} lessons, {new}."


def without_film(videos: Path, keys: Sequence[str]) -> int:
    """The number of these lessons that have no film."""
    return sum(not (videos / key).exists() for key in keys)


def _sensor_is_off(instance: dg.DagsterInstance) -> bool:
    states = instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    return any(state.name == SENSOR_NAME and state.status is InstigatorStatus.STOPPED for state in states)


def announcement(found: FoundLessons, missing: int, *, watch_is_off: bool) -> Iterator[str]:
    """The lines that `make dev` prints at its start about lessons, and about films that are made automatically."""
    yield summary(found)
    yield from found.refused
    if not missing:
        return
    have = "1 has no film yet" if missing == 1 else f"{missing} have no film yet"
    if watch_is_off:
        yield f"{have}. They are made when you switch {SENSOR_NAME} on (in the UI: Automation), or launch them."
    else:
        yield (
            f"{have}: new and changed ones are made now. "
            f"To prevent that, switch {SENSOR_NAME} off (in the UI: Automation)."
        )


def main() -> int:
    """Add the partitions and print the lines, for `make dev`. Returns 1, with a message, on failure."""
    try:
        root = locate_project().root
        load_environment_file(root, os.environ)
        project_paths = locate_project()
        prepare(project_paths, os.environ)
        folder = LessonFolder(project_paths.lessons, project_paths.register, project_paths.project_file)
        with open_instance(project_paths.state) as instance:
            found = add_lessons(instance, folder)
            off = _sensor_is_off(instance)
    except StudioError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    missing = without_film(project_paths.videos, found.keys)
    sys.stdout.writelines(f"{line}\n" for line in announcement(found, missing, watch_is_off=off))
    return 0


if __name__ == "__main__":
    sys.exit(main())
