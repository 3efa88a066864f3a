"""Short summaries of a film for Dagster's UI: its length, its pace, and whether the run met its time target."""

from __future__ import annotations

import time

import dagster as dg

from video_assets.studio.core.quantities import format_clock, format_duration
from video_assets.studio.pipeline.manifests import FilmManifest, Sources, SpeechManifest

from .partitions import LESSONS, PREVIEW


def film_in_words(film: FilmManifest, sources: Sources) -> str:
    """`4:07 long, 8 sections, language en, 152 words a minute`."""
    speech = sources.speech
    parts = [
        f"{format_clock(film.seconds)} long",
        pluralise(len(speech.sections), "section"),
        f"language {sources.lesson.lesson.language}",
        *_pace(speech),
    ]
    return ", ".join(parts)


def speech_in_words(speech: SpeechManifest) -> str:
    """`3:58 of speech in 8 sections, 152 words a minute`."""
    seconds = sum(entry.samples for entry in speech.sections) / speech.rate_hz
    return ", ".join(
        [f"{format_clock(seconds)} of speech in {pluralise(len(speech.sections), 'section')}", *_pace(speech)]
    )


def _pace(speech: SpeechManifest) -> list[str]:
    """The pace of the speech; empty if there is no speech."""
    minutes = sum(entry.samples for entry in speech.sections) / speech.rate_hz / 60
    words = sum(entry.words for entry in speech.sections)
    return [f"{words / minutes:.0f} words a minute"] if minutes else []


def target_in_words(context: dg.AssetExecutionContext, film: FilmManifest, sources: Sources) -> str:
    """Whether this run met the setting `target_percent`; empty without a target."""
    percent = sources.lesson.settings.target_percent
    record = context.instance.get_run_record_by_id(context.run.run_id)
    if not percent or not film.seconds or record is None or record.start_time is None:
        return ""
    seconds = time.time() - record.start_time
    share = 100 * seconds / film.seconds
    met = "met" if share <= percent else "missed"
    return f"{percent} % of the film's length: {met} (this run took {format_duration(seconds)}, {share:.0f} %)"


def archive_in_words(instance: dg.DagsterInstance, film: dg.AssetKey, lesson: str) -> str:
    """How many lessons have a film now: those with a materialization, and `lesson`, which was just published."""
    lessons = {key for key in instance.get_dynamic_partitions(str(LESSONS.name)) if PREVIEW not in key}
    made = lessons & ({lesson} | instance.get_materialized_partitions(film))
    return f"{len(made)} of {pluralise(len(lessons), 'lesson')} had a film at the end of this run"


def pluralise(number: int, noun: str) -> str:
    """`1 section`, `8 sections`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
