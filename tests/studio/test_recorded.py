"""A recording is followed word by word, in every spoken language, and where it does not say its text, it is told."""

from __future__ import annotations

import numpy as np
import pytest

from tests.kit.recordings import TEACHERS, Taken, spoken_by, take
from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.speech.recorded import FollowedText, clear_differences, follow_text

REFERENCES = {"en": "en-us+f2", "de": "de+f2", "fr": "fr+f2", "es": "es+f2", "hi": "hi+f2", "zh": "cmn+f2"}
TEXTS = {
    "en": (
        "When the gate voltage rises, a thin channel of electrons forms below the glass.",
        "Why does it form there?",
        "Because opposite charges attract each other, and the glass lets no current through.",
    ),
    "de": (
        "Wenn die Spannung steigt, bildet sich unter dem Glas ein dünner Kanal.",
        "Warum bildet er sich gerade dort?",
        "Weil sich Gegensätze anziehen, und das Glas keinen Strom durchlässt.",
    ),
    "fr": (
        "Quand la tension monte, un mince canal se forme sous le verre.",
        "Pourquoi se forme-t-il à cet endroit ?",
        "Parce que les charges opposées s'attirent, et que le verre ne laisse passer aucun courant.",
    ),
    "es": (
        "Cuando sube la tensión, se forma un canal delgado debajo del vidrio.",
        "¿Por qué se forma justo allí?",
        "Porque las cargas opuestas se atraen, y el vidrio no deja pasar la corriente.",
    ),
    "hi": (
        "जब वोल्टेज बढ़ता है, तो काँच के नीचे एक पतली नली बनती है।",
        "वह ठीक वहीं क्यों बनती है?",
        "क्योंकि विपरीत आवेश एक दूसरे को खींचते हैं, और काँच धारा को जाने नहीं देता।",
    ),
    "zh": (
        "当电压升高时，玻璃下面会形成一条薄薄的通道。",
        "为什么会在那里形成呢？",
        "因为相反的电荷互相吸引，而玻璃不让电流通过。",
    ),
}
LANGUAGES = tuple(TEXTS)


def followed(text: str, language: str, taken: Taken) -> FollowedText:
    """What is found of `text` in a recording."""
    reference = spoken_by(text, language, REFERENCES[language])
    return follow_text(reference, taken.sound, taken.rate_hz)


def trimmed_seconds(found: FollowedText, taken: Taken) -> float:
    """How much was cut off before the speech."""
    inner = found.speech.sound[1000:5000]
    places = np.flatnonzero(np.isclose(taken.sound[: -len(inner)], inner[0], atol=0))
    at = next(int(place) for place in places if np.array_equal(taken.sound[place : place + len(inner)], inner))
    return (at - 1000) / taken.rate_hz


def start_errors_ms(found: FollowedText, taken: Taken) -> np.ndarray:
    """How far each word's start is from the truth."""
    cut = trimmed_seconds(found, taken)
    starts = [word.start / taken.rate_hz + cut for word in found.speech.times.words]
    return 1000 * np.abs(np.array(starts) - np.array(taken.starts))


