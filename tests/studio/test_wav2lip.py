"""The engine over our own network: the same bytes however the work is dealt, and what its record says of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from video_assets.studio.calls.slots import LocalSlots, Slots
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.lipsync.engine import Face, FaceBox, LipJob
from video_assets.studio.lipsync.engines import wav2lip as engine_module
from video_assets.studio.lipsync.engines.wav2lip import Wav2LipEngine, job_frames, wav2lip
from video_assets.studio.lipsync.mouth_pictures import Mouths, read_mouths
from video_assets.studio.lipsync.network.devices import CPU_POOL, DevicePreference, batch_workers_for
from video_assets.studio.lipsync.network.weights import Folded
from video_assets.studio.presenter.provider import LipOptions, LipTrack, Tell

RATE_HZ = 22050


def _sound(seconds: Fraction) -> np.ndarray:
    """Syllables of noise under a moving formant, with a pause: something that no two windows hear alike."""
    throw = np.random.Generator(np.random.PCG64(3))
    count = int(seconds * RATE_HZ)
    time = np.arange(count) / RATE_HZ
    loud = np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1) * (np.abs(time - 4) > 0.6)
    return (0.2 * loud * (throw.standard_normal(count) + np.sin(2 * np.pi * (300 + 200 * time) * time))).astype("f4")


def _face(pictures: int = 1) -> Face:
    throw = np.random.Generator(np.random.PCG64(4))
    shown = tuple(throw.integers(0, 256, (120, 100, 3), dtype=np.uint8) for _ in range(pictures))
    return Face(shown, (FaceBox(10, 20, 90, 110),) * pictures, f"face of {pictures}", b"")


def _job(seconds: Fraction = Fraction(9), rate: Fraction = Fraction(10), pictures: int = 1) -> LipJob:
    frames = -int(-seconds * rate // 1)
    path = tuple(frame % pictures for frame in range(frames))
    resting = tuple(Fraction(17, 5) <= frame / rate < Fraction(23, 5) for frame in range(frames))
    return LipJob(_face(pictures), path, _sound(frames / rate), RATE_HZ, rate, resting, "seed")


def _speak(checkpoint: Path, job: LipJob, options: LipOptions | None = None) -> LipTrack:
    engine = Wav2LipEngine(checkpoint, checkpoint.parent, options or LipOptions(batch=8))
    with engine.session(LocalSlots({}), lambda _: None) as session:
        return session.speak(job)


@pytest.fixture(scope="module")
def spoken(checkpoint: Path) -> LipTrack:
    return _speak(checkpoint, _job(), LipOptions(batch=8, parallel=False))


def test_there_is_one_picture_for_every_frame(spoken: LipTrack) -> None:
    """Viewers: the published script's film ends up to 0.16 s before its sound."""
    mouths = read_mouths(spoken.data)
    assert len(mouths.shown) == 90
    assert mouths.pictures.shape[1:] == (48, 96, 3)
    assert spoken.facts["chunks"] == 1
    assert spoken.facts["frames"] == 90


