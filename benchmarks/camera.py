"""What a moving camera costs: the same pictures still and moving, in one run.

Run `python -m benchmarks.camera [SECTIONS]`. Prints the CPU seconds of the pictures and of the clips, and their sizes,
for pictures below the title and for pictures that fill the frame.
Asserts nothing. Both films are made in one process, with one worker; the words are spoken before the clock starts.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.reveal import clocked
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
_WORDS = "The light of the sun enters the air, and the air scatters the short waves far more than it scatters the long."


def _picture(path: Path) -> None:
    """Soft shades with fine grain, as a photograph has them."""
    chance = np.random.default_rng(1)
    shades = Image.fromarray(chance.integers(40, 216, (8, 12, 3), dtype=np.uint8))
    soft = np.asarray(shades.resize((1536, 1024), Image.Resampling.BICUBIC)).astype(float)
    grain = chance.normal(0, 3, (1024, 1536, 1))
    Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8)).save(path)


def measure(picture_motion: str, sections: int, *, fills: bool = False) -> tuple[float, float, float, float]:
    """CPU seconds of the pictures and of the clips, kilobytes of the clips, and the seconds that they last.

    `fills`: the pictures fill the frame.
    """
    with tempfile.TemporaryDirectory(prefix="lessonreel-camera-") as folder:
        root = Path(folder)
        lessons = root / "lessons"
        lessons.mkdir()
        _picture(lessons / "sky.png")
        focus = {"focus": [0.5, 0.5]} if fills else {}
        told = [{"id": f"s{number}", "content": _WORDS, "picture": "sky.png", **focus} for number in range(sections)]
        (lessons / "sky.json").write_text(json.dumps({"title": "Sky", "sections": told}), "utf-8")
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
        chosen = {"picture_motion": picture_motion, "speech": "espeak", "title_card_ms": "0", "end_card_ms": "0"}
        lesson = load_lesson("sky", source, {}, RunOverrides("", chosen, ""), context).result.manifest
        script = write_script(lesson, context, {})
        speech = speak_script(script.manifest, dict(speech_providers()), context)
        players = presenter_providers(_DATA / "presenters", _DATA / "engines", _DATA / "weights", root / "faces")
        painters = picture_providers(_DATA / "fonts")
        painted, pictures = clocked(lambda: make_pictures(script.manifest, painters, context, {}))
        filmed, clips = clocked(lambda: make_clips(speech.manifest, pictures.manifest, players, context))
        parts = [part for clip in clips.manifest.sections for part in clip.parts]
        seconds = sum(part.frames for part in parts) / lesson.settings.rate
        return painted, filmed, sum(part.part.size_bytes for part in parts) / 1000, float(seconds)


def main(sections: int = 3) -> None:
    """Print both films and their ratio."""
    measure("off", 1)  # loads fonts and libraries
    for place, fills in (("below the title", False), ("fills the frame", True)):
        still, moving = (measure(motion, sections, fills=fills) for motion in ("off", "slow"))
        print(f"{place}   pictures CPU s   clips CPU s       kB   seconds")
        for name, (painted, filmed, kilobytes, seconds) in (("off", still), ("slow", moving)):
            print(f"{name:15} {painted:16.2f} {filmed:13.2f} {kilobytes:8.0f} {seconds:9.1f}")
        print(f"moving: {moving[1] / still[1]:.2f} x the CPU of the clips, {moving[2] / still[2]:.2f} x their bytes")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
