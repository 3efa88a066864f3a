"""The default voice of English: what it can say, its times, and what happens when its package is broken."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resources.speech.aligner import Aligner
from resources.speech.espeak import EspeakSpeech
from resources.speech.espeak_voices import EspeakVoices
from resources.speech.hibari import HibariSpeech
from resources.speech.hibari_text import MOST_PHONEMES, HibariFrontEnd
from resources.speech.hibari_voices import BUNDLED, PACKAGE_VERSION, RUNTIME_VERSION, HibariVoices
from tests.kit.studio import Studio
from tests.kit.weights_of_voices import with_a_user_voice
from video_assets.studio.choices.precedence import Providers, RunOverrides, setting_problems
from video_assets.studio.core.errors import Rejected, SectionsFailed, SpeechInvalid
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import Pause, SpokenWord, expected_seconds, write_section
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest

ROOT = Path(__file__).parents[2]
TEXT = "When the gate voltage rises, a thin channel forms. Why? Because opposite charges attract."
PROSE = (
    "Plants make sugar from light, water and air. The leaves catch the light, and the roots bring the water. Why are "
    "leaves green? Because they throw the green light back. A seed waits in the ground until the days are warm; then "
    "it breaks its shell, and a small root looks for water. But how does it know which way is down?"
)


@pytest.fixture(scope="module")
def hibari() -> HibariSpeech:
    return HibariSpeech()


@pytest.fixture(scope="module")
def front_end() -> HibariFrontEnd:
    return HibariFrontEnd(british=False)


def asked(*texts: str) -> SpeechRequest:
    words = tuple(SpokenWord(text=text, token=number) for number, text in enumerate(texts))
    return SpeechRequest(pieces=words, language="en", voice="heart")


def phonemes(front_end: HibariFrontEnd, *texts: str) -> list[str]:
    """The phonemes of each word, without the mark that ends the last."""
    pieces = [SpokenWord(text=text, token=number) for number, text in enumerate(texts)]
    found = {word.number: word.phonemes for each in front_end.utterances(pieces) for word in each.words}
    return [found[number].rstrip(",.;:?!") for number in range(len(texts))]


def digest(speech: RawSpeech) -> str:
    return hashlib.sha256(speech.sound.tobytes()).hexdigest()


# --- the same bytes ----------------------------------------------------------------------------------------------


def test_another_process_at_another_time_gives_the_same_sound(hibari: HibariSpeech) -> None:
    """A teacher who renders an unchanged lesson on another day would otherwise publish another film."""
    program = (
        "import hashlib; from resources.speech.hibari import HibariSpeech; "
        "from video_assets.studio.lesson.script import SpokenWord; "
        "from video_assets.studio.speech.provider import SpeechRequest; "
        f"words = tuple(SpokenWord(text=text, token=number) for number, text in enumerate({TEXT.split()!r})); "
        "speech = HibariSpeech().speak(SpeechRequest(pieces=words, language='en', voice='heart')); "
        "print(hashlib.sha256(speech.sound.tobytes()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert there.stdout.strip() == digest(hibari.speak(asked(*TEXT.split())))


def test_a_fork_of_a_process_that_has_spoken_speaks_too(hibari: HibariSpeech) -> None:
    """A step is a fork of its run. It would otherwise wait for ever for threads that do not exist in it."""
    here = digest(hibari.speak(asked(*TEXT.split())))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, digest(hibari.speak(asked(*TEXT.split()))).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100).decode() == here


def test_what_was_said_before_does_not_change_what_is_said(hibari: HibariSpeech) -> None:
    """A lesson's sound would otherwise depend on which sections were in the store."""
    first = digest(hibari.speak(asked(*TEXT.split())))
    hibari.speak(asked("Something", "else", "entirely."))
    assert digest(hibari.speak(asked(*TEXT.split()))) == first


# --- what it says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Привет", "日本", "שלום", "नमस्ते", "λόγος", "ﬀЖ", "⊕", "✓", "a→b"])
def test_what_it_cannot_say_is_named(hibari: HibariSpeech, text: str) -> None:
    """The front end drops it without a word: a learner would hear a sentence with a hole, and nobody would know."""
    with pytest.raises(SpeechInvalid, match=text):
        hibari.speak(asked("Hello", text, "world."))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("λ", "lˈæmdə"),
        ("Ω", "OmˈAɡə"),
        ("µ", "mjˈu"),
        ("ς", "sˈɪɡmə"),
        ("eigh", "ˈA"),
        ("pie", "pˈI"),
        ("B", "bˈi"),
        ("é", "ˈi"),
        ("café", "kæfˈA"),
        ("Schrödinger", "ʃɹˈɜɹdɪŋɡəɹ"),
        ("don’t", "dˈOnt"),
        ("C#", "sˈi hˈæʃ"),
        ("50%", "fˈɪfti pəɹsˈɛnt"),
        ("R&D", "ˈɑɹ ænd dˈi"),
        ("ﬁnd", "fˈInd"),
    ],
)
def test_symbols_letters_and_loan_words_are_said(front_end: HibariFrontEnd, text: str, said: str) -> None:
    """A formula or a foreign name would lose a part."""
    assert phonemes(front_end, "so", text, "is")[1] == said


