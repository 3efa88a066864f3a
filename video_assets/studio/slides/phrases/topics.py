"""The likely topics of a narration: names for its subject, for the title of a slide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag

from .clauses import is_predicate
from .function_words import FunctionWords, function_words_of
from .terms import is_introduced, terms
from .words import CJK, COMMA_GAP, TextWord, VisibleText, is_word, sentences, stem_weights, stems_of

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
        *_inferred(visible, weights, language),
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
            named = start == 1 and words[0].core not in function_words.indefinite
            yield Topic(text, 4.5 + weight - (2.5 if named else 1.5) * number)
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
            yield Topic(visible.text[words[start].start : words[-1].end], 3.2 + weight)


def _inferred(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """Names that stand where subjects stand. They are less likely in a text whose author emphasised terms."""
    doubt = 1.4 if terms(visible, language=language) else 0.0
    for found in (_called, _pointed_at, _sentence_subjects, _repeated):
        yield from (topic._replace(score=topic.score - doubt) for topic in found(visible, weights, language))


def _pointed_at(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """Names that point back at what was just described: `this is the X`, `this X shows`, `in a X,`. Only in English."""
    function_words = function_words_of(language)
    if not function_words.verbs:
        return
    for words in (sentence.words for sentence in sentences(visible.text, language)):
        for at in range(len(words) - 1):
            name = _name_at(words, at, function_words)
            if name and name.end > name.start:
                inside = words[name.start : name.end]
                yield Topic(_text(visible, words, name), name.score + _weight(inside, weights))


class _NameSpan(NamedTuple):
    """A name at the words [start, end) of a sentence."""

    start: int
    end: int
    score: float


def _name_at(words: tuple[TextWord, ...], at: int, function_words: FunctionWords) -> _NameSpan | None:
    """The name that the words from `at` introduce, if they do."""
    core, after = words[at].core, words[at + 1].core
    demonstrates = core in function_words.demonstratives
    if demonstrates and after in function_words.copulas:
        return _definition(words, at + 2, function_words)
    if demonstrates and not words[at].gap:
        start = at + (2 if after in function_words.indefinite else 1)
        end = phrase_end(words, start, function_words)
        if end < len(words) - 1 and words[end].core in function_words.copulas and end > start:
            following = words[end + 1].core
            if following in function_words.naming or following in function_words.indefinite:
                return None
            return _definition(words, end + 1, function_words) or _NameSpan(start, end, 2.7 if end - start > 1 else 0.0)
        return _NameSpan(start, end, 2.7) if end - start > 1 else None
    if at == 0 and core in function_words.settings and after in function_words.indefinite:
        end = phrase_end(words, 2, function_words)
        return _NameSpan(2, end, 2.6) if end > 3 and words[end - 1].gap else None
    return None


def _definition(words: tuple[TextWord, ...], start: int, function_words: FunctionWords) -> _NameSpan | None:
    """The name from `start` on, if the statement ends with it: this is the tragedy of the commons."""
    if start < len(words) and words[start].core in function_words.articles:
        start += 1
    end = phrase_end(words, start, function_words)
    if end == start or words[end - 1].core.endswith("ed"):
        return None
    return _NameSpan(start, end, 3.2) if end == len(words) or words[end - 1].gap > COMMA_GAP else None


def phrase_end(words: tuple[TextWord, ...], start: int, function_words: FunctionWords) -> int:
    """The index behind the noun phrase that begins at `start`: up to three words, and up to three behind an `of`."""
    end = run_end(words, start, function_words)
    if start < end < len(words) - 1 and words[end].core == "of" and not words[end - 1].gap:
        behind = end + 1 + (words[end + 1].core in function_words.articles)
        last = run_end(words, behind, function_words)
        end = last if last > behind else end
    return end


def run_end(words: tuple[TextWord, ...], start: int, function_words: FunctionWords) -> int:
    """The index behind the up to three words from `start` that carry a topic; a verb ends them."""
    end = start
    while end < min(start + 3, len(words)) and words[end].counts and is_word(words[end].core):
        articled = start > 0 and words[start - 1].core in function_words.articles
        if end > start and (words[end - 1].gap or _may_say(words, end, function_words, articled=articled)):
            break
        end += 1
    return end


def _may_say(words: tuple[TextWord, ...], at: int, function_words: FunctionWords, *, articled: bool) -> bool:
    """Whether the word is a verb, or could be one with what follows as its object: a food chain hands energy on.

    Without an article, a verb that follows makes it a noun: new products spread.
    """
    core = words[at].core
    after = words[at + 1].core if at + 1 < len(words) and not words[at].gap else ""
    verb_follows = after in function_words.verbs or after in function_words.noun_verbs
    if verb_follows and not articled and words[at].counts and core in function_words.noun_verbs:
        return False
    inflected = core in function_words.noun_verbs and core.endswith(("s", "ed"))
    return is_predicate(words, at, function_words) or (inflected and bool(after))


def _text(visible: VisibleText, words: tuple[TextWord, ...], name: _NameSpan) -> str:
    return visible.text[words[name.start].start : words[name.end - 1].end]


def _weight(words: tuple[TextWord, ...], weights: dict[str, float]) -> float:
    return max((weights.get(word.stem, 0) for word in words), default=0) / 2


def _sentence_subjects(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """The subjects of the first sentence and of later ones: `Mitosis shares the chromosomes`."""
    function_words = function_words_of(language)
    for number, sentence in enumerate(sentences(visible.text, language)):
        words = sentence.words
        start = int(words[0].core in function_words.articles)
        if sentence.question or (number and not (start and function_words.verbs)):
            continue
        name = _NameSpan(start, _subject_end(visible, words, start, language), 0.0)
        inside = words[name.start : name.end]
        if not inside or inside[-1].gap or inside[0].core in function_words.doubts:
            continue
        if all(is_word(word.core) for word in inside):
            yield Topic(_text(visible, words, name), _subject_score(inside, start, number) + _weight(inside, weights))


def _subject_end(visible: VisibleText, words: tuple[TextWord, ...], start: int, language: str) -> int:
    """The index behind the subject that begins at `start`; `start` itself if there is none, or it is not known."""
    function_words, family = function_words_of(language), primary_subtag(language)
    if function_words.verbs:
        end = phrase_end(words, start, function_words)
        return end if end < len(words) and _may_say(words, end, function_words, articled=start > 0) else start
    if start == 0 or len(words) < start + 3 or family not in ("de", "fr", "es") or not words[start].counts:
        return start
    noun = family != "de" or (
        visible.text[words[start].start].isupper() and visible.text[words[start + 1].start].islower()
    )
    return start + 1 if noun else start


def _subject_score(name: tuple[TextWord, ...], articles: int, number: int) -> float:
    """How likely the subject of a sentence is that of the text: a process without an article is, a plural is not."""
    if number:
        return 2.2 if len(name) > 1 else 0.0
    mass = not articles and not (name[-1].core.endswith("s") and not name[-1].core.endswith(("ss", "sis")))
    return 3.6 if mass else (2.8 if len(name) > 1 else 2.4)


def _repeated(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """Noun phrases of several words that the text says more than once. Only in English."""
    function_words = function_words_of(language)
    if not function_words.verbs:
        return
    said: dict[tuple[str, ...], list[str]] = {}
    for words in (sentence.words for sentence in sentences(visible.text, language)):
        for start in range(len(words)):
            end = run_end(words, start, function_words)
            if end - start > 1 and (start == 0 or not words[start - 1].counts or words[start - 1].gap):
                said.setdefault(tuple(word.stem for word in words[start:end]), []).append(
                    _text(visible, words, _NameSpan(start, end, 0.0))
                )
    for stems, texts in said.items():
        if len(texts) > 1:
            yield Topic(texts[0], 2.2 + 0.4 * min(len(texts), 4) + max(weights.get(stem, 0) for stem in stems) / 2)


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
