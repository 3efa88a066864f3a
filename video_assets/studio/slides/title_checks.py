"""Which texts can be a section's title: those that name a subject, not a picture's shape and not a part of a clause.

Does not belong here: finding texts (`titles`), or the words of a language (each language's file).
"""

from __future__ import annotations

import re
from itertools import pairwise

from .descriptions.direction_words import direction_words_of
from .descriptions.masked_text import cores_of
from .phrases.clauses import is_predicate
from .phrases.function_words import FunctionWords, function_words_of
from .phrases.words import TextWord, VisibleText, sentences


def names_subject(text: str, visible: VisibleText, language: str) -> bool:
    """Whether `text` can name the subject of the narration `visible`.

    It cannot if it only names a shape that a picture has, if it is a lone verb or an enumeration of steps, or if it is
    a clause that is no whole sentence of the narration.
    """
    found = sentences(text, language)
    words = tuple(word for sentence in found for word in sentence.words)
    if not words or not any(word.counts for word in words):
        return False
    if _is_only_shape(text, language) and not _is_subject(text, visible, language):
        return False
    small = function_words_of(language)
    if not small.verbs or _is_proper(text) or text in {visible.text[start:end] for start, end in visible.emphasised}:
        return True
    if _is_lone_verb(words, visible, small, language) or _tells_steps(words, small):
        return False
    if _starts_with_date(words) or _AMOUNT.match(text) or words[-1].core in _DIRECTIONS:
        return False
    return not _has_verb(words, small) or is_whole_statement(text, visible.text)


def _is_proper(text: str) -> bool:
    """Whether every word of several is written as a name: Factory Act."""
    words = text.split()
    return len(words) > 1 and all(word[0].isupper() for word in words)


def is_whole_statement(text: str, narration: str) -> bool:
    """Whether `text` stands in `narration` as a whole sentence, or does not stand there at all: it is a heading."""
    plain = narration.casefold()
    at = plain.find(text.casefold())
    if at < 0:
        return True
    before, after = plain[:at].rstrip(), plain[at + len(text) :].lstrip()
    return (not before or before[-1] in _STATEMENT_EDGES) and (not after or after[0] in _SENTENCE_EDGES)


_AMOUNT = re.compile(r"[$€£¥]?\d{1,3}(?:[,.\u202f]\d{3})+|\d+(?:[.,]\d+)?\s?%")
"""An amount is a fact about the subject: 100,000 beats a day."""
_DIRECTIONS = frozenset(("upwards", "upward", "downwards", "downward", "outwards", "inwards", "sideways", "onwards"))
_SENTENCE_EDGES = ".!?…"
_STATEMENT_EDGES = ".!?…:"


def _is_only_shape(text: str, language: str) -> bool:
    sets, words = direction_words_of(language), function_words_of(language)
    shapes = words.shapes | sets.forms
    cores = [core for core in cores_of(text) if core not in words.stop]
    telling = shapes | sets.modifiers | words.staging
    return any(not (shapes | words.shape_adjectives).isdisjoint(core.split("-")) for core in cores) and all(
        core in telling or core[0].isdigit() or all(part in words.shape_adjectives for part in core.split("-"))
        for core in cores
    )


def _is_subject(text: str, visible: VisibleText, language: str) -> bool:
    """Whether the narration makes the shape its subject: it begins with it, stresses it, or says all of several words.

    A lesson about geometry may be called `Circle`, and one of programming `Binary tree`.
    """
    plain, said = text.casefold(), visible.text.casefold()
    if " " in plain:
        return plain in said and not function_words_of(language).shapes.isdisjoint(cores_of(plain))
    if any(visible.text[start:end].casefold() == plain for start, end in visible.emphasised):
        return True
    articles = function_words_of(language).articles
    first = next((core for core in cores_of(said[:80]) if core not in articles), "")
    return first in (plain, f"{plain}s")


def _is_lone_verb(words: tuple[TextWord, ...], visible: VisibleText, small: FunctionWords, language: str) -> bool:
    """Whether the text is one word that is a verb, or an adjective of a shape. A verb behind an article is a noun."""
    core = words[0].core
    if len(words) > 1 or core in small.shape_adjectives:
        return len(words) == 1
    if core not in small.verbs and not (core in small.noun_verbs and core.endswith("ed")):
        return False
    said = [word for sentence in sentences(visible.text, language) for word in sentence.words]
    return not any(before.core in small.articles and word.core == core for before, word in pairwise(said))


def _tells_steps(words: tuple[TextWord, ...], small: FunctionWords) -> bool:
    """Whether the text is `first the egg, then the caterpillar`, or begins with a word such as `so`."""
    opens = [word.core in small.openers for word in words]
    return opens[0] and (any(opens[1:]) or any(word.gap for word in words[:-1]) or words[0].core in ("so", "now"))


def _starts_with_date(words: tuple[TextWord, ...]) -> bool:
    return words[0].core.isdigit() and len(words[0].core) > 2


def _has_verb(words: tuple[TextWord, ...], small: FunctionWords) -> bool:
    """Whether a noun and a verb follow each other: the queue drains, prices were high."""
    if any(is_predicate(words, at, small) for at in range(1, len(words))):
        return True
    return any(_agrees(before, word, small) for before, word in pairwise(words))


def _agrees(before: TextWord, word: TextWord, small: FunctionWords) -> bool:
    if not before.counts or before.gap:
        return False
    core = word.core
    if core in small.copulas or core in small.verbs:
        return not core.endswith("ing")
    singular = not before.core.endswith("s")
    return core in small.noun_verbs and (core.endswith("ed") or (singular and core.endswith("s") and word.gap > 0))
