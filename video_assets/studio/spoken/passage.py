"""The common types of the reading rules (a spoken piece, a passage, a rule), and tests of a place in a text.

Does not belong here: the rules themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language

from .characters import HAN_AND_KANA, OPERATORS, SUBSCRIPT_CLASS, SUPERSCRIPT_CLASS, has_unspaced
from .formula_spans import Formulas
from .formulas import find_formulas
from .markup import MarkedFormula
from .pattern_starts import may_begin_with_space


class SpokenPiece(NamedTuple):
    """Words for the voice, and the visible character that they stand for. A melody mark alone joins the word before."""

    text: str
    at: int


SpokenPieces = tuple[SpokenPiece, ...]


@dataclass(frozen=True)
class Passage:
    """The text being read, its language, its pairs of brackets, and a function that reads a part of it."""

    text: str
    language: Language
    pairs: Mapping[int, int]
    """Position of each matched bracket -> position of its partner."""
    read: Callable[[int, int], SpokenPieces]
    """Read `text[start:end]` with all rules."""
    written: Sequence[MarkedFormula] = ()
    """The formulas that the author wrote as LaTeX."""

    @cached_property
    def formulas(self) -> Formulas:
        """The formulas in the text, which are found once."""
        return find_formulas(self.text, self.language, self.written)

    @cached_property
    def has_unspaced(self) -> bool:
        """Whether the text has a character of a script without spaces between words."""
        return has_unspaced(self.text)

    def in_formula(self, at: int) -> bool:
        """Whether the character `at` belongs to a formula."""
        return self.formulas.hold(at)


@dataclass(frozen=True)
class Rule:
    """If `source` matches, `read` gives the spoken pieces of the match. None lets the next rule try.

    `source` has no back-references, because it is part of larger expressions, in which its groups do not capture, and
    none of the flags `s` and `x` (see `pattern_starts`).
    """

    source: str
    read: Callable[[re.Match[str], Passage], SpokenPieces | None]
    only_at: Callable[[Passage, int], bool] | None = None
    """Whether the rule can read anything from a place on: for a rule that matches most words and reads few."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled on first use, because a lesson needs few rules of a language."""
        return re.compile(self.source)


LONGEST_MATCH = 400
"""No rule sees more characters at once. Addresses and identifiers are shorter. Without this limit, a text of 10,000
characters without a space would be scanned to its end from each of its characters."""


class RuleBook:
    """The rules of a language, in the order in which they are tried; see `bounded` for texts with Chinese in them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    def read(self, passage: Passage, start: int, end: int) -> tuple[SpokenPieces, int] | None:
        """The spoken pieces for the text from `start` on, and the end of that text; None if no rule matches."""
        rules = self._bounded if passage.has_unspaced else self._plain
        return rules.read(passage, start, min(end, start + LONGEST_MATCH))

    @cached_property
    def _plain(self) -> _OrderedRules:
        return _OrderedRules(self.rules)

    @cached_property
    def _bounded(self) -> _OrderedRules:
        # Large classes of characters take most of the time of compiling, so texts without such characters have none.
        return _OrderedRules(tuple(replace(rule, source=bounded(rule.source)) for rule in self.rules))


class _OrderedRules:
    """Finds the first rule that reads a place."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)

    @cached_property
    def _blocks(self) -> tuple[_Block, ...]:
        return tuple(_blocks(self._rules))

    @cached_property
    def _blocks_at_space(self) -> tuple[_Block, ...]:
        # Every second place is a space, and nine of ten rules begin with something else.
        return tuple(_blocks([rule for rule in self._rules if may_begin_with_space(rule.source)]))

    def read(self, passage: Passage, start: int, end: int) -> tuple[SpokenPieces, int] | None:
        text = passage.text
        for block in self._blocks_at_space if text.startswith(" ", start) else self._blocks:
            if block.only_at and not block.only_at(passage, start):
                continue
            found = block.expression.match(text, start, end)
            for rule in block.from_rule[found.lastindex or 0] if found else ():
                match = rule.pattern.match(text, start, end)
                if match and match.end() > start and (pieces := rule.read(match, passage)) is not None:
                    return pieces, match.end()
        return None


class _Block(NamedTuple):
    """Consecutive rules. One expression finds the first that matches, because to try each takes five times as long."""

    expression: re.Pattern[str]
    """Its last group is the number of the rule that matches."""
    from_rule: tuple[tuple[Rule, ...], ...]
    """By the number of a rule, from 1 on: that rule and those behind it. They are tried if it declines its match."""
    only_at: Callable[[Passage, int], bool] | None


_BLOCK = 20
"""The most rules in a block."""


def _blocks(rules: Sequence[Rule]) -> Iterator[_Block]:
    """`rules` in their order, in blocks; each rule with `only_at` is alone."""
    together: list[Rule] = []
    for rule in rules:
        if together and (rule.only_at or together[0].only_at or len(together) == _BLOCK):
            yield _block_of(together)
            together = []
        together.append(rule)
    if together:
        yield _block_of(together)


