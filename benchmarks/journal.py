"""What a step pays for the length of the journal of paid calls: `python -m benchmarks.journal [CALLS]`.

The baseline is reading all of it, as everybody who counts money does. A step reads what was kept and what came since.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from video_assets.studio.calls.ledger.entries import CallIntent, CallOutcome
from video_assets.studio.calls.ledger.ledger import Ledger
from video_assets.studio.calls.pricing import BilledUsage

_STEPS = 20
_CALLS_OF_A_LESSON = 20


def main(calls: int = 100_000) -> None:
    """Print both times, and their ratio, for journals of growing length."""
    for count in (calls // 100, calls // 10, calls):
        with tempfile.TemporaryDirectory() as folder:
            print(_line(Path(folder), count))


def _line(folder: Path, count: int) -> str:
    _write(folder, count)
    _call(Ledger(folder))  # whoever comes first reads it, and keeps what it comes to
    started = time.perf_counter()
    Ledger(folder).purchases()
    whole = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(_STEPS):
        _call(Ledger(folder))
    step = (time.perf_counter() - started) / _STEPS
    return (
        f"{count:7,} calls ({count // _CALLS_OF_A_LESSON:,} lessons): all of it {whole * 1000:7.1f} ms, "
        f"a step's first call {step * 1000:5.2f} ms = 1/{whole / step:,.0f}"
    )


def _call(ledger: Ledger) -> None:
    id_ = f"{time.time_ns():x}"
    ledger.open_job(id_)
    ledger.record_intent(_intent(id_, 0))
    ledger.record_outcome(_end(id_))


def _write(folder: Path, count: int) -> None:
    """As many calls as that, without the disk's time for each."""
    with (folder / "ledger.jsonl").open("w", encoding="utf-8") as file:
        for number in range(count):
            for entry in (_intent(f"{number:016x}", number), _end(f"{number:016x}")):
                file.write(json.dumps(entry.model_dump(mode="json")) + "\n")


def _intent(id_: str, number: int) -> CallIntent:
    return CallIntent(
        id=id_,
        unix_seconds=1_800_000_000.0 + number,
        work="speech",
        provider="openai",
        account="main",
        model="gpt-4o-mini-tts",
        recipe=f"{number:064x}",
        lesson=f"course/lesson-{number // _CALLS_OF_A_LESSON}",
        section=f"section-{number % _CALLS_OF_A_LESSON}",
        run="c0ffee00-1111-2222-3333-444444444444",
        most=Decimal("0.01"),
    )


def _end(id_: str) -> CallOutcome:
    units = BilledUsage(characters=300, input_tokens=100, sound_milliseconds=20_000)
    return CallOutcome(id=id_, unix_seconds=1.8e9, outcome="done", units=units, cost=Decimal("0.005"), seconds=3.2)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
