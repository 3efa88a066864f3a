"""Selects the speech providers and voices of a lesson: the first choice and its fallbacks.

The stage `section_audio` and the check of names both use it. Does not belong here: the choice among the voices of one
provider (`speech.voices`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.settings import Settings, chain_of
from video_assets.studio.speech.voices import (
    EMBEDDED,
    RECORDINGS,
    Voice,
    VoiceSource,
    choose_voice,
    is_called,
    speaks,
)

Source = TypeVar("Source", bound=VoiceSource)


class Speaker(NamedTuple, Generic[Source]):
    """A provider of speech (or its list of voices), and its voice that speaks the lesson."""

    provider: Source
    voice: Voice


def speakers_of(settings: Settings, language: str, providers: Mapping[str, Source]) -> tuple[Speaker[Source], ...]:
    """The providers and voices for a lesson in `language`, the first choice first.

    The setting `voice` names a voice of the first choice. A fallback uses its voice of that name, or else its best one.
    An embedded voice gives way to a later one that has the named voice, or that speaks the language when it does not.
    Raises SettingInvalid for a provider or voice that does not exist, or does not speak the language.
    """
    speech_sources(settings, providers)
    names = chain_of(settings.speech)
    _check_named(settings.voice, language, names, providers)
    first, *others = (providers[name] for name in _fitting(names, settings.voice, language, providers))
    fallbacks = (Speaker(other, _voice_of_fallback(settings, language, other)) for other in others)
    return (Speaker(first, choose_voice(first.voices(), settings.voice, language)), *fallbacks)


def choosable(providers: Mapping[str, Source]) -> Mapping[str, Source]:
    """The providers that settings may name: all but that of recordings, which a section's key `recording` chooses."""
    return {name: provider for name, provider in providers.items() if name != RECORDINGS}


def speech_sources(settings: Settings, providers: Mapping[str, Source]) -> tuple[Source, ...]:
    """The providers that the setting `speech` names, at least one. Raises SettingInvalid."""
    names = chain_of(settings.speech)
    if not names:
        raise SettingInvalid(
            "The setting `speech` names no provider.", remedy="Set it, for example to `hibari, espeak`."
        )
    return tuple(lookup(choosable(providers), name, "source of speech") for name in names)


def _check_named(wanted: str, language: str, names: Sequence[str], providers: Mapping[str, Source]) -> None:
    """Raise SettingInvalid if the embedded voices come first and none of them has the voice `wanted`."""
    if wanted and names[0] in EMBEDDED:
        choose_voice(
            [voice for name in names if name in EMBEDDED for voice in providers[name].voices()], wanted, language
        )


def _fitting(names: Sequence[str], wanted: str, language: str, providers: Mapping[str, Source]) -> Iterator[str]:
    """The names of a chain without the embedded voices that give way."""
    for place, name in enumerate(names):
        later = [other for other in names[place + 1 :] if other in EMBEDDED]
        gives_way = name in EMBEDDED and (
            (_has_language(providers, later, language) and not _has_language(providers, [name], language))
            or (place == 0 and _has_voice(providers, later, wanted) and not _has_voice(providers, [name], wanted))
        )
        if not gives_way:
            yield name


def _has_language(providers: Mapping[str, Source], names: Sequence[str], language: str) -> bool:
    return any(speaks(voice, language) for name in names for voice in providers[name].voices())


def _has_voice(providers: Mapping[str, Source], names: Sequence[str], wanted: str) -> bool:
    return bool(wanted) and any(is_called(voice, wanted) for name in names for voice in providers[name].voices())


def _voice_of_fallback(settings: Settings, language: str, provider: VoiceSource) -> Voice:
    voices = provider.voices()
    has_it = any(is_called(voice, settings.voice) for voice in voices)
    return choose_voice(voices, settings.voice if has_it else "", language)
