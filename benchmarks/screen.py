"""What the slides of bare sections teach: titles, drawn arrangements, and the rhythm of what appears.

Run `make bench-screen`, or `python -m benchmarks.screen [FOLDER] [--speech espeak] [--sheet out.png]`. The sections in
benchmarks/screen are written as archives write them: shot lists with labels. `$comment` of each names the kinds of
diagrams that its description asks for. The sections are spoken, so that the times are those of the words. Prints a line
for each section and the figures; asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from resources.lesson_folder import LessonFolder
from resources.providers import picture_providers, speech_providers
from video_assets.studio.calls.context import CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.film.slide_changes import entrance_frames, timed_looks
from video_assets.studio.lesson.script import SectionScript
from video_assets.studio.pipeline.manifests import LessonManifest, PictureManifest
from video_assets.studio.pipeline.stage_context import StageContext
from video_assets.studio.slides.descriptions.direction_words import direction_words_of
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.stages.script import write_script
from video_assets.studio.stages.section_audio import speak_script
from video_assets.studio.stages.section_image import make_pictures
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.telemetry.events import EventLog
from video_assets.studio.timeline import plan_clip, token_spans

_ROOT = Path(__file__).resolve().parent.parent
LESSONS = _ROOT / "benchmarks" / "screen"
_RATE = Fraction(25)
_BREATH_MS = 400
_TORN_ENDS = frozenset(
    ("a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "with", "from", "and", "or", "but", "as")
)
_TORN_ENDS |= frozenset(("is", "are", "was", "were", "be", "being", "been", "its", "their", "this", "that"))


class Seen(NamedTuple):
    """A section as its viewers see it."""

    lesson: str
    title: str
    derived: str
    asked: tuple[str, ...]
    """The kinds of which any is what the description asks for; empty if it asks for none."""
    longest_still_seconds: float
    """Longest time in which nothing new appears or is marked."""
    appearance_seconds: tuple[float, ...]
    """For each change: from the start of its word to its appearance; negative: before the word."""
    title_faults: tuple[str, ...]
    picture: bytes


def look_at(folder: Path, speech: str) -> Iterator[Seen]:
    """The sections of the lessons in `folder`, spoken by the provider `speech`."""
    for file in sorted(folder.glob("*.json")):
        with tempfile.TemporaryDirectory(prefix="lessonreel-screen-") as scratch:
            yield from _sections(file, Path(scratch), speech)


def _sections(file: Path, root: Path, speech: str) -> Iterator[Seen]:
    context = StageContext(
        LocalStore(root / "store"),
        LocalSlots({"rendering": 1}),
        EventLog(root / "journal.jsonl"),
        _ROOT / "data" / "fonts",
        services=CallServices(root / "calls"),
        approvals=root / "approvals",
    )
    source = LessonFolder(file.parent, root / "elsewhere", root / "project.toml")
    lesson = load_lesson(file.stem, source, {}, RunOverrides("", {"speech": speech}, ""), context).result.manifest
    script = write_script(lesson, context, {}).manifest
    sounds = speak_script(script, dict(speech_providers()), context).manifest
    pictures = make_pictures(script, picture_providers(_ROOT / "data" / "fonts"), context, {}).manifest
    written = json.loads(file.read_text("utf-8"))["sections"]
    before = ""
    for section, comment, sound in zip(script.sections, written, sounds.sections, strict=True):
        times = SpeechTimes.model_validate_json(context.store.read(sound.times.id))
        still, apart = _rhythm(section, times)
        yield Seen(
            file.stem,
            section.title,
            section.derived,
            tuple(comment.get("$comment", {}).get("asked", ())),
            still,
            apart,
            tuple(_title_faults(section.title, before, lesson)),
            _picture(pictures, section.id, context),
        )
        before = section.title


def _picture(pictures: PictureManifest, id_: str, context: StageContext) -> bytes:
    entry = next(entry for entry in pictures.sections if entry.id == id_)
    return context.store.read(entry.picture.id)


def _rhythm(section: SectionScript, times: SpeechTimes) -> tuple[float, tuple[float, ...]]:
    """The longest still time, and how far each appearance is from the start of its word."""
    plan = plan_clip(times, _RATE, _BREATH_MS)
    looks = timed_looks(section.cues, section.tokens, times, plan, _RATE)
    starts = [0, *(look.frame for look in looks), plan.lead_frames + plan.speech_frames]
    longest = max(after - start for start, after in pairwise(starts))
    words = {cue.look: cue.token for cue in reversed(section.cues)}
    spans = token_spans(section.tokens, times)
    visible = entrance_frames("calm", _RATE) / 2
    apart = [
        float((look.frame + visible - plan.lead_frames) / _RATE - Fraction(spans[words[look.look]][0], times.rate_hz))
        for look in looks
        if words.get(look.look, -1) >= 0
    ]
    return float(longest / _RATE), tuple(apart)


def _title_faults(title: str, before: str, lesson: LessonManifest) -> Iterator[str]:
    words = title.split()
    if len(words) > 8:
        yield "over eight words"
    if words and words[-1].strip("()'’").lower() in _TORN_ENDS:
        yield "torn"
    if title.count("(") != title.count(")") or title.count("“") != title.count("”") or title[-1:] in "'\"‘“,:;":
        yield "a stray mark"
    if title == before:
        yield "the same as the one before"
    sets = direction_words_of(lesson.lesson.language)
    if words and all(word.strip("().,:").lower() in sets.forms for word in words):
        yield "a direction"


def report(seen: Sequence[Seen]) -> str:
    """A line for each section, and the figures."""
    lines = [
        f"{each.lesson:12} {each.derived:12} {'/'.join(each.asked) or '-':22} {each.longest_still_seconds:5.1f} s  "
        f"{each.title}{'  ! ' + ', '.join(each.title_faults) if each.title_faults else ''}"
        for each in seen
    ]
    asked = [each for each in seen if each.asked]
    drawn = [each for each in asked if each.derived in each.asked]
    wrong = [each for each in asked if each.derived not in (*each.asked, "labels", "bullets", "statement")]
    still = sorted(each.longest_still_seconds for each in seen)
    apart = sorted(seconds for each in seen for seconds in each.appearance_seconds)
    inside = sum(-0.3 <= seconds <= 0.4 for seconds in apart)
    return "\n".join(
        (
            *lines,
            f"sections {len(seen)}, titles with a fault {sum(bool(each.title_faults) for each in seen)}",
            f"arrangement asked for {len(asked)}, drawn {len(drawn)} ({len(drawn) / max(len(asked), 1):.0%})",
            f"another arrangement drawn {len(wrong)}",
            f"longest still time: median {statistics.median(still):.1f} s, 95 % {_percentile(still, 0.95):.1f} s",
            f"appearances {len(apart)}, from -0.3 s to +0.4 s of the word {inside / max(len(apart), 1):.1%}",
        )
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def sheet(seen: Sequence[Seen], columns: int = 6, width: int = 400) -> Image.Image:
    """All slides, small, in the order of the lines."""
    pictures = [Image.open(BytesIO(each.picture)) for each in seen]
    height = width * pictures[0].height // pictures[0].width
    made = Image.new("RGB", (columns * width, -(-len(pictures) // columns) * height))
    for number, picture in enumerate(pictures):
        place = (number % columns * width, number // columns * height)
        made.paste(picture.resize((width, height), Image.Resampling.LANCZOS), place)
    return made


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=LESSONS)
    parser.add_argument("--speech", default="espeak")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    seen = tuple(look_at(options.folder, options.speech))
    print(report(seen))
    if options.sheet:
        sheet(seen).save(options.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
