"""The figures by which voices are compared: which words count as wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.voices import plain_words, word_errors

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12)


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("The gate opens.", "the gate opens", 0),
        ("thirty-nine, pie and eigh", "thirty nine pi and a", 0),
        ("It’s five.", "it's hive", 1),
        ("one two three", "one three", 1),
        ("one two", "one and two", 1),
        ("Hello!", "the man", 2),
        ("some words", "", 2),
    ],
)
def test_wrong_missing_and_added_words_count(said: str, heard: str, errors: int) -> None:
    """A change of the front end would be judged by a figure that counts spelling, or misses words."""
    assert word_errors(plain_words(said), plain_words(heard)) == errors


@given(WORDS, WORDS)
def test_errors_are_a_distance(said: list[str], heard: list[str]) -> None:
    """A better voice could get the worse figure."""
    errors = word_errors(said, heard)
    assert errors == word_errors(heard, said)
    assert (errors == 0) == (said == heard)
    assert abs(len(said) - len(heard)) <= errors <= max(len(said), len(heard))
