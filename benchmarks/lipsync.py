"""`lessonreel lipsync`, from a sound to a finished video: as a command, its start included, and with the model loaded.

Run `python -m benchmarks.lipsync SOUND FACE --box L,T,R,B [--checkpoint FILE] [--runs N]`. Without a checkpoint the
weights are seeded and calibrated: the mouths are then noise, which is the most that an encoder can be given. Asserts
nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.lipsync.engine import Face, FaceBox
from video_assets.studio.lipsync.engines.wav2lip import Wav2LipEngine
from video_assets.studio.lipsync.face import Pads, make_face, read_pictures
from video_assets.studio.lipsync.standalone import LipSyncRunner, VideoOptions, render_talking_head
from video_assets.studio.media.sound import decode_sound
from video_assets.studio.presenter.provider import LipOptions

from .seeded_weights import calibrated_state, write_checkpoint

_RATE = Fraction(25)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the seconds of each run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lipsync", description=__doc__)
    parser.add_argument("sound", type=Path)
    parser.add_argument("face", type=Path)
    parser.add_argument("--box", required=True)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        weights = root / "data" / "weights"
        weights.mkdir(parents=True)
        if options.checkpoint:
            shutil.copy(options.checkpoint, weights)
        else:
            write_checkpoint(weights / "wav2lip.pth", calibrated_state())
        for run in range(options.runs + 1):
            what = "as a command" if run else "as a command, the first time: the weights are folded"
            print(f"{what}: {_commanded(root, options):.2f} s", flush=True)
        print(_loaded(weights, options))


def _commanded(root: Path, options: argparse.Namespace) -> float:
    command = [sys.executable, "-m", "video_assets.cli", "lipsync", options.sound, options.face, "--box", options.box]
    environ = {**os.environ, "LESSONREEL_ROOT": str(root), "LESSONREEL_STATE": str(root / "state")}
    started = time.perf_counter()
    ended = subprocess.run(
        [*map(str, command), "-o", str(root / "out.mp4")], env=environ, check=True, text=True, stdout=-1
    )
    seconds = time.perf_counter() - started
    print(ended.stdout.replace(str(root / "out.mp4"), ""), end="")
    return seconds


def _loaded(weights: Path, options: argparse.Namespace) -> str:
    """Once the network is on its device, as for every section of a lesson but the first."""
    checkpoint = next(path for path in weights.iterdir() if path.suffix in {".pth", ".pt"})
    sound, rate_hz = decode_sound(options.sound.read_bytes())
    face = _face(options)
    engine = Wav2LipEngine(checkpoint, weights, LipOptions())
    with engine.session(LocalSlots({}), lambda _: None) as session:
        path = weights.parent / "out.mp4"
        render_talking_head(
            np.zeros(rate_hz // 5, np.float32), rate_hz, face, LipSyncRunner(session), VideoOptions(_RATE), path
        )
        started = time.perf_counter()
        made = render_talking_head(sound, rate_hz, face, LipSyncRunner(session), VideoOptions(_RATE), path)
        seconds = time.perf_counter() - started
    facts = made.facts
    return (
        f"with the network loaded: {seconds:.2f} s for {made.frames} frames (lips {made.lips_seconds:.2f} s, encoding "
        f"{made.encoding_seconds:.2f} s) by {facts['device']}, {facts['runtime']}, {facts['precision']}"
    )


def _face(options: argparse.Namespace) -> Face:
    data = options.face.read_bytes()
    box = FaceBox(*map(int, options.box.split(",")))
    return make_face(data, read_pictures(data, _RATE), (box,), Pads(), LipOptions())


if __name__ == "__main__":
    main()
