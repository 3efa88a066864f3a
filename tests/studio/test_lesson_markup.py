"""Faults of markup are found at their place, and agree with what the script makes of the same text."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.work import calls, hang_guard
from video_assets.studio.core.errors import ContentError
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.markup_syntax import markup_problems, says_something


@pytest.mark.parametrize(
    ("narration", "expected"),
    [
        ("It is *hot* and **cold**, 2 * 3 *", []),
        ("See [1] and [the list], a[i] = b", []),
        ("[pause] [pause 800ms] [pause 1.5s] [slow]x[/slow] [rate 80%]y[/rate] [SQL|sequel]", []),
        ("\\[pause xyz] and `[slow]` are shown", []),
        ("A [pause xyz] here", [("unknown-markup", "warning", 2)]),
        ("A [puase] here", [("unknown-markup", "warning", 2)]),
        ("A [|x] here", [("unknown-markup", "warning", 2)]),
        ("A [pause 99s] here", [("pause-length", "error", 2)]),
        ("A [pause 0ms] here", [("pause-length", "error", 2)]),
        ("A [rate 900%]x[/rate] here", [("rate-out-of-range", "error", 2)]),
        ("A [slow] here", [("unclosed-markup", "error", 2)]),
        ("A [/fast] here", [("unopened-markup", "error", 2)]),
        ("[slow]a [fast]b[/slow]", [("unclosed-markup", "error", 8)]),
    ],
)
def test_markup_faults_have_their_place(narration, expected):
    """A class would hear "bracket pause x y z", and the author would not know which of twelve brackets it was."""
    assert [(fault.code, fault.severity, fault.offset) for fault in markup_problems(narration)] == expected


@pytest.mark.parametrize("narration", ["x", "½", "λ", "你", "∞", "2", "[x|y]", "`a`", "\\a"])
def test_a_narration_with_anything_to_say_counts(narration):
    """A section that only says "λ" would be refused as empty."""
    assert says_something(narration)


@pytest.mark.parametrize(
    "narration", ["", " \n", "…", "—", "[pause]", "[slow][/slow]", "**", "[x|]", "[pause 2s] ...", "[show 2] [point]"]
)
def test_a_narration_with_nothing_to_say_is_known(narration):
    """A section without a sound would break the film after the voice had been paid for."""
    assert not says_something(narration)


PIECES = [
    "[show]",
    "[show 2]",
    "[point a gate]",
    "[point]",
    "[show",
    "[pause]",
    "[pause 99s]",
    "[pause 0s]",
    "[slow]",
    "[/slow]",
    "[fast]",
    "[/fast]",
    "[rate 80%]",
    "[rate 9%]",
]
PIECES += [
    "[/rate]",
    "[a|b]",
    "[a|",
    "]",
    "[",
    "|",
    "`",
    "``",
    "\\",
    "*",
    "**",
    "word",
    " ",
    "\n",
    "[x]",
    "[pause xyz]",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_check_and_the_script_agree(narration):
    """A lesson would pass the check and fail in the middle of a run, or be refused although it can be spoken."""
    wrong = any(fault.severity == "error" for fault in markup_problems(narration))
    try:
        parse(narration)
    except ContentError:
        assert wrong
    else:
        assert not wrong


HOSTILE: dict[str, Callable[[int], str]] = {
    "backticks": lambda length: "`" * length,
    "runs": lambda length: "``````````x" * (length // 11),
    "growing runs": lambda length: "".join("`" * n + "x" for n in range(math.isqrt(2 * length))),
    "spaces": lambda length: "[pause" + " " * length,
    "open sayings": lambda length: "[a|" * (length // 3),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_work_on_hostile_markup_grows_with_its_length(kind: str) -> None:
    """Hundreds of such sections fit into one file and would hold up everyone else's lessons.

    The second half is for regular expressions, whose work is not seen in calls: a quadratic one hangs at this length.
    """

    def check(length: int) -> Callable[[], object]:
        narration = HOSTILE[kind](length)
        return lambda: (markup_problems(narration), says_something(narration))

    check(100)()
    assert calls(check(20_000)) <= 2.2 * calls(check(10_000)) + 100
    with hang_guard():
        check(300_000)()
