"""Rules for small words beside an amount, which are not the letters that they look like.

Does not belong here: letters beside an operator (`words.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .passage import Entry, Passage, SpokenPiece, SpokenPieces

_OPENS = re.compile(r"(?:^|[.!?:;—–(\"“«¿¡…\n•*]|^\s*[-\d.)]+)\s*$")


def article_rules(language: Language) -> list[Entry]:
    """`A 5 kg mass` begins with an article; a dash behind a name with a number is a pause."""
    rules: list[Entry] = [(r"\s-\s(?=[^\W\d_])", _aside)]
    if language.articles:
        letters = "".join(sorted(language.articles))
        rules.append((rf"(?i:[{letters}])(?=\s+[-−+±~≈]?[$€£¥￥₹]?\.?[\d½¼¾⅓⅔√]|\s+[\"“‘'*_(\[][^\W\d_])", _article))
    return rules


def _article(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 12) : match.start()]
    behind = passage.text[match.end() : match.end() + 40]
    if before[-1:].isalnum() or (match[0].isupper() and not _OPENS.search(before)):
        return None
    if match[0].islower() and re.search(r"[=<>+*/×·^−-]\s*$", before):
        return None
    if re.match(r"\s+[-−+±]\s|\s+\(\w\)|\s+[\d.]+\s*(?:[=<>+^*]|$)", behind):
        return None
    return (SpokenPiece(match[0].lower(), match.start()),)


def _aside(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`AI-2027 - a detailed scenario`: words on both sides, of which one has a number."""
    before = passage.text[max(0, match.start() - 24) : match.start()]
    behind = re.split(r"(?<=[.!?])\s", passage.text[match.end() : match.end() + 40])[0]
    named = re.search(r"(?:^|[\s(])(?=\S*\d)(?=(?:\S*[^\W\d_]){2}|\S*[^\W\d_]-)[^\s=+*/^×]*$", before)
    worded = re.match(r"(?:[^\W\d_]\s)?[^\W\d_]{2,}[\s,.;:!?]", behind)
    article = re.match(r"[aA]\s[^\W\d_]{2,}[\s,.;:!?]", behind) and before[-1:].isdigit()
    if not ((named and worded) or article) or "=" in behind:
        return None
    return (SpokenPiece(",", match.start() + 1),)
