"""The figures of clips: how well lips fit the sound, and the facts that a run reports about its clips."""

from __future__ import annotations

from fractions import Fraction

from video_assets.studio.media.encode import part_spans
from video_assets.studio.pipeline.manifests import ClipEntry, PartEntry
from video_assets.studio.pipeline.stage_context import SectionRow
from video_assets.studio.presenter.lip_timing import closed_lips_recall, lip_timing, movement_in_silence
from video_assets.studio.presenter.provider import Performance, SoundSource
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import BuildResult, Record, Scalar
from video_assets.studio.timeline import ClipPlan

_LIP_FACTS = ("closed_lips_recall", "movement_in_silence_frames", "lip_offset_ms")
_ESTIMATED_FACTS = ("lip_correlation", "opening_estimated")
_ENGINE_FACTS = ("lips_device", "lips_precision", "lips_batch", "lips_chunks", "lips_frames_computed", "lips_seconds")
"""Facts of lips that a lip-sync engine made."""
_SHOWN_FACTS = ("poses", *_LIP_FACTS, "lip_correlation", *_ENGINE_FACTS, "mouth_enlarged")


def lip_facts(
    performance: Performance, times: SpeechTimes, rate: Fraction, source: SoundSource, lead_frames: int
) -> dict[str, Scalar]:
    """How well the lips fit the sound, measured on the pictures that are encoded.

    Empty if the provider does not know how far the mouth is open. The sound is then not decoded.
    """
    opening = performance.opening
    if opening is None:
        return {}
    openings = tuple(opening(key) for key in performance.keys)
    sound, rate_hz = source()
    timing = lip_timing(openings, rate, sound, rate_hz, lead_frames)
    facts: dict[str, Scalar] = {
        "closed_lips_recall": closed_lips_recall(openings, times, rate, lead_frames),
        "movement_in_silence_frames": movement_in_silence(openings, times, rate, lead_frames),
        "lip_offset_ms": round(timing.offset_ms, 1),
    }
    if performance.opening_estimated:
        facts |= {"lip_correlation": round(timing.correlation, 3), "opening_estimated": True}
    return facts


def lip_figures(record: Record) -> dict[str, float]:
    """The lip figures in the record of a clip, as the checks of the film take them."""
    names = (*_LIP_FACTS, *_ESTIMATED_FACTS)
    return {name: float(value) for name in names if isinstance(value := record.facts.get(name), int | float)}


def clip_row(id_: str, title: str, outcome: BuildResult, rate: Fraction) -> SectionRow:
    """What a run shows of a section's or card's clip."""
    facts = dict(outcome.record.facts)
    parts = (reference for role, reference in outcome.record.objects.items() if role != "lips")
    size = sum(reference.size_bytes for reference in parts)
    return SectionRow(
        id_,
        title,
        outcome.made,
        {
            "video_seconds": round(float(int(facts["frames"] or 0) / rate), 2),
            "kilobytes": round(size / 1024, 1),
            **{name: facts[name] for name in _SHOWN_FACTS if name in facts},
            "step_seconds": round(outcome.seconds, 3),
        },
    )


def run_figures(rows: tuple[SectionRow, ...]) -> dict[str, int | float]:
    """Over all clips: the total length and the worst of each lip figure.

    The lip-sync effort counts only clips that were made in this run. Reused clips cost nothing this time.
    """

    def all_of(name: str) -> list[float]:
        return [float(value) for row in rows if isinstance(value := row.facts.get(name), int | float)]

    figures: dict[str, int | float] = {"video_seconds": round(sum(all_of("video_seconds")), 2)}
    if recalls := all_of("closed_lips_recall"):
        figures["closed_lips_recall"] = min(recalls)
        figures["movement_in_silence_frames"] = sum(all_of("movement_in_silence_frames"))
    if offsets := all_of("lip_offset_ms"):
        figures["largest_lip_offset_ms"] = max(offsets, key=abs)
    made = [row.facts for row in rows if row.made]
    for name in ("lips_frames_computed", "lips_seconds"):
        if values := [float(value) for facts in made if isinstance(value := facts.get(name), int | float)]:
            figures[name] = round(sum(values), 3)
    return figures


def clip_entry(id_: str, plan: ClipPlan, record: Record) -> ClipEntry:
    """The manifest entry of a section's clip."""
    return ClipEntry(
        id=id_,
        plan=plan,
        parts=parts_in(plan.frames, record),
        lips=lip_figures(record),
        recipe=record.recipe.id,
        lip_pictures=record.objects.get("lips"),
        answers=tuple(str(record.facts.get("lips_answers", "")).split()),
    )


def parts_in(frames: int, record: Record) -> tuple[PartEntry, ...]:
    """The parts in the record of a clip or card of `frames` frames."""
    return tuple(
        PartEntry(part=record.objects[f"part_{number}"], frames=span.stop - span.start)
        for number, span in enumerate(part_spans(frames))
    )
