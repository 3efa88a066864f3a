"""The job by which somebody approves a lesson's script and pictures in Dagster's UI.

Start it for the lesson's partition, then materialize `section_audio` and what follows.

Belongs here: doing it from Dagster. Does not belong here: what an approval is (`studio/approvals.py`).
"""

import dagster as dg

from video_assets.checkout import this_checkout
from video_assets.failures import failing_readably
from video_assets.partitions import LESSONS
from video_assets.studio import approvals
from video_assets.studio.store import LocalStore

from .executor import lesson_steps
from .render import IN_ONE_PROCESS


@dg.op(out=dg.Out(dg.Nothing))
def approve_lesson(context: dg.OpExecutionContext) -> None:
    """Approve the newest script and pictures of this partition's lesson."""
    checkout, key = this_checkout(), context.partition_key
    with failing_readably():
        script = approvals.approve(checkout.approvals, checkout.manifests, LocalStore(checkout.store), key)
    context.log.info("%s is approved. Materialize section_audio and what follows.", key)
    context.add_output_metadata({"lesson": key, "script": script})


@dg.job(partitions_def=LESSONS, executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="approval"))
def approve() -> None:
    """Approve the script and the pictures of a lesson that has the setting `review`: then it is spoken and filmed."""
    approve_lesson()
