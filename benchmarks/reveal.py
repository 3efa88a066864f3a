"""What the states of slides cost: the same sections with them and without, in one run.

Run `python -m benchmarks.reveal [SECTIONS]`. Prints the CPU seconds of the pictures and of the clips, and their ratio.
Asserts nothing. Both films are made in one process, with one worker; the words are spoken before the clock starts.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from resources.lesson_folder import LessonFolder
from resources.providers import picture_providers, presenter_providers, speech_providers
from video_assets.studio.calls.context import CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.pipeline.stage_context import StageContext
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.stages.lip_synced_clip import make_clips
from video_assets.studio.stages.script import write_script
from video_assets.studio.stages.section_audio import speak_script
from video_assets.studio.stages.section_image import make_pictures
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.telemetry.events import EventLog

_DATA = Path(__file__).resolve().parent.parent / "data"
LESSON = "mosfet"
Result = TypeVar("Result")


class Spent(NamedTuple):
    """CPU seconds of the two stages that the states of slides concern, and the size of the clips."""

    pictures: float
    clips: float
    states: int
    kilobytes: float

    @property
    def together(self) -> float:
        """CPU seconds of both stages."""
        return self.pictures + self.clips


def measure(reveal: str, sections: int) -> Spent:
    """Make the first `sections` sections of the benchmark lesson with the setting `reveal`."""
    with tempfile.TemporaryDirectory(prefix="lessonreel-reveal-") as folder:
        root = Path(folder)
        lessons = root / "lessons"
        lessons.mkdir()
        lesson = json.loads((_DATA / "lessons" / f"{LESSON}.json").read_text("utf-8"))
        lesson["sections"] = lesson["sections"][:sections]
        (lessons / f"{LESSON}.json").write_text(json.dumps(lesson), "utf-8")
        context = StageContext(
            LocalStore(root / "store"),
            LocalSlots({"rendering": 1}),
            EventLog(root / "journal.jsonl"),
            _DATA / "fonts",
            workers=1,
            services=CallServices(root / "calls"),
            approvals=root / "approvals",
        )
        source = LessonFolder(lessons, root / "elsewhere", root / "project.toml")
        chosen = RunOverrides("", {"reveal": reveal}, "")
        script = write_script(load_lesson(LESSON, source, {}, chosen, context).result.manifest, context, {})
        speech = speak_script(script.manifest, dict(speech_providers()), context)
        painters = picture_providers(_DATA / "fonts")
        players = presenter_providers(_DATA / "presenters", _DATA / "engines", _DATA / "weights", root / "faces")
        painted, pictures = clocked(lambda: make_pictures(script.manifest, painters, context, {}))
        filmed, clips = clocked(lambda: make_clips(speech.manifest, pictures.manifest, players, context))
        sizes = (part.part.size_bytes for clip in clips.manifest.sections for part in clip.parts)
        states = sum(len(entry.states) for entry in pictures.manifest.sections)
        return Spent(painted, filmed, states, sum(sizes) / 1000)


def clocked(make: Callable[[], Result]) -> tuple[float, Result]:
    """The CPU seconds of `make`, those of its child processes included, and its result."""
    before = _cpu_seconds()
    made = make()
    return _cpu_seconds() - before, made


def _cpu_seconds() -> float:
    usages = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(sections: int = 10) -> None:
    """Print both films and their ratio."""
    measure("all", 1)  # loads fonts and libraries
    whole, revealed = measure("all", sections), measure("words", sections)
    print("reveal   states   pictures CPU s   clips CPU s   together       kB")
    for name, spent in (("all", whole), ("words", revealed)):
        print(
            f"{name:8} {spent.states:6d} {spent.pictures:16.2f} {spent.clips:13.2f} {spent.together:10.2f} "
            f"{spent.kilobytes:8.0f}"
        )
    print(f"states: {revealed.together / whole.together:.2f} x the CPU of both stages (target: at most 1.25)")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
