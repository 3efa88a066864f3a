"""The texts that a description wants written in its picture.

Does not belong here: finding quotations (`quoted_texts`), or where a label stands in the picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from video_assets.studio.slides.phrases.formulas import IDENTIFIER, formulas

from .direction_words import direction_words_of
from .masked_text import QUOTED, MaskedText, core_of
from .quoted_texts import without_stray_marks
from .shot_list import ClauseRole, ShotClause

MOST_LABEL_CHARACTERS = 40
"""A longer text is a sentence and no label."""
_MOST_LABELS = 24
_MANY_QUOTED = 3
"""With at least this many quoted labels, symbols elsewhere in the description do not become labels."""
_ITEMS = re.compile(r"\s*(?:[,;/|•、，；]|\s(?:and|und|et|y|और|→)\s)\s*")
_MOST_ITEM_WORDS = 5
_NAME = re.compile(r"(?:[A-Z0-9][\w'’²³₀-₉/+-]*)(?:[ ][A-Z0-9][\w'’²³₀-₉/+-]*)*")


def labels_in(clauses: Sequence[ShotClause], text: MaskedText, language: str) -> tuple[str, ...]:
    """The labels of the masked description `text` with these clauses: in order, each once.

    They are its quotations, the names that follow a word such as `labelled`, and the items behind `Labels:`; then its
    formulas and symbols. Case is a difference: corner A lies opposite of side a. A direction has no labels.
    """
    named = [
        label
        for clause in clauses
        if clause.role is not ClauseRole.DIRECTION
        for label in _named(clause, text, language)
    ]
    plain = " ".join(QUOTED.sub(" ", clause.text) for clause in clauses if clause.role is not ClauseRole.DIRECTION)
    found = (*named, *_symbols(plain, many=len(named) >= _MANY_QUOTED))
    in_order = [label for label in dict.fromkeys(found) if 0 < len(label) <= MOST_LABEL_CHARACTERS]
    parts = {part for label in in_order for part in IDENTIFIER.findall(label) if part != label}
    chosen = set(named)
    return tuple(label for label in in_order if label in chosen or label not in parts)[:_MOST_LABELS]


def headings_in(clauses: Sequence[ShotClause], text: MaskedText, language: str) -> tuple[str, ...]:
    """The texts that stand alone in a clause of writing, in order, each once."""
    over = (clause for clause in clauses if clause.role is ClauseRole.WRITTEN and clause.led)
    written = (list(_named(clause, text, language)) for clause in over)
    alone = (labels[0] for labels in written if len(labels) == 1)
    return tuple(dict.fromkeys(label for label in alone if len(label) <= _MOST_HEADING_CHARACTERS))


_MOST_HEADING_CHARACTERS = 60


def _named(clause: ShotClause, text: MaskedText, language: str) -> Iterator[str]:
    numbers = [int(match[1]) for match in QUOTED.finditer(clause.text)]
    if numbers:
        yield from (text.quoted[number] for number in numbers)
    elif clause.role is ClauseRole.WRITTEN:
        yield from _items(clause.text, language)
    else:
        yield from _names_after_words(clause.text, language)


def _items(written: str, language: str) -> Iterator[str]:
    """The items of `Labels: gate, source and drain`. A text that is no list of short items is one label."""
    texts = direction_words_of(language).texts
    words = written.split()
    while words and core_of(words[0]) in texts:
        words = words[1:]
    whole = without_stray_marks(" ".join(words)).strip(" .,;:!?")
    items = [item.strip(" .,;:") for item in _ITEMS.split(whole)]
    if len(items) > 1 and all(0 < len(item.split()) <= _MOST_ITEM_WORDS for item in items):
        yield from items
    elif whole and len(whole) <= MOST_LABEL_CHARACTERS:
        yield whole


def _names_after_words(shown: str, language: str) -> Iterator[str]:
    """The names in capital letters right behind a word such as `labelled`: `labelled Gate, Source and Drain`."""
    texts = direction_words_of(language).texts
    words = shown.split()
    at = 0
    while at < len(words):
        if core_of(words[at]) not in texts:
            at += 1
            continue
        at += 1
        while at < len(words) and core_of(words[at]) in ("as", "with", "the", "is"):
            at += 1
        run = at
        while run < len(words) and (_NAME.match(words[run]) or words[run] in ("and", "&", "und", "et", "y")):
            run += 1
            if words[run - 1][-1] in ".;:":
                break
        for item in _ITEMS.split(" ".join(words[at:run]).strip(" .,;:")):
            if _NAME.match(item):
                yield item
        at = max(run, at)


def _symbols(plain: str, *, many: bool) -> Iterator[str]:
    rest = plain
    for start, end in formulas(plain):
        yield plain[start:end]
        rest = rest[:start] + " " * (end - start) + rest[end:]
    if not many:
        yield from IDENTIFIER.findall(rest)
