"""Formulas that a grammar generates: every operator, sign, fence, function and name is said, in order, everywhere."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from video_assets.studio.spoken.languages.language import Language
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.reading import normalise

from .formula_grammar import Written, formulas, split_words

LANGUAGES = ("en", "de", "fr", "es", "hi", "zh")
SENTENCES = {
    "en": ("{}", "So {} holds.", "We write {}, and go on.", "The law ({}) is old."),
    "de": ("{}", "Also gilt {} immer.", "Wir schreiben {}, und weiter.", "Das Gesetz ({}) ist alt."),
    "fr": ("{}", "Donc {} est vrai.", "On écrit {}, puis on continue.", "La loi ({}) est ancienne."),
    "es": ("{}", "Entonces {} vale siempre.", "Escribimos {}, y seguimos.", "La ley ({}) es antigua."),
    "hi": ("{}", "तो {} सही है।", "हम {} लिखते हैं।", "यह नियम ({}) पुराना है।"),
    "zh": ("{}", "所以{}成立。", "我们写{}，然后继续。", "定律（{}）很老。"),
}


def said(text: str, language: Language) -> list[str]:
    spoken = normalise(parse(text.replace("*", "\\*").replace("[", "\\[")), language, {})
    return split_words(" ".join(word.text for word in spoken))


def unsaid(expected: list[str], spoken: list[str], fillers: set[str]) -> str:
    """ "" if `spoken` is `expected` with only `fillers` between; else the first word where they part."""
    at = 0
    for position, word in enumerate(spoken):
        if at < len(expected) and word == expected[at]:
            at += 1
        elif word not in fillers:
            return (
                f"“{word}” (word {position + 1}) was said before “{expected[at] if at < len(expected) else 'the end'}”"
            )
    return "" if at == len(expected) else f"“{expected[at]}” was not said"


def fillers_of(language: Language) -> set[str]:
    """The words that brackets and neighbours add: "of", "the quantity", "times"."""
    maths = language.maths
    return set(split_words(" ".join((maths.of, maths.quantity, maths.times))))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(formula=formulas, sentence=st.integers(0, 3))
def test_everything_that_a_formula_holds_is_said(language: str, formula: Written, sentence: int) -> None:
    """A class would learn "F equals k x" for `F = -kx`: something false, without a warning."""
    tables = language_of(language)
    before, after = SENTENCES[language][sentence].split("{}")
    expected = split_words(f"{before} {formula.words(tables)} {after}")
    spoken = said(before + formula.text + after, tables)
    problem = unsaid(expected, spoken, fillers_of(tables))
    assert not problem, f"{formula.text!r}: {problem}\nexpected: {expected}\nspoken:   {spoken}"
