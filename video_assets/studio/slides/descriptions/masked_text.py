"""A description with its quotations masked, so that each is one word, and the words of such a text."""

from __future__ import annotations

import re
from typing import NamedTuple

from video_assets.studio.slides.phrases.words import CJK

from .quoted_texts import quotations

QUOTED = re.compile("\ue010(\\d+)\ue011")
"""A quotation in a masked text: its number."""
_ARROW = re.compile(r"\s*(?:<?[-–—=]+>|[→⟶➔➜➡⇒⟹])\s*")
_WORD = re.compile(r"→|[^\s→]+")
_EDGE = "\"'“”‘’„«»()[]{}<>*_.,;:!?…，。；：！？।、—–-"
_HAN_SPACE = re.compile(rf"(?<=[{CJK}，。：；\ue011]) +(?=[{CJK}，。：；\ue010])")


class MaskedText(NamedTuple):
    """A text whose quotations are replaced by marks (see `QUOTED`), and the quotations."""

    text: str
    quoted: tuple[str, ...]


def masked(description: str) -> MaskedText:
    """`description` with its quotations masked, and all arrows written as →."""
    pieces: list[str] = []
    quoted: list[str] = []
    at = 0
    for quotation in quotations(description):
        pieces += [description[at : quotation.start], f"\ue010{len(quoted)}\ue011"]
        quoted.append(quotation.text)
        at = quotation.end
    text = "".join([*pieces, description[at:]])
    return MaskedText(_ARROW.sub(" → ", text), tuple(quoted))


def cores_of(text: str) -> list[str]:
    """The words of a masked text, in lower case and without the punctuation around them."""
    return [core for match in _WORD.finditer(text) if (core := core_of(match[0]))]


def core_of(word: str) -> str:
    """A word in lower case without the punctuation around it, and without a possessive s."""
    if QUOTED.fullmatch(word):
        return word
    return word.strip(_EDGE).lower().replace("’", "'").removesuffix("'s")


def masked_words(text: str) -> list[str]:
    """The words of a masked text as written, with the punctuation around them. An arrow is one."""
    return _WORD.findall(text)


def without_han_spaces(text: str) -> str:
    """`text` without the spaces between Chinese characters, and between them and their punctuation."""
    return _HAN_SPACE.sub("", text)


def tidied(text: str) -> str:
    """`text` without the punctuation at its ends, and without brackets unless each has its partner."""
    text = text.strip(" ,;:.!?…—–-，。；：！？।|*")
    text = without_han_spaces(text)
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    return text if depth == 0 else text.replace("(", "").replace(")", "").strip()
