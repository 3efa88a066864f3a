"""Terms of a narration: the emphasised parts that name something."""

from __future__ import annotations

import re
from functools import lru_cache

from video_assets.studio.core.sentences import ELLIPSIS, SENTENCE_ENDS

from .formulas import IDENTIFIER, TEXTS_KEPT
from .function_words import FunctionWords, function_words_of
from .words import CJK, EDGE_PUNCTUATION, TextWord, VisibleText, sentences

_FOLLOWING = re.compile(r"\s+(\w[^\s,;:.]*)")
_SENTENCE_BREAK = re.compile(rf"[{re.escape(SENTENCE_ENDS.replace(ELLIPSIS, ''))};]\s")
_SYMBOL_AFTER = re.compile(rf",? (?:{IDENTIFIER.pattern})")


@lru_cache(maxsize=TEXTS_KEPT)
def terms(visible: VisibleText, *, language: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each emphasised part that names something, in order.

    `*very*` and `*no channel at all*` name nothing. A symbol right after the part belongs to the term.
    """
    function_words = function_words_of(language)
    found = []
    for start, end in visible.emphasised:
        words = [word for sentence in sentences(visible.text[start:end], language) for word in sentence.words]
        if words and _is_name(visible.text, words, (start, end), function_words):
            found.append((start, _with_symbol(visible.text, end)))
    return tuple(found)


def _is_name(text: str, words: list[TextWord], span: tuple[int, int], function_words: FunctionWords) -> bool:
    start, end = span
    if re.search(f"[{CJK}]", text[start:end]):
        return 2 <= len(words) <= 8
    if len(words) > 4 or "," in text[start:end] or not (words[0].counts and words[-1].counts):
        return False
    adverb = words[-1].core.endswith("ly") and function_words is function_words_of("en")
    pronoun = (
        _words_before(text, start)[-1] in (function_words.anaphors - function_words.articles) | function_words.personal
    )
    if adverb or pronoun or (len(words) == 1 and _modifies(text, span, function_words)):
        return False
    return not words[0].core[0].isdigit() and len(words[-1].core) > 2


def _modifies(text: str, span: tuple[int, int], function_words: FunctionWords) -> bool:
    """Whether the emphasised word only modifies what follows: `a *small* voltage`, `now *draw* the line`."""
    start, end = span
    following = _FOLLOWING.match(text, end)
    after = following[1].lower() if following else ""
    if after in function_words.verbs or after in function_words.noun_verbs:
        return False
    if following and _is_noun(text, span, following.end(), function_words):
        return False
    if not following or _words_before(text, start)[-1] not in function_words.stop | {""}:
        return False
    return following[1].lower() not in function_words.stop - function_words.articles


def _is_noun(text: str, span: tuple[int, int], end: int, function_words: FunctionWords) -> bool:
    """Whether the emphasised word is a noun: a German one by its capital, another if verb and article follow it."""
    if function_words is function_words_of("de"):
        return text[span[0]].isupper()
    after = text[end:].split(maxsplit=1)[:1]
    return bool(after) and after[0].lower() in function_words.articles


def _words_before(text: str, at: int) -> list[str]:
    """The last three words before `at` in its sentence, in order; "" for each that is missing."""
    sentence = _SENTENCE_BREAK.split(text[max(0, at - 60) : at])[-1]
    words = [piece.strip(EDGE_PUNCTUATION).lower() for piece in sentence.split()]
    return ["", "", "", *words][-3:]


def _with_symbol(text: str, end: int) -> int:
    match = _SYMBOL_AFTER.match(text, end)
    return match.end() if match else end


def is_introduced(text: str, span: tuple[int, int], function_words: FunctionWords) -> bool:
    """Whether the text around `span` introduces it as a name: `this is the …`, `we call it …`, `… कहते हैं`."""
    before, after = _words_before(text, span[0]), text[span[1] :].split(maxsplit=1)[:1]
    return bool(set(before[-2:]) & function_words.copulas or {*before, *after} & function_words.naming)
