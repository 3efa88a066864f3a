"""Are there such a voice, theme and presenter? Asked before any run, so that a typing error costs nothing.

Belongs here: asking the providers. Does not belong here: how names are compared (the studio).
"""

from __future__ import annotations

from collections.abc import Iterable

from resources.catalogue import illustrators, picture_providers, presenter_providers, speech_providers, writers
from video_assets.checkout import Checkout
from video_assets.studio.choice import chosen
from video_assets.studio.settings import Settings, chain_of
from video_assets.studio.speech import choose_voice
from video_assets.studio.themes import load_theme


def check_names(checkout: Checkout, wanted: Iterable[tuple[Settings, str]]) -> None:
    """Raise SettingInvalid for the first name that nothing has, among settings and the language they are for."""
    speech, pictures = speech_providers(checkout.providers), picture_providers(checkout.fonts)
    painters, authors = illustrators(checkout.providers), writers(checkout.providers)
    presenters = {
        info.id: provider
        for provider in presenter_providers(checkout.presenters, checkout.weights, checkout.state).values()
        for info in provider.presenters()
    }
    for settings, language in dict.fromkeys(wanted):
        for name in chain_of(settings.pictures):
            chosen({**painters, **pictures}, name, "source of pictures")
        for name in chain_of(settings.writing):
            chosen(authors, name, "source of writing")
        load_theme(settings.theme, settings.accent)
        for number, name in enumerate(chain_of(settings.speech)):
            known = chosen(speech, name, "source of speech").voices()
            choose_voice(known, "" if number else settings.voice, language)
        if settings.presenter_place != "absent":
            chosen(presenters, settings.presenter, "presenter")
