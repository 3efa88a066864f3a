"""The providers of a checkout as Dagster resources.

Belongs here: one resource for each kind of provider. Does not belong here: which there are (`catalogue.py`), an adapter
(its own module), or the choice among them (`studio/stages`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from video_assets.checkout import Checkout

from .catalogue import illustrators, picture_providers, presenter_providers, speech_providers, writers


def provider_resources(checkout: Checkout) -> dict[str, dg.ResourceDefinition]:
    """The resources by name; each gives providers by the names that settings use."""
    return {
        "speech": _resource(lambda: speech_providers(checkout.providers), "Who can speak."),
        "illustrators": _resource(lambda: illustrators(checkout.providers), "Who can paint."),
        "writers": _resource(lambda: writers(checkout.providers), "Who can write."),
        "pictures": _resource(lambda: picture_providers(checkout.fonts), "Who can typeset slides."),
        "presenters": _resource(
            lambda: presenter_providers(checkout.presenters, checkout.weights, checkout.state), "Who can present."
        ),
    }


def _resource(made: Callable[[], Mapping[str, Any]], description: str) -> dg.ResourceDefinition:
    return dg.ResourceDefinition(lambda _: made(), description=description)
