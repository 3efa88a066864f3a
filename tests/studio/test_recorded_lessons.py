"""Lessons that the author narrates: from the recording beside the lesson to the film, and every way to get it wrong."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Provider
from tests.kit.recordings import as_wav, encoded, take
from tests.kit.studio import Studio
from video_assets.studio.core.errors import LessonInvalid, Problem, SectionsFailed
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.media.sound import decode_sound
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.speech.provider import SpeechTimes

SAID = "When the gate voltage rises, a thin channel of electrons forms. Because opposite charges attract each other."
SPOKEN = "A closed switch makes the lamp bright today."


@pytest.fixture(scope="module")
def narrated(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A film whose first section the author narrates, and whose second a voice speaks."""
    studio = Studio(tmp_path_factory.mktemp("narrated"))
    (studio.lessons / "voice").mkdir()
    (studio.lessons / "voice" / "gate.wav").write_bytes(as_wav(take(SAID)))
    studio.write([studio.section("gate", SAID, recording="voice/gate.wav"), studio.section("lamp", SPOKEN)])
    studio.first = studio.make()
    return studio


def seconds_of(clock: str) -> float:
    """The seconds of a WebVTT time."""
    parts = clock.split(":")
    return sum(float(part) * 60**place for place, part in enumerate(reversed(parts)))


def test_a_narrated_film_passes_its_checks_and_its_captions_are_on_the_voice(narrated: Studio) -> None:
    """A teacher would speak, and the captions and the mouth of the presenter would follow another voice."""
    film = narrated.finish(narrated.first)
    assert [finding.check for finding in film.findings if not finding.passed] == []
    sources = json.loads((film.folder / "manifest.json").read_text())
    narrated_speech, spoken = (section["speech"] for section in sources["sections"])
    assert not narrated_speech["generated"]
    assert narrated_speech["provider"] == "recording"
    assert spoken["generated"]
    captions = (film.folder / "tiny.en.vtt").read_text()
    start = seconds_of(re.findall(r"([\d:.]+) --> [\d:.]+.*\nWhen the gate", captions)[0])
    taken = take(SAID)
    entry = narrated.first.speech.manifest.sections[0]
    times = SpeechTimes.model_validate_json(narrated.store.read(entry.times.id))
    because = next(re.finditer(r"([\d:.]+) --> [\d:.]+.*\n[^\n]*Because", captions))
    heard = (times.words[11].start - times.words[0].start) / times.rate_hz
    true = taken.starts[11] - taken.starts[0]
    assert abs(heard - true) <= 0.08
    if captions[because.end() - 8 :].startswith("\nBecause"):
        assert abs(seconds_of(because[1]) - start - true) <= 0.12


def test_a_recording_is_levelled_like_a_voice(narrated: Studio) -> None:
    """A teacher with a quiet microphone would be drowned by the voice of the next section."""
    levels = []
    for entry in narrated.first.speech.manifest.sections:
        sound, _ = decode_sound(narrated.store.read(entry.sound.id))
        loud = np.abs(sound) > 0.01
        levels.append(20 * np.log10(np.sqrt((sound[loud] ** 2).mean())))
    assert abs(levels[0] - levels[1]) < 3


