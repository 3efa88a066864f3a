"""The dry run, stage by stage: which recipes a run would look up in the store, and the actions that follow.

Does not belong here: the words for differences (`differences.py`, `film.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.choices.precedence import RunOverrides, with_remembered
from video_assets.studio.core.errors import ContentError, SettingInvalid
from video_assets.studio.film.bundle import active_version, find_version, version_of
from video_assets.studio.film.pages.watch import is_current
from video_assets.studio.lesson.project import ProjectFile
from video_assets.studio.pipeline.manifests import LessonManifest, ScriptManifest, StoredManifest, is_card
from video_assets.studio.pipeline.order import FILM, FILM_STAGE, PLANNED_STAGES, STORED_STAGES
from video_assets.studio.pipeline.stage_plan import (
    ItemRecord,
    ItemRef,
    PlannedItem,
    PlannedRecipe,
    StagePlan,
    StoredStagePlan,
)
from video_assets.studio.stages.lesson import Snapshot, snapshot
from video_assets.studio.stages.plans import Upstream, plan_film, plan_stage
from video_assets.studio.stages.script import script_of, written_before
from video_assets.studio.storage.store import Recipe, Record
from video_assets.studio.telemetry.events import NullEventLog
from video_assets.studio.writing.authoring import wants_writing

from .differences import differences
from .film import Now, film_reasons, seams_to_make
from .inputs import ExplainInputs
from .model import AS_IT_WAS, ExplainedItem, Explanation, Join, by_derivation
from .previous_run import PreviousRun
from .unchanged import unchanged

_INPUT_WORDS = {"section_audio": "sound", "section_image": "picture"}
"""An author's words for the results of earlier stages."""
NO_LONGER_KNOWN = "changed; what it was made from is no longer known"


class _ExpectedResult(NamedTuple):
    """An item, and the record of its result if that is known.

    The record is final if the item is reused. Otherwise it is the record of an earlier build, which is right if a new
    build gives equal bytes.
    """

    item: ExplainedItem
    record: Record | None

    @property
    def settled(self) -> bool:
        return self.item.action == "reuse" and self.item.certain


def explain_file(
    key: str, path: Path, project: ProjectFile, environ: Mapping[str, str], choices: RunOverrides, inputs: ExplainInputs
) -> Explanation:
    """What a run would make of the lesson file `path`, whose key is `key`. Writes nothing and waits for no lock.

    `choices` are those of this run; the remembered choices of the lesson are added. Raises the errors that the run
    would raise at its start: LessonInvalid, SettingInvalid, SectionsFailed.
    """
    choices = with_remembered(choices, inputs.choices, key)
    if not inputs.store.thorough:
        answer = _if_unchanged(snapshot(key, path, project, environ, choices, rehearse=False), inputs)
        if answer is not None:
            return answer
    lesson = snapshot(key, path, project, environ, choices, providers=inputs.providers)
    return explain_lesson(lesson.manifest, inputs)._replace(made_with=lesson.made_with)


def _if_unchanged(lesson: Snapshot, inputs: ExplainInputs) -> Explanation | None:
    try:
        answer = unchanged(lesson.manifest, inputs)
    except SettingInvalid:
        return None  # the full dry run names the wrong setting and its place
    return answer._replace(made_with=lesson.made_with) if answer else None


def explain_lesson(lesson: LessonManifest, inputs: ExplainInputs) -> Explanation:
    """What a run would make of `lesson`. Raises SettingInvalid, SectionsFailed."""
    completed = written_before(lesson, inputs.writers, inputs.store)
    if completed is None:
        return _to_be_written(lesson)
    return _DryRun(lesson, script_of(lesson, NullEventLog(), completed), inputs).explain()


def _to_be_written(lesson: LessonManifest) -> Explanation:
    """The explanation of a lesson with unwritten text: everything has to be made."""
    missing = {each.section.id for each in wants_writing(lesson.lesson, lesson.settings)}
    reasons = dict.fromkeys(missing, ("its text is to be written",))
    items = [
        ExplainedItem(
            stage, section.id, section.title, "make", reasons.get(section.id, ("the text of others is to be written",))
        )
        for stage in STORED_STAGES
        for section in lesson.lesson.sections
        if section.id in missing or stage == STORED_STAGES[-1]
    ]
    film = ExplainedItem(FILM_STAGE, FILM, lesson.lesson.title, "make", ("some of its text is to be written",))
    return Explanation(lesson.key, (*items, film), ())


