"""Offsets in a text as lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Place(NamedTuple):
    """Line and column, both from 1; columns count characters (Unicode code points)."""

    line: int
    column: int


class Lines:
    """The lines of a text. A line ends with CR, LF or CR LF.

    Lines are counted once per block of the text, so that `place` is fast in a file with millions of lines too.
    """

    _BLOCK = 1 << 16

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0]
        self._before = [Place(1, 0)]
        """For each block, its first line and, in place of a column, the offset at which that line begins."""
        while self._starts[-1] + self._BLOCK < len(text):
            start = self._starts[-1] + self._BLOCK
            start += text.startswith("\r\n", start - 1)  # a block never begins between CR and LF
            self._before.append(self._line_at(start))
            self._starts.append(start)

    def place(self, offset: int) -> Place:
        """The line and column of the character at `offset`."""
        # The LF of a CR LF belongs to the line that it ends.
        halved = offset > 0 and self._text.startswith("\r\n", offset - 1)
        line, start = self._line_at(offset - halved)
        return Place(line, offset - start + 1)

    def _line_at(self, offset: int) -> Place:
        block = bisect_right(self._starts, offset) - 1
        start = self._starts[block]
        line, line_start = self._before[block]
        ends = [self._text.count(end, start, offset) for end in ("\n", "\r", "\r\n")]
        last = max(self._text.rfind("\n", start, offset), self._text.rfind("\r", start, offset))
        return Place(line + ends[0] + ends[1] - ends[2], last + 1 if last >= 0 else line_start)