def test_only_what_a_changed_recording_shapes_is_made_again(tmp_path: Path) -> None:
    """A retake of one sentence would cost the sounds and pictures of the whole lesson, or not be heard at all."""
    studio = Studio(tmp_path)
    recording = studio.lessons / "gate.flac"
    taken = take(SAID)
    recording.write_bytes(encoded([taken.sound], taken.rate_hz, "flac", "flac"))
    studio.write([studio.section("gate", SAID, recording="gate.flac"), studio.section("lamp", SPOKEN)])
    first = studio.make()
    assert first.counts[0] == 2
    assert studio.make().counts == (0, 0, 0)
    marked = SAID.replace("thin", "*thin*").replace("electrons forms.", "electrons forms. [pause 2s]")
    studio.write([studio.section("gate", marked, recording="gate.flac"), studio.section("lamp", SPOKEN)])
    assert studio.make().counts[0] == 0, "marks do not shape a recording"
    assert studio.make({"voice": "en-gb+f2"}).counts[0] == 1, "a voice speaks only the other section"
    studio.write([studio.section("gate", SAID, recording="gate.flac"), studio.section("lamp", SPOKEN)])
    studio.make()
    slower = take(SAID, rate=90)
    recording.write_bytes(encoded([slower.sound], slower.rate_hz, "flac", "flac"))
    sounds = {item.section: item.action for item in studio.explain().items if item.stage == "section_audio"}
    assert sounds["gate"] != "reuse"
    assert sounds["lamp"] == "reuse"
    assert studio.make().counts[:2] == (1, 0)


def test_a_missing_sentence_is_refused_with_its_words_and_its_time(tmp_path: Path) -> None:
    """An author would have to listen to the whole recording to find what she left out."""
    studio = Studio(tmp_path)
    left_out = "It happens below the glass of the gate."
    (studio.lessons / "a.wav").write_bytes(as_wav(take(SAID)))
    text = SAID.replace("Because", f"{left_out} Because")
    studio.write([studio.section("gate", text, recording="a.wav")])
    with pytest.raises(SectionsFailed) as failed:
        studio.make()
    message = str(failed.value)
    assert "a.wav" in message
    assert "is missing" in message
    assert "below the glass" in message
    assert re.search(r"at 0:0\d\.\d", message)
    made = studio.make({"text_check": "off"})
    (row,) = made.speech.rows
    assert row.facts["recording"] == "a.wav"
    assert "below the glass" in str(row.facts["remarks"])
    assert "below the glass" in (studio.root / "journal.jsonl").read_text()


def problems(studio: Studio, **section: object) -> list[Problem]:
    """What `lessonreel check` says about a lesson of one section."""
    path = studio.write([studio.section("gate", str(section.pop("text", SAID)), **section)])
    return list(problems_of(str(path), read_lesson(path), {}))