LONG = [
    "Donaudampfschifffahrtsgesellschaft",
    "hydroxychloroquinesulfonamidase",
    "methionylthreonylthreonylglutaminylarginyl",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
]


@pytest.mark.parametrize("word", LONG)
def test_every_letter_of_a_long_unknown_word_counts(front_end: HibariFrontEnd, word: str) -> None:
    """The net for unknown words ends after 24 letters: a chemist would hear half of a compound's name."""
    (whole,), (start,) = phonemes(front_end, word), phonemes(front_end, word[:24])
    assert len(whole) > len(start) * len(word) / 24 * 0.75


LATIN = st.text(
    st.characters(min_codepoint=0x41, max_codepoint=0x24F, categories=["Lu", "Ll", "Lt"]), min_size=1, max_size=60
)


@pytest.mark.parametrize("letter", ["Ǥ", "ǥ", "Ɣ", "Ŋ", "Ə", "Ɛ", "ƿ", "ĸ", "Ʒ"])
def test_a_rare_latin_letter_alone_is_said(front_end: HibariFrontEnd, letter: str) -> None:
    """A lesson about alphabets could not be made, since the network knows the letters from a to z alone."""
    (utterance,) = front_end.utterances([SpokenWord(text=letter, token=0)])
    assert utterance.phonemes.strip(".")


@settings(max_examples=150, deadline=None)
@given(st.lists(LATIN, min_size=1, max_size=6))
@example(["xĀ"])
@example(["qA", "aİAĿA"])
def test_every_word_in_latin_letters_is_said(front_end: HibariFrontEnd, words: list[str]) -> None:
    """A name with a rare diacritic would be left out of a sentence."""
    assert all(said.strip(" ˈˌ") for said in phonemes(front_end, *words))


MARKS = st.sampled_from(["", ",", ".", "?", "!", ";", ":"])
PLAIN = st.sampled_from(
    ["the", "cat", "a", "I", "eigh", "thirty-nine", "volts", "don't", "x", "MOSFET", "queue", "psst", "café", "by-law"]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.tuples(PLAIN, MARKS), st.integers(1, 900)), min_size=1, max_size=14))
def test_any_words_and_pauses_give_usable_speech(hibari: HibariSpeech, parts: Sequence[tuple[str, str] | int]) -> None:
    """A section with an unusual rhythm would stop a lesson, or shift its captions."""
    pieces = [
        Pause(milliseconds=part) if isinstance(part, int) else SpokenWord(text="".join(part), token=number)
        for number, part in enumerate(parts)
    ]
    if not any(isinstance(piece, SpokenWord) for piece in pieces):
        return
    request = SpeechRequest(pieces=tuple(pieces), language="en", voice="heart")
    speech = hibari.speak(request)
    check_speech(speech, request, expected_seconds(request.pieces))
    assert all(speech.times.phones_of(word) for word in speech.times.words)


def sections_of_sample_lessons() -> list[SpeechRequest]:
    found = []
    for path in sorted((ROOT / "data" / "lessons").glob("*.json")):
        lesson = read_lesson(path).lesson
        assert lesson is not None
        if lesson.language.startswith("en"):
            for section in lesson.sections:
                words = write_section(section, language=lesson.language, pronunciations=lesson.pronunciations)
                found.append(SpeechRequest(pieces=words.speech, language=lesson.language, voice="heart"))
    return found


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_sections_of_real_lessons_are_spoken(hibari: HibariSpeech, every: int) -> None:
    """A section would fall back to espeak-ng, and the teacher's voice would change in the middle of a lesson."""
    requests = sections_of_sample_lessons()[::every]
    assert len(requests) >= 4
    for request in requests:
        check_speech(hibari.speak(request), request, expected_seconds(request.pieces))


