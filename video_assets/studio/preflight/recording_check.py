"""Checks the recordings of a lesson before anything is made: whether they decode, sound, and fit their text in length.

It cannot hear whether a recording says the text; the step `section_audio` does.
"""

from __future__ import annotations

from collections.abc import Iterator

from video_assets.studio.core.errors import ContentError, MediaError, Problem
from video_assets.studio.core.messages import quoted
from video_assets.studio.lesson.model import Lesson, RecordingFile, Section
from video_assets.studio.lesson.reader import ReadLesson
from video_assets.studio.lesson.script import Pause, SpokenWord, expected_seconds, write_section
from video_assets.studio.speech.recording_report import CLIPPED_SHARE

_SILENT = 1e-3
_SLOWEST, _FASTEST = 3.0, 0.4
"""Shares of the usual length. People speak at 0.6 to 1.8 of it, pauses included."""
_SLACK_SECONDS = 3.0


def recording_problems(file: str, read: ReadLesson, pronunciations: dict[str, str]) -> tuple[Problem, ...]:
    """The problems of the recordings of a lesson that was read. `file` is its name in messages."""
    if read.lesson is None:
        return ()
    return tuple(
        problem
        for section in read.lesson.sections
        if section.recording is not None
        for problem in _of_recording(file, section, section.recording, read, read.lesson, pronunciations)
    )


def _of_recording(
    file: str,
    section: Section,
    recording: RecordingFile,
    read: ReadLesson,
    lesson: Lesson,
    pronunciations: dict[str, str],
) -> Iterator[Problem]:
    # The sound's libraries load here, so that a lesson without recordings is checked without them.
    import numpy as np

    from video_assets.studio.media.recordings import RECORDING_HZ, decode_recording

    def problem(code: str, message: str, remedy: str, severity: str = "error") -> Problem:
        place = {"line": section.line, "column": 1, "pointer": f"{section.pointer}/recording"}
        return Problem.model_validate(
            {"file": file, "code": code, "severity": severity, **place, "message": message, "remedy": remedy}
        )

    name = quoted(recording.path)
    try:
        recorded = decode_recording(read.files[recording.digest])
    except MediaError as error:
        yield problem("recording-damaged", f"{name}: {error.message.rstrip('.')}", error.remedy)
        return
    if float(np.abs(recorded.sound).max()) < _SILENT:
        yield problem("recording-silent", f"{name} is silent", "Record it again; check the microphone.")
        return
    if recorded.clipped_share > CLIPPED_SHARE:
        message = f"{name} is clipped: its loudest parts are distorted"
        yield problem("recording-clipped", message, "Record it again, further from the microphone.", "warning")
    try:
        pieces = write_section(section, language=lesson.language, pronunciations=pronunciations).speech
    except ContentError:
        return  # reported by the check of the text
    words = [piece for piece in pieces if isinstance(piece, SpokenWord)]
    if marks := _marks_without_effect(pieces, section.rate_percent):
        message = f"{marks} of the text have no effect on a recording, which has its own"
        yield problem("recording-own-pace", message, "Leave them out, or record them.", "warning")
    seconds = len(recorded.sound) / RECORDING_HZ
    usual = float(expected_seconds(words, 100, language=lesson.language))
    if seconds < _FASTEST * usual - 0.5:
        message = f"{name} lasts {seconds:.1f} s, and its text takes about {usual:.0f} s"
        yield problem("recording-length", message, "Record the whole text, or shorten the text to what is said.")
    if seconds > _SLOWEST * usual + _SLACK_SECONDS:
        message = f"{name} lasts {seconds:.1f} s, and its text takes about {usual:.0f} s"
        yield problem("recording-length", message, "Write all that is said, or cut the recording.")


def _marks_without_effect(pieces: tuple[SpokenWord | Pause, ...], rate_percent: int) -> str:
    """The marks in `pieces` that only a voice can follow, as the start of a sentence; "" if there are none."""
    words = [piece for piece in pieces if isinstance(piece, SpokenWord)]
    kinds = {
        "pauses": len(words) < len(pieces),
        "rates": any(word.rate_percent != rate_percent for word in words),
        "emphasis": any(word.emphasis for word in words),
    }
    return " and ".join(kind for kind, is_there in kinds.items() if is_there).capitalize()
