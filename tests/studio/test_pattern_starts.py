"""Which rules may be left out at a space."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studio.test_spoken_cases import spoken_cases
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.pattern_starts import may_begin_with_space
from video_assets.studio.spoken.reading import rules_of

_ATOMS = (
    "a",
    r"\d",
    r"\s",
    " ",
    ".",
    "[^a]",
    "[a ]",
    r"[\w]",
    r"\ ",
    r"\u0020",
    "(?=a)",
    "(?<! )",
    "$",
    r"\b",
    "[]|(a]",
)
_PATTERNS = st.recursive(
    st.sampled_from(_ATOMS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(("?", "*?", "+", "{0,2}", "{1,2}"))).map(lambda pair: f"({pair[0]}){pair[1]}"),
        inner.map(lambda part: f"(?!{part})"),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.text(" a1]|(", max_size=4))
def test_an_expression_that_matches_at_a_space_is_found(pattern: str, rest: str) -> None:
    """A rule would never read what it is for, and the class would hear the signs read one by one."""
    if re.match(pattern, " " + rest):
        assert may_begin_with_space(pattern)


@pytest.mark.parametrize(
    "pattern", ["a", r"\d+ ", "(?<= )a| a", "[^ ]", "(?: a|b)", r"(?! )\S", "(a)+ ", "a?b ", "[|] "]
)
def test_an_expression_that_begins_with_something_else_is_told_apart(pattern: str) -> None:
    """Every rule would be tried at every space, and the check of a long course would take twice as long."""
    assert may_begin_with_space(pattern) == (" a" in pattern)


@pytest.mark.parametrize("tag", ["en", "de", "fr", "es", "hi", "zh"])
def test_rules_that_are_left_out_at_a_space_match_none(tag: str) -> None:
    """An author's amount after a space would be read wrongly in this language alone."""
    left_out = [rule for rule in rules_of(language_of(tag)).rules if not may_begin_with_space(rule.source)]
    assert left_out
    narrations = [narration for language, narration, _ in spoken_cases() if language == tag]
    for narration in narrations:
        for at in (match.start() for match in re.finditer(" ", narration)):
            for rule in left_out:
                assert not rule.pattern.match(narration, at), rule.source
