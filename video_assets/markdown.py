"""Escapes untrusted text for the Markdown of Dagster's UI.

A lesson's words, a file name or a provider's answer may contain anything: a link, a picture on another server, a pipe
that ends a table cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
"""All ASCII punctuation. In CommonMark a backslash before one of these makes it a literal character."""
_INVISIBLE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that change the direction of the text after them."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD_JOINER = "\u2060"
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
"""Where Dagster's UI detects a URL or e-mail address. It does so after parsing, when the backslashes are gone."""


def escape_markdown(text: str) -> str:
    """Markdown that shows `text` literally on one line, without links, pictures, HTML, emphasis or cell ends.

    Control characters and line breaks become spaces. Direction marks are removed. An invisible word joiner (U+2060) in
    an address keeps it from becoming a link.
    """
    shown = " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", text)).split())
    return _PUNCTUATION.sub(r"\\\1", _ADDRESS.sub(_WORD_JOINER, shown))


def table_row(cells: Iterable[str]) -> str:
    """A table row of cells in Markdown. Untrusted text must pass through `escape_markdown` first."""
    return f"| {' | '.join(cells)} |"


def picture(alt: str, url: str) -> str:
    """An image with an escaped alternative text. `url` is not escaped and must be trusted."""
    return f"![{escape_markdown(alt)}]({url})"