@pytest.mark.parametrize(
    ("voice", "rate", "noise_db"), [("", 100, -55), ("", 85, -55), ("en-gb+f2", 115, -55), ("en-us+m3", 100, -40)]
)
def test_words_are_found_whoever_speaks_and_however_fast(voice: str, rate: int, noise_db: float) -> None:
    """Captions would run ahead of a slow teacher, or be lost in the hum of a classroom's projector."""
    text = " ".join(TEXTS["en"])
    taken = take(text, voice=voice, rate=rate, noise_db=noise_db)
    found = followed(text, "en", taken)
    errors = start_errors_ms(found, taken)
    assert np.mean(errors) <= 30
    assert np.quantile(errors, 0.95) <= 80
    assert not clear_differences(found.differences, 15)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_right_recording_passes_in_every_language(language: str) -> None:
    """A teacher's good recording would be refused, or its captions be wrong, because she is no Englishwoman."""
    text = " ".join(TEXTS[language])
    taken = take(text, language)
    found = followed(text, language, taken)
    assert not clear_differences(found.differences, 15), found.differences
    assert np.median(start_errors_ms(found, taken)) <= 40
    assert np.quantile(start_errors_ms(found, taken), 0.9) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_was_not_said_is_found(language: str) -> None:
    """The captions would show a sentence that nobody says, while the next one is heard."""
    first, middle, last = TEXTS[language]
    found = followed(f"{first} {middle} {last}", language, take(f"{first} {last}", language))
    clear = clear_differences(found.differences, 15)
    assert clear, found.differences
    words = len(spoken_by(first, language, REFERENCES[language]).times.words)
    count = len(spoken_by(middle, language, REFERENCES[language]).times.words)
    missing = max(found.differences, key=lambda each: each.seconds)
    assert missing.kind == "missing"
    assert abs(missing.first - words) <= 1
    assert abs(missing.last - words - count) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_is_not_in_the_text_is_found(language: str) -> None:
    """The class would hear a slip of the tongue, and what it was mended with, without a caption."""
    first, middle, last = TEXTS[language]
    taken = take(f"{first} {middle} {last}", language)
    found = followed(f"{first} {last}", language, taken)
    assert clear_differences(found.differences, 10), found.differences
    words = len(spoken_by(first, language, REFERENCES[language]).times.words)
    extra = max(found.differences, key=lambda each: each.seconds)
    assert abs(extra.first - words) <= 2
    assert abs(extra.start_seconds - taken.starts[words]) < 1.0


WRONG_WORDS = [
    ("en", "channel", "mountain"),
    ("en", "opposite", "beautiful"),
    ("en", "electrons", "umbrellas"),
    ("de", "Kanal", "Zucker"),
    ("de", "Gegensätze", "Fahrräder"),
    ("fr", "canal", "jardin"),
    ("es", "delgado", "montañoso"),
    ("hi", "वोल्टेज", "परिवार"),
    ("hi", "विपरीत", "ऑक्सीजन"),
]


@pytest.mark.parametrize(("language", "right", "wrong"), WRONG_WORDS)
def test_a_wrong_word_is_named(language: str, right: str, wrong: str) -> None:
    """A film that says "mountain" and shows "channel" teaches one of them wrongly."""
    text = " ".join(TEXTS[language])
    found = followed(text, language, take(text.replace(right, wrong, 1), language))
    place = text.split().index(next(word for word in text.split() if right in word))
    assert any(each.first - 1 <= place <= each.last for each in found.differences), found.differences


def test_other_words_altogether_are_refused() -> None:
    """The recordings of two sections were swapped: the film would show one and say the other."""
    text = " ".join(TEXTS["en"])
    other = (
        "Photosynthesis turns light into sugar. Water enters through the roots and climbs up to the leaves. Carbon "
        "dioxide comes in through tiny pores."
    )
    assert clear_differences(followed(text, "en", take(other)).differences, 15)


def test_noise_is_no_recording() -> None:
    """A microphone that was not plugged in would become a film of hiss."""
    text = " ".join(TEXTS["en"])
    hiss = (0.1 * np.random.default_rng(2).standard_normal(22050 * 12)).astype(np.float32)
    with pytest.raises(SpeechInvalid, match="silent"):
        follow_text(spoken_by(text, "en", REFERENCES["en"]), hiss * 1e-6, 22050)
    found = follow_text(spoken_by(text, "en", REFERENCES["en"]), hiss, 22050)
    assert clear_differences(found.differences, 12)


def test_silence_is_cut_off_and_nothing_that_is_said() -> None:
    """A film would pause after every section, or swallow the first sound of a word such as "Five"."""
    text = "Five thin fish swim past. Half of us see this."
    taken = take(text, before_seconds=2.5, after_seconds=3.0)
    found = followed(text, "en", taken)
    cut = trimmed_seconds(found, taken)
    spoken_seconds = len(spoken_by(text, "en", TEACHERS["en"]).sound) / taken.rate_hz
    assert 2.3 <= cut <= 2.53
    assert len(found.speech.sound) / taken.rate_hz == pytest.approx(spoken_seconds, abs=0.25)
    assert cut + len(found.speech.sound) / taken.rate_hz >= 2.5 + spoken_seconds - 0.06


def test_the_same_recording_gives_the_same_times() -> None:
    """A section's clip would be made anew each time."""
    text = " ".join(TEXTS["en"])
    taken = take(text)
    first, second = followed(text, "en", taken), followed(text, "en", taken)
    assert first.speech.times == second.speech.times
    assert first.differences == second.differences
