"""How well voices are understood, and how natural they sound: a recogniser's word errors, and predicted opinions.

Run `make bench-voices`, or `python -m benchmarks.voices --every 4 --voice heart` for a quick look. All sentences of the
English lessons in data/lessons are spoken, as the front end writes them. pocketsphinx writes down what it hears with
its own language model. It is a weak recogniser, and a quarter of the sentences is too few: the rates of the four
quarters differ by 0.05. So the table has the interval in which the rate would lie with other sentences of the kind.

No voice can pronounce "root" and "route" differently. So two words count as the same if the recogniser's dictionary
pronounces them alike. Words that its dictionary lacks cannot be heard, and count as wrong for every voice.

DistillMOS predicts the score from 1 to 5 that listeners would give. Prints each sentence with more than half of its
words wrong; asserts nothing.
"""

from __future__ import annotations

import argparse
import operator
import re
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import count, takewhile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resources.catalogue import speech_providers
from video_assets.project_paths import locate_project
from video_assets.studio.core.sentences import has_sentence_end
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import Pause, SpokenWord, spoken_text, write_section
from video_assets.studio.media.sound import resample
from video_assets.studio.speech.mastering import master
from video_assets.studio.speech.provider import SpeechProvider, SpeechRequest
from video_assets.studio.speech.voices import is_called

LESSONS = Path(__file__).parents[1] / "data" / "lessons"
_HEARD_HZ = 16000
_AROUND = _HEARD_HZ * 3 // 10
"""Silence before and after each sentence, as in a film. Without it the recogniser misses first words of any voice."""
_POOR = 0.5
_AS_HEARD = {"eigh": "a"}
"""Spellings of the front end that help a voice, as a recogniser writes them, where its dictionary lacks them."""
_RESAMPLES, _TAIL_PERCENT = 4000, 2.5

Sentence = tuple[SpokenWord, ...]


class Hearing(NamedTuple):
    """One sentence, what was heard of it, and how natural it sounded."""

    text: str
    heard: str
    errors: int
    words: int
    unknown: int
    """Words that the recogniser's dictionary lacks."""
    score: float

    @property
    def error_rate(self) -> float:
        """Wrong, missing and added words, over the words of the sentence."""
        return self.errors / self.words


def sentences(every: int) -> tuple[Sentence, ...]:
    """Every so many sentences of the English lessons."""
    return tuple(sentence for number, sentence in enumerate(_all_sentences()) if number % every == 0)


def hear(provider: SpeechProvider, voice: str, spoken: Iterable[Sentence]) -> tuple[Hearing, ...]:
    """What is heard of each sentence in the voice."""
    score = opinion_score()
    found = []
    for sentence in spoken:
        request = SpeechRequest(pieces=sentence, language="en", voice=voice)
        speech = master(provider.speak(request))
        sound = np.pad(resample(speech.sound, speech.times.rate_hz, _HEARD_HZ), _AROUND).astype(np.float32)
        said, heard = plain_words(spoken_text(sentence)), plain_words(_recognised(sound))
        errors = word_errors(said, heard, sounds_alike)
        unknown = sum(not _pronunciations(word) for word in said)
        found.append(Hearing(spoken_text(sentence), " ".join(heard), errors, len(said), unknown, score(sound)))
    return tuple(found)


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case, without marks."""
    words: list[str] = re.findall(r"[\w']+", text.lower().replace("-", " ").replace("’", "'"))
    return [_AS_HEARD.get(word, word) for word in words]


def sounds_alike(word: str, other: str) -> bool:
    """Whether the words are equal, or share a pronunciation in the recogniser's dictionary ("root" and "route")."""
    return word == other or not _pronunciations(word).isdisjoint(_pronunciations(other))


