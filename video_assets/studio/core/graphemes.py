"""Grapheme clusters: the characters of a text as a reader sees them (Unicode Standard Annex 29).

Does not belong here: their widths (`captions.measure`), or the fonts that draw them (`slides.glyphs`).
"""

from __future__ import annotations

import regex

_CLUSTER = regex.compile(r"\X(?:(?<=\p{ccc=9}\u200d?)(?<!\u103a)(?=\p{L})\X)*")
"""UAX 29 joins the conjuncts of six Indic scripts. Here a letter joins the virama (ccc=9) before it in every script.

U+103A of Burmese has the same class, but it ends a syllable and joins nothing.
"""


def clusters(text: str) -> tuple[str, ...]:
    """The extended grapheme clusters of `text`, in order; joined, they are `text`.

    Combining marks, vowel signs, joined emoji, flags, conjuncts and Hangul syllables stay whole.
    """
    return tuple(_CLUSTER.findall(text))