@pytest.mark.parametrize(
    "text", ["Curves that rise, bit, by bit, and end flat. Stop. Wait!", "Look up, at it: it is hot, dark, quick."]
)
def test_a_stop_before_a_mark_ends_before_the_silence(hibari: HibariSpeech, text: str) -> None:
    """Its burst was found in the silence behind it: times out of order, and a section by another voice."""
    request = asked(*text.split())
    speech = hibari.speak(request)
    check_speech(speech, request, expected_seconds(request.pieces))


def test_a_dash_between_words_takes_no_sound_from_them(hibari: HibariSpeech) -> None:
    """The word beside a dash would be marked in the captions while the dash is shown."""
    for texts in (("Hello", "—", "world"), ("—", "hello", "world"), ("Hello", "world", "—")):
        speech = hibari.speak(asked(*texts))
        for text, word in zip(texts, speech.times.words, strict=True):
            assert bool(speech.times.phones_of(word)) == (text != "—")


def test_a_sentence_without_an_end_is_cut_for_the_network(hibari: HibariSpeech, front_end: HibariFrontEnd) -> None:
    """A teacher who writes without full stops would get noise after the first half minute."""
    texts = ("and so the river carries sand, stones and mud on its long way down to the sea " * 8).split()
    pieces = [SpokenWord(text=text, token=number) for number, text in enumerate(texts)]
    utterances = front_end.utterances(pieces)
    assert len(utterances) > 1
    assert max(len(each.phonemes) for each in utterances) <= MOST_PHONEMES + 1
    request = asked(*texts)
    check_speech(hibari.speak(request), request, expected_seconds(request.pieces))


def test_an_emphasised_word_has_the_main_stress(front_end: HibariFrontEnd) -> None:
    """ "This is *the* reason" would be stressed like any other sentence."""
    pieces = [SpokenWord(text=text, token=0, emphasis=int(text == "the")) for text in ("This", "is", "the", "reason.")]
    (utterance,) = front_end.utterances(pieces)
    assert "ˈ" in utterance.words[2].phonemes


def test_say_it_so_and_pronunciations_are_followed(front_end: HibariFrontEnd) -> None:
    """A teacher who wrote how to say a name would hear the voice's own guess."""
    section = Section(id="s", pointer="", line=1, narration="Ask [SQL|sequel] or Jürg now.")
    words = write_section(section, language="en", pronunciations={"Jürg": "yoorg"})
    texts = [piece.text for piece in words.speech if isinstance(piece, SpokenWord)]
    assert phonemes(front_end, *texts)[1] == phonemes(front_end, "ask", "sequel", "or")[1]
    assert phonemes(front_end, *texts)[3].startswith("j")


# --- times -------------------------------------------------------------------------------------------------------


def test_captions_start_with_their_words_by_other_ears_than_its_own(hibari: HibariSpeech) -> None:
    """A deaf learner's captions would run beside the voice. The times of the network alone would not show that.

    Cues start where clauses do. An aligner may be wrong in a silence, and two are seldom wrong at the same word.
    """
    request = asked(*PROSE.split())
    speech = hibari.speak(request)
    espeak = EspeakSpeech()
    heard = [
        Aligner(espeak, acoustic=acoustic).times(speech.sound, speech.times.rate_hz, request)[0]
        for acoustic in (True, False)
    ]
    espeak.close()
    texts = [word.text for word in request.words]
    starts = [place for place in range(len(texts)) if place == 0 or texts[place - 1][-1] in ",.;:?!"]
    for place in starts:
        own = speech.times.words[place].start
        off = [abs(own - times.words[place].start) * 1000 / speech.times.rate_hz for times in heard]
        assert min(off) <= 80, f"{texts[place]}: {off}"
    every = [
        min(abs(own.start - times.words[place].start) for times in heard) * 1000 / speech.times.rate_hz
        for place, own in enumerate(speech.times.words)
    ]
    assert np.mean(every) <= 30
    assert np.mean([off <= 80 for off in every]) >= 0.98


# --- pins, weights and fallback ----------------------------------------------------------------------------------


def test_the_pins_are_those_of_the_constraints() -> None:
    """A new version would be installed that the voice then refuses, and films would fall back to espeak-ng."""
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert {f"hibari-tts=={PACKAGE_VERSION}", f"onnxruntime=={RUNTIME_VERSION}"} <= set(pins)


def copy_of_the_package(folder: Path) -> Path:
    return Path(shutil.copytree(HibariVoices().assets, folder / "assets"))


def spoilt_weights(assets: Path) -> None:
    file = assets / BUNDLED.file
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(data)


def missing_weights(assets: Path) -> None:
    (assets / BUNDLED.file).unlink()


