"""The asset `lesson`: the file as it is now, checked, with the settings it will be made with."""

import os

import dagster as dg
from pydantic import Field

from .failures import ONCE_AGAIN
from .partitions import LESSONS
from .recording import recorded
from .shell import stage
from .studio.manifests import LessonManifest
from .studio.shelf import LessonShelf
from .studio.stages.lesson import Choices, take_lesson
from .studio.workshop import Bench


class LessonConfig(dg.Config):
    """What the launchpad (or the command line) chooses for this run; the rest comes from the environment, the lesson,
    the project file and the profile, in this order.
    """

    profile: str = Field(
        "", description="standard, enhanced, ultra_fast or draft; empty leaves the choice to the others"
    )
    settings: dict[str, str] = Field({}, description='Any setting, as text: {"theme": "paper", "crf": "20"}')
    section: str = Field("", description="Only this section, to look at; needs a partition key of its own")


@dg.asset(
    partitions_def=LESSONS,
    code_version="1",
    group_name="lessons",
    kinds={"json"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
    retry_policy=ONCE_AGAIN,
)
def lesson(
    context: dg.AssetExecutionContext,
    config: LessonConfig,
    bench: dg.ResourceParam[Bench],
    shelf: dg.ResourceParam[LessonShelf],
) -> dg.MaterializeResult[LessonManifest]:
    """The lesson file, checked and snapshotted: its digest is the identity of the run, so that an edit while the run
    goes on makes the next run, not a mixed film.
    """
    choices = Choices(config.profile, config.settings, config.section)
    with stage(context, bench) as (workshop, step):
        taken = take_lesson(context.partition_key, shelf, os.environ, choices, workshop)
        step.done(taken.result)
    for warning in taken.warnings:
        context.log.warning(str(warning))
    return recorded(
        taken.result,
        seconds=step.seconds,
        used=step.used,
        warnings=dg.MetadataValue.int(len(taken.warnings)),
        file=dg.MetadataValue.text(taken.file),
    )
