"""The fan-out of a stage over its sections: one failed section does not stop the others, and all failures are named.

Does not belong here: the limits of providers (slots).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from video_assets.studio.core.errors import Cancelled, SectionsFailed, StudioError
from video_assets.studio.telemetry.events import Event, EventLog, Stopwatch
from video_assets.studio.telemetry.resource_usage import cores


class HasId(Protocol):
    """Anything with the id of a section."""

    @property
    def id(self) -> str:
        """The section's id."""
        ...


Item = TypeVar("Item", bound=HasId)
Result = TypeVar("Result")


def map_sections(
    stage: str,
    items: Sequence[Item],
    work: Callable[[Item], tuple[Result, bool]],
    *,
    event_log: EventLog,
    workers: int | None = None,
    stop: Callable[[], None] = lambda: None,
) -> list[tuple[Result, bool]]:
    """Run `work(item)` -> (result, made) for every item, `workers` at a time (default: one per core).

    The results are in the order of the items. A section that raises StudioError does not stop the others; when all have
    ended, SectionsFailed names every failed one. Any other exception is an interruption or a defect of this program,
    and ends the stage at once: `stop` is called, which must end every wait of `work`.
    """

    def work_and_log(item: Item) -> tuple[Result, bool]:
        watch = Stopwatch()
        try:
            result, made = work(item)
        except Cancelled:
            raise  # a cancelled section has not failed
        except StudioError as error:
            event_log.write(Event(kind="section-failed", stage=stage, section=item.id, message=str(error)))
            raise
        event_log.write(Event(kind="section-done", stage=stage, section=item.id, made=made, seconds=watch.seconds))
        return result, made

    event_log.write(Event(kind="stage-started", stage=stage, total=len(items)))
    with ThreadPoolExecutor(workers or cores(), thread_name_prefix=stage) as pool:
        futures = [pool.submit(work_and_log, item) for item in items]
        try:
            return _collect(stage, items, futures)
        except SectionsFailed:
            raise  # all have ended
        except BaseException:
            stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _collect(
    stage: str, items: Sequence[Item], futures: Sequence[Future[tuple[Result, bool]]]
) -> list[tuple[Result, bool]]:
    results: list[tuple[Result, bool]] = []
    failures: dict[str, StudioError] = {}
    for item, future in zip(items, futures, strict=True):
        try:
            results.append(future.result())
        except StudioError as error:
            failures[item.id] = error
    if failures:
        raise SectionsFailed(stage, failures, len(items))
    return results