@pytest.mark.parametrize(("damage", "said"), [(spoilt_weights, "SHA-256"), (missing_weights, "cannot be read")])
def test_a_broken_package_gives_a_film_by_espeak_that_says_so(
    studio: Studio, tmp_path: Path, damage: object, said: str
) -> None:
    """A teacher would get no film, or one in a voice that she did not choose, without a word about it."""
    assets = copy_of_the_package(tmp_path)
    assert callable(damage)
    damage(assets)
    studio.voices["hibari"] = HibariSpeech(HibariVoices(assets=assets))
    studio.write([studio.lamp])
    made = studio.make()
    (sound,) = made.speech.manifest.sections
    assert sound.provider["provider"] == "espeak"
    assert made.speech.figures["sections_by_stand_in"] == 1
    notes = (studio.root / "journal.jsonl").read_text("utf-8")
    assert said in notes
    assert "espeak speaks it instead" in notes
    assert said in studio.voices["hibari"].fault("heart")


def test_check_warns_that_another_voice_would_speak(studio: Studio, tmp_path: Path) -> None:
    """A teacher would learn after the render that her film has the other voice."""
    assets = copy_of_the_package(tmp_path)
    path = studio.write([studio.lamp])
    read, project = read_lesson(path), studio.lesson_source.project()

    def problems(voices: HibariVoices) -> list[str]:
        providers = Providers({"hibari": voices, "espeak": EspeakVoices()}, ("slides",), lambda: ("ada",))
        return list(map(str, setting_problems("tiny.json", read, project, {}, RunOverrides(), providers)))

    voices = HibariVoices(assets=assets)
    assert problems(voices) == []
    spoilt_weights(assets)
    (warning,) = problems(voices)
    assert "warning" in warning
    assert "Emma speaks instead" in warning


def test_films_of_a_healthy_voice_stay_when_its_package_is_gone(studio: Studio, tmp_path: Path) -> None:
    """An update that loses the package would otherwise make a whole archive again, in another voice."""
    studio.write([studio.lamp])
    first = studio.make()
    assets = copy_of_the_package(tmp_path)
    missing_weights(assets)
    studio.voices["hibari"] = HibariSpeech(HibariVoices(assets=assets))
    again = studio.make()
    assert again.speech.made == 0
    assert again.speech.digest == first.speech.digest


def test_without_a_fallback_the_error_says_what_to_do(studio: Studio, tmp_path: Path) -> None:
    """A teacher who wants this voice alone would look for the fault in her lesson."""
    assets = copy_of_the_package(tmp_path)
    missing_weights(assets)
    studio.voices["hibari"] = HibariSpeech(HibariVoices(assets=assets))
    studio.write([studio.lamp])
    with pytest.raises(SectionsFailed, match=r"Install the packages of constraints\.txt again"):
        studio.make({"speech": "hibari"})


def test_weights_of_the_user_are_a_voice_and_other_files_are_not(tmp_path: Path) -> None:
    """A file from anywhere would speak in a lesson under the name of a known voice."""
    voices = with_a_user_voice(tmp_path)
    (tmp_path / "unknown.onnx").write_bytes(b"anything")
    assert [voice.id for voice in voices.voices()] == ["heart", "other"]
    speech = HibariSpeech(voices)
    request = asked("Water", "in", "the", "bath.").model_copy(update={"voice": "other"})
    british = speech.speak(request)
    assert digest(british) != digest(speech.speak(request.model_copy(update={"voice": "heart"})))
    file = tmp_path / "other.onnx"
    file.write_bytes(file.read_bytes() + b"\x32\x01x")
    with pytest.raises(Rejected, match="Copy the file again"):
        HibariSpeech(voices).speak(request)
    assert "SHA-256" in voices.fault("other")


# --- the choice --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "voice", "provider"),
    [
        ("en", "", "hibari"),
        ("en-GB", "", "hibari"),
        ("en", "heart", "hibari"),
        ("en", "Emma", "espeak"),
        ("en", "en-gb+m7", "espeak"),
        ("de", "", "espeak"),
        ("hi", "Ananya", "espeak"),
    ],
)
def test_each_lesson_has_the_voice_that_it_names_or_the_best_of_its_language(
    studio: Studio, language: str, voice: str, provider: str
) -> None:
    """A German lesson would be refused, or a lesson that chose Emma would be read by another."""
    texts = {"de": "Guten Tag.", "hi": "नमस्ते।"}
    studio.write([studio.section("one", texts.get(language, "Good day."))], language=language)
    made = studio.make({"voice": voice})
    assert made.speech.manifest.provider["provider"] == provider
    assert "sections_by_stand_in" not in made.speech.figures
