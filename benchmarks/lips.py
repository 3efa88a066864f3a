"""The lips' network in every fast form beside the plain one, in one run: speed, exactness, and how lips fit a sound.

Run `make bench-lips`, or `python -m benchmarks.lips [--checkpoint FILE] [--face FILE --box L,T,R,B] [--out PNG]`. The
forms take turns, round by round; a ratio is the median of the rounds' ratios to the plain network in the same round.
The allocator keeps its memory for all alike (glibc otherwise gives the plain network's large blocks back each time, and
it loses a third of its speed). Without a checkpoint the weights are seeded and calibrated: speed and exactness are then
true, and what the lips look like means nothing. Asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import write_section
from video_assets.studio.lipsync.engine import FaceBox
from video_assets.studio.lipsync.engines.crops import crops
from video_assets.studio.lipsync.face import Pads, make_face, read_pictures
from video_assets.studio.lipsync.jobs import resting_frames
from video_assets.studio.lipsync.mouth_opening import openings
from video_assets.studio.lipsync.network.devices import cpu_flags
from video_assets.studio.lipsync.network.mel import RATE_HZ as MEL_HZ
from video_assets.studio.lipsync.network.mel import log_mel, silent_window, window_starts
from video_assets.studio.lipsync.network.mel import windows as windows_at
from video_assets.studio.lipsync.network.model import LOWER_ROWS, Wav2Lip
from video_assets.studio.lipsync.network.precision import psnr_db
from video_assets.studio.lipsync.network.runtime import Generator, Precision, encoder_inputs
from video_assets.studio.lipsync.network.torch_generator import TorchGenerator
from video_assets.studio.lipsync.network.weights import Weights, fold, read_checkpoint
from video_assets.studio.media.sound import resample
from video_assets.studio.presenter.lip_timing import closed_lips_recall, lip_timing, movement_in_silence
from video_assets.studio.presenter.provider import LipOptions
from video_assets.studio.speech.provider import SpeechRequest, SpeechTimes

from .seeded_weights import calibrated_state

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "4294967295", "MALLOC_TRIM_THRESHOLD_": "8589934592"}
_PLAIN_GFLOP, _FAST_GFLOP = 7.934, 4.506
"""A frame, counting two operations for a multiplication with addition."""
_SHOWN = 6
_RATE = Fraction(25)

Mouths = NDArray[np.uint8]


def _unplaced(windows: NDArray[np.float32], parts: Sequence[NDArray[np.intp]]) -> Mouths:
    raise NotImplementedError("The plain network is not dealt out.")


class Form(NamedTuple):
    """A form of the network: makes the mouths of windows."""

    name: str
    precision: Precision
    make: Callable[[NDArray[np.float32]], Mouths]
    gflop: float = _FAST_GFLOP
    placed: Callable[[NDArray[np.float32], Sequence[NDArray[np.intp]]], Mouths] = _unplaced
    """The same in parts, given by the frames' numbers, each frame at its own place."""


class Row(NamedTuple):
    """What was measured of a form."""

    form: Form
    frames_per_second: float
    """The best round."""
    ratio: float
    largest_levels: int
    differing: float
    psnr_db: float


class Subject(NamedTuple):
    """What is computed: windows (count x 80 x 16) and one face (1 x 96 x 96 x 3)."""

    windows: NDArray[np.float32]
    face: NDArray[np.uint8]


def forms(
    state: dict[str, Any], weights: Weights, face: NDArray[np.uint8], batch: int, *, compiled: bool
) -> list[Form]:
    """The plain network first; then what this machine can do."""
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    found = [Form("plain", "float32", partial(_plain, _network(state, device), face, batch), _PLAIN_GFLOP)]
    precisions: tuple[Precision, ...] = ("float32",)
    if device != "cpu":
        precisions = ("float32", "float16", "bfloat16")
        found += [_torch(weights, face, device, each, batch, "eager", graphed=False) for each in precisions]
        found += [_torch(weights, face, device, each, batch, "CUDA graph") for each in precisions]
        return found
    if {"amx_bf16", "avx512_bf16"} & cpu_flags():
        precisions = ("float32", "bfloat16")
    found += [_torch(weights, face, device, each, batch, "eager") for each in precisions]
    if compiled and shutil.which("g++"):
        found += [_torch(weights, face, device, each, batch, "compiled", compiled=True) for each in precisions]
    if find_spec("openvino"):
        found += [_openvino(weights, face, each, batch) for each in precisions]
    return found


def _network(state: dict[str, Any], device: str) -> Wav2Lip:
    network = Wav2Lip()
    network.load_state_dict(state)
    return network.eval().to(device)


