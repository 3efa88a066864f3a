"""A failed step says first what is wrong and what to do, and is tried again only where that may help."""

from collections.abc import Sequence

import dagster as dg
import pytest

from video_assets.failures import as_failure_or_retry, is_retryable
from video_assets.studio.core import errors
from video_assets.studio.core.errors import LessonInvalid, Problem, SectionsFailed, StudioError

SENTENCE = "The lamp is broken."
KINDS = sorted(
    (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, StudioError) and kind not in {LessonInvalid, SectionsFailed}
    ),
    key=lambda kind: kind.__name__,
)
PROBLEM = Problem(file="lamp.json", code="x", line=3, column=7, message="The lamp is broken", remedy="Mend it.")
ERRORS = [
    *(kind(SENTENCE, remedy="Mend it.") for kind in KINDS),
    LessonInvalid((PROBLEM,)),
    SectionsFailed(
        "section_audio", {"lamp": errors.Unavailable(SENTENCE), "wire": errors.GlyphMissing("No glyph.")}, 3
    ),
]


def _events(error: StudioError) -> Sequence[dg.DagsterEvent]:
    @dg.asset
    def breaks(context: dg.AssetExecutionContext) -> None:
        with as_failure_or_retry(context):
            raise error

    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize([breaks], instance=instance, raise_on_error=False).all_events


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_first_words_of_a_failed_step_are_what_is_wrong(error: StudioError) -> None:
    """A teacher would read "Exceeded max_retries of 1" and look for a sentence about the lesson below it."""
    events = _events(error)
    (failure,) = [event for event in events if event.is_step_failure]
    shown = failure.step_failure_data.error
    assert shown is not None
    assert shown.message.partition(": ")[2].strip() == str(error)
    assert "max_retries" not in shown.to_string()
    tries = sum(event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY for event in events)
    assert tries == (1 if is_retryable(error) else 0)


def test_what_another_try_meets_again_is_not_tried_again() -> None:
    """A lesson whose parts do not fit together would cost a second try, each time it is materialized in part."""
    assert not is_retryable(errors.MixedStates("Two states."))
    assert is_retryable(errors.StoreError("The disk did not answer."))


def test_a_crash_in_our_code_is_not_tried_again() -> None:
    """A defect would be met twice, and be told as a retry that was exceeded."""

    @dg.asset
    def breaks(context: dg.AssetExecutionContext) -> None:
        with as_failure_or_retry(context):
            raise ZeroDivisionError

    with dg.DagsterInstance.ephemeral() as instance:
        events = dg.materialize([breaks], instance=instance, raise_on_error=False).all_events
    assert not any(event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY for event in events)
