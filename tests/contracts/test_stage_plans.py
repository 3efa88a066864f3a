"""What every plan of a stage promises: a run and a dry run get the same items, recipes and manifest from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kit.studio import Made, Studio
from video_assets.studio.pipeline.manifests import Manifest, StoredManifest
from video_assets.studio.pipeline.order import FILM_STAGE, STORED_STAGES
from video_assets.studio.pipeline.stage_plan import ItemRecord, ItemRef, StoredStagePlan
from video_assets.studio.stages.plans import Upstream, plan_film, plan_stage
from video_assets.studio.storage.store import Store


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A studio in which a lesson of two sections was made once; nobody changes it."""
    studio = Studio(tmp_path_factory.mktemp("plans"))
    studio.write([studio.lamp, studio.battery])
    studio.first = studio.make()
    return studio


def _made(made: Made) -> dict[str, StoredManifest]:
    return dict(zip(STORED_STAGES, (made.speech.manifest, made.pictures.manifest, made.clips.manifest), strict=True))


def _upstream(studio: Studio, *manifests: Manifest) -> Upstream:
    made = studio.first
    inputs = studio.explain_inputs()
    return Upstream((made.lesson.manifest, made.script.manifest, *manifests), inputs.stage_providers, inputs.store)


def _plans_of_a_run(studio: Studio) -> Iterator[tuple[str, StoredStagePlan[Any, StoredManifest]]]:
    """The plan of each stage when everything before it is made."""
    manifests = _made(studio.first)
    for number, stage in enumerate(STORED_STAGES):
        yield stage, plan_stage(stage, _upstream(studio, *list(manifests.values())[:number]))


def _plans_of_a_new_lesson(studio: Studio) -> Iterator[tuple[str, StoredStagePlan[Any, StoredManifest]]]:
    """The plan of each stage when nothing is made."""
    upstream = _upstream(studio)
    for stage in STORED_STAGES:
        plan = plan_stage(stage, upstream)
        yield stage, plan
        upstream = upstream.with_manifest(plan.manifest(()))


def _result(plan: StoredStagePlan[Any, StoredManifest], item: Any, store: Store) -> ItemRecord[Any]:
    planned = plan.recipe(item)
    record = store.find(planned.complete())
    assert record is not None, "the run kept its result under this recipe"
    return _result(plan, planned.then(record), store) if planned.then else ItemRecord(item, record)


def test_a_plan_gives_the_manifest_that_the_run_made(studio: Studio) -> None:
    """An author would be told that an unchanged lesson is made again, or that a changed one stays as it was."""
    for stage, plan in _plans_of_a_run(studio):
        assert plan.stage == stage
        manifest = plan.manifest(_result(plan, item, studio.store) for item in plan.items)
        assert manifest == _made(studio.first)[stage]


def test_a_plan_lists_the_same_items_before_anything_is_made(studio: Studio) -> None:
    """An author of a new lesson would get an explanation that lacks a card or a section."""
    after, before = (
        [(stage, item.id, item.title) for stage, plan in plans(studio) for item in plan.items]
        for plans in (_plans_of_a_run, _plans_of_a_new_lesson)
    )
    assert before == after


def test_an_incomplete_recipe_names_what_it_lacks_and_is_never_built(studio: Studio) -> None:
    """A result under a recipe without its sound would be reused for every later sound of the section."""
    for stage, plan in _plans_of_a_new_lesson(studio):
        for item in plan.items:
            planned = plan.recipe(item)
            assert bool(planned.unknown) == bool(planned.inputs)
            assert all(STORED_STAGES.index(each.stage) < STORED_STAGES.index(stage) for each in planned.inputs)
            if planned.unknown:
                with pytest.raises(ValueError, match=planned.unknown[0]):
                    planned.complete()


def test_values_that_are_not_named_as_unknown_are_those_of_the_complete_recipe(studio: Studio) -> None:
    """An author would read reasons that are not true: a place or a size that nobody changed."""
    for (_, before), (_, after) in zip(_plans_of_a_new_lesson(studio), _plans_of_a_run(studio), strict=True):
        for early, late in zip(before.items, after.items, strict=True):
            planned, complete = before.recipe(early), after.recipe(late).complete()
            assert planned.recipe.model_copy(update=_without(planned.unknown, planned.recipe)) == complete.model_copy(
                update=_without(planned.unknown, complete)
            )


def _without(unknown: tuple[str, ...], recipe: Any) -> dict[str, dict[str, Any]]:
    return {
        part: {name: value for name, value in getattr(recipe, part).items() if f"{part}.{name}" not in unknown}
        for part in ("inputs", "parameters")
    }


def test_the_film_is_made_from_every_clip_in_its_order(studio: Studio) -> None:
    """A viewer would see the end before the beginning, or a seam that was not looked at."""
    plan = plan_film(_upstream(studio, *_made(studio.first).values()))
    (film,) = plan.items
    planned = plan.recipe(film)
    assert plan.stage == FILM_STAGE
    assert planned.inputs == tuple(
        ItemRef("lip_synced_clip", name) for name in ("title card", "lamp", "battery", "end card")
    )
    assert not planned.unknown
    lacking = plan_film(_upstream(studio, *(plan.manifest(()) for _, plan in _plans_of_a_new_lesson(studio))))
    assert lacking.recipe(film).inputs == planned.inputs
    assert lacking.recipe(film).unknown == ("inputs",)
