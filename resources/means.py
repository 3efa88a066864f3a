"""What the lessons of a checkout would be made with, for whoever explains before making.

Belongs here: putting it together, without Dagster. Does not belong here: explaining (`studio/explain`).
"""

from __future__ import annotations

from video_assets.checkout import Checkout
from video_assets.studio.explain.glance import ReadOnlyStore
from video_assets.studio.explain.means import ExplainInputs

from .catalogue import illustrators, picture_providers, presenter_providers, speech_providers, writers


def means_of(checkout: Checkout, *, thorough: bool) -> ExplainInputs:
    """The means of a checkout; make them once for many lessons. `thorough`: every object that would be reused is read
    and verified. Else sizes must do, and a lesson of which nothing changed takes milliseconds.
    """
    return ExplainInputs(
        store=ReadOnlyStore(checkout.store, thorough=thorough),
        voices=speech_providers(checkout.providers),
        painters=picture_providers(checkout.fonts),
        presenters=presenter_providers(checkout.presenters, checkout.weights, checkout.state),
        illustrators=illustrators(checkout.providers),
        writers=writers(checkout.providers),
        videos=checkout.videos,
        pointers=checkout.manifests,
        choices=checkout.choices,
    )
