"""The paid requests that a run would send: those without a response in the store.

Does not belong here: prices (`calls/pricing.py`), or what was spent (`calls/ledger/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.core.errors import ContentError
from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.pipeline.manifests import LessonManifest, StoredManifest
from video_assets.studio.pipeline.order import STORED_STAGES
from video_assets.studio.pipeline.stage_plan import ItemRecord, ItemRef, StoredStagePlan
from video_assets.studio.stages.plans import Upstream, plan_stage
from video_assets.studio.stages.script import script_of, written_before
from video_assets.studio.telemetry.events import NullEventLog
from video_assets.studio.writing.authoring import CompletedLesson, request_for, wants_writing, writers_of
from video_assets.studio.writing.provider import MissingText

from .dry_run import explain_lesson
from .inputs import ExplainInputs

_WRITTEN = f"{'sentence ' * 80}ends."
"""Stands for the narration of a section that is not written yet."""
_WRITTEN_SCENE = 200
"""Characters of a description that is not written yet."""


class ExpectedRequests(NamedTuple):
    """The paid requests for a lesson."""

    lesson: str
    requests: tuple[PaidRequest, ...]
    guessed: int
    """The number of sections with text that is not written yet. The requests for these are guesses."""


def expected_requests(lesson: LessonManifest, inputs: ExplainInputs) -> ExpectedRequests:
    """The requests to the first provider of each chain. Raises SettingInvalid, SectionsFailed."""
    completed = written_before(lesson, inputs.writers, inputs.store)
    if completed is not None:
        return ExpectedRequests(lesson.key, tuple(_requests_of(completed, lesson, inputs)), 0)
    unwritten = wants_writing(lesson.lesson, lesson.settings)
    writer = writers_of(lesson.settings.writing, inputs.writers)[0]
    placeholder = _with_placeholders(lesson.lesson, unwritten)
    number_of = {each.id: number for number, each in enumerate(lesson.lesson.sections)}
    texts = []
    for each in unwritten:
        before = {place: placeholder.sections[place].narration for place in range(number_of[each.section.id])}
        texts.append(writer.paid_request(request_for(each, lesson.lesson, lesson.settings, before)))
    others = _requests_of(placeholder, lesson, inputs)
    return ExpectedRequests(lesson.key, (*_missing(texts, inputs), *others), len(unwritten))


def _requests_of(completed: CompletedLesson, lesson: LessonManifest, inputs: ExplainInputs) -> list[PaidRequest]:
    """The requests of all stages. A clip that would be reused sends none, even if the store lacks its lips."""
    script = script_of(lesson, NullEventLog(), completed)
    upstream = Upstream((lesson, script), inputs.stage_providers, inputs.store)
    found: list[tuple[ItemRef, PaidRequest]] = []
    for stage in STORED_STAGES:
        plan = plan_stage(stage, upstream)
        for item in plan.items:
            requests = plan.paid_requests(item, lambda recipe: inputs.store.peek(recipe).whole)
            found += [(ItemRef(stage, item.id), each) for each in _missing(requests, inputs)]
        if stage != STORED_STAGES[-1]:
            upstream = upstream.with_manifest(plan.manifest(_made_items(plan, inputs)))
    items = explain_lesson(lesson, inputs).items if found else ()
    reused = {ItemRef(item.stage, item.section) for item in items if item.action == "reuse"}
    return [request for item, request in found if item not in reused]


def _made_items(plan: StoredStagePlan[Any, StoredManifest], inputs: ExplainInputs) -> Iterator[ItemRecord[Any]]:
    """The items of the plan whose results are whole in the store, with their records."""
    made = (_made_item(plan, item, inputs) for item in plan.items)
    return (each for each in made if each is not None)


def _made_item(plan: StoredStagePlan[Any, StoredManifest], item: Any, inputs: ExplainInputs) -> ItemRecord[Any] | None:
    try:
        planned = plan.recipe(item)
    except ContentError:
        return None  # it cannot be made, and so it never was
    record = None if planned.unknown else inputs.store.find(planned.recipe)
    if record is None:
        return None
    return _made_item(plan, planned.then(record), inputs) if planned.then else ItemRecord(item, record)


def _with_placeholders(lesson: Lesson, unwritten: Sequence[MissingText]) -> CompletedLesson:
    """The sections, with placeholders of a usual length for text that is not written yet."""
    wanted = {each.section.id: each.fields for each in unwritten}
    usual = {"narration": _WRITTEN, "title": "A title", "image_description": f"{_WRITTEN[:_WRITTEN_SCENE]}."}

    def filled(section: Section) -> Section:
        return section.model_copy(update={name: usual[name] for name in wanted.get(section.id, ()) if name in usual})

    return CompletedLesson(tuple(map(filled, lesson.sections)))


def _missing(requests: Sequence[PaidRequest], inputs: ExplainInputs) -> Iterator[PaidRequest]:
    return (paid_request for paid_request in requests if not inputs.store.peek(paid_request.recipe).whole)
