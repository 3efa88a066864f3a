"""Where all meets: the assets, the world they use, and when they run.

Belongs here: putting together. Does not belong here: anything that does something at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from jobs.approve import approve
from jobs.archive_report import archive_report, backfill_reports
from jobs.catch_up import catch_up, nightly
from jobs.executor import lesson_steps
from jobs.find_lessons import find_lessons
from jobs.lesson_sensor import lesson_sensor
from jobs.render import render_job
from jobs.tend_store import tend_store
from resources.lessons import LessonsResource
from resources.providers import (
    IllustratorsResource,
    PicturesResource,
    PresentersResource,
    SpeechResource,
    WritersResource,
)
from resources.slots import SlotsResource
from resources.store import ManifestIOManager, StoreResource
from resources.workshop import BenchResource, FolderResource

from .checkout import Checkout, this_checkout
from .final_video import final_video
from .lesson import lesson
from .lip_synced_clip import lip_synced_clip
from .script import script
from .section_audio import section_audio
from .section_image import section_image
from .studio.usage import cores, gpus

ASSETS = (lesson, script, section_audio, section_image, lip_synced_clip, final_video)


def resources_of(checkout: Checkout) -> dict[str, Any]:
    """The resources of a checkout, each only configured."""
    store = StoreResource(folder=str(checkout.store))
    return {
        "store": store,
        "manifests": ManifestIOManager(store=store, folder=str(checkout.manifests)),
        "bench": BenchResource(
            store=store,
            slots=SlotsResource(
                limits={"rendering": cores(), "gpu": max(1, gpus()), "lips": 1},
                seats_folder=str(checkout.seats),
                providers_folder=str(checkout.providers),
            ),
            journals_folder=str(checkout.journals),
            fonts_folder=str(checkout.fonts),
            calls_folder=str(checkout.calls),
            prices_file=str(checkout.prices),
            approvals_folder=str(checkout.approvals),
        ),
        "shelf": LessonsResource(
            folder=str(checkout.lessons),
            register_folder=str(checkout.register),
            project_file=str(checkout.project_file),
        ),
        "speech": SpeechResource(providers_folder=str(checkout.providers)),
        "illustrators": IllustratorsResource(providers_folder=str(checkout.providers)),
        "writers": WritersResource(providers_folder=str(checkout.providers)),
        "pictures": PicturesResource(fonts_folder=str(checkout.fonts)),
        "presenters": PresentersResource(
            folder=str(checkout.presenters), weights_folder=str(checkout.weights), state_folder=str(checkout.state)
        ),
        "videos": FolderResource(folder=str(checkout.videos)),
    }


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The project's definitions; `resource_overrides` replaces resources by name (tests, other providers)."""
    return dg.Definitions(
        assets=list(ASSETS),
        jobs=[render_job(), approve, find_lessons, catch_up, tend_store, archive_report],
        schedules=[nightly],
        sensors=[lesson_sensor(), backfill_reports],
        resources={**resources_of(this_checkout()), **(resource_overrides or {})},
        executor=lesson_steps,
    )


defs = build_defs()