def _plain(network: Wav2Lip, face: NDArray[np.uint8], batch: int, windows: NDArray[np.float32]) -> Mouths:
    """As the published script runs it: face and window through the whole network for every frame."""
    device = next(network.parameters()).device
    seen = torch.from_numpy(encoder_inputs(face)).to(device)
    made = []
    # torch would use TF32 on a GPU, and the comparison would be with its rounding.
    with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        for first in range(0, len(windows), batch):
            heard = torch.from_numpy(windows[first : first + batch, None]).to(device)
            output = network(heard, seen.expand(len(heard), -1, -1, -1))
            made.append((output * 255).round().to(torch.uint8).cpu().numpy())
    return np.concatenate(made)[:, ::-1, 96 - LOWER_ROWS :].transpose(0, 2, 3, 1)


def _torch(
    weights: Weights, face: NDArray[np.uint8], device: str, precision: Precision, batch: int, name: str, **how: bool
) -> Form:
    return _form(f"torch, {name}", TorchGenerator(weights, device, precision, batch, **how), face)


def _openvino(weights: Weights, face: NDArray[np.uint8], precision: Precision, batch: int) -> Form:
    from video_assets.studio.lipsync.network.openvino_generator import OpenVinoGenerator

    return _form("OpenVINO", OpenVinoGenerator(weights, precision, batch), face)


