"""Break costs: how much a break between two words disturbs a reader, from punctuation and small words per language.

The scale: 0 is the end of a sentence, 100 a border between two words without any hint, and 2000 a border that is used
only when there is no other way. Does not belong here: widths, times, or the choice among the borders (`search.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.graphemes import clusters
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.sentences import (
    CLAUSE_ENDS,
    CLOSING_BRACKETS,
    COMMAS,
    ELLIPSIS,
    OPENING_BRACKETS,
    SENTENCE_ENDS,
)

from .measure import is_wide

SENTENCE = 0
CLAUSE = 15
COMMA = 25
BRACKET = 30
CONJUNCTION = 45
PREPOSITION = 60
PLAIN = 100
WIDE = 130
CLOSE = 180
INSIDE_BRACKETS = 40
INSIDE_WORD = 400
FORBIDDEN = 2000

_CLAUSE_ENDS = frozenset(CLAUSE_ENDS + "—–")
_COMMAS = frozenset(COMMAS + "‚")
NO_LINE_END = frozenset(OPENING_BRACKETS + "“‘«„¿¡")
_CLOSERS = frozenset(CLOSING_BRACKETS + "”’»")
# Kinsoku: characters that may not start a line (JIS X 4051, GB/T 15834). NO_LINE_END may not end one.
NO_LINE_START = _CLOSERS | frozenset(
    SENTENCE_ENDS + CLAUSE_ENDS + COMMAS + "‥・·ーゝゞ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ%％℃°"
)
_AROUND_WORDS = "\"'“”‘’«»" + COMMAS + CLAUSE_ENDS + SENTENCE_ENDS.replace(ELLIPSIS, "")
_OPERATORS = frozenset("=≠<>≤≥≈+−×·÷/→∝±")


class Words(NamedTuple):
    """The small words of a language.

    A break is good before the first two kinds. It is bad before `clinging` or after `leaning` words.
    """

    conjunctions: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    leaning: frozenset[str] = frozenset()
    """Words that belong to the next word: articles, prepositions, auxiliaries, conjunctions."""
    clinging: frozenset[str] = frozenset()
    """Words that belong to the word before: postpositions, particles."""
    closing: frozenset[str] = frozenset()
    """Words after which a break is good: particles that close a phrase."""


def _words(conjunctions: str, prepositions: str, articles: str, clinging: str = "", closing: str = "") -> Words:
    before, around, after = (frozenset(text.split()) for text in (conjunctions, prepositions, articles))
    return Words(before, around, before | around | after, frozenset(clinging.split()), frozenset(closing.split()))


_ENGLISH = _words(
    "and but or nor so because although though while whereas when if unless until since that which who whose where "
    "than",
    "of in on at by for from with without to into onto through between among under over above below across near "
    "toward towards past after before during about against along beneath inside outside per via like as",
    "a an the this these those my your his her its our their some any each every no is are was were be been can could "
    "will would may might must shall should do does did has have had not very more most too we you i he she they it",
)
_GERMAN = _words(
    "und aber oder denn sondern weil obwohl während wenn als ob bis dass damit sodass nachdem bevor die der das welche "
    "welcher welches wo wie",
    "von in im an am auf bei beim für mit ohne zu zum zur durch zwischen unter über vor nach aus um gegen seit entlang "
    "neben hinter trotz wegen per",
    "ein eine einen einem einer eines den dem des dieser diese dieses diesen diesem kein keine keinen ist sind war "
    "waren wird werden kann können muss müssen nicht sehr mehr zu wir ihr sie er es ich man",
)
_FRENCH = _words(
    "et mais ou donc car ni que qui dont où parce quand lorsque si comme tandis puisque quoique",
    "de du des d' à au aux en dans sur sous par pour avec sans entre vers chez contre depuis pendant avant après "
    "devant",
    "un une le la les l' ce cet cette ces mon ma mes son sa ses notre nos votre vos leur leurs est sont a ont ne pas "
    "très plus nous vous il elle on ils elles je tu se",
)
_SPANISH = _words(
    "y e pero o u ni sino que quien cuyo donde porque cuando si como mientras aunque pues",
    "de del a al en con sin por para sobre bajo entre hacia hasta desde contra según durante ante tras",
    "un una unos unas el la los las este esta estos estas ese esa su sus mi mis nuestro nuestra es son está están no "
    "muy más se lo le les nos",
)
_HINDI = _words(
    "और लेकिन या क्योंकि इसलिए कि जो जब तो अगर यदि तब जहाँ जबकि बल्कि तथा",
    "",
    "एक यह वह ये वे इस उस बहुत न नहीं",
    "का की के को से में पर ने तक द्वारा है हैं था थी थे हो ही भी वाला वाली वाले",
)
_ARABIC = _words(
    "لكن لأن إذا عندما بينما حيث ثم أو الذي التي", "في من إلى على عن مع بين تحت فوق عند خلال", "لا لم لن قد هذا هذه"
)
_CHINESE = _words(
    "和 与 而 但 或 并",
    "从 在 把 被 向 对 给 让 比 由",
    "",
    "的 了 着 过 们 吗 呢 吧",
    "的 了 着 里 上 中 时",
)
_JAPANESE = _words("", "", "", "は が を に で と も へ の て た です ます", "は が を に で と も へ て")
_WORDS = {
    "zh": _CHINESE,
    "ja": _JAPANESE,
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "hi": _HINDI,
    "ar": _ARABIC,
}


def break_words_of(language: str) -> Words:
    """The small words of `language` (a BCP 47 tag). Empty for a language without a list: punctuation then decides."""
    return _WORDS.get(primary_subtag(language), Words())


class CaptionPiece(NamedTuple):
    """A token (or a part of one that is longer than a line) as input of `break_costs`."""

    shown: str
    space_before: bool
    ends_sentence: bool


def break_costs(pieces: Sequence[CaptionPiece], words: Words) -> tuple[int, ...]:
    """`costs[i]` is the cost of a break before `pieces[i]`; `costs[0]` is 0."""
    if not pieces:
        return ()
    costs = [0]
    depth = 0
    for before, after in pairwise(pieces):
        depth = max(0, depth + _opened(before.shown))
        costs.append(_border(before, after, words) + (INSIDE_BRACKETS if depth else 0))
    return tuple(costs)


def _opened(text: str) -> int:
    return sum((character in OPENING_BRACKETS) - (character in CLOSING_BRACKETS) for character in text)


def _border(before: CaptionPiece, after: CaptionPiece, words: Words) -> int:
    for rule in (_forced, _by_punctuation):
        cost = rule(before, after)
        if cost is not None:
            return cost
    return _by_words(before.shown, after.shown, words)


def _forced(before: CaptionPiece, after: CaptionPiece) -> int | None:
    # “ opens in English and closes in German, so only an opening bracket or a token of openers keeps the next word.
    opens = before.shown[-1] in OPENING_BRACKETS or set(before.shown) <= NO_LINE_END
    if after.shown[0] in NO_LINE_START or opens:
        return FORBIDDEN
    if after.space_before or before.ends_sentence or is_wide(after.shown) or is_wide(clusters(before.shown)[-1]):
        return None
    return INSIDE_WORD


def _by_punctuation(before: CaptionPiece, after: CaptionPiece) -> int | None:
    if before.ends_sentence:
        return SENTENCE
    last = before.shown.rstrip("".join(_CLOSERS))[-1:] or before.shown[-1]
    if last in _CLAUSE_ENDS:
        return CLAUSE
    if last in _COMMAS:
        return COMMA
    return BRACKET if before.shown[-1] in _CLOSERS or after.shown[0] in NO_LINE_END else None


def _by_words(before: str, after: str, words: Words) -> int:
    left, right = (text.casefold().strip(_AROUND_WORDS) for text in (before, after))
    if (
        before in _OPERATORS
        or after in _OPERATORS
        or (left.replace(".", "").replace(",", "").isdigit() and len(right) <= 3)
    ):
        return CLOSE
    if right in words.clinging or left in words.leaning:
        return CLOSE
    if right in words.conjunctions:
        return CONJUNCTION
    if right in words.prepositions or left in words.closing:
        return PREPOSITION
    return WIDE if is_wide(after) and is_wide(clusters(before)[-1]) else PLAIN
