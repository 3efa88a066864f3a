"""What every asset's shell does around its stage: measure it, tell progress, fail readably.

Belongs here: the frame. Does not belong here: anything about one asset.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import dagster as dg

from .failures import failing_readably
from .studio.manifests import Manifest
from .studio.progress import Event, EventKind
from .studio.usage import Meter, Used
from .studio.workshop import Bench, StageResult, Workshop

Result = TypeVar("Result", bound=Manifest)


class Step:
    """One try of a stage: what it used, and what came of it."""

    def __init__(self, context: dg.AssetExecutionContext, workshop: Workshop) -> None:
        self.asset = context.asset_key.to_python_identifier()
        self._attempt = context.retry_number + 1
        self._journal = workshop.journal
        self._meter = Meter(workshop.slots)
        self._figures: dict[str, int | float] = {}
        self._made = False
        self.seconds = 0.0
        """Wall seconds, once the stage is over."""
        self._used: Used | None = None

    @property
    def used(self) -> Used:
        """What it used, once the stage is over."""
        assert self._used is not None
        return self._used

    def done(self, result: StageResult[Result]) -> StageResult[Result]:
        """Take the figures of the stage's result, and hand it on."""
        self._figures, self._made = result.figures, result.made > 0 or result.joined is True
        return result

    def start(self) -> None:
        """Tell that it begins."""
        event = Event(kind="stage-started", stage=self.asset, attempt=self._attempt, unix_seconds=time.time())
        self._journal.write(event)

    def end(self, kind: EventKind, message: str = "") -> None:
        """Stop measuring, and tell how it ended."""
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
        self._journal.write(event)


@contextmanager
def stage(context: dg.AssetExecutionContext, bench: Bench) -> Iterator[tuple[Workshop, Step]]:
    """The workshop of one step and its measures. Studio errors leave as dg.Failure; progress says how it ended."""
    workshop = bench.workshop(context.asset_key.to_python_identifier(), context.run.run_id)
    step = Step(context, workshop)
    step.start()
    try:
        with failing_readably():
            yield workshop, step
    except dg.Failure as failure:
        step.end("stage-failed", failure.description or "")
        raise
    except BaseException:
        workshop.stop()
        raise
    step.end("stage-done")
