"""A film in words that a teacher asks for: how long it is, how fast it speaks, and whether it was made in time."""

from __future__ import annotations

import time

import dagster as dg

from .partitions import LESSONS, PREVIEW
from .studio.manifests import FilmManifest, Sources, SpeechManifest


def film_in_words(film: FilmManifest, sources: Sources) -> str:
    """`4:07 long, 8 sections, language en, 152 words a minute`."""
    speech = sources.speech
    parts = [
        f"{clock(film.seconds)} long",
        counted(len(speech.sections), "section"),
        f"language {sources.lesson.lesson.language}",
        *_pace(speech),
    ]
    return ", ".join(parts)


def speech_in_words(speech: SpeechManifest) -> str:
    """`3:58 of speech in 8 sections, 152 words a minute`."""
    seconds = sum(entry.samples for entry in speech.sections) / speech.rate_hz
    return ", ".join([f"{clock(seconds)} of speech in {counted(len(speech.sections), 'section')}", *_pace(speech)])


def _pace(speech: SpeechManifest) -> list[str]:
    """How fast it is spoken; nothing where nothing is."""
    minutes = sum(entry.samples for entry in speech.sections) / speech.rate_hz / 60
    words = sum(entry.words for entry in speech.sections)
    return [f"{words / minutes:.0f} words a minute"] if minutes else []


def target_in_words(context: dg.AssetExecutionContext, film: FilmManifest, sources: Sources) -> str:
    """Whether this run has taken no longer than the setting `target_percent` asks; empty without a target."""
    percent = sources.lesson.settings.target_percent
    record = context.instance.get_run_record_by_id(context.run.run_id)
    if not percent or not film.seconds or record is None or record.start_time is None:
        return ""
    seconds = time.time() - record.start_time
    share = 100 * seconds / film.seconds
    met = "met" if share <= percent else "missed"
    return f"{percent} % of the film's length: {met} (this run took {clock(seconds)}, {share:.0f} %)"


def archive_in_words(instance: dg.DagsterInstance, film: dg.AssetKey, lesson: str) -> str:
    """How many lessons have a film as of now: those with a materialization, and `lesson`, whose film is published."""
    lessons = {key for key in instance.get_dynamic_partitions(str(LESSONS.name)) if PREVIEW not in key}
    made = lessons & ({lesson} | instance.get_materialized_partitions(film))
    return f"{len(made)} of {counted(len(lessons), 'lesson')} had a film at the end of this run"


def clock(seconds: float) -> str:
    """`4:07`, `1:02:03`: whole seconds."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def counted(number: int, noun: str) -> str:
    """`1 section`, `8 sections`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
