"""Finds the words of a lesson that none of its voices can read, before anything is made.

Does not belong here: characters for which the language has no word (`spoken.reading`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from video_assets.studio.core.errors import ContentError, Problem, SettingInvalid
from video_assets.studio.core.messages import quoted
from video_assets.studio.core.settings import Settings
from video_assets.studio.lesson.json_source.source import JsonSource
from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.lesson.script import SectionWords, SpokenWord, Token, write_section
from video_assets.studio.lesson.text_places import TextPlace, narration_pointer, place_at
from video_assets.studio.speech.voices import VoiceSource

from .speakers import Speaker, speakers_of

_MOST_NAMED = 5


def unreadable_words(
    file: str,
    lesson: Lesson,
    settings: Settings,
    pronunciations: Mapping[str, str],
    voices: Mapping[str, VoiceSource],
    source: JsonSource | None = None,
) -> tuple[Problem, ...]:
    """One problem for each section with words that no voice of `settings` reads, such as kanji for the embedded one.

    Its place is that of the first such word in the file's text `source`; without it, the line of the section.

    Without a voice, or for a narration with another fault, there is none: other checks report these.
    """
    try:
        speakers = speakers_of(settings, lesson.language, voices)
    except SettingInvalid:
        return ()
    said = "".join(pronunciations.values())
    sections = (section for section in lesson.sections if _unread(section.narration + said, speakers))
    found = (_problem(file, section, lesson.language, pronunciations, speakers, source) for section in sections)
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
    source: JsonSource | None,
) -> Problem | None:
    try:
        words = write_section(section, language=language, pronunciations=pronunciations)
    except ContentError:
        return None
    strange = list(_strange_words(words, speakers))
    if not strange:
        return None
    found = list(dict.fromkeys((token.shown, unread) for token, unread in strange))
    first, voice = found[0][0], speakers[0].voice
    place = TextPlace(section.line, 1, section.pointer)
    if source is not None:
        place = place_at(source, narration_pointer(source, section), strange[0][0].offset)
    named = ", ".join(quoted(word) for word, _ in found[:_MOST_NAMED])
    letters = "".join(dict.fromkeys(letter for _, unread in found for letter in unread))[:20]
    return Problem(
        file=file,
        code="unspeakable",
        **place._asdict(),
        message=f"The voice {voice.name} ({voice.language}) cannot read the letters {letters} of {named}",
        remedy=f"Write [{first}|as it is read], give the reading in the pronunciations, or choose another voice.",
    )


def _strange_words(words: SectionWords, speakers: Sequence[Speaker[VoiceSource]]) -> Iterator[tuple[Token, str]]:
    """The shown words with letters that no voice reads, and the letters."""
    for piece in words.speech:
        if isinstance(piece, SpokenWord) and (unread := _unread(piece.text, speakers)):
            yield words.tokens[piece.token], unread