def word_errors(said: Sequence[str], heard: Sequence[str], is_same: Callable[[str, str], bool] = operator.eq) -> int:
    """The fewest words to replace, leave out or add to get from `said` to `heard` (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(heard, start=1):
            diagonal, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, diagonal + (not is_same(word, other))),
            )
    return row[-1]


def error_rate(hearings: Sequence[Hearing]) -> float:
    """Wrong, missing and added words, over the words of all sentences."""
    return sum(each.errors for each in hearings) / sum(each.words for each in hearings)


def error_interval(hearings: Sequence[Hearing]) -> tuple[float, float]:
    """The interval that has the rate of 95 % of resamples of the sentences (bootstrap). It is repeatable."""
    counts = np.array([(each.errors, each.words) for each in hearings])
    drawn = np.random.default_rng(0).integers(len(counts), size=(_RESAMPLES, len(counts)))
    sums = counts[drawn].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], (_TAIL_PERCENT, 100 - _TAIL_PERCENT))
    return float(low), float(high)


def opinion_score() -> Callable[[NDArray[np.float32]], float]:
    """DistillMOS, for mono sound at 16 kHz."""
    import torch

    # The package imports torchaudio for its command line alone, and torchaudio's library needs a torch with CUDA.
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
    from distillmos import ConvTransformerSQAModel  # pyright: ignore[reportMissingImports]  # installed for `make bench-voices` alone

    model: Any = ConvTransformerSQAModel()
    model.eval()
    torch.set_num_threads(1)

    def score(sound: NDArray[np.float32]) -> float:
        with torch.no_grad():
            return float(model(torch.from_numpy(sound.astype(np.float32))[None]).squeeze())

    return score


def table(results: Sequence[tuple[str, tuple[Hearing, ...]]]) -> Iterator[str]:
    """The results as a Markdown table, then the poor sentences."""
    yield "| voice | sentences | word errors (95 %) | DistillMOS mean ± sd (worst) |"
    yield "| --- | --- | --- | --- |"
    for name, hearings in results:
        low, high = error_interval(hearings)
        scores = [each.score for each in hearings]
        spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
        yield (
            f"| {name} | {len(hearings)} | {error_rate(hearings):.3f} ({low:.3f}–{high:.3f}) | "
            f"{statistics.mean(scores):.2f} ± {spread:.2f} ({min(scores):.2f}) |"
        )
    unknown = sum(each.unknown for each in results[0][1])
    yield f"\nThe recogniser's dictionary lacks {unknown} of {sum(each.words for each in results[0][1])} words."
    for name, hearings in results:
        poor = [each for each in hearings if each.error_rate > _POOR]
        yield f"\n{name}: {len(poor)} sentences with more than half of the words wrong"
        for each in poor:
            yield f"  {each.error_rate:.2f}  said:  {each.text}\n        heard: {each.heard}"


def _all_sentences() -> Iterator[Sentence]:
    for path in sorted(LESSONS.glob("*.json")):
        lesson = read_lesson(path).lesson
        if lesson is None or not lesson.language.startswith("en"):
            continue
        for section in lesson.sections:
            words = write_section(section, language=lesson.language, pronunciations=lesson.pronunciations)
            yield from _split(words.speech)


def _split(pieces: Iterable[SpokenWord | Pause]) -> Iterator[Sentence]:
    sentence: list[SpokenWord] = []
    for piece in pieces:
        if isinstance(piece, Pause):
            continue
        sentence.append(piece)
        if has_sentence_end(piece.text):
            yield tuple(sentence)
            sentence = []
    if sentence:
        yield tuple(sentence)


@cache
def _recogniser() -> Any:
    from pocketsphinx import Decoder

    return Decoder(loglevel="FATAL", samprate=_HEARD_HZ)


@cache
def _pronunciations(word: str) -> frozenset[str]:
    """The pronunciations of a word in the recogniser's dictionary, where the second of "read" is named "read(2)"."""
    names = (word if number == 1 else f"{word}({number})" for number in count(1))
    return frozenset(takewhile(bool, map(_recogniser().lookup_word, names)))


def _recognised(sound: NDArray[np.float32]) -> str:
    # Digital silence breaks its features: a little noise does not.
    noise = np.random.default_rng(0).standard_normal(len(sound)) * 2e-4
    decoder = _recogniser()
    decoder.start_utt()
    decoder.process_raw((np.clip(sound + noise, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of the embedded English voices, or of those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="speak every so many sentences (1: all)")
    parser.add_argument("--voice", action="append", help="id or name of a voice; may be repeated")
    options = parser.parse_args(arguments)
    project_paths = locate_project()
    providers = speech_providers(project_paths.providers, project_paths.weights)
    installed = [voice.id for voice in providers["hibari"].voices()]
    wanted = options.voice or [*installed, "en-us+f2", "en-us+m7"]
    spoken = sentences(options.every)
    known = [(providers[name], voice) for name in ("hibari", "espeak") for voice in providers[name].voices()]
    results = []
    for name in wanted:
        provider, voice = next((each for each in known if is_called(each[1], name)), (None, None))
        if provider is None or voice is None:
            parser.error(f"There is no voice {name!r}; `lessonreel voices` lists all.")
        results.append((f"{voice.name} ({voice.provider} {voice.id})", hear(provider, voice.id, spoken)))
    sys.stdout.write("\n".join(table(results)) + "\n")


if __name__ == "__main__":
    main()
