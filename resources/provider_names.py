"""The names that settings may hold in a checkout: voices, painters, presenters, writers.

Belongs here: gathering them for the check of names, without loading a provider: `lessonreel check` must not wait for
libraries that make films. Does not belong here: the providers (`catalogue.py`), or the check (`lesson_settings.py`).
"""

from __future__ import annotations

from functools import partial

from video_assets.checkout import Checkout
from video_assets.studio.choices.precedence import Providers

from .catalogue import TYPESETTERS, Described, presenter_names, voice_sources


def providers_of(checkout: Checkout) -> Providers:
    """What the names in settings may mean in this checkout. Raises SettingInvalid for a provider's file that is wrong.

    Make it once for many lessons.
    """
    described = Described(checkout.providers)
    return Providers(
        voices=voice_sources(described),
        painters=TYPESETTERS,
        presenters=partial(presenter_names, checkout.presenters),
        illustrators=described.illustrator_names,
        writers=described.writer_names,
    )
