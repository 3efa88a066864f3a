"""What is particular to the embedded voice: its process, its voices, its way with words."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.speech.espeak import EspeakSpeech
from resources.speech.espeak_text import marked_up
from video_assets.studio.core.errors import ProcessFailed, SettingInvalid, SpeechInvalid
from video_assets.studio.lesson.script import Pause, SpokenWord
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest

REPOSITORY = Path(__file__).resolve().parents[2]
TEXT = "The current rises slowly, and then it saturates. Why does it do so?"


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakSpeech]:
    made = EspeakSpeech()
    yield made
    made.close()


def asked(*texts: str, language: str = "en", voice: str = "") -> SpeechRequest:
    pieces = tuple(SpokenWord(text=text, token=index) for index, text in enumerate(texts))
    return SpeechRequest(pieces=pieces, language=language, voice=voice)


def said(speech: RawSpeech, index: int) -> str:
    word = speech.times.words[index]
    return "".join(phone.phone for phone in speech.times.phones if word.start <= phone.start < word.end)


def test_another_process_at_another_time_gives_the_same_bytes(espeak: EspeakSpeech) -> None:
    """Two machines would otherwise never share what they made: the library seeds its noise with the clock."""
    here = hashlib.sha256(espeak.speak(asked(*TEXT.split())).sound.tobytes()).hexdigest()
    script = (
        "import hashlib; from resources.speech.espeak import *; "
        "from video_assets.studio.lesson.script import SpokenWord\n"
        f"pieces = tuple(SpokenWord(text=t, token=i) for i, t in enumerate({TEXT!r}.split()))\n"
        "sound = EspeakSpeech().speak(SpeechRequest(pieces=pieces, language='en', voice='')).sound\n"
        "print(hashlib.sha256(sound.tobytes()).hexdigest())"
    )
    time.sleep(1.1)  # the clock that it is seeded with counts seconds
    there = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_what_was_said_before_does_not_change_what_is_said(espeak: EspeakSpeech) -> None:
    """The order in which sections are made would otherwise change them."""
    first = espeak.speak(asked(*TEXT.split()))
    espeak.speak(asked("Etwas", "ganz", "anderes.", language="de"))
    assert espeak.speak(asked(*TEXT.split())).sound.tobytes() == first.sound.tobytes()


def test_the_library_never_enters_this_process(espeak: EspeakSpeech) -> None:
    """Its licence (GPL) would otherwise extend to everything that is loaded here."""
    espeak.speak(asked("Hello"))
    assert "espeak" not in Path("/proc/self/maps").read_text()


def test_after_a_crash_the_error_is_raised_and_the_next_request_works() -> None:
    """A voice that was killed by the system would otherwise fail every later section too, or hide that it died."""
    espeak = EspeakSpeech(deadline_seconds=20)
    espeak.speak(asked("Hello"))
    worker = espeak._worker
    assert worker is not None
    os.killpg(worker.pid, signal.SIGSTOP)  # the fork that waits for the next request, too
    espeak._deadline_seconds = 0.3
    with pytest.raises(ProcessFailed, match="not done"):
        espeak.speak(asked("Hello"))
    espeak._deadline_seconds = 20
    assert espeak.speak(asked("Hello")).times.words
    espeak.close()


def test_numbers_and_merged_words_each_have_their_time(espeak: EspeakSpeech) -> None:
    """Highlights would otherwise jump over words that the voice draws together, or stop at numbers."""
    speech = espeak.speak(asked("It", "is", "the", "end", "of", "a", "long", "1234", "R & D", "day."))
    assert said(speech, 7).startswith("wʌnθaʊzənd")
    assert said(speech, 4).startswith("ə")
    assert len(said(speech, 5)) == 1
    assert said(speech, 9).startswith("d")
    assert all(word.end - word.start > 500 for word in speech.times.words)


@pytest.mark.parametrize("text", ["привет", "世界", "नमस्ते"])
def test_a_word_in_a_script_it_cannot_read_is_named(espeak: EspeakSpeech, text: str) -> None:
    """Learners would otherwise hear "letter, letter" where a word of another language stands."""
    with pytest.raises(SpeechInvalid, match=text):
        espeak.speak(asked("Hello", text, "world"))


def test_foreign_words_and_single_greek_letters_are_read(espeak: EspeakSpeech) -> None:
    """A Hindi or Chinese lesson that names HTTP or λ would otherwise be refused."""
    assert said(espeak.speak(asked("λ", language="en")), 0).startswith("læmd")
    for language in ("hi", "zh"):
        assert said(espeak.speak(asked("hello", language=language)), 0).startswith("h")


def test_a_word_without_any_sound_is_an_error(espeak: EspeakSpeech) -> None:
    """A section that says nothing would otherwise become a silent film."""
    with pytest.raises(SpeechInvalid):
        espeak.speak(asked("—"))


def test_punctuation_alone_gets_a_time_and_takes_none_from_its_neighbour(espeak: EspeakSpeech) -> None:
    """A dash that stands alone would otherwise steal half of the word before it from the caption."""
    speech = espeak.speak(asked("Hello", "—", "world"))
    assert said(speech, 0) == "həloʊ"
    assert said(speech, 2).startswith("w")


def test_markup_in_the_text_is_read_not_obeyed() -> None:
    """An author who writes "a < b & c" would otherwise lose the rest of the section."""
    pieces = (SpokenWord(text="a<b&c\x01", token=0), Pause(milliseconds=200), SpokenWord(text="d", token=1, emphasis=1))
    text = marked_up(pieces, language="en", fastest_percent=300)
    assert [text.source[start:end] for start, end in text.spans] == ["a&lt;b&amp;c ", "d"]
    assert text.source.count("<prosody") == text.source.count("</prosody>") == 1


def test_voices_are_offered_in_the_languages_of_lessons(espeak: EspeakSpeech) -> None:
    """A teacher would otherwise not find a woman's and a man's voice in the language of the class."""
    for language in ("en-US", "en-GB", "de", "fr", "es", "hi", "cmn"):
        genders = [voice.gender for voice in espeak.voices()[:16] if voice.language == language]
        assert sorted(genders) == ["female", "male"], language
    assert len({voice.language for voice in espeak.voices()}) > 100


def test_a_voice_can_be_asked_by_its_name_and_by_any_variant(espeak: EspeakSpeech) -> None:
    """Someone who liked a voice in the list, or in espeak-ng itself, would otherwise not get it."""
    assert len(espeak.speak(asked("Hello", voice="emma")).sound)
    whispered = espeak.speak(asked("Hello", voice="en-us+whisper")).sound.tobytes()
    assert whispered != espeak.speak(asked("Hello", voice="en-us+f2")).sound.tobytes()
    with pytest.raises(SettingInvalid, match="no voice"):
        espeak.speak(asked("Hello", voice="en-us+whimper"))


def test_every_listed_language_speaks(espeak: EspeakSpeech) -> None:
    """A voice that the list offers would otherwise fail when it is chosen."""
    languages = {voice.language: voice.id for voice in espeak.voices()}
    for language, voice in languages.items():
        assert len(espeak.speak(asked("mama", "mimi", language=language, voice=voice)).times.words) == 2, language
