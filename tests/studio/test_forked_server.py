"""A fork that answers for this process, so that no thread of a library is lost when this process forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from video_assets.studio.core.errors import ContentError, ProcessFailed
from video_assets.studio.processes.fork import Fork, sending
from video_assets.studio.processes.forked_server import ForkedServer

FONTS = Path(__file__).parents[2] / "data" / "fonts"
LONGEST_WAIT_SECONDS = 120


def _answer(request: str) -> tuple[str, int]:
    if request == "fail":
        raise ContentError("It cannot be made.", remedy="Make another.")
    if request == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return request.upper(), os.getpid()


def test_requests_are_answered_by_one_other_process() -> None:
    """The library would run in this process after all, or be loaded for each request."""
    server = ForkedServer(_answer, name="answers")
    (first, pid), (second, again) = server.ask("a"), server.ask("b")
    assert (first, second) == ("A", "B")
    assert pid == again != os.getpid()


def test_an_error_of_the_studio_comes_back_and_the_server_goes_on() -> None:
    """An author would read of a lost process instead of the slide that is too large."""
    server = ForkedServer(_answer, name="answers")
    with pytest.raises(ContentError, match="cannot be made") as raised:
        server.ask("fail")
    assert raised.value.remedy == "Make another."
    assert server.ask("a")[0] == "A"


def test_a_fork_that_was_killed_is_started_again() -> None:
    """A check would fail because an earlier one ran out of memory."""
    server = ForkedServer(_answer, name="answers")
    _, pid = server.ask("a")
    os.kill(pid, signal.SIGKILL)
    assert server.ask("b")[1] != pid


def test_a_request_that_kills_its_fork_is_an_error() -> None:
    """A check would wait for ever, or report that everything is in order."""
    server = ForkedServer(_answer, name="answers")
    with pytest.raises(ProcessFailed, match="ended without an answer"):
        server.ask("die")
    assert server.ask("a")[0] == "A"


def _received(fork: Fork) -> list[object]:
    messages: list[object] = []
    while not fork.ended:
        assert sending([fork], timeout_seconds=LONGEST_WAIT_SECONDS), "the fork waits for ever"
        messages += fork.receive()
    return messages


def test_a_fork_has_a_server_of_its_own() -> None:
    """Two processes would read each other's answers from one pipe."""
    server = ForkedServer(_answer, name="answers")
    _, pid = server.ask("a")
    ((_, other),) = _received(Fork(lambda send: send(server.ask("b")), name="step"))  # type: ignore[misc]
    assert other != pid


STEP_AFTER_CHECK = """
import sys
from pathlib import Path
from resources.pictures.slides import SlidePictures
from resources.presenters.drawn import Area, rasterise
from video_assets.studio.core.settings import Settings
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import picture_request
from video_assets.studio.processes.fork import Fork, sending
from video_assets.studio.slides.fitting import certainly_fits

slide = Slide(layout="bullets", title="Much", bullets=("A point that is rather long. " * 12,) * 4, alt="Points.")
request = picture_request(slide, "absent", Settings.model_validate({}), "en", "")
assert not certainly_fits(request), "the slide is laid out to see whether it fits"
assert SlidePictures(Path(sys.argv[1])).refusals(request, {}) == ()

def draw(send):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'
    send(len(rasterise([(svg, Area(0, 0, 8, 8))] * 8)))

step = Fork(draw, name="step")
assert sending([step], timeout_seconds=float(sys.argv[2])), "the step waits for ever"
print(step.receive())
"""


def test_a_step_draws_after_its_parent_has_checked_slides() -> None:
    """A render would check its slides, and its steps would then wait for ever for threads that they do not have."""
    # In a process of its own: other tests of this process have used Typst themselves.
    command = (sys.executable, "-c", STEP_AFTER_CHECK, str(FONTS), str(LONGEST_WAIT_SECONDS))
    ended = subprocess.run(command, cwd=FONTS.parents[1], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "[8]\n"), ended.stderr
