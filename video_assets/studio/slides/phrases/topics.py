"""The likely topics of a narration: names for its subject, for the title of a slide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag

from .clauses import is_predicate
from .function_words import FunctionWords, function_words_of
from .terms import is_introduced, terms
from .words import CJK, VisibleText, is_word, sentences, stem_weights, stems_of

_PROPER = re.compile(
    r"(?:(?![A-ZÀ-Þ])[\w'’-])*+([A-ZÀ-Þ][\w'’-]++(?: (?:of |de |del |de la |du |des )?[A-ZÀ-Þ][\w'’-]++)+)|[\w'’-]++"
)
"""A name is the group. The other branch skips a word without a name as a whole, so that no character is read twice."""


class Topic(NamedTuple):
    """A name for the subject of a text. A higher score means a more likely subject."""

    text: str
    score: float


def topics(visible: VisibleText, *, language: str, about: str = "") -> tuple[Topic, ...]:
    """The possible subjects of the narration, the likeliest first: what it introduces, defines or calls by a name.

    `about` is the picture's description; its words get more weight.
    """
    weights = stem_weights(visible.text, (), about, language)
    found = [
        *_introduced(visible, weights, language),
        *_defined(visible, weights, language),
        *_called(visible, weights, language),
        *_proper_names(visible, weights, language),
    ]
    return tuple(sorted(found, key=lambda one: (-one.score, visible.text.find(one.text), one.text)))


_FEW_TERMS = 0.6
_FIRST_WORDS = 2.0


def _opens_text(before: str, function_words: FunctionWords) -> bool:
    """Whether only articles stand before a term, so that the text begins with it."""
    return all(word.lower() in function_words.articles for word in before.split())


def _introduced(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """The emphasised terms. The more there are, the less likely each of them is the subject."""
    function_words = function_words_of(language)
    spans = terms(visible, language=language)
    for start, end in spans:
        text = visible.text[start:end]
        said = [weights.get(stem, 0) for stem in stems_of(text, language)]
        score = min(sum(said) / (3 if re.search(f"[{CJK}]", text) else 1.5), 2.7)
        late = start / len(visible.text)
        score += 2.5 if is_introduced(visible.text, (start, end), function_words) else 0.0
        score += 1.6 * (1 - late) - 0.3 * len(spans)
        score += _FEW_TERMS / len(spans) if len(spans) <= 2 else 0.0
        score += _FIRST_WORDS if _opens_text(visible.text[:start], function_words) else 0.0
        score -= 1.5 if text.endswith("ed") and function_words is function_words_of("en") else 0.0
        yield Topic(text.replace(",", ""), score)


def _defined(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """The X of `X is a …` in the first two sentences, and of a first sentence that begins with `A(n) X …`."""
    function_words, german = function_words_of(language), primary_subtag(language) == "de"
    for number, sentence in enumerate(sentences(visible.text, language)[:2]):
        words = sentence.words
        start = 1 if words[0].core in function_words.articles else 0
        end = start
        most = min(start + 3, len(words) - 1)
        while end < most and words[end].counts and (end == start or not words[end - 1].gap):
            if end > start and is_predicate(words, end, function_words):
                break
            end += 1
            if german and visible.text[words[end - 1].start].isupper():
                break
        if end == start or words[end - 1].gap or sentence.question:
            continue
        text = visible.text[words[start].start : words[end - 1].end]
        if not all(is_word(word.core) for word in words[start:end]):
            continue
        weight = max(weights.get(word.stem, 0) for word in words[start:end]) / 2
        defines = words[end].core in function_words.copulas and any(
            one.core in function_words.articles for one in words[end + 1 : end + 2]
        )
        if defines:
            yield Topic(text, 4.5 + weight - 1.5 * number)
        elif (
            words[0].core in function_words.indefinite
            and number == 0
            and (words[end].core in function_words.stop or german)
        ):
            yield Topic(text, 3.7 + weight)


def _called(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """The X at the end of a sentence such as `this is called X`, in languages that put it there."""
    function_words = function_words_of(language)
    if not function_words.verbs:
        return
    for words in (sentence.words for sentence in sentences(visible.text, language)):
        start = len(words)
        while start > max(0, len(words) - 3) and words[start - 1].counts and not words[start - 1].formula:
            start -= 1
        calls = start < len(words) and start > 0 and words[start - 1].core in function_words.naming
        if calls and all(is_word(word.core) for word in words[start:]):
            weight = max(weights.get(word.stem, 0) for word in words[start:]) / 2
            yield Topic(visible.text[words[start].start : words[-1].end], 2.4 + weight)


def _proper_names(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """Names of two or more words, in languages that write only names with capital letters."""
    function_words = function_words_of(language)
    for match in _PROPER.finditer(visible.text) if primary_subtag(language) in ("en", "fr", "es") else ():
        if match[1] is None:
            continue
        first, _, rest = match[1].partition(" ")
        text = rest if first.lower() in function_words.stop else match[1]
        if " " in text:
            early = 1 - match.start(1) / len(visible.text)
            weight = max((weights.get(stem, 0) for stem in stems_of(text, language)), default=0)
            yield Topic(text, 0.8 + weight / 2 + early)
