"""The spoken transcript: what the voice was given, sentence by sentence, with the time at which each is spoken.

An author compares it with the transcript to see how numbers, signs and formulas were read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from video_assets.studio.core.quantities import format_clock
from video_assets.studio.lesson.script import Pause, SpokenWord, spoken_text
from video_assets.studio.timeline import SpokenSentence, Timeline, spoken_at


def spoken_transcript(timeline: Timeline, title: str, speech: Mapping[str, Sequence[SpokenWord | Pause]]) -> str:
    """The transcript as plain text, ending in a line feed. `speech` holds the spoken words by section id.

    A section is its title and a line for each sentence. A sentence that the author silenced has none.
    """
    blocks = [title]
    for (_, section), spoken in zip(timeline.sections(), spoken_at(timeline), strict=True):
        lines = (_line(sentence, speech[section.id]) for sentence in spoken.sentences)
        blocks += [section.title, "\n".join(filter(None, lines))]
    return "\n\n".join(blocks) + "\n"


def _line(sentence: SpokenSentence, speech: Sequence[SpokenWord | Pause]) -> str:
    tokens = range(sentence.first_token, sentence.end_token)
    text = spoken_text([word for word in speech if isinstance(word, SpokenWord) and word.token in tokens])
    return f"[{format_clock(sentence.start)}] {text}" if text else ""
