"""The voices of the embedded speech: which are offered, and the languages, read from the library's data files.

The library itself needs a process of its own, which would slow down a mere list of voices. A test checks that the
library has the same list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import espeakng_loader

from video_assets.studio.speech.voices import Voice

from .espeak_letters import unread_letters

NAME = "espeak"
FEMALE, MALE = "f2", "m7"
"""Of 100 variants of a usual pitch, those with a spectrum nearest to people's: 4.6 and 1.5 dB off (Byrne 1994)."""
MUTE = frozenset(("fo", "kaa", "xex"))
"""Languages that espeak-ng lists and has no dictionary for in this wheel: they produce no sound."""
_USUAL_PRIORITY = 5

_CURATED = (
    # id, name, BCP 47 tag, gender
    ("en-us+f2", "Emma", "en-US", "female"),
    ("en-us+m7", "Henry", "en-US", "male"),
    ("en-gb+f2", "Alice", "en-GB", "female"),
    ("en-gb+m7", "Arthur", "en-GB", "male"),
    ("de+f2", "Clara", "de", "female"),
    ("de+m7", "Jonas", "de", "male"),
    ("fr+f2", "Camille", "fr", "female"),
    ("fr+m7", "Julien", "fr", "male"),
    ("es+f2", "Lucía", "es", "female"),
    ("es+m7", "Mateo", "es", "male"),
    ("es-419+f2", "Valentina", "es-419", "female"),
    ("hi+f2", "Ananya", "hi", "female"),
    ("hi+m7", "Rohan", "hi", "male"),
    ("cmn+f2", "Mei", "cmn", "female"),
    ("cmn+m7", "Jun", "cmn", "male"),
)


class EspeakLanguage(NamedTuple):
    """A language: its tag of highest priority, as espeak-ng writes it, and its English name."""

    tag: str
    name: str


def languages(data: Path) -> Iterator[EspeakLanguage]:
    """Every language of the files in `data`/lang. Raises OSError if they cannot be read."""
    for path in sorted((data / "lang").rglob("*")):
        if path.is_file():
            yield _language(path.read_text("utf-8"))


def _language(text: str) -> EspeakLanguage:
    name, tags = "", []
    for line in text.splitlines():
        keyword, _, rest = line.partition("//")[0].partition(" ")
        if keyword == "name":
            name = rest.lstrip()
        elif keyword == "language":
            tag, *priority = rest.split()
            tags.append((int(priority[0]) if priority else _USUAL_PRIORITY, tag))
    return EspeakLanguage(min(tags, key=lambda each: each[0])[1], name)


class EspeakVoices:
    """The curated voices, then a female and a male one of every language that espeak-ng has."""

    def voices(self) -> tuple[Voice, ...]:
        """Every voice, the best of each language first."""
        curated = [
            Voice(id=id_, name=name, language=tag, gender=gender, provider=NAME) for id_, name, tag, gender in _CURATED
        ]
        taken = {voice.id for voice in curated}
        others = [
            Voice(id=f"{tag}+{variant}", name=f"{name}, {gender}", language=tag_of(tag), gender=gender, provider=NAME)
            for tag, name in sorted(_names().items())
            for variant, gender in ((FEMALE, "female"), (MALE, "male"))
        ]
        return (*curated, *(voice for voice in others if voice.id not in taken))

    def unsayable(self, word: str, voice: Voice) -> str:
        """See VoiceSource."""
        return unread_letters(word, voice.language)


def _names() -> dict[str, str]:
    """The English name of every language with a working voice, by its tag."""
    found = languages(Path(espeakng_loader.get_data_path()))
    return {tag.casefold(): name for tag, name in found if tag not in MUTE}


def tag_of(language: str) -> str:
    """espeak-ng's lower-case tag as BCP 47 writes it: en-us is en-US, fa-latn is fa-Latn."""
    first, *rest = language.split("-")
    return "-".join(
        [first, *(part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in rest)]
    )
