"""Checks a lesson's text for likely mistakes before any paid call.

It finds narrations that are too short or too long for one picture, unfinished sentences, unclosed brackets and
quotations, gaps in numbered titles, placeholders, repeated narrations, and a pace that is too slow or too fast. Does
not belong here: markup and words that cannot be spoken (`lesson_check`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.sentences import CLOSERS, has_sentence_end, split_sentences
from video_assets.studio.core.settings import TextCheck
from video_assets.studio.core.unspaced_words import count_unspaced_words, needs_dictionary
from video_assets.studio.speech.checks import FASTEST_WPM, SLOWEST_WPM
from video_assets.studio.spoken.languages.language_file import written_words

LONGEST_SECONDS = 90.0
"""Viewers lose interest if one picture is shown for longer."""
LONGEST_SENTENCE_WORDS = 45
_FEWEST_WORDS = {"moderate": 3, "strict": 8}
_PAIRS = ("()", "[]", "“”", "«»", "（）", "「」", "『』")
FORBIDDING = frozenset({"moderate", "strict"})
"""The levels at which some faults are errors."""
_SERIOUS = frozenset({"unfinished", "missing-section", "placeholder", "too-short", "repeated"})
"""The codes that are errors at the level `moderate`."""
_PLACEHOLDERS = re.compile(
    r"\b(?:TODO|TBD|FIXME|XXX+|lorem ipsum)\b|\[(?:insert|add|your|placeholder)\b|\bas an AI\b"
    r"|^(?:sure|certainly|of course)[,!] (?:here|I)\b|\bhere is the narration\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?:part|step|chapter|section|teil|schritt|kapitel|partie|étape|parte|paso)?\s*(\d{1,3})\b", re.IGNORECASE
)


class CheckedText(NamedTuple):
    """The text of a section, for the checks."""

    id: str
    title: str
    narration: str
    """The narration without markup, as captions show it."""
    seconds: float
    """The expected duration of the speech."""
    pointer: str = ""


class TextProblem(NamedTuple):
    """Something that is wrong with a section's text, and a suggestion."""

    section: str
    code: str
    message: str
    suggestion: str
    severity: Literal["error", "warning"]
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.section}: {self.message}. {self.suggestion}"

    def as_error(self) -> ContentError:
        """The problem as the error that stops the section."""
        return ContentError(f"{self.message}.", remedy=self.suggestion, place=self.pointer)


class _Found(NamedTuple):
    section: CheckedText
    code: str
    message: str
    suggestion: str


def text_problems(sections: Sequence[CheckedText], level: TextCheck, *, language: str) -> tuple[TextProblem, ...]:
    """Everything wrong with the text, in the order of the sections.

    `off` checks nothing. `lenient` gives warnings only. `moderate` makes errors of what viewers would notice as
    mistakes. `strict` makes errors of everything and checks more.
    """
    if level == "off":
        return ()
    found = [*_of_sections(sections, level, language), *_of_the_whole(sections)]
    order = {section.id: number for number, section in enumerate(sections)}
    found.sort(key=lambda each: order[each.section.id])
    return tuple(
        TextProblem(
            each.section.id,
            each.code,
            each.message,
            each.suggestion,
            "error" if level == "strict" or (level == "moderate" and each.code in _SERIOUS) else "warning",
            each.section.pointer,
        )
        for each in found
    )


def _of_sections(sections: Sequence[CheckedText], level: TextCheck, language: str) -> Iterator[_Found]:
    for section in sections:
        yield from _length(section, level)
        yield from _ending(section, language)
        yield from _pairs(section)
        yield from _placeholder(section)
        yield from _pace(section)
        if level == "strict":
            yield from _long_sentences(section)


def _length(section: CheckedText, level: TextCheck) -> Iterator[_Found]:
    words = _words(section.narration)
    fewest = _FEWEST_WORDS.get(level, _FEWEST_WORDS["moderate"])
    if words < fewest:
        yield _Found(
            section, "too-short", f"The narration has {words} words", "Say a whole sentence about the picture."
        )
    if section.seconds > LONGEST_SECONDS:
        yield _Found(
            section,
            "too-long",
            f"One picture would stand for {section.seconds:.0f} s",
            f"Begin a new section at: “{_middle(section.narration)}”",
        )


def _middle(narration: str) -> str:
    """The first 60 characters of the sentence that begins nearest to the middle."""
    starts = [0, *accumulate(map(len, split_sentences(narration)))]
    start = min(starts[1:-1] or [0], key=lambda place: abs(place - len(narration) / 2))
    return narration[start : start + 60].strip()


