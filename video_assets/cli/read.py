"""`lessonreel read`: prints what a voice will say for a text or a lesson, without making a sound."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import LessonInvalid, SettingInvalid
from video_assets.studio.core.messages import printable
from video_assets.studio.lesson.format import language_tag
from video_assets.studio.lesson.project import read_project
from video_assets.studio.lesson.reader import problems_as_text, read_lesson
from video_assets.studio.lesson.script import Pause, merge_pronunciations
from video_assets.studio.lesson.spoken_sentences import WordReading
from video_assets.studio.preflight.reading_aloud import (
    ReadAloud,
    ReadSection,
    ReadSentence,
    read_lesson_aloud,
    read_text_aloud,
)

READ, BAD_INPUT = 0, 2
_STANDARD_INPUT = "-"
_LESSON = ".json"


def read_aloud(project_paths: ProjectPaths, source: str, language: str, output_format: str) -> int:
    """Print the spoken text of `source`. Problems are printed on standard error. Returns 2 if one is an error, else 0.

    Raises LessonInvalid for a file that is not a lesson.
    """
    tag = language_tag(language) if language else ""
    project = read_project(project_paths.project_file)
    if _is_lesson(source):
        found = _read_file(Path(source), tag, project.pronunciations)
    else:
        name, text = ("standard input", _from_input()) if source == _STANDARD_INPUT else ("text", source)
        found = read_text_aloud(name, text, tag or "en", merge_pronunciations(project.pronunciations))
    if output_format == "json":
        sys.stdout.write(json.dumps(_plain(source, found), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(found))
    if found.problems:
        sys.stderr.write(problems_as_text(found.problems))
    return BAD_INPUT if any(problem.severity == "error" for problem in found.problems) else READ


def _is_lesson(source: str) -> bool:
    if not source.endswith(_LESSON):
        return False
    try:
        found = Path(source).is_file()
    except (OSError, ValueError):  # too long for a file's name, or with a NUL
        return False
    if not found:
        sys.stderr.write(f"There is no file {printable(source)}, so this is read as a text.\n")
    return found


def _from_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingInvalid("The text on standard input is not UTF-8.", remedy="Encode it as UTF-8.") from error


def _read_file(path: Path, tag: str, pronunciations: dict[str, str]) -> ReadAloud:
    read = read_lesson(path)
    if read.lesson is None:
        raise LessonInvalid(read.problems)
    lesson = read.lesson.model_copy(update={"language": tag}) if tag else read.lesson
    read = read._replace(lesson=lesson)
    merged = merge_pronunciations(pronunciations, lesson.pronunciations)
    return read_lesson_aloud(printable(str(path)), read, merged)


def _lines(found: ReadAloud) -> Iterator[str]:
    for number, section in enumerate(found.sections):
        spoken = [read.sentence.spoken for read in section.sentences if read.sentence.spoken]
        if not section.id:
            yield from spoken
            continue
        if number:
            yield ""
        yield f"{section.id} (line {section.place.line})"
        yield from (f"  {sentence}" for sentence in spoken)
        if not section.is_written:
            yield "  (Still to be written from its notes.)"


def _plain(source: str, found: ReadAloud) -> dict[str, Any]:
    return {
        "source": source,
        "language": found.language,
        "sections": [_plain_section(section) for section in found.sections],
        "problems": [problem.model_dump(mode="json") for problem in found.problems],
    }


def _plain_section(section: ReadSection) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "pointer": section.place.pointer,
        "line": section.place.line,
        "column": section.place.column,
        "sentences": [_plain_sentence(read) for read in section.sentences],
    }


def _plain_sentence(read: ReadSentence) -> dict[str, Any]:
    sentence = read.sentence
    return {
        "spoken": sentence.spoken,
        "shown": sentence.shown,
        "line": read.line,
        "column": read.column,
        "start": sentence.start,
        "end": sentence.end,
        "words": [_plain_word(word) for word in sentence.words],
    }


def _plain_word(word: WordReading | Pause) -> dict[str, Any]:
    return {"pause_ms": word.milliseconds} if isinstance(word, Pause) else word._asdict()
