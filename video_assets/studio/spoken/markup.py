"""The markup of narrations, with which an author controls the voice.

    *emphasis*   **strong**   [pause]   [pause 800ms]   [pause 1.5s]
    [slow]...[/slow]   [fast]...[/fast]   [rate 80%]...[/rate]
    [show]   [show 2]   [point gate]   [point]
    [shown|said]   `code`   \\* (a backslash before a mark of this markup makes it plain text)

Anything else in brackets, and an asterisk without a partner, is text. Marks of Markdown and HTML are taken out
(`pasted_markup.py`). Does not belong here: how a word is read
(`reading.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.core.errors import ContentError

from .characters import is_unspaced
from .latex.latex_spans import LatexSpan, latex_at
from .latex.linear_text import linear_text
from .markup_syntax import ESCAPE, NO_SAYING, SIGNAL, TABLE_MESSAGE, TABLE_REMEDY, CodeSpan, CodeSpans, table_rules
from .pasted_markup import PastedMark, pasted_marks

PAUSE_MS = 600
LONGEST_PAUSE_MS = 30_000
SLOW_PERCENT, FAST_PERCENT = 80, 120
RATES_PERCENT = (50, 200)


class Style(NamedTuple):
    """How a character is spoken. `emphasis` 0 to 2; `rate_percent` of the section's rate."""

    emphasis: int = 0
    rate_percent: int = 100


class PronunciationOverride(NamedTuple):
    """`[shown|said]`: visible characters `start` to `end` (exclusive) are spoken as `said`; "" is silence."""

    start: int
    end: int
    said: str


class MarkedPause(NamedTuple):
    """`[pause]` before the visible character `at`."""

    at: int
    milliseconds: int


class MarkedSignal(NamedTuple):
    """`[show]` or `[point]` before the visible character `at`: what happens on the slide there."""

    at: int
    verb: str
    """"show" or "point"."""
    part: str
    """The number or the name of a part of the slide, as the author wrote it; "" if there is none."""
    offset: int
    """The position of the mark in the narration."""


class MarkedFormula(NamedTuple):
    """Visible characters that were written as LaTeX, and the runs of letters in them that are factors."""

    start: int
    end: int
    factors: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Marked:
    """A narration without its markup.

    `offsets[i]` is the position of `text[i]` in the narration, and `styles[i]` is its style.
    """

    text: str
    offsets: tuple[int, ...]
    styles: tuple[Style, ...]
    overrides: tuple[PronunciationOverride, ...]
    silences: tuple[MarkedPause, ...]
    formulas: tuple[MarkedFormula, ...] = ()
    signals: tuple[MarkedSignal, ...] = ()


@dataclass
class _MarkupDraft:
    """The mutable state while a narration is parsed from left to right."""

    place: str
    characters: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    overrides: list[PronunciationOverride] = field(default_factory=list)
    silences: list[MarkedPause] = field(default_factory=list)
    formulas: list[MarkedFormula] = field(default_factory=list)
    signals: list[MarkedSignal] = field(default_factory=list)
    rates: list[tuple[str, int, int]] = field(default_factory=list)
    emphasis: int = 0
    replaced: Mapping[int, str] = field(default_factory=dict)
    """Positions in the narration whose character shows as another one, or as none."""

    def show(self, text: str, offset: int) -> None:
        offsets = range(offset, offset + len(text))
        if not self.replaced.keys().isdisjoint(offsets):
            kept = [(at, self.replaced.get(at, character)) for at, character in zip(offsets, text, strict=True)]
            text = "".join(character for _, character in kept)
            offsets = [at for at, character in kept if character]
        self.characters.extend(text)
        self.offsets.extend(offsets)
        self.styles.extend([self._style()] * len(text))

    def _style(self) -> Style:
        return Style(self.emphasis, self.rates[-1][1] if self.rates else 100)

    def show_formula(self, latex: str, offset: int) -> None:
        """Show LaTeX as a line of text. Raises EquationInvalid if it has none."""
        line, start = linear_text(latex, place=self.place, offset=offset), len(self.characters)
        self.characters.extend(line.text)
        self.offsets.extend(offset + at for at in line.offsets)
        self.styles.extend([self._style()] * len(line.text))
        factors = tuple((start + first, start + last) for first, last in line.factors)
        self.formulas.append(MarkedFormula(start, len(self.characters), factors))

    def wrong(self, offset: int, what: str, remedy: str) -> ContentError:
        return ContentError(f"{what}, character {offset + 1} of the narration.", remedy=remedy, place=self.place)


