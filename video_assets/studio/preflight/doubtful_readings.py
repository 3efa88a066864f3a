"""The doubtful readings of a narration: what has no certain reading, and marks of other formats that were left in it.

Text for which the author gave the words to say is not doubtful. Does not belong here: the rules that find them
(`spoken`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from video_assets.studio.core.messages import quoted
from video_assets.studio.spoken.findings import Finding
from video_assets.studio.spoken.languages.language import Language
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.reading import overridden_spans
from video_assets.studio.spoken.uncertain import uncertain_readings


def _uncertain(text: str, language: Language) -> Iterator[Finding]:
    for each in uncertain_readings(text, language):
        first, second = each.alternatives
        message = f"{quoted(each.written)} is read {quoted(each.said, _MOST_SHOWN)}, which may not be what you mean"
        yield Finding(each.start, each.end, message, f"Write {first}, or {second}.")


_MOST_SHOWN = 80
FindReadings = Callable[[str, Language], Iterator[Finding]]
"""A rule: the findings in a text without markup. Their places count in this text."""
RULES: tuple[FindReadings, ...] = (_uncertain,)


def doubtful_readings(narration: str, language: str, pronunciations: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings in `narration`, in the order of the text. Their places count in `narration` as it was written."""
    marked, tables = parse(narration), language_of(language)
    found = [finding for rule in RULES for finding in rule(marked.text, tables)]
    if not found:
        return ()
    given = overridden_spans(marked, pronunciations, tables)
    doubtful = (
        finding for finding in found if not any(start < finding.end and finding.start < end for start, end in given)
    )
    placed = (
        finding._replace(start=marked.offsets[finding.start], end=marked.offsets[finding.end - 1] + 1)
        for finding in doubtful
    )
    return tuple(sorted(dict.fromkeys(placed)))
