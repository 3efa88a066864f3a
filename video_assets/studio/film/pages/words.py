"""The words of the pages, in the languages of lessons. A language without a translation gets the English words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from video_assets.studio.core.languages import primary_subtag

from .templating import TEMPLATES

_COMMA_LANGUAGES = frozenset({"de", "fr", "es"})
WORDS, CHECKS = "words.json", "checks.json"


class Check(NamedTuple):
    """The result of one check of the film, as a sentence."""

    text: str
    passed: bool


def page_words(language: str) -> Mapping[str, str]:
    """The words of the page of a film in `language` (a BCP 47 tag)."""
    return _in_language(WORDS, language)


def checks_in_words(findings: Sequence[Mapping[str, Any]], language: str) -> list[Check]:
    """A sentence for each finding of a bundle's qc.json. A failed one has the message of the finding."""
    sentences = _in_language(CHECKS, language)
    return [
        Check(
            _sentence(finding, sentences, _decimal_mark(language)) if finding["passed"] else finding["message"],
            finding["passed"],
        )
        for finding in findings
    ]


def _sentence(finding: Mapping[str, Any], sentences: Mapping[str, str], decimal_mark: str) -> str:
    measured = finding["measured"]
    name = _lips(measured) if finding["check"] == "lips" else finding["check"]
    try:
        return sentences[name].format_map({each: _figure(value, decimal_mark) for each, value in measured.items()})
    except KeyError:  # a check or a figure of another version: use its own message
        return finding["message"]


def _lips(measured: Mapping[str, Any]) -> str:
    if not measured.get("sections_with_a_mouth"):
        return "no_lips"
    return "lips" if measured.get("sections_timed") else "untimed_lips"


def _figure(value: object, decimal_mark: str) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1f}".removesuffix(".0").replace("-", "\u2212").replace(".", decimal_mark)


def _decimal_mark(language: str) -> str:
    return "," if primary_subtag(language) in _COMMA_LANGUAGES else "."


def _in_language(name: str, language: str) -> Mapping[str, str]:
    known = _file(name)
    return known.get(primary_subtag(language), known["en"])


@lru_cache(maxsize=4)
def _file(name: str) -> dict[str, dict[str, str]]:
    return json.loads((TEMPLATES / name).read_text("utf-8"))
