"""Voices, their names and languages, and the choice of a voice.

This module loads neither sound libraries nor clients of providers, so that a list of voices and the check of a lesson
are quick. Does not belong here: the chain of providers that a lesson names (`choices/speakers.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.messages import nearest, quoted
from video_assets.studio.core.values import FrozenModel

ANY_LANGUAGE = "mul"
"""ISO 639's tag for several languages: a voice that speaks any language."""
_SAME_LANGUAGE = {"zh": "cmn", "no": "nb", "iw": "he", "in": "id", "ji": "yi"}


class Voice(FrozenModel):
    """A voice. A lesson selects it by `id`, or by `name` if that is unambiguous."""

    id: str
    name: str
    language: str
    """BCP 47 tag, or ANY_LANGUAGE."""
    gender: str = ""
    provider: str


class VoiceSource(Protocol):
    """A source of voices: a provider of speech, or only its list."""

    def voices(self) -> tuple[Voice, ...]:
        """Every voice, the best of each language first."""
        ...

    def unsayable(self, word: str, voice: Voice) -> str:
        """The letters of `word` that `voice` would leave out, or spell as code points; "" if it reads all."""
        ...


def choose_voice(voices: Sequence[Voice], wanted: str, language: str) -> Voice:
    """The voice whose id or name is `wanted` (case does not matter), or the best of `language` when `wanted` is empty.

    `voices` come best first. Raises SettingInvalid when there is none, or when it speaks another language.
    """
    if not wanted:
        return _best_voice(voices, language)
    named = [voice for voice in voices if wanted.casefold() in (voice.id.casefold(), voice.name.casefold())]
    if not named:
        raise _unknown_voice(voices, wanted)
    for voice in named:
        if speaks(voice, language):
            return voice
    fitting = ", ".join(voice.id for voice in voices if speaks(voice, language)) or "no voice of this provider"
    raise SettingInvalid(
        f"The voice {quoted(wanted)} speaks {named[0].language}, and the lesson is in {language}.",
        remedy=f"Choose one that speaks {language} ({_shortened(fitting)}), or change the lesson's language.",
    )


def speaks(voice: Voice, language: str) -> bool:
    """Whether the voice speaks the language of the tag, whatever the region; one of `mul` speaks any."""
    return voice.language == ANY_LANGUAGE or _family(voice.language) == _family(language)


def _best_voice(voices: Sequence[Voice], language: str) -> Voice:
    fitting = [voice for voice in voices if speaks(voice, language)]
    if not fitting:
        known = ", ".join(sorted({_family(voice.language) for voice in voices}))
        raise SettingInvalid(
            f"No voice speaks {language}.", remedy=f"Languages with a voice: {_shortened(known, 600)}."
        )
    regional = [voice for voice in fitting if "-" in language and voice.language.casefold() == language.casefold()]
    return (regional or fitting)[0]


def _unknown_voice(voices: Sequence[Voice], wanted: str) -> SettingInvalid:
    names = [voice.id for voice in voices] + [voice.name for voice in voices]
    close = nearest(wanted, names, 0.4)
    hint = f"Did you mean {quoted(close)}?" if close else f"Some are {', '.join(names[:4])}."
    return SettingInvalid(f"There is no voice {quoted(wanted)}.", remedy=f"{hint} `lessonreel voices` lists all.")


def _family(tag: str) -> str:
    primary = primary_subtag(tag)
    return _SAME_LANGUAGE.get(primary, primary)


def _shortened(text: str, width: int = 200) -> str:
    return text if len(text) <= width else text[:width].rsplit(",", 1)[0] + ", …"
