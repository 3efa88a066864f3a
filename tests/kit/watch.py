"""The sensor on a lessons folder, tick by tick, against a real instance on disk.

The daemon handles the result of a tick: partitions first, then a run for each request under its run key. Here
`Watch.commit` does that, so that a test can also stop before it, or in the middle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData
from dagster._core.storage.tags import PARTITION_NAME_TAG, RUN_KEY_TAG

from jobs.lessons.changes import PATIENCE_TICKS
from jobs.lessons.sensor import lesson_sensor
from jobs.render import JOB_NAME, render_job
from jobs.runs.local_run import _origin
from jobs.runs.tags import LESSON_TAG
from resources.lesson_folder import LessonFolder
from video_assets.definitions import ASSETS, build_defs
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.pipeline.manifests import keep_manifest
from video_assets.studio.pipeline.stage_context import StageContext
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.telemetry.events import EventLog

REPOSITORY = Path(__file__).parents[2]
SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE


def lesson(words: str = "A closed switch makes the lamp bright.", **more: object) -> str:
    """A sound lesson, as text."""
    return json.dumps({"sections": [{"image_description": "A lamp.", "content": words, **more}]})


def _job_of_any_version() -> dg.JobDefinition:
    """A job whose runs are only written down, with whatever configuration."""

    @dg.op(name="lesson", config_schema=dg.Permissive(), required_resource_keys={"stage_contexts"})
    def nothing() -> None: ...

    stage_contexts = dg.ResourceDefinition(lambda _: None, config_schema=dg.Permissive())

    @dg.job(name=JOB_NAME, resource_defs={"stage_contexts": stage_contexts})
    def made() -> None:
        nothing()

    return made


class Watch:
    """A project folder, its instance, and the sensor."""

    lesson = staticmethod(lesson)
    patience_ticks = PATIENCE_TICKS
    success, failure, canceled = SUCCESS, FAILURE, dg.DagsterRunStatus.CANCELED

    def __init__(self, root: Path, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.project_paths = ProjectPaths(root, root / "data" / "state")
        self.lessons = self.project_paths.lessons
        self.lessons.mkdir(parents=True, exist_ok=True)
        if not self.project_paths.presenters.is_symlink():
            self.project_paths.presenters.symlink_to(REPOSITORY / "data/presenters")
        self.sensor = lesson_sensor(lambda: self.project_paths)
        self.repository = dg.Definitions(
            assets=list(ASSETS), jobs=[render_job()], sensors=[self.sensor], resources=build_defs().resources
        ).get_repository_def()
        self.told: list[str] = []

    def write(self, path: str, text: str | bytes | None = None) -> Path:
        """A file in the lessons folder, written in place."""
        file = self.lessons / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else (text or lesson()).encode())
        return file

    def project(self, text: str) -> None:
        """The project file."""
        self.project_paths.project_file.write_text(text)

    def evaluate(self) -> SensorExecutionData:
        """A tick, as far as the sensor's function: nothing of it is committed."""
        # The instance itself as well as its address: opening one takes longer than most ticks.
        context = dg.SensorEvaluationContext(
            instance_ref=self.instance.get_ref(),
            instance=self.instance,
            sensor_name="lesson_sensor",
            repository_def=self.repository,
        )
        data = self.sensor.evaluate_tick(context)
        self.told.append(data.skip_message or "")
        return data

    def commit(self, data: SensorExecutionData, *, only: int | None = None) -> list[dg.DagsterRun]:
        """What the daemon does next; `only` so many runs before it dies."""
        for request in data.dynamic_partitions_requests or ():
            if isinstance(request, dg.AddDynamicPartitionsRequest):
                self.instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
            else:
                for key in request.partition_keys:
                    self.instance.delete_dynamic_partition(request.partitions_def_name, key)
        job = self.repository.get_job(JOB_NAME)
        runs = []
        for request in (data.run_requests or ())[:only]:
            known = self.instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: str(request.run_key)}))
            if not known:
                tags = {**request.tags, RUN_KEY_TAG: str(request.run_key)}
                run = self.instance.create_run_for_job(
                    job,
                    tags=tags,
                    run_config=request.run_config,
                    status=dg.DagsterRunStatus.QUEUED,
                    remote_job_origin=_origin(self.project_paths.root),
                )
                runs.append(run)
        return runs

    def launch(self, key: str, chosen: dict[str, Any], **config: Any) -> dg.DagsterRun:
        """A run that somebody starts in the UI, with these choices for the lesson."""
        return self.instance.create_run_for_job(
            _job_of_any_version(),
            run_config={**config, "ops": {"lesson": {"config": chosen}}},
            tags={LESSON_TAG: key, PARTITION_NAME_TAG: key},
            status=dg.DagsterRunStatus.STARTED,
        )

    def ticks(self, count: int = 1) -> list[str]:
        """So many whole ticks; the keys of the lessons for which a run was made, in order."""
        return [run.tags[LESSON_TAG] for _ in range(count) for run in self.commit(self.evaluate())]

    def settle(self) -> list[str]:
        """Ticks enough for anything to be taken; each run succeeds as soon as it is made."""
        keys = []
        for _ in range(PATIENCE_TICKS + 3):
            keys += self.ticks()
            self.end_all()
        return keys

    def unfinished(self) -> Sequence[dg.DagsterRun]:
        """Runs that have not ended, the newest first."""
        return [run for run in self.instance.get_runs() if not run.is_finished]

    def end_all(self, status: dg.DagsterRunStatus = SUCCESS) -> None:
        """End every run."""
        for run in self.unfinished():
            self.end(run, status)

    def end(self, run: dg.DagsterRun, status: dg.DagsterRunStatus = SUCCESS) -> None:
        """End a run."""
        if status == SUCCESS:
            event = dg.DagsterEventType.RUN_SUCCESS
        else:
            event = dg.DagsterEventType.RUN_FAILURE if status == FAILURE else dg.DagsterEventType.RUN_CANCELED
        self.instance.report_dagster_event(
            dg.DagsterEvent(event_type_value=event.value, job_name=run.job_name), run_id=run.run_id
        )

    def take(self, run: dg.DagsterRun) -> None:
        """What the run's step `lesson` does: read the file as it is now, and leave its manifest."""
        key, project_paths = run.tags[PARTITION_NAME_TAG], self.project_paths
        store = LocalStore(project_paths.store)
        lesson_source = LessonFolder(project_paths.lessons, project_paths.register, project_paths.project_file)
        tools = StageContext(
            store, LocalSlots({}), EventLog(project_paths.event_logs / "j.jsonl"), REPOSITORY / "data/fonts"
        )
        taken = load_lesson(key, lesson_source, {}, RunOverrides(), tools)
        folder = project_paths.manifests / key / "lesson"
        folder.mkdir(parents=True, exist_ok=True)
        pointer = json.dumps({"manifest": keep_manifest(store, taken.result.manifest), "run": run.run_id})
        for name in (run.run_id, "latest"):
            (folder / f"{name}.json").write_text(pointer)

    def partitions(self) -> set[str]:
        """The keys in Dagster."""
        return set(self.instance.get_dynamic_partitions("lessons"))
