"""The figures by which voices are compared: which words count as wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.voices import Hearing, error_interval, error_rate, plain_words, sounds_alike, word_errors

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12)


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("The gate opens.", "the gate opens", 0),
        ("thirty-nine and eigh", "thirty nine and a", 0),
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


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("the root", "the route", 0),
        ("colour", "color", 0),
        ("pie, doctor", "pi dr", 0),
        ("red", "read", 0),
        ("the drain", "the train", 1),
        ("halve it", "half it", 1),
        ("a mosfet", "a bisect", 1),
        ("a mosfet", "a mosfet", 0),
    ],
)
def test_only_words_with_the_same_sound_are_forgiven(said: str, heard: str, errors: int) -> None:
    """A voice would be blamed for the spelling of a recogniser, or praised for a word that it blurs."""
    pytest.importorskip("pocketsphinx")
    assert word_errors(plain_words(said), plain_words(heard), sounds_alike) == errors


def _hearings(errors: list[int]) -> list[Hearing]:
    return [Hearing(text="", heard="", errors=each, words=10, unknown=0, score=4.0) for each in errors]


def test_the_interval_narrows_with_more_sentences() -> None:
    """A voice would be chosen by a difference that other sentences would turn round."""
    few, many = _hearings([0, 4]), _hearings([0, 4] * 100)
    (few_low, few_high), (low, high) = error_interval(few), error_interval(many)
    assert few_low < low < error_rate(many) < high < few_high
    assert error_interval(_hearings([2, 2, 2])) == (0.2, 0.2)
