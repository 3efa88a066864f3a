"""Selects the speech providers and voices of a lesson: the first choice and its fallbacks.

The stage `section_audio` and the check of names both use it. Does not belong here: the choice among the voices of one
provider (`speech.voices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.settings import Settings, chain_of
from video_assets.studio.speech.voices import RECORDINGS, Voice, VoiceSource, choose_voice

Source = TypeVar("Source", bound=VoiceSource)


class Speaker(NamedTuple, Generic[Source]):
    """A provider of speech (or its list of voices), and its voice that speaks the lesson."""

    provider: Source
    voice: Voice


def speakers_of(settings: Settings, language: str, providers: Mapping[str, Source]) -> tuple[Speaker[Source], ...]:
    """The providers and voices for a lesson in `language`, the first choice first.

    The setting `voice` names a voice of the first choice. A fallback uses its voice of that name, or else its best one.
    Raises SettingInvalid for a provider or voice that does not exist, or does not speak the language.
    """
    first, *others = speech_sources(settings, providers)
    fallbacks = (Speaker(other, _voice_of_fallback(settings, language, other)) for other in others)
    return (Speaker(first, choose_voice(first.voices(), settings.voice, language)), *fallbacks)


def choosable(providers: Mapping[str, Source]) -> Mapping[str, Source]:
    """The providers that settings may name: all but that of recordings, which a section's key `recording` chooses."""
    return {name: provider for name, provider in providers.items() if name != RECORDINGS}


def speech_sources(settings: Settings, providers: Mapping[str, Source]) -> tuple[Source, ...]:
    """The providers that the setting `speech` names, at least one. Raises SettingInvalid."""
    names = chain_of(settings.speech)
    if not names:
        raise SettingInvalid("The setting `speech` names no provider.", remedy="Set it, for example to espeak.")
    return tuple(lookup(choosable(providers), name, "source of speech") for name in names)


def _voice_of_fallback(settings: Settings, language: str, provider: VoiceSource) -> Voice:
    wanted, voices = settings.voice.casefold(), provider.voices()
    has_it = any(wanted in {voice.id.casefold(), voice.name.casefold()} for voice in voices)
    return choose_voice(voices, settings.voice if has_it else "", language)