def _form(name: str, generator: Generator, face: NDArray[np.uint8]) -> Form:
    maps = generator.maps(face)

    def make(windows: NDArray[np.float32]) -> Mouths:
        return generator.mouths(windows, maps, [0] * len(windows))

    def placed(windows: NDArray[np.float32], parts: Sequence[NDArray[np.intp]]) -> Mouths:
        made = [
            generator.mouths(windows[part], maps, [0] * len(part), part - part[0] // generator.batch * generator.batch)
            for part in parts
        ]
        return np.concatenate(made)

    return Form(name, generator.precision, make, placed=placed)


def measure(compared: Sequence[Form], windows: NDArray[np.float32], rounds: int) -> list[Row]:
    """Every form, round by round; the first form is the baseline."""
    made = [form.make(windows) for form in compared]  # also the warm-up
    speeds = [[len(windows) / _seconds(form, windows) for form in compared] for _ in range(rounds)]
    return [_row(form, number, speeds, made) for number, form in enumerate(compared)]


def _seconds(form: Form, windows: NDArray[np.float32]) -> float:
    started = time.perf_counter()
    form.make(windows)
    return time.perf_counter() - started


def _row(form: Form, number: int, speeds: list[list[float]], made: list[Mouths]) -> Row:
    levels = np.abs(made[number].astype(np.int16) - made[0])
    return Row(
        form,
        max(speed[number] for speed in speeds),
        median(speed[number] / speed[0] for speed in speeds),
        int(levels.max()),
        float((levels > 0).mean()),
        psnr_db(made[number], made[0]),
    )


def _table(rows: Sequence[Row], bounds: dict[str, float]) -> Iterator[str]:
    yield "| form | precision | frames/s | x plain | TFLOP/s | of the bound | levels, at most | that differ | PSNR |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        tflops = row.frames_per_second * row.form.gflop / 1000
        share = f"{tflops / bounds[row.form.precision]:.0%}" if bounds else "-"
        yield (
            f"| {row.form.name} | {row.form.precision} | {row.frames_per_second:,.1f} | {row.ratio:.2f} | "
            f"{tflops:.2f} | {share} | {row.largest_levels} | {row.differing:.3%} | {row.psnr_db:.1f} dB |"
        )


def _invariance(compared: Sequence[Form], subject: Subject) -> str:
    """Whether 1, 3 and 8 chunks of the same frames give the same bytes, in each fast form (frames keep their seats)."""
    same = [form.name + " " + form.precision for form in compared[1:] if _is_invariant(form, subject.windows)]
    return f"1, 3 and 8 chunks give the same bytes: {', '.join(same) or 'in no form'}"


def _is_invariant(form: Form, windows: NDArray[np.float32]) -> bool:
    whole = form.make(windows)
    parts = (np.array_split(np.arange(len(windows)), count) for count in (3, 8))
    return all(np.array_equal(whole, form.placed(windows, spans)) for spans in parts)


def _quality(form: Form, said: Said, lead: int) -> str:
    """How the lips of a form fit a sentence of the embedded voice, as its own record would say."""
    frames = -int(-Fraction(len(said.sound), said.rate_hz) * _RATE // 1)
    mel = log_mel(resample(said.sound, said.rate_hz, MEL_HZ))
    heard = windows_at(mel, window_starts(frames, _RATE, lead, mel.shape[1]))
    resting = np.array(resting_frames(said.times, _RATE, frames, 0))
    heard[resting] = silent_window()
    open_ = tuple(map(float, openings(form.make(heard))))
    timing = lip_timing(open_, _RATE, said.sound, said.rate_hz, 0)
    recall = closed_lips_recall(open_, said.times, _RATE, 0)
    moved = movement_in_silence(open_, said.times, _RATE, 0)
    return (
        f"lead {lead}: offset {timing.offset_ms:+.0f} ms at correlation {timing.correlation:.2f}, closed lips "
        f"{recall:.0%} (estimated), movement in silence {moved} of {int(resting.sum())} frames"
    )


class Said(NamedTuple):
    """A sentence with its times."""

    sound: NDArray[np.float32]
    rate_hz: int
    times: SpeechTimes


def _said(text: str) -> Said:
    from resources.catalogue import speech_providers

    voice = speech_providers()["espeak"]
    section = Section(id="say", pointer="", line=1, narration=text)
    words = write_section(section, language="en", pronunciations={})
    speech = voice.speak(SpeechRequest(pieces=words.speech, language="en", voice=voice.voices()[0].id))
    return Said(speech.sound, speech.times.rate_hz, speech.times)


def _bounds() -> dict[str, float]:
    """What this GPU does at most, in TFLOP/s: a product of two matrices of 8192 x 8192."""
    if not torch.cuda.is_available():
        return {}
    torch.backends.cuda.matmul.allow_tf32 = False
    kinds = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
    return {name: _product_tflops(kind) for name, kind in kinds.items()}


def _product_tflops(kind: torch.dtype, side: int = 8192, times: int = 10) -> float:
    left, right = (torch.randn(side, side, device="cuda", dtype=kind) for _ in range(2))
    product = torch.empty_like(left)
    for _ in range(2):
        torch.matmul(left, right, out=product)
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(times):
        torch.matmul(left, right, out=product)
    torch.cuda.synchronize()
    return 2 * side**3 * times / (time.perf_counter() - started) / 1e12


def seeded_subject(frames: int) -> Subject:
    """Windows and a face that cover what there can be, the same on any machine."""
    throw = np.random.Generator(np.random.PCG64(7))
    windows = np.clip(throw.normal(-1, 2, (frames, 80, 1)) + throw.normal(0, 1, (frames, 80, 16)), -4, 4)
    face = throw.integers(0, 256, (1, 12, 12, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    return Subject(windows.astype(np.float32), face)


def _cropped(path: Path, box: str) -> NDArray[np.uint8]:
    data = path.read_bytes()
    pictures = read_pictures(data, _RATE)[:1]
    return crops(make_face(data, pictures, [FaceBox(*map(int, box.split(",")))], Pads(), LipOptions()), 96)


def _picture(compared: Sequence[Form], subject: Subject) -> Image.Image:
    """Some frames (across) of each form (down), the upper half of the face above each mouth."""
    step = max(1, len(subject.windows) // _SHOWN)
    chosen = subject.windows[::step][:_SHOWN]
    upper = np.broadcast_to(subject.face[:, : 96 - LOWER_ROWS], (len(chosen), 96 - LOWER_ROWS, 96, 3))
    rows = [np.hstack(list(np.concatenate([upper, form.make(chosen)], axis=1))) for form in compared]
    return Image.fromarray(np.vstack(rows)).resize((96 * 2 * len(chosen), 96 * 2 * len(rows)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; write the side-by-side picture if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lips", description=__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--frames", type=int, default=0, help="at a time; by default 64 on a CPU, 4096 on a GPU")
    parser.add_argument("--batch", type=int, default=0, help="by default 16 on a CPU, 128 on a GPU")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="torch.compile as well: minutes")
    parser.add_argument("--say", default="", metavar="TEXT", help="also how the lips fit this text, spoken")
    parser.add_argument("--face", type=Path, help="a photo; with --box")
    parser.add_argument("--box", default="", metavar="L,T,R,B")
    parser.add_argument("--out", type=Path, help="PNG of some frames of each form, side by side")
    options = parser.parse_args(arguments)
    on_gpu = torch.cuda.is_available()
    batch = options.batch or (128 if on_gpu else 16)
    state = read_checkpoint(options.checkpoint) if options.checkpoint else calibrated_state()
    subject = seeded_subject(options.frames or (4096 if on_gpu else 64))
    if options.face:
        subject = subject._replace(face=_cropped(options.face, options.box))
    compared = forms(state, fold(state), subject.face, batch, compiled=options.compile)
    rows = measure(compared, subject.windows, options.rounds)
    device = torch.cuda.get_device_name(0) if on_gpu else f"{os.cpu_count()} CPUs, {torch.get_num_threads()} threads"
    weights = options.checkpoint.name if options.checkpoint else "seeded and calibrated weights"
    print(f"{device}; batch {batch}; {len(subject.windows)} frames, {options.rounds} rounds; {weights}\n")
    print("\n".join(_table(rows, _bounds())))
    print("\n" + _invariance(compared, subject))
    if options.say:
        print("\n".join(_quality(compared[1], _said(options.say), lead) for lead in (0, 1, 2)))
    if options.out:
        _picture(compared, subject).save(options.out)


if __name__ == "__main__":
    if not ALLOCATOR.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.lips", *sys.argv[1:]], {**os.environ, **ALLOCATOR})
    main()
