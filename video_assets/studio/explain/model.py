"""An explanation as values: an item for every sound, picture, clip and film, with its action and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from video_assets.studio.choices.precedence import LessonSettings
from video_assets.studio.pipeline.manifests import is_card
from video_assets.studio.pipeline.order import FILM, FILM_STAGE, PLANNED_STAGES

Action = Literal["reuse", "make", "show", "fail"]
"""`show`: the film exists from an earlier run, and only has to be shown again."""

AS_IT_WAS = "as it was"
_MOST_NAMED = 3


class ExplainedItem(NamedTuple):
    """One result of a stage, what a run would do with it, and why."""

    stage: str
    section: str
    """Id of the section; `title card`, `end card` or `film`."""
    title: str
    action: Action = "reuse"
    reasons: tuple[str, ...] = ()
    """Its own reasons, in an author's words."""
    follows: tuple[str, ...] = ()
    """Its inputs that will be made: `sound`, `picture`; for the film, the sections whose clips will be made."""

    @property
    def certain(self) -> bool:
        """Whether the action is certain. Else it depends on the bytes of its inputs: if they come out unchanged, the
        item is reused.
        """
        return not self.follows

    @property
    def why(self) -> str:
        """The reasons as one line."""
        if not self.follows:
            return "; ".join(self.reasons)
        if self.action == "reuse":
            return f"as it was, if {self._followed} the same"
        return "; ".join((*self.reasons, self._following))

    @property
    def _following(self) -> str:
        if self.stage == FILM_STAGE:
            return item_label("clips are made anew", self.follows)
        its = " and ".join(f"its {each}" for each in self.follows)
        return f"{its} {'is' if len(self.follows) == 1 else 'are'} made anew"

    @property
    def _followed(self) -> str:
        if self.stage == FILM_STAGE:
            return "the clips that are made anew come out"
        its = " and ".join(f"its {each}" for each in self.follows)
        return f"{its} {'comes' if len(self.follows) == 1 else 'come'} out"


class Join(NamedTuple):
    """A seam between two parts of the film: ids of sections, or names of cards."""

    before: str
    after: str


class Explanation(NamedTuple):
    """What a run would make of a lesson."""

    key: str
    items: tuple[ExplainedItem, ...]
    """In the order of the stages, sections in the lesson's order, cards last."""
    seams: tuple[Join, ...]
    """If the film is joined: the seams whose two parts were not adjacent in the last film."""
    derived: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """The sections whose slides are made of description and narration, by what each shows: "labels", "bullets",
    "statement", or the kind of its diagram."""
    made_with: LessonSettings | None = None
    """The settings that the run would use, and where each comes from."""

    @property
    def anything_to_make(self) -> bool:
        """Whether a run would make or show anything."""
        return any(item.action != "reuse" for item in self.items)

    @property
    def counts(self) -> Mapping[str, Mapping[Action, int]]:
        """The number of items of each stage by action."""
        return {
            stage: dict(Counter(item.action for item in self.items if item.stage == stage)) for stage in PLANNED_STAGES
        }

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons in short: each once, with its sections unless it holds for all of them."""
        sections: dict[str, list[str]] = {}
        for item in self.items:
            for reason in item.reasons if item.action != "reuse" else ():
                sections.setdefault(reason, []).append(item.section)
        every = {item.section for item in self.items if item.section != FILM and not is_card(item.section)}
        return tuple(_placed(reason, places, every) for reason, places in sections.items())

    def of(self, stage: str) -> Iterator[ExplainedItem]:
        """The items of one stage."""
        return (item for item in self.items if item.stage == stage)


def by_derivation(sections: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """The ids of sections by what their derived slides show (see `Explanation.derived`); `sections` have both."""
    found: dict[str, list[str]] = {}
    for derived, section in sections:
        if derived:
            found.setdefault(derived, []).append(section)
    return {derived: tuple(ids) for derived, ids in found.items()}


def item_label(what: str, sections: tuple[str, ...]) -> str:
    """`clips are made anew: a, b`, or `12 clips are made anew`."""
    if len(sections) <= _MOST_NAMED:
        return f"{what}: {', '.join(sections)}"
    return f"{len(sections)} {what}"


def _placed(reason: str, places: list[str], every: set[str]) -> str:
    where = [place for place in dict.fromkeys(places) if place != FILM]
    if not where or every <= set(where):
        return reason
    if len(where) > _MOST_NAMED:
        return f"{reason} ({len(where)} sections)"
    return f"{reason} ({', '.join(where)})"
