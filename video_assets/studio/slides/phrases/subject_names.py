"""Names for the subject of a narration that need the labels of its picture, or that stand anywhere in a sentence.

Only in languages with a list of verbs, because a phrase ends before a verb. Does not belong here: names that stand
where subjects stand (`topics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .clauses import is_predicate
from .function_words import FunctionWords, function_words_of
from .terms import terms
from .topics import Topic, phrase_end, run_end
from .words import TextWord, VisibleText, is_word, sentences, stem_weights, stems_of

_PAIR_SCORE = 5.6
_CALLED_SCORE = 4.2
_CALLED_THIS = 0.8
_EMPHASISED_ELSEWHERE = 2.4
_MOST_RUNS = 8
_MOST_PAIR_WORDS = 3


def compared_labels(visible: VisibleText, labels: Sequence[str], *, language: str, joint: str) -> Iterator[Topic]:
    """`Latency and bandwidth`, if exactly two labels are what the statements of the narration speak of.

    `joint` is the language's word for and.
    """
    small = function_words_of(language)
    if not small.verbs:
        return
    stems_by_label = {label: tuple(stems_of(label, language)) for label in labels}
    known = {
        stems for label, stems in stems_by_label.items() if 0 < len(stems) == len(label.split()) <= _MOST_PAIR_WORDS
    }
    spoken: dict[tuple[str, ...], str] = {}
    opening = False
    for number, sentence in enumerate(sentences(visible.text, language)):
        opening = opening or (number == 0 and sentence.words[0].core in small.imperatives)
        for start in _statement_starts(sentence.words, small, joint):
            for stems in known:
                inside = sentence.words[start : start + len(stems)]
                if tuple(word.stem for word in inside) == stems and stems not in spoken:
                    opening = opening or (number == 0 and start <= 1)
                    spoken[stems] = visible.text[inside[0].start : inside[-1].end]
    if len(spoken) != 2:
        return
    (*_, first_head), (*_, second_head) = spoken
    if opening or first_head == second_head:
        first, second = spoken.values()
        small_second = second[0].lower() + second[1:]
        common = " " in second and second[second.index(" ") + 1].islower()
        second = small_second if common or small_second in visible.text else second
        yield Topic(f"{first} {joint} {second}", _PAIR_SCORE)


def _statement_starts(words: tuple[TextWord, ...], small: FunctionWords, joint: str) -> Iterator[int]:
    """The words at which statements begin: at the start, behind `and` and `but`, and behind a comma."""
    for at in range(len(words)):
        if at == 0 or words[at - 1].gap or words[at - 1].core in (joint, "but"):
            start = at
            while start < len(words) - 1 and words[start].core in small.openers | small.articles | {joint}:
                start += 1
            yield start


def called_names(visible: VisibleText, *, language: str) -> Iterator[Topic]:
    """The X of `this is called X`, `we call this X` and `known as X`, with what follows behind `of`."""
    small, weights = function_words_of(language), stem_weights(visible.text, (), "", language)
    doubt = _EMPHASISED_ELSEWHERE if terms(visible, language=language) else 0.0
    for words in (sentence.words for sentence in sentences(visible.text, language)) if small.verbs else ():
        for at in range(1, len(words) - 1):
            if words[at].core not in small.naming or words[at].gap:
                continue
            start = at + 1
            while start < len(words) - 1 and words[start].core in small.articles | small.anaphors | {"as"}:
                start += 1
            passive = any(word.core in small.copulas for word in words[max(0, at - 2) : at])
            pointing = any(word.core in small.demonstratives for word in words[:start])
            end = phrase_end(words, start, small)
            stressed = end > start and any(
                words[start].start <= place < words[end - 1].end for place, _ in visible.emphasised
            )
            ends = end > start and (end == len(words) or bool(words[end - 1].gap))
            if (passive or pointing) and ends and not stressed:
                weight = max(weights.get(word.stem, 0.0) for word in words[start:end]) / 2
                text = visible.text[words[start].start : words[end - 1].end]
                yield Topic(text, _CALLED_SCORE - doubt + weight + _CALLED_THIS * pointing)


def recurrent_names(visible: VisibleText, *, language: str, about: str) -> Iterator[str]:
    """The runs of content words without a verb, those with the most said and described words first."""
    small, weights = function_words_of(language), stem_weights(visible.text, visible.emphasised, about, language)
    found: list[tuple[float, int, str]] = []
    for words in (sentence.words for sentence in sentences(visible.text, language)) if small.verbs else ():
        for inside in _runs(words, small):
            heavy = max(weights.get(word.stem, 0.0) for word in inside) + 0.5 * (len(inside) > 1)
            found.append((-heavy, inside[0].start, visible.text[inside[0].start : inside[-1].end]))
    yield from (text for _, _, text in sorted(found)[:_MOST_RUNS])


def _runs(words: tuple[TextWord, ...], small: FunctionWords) -> Iterator[tuple[TextWord, ...]]:
    empty = small.openers | small.anaphors | small.shape_adjectives | small.settings
    start = 0
    while start < len(words):
        end = run_end(words, start, small)
        verb = words[start].core in small.verbs or is_predicate(words, start, small)
        after_person = start > 0 and words[start - 1].core in small.personal | small.anaphors
        does = after_person and words[start].core in small.noun_verbs
        if end == start or verb or does or words[start].core in empty:
            start += 1
            continue
        inside = words[start:end]
        while inside and (inside[-1].core in empty - small.shape_adjectives or not inside[-1].counts):
            inside = inside[:-1]
        lone = len(inside) == 1 and inside[0].core.endswith("ing")
        if inside and not lone and all(is_word(word.core) for word in inside):
            yield inside
        start = end


def with_complement(text: str, visible: VisibleText, *, language: str) -> str:
    """`text` with what follows behind its `of` in the narration: a population of rabbits."""
    small = function_words_of(language)
    if not small.verbs or " of " in text:
        return text
    for words in (sentence.words for sentence in sentences(visible.text, language)):
        for at in range(len(words) - 2):
            if words[at + 1].core == "of" and not words[at].gap and visible.text[: words[at].end].endswith(text):
                end = phrase_end(words, at, small)
                if end > at + 2:
                    return visible.text[words[at].end - len(text) : words[end - 1].end]
    return text
