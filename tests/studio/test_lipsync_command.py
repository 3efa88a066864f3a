"""`lessonreel lipsync`: a sound and a face become a video, whole, the same on any machine, or one clear line."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from tests.lip_service import LipService
from tests.portraits import Portraits
from video_assets.cli import main
from video_assets.studio.media.probe import decode_all_errors, decode_frame, probe

SECONDS = 2


@pytest.fixture
def services(tmp_path: Path, portraits: Portraits, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with weights; a sound and a face lie in it."""
    weights = tmp_path / "data" / "weights"
    weights.mkdir(parents=True)
    for path in checkpoint.parent.iterdir():
        (weights / path.name).hardlink_to(path)
    monkeypatch.setenv("LESSONREEL_ROOT", str(tmp_path))
    monkeypatch.setenv("LESSONREEL_STATE", str(tmp_path / "state"))
    time = np.arange(SECONDS * 22050) / 22050
    sound = (np.sin(2 * np.pi * 300 * time) * np.clip(np.sin(2 * np.pi * 3 * time), 0, 1) * 12000).astype("<i2")
    with wave.open(str(tmp_path / "said.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22050)
        file.writeframes(sound.tobytes())
    portraits.photo().save(tmp_path / "face.png")
    return tmp_path


def _run(services: Path, *more: str, face: str = "face.png", box: str = "200,90,360,310") -> int:
    placed = ["--box", box] if box else []
    return main(
        ["lipsync", str(services / "said.wav"), str(services / face), "-o", str(services / "out.mp4"), *placed, *more]
    )


def test_a_video_is_made_whole(services: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has a recording and a photo: pictures and sound of one length, marked, that any player opens."""
    assert _run(services) == 0
    seen = probe(services / "out.mp4")
    assert (seen.video.width_px, seen.video.height_px, seen.video.frames) == (560, 440, 25 * SECONDS)
    assert seen.sound is not None
    assert abs(seen.sound.duration_seconds - SECONDS) < 0.04
    assert seen.index_first
    assert decode_all_errors(services / "out.mp4") == ()
    with av.open(str(services / "out.mp4"), container_options={"export_xmp": "1"}) as container:
        assert "compositeWithTrainedAlgorithmicMedia" in container.metadata["xmp"]
    out = capsys.readouterr().out
    assert "2.0 s, 50 frames" in out
    assert "float32" in out or "float16" in out
    assert [path.name for path in services.glob(".*")] == []


def test_only_the_mouth_moves(services: Path) -> None:
    """Viewers: the rest of the photo is as it was taken."""
    assert _run(services, "--no-mark") == 0
    frames = np.stack([decode_frame(services / "out.mp4", index).astype(int) for index in (3, 5, 8, 30, 45)])
    moved = np.argwhere(np.ptp(frames, axis=0).max(axis=2) > 40)
    assert len(moved) > 100
    assert moved[:, 0].min() > 190
    assert moved[:, 0].max() < 330
    assert moved[:, 1].min() > 190
    assert moved[:, 1].max() < 370


def test_the_same_bytes_on_one_core_and_on_two(services: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever compares machines: where the video is cut for encoding follows from its length alone."""
    assert _run(services) == 0
    first = (services / "out.mp4").read_bytes()
    monkeypatch.setattr("video_assets.studio.lipsync.standalone.cores", lambda: 7)
    assert _run(services) == 0
    assert (services / "out.mp4").read_bytes() == first


def test_a_presenters_folder_brings_its_box(services: Path, portraits: Portraits) -> None:
    """Whoever has presenters already."""
    folder = portraits.write("noor", lips={"engine": "wav2lip"})
    shutil.copytree(folder, services / "noor")
    assert _run(services, face="noor", box="") == 0
    assert probe(services / "out.mp4").video.frames == 50


def test_an_engine_that_gives_whole_pictures_makes_a_video_once(services: Path, service: LipService) -> None:
    """Whoever pays a service: its video was bought, and then refused, as mouths were awaited."""
    engines = services / "data" / "engines"
    engines.mkdir()
    told = f'kind = "http"\nversion = "1"\nlicence = "a test\'s"\nurl = "{service.url}"\nworks_at = "10"\n'
    (engines / "hosted.toml").write_text(told)
    for _ in range(2):
        assert _run(services, "--engine", "hosted") == 0
    seen = probe(services / "out.mp4")
    assert (seen.video.width_px, seen.video.height_px, seen.video.frames) == (280, 220, 25 * SECONDS), (
        "as large as it came"
    )
    frames = np.stack([decode_frame(services / "out.mp4", index).astype(int) for index in range(2, 26, 4)])
    assert (np.ptp(frames, axis=0).max(axis=2) > 40).sum() > 50, "the mouth moves"
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"box": "200,90,360"}, 'box "200,90,360" is not a box'),
        ({"box": "200,90,900,310"}, "does not lie in a picture of 560 x 440"),
        ({"box": ""}, "no *yunet*.onnx lies in data/weights"),
        ({"face": "gone.png"}, "gone.png cannot be read: No such file"),
        ({"face": "said.wav"}, "bytes of video that start with b'RIFF"),
    ],
)
def test_bad_input_gets_one_line(
    services: Path, more: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mistypes: what is wrong and what to do, no traceback, and no half of a video."""
    assert _run(services, **more) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err
    assert not (services / "out.mp4").exists()


def test_without_weights_it_says_where_they_go(services: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever tries it first: the weights are theirs to bring."""
    for path in (services / "data" / "weights").iterdir():
        path.unlink()
    assert _run(services) == 2
    assert "no .pth and no .pt file lies in data/weights. Put the checkpoint there" in capsys.readouterr().err
    assert _run(services, "--engine", "louder") == 2
    assert 'There is no engine "louder"' in capsys.readouterr().err
