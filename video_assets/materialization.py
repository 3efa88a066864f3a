"""Builds an asset's materialization from the result of its stage: data version, table of sections, figures.

Does not belong here: measuring the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from video_assets.dagster_internals import disable_dagster_warnings
from video_assets.studio.film.checks import CheckResult
from video_assets.studio.pipeline.stage_context import SectionRow, StageResult
from video_assets.studio.storage.store import Scalar
from video_assets.studio.telemetry.resource_usage import ResourceUsage

from .markdown import picture
from .partitions import LESSONS

LABELS: Mapping[str, str] = {
    "made": "sections made in this run",
    "reused": "sections reused",
    "reused_percent": "share of sections reused (%)",
    "step_seconds": "time of this step (s)",
    "cpu_seconds": "processor time (s)",
    "waited_seconds": "waited for free slots, all threads together (s)",
    "memory_megabytes": "most memory used (MB)",
    "speech_seconds": "length of the speech (s)",
    "video_seconds": "length of the clips (s)",
    "film_seconds": "length of the film (s)",
    "bundle_megabytes": "size of the film and its files (MB)",
    "sections_by_stand_in": "sections by another provider than the chosen one",
    "sections_recorded": "sections that the author's recordings say",
    "closed_lips_recall": "p, b and m with closed lips (1: all)",
    "movement_in_silence_frames": "frames in which the mouth moves in silence",
    "largest_lip_offset_ms": "largest distance of lips and sound (ms)",
    "lips_frames_computed": "frames of lips computed in this run",
    "lips_seconds": "time for computing lips (s)",
    "warnings": "warnings about the lesson's text",
}
"""Names of figures in Dagster's UI, which labels a metadata entry and its plot with the key only."""
_IN_WORDS = frozenset({"target_percent"})
"""Figures that are shown in words only."""


def materialize_result(
    result: StageResult[Any],
    *,
    seconds: float,
    used: ResourceUsage,
    version: str = "",
    watch: dg.MetadataValue | None = None,
    summary: str = "",
    checks: Sequence[dg.AssetCheckResult] = (),
    details: Mapping[str, dg.MetadataValue] | None = None,
    **metadata: dg.MetadataValue,
) -> dg.MaterializeResult[Any]:
    """The materialization of a stage. Its data version is `version`, by default the manifest's digest.

    The order is: `watch` (the film's URL), `summary`, the other `metadata`, `details`, and the figures with their
    names in LABELS. The results of `checks` belong to this materialization.
    """
    first: dict[str, Any] = {"watch": watch} if watch else {}
    if summary:
        first["summary"] = _sentence(summary, result, seconds)
    figures = {
        **_counts(result),
        "step_seconds": _rounded(seconds),
        **_plotted(result, used),
        **{name: _rounded(figure) for name, figure in result.figures.items() if name not in _IN_WORDS},
    }
    return dg.MaterializeResult(
        value=result.manifest,
        data_version=dg.DataVersion(version or result.digest),
        check_results=checks,
        metadata={
            **first,
            **{name.replace("_", " "): value for name, value in {**metadata, **(details or {})}.items()},
            "sections": _table(result.rows),
            **{label_of(name): figure for name, figure in figures.items()},
        },
    )


def label_of(figure: str) -> str:
    """The name of a figure in Dagster's UI."""
    return LABELS.get(figure, figure.replace("_", " "))


def _counts(result: StageResult[Any]) -> dict[str, Scalar]:
    """The counts of made and reused parts, for the stages that count them."""
    return {"made": result.made, "reused": result.reused} if result.made + result.reused else {}


def _sentence(summary: str, result: StageResult[Any], seconds: float) -> str:
    return f"{summary}. {_outcome(result)}, in {seconds:.1f} s."


def _outcome(result: StageResult[Any]) -> str:
    """Counts of made and reused parts, for a stage that counts them. For the film, whether this run joined it."""
    if result.joined is not None:
        return "Joined now" if result.joined else "Joined before: nothing in it changed"
    counts = [f"{result.made} made now" if result.made else "", f"{result.reused} reused" if result.reused else ""]
    text = ", ".join(filter(None, counts)) or "read"
    return f"{text[0].upper()}{text[1:]}"


def _plotted(result: StageResult[Any], used: ResourceUsage) -> dict[str, Scalar]:
    """The figures that the UI plots over time. A figure that was not measured is left out, not plotted as 0."""
    figures: dict[str, Scalar] = {
        "cpu_seconds": _rounded(used.cpu_seconds),
        "waited_seconds": _rounded(used.waited_seconds),
    }
    if counted := result.made + result.reused:
        figures["reused_percent"] = _rounded(100 * result.reused / counted)
    if used.memory_bytes is not None:
        figures["memory_megabytes"] = _rounded(used.memory_bytes / 1e6)
    return figures


def check_specs(asset: str, checks: Mapping[str, str]) -> list[dg.AssetCheckSpec]:
    """The specs of checks (name -> description). Each lesson has its own result of each check."""
    # Dagster 1.13 warns at each import that partitioned checks are a preview feature. Tests cover their use.
    with disable_dagster_warnings():
        return [
            dg.AssetCheckSpec(name, asset=asset, description=description, blocking=True, partitions_def=LESSONS)
            for name, description in checks.items()
        ]


def passed_checks(findings: Iterable[CheckResult]) -> list[dg.AssetCheckResult]:
    """The check results of a published film, for its materialization."""
    return [
        dg.AssetCheckResult(
            check_name=each.check, passed=each.passed, description=each.message, metadata=_measured(each)
        )
        for each in findings
    ]


def rejected_checks(
    asset: dg.AssetKey, lesson: str, findings: Iterable[CheckResult]
) -> Iterator[dg.AssetCheckEvaluation]:
    """The check results of a rejected film. They have no target, because the film has no materialization.

    Without that, Dagster would show the lesson's earlier film as the target.
    """
    for finding in findings:
        yield dg.AssetCheckEvaluation(
            asset_key=asset,
            check_name=finding.check,
            passed=finding.passed,
            description=finding.message,
            metadata={"film": "rejected, not published; an earlier film stays", **_measured(finding)},
            blocking=True,
            partition=lesson,
        )


def _measured(finding: CheckResult) -> dict[str, Scalar]:
    return {name.replace("_", " "): _rounded(value) for name, value in finding.measured.items()}


def _table(rows: Sequence[SectionRow]) -> dg.MetadataValue:
    if not rows:
        return dg.MetadataValue.text("no sections")
    # All records of a table must have the same fields, but a title card lacks some fields of sections.
    columns = dict.fromkeys(name for row in rows for name in row.facts)
    return dg.MetadataValue.table([_record(row, columns) for row in rows])


def _record(row: SectionRow, columns: Iterable[str]) -> dg.TableRecord:
    known = {name: row.facts.get(name) for name in columns}
    return dg.TableRecord(
        {
            "section": row.section,
            "title": row.title,
            **({} if row.made is None else {"outcome": "made" if row.made else "reused"}),
            # The headers are for readers. A table that is wider than the page scrolls.
            **{name.replace("_", " "): "" if value is None else _rounded(value) for name, value in known.items()},
        }
    )


def _rounded(value: Scalar) -> Scalar:
    """A float with two decimals. The exact figures are in the manifests and the report."""
    return round(value, 2) if isinstance(value, float) else value


def inline_picture(data: bytes, kind: str = "image/webp", alt: str = "storyboard") -> dg.MetadataValue:
    """A picture that Dagster's UI shows inline: Markdown with a data URL.

    The picture should be small, because Dagster stores events twice.
    """
    import base64

    return dg.MetadataValue.md(picture(alt, f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"))