_PIECE = re.compile(
    rf"""(?P<escape>{ESCAPE})
      | (?P<backslashes>\\++)
      | (?P<tick>`)
      | (?P<pause>\[pause(?:\s+(?P<length>\d+(?:\.\d+)?)\s*(?P<unit>ms|s))?\s*\])
      | {SIGNAL}
      | (?P<rate>\[(?:(?P<named>slow|fast)|rate\s+(?P<percent>\d+)\s*%)\s*\])
      | (?P<close>\[/(?P<closes>slow|fast|rate)\])
      | (?P<saying>{NO_SAYING}\[(?P<shown>(?:\\.|[^\[\]|\\])+)\|(?P<said>(?:\\.|[^\[\]|\\])*)\])
      | (?P<stars>\*+)
      | (?P<plain>[^\\`\[*$]+|.)""",
    re.VERBOSE | re.DOTALL,
)


def parse(narration: str, *, place: str = "") -> Marked:
    """Split `narration` into its visible text and its styles, overrides and pauses.

    Raises ContentError (with `place`) for a rate that is never closed or never opened, a rate outside 50 to 200 %, and
    a pause of 0 or more than 30 seconds: otherwise the voice would read the markup aloud.
    """
    with suppress(ContentError):
        return _parsed(narration, "")
    return _parsed(narration, place)  # raises the same error with its place


@lru_cache(maxsize=4)
def _parsed(narration: str, place: str) -> Marked:
    draft = _MarkupDraft(place)
    for at in table_rules(narration):
        raise draft.wrong(at, TABLE_MESSAGE, TABLE_REMEDY)
    marks = pasted_marks(narration)
    draft.replaced = _replaced(marks)
    pieces = tuple(_pieces(narration))
    stars = _paired_stars(narration, [piece for piece in pieces if isinstance(piece, re.Match)])
    for piece in pieces:
        if isinstance(piece, CodeSpan):
            draft.show(narration[piece.start : piece.stop], piece.start)
        elif isinstance(piece, LatexSpan):
            draft.show_formula(narration[piece.start : piece.stop], piece.start)
        else:
            _take(draft, piece, stars)
    if draft.rates:
        name, _, offset = draft.rates[-1]
        raise draft.wrong(offset, f"[{name}] is never closed", f"Write [/{name}] where the usual rate returns.")
    return Marked(
        "".join(draft.characters),
        tuple(draft.offsets),
        tuple(draft.styles),
        tuple(draft.overrides),
        tuple(sorted((*draft.silences, *_pauses_after_headings(narration, marks, draft)), key=lambda pause: pause.at)),
        tuple(draft.formulas),
        tuple(draft.signals),
    )


def _replaced(marks: Sequence[PastedMark]) -> dict[int, str]:
    shown: dict[int, str] = {}
    for mark in marks:
        shown |= dict.fromkeys(range(mark.start, mark.end), "")
        if mark.shown:
            shown[mark.start] = mark.shown
    return shown


def _pauses_after_headings(narration: str, marks: Sequence[PastedMark], draft: _MarkupDraft) -> Iterator[MarkedPause]:
    """A heading seldom has a full stop, so a pause separates it from the text below."""
    for mark in marks:
        end = narration.find("\n", mark.end) if mark.kind == "heading" else -1
        at = bisect_left(draft.offsets, end)
        if end >= 0 and at < len(draft.offsets):
            yield MarkedPause(at, PAUSE_MS)


def _pieces(narration: str) -> Iterator[re.Match[str] | CodeSpan | LatexSpan]:
    """The narration in pieces, in order: markup, plain text, and `code` and LaTeX, which contain no markup."""
    spans = CodeSpans(narration)
    at = 0
    while match := _PIECE.match(narration, at):
        code = spans.at(at) if match.lastgroup == "tick" else None
        piece = code or latex_at(narration, at) or match
        yield piece
        at = piece.end() if isinstance(piece, re.Match) else piece.end


def _take(draft: _MarkupDraft, match: re.Match[str], stars: dict[int, int]) -> None:
    start = match.start()
    match match.lastgroup:
        case "escape":
            _show_unescaped(draft, match)
        case "pause":
            draft.silences.append(MarkedPause(len(draft.characters), _milliseconds(draft, match)))
        case "signal":
            part = (match["part"] or "").strip()
            draft.signals.append(MarkedSignal(len(draft.characters), match["verb"], part, start))
        case "rate":
            _open_rate(draft, match)
        case "close":
            _close_rate(draft, match)
        case "saying":
            _say(draft, match)
        case "stars" if start in stars:
            draft.emphasis = stars[start]
        case _:
            draft.show(match[0], start)