def codes(studio: Studio, **section: object) -> list[str]:
    """The codes of these problems."""
    return [each.code for each in problems(studio, **section)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A folder with a good recording."""
    made = Studio(tmp_path)
    (made.lessons / "gate.wav").write_bytes(as_wav(take(SAID)))
    (tmp_path / "secret.wav").write_bytes(as_wav(take(SAID)))
    return made


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gate.wav", ""),
        ("./gate.wav", ""),
        ("gatte.wav", "missing-file"),
        ("../secret.wav", "outside-folder"),
        ("/etc/passwd", "outside-folder"),
        ("C:\\gate.wav", "outside-folder"),
        ("https://example.org/gate.wav", "recording-is-url"),
        ("link.wav", "outside-folder"),
        ("pipe.wav", "not-a-file"),
        ("text.wav", "recording-format"),
        ("empty.wav", "recording-format"),
    ],
)
def test_recordings_are_opened_inside_the_lessons_folder_only(studio: Studio, name: str, code: str) -> None:
    """A lesson from a stranger would put a private voice memo of this machine into a film."""
    (studio.lessons / "link.wav").symlink_to(studio.root / "secret.wav")
    os.mkfifo(studio.lessons / "pipe.wav")
    (studio.lessons / "text.wav").write_text("no sound")
    (studio.lessons / "empty.wav").write_bytes(b"")
    assert codes(studio, recording=name) == ([code] if code else [])


def test_a_misspelt_name_is_answered_with_the_right_one(studio: Studio) -> None:
    """An author would look for a typing error in a list of sixty files."""
    (found,) = problems(studio, recording="gatte.wav")
    assert "gate.wav" in found.remedy
    assert found.line > 0


def test_what_cannot_be_a_recording_of_the_text_is_found_before_anything_is_made(studio: Studio) -> None:
    """A run of an hour would end at the one section whose file was the wrong one."""
    silence = np.zeros(22050 * 6, np.float32)
    loud = take(SAID)
    files = {
        "silent.wav": encoded([silence], 22050, "wav", "pcm_s16le"),
        "long.wav": encoded([np.tile(loud.sound, 6)], loud.rate_hz, "wav", "pcm_s16le"),
        "short.wav": encoded([loud.sound[: loud.rate_hz * 2]], loud.rate_hz, "wav", "pcm_s16le"),
        "clipped.wav": encoded([np.clip(loud.sound * 30, -1, 1)], loud.rate_hz, "wav", "pcm_s16le"),
    }
    for name, data in files.items():
        (studio.lessons / name).write_bytes(data)
    assert codes(studio, recording="silent.wav") == ["recording-silent"]
    assert codes(studio, recording="long.wav") == ["recording-length"]
    assert codes(studio, recording="short.wav") == ["recording-length"]
    (clipped,) = problems(studio, recording="clipped.wav")
    assert (clipped.code, clipped.severity) == ("recording-clipped", "warning")
    studio.write([studio.section("gate", SAID, recording="silent.wav")])
    with pytest.raises(LessonInvalid, match="silent"):
        studio.make()


def test_marks_and_rates_that_a_recording_ignores_are_warned_of(studio: Studio) -> None:
    """An author would write a pause again and again, and wonder why it is not there."""
    assert codes(studio, recording="gate.wav", rate=80) == ["recording-own-pace"]
    marked = SAID.replace("thin", "*thin*").replace("forms.", "forms. [pause 2s]")
    (found,) = problems(studio, recording="gate.wav", text=marked)
    assert (found.code, found.severity) == ("recording-own-pace", "warning")
    assert "Pauses and emphasis" in found.message


def test_a_recording_needs_its_text(studio: Studio) -> None:
    """Captions cannot be made from notes, and a written text would not be what the recording says."""
    described = {"id": "gate", "image_description": "A gate.", "notes": "gates", "recording": "gate.wav"}
    path = studio.write([described])
    found = read_lesson(path)
    assert found.lesson is None
    assert [each.code for each in found.problems] == ["recording-without-text"]


def test_a_lesson_without_recordings_says_nothing_of_them(studio: Studio) -> None:
    """Every film of the archive would be made again for a key that its lesson does not have."""
    read = read_lesson(studio.write([studio.section("gate", SAID)]))
    assert read.lesson is not None
    assert "recording" not in read.lesson.model_dump_json()


def test_a_quick_teacher_is_filmed_as_she_speaks(studio: Studio) -> None:
    """A lively teacher's film would be refused, or her voice be drawn out, because captions want more time."""
    said = f"{SAID} And so the current flows from source to drain, as long as the gate stays charged with electrons."
    quick = take(said, rate=190)
    (studio.lessons / "gate.wav").write_bytes(as_wav(quick))
    studio.write([studio.section("gate", said, recording="gate.wav")])
    made = studio.make()
    (entry,) = made.speech.manifest.sections
    spoken_seconds = len(quick.sound) / quick.rate_hz - 1.6
    assert entry.samples / made.speech.manifest.rate_hz == pytest.approx(spoken_seconds, abs=0.3)
    assert "too short to be read at ease" in str(made.speech.rows[0].facts["remarks"])
    film = studio.finish(made)
    assert [finding.message for finding in film.findings if not finding.passed] == []


def test_a_recorded_lesson_asks_no_provider_for_speech(
    studio: Studio, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A teacher who narrates her lesson would pay for a voice that nobody hears."""
    server = provide()
    studio.ask(described(server))
    studio.write([studio.section("gate", SAID, recording="gate.wav")])
    made = studio.make({"speech": "trial"})
    assert made.counts[0] == 1
    assert made.speech.manifest.sections[0].provider["provider"] == "recording"
    assert server.asked == []
