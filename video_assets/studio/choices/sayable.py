"""Finds the words of a lesson that none of its voices can read, before anything is made.

Does not belong here: characters for which the language has no word (`spoken.reading`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from video_assets.studio.core.errors import ContentError, Problem, SettingInvalid
from video_assets.studio.core.messages import quoted
from video_assets.studio.core.settings import Settings
from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.lesson.script import SectionWords, SpokenWord, write_section
from video_assets.studio.speech.voices import VoiceSource

from .speakers import Speaker, speakers_of

_MOST_NAMED = 5


def unreadable_words(
    file: str,
    lesson: Lesson,
    settings: Settings,
    pronunciations: Mapping[str, str],
    voices: Mapping[str, VoiceSource],
) -> tuple[Problem, ...]:
    """One problem for each section with words that no voice of `settings` reads, such as kanji for the embedded one.

    Without a voice, or for a narration with another fault, there is none: other checks report these.
    """
    try:
        speakers = speakers_of(settings, lesson.language, voices)
    except SettingInvalid:
        return ()
    said = "".join(pronunciations.values())
    sections = (section for section in lesson.sections if _unread(section.narration + said, speakers))
    found = (_problem(file, section, lesson.language, pronunciations, speakers) for section in sections)
    return tuple(problem for problem in found if problem is not None)


def _unread(word: str, speakers: Sequence[Speaker[VoiceSource]]) -> str:
    """The letters that the first voice does not read, if no fallback reads the word either."""
    unread = [speaker.provider.unsayable(word, speaker.voice) for speaker in speakers]
    return unread[0] if all(unread) else ""


def _problem(
    file: str,
    section: Section,
    language: str,
    pronunciations: Mapping[str, str],
    speakers: Sequence[Speaker[VoiceSource]],
) -> Problem | None:
    try:
        words = write_section(section, language=language, pronunciations=pronunciations)
    except ContentError:
        return None
    found = list(dict.fromkeys(_strange_words(words, speakers)))
    if not found:
        return None
    first, voice = found[0][0], speakers[0].voice
    named = ", ".join(quoted(word) for word, _ in found[:_MOST_NAMED])
    letters = "".join(dict.fromkeys(letter for _, unread in found for letter in unread))[:20]
    return Problem(
        file=file,
        code="unspeakable",
        line=section.line,
        column=1,
        pointer=section.pointer,
        message=f"The voice {voice.name} ({voice.language}) cannot read the letters {letters} of {named}",
        remedy=f"Write [{first}|as it is read], give the reading in the pronunciations, or choose another voice.",
    )


def _strange_words(words: SectionWords, speakers: Sequence[Speaker[VoiceSource]]) -> Iterator[tuple[str, str]]:
    """The shown words with letters that no voice reads, and the letters."""
    for piece in words.speech:
        if isinstance(piece, SpokenWord) and (unread := _unread(piece.text, speakers)):
            yield words.tokens[piece.token].shown, unread
