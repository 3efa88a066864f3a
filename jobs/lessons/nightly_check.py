"""The nightly check of the whole archive. It queues a request for every lesson of which a run would make something.

The sensor sees only files. This check finds the other reasons: a changed theme in the project file, a new version of a
stage's code, a replaced voice, a lost object, or a run that failed for a temporary reason.

Does not belong here: starting runs. Only the sensor decides when a run is requested.
"""

import os
from collections.abc import Mapping

import dagster as dg

from jobs.render import IN_ONE_PROCESS
from jobs.runs.executor import lesson_steps
from resources.explain_inputs import explain_inputs
from video_assets.failures import as_dagster_failure
from video_assets.markdown import escape_markdown, table_row
from video_assets.project_paths import locate_project
from video_assets.studio.choices.precedence import RunOverrides
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import StudioError
from video_assets.studio.explain.dry_run import explain_file
from video_assets.studio.explain.model import Explanation
from video_assets.studio.film import approvals
from video_assets.studio.storage.store import LocalStore

from .render_requests import enqueue

AT_NIGHT = "0 3 * * *"
_LINES = 200
_BEFORE_APPROVAL = ("script", "section_image")
"""The stages that a run makes before it waits for approval."""


@dg.op(name="look_for_what_is_due", required_resource_keys={"lesson_source"}, out=dg.Out(dg.Nothing))
def nightly_check(context: dg.OpExecutionContext) -> None:
    """Explain every lesson of the folder, and queue those that need a run. Invalid lessons are listed as refused."""
    project_paths, lesson_source = locate_project(), context.resources.lesson_source
    with as_dagster_failure():
        project, means = lesson_source.project(), explain_inputs(project_paths, thorough=False)
        waiting = approvals.waiting(project_paths.approvals, project_paths.manifests, LocalStore(project_paths.store))
    wanted: dict[str, str] = {}
    refused: dict[str, str] = {}
    with as_dagster_failure():
        by_key = lesson_source.by_key()
    for key, paths in by_key.items():
        try:
            with defect_boundary(paths[0].name):
                explanation = (
                    explain_file(key, paths[0], project, os.environ, RunOverrides(), means) if len(paths) == 1 else None
                )
        except StudioError as error:
            # The author has to correct the lesson. The sensor requests a run when the file changes.
            refused[key] = str(error).splitlines()[0]
            continue
        if explanation and explanation.anything_to_make and not (key in waiting and _only_lacks_approval(explanation)):
            wanted[key] = "; ".join(explanation.reasons) or "something is to be made"
    enqueue(project_paths.state, wanted)
    found = f"{len(by_key)} lessons: {len(wanted)} due, {len(refused)} refused, {len(waiting)} waiting for an approval."
    context.log.info(found)
    context.add_output_metadata(
        {
            "lessons": len(by_key),
            "due": len(wanted),
            "refused": len(refused),
            "waiting for an approval": len(waiting),
            "why": dg.MetadataValue.md(_table(wanted, refused)),
        }
    )


def _only_lacks_approval(explanation: Explanation) -> bool:
    """Whether the script and the pictures of a waiting lesson are the ones that a run would make now."""
    return not any(item.action == "make" for stage in _BEFORE_APPROVAL for item in explanation.of(stage))


def _table(wanted: Mapping[str, str], refused: Mapping[str, str]) -> str:
    lines = [
        *((key, "due", why) for key, why in wanted.items()),
        *((key, "refused", why) for key, why in refused.items()),
    ]
    rows = [table_row(map(escape_markdown, line)) for line in lines[:_LINES]]
    more = [table_row([f"and {len(lines) - _LINES} more", "", ""])] if len(lines) > _LINES else []
    return "\n".join([table_row(["lesson", "", "why"]), table_row(["---"] * 3), *rows, *more])


@dg.job(executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="one_process"))
def catch_up() -> None:
    """Find the lessons of the whole archive that need a run, and request these runs from the sensor."""
    nightly_check()


nightly = dg.ScheduleDefinition(
    name="nightly_catch_up",
    job_name=catch_up.name,
    cron_schedule=AT_NIGHT,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Finds what the sensor cannot see: changed settings and code, lost objects, failures that have passed.",
)
