"""Where a narration speaks of the parts of a slide.

Does not belong here: when a part appears (`appearance`), or which is marked (`marks`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.lesson.diagrams import DiagramPart
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import Marked, parse
from video_assets.studio.spoken.reading import normalise

from .narration import NarratedWord, Narration
from .word_forms import WordForm, likeness, word_forms

SAID = 0.55
"""The least score of a mention that speaks of its part. A lesser one only could mean it."""
_LEAST = 0.15
_LEAST_SPOKEN = 0.75
_LATER_TEXTS = 0.7
"""The factor for the texts of a part after the first, such as a note."""
_GAP_COST, _DISORDER_COST = 0.03, 0.05


_HEAD = re.compile(r"\W*([^:：\s]+(?: [^:：\s]+){0,3})\s?(?:：|:\s)")
"""What stands before a colon: the subject of the part."""


class Mention(NamedTuple):
    """Words of the narration, the tokens [start, end), that speak of a part of the slide."""

    start: int
    end: int
    sentence: int
    score: float
    """1 when all words of the part are said next to each other; the share of its words otherwise."""
    size: int
    """How many words of the part are said."""


class PartWords(NamedTuple):
    """A text of a part as shown and as spoken, and how much a mention of it counts."""

    shown: tuple[WordForm, ...]
    spoken: tuple[WordForm, ...]
    factor: float


def mentions_of(parts: Sequence[DiagramPart], narration: Narration, language: str) -> tuple[tuple[Mention, ...], ...]:
    """The mentions of each part, in the order of the narration; those of one part do not overlap.

    Words that several parts have in common count less. Words inside a longer mention of another part ("drain" in "drain
    current") count for a part only if nothing else speaks of it. Parts with the same words are spoken of in turn.
    """
    words = [part_words(part, parts, language) for part in parts]
    shared = Counter(form for texts in words for form in {each.form for text in texts for each in text.shown})
    search = _Search(narration, primary_subtag(language), shared)
    found = [search.mentions(texts) for texts in words]
    if any(part.id.startswith("code/") for part in parts):
        return tuple(found)  # lines of code share their words; their order decides
    return tuple(_in_turn(words, _without_inner(found)))


def part_words(part: DiagramPart, parts: Sequence[DiagramPart], language: str) -> tuple[PartWords, ...]:
    """The texts of `part` as words. Texts that other parts have too count less."""

    def factor(number: int, text: str) -> float:
        owners = sum(text in other.texts for other in parts)
        return 1.0 if number == 0 else _LATER_TEXTS / max(1, owners)

    heads = tuple(match[1] for match in map(_HEAD.match, part.texts[:1]) if match)
    return (
        *(_as_words(text, factor(number, text), language) for number, text in enumerate(part.texts)),
        *(_as_words(head, 1.0, language) for head in heads),
    )


def _as_words(text: str, factor: float, language: str) -> PartWords:
    marked = _visible(text)
    shown = word_forms(marked.text if marked else text, language)
    return PartWords(shown, _as_spoken(marked, language) or shown, factor)


def _visible(text: str) -> Marked | None:
    """`text` without markup. Bare LaTeX is read as a formula."""
    bare = "$" not in text and any(mark in text for mark in ("\\", "^", "{"))
    for written in (f"${text}$", text) if bare else (text,):
        with suppress(ContentError):
            return parse(written)
    return None


def _as_spoken(marked: Marked | None, language: str) -> tuple[WordForm, ...]:
    """What a voice says for a text with more than plain words ("V_GS", "40 %"); empty for plain words."""
    if marked is None or all(character.isalpha() or character in " -'’" for character in marked.text):
        return ()
    with suppress(ContentError):
        spoken = normalise(marked, language_of(language), {}, place="")
        forms = word_forms(" ".join(form.text for form in spoken), language)
        written = {form.form for form in word_forms(marked.text, language)}
        # "three" is a function word, except where it stands for a digit of the slide.
        return tuple(form._replace(stop=form.stop and form.form in written) for form in forms)
    return ()


class _Search:
    """The search for the words of parts in one narration."""

    def __init__(self, narration: Narration, family: str, shared: Counter[str]) -> None:
        self._narration = narration
        self._family = family
        self._shared = shared

    def mentions(self, texts: Sequence[PartWords]) -> tuple[Mention, ...]:
        """The mentions of a part with these texts, in order; the best of those that overlap."""
        candidates = [
            mention for text in texts for mention in self._of_text(text.shown, self._narration.shown, text.factor)
        ]
        # "one" alone does not speak of 1,000,000: a number or formula counts only if nearly all of it is said.
        candidates += [
            mention
            for text in texts
            for mention in self._of_text(text.spoken, self._narration.spoken, text.factor)
            if text.spoken == text.shown or mention.score >= _LEAST_SPOKEN * text.factor
        ]
        return _apart(candidates)

    def _of_text(self, words: Sequence[WordForm], narrated: Sequence[NarratedWord], factor: float) -> Iterator[Mention]:
        weights = self._weights(words)
        total = sum(weights.values())
        hits = {
            index: matched
            for index, word in enumerate(narrated)
            if (matched := [(form, like) for form in weights if (like := likeness(form, word.form, self._family))])
        }
        longest = 2 * len(words) + 2
        for first in hits:
            score, last, size = self._best_window(first, hits, narrated, weights, longest)
            if (score := score / total * factor) >= _LEAST:
                start = self._start_of_phrase(first, words, narrated)
                yield Mention(
                    narrated[start].token, narrated[last].token + 1, narrated[first].sentence, min(score, 1.0), size
                )

    def _weights(self, words: Sequence[WordForm]) -> dict[str, float]:
        """The weight of each word that tells something; of all words, if none does."""
        telling = [word for word in words if not word.stop] or words
        return {word.form: 1 / max(1, self._shared[word.form]) ** 0.5 for word in telling}

    def _best_window(
        self,
        first: int,
        hits: dict[int, list[tuple[str, float]]],
        narrated: Sequence[NarratedWord],
        weights: dict[str, float],
        longest: int,
    ) -> tuple[float, int, int]:
        """The best score of words from `first` on in one sentence, the last word, and how many of them are said."""
        seen: dict[str, float] = {}
        best = (0.0, first, 0)
        for index in range(first, min(first + longest, len(narrated))):
            if narrated[index].sentence != narrated[first].sentence:
                break
            if index not in hits:
                continue
            for form, like in hits[index]:
                seen[form] = max(seen.get(form, 0.0), like)
            skipped = sum(not word.stop for word in narrated[first : index + 1]) - len(seen)
            score = sum(weights[form] * like for form, like in seen.items())
            score *= 1 - _GAP_COST * max(0, skipped)
            if next(iter(seen)) != next(form for form in weights if form in seen):
                score *= 1 - _DISORDER_COST
            if score > best[0] + 1e-9:
                best = (score, index, len(seen))
        return best

    def _start_of_phrase(self, first: int, words: Sequence[WordForm], narrated: Sequence[NarratedWord]) -> int:
        """The first of the function words before `first` that the text of the part has as well."""
        small = {word.form for word in words if word.stop}
        start = first
        while (
            start
            and narrated[start - 1].stop
            and narrated[start - 1].form in small
            and narrated[start - 1].sentence == narrated[first].sentence
        ):
            start -= 1
        return start


def _apart(candidates: Sequence[Mention]) -> tuple[Mention, ...]:
    kept: list[Mention] = []
    for mention in sorted(candidates, key=lambda each: (-each.score, each.start, each.end)):
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return tuple(sorted(kept))


def _without_inner(found: Sequence[tuple[Mention, ...]]) -> list[tuple[Mention, ...]]:
    """The mentions of each part but those inside a longer one of another part, unless nothing else is left."""

    def inner(part: int, mention: Mention) -> bool:
        return any(
            other.size > mention.size
            and other.score >= SAID
            and other.start <= mention.start
            and mention.end <= other.end
            for number, others in enumerate(found)
            if number != part
            for other in others
        )

    kept = []
    for part, mentions in enumerate(found):
        outer = tuple(mention for mention in mentions if not inner(part, mention))
        is_said = any(mention.score >= SAID for mention in outer)
        kept.append(outer if is_said else mentions)
    return kept


def _in_turn(
    words: Sequence[tuple[PartWords, ...]], found: Sequence[tuple[Mention, ...]]
) -> Iterator[tuple[Mention, ...]]:
    """The mentions, where the first of several parts with the same words gets the first mention, and so on."""
    keys = [tuple(word.form for text in texts[:1] for word in text.shown) for texts in words]
    totals, taken = Counter(keys), Counter[tuple[str, ...]]()
    for key, mentions in zip(keys, found, strict=True):
        if not key or totals[key] == 1:
            yield mentions
            continue
        turn = taken[key]
        taken[key] += 1
        yield mentions[turn:] if taken[key] == totals[key] else mentions[turn : turn + 1]