class _DryRun:
    """The dry run of one lesson."""

    def __init__(self, lesson: LessonManifest, script: ScriptManifest, inputs: ExplainInputs) -> None:
        self._lesson = lesson
        self._script = script
        self._inputs = inputs
        self._last = PreviousRun(lesson.key, inputs.pointers, inputs.store)
        self._expected: dict[ItemRef, _ExpectedResult] = {}
        upstream = Upstream((lesson, script), inputs.stage_providers, inputs.store)
        for stage in STORED_STAGES:
            upstream = upstream.with_manifest(self._look_ahead(plan_stage(stage, upstream)))
        self._film_plan = plan_film(upstream)

    def explain(self) -> Explanation:
        """Every item, and the seams."""
        film, seams = self._film()
        items = sorted(
            (expected.item for expected in self._expected.values()),
            key=lambda item: (PLANNED_STAGES.index(item.stage), is_card(item.section)),
        )
        return Explanation(
            self._lesson.key,
            (*items, film),
            seams,
            by_derivation((section.derived, section.id) for section in self._script.sections),
        )

    # The results in the store

    def _look_ahead(self, plan: StoredStagePlan[Any, StoredManifest]) -> StoredManifest:
        """Find the expected result of every item. Returns the manifest of the results whose records are known."""
        results: list[ItemRecord[Any]] = []
        for item in plan.items:
            expected, last_item = self._expected_of(plan, item)
            self._expected[ItemRef(plan.stage, item.id)] = expected
            if expected.record is not None:
                results.append(ItemRecord(last_item, expected.record))
        return plan.manifest(results)

    def _expected_of(self, plan: StagePlan[Any], item: PlannedItem) -> tuple[_ExpectedResult, PlannedItem]:
        """The expected result of `item`, and the item as it is after the results that precede it."""
        explained = ExplainedItem(plan.stage, item.id, item.title)
        try:
            planned = plan.recipe(item)
            while planned.then is not None:
                preceding = self._look_up(explained, planned)
                if preceding.item.action != "reuse" or preceding.record is None:
                    return _ExpectedResult(preceding.item, None), item
                item = planned.then(preceding.record)
                planned = plan.recipe(item)
        except ContentError as error:
            return _ExpectedResult(explained._replace(action="fail", reasons=(error.message,)), None), item
        upstream = {_INPUT_WORDS[each.stage]: self._expected[each] for each in planned.inputs}
        return self._look_up(_following(explained, upstream), planned), item

    def _look_up(self, item: ExplainedItem, planned: PlannedRecipe) -> _ExpectedResult:
        """The expected result of the result of `planned`."""
        recipe = planned.recipe
        if not planned.unknown:
            found = self._inputs.store.peek(recipe)
            if found.whole:
                same = recipe.id in self._last.recipes(item.stage).values()
                reason = AS_IT_WAS if same else "lies in the store already"
                return _ExpectedResult(item._replace(reasons=(reason,)), found.record)
            if found.record is not None:
                where = "missing from the store" if found.lack == "missing" else "damaged in the store"
                return _ExpectedResult(item._replace(action="make", reasons=(f"its object is {where}",)), found.record)
        if item.action == "fail":
            return _ExpectedResult(item, None)
        return _ExpectedResult(item._replace(action="make", reasons=self._why(item, recipe, planned.unknown)), None)

    def _why(self, item: ExplainedItem, recipe: Recipe, unknown: tuple[str, ...]) -> tuple[str, ...]:
        if absence := self._last.absence(item.stage):
            return (absence,)
        earlier = self._last.recipes(item.stage).get(item.section)
        if earlier is None:
            return ("new card" if is_card(item.section) else "new section",)
        record = self._inputs.store.record(earlier)
        if record is None:
            return ("its record is missing from the store" if earlier == recipe.id else NO_LONGER_KNOWN,)
        return differences(recipe, record.recipe, unknown=unknown)

    # The film

    def _film(self) -> tuple[ExplainedItem, tuple[Join, ...]]:
        (film,) = self._film_plan.items
        planned = self._film_plan.recipe(film)
        item = ExplainedItem(FILM_STAGE, film.id, film.title)
        parts = {each.id: self._expected[each] for each in planned.inputs}
        if any(part.item.action == "fail" for part in parts.values()):
            return item._replace(action="fail", reasons=("a section cannot be made",)), ()
        item = item._replace(follows=_unsettled(parts))
        recipes = {
            name: part.record.recipe.id if part.settled and part.record else None for name, part in parts.items()
        }
        now = Now(self._lesson, self._script, recipes)
        if not planned.unknown and self._exists(planned.recipe):
            return self._show(item, planned.recipe), ()
        seams = seams_to_make(now, self._last.sources)
        return item._replace(action="make", reasons=self._why_joined(now, planned)), seams

    def _exists(self, made_from: Recipe) -> bool:
        videos, version = self._inputs.videos, version_of(made_from)
        return find_version(videos, self._lesson.key, version, thorough=self._inputs.store.thorough) is not None

    def _show(self, item: ExplainedItem, made_from: Recipe) -> ExplainedItem:
        """The item of a film that exists: it is the published one, or an earlier one."""
        if active_version(self._inputs.videos, self._lesson.key) == version_of(made_from):
            if is_current(self._inputs.videos / self._lesson.key):
                return item._replace(reasons=(AS_IT_WAS,))
            return item._replace(action="show", reasons=("the page to watch it is written anew",))
        return item._replace(action="show", reasons=("was made before, and is shown again",))

    def _why_joined(self, now: Now, planned: PlannedRecipe) -> tuple[str, ...]:
        film, before = self._last.film, self._last.sources
        if film is None:
            return (self._last.absence(FILM_STAGE),)
        if planned.recipe == film.recipe:
            return ("its files are missing or damaged",)
        if before is None:
            return (NO_LONGER_KNOWN,)
        # The inputs are digests of manifests. The words for their differences come from the manifests.
        program = differences(planned.recipe, film.recipe, unknown=("inputs",))
        found = (*program, *film_reasons(now, before))
        return found if found or planned.unknown else ("what the bundle tells of the lesson changed",)


def _following(item: ExplainedItem, inputs: Mapping[str, _ExpectedResult]) -> ExplainedItem:
    """The item, with its unsettled inputs in `follows`."""
    failed = [name for name, expected in inputs.items() if expected.item.action == "fail"]
    if failed:
        return item._replace(action="fail", reasons=(f"its {failed[0]} cannot be made",))
    return item._replace(follows=_unsettled(inputs))


def _unsettled(inputs: Mapping[str, _ExpectedResult]) -> tuple[str, ...]:
    return tuple(name for name, expected in inputs.items() if not expected.settled)
