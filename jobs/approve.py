"""The jobs that approve a lesson's script and pictures in Dagster's UI, and that list the waiting lessons.

After `approve`, materialize `section_audio` and the assets that follow it. Does not belong here: the definition of an
approval (`studio/film/approvals.py`).
"""

import dagster as dg

from jobs.runs.executor import lesson_steps
from video_assets.failures import as_dagster_failure
from video_assets.partitions import LESSONS
from video_assets.project_paths import locate_project
from video_assets.review import APPROVED, retag_older_runs, waiting_message
from video_assets.studio.film import approvals
from video_assets.studio.storage.store import LocalStore

from .render import IN_ONE_PROCESS


@dg.op(out=dg.Out(dg.Nothing))
def approve_lesson(context: dg.OpExecutionContext) -> None:
    """Approve the newest script and pictures of this partition's lesson."""
    project_paths, key = locate_project(), context.partition_key
    with as_dagster_failure():
        script = approvals.record_approval(
            project_paths.approvals, project_paths.manifests, LocalStore(project_paths.store), key
        )
    retag_older_runs(context.instance, key, APPROVED)
    context.log.info("%s is approved. Materialize section_audio and what follows.", key)
    context.add_output_metadata({"lesson": key, "script": script})


@dg.job(partitions_def=LESSONS, executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="approval"))
def approve() -> None:
    """Approve the script and the pictures of a lesson with the setting `review`. Its next run makes speech and film."""
    approve_lesson()


@dg.op(out=dg.Out(dg.Nothing))
def list_waiting(context: dg.OpExecutionContext) -> None:
    """List the lessons that wait for an approval: in the log with instructions, and as a table in the metadata."""
    project_paths = locate_project()
    waiting = approvals.waiting(project_paths.approvals, project_paths.manifests, LocalStore(project_paths.store))
    for lesson in waiting:
        context.log.info(waiting_message(lesson))
    message = f"Waiting for approval: {', '.join(waiting)}." if waiting else "No lesson waits for approval."
    context.log.info(message)
    rows = [dg.TableRecord({"lesson": lesson, "script": script}) for lesson, script in waiting.items()]
    lessons = dg.MetadataValue.table(rows) if rows else dg.MetadataValue.text("none")
    context.add_output_metadata({"waiting": len(waiting), "lessons": lessons})


@dg.job(executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="one_process"))
def waiting_for_approval() -> None:
    """List the lessons that wait for an approval: those with the setting `review` whose newest script has none."""
    list_waiting()
