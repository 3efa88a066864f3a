"""The job that makes every file in data/lessons a partition, so that nobody has to type a key in Dagster's UI.

`make dev` does the same before the UI starts (`python -m jobs.find_lessons`), so that all are there at once, those that
wait for a place in the queue as well; the job is for files that come while the sensor is off.

Belongs here: adding keys. Does not belong here: how a file gets its key (`partitions.py`), deleting keys (their
history would be lost, and previews and files elsewhere have no file in the folder), starting runs.
"""

import os
import sys
from typing import NamedTuple

import dagster as dg

from resources.lessons import LessonFolder
from video_assets.checkout import prepare, this_checkout
from video_assets.partitions import LESSONS
from video_assets.studio.errors import StudioError

from .executor import lesson_steps
from .here import open_instance
from .render import IN_ONE_PROCESS


class FoundLessons(NamedTuple):
    """Keys of the folder's lessons, those that were new, and what is wrong with files that got no key."""

    keys: tuple[str, ...]
    added: tuple[str, ...]
    refused: tuple[str, ...]


def add_lessons(instance: dg.DagsterInstance, folder: LessonFolder) -> FoundLessons:
    """Add the missing partitions. Two files with one key are both refused; the others are not held up by them."""
    keys: list[str] = []
    refused: list[str] = []
    for path in folder.files():
        try:
            keys.append(folder.key_of(path))
        except StudioError as error:
            refused.append(str(error))
    known = set(instance.get_dynamic_partitions(str(LESSONS.name)))
    added = [key for key in keys if key not in known]
    instance.add_dynamic_partitions(str(LESSONS.name), added)
    return FoundLessons(tuple(keys), tuple(added), tuple(dict.fromkeys(refused)))


@dg.op(required_resource_keys={"shelf"}, out=dg.Out(dg.Nothing))
def look_into_folder(context: dg.OpExecutionContext) -> None:
    """Add a partition for each file in data/lessons that has none yet. Nothing is made or deleted."""
    found = add_lessons(context.instance, context.resources.shelf)
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


def main() -> None:
    """Do it now, for `make dev`."""
    checkout = this_checkout()
    prepare(checkout, os.environ)
    folder = LessonFolder(checkout.lessons, checkout.register, checkout.project_file)
    with open_instance(checkout.state) as instance:
        found = add_lessons(instance, folder)
    sys.stdout.writelines(f"{line}\n" for line in (summary(found), *found.refused))


if __name__ == "__main__":
    main()
