"""What every voice promises, whoever provides it: one suite, run for each provider that needs no key."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from resources.openai_client import OpenAIClient
from resources.provider_file import read_provider
from resources.speech.aligner import Aligner
from resources.speech.espeak import EspeakSpeech
from resources.speech.hibari import HibariSpeech
from resources.speech.openai_speech import OpenAISpeech
from tests.faults.provider import Provider
from tests.kit.weights_of_voices import with_a_user_voice
from tests.services import write_file
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.lesson.script import Pause, SpokenWord, expected_seconds
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.provider import RawSpeech, SpeechProvider, SpeechRequest
from video_assets.studio.speech.silence import voice_activity
from video_assets.studio.speech.voices import ANY_LANGUAGE, choose_voice, speaks
from video_assets.studio.storage.store import LocalStore

SENTENCES = {
    "en": "When the gate voltage rises, a thin channel of electrons forms. Why? Because opposite charges attract.",
    "de": "Wenn die Spannung steigt, bildet sich ein Kanal. Warum? Weil sich Gegensätze anziehen.",
    "fr": "Quand la tension monte, un canal se forme. Pourquoi? Parce que les contraires s'attirent.",
    "es": "Cuando sube la tensión, se forma un canal. ¿Por qué? Porque los contrarios se atraen.",
    "hi": "जब वोल्टेज बढ़ता है, तो एक परत बनती है। क्यों? क्योंकि विपरीत आवेश आकर्षित होते हैं।",
    "zh": "当 电压 升高 时， 形成 一层 通道。 为什么？ 因为 异性 相吸。",
}


class Bought(OpenAISpeech):
    """A voice that is paid for, by whoever asks."""

    call_context: CallContext

    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:
        """See SpeechProvider."""
        return super().speak(request, call_context or self.call_context)


@pytest.fixture(scope="module", params=["espeak", "hibari", "bought", "bought with times"])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeechProvider]:
    embedded = EspeakSpeech()
    if request.param == "espeak":
        yield embedded
        embedded.close()
        return
    if request.param == "hibari":
        yield HibariSpeech(with_a_user_voice(tmp_path_factory.mktemp("voices")))
        return
    root = tmp_path_factory.mktemp("bought")
    with Provider() as server:
        more = 'times = "kokoro"' if request.param == "bought with times" else ""
        file = read_provider(write_file(root, server, speech_more=more) / "trial.toml")
        assert file.speech is not None
        client = OpenAIClient("trial", file)
        made = Bought(client, file.speech, Aligner(embedded))
        made.call_context = CallContext(CallServices(root / "calls"), LocalSlots({}), LocalStore(root / "store"))
        yield made
        client.close()
    embedded.close()


def speaks_german(provider: SpeechProvider) -> bool:
    return any(speaks(voice, "de") for voice in provider.voices())


def words(text: str, **how: int) -> tuple[SpokenWord, ...]:
    return tuple(SpokenWord(text=word, token=index, **how) for index, word in enumerate(text.split()))


def asked(
    provider: SpeechProvider, language: str, *pieces: SpokenWord | Pause, rate_percent: int = 100
) -> SpeechRequest:
    voice = choose_voice(provider.voices(), "", language).id
    return SpeechRequest(pieces=pieces, language=language, voice=voice, rate_percent=rate_percent)


def checked(provider: SpeechProvider, request: SpeechRequest) -> RawSpeech:
    speech = provider.speak(request)
    check_speech(speech, request, expected_seconds(request.pieces, request.rate_percent))
    return speech


@pytest.mark.parametrize("language", SENTENCES)
def test_it_speaks_the_language_with_a_time_for_every_word(provider: SpeechProvider, language: str) -> None:
    """A learner would otherwise hear nonsense, or see captions and highlights that do not follow the voice."""
    if not any(speaks(voice, language) for voice in provider.voices()):
        pytest.skip(f"none of its voices speaks {language}")
    speech = checked(provider, asked(provider, language, *words(SENTENCES[language])))
    assert speech.sound.dtype == np.float32
    assert speech.sound.ndim == 1
    assert any(phone.phone == "" for phone in speech.times.phones), "a comma and two full stops are heard as pauses"


def test_the_same_request_gives_the_same_bytes(provider: SpeechProvider) -> None:
    """A teacher who renders an unchanged lesson again would otherwise get another film, and pay for it twice."""
    request = asked(provider, "en", *words(SENTENCES["en"]))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: provider.speak(request), range(5)))
    assert len({answer.sound.tobytes() for answer in answers}) == 1
    assert all(answer.times == answers[0].times for answer in answers)


def test_a_pause_is_as_long_as_it_was_asked(provider: SpeechProvider) -> None:
    """A teacher's "think about it" would otherwise be a breath, or a gap that looks like a fault."""
    one, two, three = words("One two three.")
    pieces = (Pause(milliseconds=300), one, Pause(milliseconds=700), two, three, Pause(milliseconds=1200))
    speech = checked(provider, asked(provider, "en", *pieces))
    rate_hz = speech.times.rate_hz
    silences = [phone for phone in speech.times.phones if phone.phone == ""]
    lengths = [round((phone.end - phone.start) * 1000 / rate_hz) for phone in silences]
    for milliseconds in (300, 700, 1200):
        assert milliseconds in lengths
    for silence in silences:
        if silence.end - silence.start >= 0.3 * rate_hz:
            assert not speech.sound[silence.start : silence.end].any()


