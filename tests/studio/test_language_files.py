"""The words of each language, as files: complete, valid, and read only when they are used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.slides.phrases import function_words
from video_assets.studio.slides.phrases.function_words import (
    FunctionWords,
    function_words_in,
    function_words_of,
    headings_of,
)
from video_assets.studio.spoken import languages
from video_assets.studio.spoken.languages import language_file as files
from video_assets.studio.spoken.languages import registry
from video_assets.studio.spoken.languages.build import build_language
from video_assets.studio.spoken.languages.language import Language
from video_assets.studio.spoken.languages.number_functions import NumberFunctions
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.reading import normalise, rules_of

FOLDER = Path(str(languages.__file__)).parent
KNOWN = ("de", "en", "es", "fr", "hi", "zh")
ONLY_WRITTEN = ("ar", "ja")
"""Languages with words for captions and pages, but none to be read aloud with."""
WORDS_OF_ITS_OWN = {
    *("acronyms", "abbreviations", "letters.names", "absent", "own"),
    *("amounts.compass", "amounts.dollars", "amounts.money_scales", "amounts.number_scales"),
}
"""Tables whose keys are words of the language. Other languages have other words, not the same ones."""


def content(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def keys(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        path = f"{prefix}{key}"
        if path in WORDS_OF_ITS_OWN:
            continue
        if isinstance(value, dict):
            yield from keys(value, f"{path}.")
        else:
            yield path


def noted(language: str, kind: str) -> set[str]:
    """The keys that the file gives a reason for; `dates.clock` stands for all keys below it."""
    return {key for note in content(language).get(kind, ()) for key in note["keys"]}


def said(text: str, language: Language) -> str:
    return " ".join(word.text for word in normalise(parse(text), language, {}))


def read(path: Path) -> files.LanguageFile:
    file = files.read_language_file(path)
    assert isinstance(file, files.LanguageFile)
    return file


def copy(tmp_path: Path, old: str, new: str) -> Path:
    path, text = tmp_path / "xx.toml", (FOLDER / "es.toml").read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_every_language_has_a_file() -> None:
    """A class would hear its lesson with the few words of an unknown language."""
    assert {path.stem for path in FOLDER.glob("*.toml")} == {*KNOWN, *ONLY_WRITTEN, "neutral"}
    assert all(language_of(tag).has_tables and language_of(tag).tag == tag for tag in KNOWN)
    assert not any(language_of(tag).has_tables for tag in ("pt", *ONLY_WRITTEN))
    assert not language_of("neutral").has_tables


@pytest.mark.parametrize("language", KNOWN)
def test_all_languages_know_the_same_keys(language: str) -> None:
    """A teacher who translates a lesson would hear `300 rpm` spelled: the unit was known in English only."""
    mine, absent, own = set(keys(content(language))), noted(language, "absent"), noted(language, "own")
    others = {key for other in KNOWN if other != language for key in keys(content(other))}
    own_elsewhere = {key for other in KNOWN if other != language for key in noted(other, "own")}
    missing = {key for key in others - mine - own_elsewhere if not absent & {key, key.rpartition(".")[0]}}
    assert missing == set(), "add the words, or the reason to [[absent]]"
    assert mine - others == own, "[[own]] lists what only this language has, with the reason"
    assert {key for key in absent if any(each == key or each.startswith(f"{key}.") for each in mine)} == set()
    assert {key for key in absent if not any(each == key or each.startswith(f"{key}.") for each in others)} == set()


@pytest.mark.parametrize("language", KNOWN)
def test_every_expression_compiles(language: str) -> None:
    """A lesson in this language would fail with an error of a regular expression."""
    tables, small = language_of(language), function_words_of(language)
    assert rules_of(tables)
    expressions = [tables.year_refused, tables.reigning, tables.letter_markers, *tables.unit_words.values()]
    for expression in (*expressions, small.preface, small.suffix, small.cut):
        re.compile(expression)


def test_only_the_language_in_use_is_read() -> None:
    """Each command would wait for the words of all languages, though its lessons are in one."""
    for remembered in (registry.language_of, registry._known, files._file, function_words._known):
        remembered.cache_clear()
    language_of("de-AT")
    function_words_of("de")
    headings_of("de_CH")
    assert files._file.cache_info().currsize == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("percent = '{} por ciento'", "percent = 'por ciento'", "numbers.percent: .*must have {} 1 times"),
        ("point = 'coma'", "pointt = 'coma'", "numbers.point: Field required"),
        ("'∫' = 'integral de {} a {} de'", "'∫' = 'integral'", "formulas.limits.∫"),
        ("kg = [", "kg = ['a', ", "units.kg"),
        ("scripts = ['latin']", "scripts = ['runes']", "writing.scripts.0"),
        ("[symbols]", "[symbols", "line"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    """A person who adds a language would search two thousand lines for one wrong entry."""
    path = copy(tmp_path, old, new)
    with pytest.raises(SettingInvalid, match=rf"xx\.toml cannot be read: .*{told}") as problem:
        files.read_language_file(path)
    assert str(path) in problem.value.remedy


def test_a_new_language_is_one_file(tmp_path: Path) -> None:
    """A person who adds a language would have to write code for numbers that the voice reads well."""
    file = read(copy(tmp_path, "to = 'a'", "to = 'hasta'"))
    new = build_language("xx", file, NumberFunctions())
    assert said("1 km, 3/17, 5–10", new) == "un kilómetro, 3 sobre 17, 5 hasta 10"
    assert said("2026-11-21, 10:30, 1:00", new) == "21 de noviembre de 2026, 10 y 30, una en punto"


ORDINARY = {
    "de": "a ab als am an auf bei da das der die du er es gab im in ist ja je mag man nur ob so um und wo zu",
    "en": "a all an and as at be but by can cow do for go he I if in is it me my no of on or so the to up us we",
    "es": "a al con da de del e el en es ir la las le lo me mi ni no o os por que se si su te tu u un va y ya yo",
    "fr": "a à ai au ce de du en es et eu il je la le les ma me mi mo ne ni no on or os ou où sa se si tu un va vu y",
}
NOUNS = {"de": "Hunde kamen", "en": "dogs came", "es": "perros vinieron", "fr": "chiens venus"}
NUMBERS = st.sampled_from(["2", "5", "12", "40", "300", "2,5"])


def ordinary_words(language: str) -> list[str]:
    """Short words and all function words, without those that are read by what follows, and the time of day `5 am`."""
    words = {*ORDINARY[language].split(), *function_words_of(language).stop} - set(language_of(language).unit_words)
    return sorted(word for word in words if word.isalpha() and (language, word) != ("en", "am"))


@settings(max_examples=150, deadline=None)
@given(st.data())
@pytest.mark.parametrize("language", sorted(ORDINARY))
def test_a_word_after_a_number_stays_a_word(language: str, data: st.DataObject) -> None:
    """A French class would hear "5 nanooctets" for "5 no", and a Spanish one hectares for "has"."""
    tables = language_of(language)
    words = data.draw(st.lists(st.sampled_from(ordinary_words(language)), min_size=1, max_size=3))
    number = data.draw(NUMBERS)
    rest = f"{' '.join(words)} {NOUNS[language]}"
    assert said(f"{number} {rest}.", tables) == f"{said(number, tables)} {said(f'{rest}.', tables)}"


@pytest.mark.parametrize("language", KNOWN)
def test_no_unit_is_a_function_word(language: str) -> None:
    """A class would hear a unit in the middle of an ordinary sentence."""
    tables = language_of(language)
    assert set(tables.units) & function_words_of(language).stop == set(tables.unit_words)


def test_a_unit_that_is_also_a_word_is_told_by_what_follows() -> None:
    """A Spanish class would hear that flight 5 "hectares left"."""
    spanish = language_of("es")
    assert said("El vuelo 5 ha salido, el 1 ha llegado.", spanish) == "El vuelo 5 ha salido, el 1 ha llegado."
    assert said("5 ha de trigo y 1 ha", spanish) == "5 hectáreas de trigo y una hectárea"


def test_units_are_listed_in_both_encodings_of_their_signs() -> None:
    """An author whose keyboard types the other micro sign would hear the unit spelled."""
    for language in KNOWN:
        units = language_of(language).units
        assert units["\u00b5F"] == units["\u03bcF"]
        assert units["k\u03a9"] == units["k\u2126"]


def test_function_words_of_an_unknown_role_are_an_error(tmp_path: Path) -> None:
    """A person who misspelled a role would see no effect and no message."""
    file = read(copy(tmp_path, "copulas = ", "coupla = "))
    with pytest.raises(SettingInvalid, match=r"xx\.toml .* unknown role: coupla"):
        function_words_in(file, "xx")


def test_a_language_without_a_file_has_no_function_words() -> None:
    """A Portuguese film would get key phrases cut by the words of another language."""
    assert function_words_of("pt") == FunctionWords()
    assert headings_of("pt") is None


@pytest.mark.parametrize("sign", ["\u00b5\u03a9", "\u03bc\u03a9", "\u00b5\u2126", "\u03bc\u2126"])
def test_signs_that_look_the_same_are_the_same_unit(sign: str) -> None:
    """A physics teacher's 5 µΩ would be spelled as two Greek letters, depending on the keyboard that typed it."""
    assert language_of("en").units[sign].many == "micro-ohms"


@pytest.mark.parametrize("text", ["D.h. gilt das.", "Dr. h.c. Klein", "Teil B.c"])
def test_an_abbreviation_of_single_letters_is_no_file(text: str) -> None:
    """A lecturer's "h.c." would be read as a file name: "h Punkt C"."""
    assert "Punkt" not in said(text, language_of("de"))


def test_a_file_name_with_a_short_ending_is_one() -> None:
    """A programmer would hear "main." and a stray letter."""
    assert said("Die Datei main.c fehlt.", language_of("de")) == "Die Datei main Punkt C fehlt."
