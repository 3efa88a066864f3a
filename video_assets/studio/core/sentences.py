"""The punctuation of sentences in all scripts: the marks that end a sentence or a clause, and closing marks.

Every module that splits or completes a text takes its marks from here. Does not belong here: how strongly a caption or
a voice reacts to a mark, or the ends of sentences among tokens, which depend on abbreviations (`timeline`).
"""

from __future__ import annotations

import re

AMBIGUOUS_STOPS = ".．﹒"
"""Full stops that may also belong to an abbreviation or a number."""
FULL_STOPS = AMBIGUOUS_STOPS + "。｡︒।॥։۔።፨။។៕᠃᠉܀܁܂꓿᱾᱿"
QUESTION_MARKS = "?？﹖\u037e؟፧⁇⁈⁉‽"
"""U+037E is the Greek question mark. It looks like a semicolon, but is a character of its own."""
EXCLAMATION_MARKS = "!！﹗‼߹"
ELLIPSIS = "…"
"""It ends a sentence, or is a gap inside one."""
SENTENCE_ENDS = FULL_STOPS + ELLIPSIS + QUESTION_MARKS + EXCLAMATION_MARKS
"""The marks that end a sentence: Unicode's property Sentence_Terminal in the scripts of living languages, an ellipsis.

Thai and Lao have no such mark. The Armenian question mark stands inside a word.
"""

COMMAS = ",，、،﹐､፣၊᠂"
CLAUSE_ENDS = ";；؛፤:：፥"
"""Semicolons and colons."""

OPENING_BRACKETS = "([{「『（【《〈［"
CLOSING_BRACKETS = ")]}」』）】》〉］"
CLOSING_QUOTES = "\"'”’»›“‘«‹"
"""With “, ‘, « and ‹, which close in German and open in other languages."""
CLOSERS = CLOSING_BRACKETS + CLOSING_QUOTES
"""The marks that may follow the end of a sentence and belong to it."""

_ENDS_WITHOUT_SPACE = "。｡︒！？"
"""In Chinese and Japanese, no space follows the end of a sentence."""
_END = re.compile(
    rf"(?<![{re.escape(SENTENCE_ENDS)}])[{re.escape(SENTENCE_ENDS)}]++"
    rf"(?:[{re.escape(CLOSERS)}]*+\s++|(?<=[{_ENDS_WITHOUT_SPACE}])[{re.escape(CLOSING_BRACKETS)}”’»]*+)"
)


def has_sentence_end(text: str) -> bool:
    """Whether the last mark of `text` ends a sentence. Spaces, closing quotes and brackets after it do not count."""
    last = _without_closers(text)[-1:]
    return bool(last) and last in SENTENCE_ENDS


def _without_closers(text: str) -> str:
    return text.rstrip().rstrip(CLOSERS).rstrip()


def with_sentence_end(text: str) -> str:
    """`text` itself if it has the end of a sentence, else `text` with a full stop."""
    return text if has_sentence_end(text) else f"{text}."


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text` with the marks and spaces after them; joined, they are `text`.

    A text is split after the marks that end a sentence, if a space follows or the script needs none. Abbreviations are
    not recognised.
    """
    ends = [match.end() for match in _END.finditer(text)]
    starts = [0, *ends]
    return tuple(text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True) if start < end)