_IN_PATH = re.compile(r"(?<!\w)[A-Za-z]:\\\S*$")
_LONGEST_PATH = 260


def _show_unescaped(draft: _MarkupDraft, match: re.Match[str]) -> None:
    """The text of an escape: half of the backslashes, rounded down, and the mark after them.

    In a path of Windows a backslash is always text: `C:\\_old`.
    """
    written, start = match[0], match.start()
    path = _IN_PATH.search(match.string, max(0, start - _LONGEST_PATH), start + 1)
    if path and written[-1] in "_#~<&$":
        draft.show(written, start)
        return
    for at in range(1, len(written), 2):
        draft.show(written[at], start + at)


def _milliseconds(draft: _MarkupDraft, match: re.Match[str]) -> int:
    if match["length"] is None:
        return PAUSE_MS
    scale = 1000 if match["unit"] == "s" else 1
    milliseconds = round(float(match["length"]) * scale)
    if not 1 <= milliseconds <= LONGEST_PAUSE_MS:
        raise draft.wrong(match.start(), f"{match[0]} cannot be kept", "A pause lasts from 1 ms to 30 s.")
    return milliseconds


def _open_rate(draft: _MarkupDraft, match: re.Match[str]) -> None:
    named = {"slow": SLOW_PERCENT, "fast": FAST_PERCENT}.get(match["named"])
    percent = named or int(match["percent"][:9])
    slowest, fastest = RATES_PERCENT
    if not slowest <= percent <= fastest:
        raise draft.wrong(match.start(), f"{match[0]} cannot be spoken", f"A rate lies in {slowest}% to {fastest}%.")
    draft.rates.append((match["named"] or "rate", percent, match.start()))


def _close_rate(draft: _MarkupDraft, match: re.Match[str]) -> None:
    if not draft.rates or draft.rates[-1][0] != match["closes"]:
        opened = f"[{draft.rates[-1][0]}] is open there" if draft.rates else "no rate is open there"
        raise draft.wrong(match.start(), f"{match[0]} closes nothing: {opened}", "Close each rate by its own name.")
    draft.rates.pop()


_ESCAPE_IN_SAYING = re.compile(rf"(?P<escape>{ESCAPE})|\\++|[^\\]+", re.DOTALL)


def _say(draft: _MarkupDraft, match: re.Match[str]) -> None:
    start = len(draft.characters)
    for piece in _ESCAPE_IN_SAYING.finditer(match.string, match.start("shown"), match.end("shown")):
        if piece["escape"]:
            _show_unescaped(draft, piece)
        else:
            draft.show(piece[0], piece.start())
    said = re.sub(ESCAPE, lambda escape: escape[0][1::2], match["said"]).strip()
    draft.overrides.append(PronunciationOverride(start, len(draft.characters), said))


def _paired_stars(narration: str, pieces: Sequence[re.Match[str]]) -> dict[int, int]:
    """Position of every asterisk run that is markup -> the emphasis from there on.

    A reduced form of CommonMark's flanking rules: an opener has a word directly after it and none directly before it. A
    closer of the same length has the opposite. `2 * 3` and `a*b` therefore stay multiplications.
    """
    pairs: dict[int, int] = {}
    opener: re.Match[str] | None = None
    for run in (piece for piece in pieces if piece.lastgroup == "stars"):
        if opener is not None and len(run[0]) == len(opener[0]) and _closes(narration, run):
            pairs[opener.start()] = min(len(run[0]), 2)
            pairs[run.start()] = 0
            opener = None
        elif _opens(narration, run):
            opener = run
    return pairs


def _opens(narration: str, run: re.Match[str]) -> bool:
    before, after = narration[run.start() - 1 : run.start()], narration[run.end() : run.end() + 1]
    return bool(after) and not after.isspace() and not _in_word(before)


def _closes(narration: str, run: re.Match[str]) -> bool:
    before, after = narration[run.start() - 1 : run.start()], narration[run.end() : run.end() + 1]
    return not before.isspace() and not _in_word(after)


def _in_word(character: str) -> bool:
    return character.isalnum() and not is_unspaced(character)