def _ending(section: CheckedText, language: str) -> Iterator[_Found]:
    narration = section.narration.strip().rstrip(CLOSERS).rstrip()
    last = re.findall(r"[^\W\d_]+", narration)[-1:]
    dangling = written_words(primary_subtag(language)).checks.unfinished.split()
    if narration and not has_sentence_end(narration) and not _has_no_stops(narration):
        yield _Found(
            section,
            "unfinished",
            f"The last sentence has no end: “…{narration[-40:]}”",
            "Finish it, and end it with a full stop.",
        )
    elif last and last[0].lower() in dangling and narration[-1] in ".…" and last[0].islower():
        yield _Found(section, "unfinished", f"The last sentence breaks off: “…{narration[-40:]}”", "Finish it.")


def _pairs(section: CheckedText) -> Iterator[_Found]:
    for opening, closing in _PAIRS:
        opened, closed = section.narration.count(opening), section.narration.count(closing)
        # The German closing mark is the English opening mark.
        if opened != closed and not (opening == "“" and "„" in section.narration):
            what = f"{opened} “{opening}” and {closed} “{closing}”"
            yield _Found(section, "unclosed", f"The narration has {what}", "Add the missing one, or remove the other.")


def _placeholder(section: CheckedText) -> Iterator[_Found]:
    for text in (section.narration, section.title):
        if found := _PLACEHOLDERS.search(text):
            yield _Found(section, "placeholder", f"“{found[0]}” is a placeholder", "Replace it by the real text.")


def _pace(section: CheckedText) -> Iterator[_Found]:
    words = _words(section.narration)
    if section.seconds <= 0 or words < _LEAST_WORDS_OF_A_PACE:
        return
    pace = words * 60 / section.seconds
    if not SLOWEST_WPM * 0.75 <= pace <= FASTEST_WPM * 1.05:
        yield _Found(
            section,
            "pace",
            f"It would be spoken at {pace:.0f} words a minute",
            "Change rate: 90 to 220 can be followed.",
        )


_LEAST_WORDS_OF_A_PACE = 12


def _long_sentences(section: CheckedText) -> Iterator[_Found]:
    for sentence in split_sentences(section.narration):
        if _words(sentence) > LONGEST_SENTENCE_WORDS and not _has_no_stops(sentence):
            yield _Found(
                section,
                "long-sentence",
                f"A sentence has {_words(sentence)} words: “{sentence[:50]}…”",
                "Split it into two sentences.",
            )


def _of_the_whole(sections: Sequence[CheckedText]) -> Iterator[_Found]:
    seen: dict[str, str] = {}
    for section in sections:
        plain = " ".join(section.narration.casefold().split())
        if plain in seen and _words(plain) >= _FEWEST_WORDS["moderate"]:
            yield _Found(section, "repeated", f"It says the same as {seen[plain]}", "Remove one, or say something new.")
        seen.setdefault(plain, section.id)
    yield from _gaps(sections)


def _gaps(sections: Sequence[CheckedText]) -> Iterator[_Found]:
    """Numbers that are missing in numbered titles."""
    numbered = [(int(match[1]), section) for section in sections if (match := _NUMBERED.match(section.title))]
    if len(numbered) < 2 or numbered[0][0] not in {0, 1} or len(numbered) < len(sections) - 2:
        return
    for (before, _), (after, section) in pairwise(numbered):
        if after > before + 1:
            yield _Found(
                section,
                "missing-section",
                f"Number {before + 1} is missing before “{section.title}”",
                "Add it, or renumber.",
            )


_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_TIBETAN = re.compile(r"[\u0f40-\u0fbc]")
_LETTERS_OF_A_WORD = 5
"""Letters and vowel signs of an average word of Tibetan, for which there is no dictionary."""


def _words(text: str) -> int:
    """The number of words. In Chinese, Japanese and Tibetan, which have no dictionary here, it is estimated."""
    spaced = [word for word in _UNSPACED.sub(" ", text).split() if any(map(str.isalnum, word))]
    counted = sum(map(_words_between_spaces, spaced))
    return counted + len(_UNSPACED.findall(text)) // 2


def _words_between_spaces(text: str) -> int:
    if needs_dictionary(text):
        return count_unspaced_words(text)
    return max(1, len(_TIBETAN.findall(text)) // _LETTERS_OF_A_WORD)


_WITHOUT_STOPS = re.compile(r"[\u0e00-\u0eff\u0f00-\u0fff\u1950-\u19df]")
"""Thai, Lao, Tibetan and Tai Lue, which end no sentence with one of SENTENCE_ENDS."""


def _has_no_stops(text: str) -> bool:
    """Whether the last letter of `text` is of a script in which nothing marks the end of a sentence."""
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and bool(_WITHOUT_STOPS.match(letters[-1]))