def test_there_is_no_dead_air_around_or_inside(provider: SpeechProvider) -> None:
    """A class would otherwise stare at a still picture before and after each section."""
    speech = checked(provider, asked(provider, "en", *words("First... then; and so on! And at last? Done.")))
    loud = np.flatnonzero(voice_activity(speech.sound, speech.times.rate_hz)) * 5
    assert loud[0] <= 30
    assert loud[-1] + 5 >= len(speech.sound) * 1000 / speech.times.rate_hz - 35
    assert np.diff(loud).max() <= 1500


def test_it_is_faster_and_slower_on_request(provider: SpeechProvider) -> None:
    """Learners of a second language would otherwise get the pace that is too fast for them."""
    seconds = {
        rate: len(checked(provider, asked(provider, "en", *words(SENTENCES["en"]), rate_percent=rate)).sound)
        for rate in (70, 100, 150)
    }
    assert seconds[70] / seconds[100] == pytest.approx(100 / 70, rel=0.12)
    assert seconds[150] / seconds[100] == pytest.approx(100 / 150, rel=0.12)


def test_a_slow_word_is_slow_alone(provider: SpeechProvider) -> None:
    """A term that the teacher spells out slowly would otherwise rush by, or slow down its whole sentence."""
    plain = words("the word photosynthesis is long")
    slowed = tuple(word.model_copy(update={"rate_percent": 50}) if word.token == 2 else word for word in plain)
    before, after = (checked(provider, asked(provider, "en", *pieces)).times.words for pieces in (plain, slowed))
    ratios = [(b.end - b.start) / (a.end - a.start) for a, b in zip(before, after, strict=True)]
    assert ratios[2] > 1.5
    assert all(0.75 < ratio < 1.3 for index, ratio in enumerate(ratios) if index != 2)


def test_emphasis_is_heard(provider: SpeechProvider) -> None:
    """The word that matters would otherwise sound like every other."""
    if provider.instructible:
        pytest.skip("it is told which words to stress: test_settings_effects sees that")
    plain = words("the second one is wrong")
    levels = []
    for emphasis in (0, 1, 2):
        pieces = tuple(word.model_copy(update={"emphasis": emphasis}) if word.token == 1 else word for word in plain)
        speech = checked(provider, asked(provider, "en", *pieces))
        span = speech.times.words[1]
        levels.append(float(np.square(speech.sound[span.start : span.end]).mean() ** 0.5))
    assert levels[0] * 1.1 < levels[1] < levels[2] / 1.05


def test_the_shortest_sections_are_spoken(provider: SpeechProvider) -> None:
    """A section of one word would otherwise stop a whole lesson."""
    for text in ("Hi.", "I", "A"):
        assert len(checked(provider, asked(provider, "en", *words(text))).times.words) == 1


def test_an_unknown_voice_names_the_nearest(provider: SpeechProvider) -> None:
    """Someone who mistypes a voice would otherwise have to read a list of hundreds."""
    request = asked(provider, "en", *words("Hello"))
    misspelt = request.model_copy(update={"voice": request.voice + "x"})
    with pytest.raises(SettingInvalid) as caught:
        provider.speak(misspelt)
    assert request.voice in caught.value.remedy


def test_a_voice_of_another_language_is_refused(provider: SpeechProvider) -> None:
    """A German lesson would otherwise be read with English sounds, which nobody in the class understands."""
    if all(voice.language == ANY_LANGUAGE for voice in provider.voices()):
        pytest.skip("its voices speak whatever they are given")
    if not speaks_german(provider):
        with pytest.raises(SettingInvalid, match="lesson is in de"):
            provider.speak(asked(provider, "en", *words("Hallo")).model_copy(update={"language": "de"}))
        return
    german = choose_voice(provider.voices(), "", "de").id
    with pytest.raises(SettingInvalid, match="lesson is in en"):
        provider.speak(asked(provider, "en", *words("Hello")).model_copy(update={"voice": german}))


def test_voices_are_told_apart(provider: SpeechProvider) -> None:
    """A list in which two voices share an id or a name would let nobody choose."""
    voices = provider.voices()
    assert len({voice.id for voice in voices}) == len(voices)
    assert all(voice.name and voice.language and voice.provider == provider.name for voice in voices)


def test_its_identity_tells_voices_apart(provider: SpeechProvider) -> None:
    """A lesson whose voice was changed would otherwise keep the old sound from the store."""
    first, second = (voice.id for voice in provider.voices()[:2])
    assert provider.identity(first) == provider.identity(first)
    assert provider.identity(first) != provider.identity(second)
    assert provider.identity(first)["version"]
