"""The weekly job that maintains the store, like `lessonreel store verify` followed by `lessonreel store gc`.

It reads the whole store, quarantines corrupt objects, and removes unneeded objects down to the limits of [store] in
data/project.toml. Does not belong here: the rules of removal (`studio/upkeep/gc.py`).
"""

import dagster as dg

from jobs.runs.executor import lesson_steps
from jobs.runs.tags import BACKGROUND_PRIORITY, PRIORITY_TAG
from video_assets.failures import as_dagster_failure
from video_assets.project_paths import locate_project
from video_assets.store_status import inspect_store
from video_assets.studio.upkeep.gc import GcResult, collect, verify_store
from video_assets.studio.upkeep.inventory import StoreListing

from .render import IN_ONE_PROCESS

SUNDAYS = "0 4 * * 0"
_NOTHING_NEEDED = (
    "Nothing is removed: no lesson needs any object of the store. Perhaps the disk of the lessons is not mounted. If "
    "this is intended, `lessonreel store gc` removes the objects."
)


@dg.op(out=dg.Out(dg.Nothing))
def verify_and_collect(context: dg.OpExecutionContext) -> None:
    """Quarantine corrupt objects, which the next run of their lessons makes again. Remove what exceeds the limits."""
    project_paths = locate_project()
    with as_dagster_failure():
        store_status = inspect_store(project_paths)
        found = verify_store(store_status.store, store_status.stock, store_status.needs, project_paths.videos)
        store_status = inspect_store(project_paths)  # without the quarantined objects
        # A scheduled run must not mistake an empty mount point for an archive without lessons.
        unneeded = bool(store_status.stock.objects) and not store_status.needs.uses
        plan = store_status.plan()
        collected = _nothing(store_status.stock) if unneeded else collect(store_status.store, store_status.stock, plan)
    for line in (*found.complaints(), *store_status.needs.complaints(), *([_NOTHING_NEEDED] if unneeded else [])):
        context.log.warning(line)
    context.add_output_metadata(
        {
            "objects": found.objects,
            "records": found.records,
            "megabytes": round(found.size_bytes / 1e6, 1),
            "corrupt": len(found.corrupt),
            "films_not_whole": len(found.films),
            "objects_removed": collected.objects,
            "records_removed": collected.records,
            "megabytes_freed": round(collected.freed_bytes / 1e6, 1),
            "megabytes_left": round(collected.left_bytes / 1e6, 1),
            "megabytes_over_limit": round(plan.over_bytes / 1e6, 1),
        }
    )


def _nothing(stock: StoreListing) -> GcResult:
    return GcResult(
        objects=0, records=0, freed_bytes=0, quarantine=0, leftovers=0, locks=0, left_bytes=stock.size_bytes
    )


@dg.job(executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="one_process"))
def tend_store() -> None:
    """Maintain the store: quarantine corrupt objects, and remove unneeded objects that exceed the limits."""
    verify_and_collect()


weekly = dg.ScheduleDefinition(
    name="weekly_store_care",
    job_name=tend_store.name,
    cron_schedule=SUNDAYS,
    tags={PRIORITY_TAG: BACKGROUND_PRIORITY},
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Reads the store and every film for damage; removes what the limits in data/project.toml ask for.",
)
