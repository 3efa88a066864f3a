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
from video_assets.studio.spoken.leftover_markup import leftover_markup
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


def _leftover(narration: str) -> Iterator[Finding]:
    for each in leftover_markup(narration):
        written = quoted(narration[each.start : each.end])
        yield Finding(each.start, each.end, f"{written} is {each.what}", each.remedy)


FindMarks = Callable[[str], Iterator[Finding]]
"""A rule: the findings in a narration with its markup, as it was written."""
MARK_RULES: tuple[FindMarks, ...] = (_leftover,)


def doubtful_readings(narration: str, language: str, pronunciations: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings in `narration`, in the order of the text. Their places count in `narration` as it was written."""
    marks = [finding for rule in MARK_RULES for finding in rule(narration)]
    return tuple(sorted(dict.fromkeys((*marks, *_of_visible_text(narration, language, pronunciations)))))


def _of_visible_text(narration: str, language: str, pronunciations: Mapping[str, str]) -> Iterator[Finding]:
    marked, tables = parse(narration), language_of(language)
    found = [finding for rule in RULES for finding in rule(marked.text, tables)]
    given = overridden_spans(marked, pronunciations, tables) if found else ()
    for finding in found:
        if not any(start < finding.end and finding.start < end for start, end in given):
            yield finding._replace(start=marked.offsets[finding.start], end=marked.offsets[finding.end - 1] + 1)
