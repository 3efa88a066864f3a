"""The words by which a description asks for an arrangement, compiled to regular expressions.

Does not belong here: the words (`arrangement_words.toml`), or what is made of them (`arrangement`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.languages import primary_subtag

_FILE = Path(__file__).with_name("arrangement_words.toml")
_NEVER = re.compile(r"(?!)")
_UNSPACED = frozenset({"zh", "ja"})
_FALLBACK = "en"


class ArrangementWords(NamedTuple):
    """The words of a language. Words that the language does not have match nothing."""

    strong: Mapping[str, re.Pattern[str]]
    """For each kind of diagram: words that name it."""
    weak: Mapping[str, re.Pattern[str]]
    """For each kind: words that ask for it only if the description itself says what stands where."""
    shapes: Mapping[str, re.Pattern[str]]
    """For each shape of a curve: its words. In the order in which they are tried."""
    roles: Mapping[str, re.Pattern[str]]
    """Words by role, such as `left`, `and`, `leads_to`."""
    sources: Mapping[str, str]
    """The same as the source of a group without a name, to be built into longer expressions."""
    articles: frozenset[str]
    lead: frozenset[str]
    """Words that are left off the start of a label."""

    def find(self, role: str, text: str) -> re.Match[str] | None:
        """The first of the words of a role in `text`."""
        return self.roles.get(role, _NEVER).search(text)

    def any_of(self, *roles: str) -> str:
        """The source of an expression for the words of all `roles`; it matches nothing if there are none."""
        return "|".join(self.sources[role] for role in roles if role in self.sources) or "(?!)"


def arrangement_words(language: str) -> tuple[ArrangementWords, ...]:
    """The words to be tried for `language` (a BCP 47 tag): its own, if there are any, then the English ones."""
    return tuple(_known(family) for family in dict.fromkeys((primary_subtag(language), _FALLBACK)) if family in _file())


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@lru_cache(maxsize=16)
def _known(family: str) -> ArrangementWords:
    tables, spaced = _file()[family], family not in _UNSPACED
    listed = {role: words for role, words in tables["words"].items() if isinstance(words, list)}
    sources = {role: _source(words, spaced=spaced) for role, words in listed.items()}
    return ArrangementWords(
        strong=_compiled(tables["strong"], spaced=spaced),
        weak=_compiled(tables.get("weak", {}), spaced=spaced),
        shapes=_compiled(tables.get("shapes", {}), spaced=spaced),
        roles={role: re.compile(source, re.IGNORECASE) for role, source in sources.items()},
        sources=sources,
        articles=frozenset(str(tables["words"].get("articles", "")).split()),
        lead=frozenset(str(tables["words"].get("lead", "")).split()),
    )


def _compiled(table: Mapping[str, Iterable[str]], *, spaced: bool) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(_source(words, spaced=spaced), re.IGNORECASE) for name, words in table.items()}


def _source(words: Iterable[str], *, spaced: bool) -> str:
    """The words as alternatives, the longest first. Where words have spaces between them, only whole words match."""
    alternatives = "|".join(sorted(words, key=len, reverse=True))
    # \w lacks the vowel signs of Devanagari.
    return rf"(?<![\w\u0900-\u0963])(?:{alternatives})(?![\w\u0900-\u0963])" if spaced else f"(?:{alternatives})"
