"""The spoken text of a whole lesson, or of a single text, with the places of its sentences and of what cannot be said.

Does not belong here: printing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from video_assets.studio.core.errors import Problem
from video_assets.studio.lesson.json_source.lines import Lines
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.reader import ReadLesson
from video_assets.studio.lesson.spoken_sentences import SentenceReading, section_reading
from video_assets.studio.lesson.text_places import TextPlace, narration_pointer, place_at
from video_assets.studio.spoken.markup_syntax import markup_problems
from video_assets.studio.timeline import sentence_ranges

from .lesson_check import word_problems


class ReadSentence(NamedTuple):
    """A sentence and its place in the file or the text."""

    sentence: SentenceReading
    line: int
    column: int


class ReadSection(NamedTuple):
    """The spoken text of a section. It has no sentences if it cannot be spoken, or is still to be written."""

    id: str
    title: str
    place: TextPlace
    """The place of the narration."""
    sentences: tuple[ReadSentence, ...]
    is_written: bool = True


class ReadAloud(NamedTuple):
    """The spoken text of all sections, and the problems of their narrations."""

    language: str
    sections: tuple[ReadSection, ...]
    problems: tuple[Problem, ...]


def read_lesson_aloud(file: str, read: ReadLesson, pronunciations: Mapping[str, str]) -> ReadAloud:
    """What a render of a valid lesson says. `pronunciations` are those of the project and the lesson, merged."""
    assert read.lesson is not None
    source, language = read.source, read.lesson.language
    assert source is not None
    problems: list[Problem] = [*read.problems]
    sections: list[ReadSection] = []
    for section in read.lesson.sections:
        pointer = narration_pointer(source, section)
        place = place_at(source, pointer)

        def locate(character: int | None, pointer: str = pointer) -> TextPlace:
            return place_at(source, pointer, character)

        found = word_problems(file, section, language, pronunciations, locate) if section.narration else ()
        problems += found
        sentences = () if _refused(found) else _sentences(section, language, pronunciations)
        placed = tuple(ReadSentence(each, *locate(each.start)[:2]) for each in sentences)
        sections.append(ReadSection(section.id, section.title, place, placed, bool(section.narration)))
    return ReadAloud(language, tuple(sections), tuple(problems))


def read_text_aloud(file: str, text: str, language: str, pronunciations: Mapping[str, str]) -> ReadAloud:
    """What a voice says for the narration `text`, which is not from a lesson. `file` names it in problems."""
    lines = Lines(text)

    def locate(character: int | None) -> TextPlace:
        return TextPlace(*lines.place(character or 0), "")

    section = Section(id="", pointer="", line=1, narration=text)
    marked = tuple(
        Problem(
            file=file,
            code=fault.code,
            severity=fault.severity,
            message=fault.message,
            remedy=fault.remedy,
            **locate(fault.offset)._asdict(),
        )
        for fault in markup_problems(text)
    )
    found = marked if _refused(marked) else (*marked, *word_problems(file, section, language, pronunciations, locate))
    sentences = () if _refused(found) else _sentences(section, language, pronunciations)
    placed = tuple(ReadSentence(each, *locate(each.start)[:2]) for each in sentences)
    return ReadAloud(language, (ReadSection("", "", locate(0), placed),), found)


def _refused(problems: tuple[Problem, ...]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _sentences(section: Section, language: str, pronunciations: Mapping[str, str]) -> tuple[SentenceReading, ...]:
    if not section.narration:
        return ()
    reading = section_reading(section, language=language, pronunciations=pronunciations)
    return reading.sentences(sentence_ranges(reading.tokens))