@pytest.mark.parametrize("chunk_seconds", [4, 5, 0])
def test_chunks_change_no_byte(chunk_seconds: int, spoken: LipTrack, checkpoint: Path) -> None:
    """Whoever tunes speed: a seam in a face, or an archive that is stale after a setting that only deals out work."""
    dealt = _speak(checkpoint, _job(), LipOptions(batch=8, chunk_seconds=chunk_seconds))
    assert dealt.data == spoken.data
    assert dealt.facts["chunks"] == (2 if chunk_seconds else 1)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_one_three_or_eight_lanes_and_chunks_give_the_same_bytes(
    count: int, spoken: LipTrack, checkpoint: Path, folded_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has several GPUs, or another number than yesterday."""

    def lanes(copy: Folded, slots: Slots, paid_request: DevicePreference, tell: Tell) -> tuple[object, ...]:
        return batch_workers_for(copy, slots, paid_request, tell) * count

    monkeypatch.setattr(engine_module, "batch_workers_for", lanes)
    monkeypatch.setattr("video_assets.studio.lipsync.engines.chunks.SHORTEST_SECONDS", 1)
    dealt = _speak(checkpoint, _job())
    assert dealt.facts["chunks"] == count
    assert dealt.data == spoken.data


def test_a_resting_mouth_is_one_picture(spoken: LipTrack) -> None:
    """Viewers: a face that chews through a pause."""
    shown = np.array(read_mouths(spoken.data).shown)
    assert len(set(shown[34:46])) == 1
    assert spoken.facts["resting"] == 12
    assert spoken.facts["frames_computed"] == len(set(shown)) <= 79


def test_speech_moves_the_mouth(spoken: LipTrack) -> None:
    """Viewers: a face that does not move while it speaks."""
    mouths = read_mouths(spoken.data)
    frames = mouths.pictures[list(mouths.shown)].astype(int)
    moving = [int(np.abs(later - before).max()) for before, later in pairwise(frames[:33])]
    assert sum(step > 20 for step in moving) > 25


def test_two_sections_at_once_are_each_as_if_alone(spoken: LipTrack, checkpoint: Path) -> None:
    """Whoever renders a whole lesson: sections share batches, never pictures."""
    other = _job(Fraction(3), Fraction(30000, 1001))
    alone = _speak(checkpoint, other)
    engine = Wav2LipEngine(checkpoint, checkpoint.parent, LipOptions(batch=8))

    with engine.session(LocalSlots({}), lambda _: None) as session, ThreadPoolExecutor(2) as pool:
        first, second = pool.map(session.speak, (_job(), other))
    assert first.data == spoken.data
    assert second.data == alone.data


def test_a_loop_shows_the_picture_that_its_path_says(checkpoint: Path) -> None:
    """Whoever presents as a video: the mouth of one moment on the face of another jumps."""
    two = _job(Fraction(1), pictures=2)
    mouths = _pictures(_speak(checkpoint, two))
    for picture in (0, 1):
        face = two.face._replace(pictures=(two.face.pictures[picture],), boxes=two.face.boxes[:1], digest=f"{picture}")
        alone = _pictures(_speak(checkpoint, two._replace(face=face, path=(0,) * two.frames)))
        assert np.abs(mouths[picture::2] - alone[picture::2]).max() <= 1


def _pictures(lips: LipTrack) -> np.ndarray:
    mouths: Mouths = read_mouths(lips.data)
    return mouths.pictures[list(mouths.shown)].astype(int)


@pytest.mark.parametrize("seconds", [Fraction(1, 100), Fraction(4, 100), Fraction(1, 10), Fraction(19, 100)])
def test_a_tiny_sound_has_its_frames(seconds: Fraction, checkpoint: Path) -> None:
    """Whoever has a section of one short word: below 0.2 s the published script crashes."""
    job = _job(seconds)
    assert len(read_mouths(_speak(checkpoint, job).data).shown) == job.frames >= 1


def test_a_lead_shifts_what_frames_hear_by_whole_frames() -> None:
    """Whoever corrects early lips: the setting moves the sound by exactly that."""
    job = _job()._replace(resting=(False,) * 90)
    none, one = (job_frames(job, lead) for lead in (0, 1))
    earlier = [none.windows[number] for number in none.shown[:80]]
    later = [one.windows[number] for number in one.shown[1:81]]
    assert all(map(np.array_equal, earlier, later))


def test_the_identity_names_what_shapes_the_pictures_and_nothing_else(checkpoint: Path) -> None:
    """Whoever renders an archive: lips are made again when they would differ, and only then."""

    def identity(precision: str = "", **options: object) -> dict[str, str]:
        table = {"precision": precision} if precision else {}
        return wav2lip(checkpoint.parent)(table, LipOptions.model_validate(options)).identity()

    assert identity() == identity(parallel=False, chunk_seconds=4, batch=3)
    assert identity()["lead"] == "1"
    assert identity(lead=0) != identity()
    assert identity("float32") != identity()
    assert len(identity()["model"]) == 64


def test_a_presenters_table_is_read_strictly(tmp_path: Path) -> None:
    """Whoever writes a presenter's file: a misspelt key must not be passed over."""
    engine = wav2lip(tmp_path)
    with pytest.raises(SettingInvalid, match='no key "check" for the engine wav2lip'):
        engine({"check": "a.pth"}, LipOptions())
    with pytest.raises(SettingInvalid, match='precision cannot be "half"'):
        engine({"precision": "half", "checkpoint": "a.pth"}, LipOptions())
    with pytest.raises(SettingInvalid, match=r"no weights at a\.pth"):
        engine({"checkpoint": "a.pth"}, LipOptions()).identity()


def test_without_a_gpu_one_is_told_how_long_it_takes(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits: minutes without a word look like a hang."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    told: list[str] = []
    engine = Wav2LipEngine(checkpoint, checkpoint.parent, LipOptions(batch=8))
    with engine.session(LocalSlots({}), told.append) as session:
        session.speak(_job(Fraction(3)))
        session.speak(_job(Fraction(1)))
    assert len(told) == 1
    assert "on the CPU" in told[0]
    assert "s for each minute" in told[0]


def test_the_cpu_is_bounded_by_a_pool(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever renders two lessons at once: two networks on the same cores are slower than one after the other."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    slots = LocalSlots({CPU_POOL: 1})
    engine = Wav2LipEngine(checkpoint, checkpoint.parent, LipOptions(batch=8))
    with engine.session(slots, lambda _: None) as session:
        with slots.try_slot(CPU_POOL, "before") as free:
            assert free is not None
        session.speak(_job(Fraction(1, 10)))
        with slots.try_slot(CPU_POOL, "while at work") as free:
            assert free is None
    with slots.try_slot(CPU_POOL, "after") as free:
        assert free is not None


def test_the_record_says_who_made_it(spoken: LipTrack) -> None:
    """Whoever reads statistics: which device, how exact, how much was computed."""
    facts = spoken.facts
    assert facts["precision"] in {"float32", "bfloat16"}
    assert str(facts["runtime"]).split()[0] in {"openvino", "torch"}
    assert facts["batch"] == 8
    assert 0 < float(facts["device_seconds"] or 0) <= float(facts["seconds"] or 0) * 1.01