def _block_of(rules: Sequence[Rule]) -> _Block:
    # The empty group after each rule is the only group, so it identifies the rule that matched.
    expression = re.compile("|".join(f"(?:{_without_captures(rule.source)})()" for rule in rules))
    return _Block(expression, ((), *(tuple(rules[at:]) for at in range(len(rules)))), rules[0].only_at)


_GROUP = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\((?:\?P<\w+>|(?!\?))", re.DOTALL)
"""An escaped character or a class of characters, which stays (group 1), or the start of a group that captures."""


def _without_captures(source: str) -> str:
    """`source` with groups that capture nothing. The cost of each capture grows with the groups before it."""
    return _GROUP.sub(lambda match: match[1] or "(?:", source)


class NoWordError(Exception):
    """No rule has a word for the visible characters in `spans`. `normalise` raises UnreadableText for them."""

    def __init__(self, *spans: tuple[int, int]) -> None:
        super().__init__(*spans)
        self.spans = spans


Entry = tuple[str, Callable[[re.Match[str], Passage], SpokenPieces | None]]
"""A rule in a table, with its pattern not compiled yet."""


_LOOK_AROUND = re.compile(r"\(\?(<?)!\[?\\w([^\]()]*)\]?\)")


def bounded(pattern: str) -> str:
    """`pattern` with `\\w` in its negative look-arounds read as a letter of a script with spaces between words.

    A name ends where Chinese begins: `V_GS大于V_T`. Elsewhere in a pattern `\\w` keeps its meaning.
    """
    return _LOOK_AROUND.sub(_spaced_look_around, pattern)


def _spaced_look_around(match: re.Match[str]) -> str:
    behind, rest = match[1], match[2]
    others = f"(?{behind}![{rest}])" if rest else ""
    return f"(?{behind}![^\\W{HAN_AND_KANA}]){others}"


def compiled(entries: Iterable[Entry | Rule]) -> tuple[Rule, ...]:
    """The table's rules, in its order."""
    return tuple(entry if isinstance(entry, Rule) else Rule(*entry) for entry in entries)


def by_first_character(names: Iterable[str]) -> str:
    """An expression for any of `names`, tried in order. Names with the same first character share a branch."""
    rests: dict[str, list[str]] = {}
    for name in names:
        rests.setdefault(name[0], []).append(re.escape(name[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(those)})" for first, those in rests.items())


def words_of(pieces: SpokenPieces) -> str:
    """The words without melody marks."""
    return " ".join(piece.text for piece in pieces if any(character.isalnum() for character in piece.text))


def fill_template(template: str, inner: SpokenPieces, at: int) -> SpokenPieces:
    """`inner` in place of the template's `{}`. Words before it belong to its place, words after it to `at`."""
    before, _, after = template.partition("{}")
    first = inner[0].at if inner else at
    head = (SpokenPiece(before.strip(), first),) if before.strip() else ()
    tail = (SpokenPiece(after.strip(), at),) if after.strip() else ()
    if head and not tail and inner:
        return (*head, *(SpokenPiece(piece.text, max(piece.at, at)) for piece in inner))
    return (*head, *inner, *tail)


def pairs_of_brackets(text: str) -> Mapping[int, int]:
    """Opening -> closing and closing -> opening position, for round brackets."""
    pairs: dict[int, int] = {}
    open_at: list[int] = []
    for at, character in enumerate(text):
        if character in "(（":
            open_at.append(at)
        elif character in ")）" and open_at:
            start = open_at.pop()
            pairs[start], pairs[at] = at, start
    return pairs


_BEFORE = re.compile(
    rf"(?:(?:\d|[)\]）{SUPERSCRIPT_CLASS}{SUBSCRIPT_CLASS}′%°½¼¾∞\u0370-\u03ff]|(?:^|[^A-Za-zÀ-ɏ'’.])[A-Za-z]|_\}}?\w+\}}?)\s*)$"
)
_AFTER = re.compile(
    r"\s*(?:[+−-]?\s?(?:\d|[(（√∞∂∫∑½¼¾|\u0370-\u03ff]|[A-Za-z](?![^\W\d_]|['’])|[A-Za-z]{1,2}[_²³⁻^(]))"
)
_NEAR = 24


def operand_before(text: str, at: int) -> bool:
    """Whether a number, a variable or a bracket ends right before `at` (spaces aside)."""
    return bool(_BEFORE.search(text[max(0, at - _NEAR) : at]))


def operand_after(text: str, at: int) -> bool:
    """Whether a number, a variable or a bracket starts at `at` (spaces aside)."""
    return bool(_AFTER.match(text[at : at + _NEAR]))


def beside_operator(text: str, start: int, end: int) -> bool:
    """Whether the nearest character before or after `text[start:end]` is a mathematical operator."""
    before = text[max(0, start - _NEAR) : start].rstrip()[-1:]
    after = text[end : end + _NEAR].lstrip()[:1]
    return before in OPERATORS if before and before in OPERATORS else bool(after) and after in OPERATORS
