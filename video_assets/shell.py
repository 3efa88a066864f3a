"""What every asset's shell does around its stage: tell progress, fail readably.

Belongs here: the frame. Does not belong here: anything about one asset.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from .failures import failing_readably
from .studio.progress import Event, Stopwatch
from .studio.workshop import Bench, Workshop


@contextmanager
def stage(context: dg.AssetExecutionContext, bench: Bench) -> Iterator[tuple[Workshop, Stopwatch]]:
    """The workshop of one step and its clock. Studio errors leave as dg.Failure; progress says how it ended."""
    asset = context.asset_key.to_python_identifier()
    workshop = bench.workshop(asset, context.run_id)
    watch = Stopwatch()
    workshop.journal.write(Event(kind="stage-started", stage=asset))
    try:
        with failing_readably():
            yield workshop, watch
    except dg.Failure as failure:
        workshop.journal.write(Event(kind="stage-failed", stage=asset, message=failure.description or ""))
        raise
    workshop.journal.write(Event(kind="stage-done", stage=asset, seconds=watch.seconds))
