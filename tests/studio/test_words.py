"""Rules of words, tried with many inputs besides the tables of sentences."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.spoken.capitals import has_shape_of_a_word
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.reading import UnreadableText, normalise
from video_assets.studio.spoken.roman import roman_value

KNOWN = ("en", "de", "fr", "es", "hi", "zh")
TITLES = {
    "en": "the cell membrane protects plants and animals from light strength growth energy planet kings world water",
    "de": "die zelle schützt pflanzen und tiere vor strom nicht wichtig kraft mensch wasser licht frucht die welt",
    "fr": "la cellule protège les plantes et les animaux de la lumière attention monde force eau pas",
    "es": "la célula protege las plantas los animales de la luz fuerza mundo agua importante no",
}


def said(language: str, narration: str) -> list[str]:
    spoken = normalise(parse(narration), language_of(language), {})
    return [word.text.strip(".,;:?!，。；：？！、") for word in spoken]


@pytest.mark.parametrize("language", TITLES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_title_in_capitals_is_read_like_the_same_words(language: str, data: st.DataObject) -> None:
    """A class would hear "P H O T O S Y N T H E S I S"."""
    words = data.draw(st.lists(st.sampled_from(TITLES[language].split()), min_size=3, max_size=8))
    first = TITLES[language].split()[0]
    assert said(language, f"{first} {' '.join(words)}".upper()) == f"{first} {' '.join(words)}".split()


@pytest.mark.parametrize("language", ("en", "de", "fr", "es"))
@given(acronym=st.text("BCDFGHJKLMNPQRSTVWXZ", min_size=2, max_size=5))
@settings(max_examples=80, deadline=None)
def test_consonants_are_spelled(language: str, acronym: str) -> None:
    """A class would hear a noise for "DVD" or "HTML"."""
    tables = language_of(language)
    if acronym in tables.acronyms or acronym.lower() in tables.common_capitals or roman_value(acronym):
        return
    assert not has_shape_of_a_word(acronym)
    assert said(language, acronym) == [tables.letter(letter) for letter in acronym] or acronym in tables.units


@given(st.text("ab\\dnC:.xyz 12+", max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_backslash_is_shown_and_spoken(text: str) -> None:
    """A class would see and type `C:Usersme`."""
    assert parse(text).text == text
    count = said("en", f"word {text}").count("backslash") if text.strip() else text.count("\\")
    assert count == text.count("\\")


STRANGE = "💩☃Жꙮ漢ʰ\uf8ff"


@given(st.lists(st.sampled_from([*STRANGE, "word ", "a ", "ﬁne ", "2 ", ", "]), max_size=12))
@settings(max_examples=200, deadline=None)
def test_every_character_without_a_word_is_named(pieces: list[str]) -> None:
    """An author would mend one character, start again, and be told of the next."""
    narration = "".join(pieces)
    strange = [(at, character) for at, character in enumerate(narration) if character in STRANGE]
    try:
        normalise(parse(narration), language_of("en"), {})
    except UnreadableText as error:
        assert [(each.offset, each.character) for each in error.characters] == strange
        assert all(each.remedy and each.character in each.message for each in error.characters)
    else:
        assert not strange


@given(st.integers(2, 39))
def test_kings_and_centuries_have_ordinal_numbers(number: int) -> None:
    """A class would hear "Louis X I V" and "the X I X century"."""
    roman = next(text for text in _romans() if roman_value(text) == number)
    english = language_of("en")
    assert english.ordinal is not None
    ordinal = english.ordinal(number)
    assert " ".join(said("en", f"King Louis {roman}'s wars")) == f"King Louis the {ordinal}'s wars"
    assert " ".join(said("en", f"in the {roman} century")) == f"in the {ordinal} century"
    assert " ".join(said("es", f"el siglo {roman}")) == f"el siglo {number}"
    assert " ".join(said("zh", f"{roman}世纪")).replace(" ", "") == f"{number}世纪"


def _romans() -> list[str]:
    return [
        f"{tens}{ones}"
        for tens in ("", "X", "XX", "XXX")
        for ones in ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    ]


@pytest.mark.parametrize("language", ["ru", "it", "pt", "sv", "pl", "tr", "ja", "ar"])
@given(
    low=st.integers(1, 99), high=st.integers(100, 2000), dash=st.sampled_from("-–—−"), space=st.sampled_from(("", " "))
)
@settings(max_examples=20, deadline=None)
def test_a_range_needs_a_word_of_the_language(language: str, low: int, high: int, dash: str, space: str) -> None:
    """A class would hear "ten, twenty minutes" for `10–20`."""
    with pytest.raises(UnreadableText, match=re.escape(f"“{dash}”")):
        said(language, f"{low}{space}{dash}{space}{high}")


@pytest.mark.parametrize("language", KNOWN)
@given(note=st.sampled_from(("¹", "⁴", "¹²", ".¹", ".²", ",³")))
def test_a_mark_of_a_note_is_silent(language: str, note: str) -> None:
    """A class would hear "light to the one"."""
    word = {"hi": "प्रकाश", "zh": "光"}.get(language, "light")
    assert said(language, f"{word}{note} {word}") == said(language, f"{word} {word}")


def test_letters_keep_their_base() -> None:
    """A class would hear "letter one E C five" in a name."""
    for code in range(0x1E00, 0x1F00):
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)[0]
        if base == letter or not letter.islower():
            continue
        assert said("en", f"ba{letter}bo") == [f"ba{base}bo".replace("ſ", "s")]
