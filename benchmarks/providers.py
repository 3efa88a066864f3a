"""What a provider's time comes to: ten pictures and sounds, four lessons at once, 75 written sections, faults.

    python -m benchmarks.providers [SCALE]      (default 1: pictures 12 s, sounds 3 s, texts 8 s; 0.25 is quicker)

A server on this machine answers with these latencies; the real command, Dagster's processes and slots lie between.
Times are the server's: from the first request to the last answer. The best schedule is the bound that nobody can beat;
the baseline is one call after the other.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.provider import Provider, at_random
from tests.services import write_file

_REPOSITORY = Path(__file__).resolve().parent.parent
_SLOTS = 8
_PICTURE_SECONDS, _SOUND_SECONDS, _TEXT_SECONDS = 12.0, 3.0, 8.0
_SMALL = ("--set", "width_px=320", "--set", "height_px=320", "--set", "frame_rate=12", "--set", "preset=ultrafast")
_BOUGHT = ("--set", "speech=trial", "--set", "pictures=trial", "--set", "presenter_place=absent", "--storyboard")
_SECTIONS, _LESSONS, _WRITTEN, _BATCH = 10, 4, 75, 5


class Shop:
    """A checkout with a provider."""

    def __init__(self, root: Path, provider: Provider) -> None:
        self.root = root
        self.ledger = provider.ledger
        (root / "data" / "lessons").mkdir(parents=True)
        for name in ("fonts", "presenters"):
            (root / "data" / name).symlink_to(_REPOSITORY / "data" / name)
        shutil.copy(_REPOSITORY / "dagster.yaml", root)
        patient: dict[str, Any] = {"timeout_seconds": 120, "patience_seconds": 1800, "tries": 14}
        write_file(root / "data" / "providers", provider, at_once=_SLOTS, **patient)

    def write(self, name: str) -> Path:
        """A lesson of sections that no other lesson has."""
        sections = [
            {
                "id": f"s{number}",
                "image_description": f"Cloud number {number} over the village of {name}.",
                "content": f"Cloud number {number} over {name} is heavier than it looks, and it rains at noon.",
            }
            for number in range(_SECTIONS)
        ]
        path = self.root / "data" / "lessons" / f"{name}.json"
        path.write_text(json.dumps({"title": name, "sections": sections}))
        return path

    def run(self, *arguments: str | Path) -> int:
        """The command; its exit code."""
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LESSONREEL_")},
            "LESSONREEL_ROOT": str(self.root),
            "LESSONREEL_STATE": str(self.root / "data" / "state"),
            "DAGSTER_HOME": str(self.root),
            "PYTHONPATH": str(_REPOSITORY),
        }
        command = (sys.executable, "-m", "video_assets.cli", *map(str, arguments))
        return subprocess.run(command, cwd=self.root, env=environ, stdout=subprocess.DEVNULL, check=False).returncode


@contextmanager
def _shop(provider: Provider) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="shop-") as folder, provider:
        yield Shop(Path(folder) / "checkout", provider)


def main(scale: float = 1.0) -> None:
    """Print each figure beside its bound and its baseline."""
    _one_lesson(scale)
    _four_lessons(scale)
    _written(scale, _WRITTEN)
    _written(scale, 10)
    _with_faults()


def _latency(scale: float) -> dict[str, float]:
    return {"pictures": _PICTURE_SECONDS * scale, "speech": _SOUND_SECONDS * scale, "text": _TEXT_SECONDS * scale}


def _one_lesson(scale: float) -> None:
    with _shop(Provider(latency=_latency(scale))) as shop:
        code = shop.run("render", shop.write("north"), *_BOUGHT, *_SMALL)
        ledger = shop.ledger
    best = math.ceil(_SECTIONS / _SLOTS) * _PICTURE_SECONDS * scale
    with _shop(Provider(latency=_latency(scale / 4))) as shop:
        shop.run("render", shop.write("south"), *_BOUGHT, *_SMALL, "--sequential")
        sequential = shop.ledger
    print(
        f"10 pictures of {12 * scale:g} s and 10 sounds of {3 * scale:g} s, 8 slots: {ledger.seconds:.1f} s "
        f"({ledger.seconds / best:.2f} x the best schedule of {best:g} s), "
        f"{ledger.most_in_flight} in flight, exit {code}"
    )
    print(
        f"  one after the other, at a quarter of these latencies: {sequential.seconds:.1f} s, "
        f"which is {4 * sequential.seconds / ledger.seconds:.1f} x as long"
    )


def _four_lessons(scale: float) -> None:
    with _shop(Provider(latency=_latency(scale))) as shop:
        for name in ("north", "south", "east", "west"):
            shop.write(name)
        code = shop.run("render", "data/lessons", *_BOUGHT, *_SMALL, "--at-once", str(_LESSONS))
        ledger = shop.ledger
    work = _LESSONS * _SECTIONS * (_PICTURE_SECONDS + _SOUND_SECONDS) * scale
    print(
        f"4 lessons of these at once: {ledger.seconds:.1f} s "
        f"({ledger.seconds * _SLOTS / work:.2f} x the work over the slots), most in flight: "
        f"{ledger.most_in_flight} of {_SLOTS}, exit {code}"
    )


def _written(scale: float, part_sections: int) -> None:
    with _shop(Provider(latency=_latency(scale), part_sections=part_sections)) as shop:
        arguments = ("new", "rain", "--writing", "trial", "--sections", str(_WRITTEN), "--batch", str(_BATCH))
        code = shop.run(*arguments)
        ledger = shop.ledger
    entries = sorted(ledger.entries)
    seconds = max(entry.ended for entry in entries) - entries[1].arrived
    batches = math.ceil(_WRITTEN / _BATCH) * _TEXT_SECONDS * scale
    print(
        f"75 sections of {8 * scale:g} s in parts of {part_sections}, 5 at a time: {seconds:.1f} s after the outline "
        f"({seconds / batches:.2f} x ceil(75 / 5) x {8 * scale:g} s), {ledger.most_in_flight} in flight, exit {code}"
    )


def _with_faults() -> None:
    with _shop(Provider(faults=at_random(0.3, seed=1), retry_after_seconds=0.5)) as shop:
        names = ("north", "south", "east", "west")
        for name in names:
            shop.write(name)
        code = shop.run("render", "data/lessons", *_BOUGHT, *_SMALL, "--at-once", "2")
        ledger = shop.ledger
    sums = ledger.sums()
    unavoidable = sum(entry.billed and not entry.delivered for entry in ledger.entries)
    print(f"30 % faults, 4 lessons of 10 sections: exit {code}, {ledger.wasted} avoidable paid calls")
    print(f"  {sums['requests']} requests, {sums['billed']} billed, {unavoidable} of them spoilt by the provider")


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:2]))
