"""Whether a regular expression can match a text that begins with a space, from the text of the expression.

Does not belong here: the rules (`passage`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<look>\(\?<?[=!])
      | (?P<open>\((?:\?(?:P<\w+>|[a-z-]*:))?)
      | (?P<close>\))
      | (?P<or>\|)
      | (?P<optional>(?:[*?]|\{0?,\d*\}|\{0\})[?+]?)
      | (?P<repeat>(?:\+|\{\d+(?:,\d*)?\})[?+]?)
      | (?P<anchor>[$^]|\\[AbBZ])
      | (?P<one>\[\^?\]?(?:\\.|[^\]\\])*\]|\\u[\dA-Fa-f]{4}|\\U[\dA-Fa-f]{8}|\\x[\dA-Fa-f]{2}|\\.|.)""",
    re.VERBOSE | re.DOTALL,
)


class _PatternPart(NamedTuple):
    """A part of an expression: whether it can match a space at its start, and whether it can match nothing."""

    spaced: bool
    empty: bool


_NOTHING = _PatternPart(spaced=False, empty=True)
_TEXT = _PatternPart(spaced=False, empty=False)


def may_begin_with_space(source: str) -> bool:
    """Whether the expression can match a text that begins with a space, or the empty text.

    The expression must be valid, and have no flags and no conditions.
    """
    part = _alternatives(_TOKEN.finditer(source), is_first=True)
    return part.spaced or part.empty


def _alternatives(tokens: Iterator[re.Match[str]], *, is_first: bool) -> _PatternPart:
    """The part up to the end of the group or of the expression. Only what `is_first` can begin with a space."""
    branches: list[_PatternPart] = []
    branch, last = _NOTHING, _NOTHING
    for token in tokens:
        kind = token.lastgroup
        if kind == "close":
            break
        if kind == "optional":
            last = last._replace(empty=True)
        elif kind == "or":
            branches.append(_joined(branch, last))
            branch, last = _NOTHING, _NOTHING
        elif kind != "repeat":
            branch = _joined(branch, last)
            last = _atom(token, tokens, is_first=is_first and branch.empty)
    branches.append(_joined(branch, last))
    return _PatternPart(any(each.spaced for each in branches), any(each.empty for each in branches))


def _joined(first: _PatternPart, second: _PatternPart) -> _PatternPart:
    return _PatternPart(first.spaced or (first.empty and second.spaced), first.empty and second.empty)


def _atom(token: re.Match[str], tokens: Iterator[re.Match[str]], *, is_first: bool) -> _PatternPart:
    if token.lastgroup == "open":
        return _alternatives(tokens, is_first=is_first)
    if token.lastgroup == "look":
        _alternatives(tokens, is_first=False)
        return _NOTHING
    if token.lastgroup == "anchor":
        return _NOTHING
    return _PatternPart(spaced=re.match(token[0], " ", re.DOTALL) is not None, empty=False) if is_first else _TEXT
