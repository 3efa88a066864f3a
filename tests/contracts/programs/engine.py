"""A lip-sync engine as a program: `engine.py FACE SOUND OUT RATE [BEHAVIOUR]`. Opens a mouth when it is loud.

A real one, only small. `BEHAVIOUR` makes it do what programs of others do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw


def video(face: Path, sound: bytes | Path, out: Path, rate: Fraction, behaviour: str = "") -> None:
    """Write the video."""
    with wave.open(str(sound), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
        rate_hz = file.getframerate()
    frames = int(len(samples) / rate_hz * rate)
    if behaviour == "groups of 16":
        frames = frames // 16 * 16
    if behaviour == "too few":
        frames //= 2
    picture = _opened(face)
    size = (200, 200) if behaviour == "another shape" else (280, 220)
    with av.open(str(out), "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=rate, options={"crf": "18", "preset": "ultrafast", "threads": "1"}
        )
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            heard = samples[int(number * rate_hz / rate) : int((number + 1) * rate_hz / rate)]
            loud = 0 if behaviour == "frozen" else min(40, int(400 * np.sqrt(np.mean(heard**2)))) if len(heard) else 0
            shown = picture.resize(size)
            ImageDraw.Draw(shown).ellipse((120, 124 - loud / 2, 160, 128 + loud / 2), fill=(60, 20, 24))
            if behaviour == "black":
                shown = Image.new("RGB", size)
            container.mux(stream.encode(av.VideoFrame.from_image(shown)))
        container.mux(stream.encode(None))


def _opened(face: Path) -> Image.Image:
    if face.suffix != ".mp4":
        return Image.open(face).convert("RGB")
    with av.open(str(face)) as container:
        return next(container.decode(video=0)).to_image()


def main(face: str, sound: str, out: str, rate: str, behaviour: str = "") -> None:
    """Make the video, or misbehave."""
    if behaviour == "exit":
        sys.stderr.write("CUDA out of memory, or so\n")
        raise SystemExit(3)
    if behaviour == "hang":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(os.environ["ENGINE_PIDS"]).write_text(f"{os.getpid()} {child.pid}")
        time.sleep(600)
    if behaviour == "talks":
        for _ in range(20_000):
            sys.stdout.write("frame " * 200 + "\n")
            sys.stderr.write("frame " * 20 + "\n")
    if behaviour == "nothing":
        return
    if behaviour == "page":
        Path(out).write_bytes(b"<html>try again</html>")
        return
    if behaviour == "link":
        Path(out).symlink_to(sound)
        return
    video(Path(face), Path(sound), Path(out), Fraction(rate), behaviour)
    if behaviour == "cut":
        whole = Path(out).read_bytes()
        Path(out).write_bytes(whole[: len(whole) * 2 // 3])


if __name__ == "__main__":
    main(*sys.argv[1:])
