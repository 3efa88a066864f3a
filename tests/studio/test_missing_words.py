"""Speech of which words are missing or in another order, told from speech that is whole: sample lessons, other voices.

The samples are narrations of `data/lessons`, spoken by other voices than the aligner's at other paces, and cut.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from resources.speech.aligner import Aligner
from resources.speech.espeak import EspeakSpeech
from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import SpokenWord, write_section
from video_assets.studio.speech.provider import RawSpeech, SpeechRequest

LESSONS = Path(__file__).parents[2] / "data" / "lessons"
VOICES = {"en": ("en-us+m7", "en-gb+f2", "en-us+f4"), "de": ("de+m7", "de+f2", "de+f4"), "hi": ("hi+m7", "hi+f2")}
PACES = (88, 100, 112)
ENDS = ".!?।"
LEAST_WORDS = 24
EVERY = 9
"""Sample of those that the usual run of tests takes; the marker `slow` takes all."""


class Sample(NamedTuple):
    """A narration, said whole."""

    name: str
    request: SpeechRequest
    raw: RawSpeech

    @property
    def sentences(self) -> list[tuple[int, int]]:
        """Samples from where each sentence starts to where the next one does."""
        words, times = self.request.words, self.raw.times
        firsts = [0, *(n + 1 for n, word in enumerate(words[:-1]) if word.text.rstrip("\"'”’»)")[-1:] in ENDS)]
        starts = [times.words[first].start for first in firsts]
        return list(zip(starts, [*starts[1:], len(self.raw.sound)], strict=True))


def samples(espeak: EspeakSpeech, every: int) -> Iterator[Sample]:
    """The first sentences of every n-th section of the sample lessons."""
    number = 0
    for path in sorted(LESSONS.glob("*.json")):
        lesson = read_lesson(path).lesson
        assert lesson is not None
        for section in lesson.sections:
            number += 1
            if number % every:
                continue
            script = write_section(section, language=lesson.language, pronunciations=lesson.pronunciations)
            said = [each for each in script.speech if isinstance(each, SpokenWord)]
            enough = next(
                (n + 1 for n, each in enumerate(said) if n >= LEAST_WORDS and each.text[-1] in ENDS), len(said)
            )
            words = tuple(each.model_copy(update={"rate_percent": 100, "emphasis": 0}) for each in said[:enough])
            voices = VOICES[lesson.language.split("-")[0]]
            voice = voices[number % len(voices)]
            request = SpeechRequest(pieces=words, language=lesson.language, voice=voice)
            spoken = request.model_copy(update={"rate_percent": PACES[number % len(PACES)]})
            yield Sample(f"{path.stem}/{section.id}", request, espeak.speak(spoken))


def spoilt(sample: Sample) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The sample with a fault, by the fault's name."""
    sound, words, sentences = sample.raw.sound, sample.raw.times.words, sample.sentences
    for percent in (5, 10):
        first = next(word.start for word in words if word.start >= len(sound) * percent // 100)
        yield f"the first {percent} % missing", sound[first:]
    if len(sentences) > 2:
        start, end = min(sentences[1:-1], key=lambda each: each[1] - each[0])
        yield "a sentence in the midst missing", np.concatenate([sound[:start], sound[end:]])
    if len(sentences) > 1:
        (start, between), (_, end) = sentences[:2]
        swapped = [sound[:start], sound[between:end], sound[start:between], sound[end:]]
        yield "the first two sentences swapped", np.concatenate(swapped)


def whole(sample: Sample) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The sample without a fault."""
    sound = sample.raw.sound
    level = float(np.sqrt(np.mean(sound**2)))
    noise = np.random.default_rng(3).standard_normal(len(sound)).astype(np.float32)
    yield "whole", sound
    yield "with a little noise", (sound + noise * level * 10 ** (-25 / 20)).astype(np.float32)


def taken(aligner: Aligner, sample: Sample, sound: NDArray[np.float32]) -> bool:
    """Whether a sound is taken for the sample's text."""
    edge = np.zeros(sample.raw.times.rate_hz // 8, np.float32)
    try:
        aligner.times(np.concatenate([edge, sound, edge]), sample.raw.times.rate_hz, sample.request)
    except SpeechInvalid:
        return False
    return True


@pytest.mark.parametrize("every", [pytest.param(EVERY, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)])
def test_what_is_missing_is_heard_and_what_is_whole_is_kept(every: int) -> None:
    """A teacher would publish a film whose first words are gone, or pay again and again for speech that was whole."""
    espeak = EspeakSpeech()
    aligner = Aligner(espeak, acoustic=False)
    chosen = list(samples(espeak, every))
    refused = [
        (sample.name, how) for sample in chosen for how, sound in whole(sample) if not taken(aligner, sample, sound)
    ]
    assert refused == []
    kept = [(sample.name, how) for sample in chosen for how, sound in spoilt(sample) if taken(aligner, sample, sound)]
    asked = Counter(how for sample in chosen for how, _ in spoilt(sample))
    sys.stdout.write(f"taken: {Counter(how for _, how in kept)} of {asked}")  # pytest -s shows them
    assert len(kept) <= asked.total() // 20, kept
