"""What an asset tells Dagster about a stage: data version, table, figures.

Belongs here: metadata a person reads in the UI. Does not belong here: measuring it (the stage did).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg

from .markdown import picture
from .studio.film import Finding
from .studio.store import Fact
from .studio.usage import Used
from .studio.workshop import Row, StageResult


def recorded(
    result: StageResult[Any],
    *,
    seconds: float,
    used: Used,
    version: str = "",
    **metadata: dg.MetadataValue,
) -> dg.MaterializeResult[Any]:
    """The materialization of a stage. Its data version is `version`, by default the manifest's digest."""
    return dg.MaterializeResult(
        value=result.manifest,
        data_version=dg.DataVersion(version or result.digest),
        metadata={
            **metadata,
            "sections": _table(result.rows),
            **_counts(result),
            "step_seconds": _rounded(seconds),
            **_plotted(result, used),
            **{name: _rounded(figure) for name, figure in result.figures.items()},
        },
    )


def _counts(result: StageResult[Any]) -> dict[str, Fact]:
    """What was made and what was reused, in the stages that count; of the film, whether this run joined it."""
    if result.joined is not None:
        return {"joined": "in this run" if result.joined else "before: nothing in it changed"}
    return {"made": result.made, "reused": result.reused} if result.made + result.reused else {}


def _plotted(result: StageResult[Any], used: Used) -> dict[str, Fact]:
    """Figures that the UI plots over time. What nothing measured is left out: a zero would be drawn as one."""
    figures: dict[str, Fact] = {
        "cpu_seconds": _rounded(used.cpu_seconds),
        "waited_seconds": _rounded(used.waited_seconds),
    }
    if counted := result.made + result.reused:
        figures["reused_percent"] = _rounded(100 * result.reused / counted)
    if used.memory_bytes is not None:
        figures["memory_megabytes"] = _rounded(used.memory_bytes / 1e6)
    return figures


def checked(lesson: str, findings: Iterable[Finding]) -> Iterator[dg.AssetCheckResult]:
    """What the checks of this lesson's film found, with the figures they decided by."""
    for finding in findings:
        yield dg.AssetCheckResult(
            check_name=finding.check,
            passed=finding.passed,
            description=finding.message,
            # Checks have no partitions in the UI: it would not say whose film was looked at last.
            metadata={"lesson": lesson, **{name: _rounded(value) for name, value in finding.measured.items()}},
        )


def _table(rows: Sequence[Row]) -> dg.MetadataValue:
    if not rows:
        return dg.MetadataValue.text("no sections")
    # A table's records have the same fields: a card lacks what only sections have.
    columns = dict.fromkeys(name for row in rows for name in row.facts)
    return dg.MetadataValue.table([_record(row, columns) for row in rows])


def _record(row: Row, columns: Iterable[str]) -> dg.TableRecord:
    known = {name: row.facts.get(name) for name in columns}
    return dg.TableRecord(
        {
            "section": row.section,
            "title": row.title,
            **({} if row.made is None else {"outcome": "made" if row.made else "reused"}),
            # Headers are read by people; a table that is wider than the page scrolls.
            **{name.replace("_", " "): "" if value is None else _rounded(value) for name, value in known.items()},
        }
    )


def _rounded(value: Fact) -> Fact:
    """Two decimals: a person compares figures, and the exact ones are in the manifests and the report."""
    return round(value, 2) if isinstance(value, float) else value


def inline_picture(data: bytes, kind: str = "image/webp", alt: str = "storyboard") -> dg.MetadataValue:
    """A picture that Dagster's UI shows in place: Markdown with a data URL (kept small; events are stored twice)."""
    import base64

    return dg.MetadataValue.md(picture(alt, f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"))
