"""One Dagster instance for all ticks of the sensors in a process.

`SensorEvaluationContext.instance` opens a new one at each tick, and then checks the schema of three databases. That was
more than half of the processor time of an idle code server (`python -m benchmarks.idle`).
"""

from __future__ import annotations

import threading

import dagster as dg

from video_assets.dagster_internals import InstanceRef

_lock = threading.Lock()


class _OpenInstance:
    """The instance that the last tick used, and the reference that it was opened from."""

    reference: InstanceRef | None = None
    instance: dg.DagsterInstance | None = None


_open = _OpenInstance()


def instance_of_tick(context: dg.SensorEvaluationContext) -> dg.DagsterInstance:
    """The Dagster instance of this tick. It stays open for later ticks of the process."""
    reference = context.instance_ref
    if reference is None:  # a context that was built around an instance
        return context.instance
    with _lock:
        if _open.instance is None or _open.reference != reference:
            _open.instance = dg.DagsterInstance.from_ref(reference)
            _open.reference = reference
        return _open.instance
