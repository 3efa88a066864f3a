"""Runs a stage inside a Dagster step: measures it, logs its progress, and converts its errors.

It also records the state of the lesson in the film index. Does not belong here: anything about a single asset.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import dagster as dg

from video_assets.studio.core.errors import StoreError
from video_assets.studio.film.index import FilmIndex, film_index_path
from video_assets.studio.pipeline.manifests import Manifest
from video_assets.studio.pipeline.stage_context import StageContext, StageContextFactory, StageResult
from video_assets.studio.telemetry.events import Event, EventKind
from video_assets.studio.telemetry.resource_usage import Meter, ResourceUsage

from .addresses import Addresses, read_addresses
from .failures import as_failure_or_retry

Result = TypeVar("Result", bound=Manifest)


class _FilmNotes:
    """Records the state of the step's lesson in the film index. An error of the index is only logged."""

    def __init__(self, context: dg.AssetExecutionContext, state: Path | None) -> None:
        self._index = FilmIndex(film_index_path(state)) if state and context.has_partition_key else None
        self._context = context

    def started(self) -> None:
        """The step has started."""
        self._note(lambda index, about: index.run_started(*about))

    def failed(self, message: str) -> None:
        """The step failed."""
        self._note(lambda index, about: index.run_failed(*about, message))

    def waits(self, script: str) -> None:
        """This script waits for approval."""
        self._note(lambda index, about: index.run_waits(*about[:2], script))

    def made(self) -> None:
        """The film is published."""
        self._note(lambda index, about: index.film_made(*about[:2]))

    def _note(self, note: Callable[[FilmIndex, tuple[str, str, str]], None]) -> None:
        if self._index is None:
            return
        context = self._context
        try:
            note(self._index, (context.partition_key, context.run.run_id, context.asset_key.to_python_identifier()))
        except StoreError as error:
            context.log.warning("The list of films is not up to date. %s", error)


class StepRecorder:
    """Records one attempt of a stage: its resource usage, its figures and its end."""

    def __init__(
        self, context: dg.AssetExecutionContext, stage_context: StageContext, notes: _FilmNotes, at: Addresses
    ) -> None:
        self.films = notes
        self.addresses = at
        """The URLs of the results."""
        self.asset = context.asset_key.to_python_identifier()
        self._attempt = context.retry_number + 1
        self._event_log = stage_context.event_log
        self._meter = Meter(stage_context.slots)
        self._figures: dict[str, int | float] = {}
        self._made = False
        self.seconds = 0.0
        """Wall-clock time of the stage. Set at its end."""
        self._used: ResourceUsage | None = None

    @property
    def used(self) -> ResourceUsage:
        """The resource usage of the stage. Available after its end."""
        assert self._used is not None
        return self._used

    def done(self, result: StageResult[Result]) -> StageResult[Result]:
        """Record the figures of the stage's result, and return the result."""
        self._figures, self._made = result.figures, result.made > 0 or result.joined is True
        return result

    def start(self) -> None:
        """Log the start of the stage."""
        self.films.started()
        event = Event(kind="stage-started", stage=self.asset, attempt=self._attempt, unix_seconds=time.time())
        self._event_log.write(event)

    def end(self, kind: EventKind, message: str = "") -> None:
        """Stop measuring, and log the end of the stage as an event of `kind`."""
        self.seconds, self._used = self._meter.seconds, self._meter.used()
        event = Event(
            kind=kind,
            stage=self.asset,
            made=self._made,
            seconds=self.seconds,
            message=message,
            attempt=self._attempt,
            unix_seconds=time.time(),
            used=self._used,
            figures=self._figures,
        )
        self._event_log.write(event)


@contextmanager
def run_stage(
    context: dg.AssetExecutionContext, stage_contexts: StageContextFactory
) -> Iterator[tuple[StageContext, StepRecorder]]:
    """The stage context and the recorder of one step.

    A StudioError inside the block is converted to dg.Failure or dg.RetryRequested. The event log gets the end of the
    stage.
    """
    stage_context = stage_contexts.stage_context(context.asset_key.to_python_identifier(), context.run.run_id)
    addresses = read_addresses(stage_contexts.state) if stage_contexts.state else Addresses()
    step = StepRecorder(context, stage_context, _FilmNotes(context, stage_contexts.state), addresses)
    step.start()
    try:
        with as_failure_or_retry(context):
            yield stage_context, step
    except (dg.Failure, dg.RetryRequested) as error:
        failure = error if isinstance(error, dg.Failure) else error.__cause__
        message = failure.description or "" if isinstance(failure, dg.Failure) else ""
        step.end("stage-failed", message)
        if isinstance(error, dg.Failure):
            step.films.failed(message)
        raise
    except Exception as error:
        stage_context.cancel()
        step.films.failed(f"{type(error).__name__}: {error}. Its run in Dagster's UI says more.")
        raise
    except BaseException:
        stage_context.cancel()
        raise
    step.end("stage-done")
    if step.asset == "final_video":
        step.films.made()
