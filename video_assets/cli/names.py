"""Are there such a voice, theme and presenter? Asked before any run, so that a typing error costs nothing.

Belongs here: asking the providers. Does not belong here: how names are compared (the studio).
"""

from __future__ import annotations

from collections.abc import Iterable

from resources.catalogue import picture_providers, presenter_providers, speech_providers
from video_assets.checkout import Checkout
from video_assets.studio.choice import chosen
from video_assets.studio.settings import Settings
from video_assets.studio.speech import choose_voice
from video_assets.studio.themes import load_theme


def check_names(checkout: Checkout, wanted: Iterable[tuple[Settings, str]]) -> None:
    """Raise SettingInvalid for the first name that nothing has, among settings and the language they are for."""
    speech, pictures = speech_providers(), picture_providers(checkout.fonts)
    presenters = {
        info.id: provider
        for provider in presenter_providers(checkout.presenters, checkout.weights, checkout.state).values()
        for info in provider.presenters()
    }
    for settings, language in dict.fromkeys(wanted):
        chosen(pictures, settings.pictures, "source of pictures")
        load_theme(settings.theme, settings.accent)
        choose_voice(chosen(speech, settings.speech, "source of speech").voices(), settings.voice, language)
        if settings.presenter_place != "absent":
            chosen(presenters, settings.presenter, "presenter")
