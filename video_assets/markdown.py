"""Text of other people in the Markdown of Dagster's UI.

A lesson's words, a file's name or a provider's answer may hold anything: a link, a picture from another server, a pipe
that ends the cell of a table. Belongs here: showing such text as it is. Does not belong here: what a page says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
"""All ASCII punctuation: CommonMark shows a backslash and one of these as that character, and nothing else."""
_INVISIBLE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that turn the direction of a text: what follows would be read in another order than it is written."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD_JOINER = "\u2060"
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
"""Where Dagster's UI recognises an address. It looks for them after the text was parsed, where no backslash is left."""


def as_text(text: str) -> str:
    """Markdown that shows `text` on one line and nothing else: no link, picture, HTML, emphasis, end of a cell.

    Control characters and line breaks become spaces, marks of direction go, and an address gets an invisible character
    (U+2060) that keeps it from becoming a link.
    """
    shown = " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", text)).split())
    return _PUNCTUATION.sub(r"\\\1", _ADDRESS.sub(_WORD_JOINER, shown))


def table_row(cells: Iterable[str]) -> str:
    """A row of a table whose cells are Markdown: text of others goes through `as_text` first."""
    return f"| {' | '.join(cells)} |"


def picture(alt: str, url: str) -> str:
    """A picture with a text for those who cannot see it; `url` is ours."""
    return f"![{as_text(alt)}]({url})"
