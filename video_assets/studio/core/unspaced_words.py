"""Words of scripts that write no space between them: Thai, Lao, Khmer and Burmese.

Their words are found with ICU's dictionaries. Does not belong here: Chinese and Japanese, whose lines may break between
any two characters (`captions.phrases`), or how good a break is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise

_BY_DICTIONARY = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
"""Thai, Lao, Burmese and Khmer. ICU has a dictionary for each (Unicode Standard Annex 14, class SA)."""


def needs_dictionary(text: str) -> bool:
    """Whether `text` has a letter of a script whose words only a dictionary finds."""
    return bool(_BY_DICTIONARY.search(text))


def breakable_parts(text: str) -> tuple[str, ...]:
    """The parts of `text` between which a line may be broken although there is no space; joined, they are `text`.

    A part is a word of Thai, Lao, Khmer or Burmese with its punctuation, or a stretch in any other script. No part
    begins within a grapheme cluster. A text without letters of these scripts is one part, an empty one is none.
    """
    if not needs_dictionary(text):
        return (text,) if text else ()
    cuts = [0, *_cuts(text), len(text)]
    return tuple(text[start:end] for start, end in pairwise(cuts))


def count_unspaced_words(text: str) -> int:
    """The number of words of Thai, Lao, Khmer and Burmese in `text`."""
    return sum(map(needs_dictionary, breakable_parts(text)))


def start_of(text: str, most: int) -> str:
    """As many whole words of a script without spaces as fit in `most` characters, at least one grapheme cluster.

    In other scripts, as many grapheme clusters as fit.
    """
    parts = breakable_parts(text) if needs_dictionary(text) else _clusters(text)
    lengths = list(accumulate(map(len, parts)))
    fitting = bisect_right(lengths, most)
    if fitting or not parts:
        return "".join(parts[:fitting])
    inside = _clusters(parts[0])
    return "".join(inside[: max(1, bisect_right(list(accumulate(map(len, inside))), most))])


def _cuts(text: str) -> Iterator[int]:
    """The offsets at which a part begins, but the first."""
    between_clusters = _ends(_clusters(text))
    for at in sorted(_ends(_segments(text)) & between_clusters - {len(text)}):
        if needs_dictionary(text[at - 1 : at + 1]):
            yield at


def _clusters(text: str) -> tuple[str, ...]:
    # Imported here, because a check of a lesson in another script does without the package `regex`.
    from .graphemes import clusters

    return clusters(text)


def _segments(text: str) -> list[str]:
    # ICU counts offsets in UTF-16, so the texts of the segments are counted instead. Imported here, because lessons in
    # other scripts do without its data of 33 MB.
    from icu4py.breakers import LineBreaker

    return list(LineBreaker(text, "th"))


def _ends(parts: list[str] | tuple[str, ...]) -> set[int]:
    ends, at = set[int](), 0
    for part in parts:
        at += len(part)
        ends.add(at)
    return ends
