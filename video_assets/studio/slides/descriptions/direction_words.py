"""The words by which a description tells how a picture is made, as sets, and the tests of whole clauses.

Does not belong here: the words (each language's file in `spoken/languages`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.slides.phrases.function_words import function_words_of
from video_assets.studio.spoken.languages.language_file import DirectionWords, find_language_file


class DirectionSets(NamedTuple):
    """The words of `DirectionWords` by their role, and unions of them. All are empty for an unknown language."""

    forms: frozenset[str]
    manner: frozenset[str]
    looks: frozenset[str]
    tints: frozenset[str]
    aspects: frozenset[str]
    camera: frozenset[str]
    reveals: frozenset[str]
    comparing: frozenset[str]
    places: frozenset[str]
    texts: frozenset[str]
    headings: frozenset[str]
    moves: frozenset[str]
    continuing: frozenset[str]
    scaffolding: frozenset[str]
    compounds: frozenset[str]
    observers: frozenset[str]
    genitives: frozenset[str]
    joining: frozenset[str]
    coordinating: frozenset[str]
    indefinite: frozenset[str]
    """The language's indefinite articles."""
    adjectives_follow: bool
    """Whether adjectives stand behind their noun: style minimaliste."""
    suffixes: tuple[str, ...]
    """The aspects, in a language that joins them to the word before: Blautöne."""
    adjectives: frozenset[str]
    """Looks and manner."""
    modifiers: frozenset[str]
    """Adjectives and tints."""
    leading: frozenset[str]
    """Words that stand before what is shown: forms, camera, reveals, continuing, observers."""
    framing: frozenset[str]
    """Words in which a phrase about style ends: forms, camera, aspects."""
    telling: frozenset[str]
    """Words of which a clause needs at least one to be a direction."""
    how: frozenset[str]
    """All words of which a direction may consist."""


_LEADING = ("forms", "camera", "reveals", "continuing", "observers")
_ADJECTIVES_FOLLOW = frozenset({"fr", "es"})
_JOINS_NOUNS = frozenset({"de"})


@lru_cache(maxsize=16)
def _known(family: str) -> DirectionSets:
    file = find_language_file(family)
    words = file.directions if file else DirectionWords()
    roles = {role: frozenset(getattr(words, role).split()) for role in DirectionWords.model_fields}
    telling = frozenset().union(
        *(roles[role] for role in ("forms", "manner", "looks", "tints", "aspects", "camera", "moves", "continuing"))
    )
    small = roles["scaffolding"] | function_words_of(family).stop
    return DirectionSets(
        **roles,
        adjectives_follow=family in _ADJECTIVES_FOLLOW,
        suffixes=tuple(sorted(roles["aspects"])) if family in _JOINS_NOUNS else (),
        indefinite=function_words_of(family).indefinite,
        adjectives=roles["looks"] | roles["manner"],
        modifiers=roles["looks"] | roles["manner"] | roles["tints"],
        leading=frozenset().union(*(roles[role] for role in _LEADING)),
        framing=roles["forms"] | roles["camera"] | roles["aspects"],
        telling=telling,
        how=telling | roles["places"] | roles["reveals"] | roles["texts"] | small,
    )


def direction_words_of(language: str) -> DirectionSets:
    """The direction words of `language` (a BCP 47 tag)."""
    return _known(primary_subtag(language))


def tells_how(word: str, sets: DirectionSets) -> bool:
    """Whether the word may be a part of a direction."""
    if word in sets.how or word.endswith(sets.suffixes):
        return True
    return "-" in word and all(part in sets.how for part in word.split("-") if part)


def with_known_words(text: str, language: str) -> str:
    """`text` with its direction words as they are listed.

    Those with hyphens are joined (`depth of field`), and in a language that writes without spaces, all get spaces.
    """
    family = primary_subtag(language)
    spaced = _unspaced_words(family)
    text = spaced.sub(r" \g<0> ", text) if spaced else text
    joined = _joined_words(family)
    return joined.sub(lambda match: match[0].replace(" ", "-"), text) if joined else text


@lru_cache(maxsize=16)
def _joined_words(family: str) -> re.Pattern[str] | None:
    sets = _known(family)
    words = sorted(re.escape(word).replace(r"\-", "[ -]") for word in sets.forms | sets.aspects if "-" in word)
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) if words else None


@lru_cache(maxsize=16)
def _unspaced_words(family: str) -> re.Pattern[str] | None:
    file = find_language_file(family)
    if file is None or not file.writing.unspaced:
        return None
    sets = _known(family)
    long = sorted((word for word in sets.telling | sets.reveals | sets.texts if len(word) > 1), key=len)
    return re.compile("|".join(map(re.escape, reversed(long))))
