"""The provenance of a film: the bundle's `manifest.json` and `report.json`.

The manifest is deterministic: the same film gives the same bytes. The report holds the seconds and counts of this run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from video_assets.studio.lesson.script import SectionScript
from video_assets.studio.media.marks import VOCABULARY, SourceType
from video_assets.studio.pictures.provider import opening_sections, section_place
from video_assets.studio.pipeline.manifests import ClipManifest, PictureEntry, PictureManifest, Sources
from video_assets.studio.storage.store import ObjectRef
from video_assets.studio.telemetry.events import COUNTED, Event, ProgressCounter
from video_assets.studio.timeline import SpokenSection, Timeline, decimal_seconds, spoken_at

FORMAT = "lessonreel-bundle/1"


def is_realistic(clips: ClipManifest) -> bool:
    """Whether viewers could take the presenter for a filmed person."""
    return clips.presenter.get("realistic") == "yes"


def source_type_of(clips: ClipManifest, pictures: PictureManifest) -> SourceType:
    """The origin of the film's pictures: whether a trained network made some of them."""
    trained = is_realistic(clips) or any(entry.painted_by for entry in pictures.sections)
    return "compositeWithTrainedAlgorithmicMedia" if trained else "algorithmicMedia"


def describe(sources: Sources, timeline: Timeline, files: Mapping[str, ObjectRef]) -> dict[str, Any]:
    """The manifest of the bundle: its files, the film, and the providers and speech times of each section."""
    lesson = sources.lesson.lesson
    spoken = spoken_at(timeline)
    starts = {section.id: placed.start_frame / timeline.frame_rate for placed, section in timeline.sections()}
    return {
        "format": FORMAT,
        "lesson": {
            "key": sources.lesson.key,
            "source_sha256": sources.lesson.source,
            "title": lesson.title,
            "language": lesson.language,
            "author": lesson.author,
            "licence": lesson.licence,
            "date": lesson.date,
        },
        "settings": sources.lesson.settings.model_dump(mode="json"),
        **({"chosen": sources.lesson.chosen} if sources.lesson.chosen else {}),
        "film": {
            "frames": timeline.frames,
            "frame_rate": timeline.rate,
            "seconds": decimal_seconds(timeline.seconds),
            "digital_source_type": VOCABULARY + source_type_of(sources.clips, sources.pictures),
            "chapters": [
                {"title": chapter.title, "start_seconds": decimal_seconds(chapter.start_frame / timeline.frame_rate)}
                for chapter in timeline.chapters
            ],
        },
        "sections": [_section(sources, number, section, starts[section.id]) for number, section in enumerate(spoken)],
        "files": {name: reference.model_dump() for name, reference in sorted(files.items())},
    }


def _section(sources: Sources, number: int, spoken: SpokenSection, start: Fraction) -> dict[str, Any]:
    script = sources.script.sections[number]
    sound = sources.speech.sections[number]
    picture = sources.pictures.sections[number]
    clip = sources.clips.sections[number]
    settings = sources.lesson.settings
    opening = opening_sections([section.id for section in sources.script.sections], settings)
    return {
        "id": script.id,
        "title": script.title,
        "pointer": script.pointer,
        "line": script.line,
        "start_seconds": decimal_seconds(start),
        "spoken": [
            {
                "text": sentence.text,
                "offset": sentence.offset,
                "start_seconds": sentence.start_seconds,
                "end_seconds": sentence.end_seconds,
            }
            for sentence in spoken.sentences
        ],
        **({"writing": {"written_by": script.written_by, "generated": True}} if script.written_by else {}),
        "speech": {
            **(sound.provider or sources.speech.provider),
            "sha256": sound.sound.id,
            "generated": script.recording is None,
        },
        "picture": {
            **sources.pictures.provider,
            "sha256": picture.picture.id,
            "layout": _layout(script, picture),
            "alt": script.slide.alt,
            "generated": script.slide.picture is None,
            **({"derived": script.derived} if script.derived else {}),
            **({"listed": True} if picture.listed else {}),
            **({"painted_by": picture.painted_by} if picture.painted_by else {}),
            **({"instead_of": picture.instead_of} if picture.instead_of else {}),
        },
        "presenter": {
            **sources.clips.presenter,
            "place": section_place(script.slide, settings, opens=script.id in opening and not script.scene),
            "lips": clip.lips,
            "generated": bool(sources.clips.presenter),
        },
    }


def _layout(script: SectionScript, picture: PictureEntry) -> str:
    if picture.painted_by:
        return "picture"
    return "diagram-list" if picture.listed else script.slide.layout


def report_of(events: Iterable[Event], film_seconds: Fraction, joining_seconds: float) -> dict[str, Any]:
    """The report of this run by stage, from its event log. `joining_seconds` is the time spent on the bundle so far."""
    counter = ProgressCounter()
    for event in events:
        counter.add(event)
    stages = {
        stage: {
            **({"made": counter.made(stage), "reused": counter.reused(stage)} if stage in COUNTED else {}),
            "failed": counter.failed(stage),
            "seconds": round(counter.seconds.get(stage, 0.0), 3),
        }
        for stage in counter.stages
        if stage != "final_video"  # it still runs: `joining_seconds` is its time so far
    }
    return {
        "film_seconds": float(film_seconds),
        "joining_seconds": round(joining_seconds, 3),
        "cost": {},
        "stages": stages,
    }
