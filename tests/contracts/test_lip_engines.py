"""The contract of every lip-sync engine, and what becomes of programs and services that misbehave.

A new engine adds a parameter to the fixture `engine`; nothing else here may need to change for it.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resources.catalogue import lip_engines
from tests.kit.clock import FakeClock, SkippedWaits, use_clock
from tests.lip_service import PROGRAM, LipService
from tests.portraits import Portraits
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.ledger.ledger import Budget
from video_assets.studio.calls.pricing import Price, Prices
from video_assets.studio.calls.slots import LocalSlots, Slots
from video_assets.studio.core.errors import (
    BudgetExceeded,
    InvalidResponse,
    MediaError,
    ProviderError,
    SettingInvalid,
    StudioError,
)
from video_assets.studio.lipsync.engine import FaceBox, LipEngine, LipJob
from video_assets.studio.lipsync.engine_video import is_engine_video, read_engine_video
from video_assets.studio.lipsync.face import Pads, make_face, read_pictures
from video_assets.studio.lipsync.jobs import quiet_frames
from video_assets.studio.lipsync.mouth_pictures import read_mouths
from video_assets.studio.presenter.provider import DEFAULT_LIP_OPTIONS, LipOptions, LipTrack
from video_assets.studio.storage.store import LocalStore

RATE_HZ = 22050


def job(portraits: Portraits, frames: int = 20, rate: Fraction = Fraction(10), *, video: bool = False) -> LipJob:
    """Two syllables and a pause."""
    file = (portraits.write(video=video) / ("loop.mp4" if video else "photo.png")).read_bytes()
    pictures = read_pictures(file, rate)
    face = make_face(file, pictures, [FaceBox(*portraits.box)], Pads(), DEFAULT_LIP_OPTIONS)
    time_ = np.arange(int(frames * RATE_HZ / rate)) / RATE_HZ
    loud = np.where((time_ % 1) < 0.6, 0.1 + 0.1 * np.sin(2 * np.pi * 3 * time_) ** 2, 0)
    sound = (loud * np.sin(2 * np.pi * 220 * time_)).astype(np.float32)
    resting = quiet_frames(sound, RATE_HZ, rate, frames)
    return LipJob(face, (0,) * frames, sound, RATE_HZ, rate, resting, "ab" * 32)


def call_context_in(root: Path, slots: Slots | None = None) -> CallContext:
    prices = Prices(date="2026-01-01", models={"other": Price(sound_per_minute=Decimal(6))})
    return CallContext(
        CallServices(root / "calls", prices), slots or LocalSlots({"gpu": 1}), LocalStore(root / "store")
    )


def speak(engine: LipEngine, asked: LipJob, call_context: CallContext | None = None) -> LipTrack:
    """In a new call context, unless another is given: nothing was bought before."""
    with tempfile.TemporaryDirectory() as folder:
        call_context = call_context or call_context_in(Path(folder))
        with engine.session(call_context.slots, lambda _: None) as session:
            return session.speak(asked, call_context)


Described = Callable[..., LipEngine]


@pytest.fixture
def described(tmp_path: Path) -> Described:
    """An engine by its file in data/engines, as the catalogue gives it."""

    def make(**keys: Any) -> LipEngine:
        folder = tmp_path / "engines"
        folder.mkdir(exist_ok=True)
        whole = {"version": "1", "licence": "Apache-2.0", **keys}
        (folder / "other.toml").write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in whole.items()))
        return lip_engines(tmp_path / "weights", folder)["other"]({}, DEFAULT_LIP_OPTIONS)

    return make


def _command(behaviour: str = "", rate: str = "{rate}") -> list[str]:
    return [sys.executable, str(PROGRAM), "{face}", "{sound}", "{out}", rate, behaviour]


@pytest.fixture(params=["loud", "command", "http", "cog", "wav2lip"])
def engine(
    request: pytest.FixtureRequest, described: Described, service: LipService, portraits: Portraits
) -> LipEngine:
    if request.param == "loud":
        return portraits.engine({}, DEFAULT_LIP_OPTIONS)
    if request.param == "command":
        return described(kind="command", command=_command())
    if request.param == "wav2lip":
        weights = request.getfixturevalue("checkpoint").parent
        return lip_engines(weights, weights)["wav2lip"]({}, LipOptions(batch=4))
    return described(kind=request.param, url=service.url)


def pictures_of(lips: LipTrack) -> list[np.ndarray]:
    if is_engine_video(lips.data):
        return list(read_engine_video(lips.data).pictures())
    mouths = read_mouths(lips.data)
    return [mouths.pictures[number] for number in mouths.shown]


class TestContract:
    """What a clip may expect of any engine."""

    @pytest.mark.parametrize("frames", [1, 7, 20])
    def test_there_is_a_picture_for_every_frame(self, engine: LipEngine, portraits: Portraits, frames: int) -> None:
        """Viewers: lips that end before the sound, or one section's lips in the next."""
        assert len(pictures_of(speak(engine, job(portraits, frames)))) == frames

    def test_the_same_job_gives_the_same_bytes(self, engine: LipEngine, portraits: Portraits) -> None:
        """Whoever renders an archive again: it must come out as it was."""
        first, second = (speak(engine, job(portraits)) for _ in range(2))
        assert first.data == second.data

    def test_the_mouth_moves_when_something_is_said(self, engine: LipEngine, portraits: Portraits) -> None:
        """Viewers: a face that does not speak."""
        asked = job(portraits)
        pictures = pictures_of(speak(engine, asked))
        moved = [not np.array_equal(a, b) for a, b in pairwise(pictures)]
        spoken = [changed for changed, rests in zip(moved, asked.resting[1:], strict=True) if not rests]
        assert sum(spoken) > len(spoken) / 3

    def test_the_identity_is_text_that_stays(self, engine: LipEngine) -> None:
        """Whoever renders an archive again: what did not change must not be made again."""
        identity = engine.identity()
        assert identity == engine.identity()
        assert identity["engine"] == engine.name
        assert identity["version"]
        assert all(isinstance(value, str) for value in identity.values())

    def test_sections_may_ask_at_once(self, engine: LipEngine, portraits: Portraits, tmp_path: Path) -> None:
        """Whoever renders a lesson: sections are made side by side."""
        jobs = [job(portraits, frames) for frames in (9, 12, 10)]
        call_context = call_context_in(tmp_path, LocalSlots({"gpu": 2}))
        with engine.session(call_context.slots, lambda _: None) as session, ThreadPoolExecutor(3) as pool:
            made = list(pool.map(partial(session.speak, call_context=call_context), jobs))
        assert [len(pictures_of(lips)) for lips in made] == [9, 12, 10]

    def test_it_is_bounded_by_a_pool(
        self, engine: LipEngine, portraits: Portraits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Whoever has one GPU: a second job on it is out of memory."""
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
        held: list[str] = []

        class Watched(LocalSlots):
            def slot(self, pool: str, key: str) -> Any:
                held.append(pool)
                return super().slot(pool, key)

        call_context = call_context_in(tmp_path, Watched({"gpu": 1, "lips": 1}))
        with engine.session(call_context.slots, lambda _: None) as session:
            session.speak(job(portraits, 3), call_context)
        assert held in (["gpu"], ["lips"])


def test_a_loop_is_handed_over_as_the_video_it_is(described: Described, portraits: Portraits) -> None:
    """Whoever presents as a video: an engine gets all of it, not its first picture."""
    engine = described(kind="command", command=_command())
    assert len(pictures_of(speak(engine, job(portraits, video=True)))) == 20


def test_an_engine_of_another_rate_is_shown_at_the_films(described: Described, portraits: Portraits) -> None:
    """Viewers: lips of 25 pictures a second in a film of 10 must not run at two fifths of their speed."""
    asked = job(portraits)
    ours = pictures_of(speak(described(kind="command", command=_command()), asked))
    theirs = pictures_of(speak(described(kind="command", command=_command(), works_at="25"), asked))
    dark = [[(picture[60:, 110:170].max(axis=2) < 90).sum() for picture in each] for each in (ours, theirs)]
    assert np.corrcoef(dark[0], dark[1])[0, 1] > 0.8


def test_an_engine_that_drops_what_is_left_over_gets_enough(described: Described, portraits: Portraits) -> None:
    """Viewers: the last half second of a section without lips."""
    engine = described(kind="command", command=_command("groups of 16"), frame_multiple=16)
    assert len(pictures_of(speak(engine, job(portraits, 21)))) == 21
    with pytest.raises(MediaError, match=r"other: 16 pictures came back for 21 frames\. Raise frame_multiple"):
        speak(described(kind="command", command=_command("groups of 16")), job(portraits, 21))


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("exit", r"other: .* ended with status 3\. It said: CUDA out of memory"),
        ("nothing", r"other ended without writing a video"),
        ("link", r"other ended without writing a video"),
        ("page", r"other: Decoding 22 bytes of video that start with b'<html>try"),
        ("cut", r"other: "),
        ("too few", r"other: \d+ pictures came back for 20 frames"),
        ("another shape", r"other: pictures of 200 x 200 came back for a face of 560 x 440"),
        ("black", r"other: what came back is black"),
        ("frozen", r"other: nothing moves in what came back"),
    ],
)
def test_a_program_that_misbehaves_is_named(
    behaviour: str, message: str, described: Described, portraits: Portraits
) -> None:
    """Whoever installed it: what it did, in one line, and nothing of it in the film."""
    with pytest.raises(StudioError, match=message):
        speak(described(kind="command", command=_command(behaviour)), job(portraits))


def test_a_program_that_talks_without_end_is_let_talk(described: Described, portraits: Portraits) -> None:
    """Whoever's program prints a progress bar: a full pipe would stop it for ever."""
    assert len(pictures_of(speak(described(kind="command", command=_command("talks")), job(portraits, 3)))) == 3


def test_a_program_that_hangs_is_ended_with_all_it_started(
    described: Described, portraits: Portraits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares the GPU: a dead job would hold its memory for ever."""
    monkeypatch.setenv("ENGINE_PIDS", str(tmp_path / "pids"))
    engine = described(kind="command", command=_command("hang"), timeout_seconds=8)
    with pytest.raises(StudioError, match=r"other: .*8 s"):
        speak(engine, job(portraits))  # the program itself would run for ever
    time.sleep(0.2)
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("kind", ["http", "cog"])
@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("500", r"other \(127\.0\.0\.1\) failed \(500\): it is broken"),
        ("401", r"other \(127\.0\.0\.1\) refused \(401\)"),
        ("page", r"other: Decoding 20 bytes of video"),
        ("too few", r"other: \d+ pictures came back for 20 frames"),
        ("reset", r"other \(127\.0\.0\.1\) broke off"),
        ("hang", r"other .*(broke off|not done after 1 s)"),
        ("endless", r"sent more than 1 MB"),
    ],
)
def test_a_service_that_misbehaves_is_named(
    kind: str, behaviour: str, message: str, described: Described, service: LipService, portraits: Portraits
) -> None:
    """Whoever runs it: what came back, in one line, and nothing of it in the film; nor asked again when it may be
    at work.
    """
    service.behaviour = behaviour
    limits = {"timeout_seconds": 1} if behaviour == "hang" else {"largest_megabytes": 1}
    with pytest.raises((ProviderError, MediaError), match=message):
        speak(described(kind=kind, url=service.url, **limits), job(portraits))
    assert len(service.asked) == 1


def test_a_service_that_is_still_loading_is_asked_again(
    described: Described, service: LipService, portraits: Portraits
) -> None:
    """Whoever just started it: a model takes its minute."""
    service.behaviour = "busy, then good"
    assert len(pictures_of(speak(described(kind="http", url=service.url), job(portraits, 5)))) == 5
    assert len(service.asked) == 3


@pytest.mark.parametrize("kind", ["http", "cog"])
def test_a_service_may_answer_later(kind: str, described: Described, service: LipService, portraits: Portraits) -> None:
    """Whoever runs a queue before the GPU."""
    service.behaviour = "polled"
    assert len(pictures_of(speak(described(kind=kind, url=service.url), job(portraits, 5)))) == 5


def outcomes(call_context: CallContext) -> list[str]:
    """What came of each call, by the journal."""
    return [each.outcome for each in call_context.services.ledger.purchases()]


@pytest.mark.parametrize("kind", ["http", "cog"])
def test_what_a_service_made_is_paid_once_and_counted(
    kind: str, described: Described, service: LipService, portraits: Portraits, tmp_path: Path
) -> None:
    """Whoever pays by the minute: a sound that was made again as it was would cost another minute, and nobody know."""
    call_context, engine = call_context_in(tmp_path), described(kind=kind, url=service.url)
    first, second = (speak(engine, job(portraits), call_context) for _ in range(2))
    assert first.data == second.data
    assert len(service.asked) == 1
    (bought,) = call_context.services.ledger.purchases()
    assert (bought.intent.work, bought.intent.provider, bought.outcome) == ("lips", "other", "done")
    assert bought.cost == Decimal("0.2"), "two seconds at 6 a minute"
    assert call_context.store.read(str(first.facts["answers"])), "the video is kept as it came"
    provider_state = {path.name for path in call_context.services.provider_state.glob("*.json")}
    assert provider_state <= {"lips-other.json", "lips-other.content.json"}, (
        "a provider called `other` may be out while this one works"
    )


@pytest.mark.parametrize("kind", ["http", "cog"])
def test_a_killed_run_asks_about_the_job_and_pays_no_other(
    kind: str,
    described: Described,
    service: LipService,
    portraits: Portraits,
    tmp_path: Path,
    await_: Callable[..., None],
) -> None:
    """Whoever pays for an hour of somebody's GPU, and whose machine restarts meanwhile."""
    service.behaviour, service.looks_until_done = "polled", 10**6
    engine, asked = described(kind=kind, url=service.url), job(portraits)
    killed = multiprocessing.get_context("fork").Process(target=speak, args=(engine, asked, call_context_in(tmp_path)))
    killed.start()
    await_(lambda: service.polls > 0)
    killed.kill()
    killed.join()
    service.looks_until_done = 0
    call_context = call_context_in(tmp_path)
    assert len(pictures_of(speak(engine, asked, call_context))) == 20
    assert len(service.asked) == 1
    assert outcomes(call_context) == ["done"]


@pytest.mark.parametrize(
    "says", [(503, b"restarting", "text/plain"), (200, b"<html>", "text/html"), (200, b"{", "application/json")]
)
def test_a_service_that_is_too_busy_to_say_is_not_given_the_job_again(
    says: tuple[int, bytes, str], described: Described, service: LipService, portraits: Portraits, tmp_path: Path
) -> None:
    """Whoever pays: a restart of the queue in front of the GPU would start, and bill, everything a second time."""
    service.behaviour, service.busy_looks, service.busy_with = "polled", 3, says
    call_context = call_context_in(tmp_path)
    assert len(pictures_of(speak(described(kind="http", url=service.url), job(portraits, 5), call_context))) == 5
    assert len(service.asked) == 1
    assert outcomes(call_context) == ["done"]


def test_a_job_that_was_lost_is_begun_anew(
    described: Described, service: LipService, portraits: Portraits, tmp_path: Path
) -> None:
    """Whoever restarted the service: a section would wait for ever for what nobody works on."""
    service.behaviour, service.forgets = "polled", True
    call_context = call_context_in(tmp_path)
    assert len(pictures_of(speak(described(kind="http", url=service.url), job(portraits, 5), call_context))) == 5
    assert len(service.asked) == 2
    assert outcomes(call_context) == ["unusable", "done"], "the lost one may be on the bill"


def test_a_spoilt_video_counts_as_paid_and_is_not_asked_for_again(
    described: Described, service: LipService, portraits: Portraits, tmp_path: Path
) -> None:
    """Whoever pays: the same engine makes the same spoilt video of the same sound, at the same price."""
    service.behaviour = "too few"
    call_context = call_context_in(tmp_path)
    with pytest.raises(InvalidResponse, match=r"other: \d+ pictures came back for 20 frames"):
        speak(described(kind="http", url=service.url), job(portraits), call_context)
    assert len(service.asked) == 1
    assert outcomes(call_context) == ["unusable"]
    assert call_context.services.ledger.purchases()[0].cost == Decimal("0.2")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The clock that decides when a service may be called again."""
    clock = FakeClock()
    use_clock(monkeypatch, clock)
    return clock


def test_a_service_is_given_the_time_that_it_asks_for(
    described: Described, service: LipService, portraits: Portraits, tmp_path: Path, clock: FakeClock
) -> None:
    """Users of a shared account: a service throttles for longer those that call before the time."""
    service.behaviour = "wait a second"
    call_context = call_context_in(tmp_path)
    call_context.services.stopped = SkippedWaits(clock)
    speak(described(kind="http", url=service.url), job(portraits, 5), call_context)
    assert clock.passed_seconds == pytest.approx(1), "one wait, of the time in Retry-After"
    assert len(service.asked) == 2


def test_a_service_gets_no_more_requests_a_minute_than_its_file_says(
    described: Described, service: LipService, portraits: Portraits, tmp_path: Path, clock: FakeClock
) -> None:
    """Owners of a small account: a whole lesson at once, and it is closed for the day."""
    engine, call_context = described(kind="http", url=service.url, requests_per_minute=60), call_context_in(tmp_path)
    call_context.services.stopped = SkippedWaits(clock)
    passed = []
    for frames in (3, 4, 5, 6):
        speak(engine, job(portraits, frames), call_context)
        passed.append(clock.passed_seconds)
    assert passed == pytest.approx([0, 0, 1, 2]), "two at once, then one a second"
    assert (call_context.services.provider_state / "lips-other.json").exists()


def test_a_limit_of_costs_holds_for_services(
    described: Described, service: LipService, portraits: Portraits, tmp_path: Path
) -> None:
    """Whoever wrote --max-cost: the dearest part of a lesson would not be counted."""
    call_context = call_context_in(tmp_path)
    call_context.services.budget = Budget("run", Decimal("0.19"))
    with pytest.raises(BudgetExceeded, match=r"The next call of other may cost 0\.2000 USD"):
        speak(described(kind="http", url=service.url), job(portraits), call_context)
    assert service.asked == []


def test_a_stopped_run_waits_for_no_service(
    described: Described, service: LipService, portraits: Portraits, tmp_path: Path, await_: Callable[..., None]
) -> None:
    """Whoever presses Ctrl-C: an hour of lips would be waited for."""
    service.behaviour, service.looks_until_done = "polled", 10**6
    call_context, ended = call_context_in(tmp_path), threading.Event()
    engine, asked = described(kind="http", url=service.url), job(portraits, 5)

    def wait() -> None:
        with pytest.raises(ProviderError):
            speak(engine, asked, call_context)
        ended.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    await_(lambda: service.polls > 0)
    call_context.cancel()
    waiting.join(20)
    assert ended.is_set()
    service.looks_until_done = 0
    assert len(pictures_of(speak(engine, asked, call_context_in(tmp_path)))) == 5, "the next run asks about it"
    assert len(service.asked) == 1


@pytest.mark.parametrize("where", ["http://[", "file:///etc/passwd", "/gone"])
def test_a_service_that_names_no_video_is_named(
    where: str, described: Described, service: LipService, portraits: Portraits, tmp_path: Path
) -> None:
    """Whoever wonders: a traceback of a library, or a file of this machine in the film."""
    service.behaviour, service.video_at, service.looks_until_done = "polled", where, 0
    with pytest.raises(ProviderError, match="other"):
        speak(described(kind="http", url=service.url, timeout_seconds=8), job(portraits, 5), call_context_in(tmp_path))
    assert len(service.asked) == 1


def test_a_service_that_gave_up_says_why(described: Described, service: LipService, portraits: Portraits) -> None:
    """Whoever wonders: its own reason is the message."""
    service.behaviour = "failed"
    with pytest.raises(ProviderError, match="other gave up: no face was found"):
        speak(described(kind="cog", url=service.url), job(portraits, 5))


def test_a_service_that_is_not_there_is_named(described: Described, portraits: Portraits) -> None:
    """Whoever forgot to start it."""
    with pytest.raises(ProviderError, match=r"other \(127\.0\.0\.1\) is not there: ConnectError"):
        speak(described(kind="http", url="http://127.0.0.1:9", tries=1), job(portraits, 5))


def test_a_key_is_sent_and_never_told(
    described: Described, service: LipService, portraits: Portraits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pays for the service: a key in a message is a key in a log."""
    engine = described(kind="http", url=service.url, key_variable="OTHER_KEY")
    with pytest.raises(SettingInvalid, match="OTHER_KEY is not set"):
        speak(engine, job(portraits, 3))
    monkeypatch.setenv("OTHER_KEY", "sesame-opens")
    speak(engine, job(portraits, 3))
    assert service.asked[-1][2] == "Bearer sesame-opens"
    service.behaviour = "401"
    with pytest.raises(ProviderError) as refused:
        speak(engine, job(portraits, 3))
    assert "sesame" not in str(refused.value)
    assert "sesame" not in json.dumps(engine.identity())


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"kind": "command"}, r"other\.toml: command: is missing"),
        ({"kind": "http"}, r"other\.toml: url: is missing"),
        ({"kind": "carrier"}, r"other\.toml: kind: "),
        ({"kind": "http", "url": "x", "timeout": 3}, r"other\.toml: timeout: "),
        ({"kind": "http", "url": "lips.example"}, r"other\.toml: url: starts with neither https:// nor http://"),
    ],
)
def test_a_file_of_an_engine_is_read_strictly(keys: dict[str, Any], message: str, described: Described) -> None:
    """Whoever writes one: a misspelt key must not be passed over."""
    with pytest.raises(SettingInvalid, match=message):
        described(**keys)


def test_the_engines_that_come_along_can_be_read() -> None:
    """Whoever copies one: a file that nothing reads teaches nothing."""
    folder = Path(__file__).parents[2] / "data" / "engines"
    engines = lip_engines(folder, folder)
    assert {"wav2lip", "musetalk", "latentsync"} <= set(engines)
    for name in ("musetalk", "latentsync"):
        assert engines[name]({}, DEFAULT_LIP_OPTIONS).identity()["version"]
