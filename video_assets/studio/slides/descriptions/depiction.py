"""What a description shows, without how it is filmed.

Descriptions are shot lists: words about camera, style, light, motion and staging stand between the words about the
subject. Does not belong here: the arrangement of what is shown (`arrangement`).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from video_assets.studio.core.values import FrozenModel
from video_assets.studio.slides.phrases.function_words import function_words_of

from .direction_words import DirectionSets, direction_words_of, with_known_words
from .labels import headings_in, labels_in
from .masked_text import QUOTED, MaskedText, cores_of, masked, without_han_spaces
from .shot_list import ClauseRole, ShotClause, clauses_of
from .subjects import subjects_in


class Depiction(FrozenModel):
    """What a description shows."""

    subject: str = ""
    """What the picture is of, as a phrase that can be a title; empty if the description does not say."""
    subjects: tuple[str, ...] = ()
    """All phrases that may name what is shown, the likeliest first."""
    pictured: bool = False
    """Whether the description names its subject as such: a diagram of it."""
    statements: tuple[str, ...] = ()
    """The clauses about what is shown, in order, without directions for camera and style.

    Texts to be written stand in them between “ and ”. Arrows are written as →. A place in the frame
    stands before its clause: `left side: cell`.
    """
    labels: tuple[str, ...] = ()
    """Texts that are to stand in the picture, in order, each once."""
    headings: tuple[str, ...] = ()
    """Those of the labels that are written over the picture as a whole: `text overlay: "Moore's law"`."""
    directions: tuple[str, ...] = ()
    """The clauses and words that tell how the picture is made, in order: camera, style, light, staging."""
    forms: tuple[str, ...] = ()
    """The words for the picture itself, in order, in lower case, each once: flowchart, graph, split screen."""
    continues: bool = False
    """Whether the description goes on from the one before."""


@lru_cache(maxsize=256)
def depiction_of(description: str, language: str) -> Depiction:
    """What `description` shows, in `language` (a BCP 47 tag). The same text gives the same depiction."""
    sets, text = direction_words_of(language), masked(with_known_words(description, language))
    clauses = tuple(clauses_of(text.text, sets))
    shown = tuple(clause for clause in clauses if clause.role is ClauseRole.SHOWN)
    subjects = subjects_in(shown, language)
    return Depiction(
        subject=subjects[0] if subjects else "",
        subjects=subjects,
        pictured=bool(shown) and (shown[0].pictured or bool(function_words_of(language).suffix)),
        statements=tuple(
            _written_out(f"{clause.place}: {clause.text}" if clause.place else clause.text, text) for clause in shown
        ),
        labels=labels_in(clauses, text, language),
        headings=headings_in(clauses, text, language),
        directions=tuple(_written_out(clause.text, text) for clause in clauses if clause.role is ClauseRole.DIRECTION),
        forms=_forms(text, sets),
        continues=_continues(clauses, sets),
    )


def _written_out(clause: str, text: MaskedText) -> str:
    return QUOTED.sub(lambda match: f"“{text.quoted[int(match[1])]}”", without_han_spaces(clause))


def _forms(text: MaskedText, sets: DirectionSets) -> tuple[str, ...]:
    words = cores_of(text.text)
    found = [word for word in words if word in sets.forms]
    if "split-screen" in words or any(pair == ("split", "screen") for pair in pairwise(words)):
        found.insert(0, "split screen")
    return tuple(dict.fromkeys(found))


def _continues(clauses: tuple[ShotClause, ...], sets: DirectionSets) -> bool:
    return bool(clauses) and bool(sets.continuing.intersection(cores_of(clauses[0].text)[:3]))
