"""The script: every shown word once and in place, and a voice that is given words a teacher would say."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import ContentError
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import (
    Pause,
    SectionWords,
    SpokenWord,
    expected_seconds,
    merge_pronunciations,
    spoken_text,
    write_section,
)
from video_assets.studio.spoken.characters import NO_BREAK_SPACES
from video_assets.studio.spoken.markup import parse

LANGUAGES = ("en", "de", "fr", "es", "hi", "zh", "it", "ja")

_PIECES = st.sampled_from(
    [
        *[
            "aAxX",
            "I",
            "V_GS",
            "V_T",
            "3.5",
            "kΩ",
            "25",
            "°C",
            "50",
            "%",
            "$5",
            "€3.50",
            "1,234.5",
            "2026-11-21",
            "10:30",
            "1st",
            "≥",
            "≠",
            "±",
            "×",
            "÷",
            "≈",
            "→",
            "∞",
            "√",
            "∑",
            "∫",
            "∂",
            "Δ",
            "π",
            "µ",
            "λ",
            "½",
            "x²",
            "H₂O",
            "10⁻³",
            "f(x)",
            "=",
            "2x",
            "+",
            "1",
            "a/b",
            "O(n",
            "3/4",
            "NASA",
            "MOSFETs",
            "World",
            "War",
            "II",
            "Louis",
            "XIV",
            "e.g.",
            "Dr.",
            "Fig.",
            "5–10",
            "—",
            "…",
            "-5",
            "1969",
            "1990s",
            "*so*",
            "**very**",
            "*",
            "**",
            "[pause]",
            "[pause",
            "2s]",
            "[slow]",
            "[/slow]",
            "[rate",
            "80%]",
            "[/rate]",
            "[SQL|sequel]",
            "[x|]",
            "`a*b`",
            "\\*",
            "(",
            ")",
            "((",
            "))",
            "[1]",
            "{",
            "}",
            "|",
            "|x|",
            "^2",
            "^{n}",
            "_{i}",
            '"',
            "'",
            "’",
            "“",
            "”",
            "«",
            "»",
            ".",
            ",",
            ";",
            ":",
            "!",
            "?",
            "-",
            "−",
            "/",
            "//",
            "\\",
            "&",
            "#",
            "@",
            "~",
            "<",
            ">",
            "=>",
            "->",
            "!=",
            "www.a.org",
            "main.py",
            "über",
            "straße",
            "élève",
            "niño",
            "धारा",
            "है।",
            "电流",
            "重点，",
            "₹5",
            "東京",
            "ー",
            "😀",
            "\u200b",
            "\xad",
            "é",
            "ᵀ",
            "²³⁵U",
            "C++",
            "n!",
            "#1",
        ],
        " ",
        "  ",
        "",
        "\n",
    ]
)
NARRATIONS = st.one_of(
    st.lists(_PIECES, min_size=1, max_size=14).map("".join),
    st.lists(_PIECES, min_size=1, max_size=14).map(" ".join),
    st.text(max_size=40),
)


def section(narration: str) -> Section:
    return Section(id="s", pointer="/sections/0", line=1, narration=narration)


def written(narration: str, language: str = "en", pronunciations: dict[str, str] | None = None) -> SectionWords:
    return write_section(section(narration), language=language, pronunciations=pronunciations or {})


def said(narration: str, language: str = "en", pronunciations: dict[str, str] | None = None) -> str:
    return spoken_text(written(narration, language, pronunciations).speech)


def words_of(script: SectionWords) -> list[SpokenWord]:
    return [piece for piece in script.speech if isinstance(piece, SpokenWord)]


def shown(script: SectionWords) -> str:
    return "".join((" " if token.space_before else "") + token.shown for token in script.tokens)


@settings(max_examples=300, deadline=None)
@given(NARRATIONS, st.sampled_from(LANGUAGES))
def test_every_narration_is_a_script_or_one_clear_error(narration: str, language: str) -> None:
    """A learner who reads the captions would miss words, or the author would meet a traceback instead of a remedy."""
    try:
        script = written(narration, language)
    except ContentError as error:
        assert error.remedy
        assert error.place == "/sections/0"
        return
    check_tokens(script, narration)
    check_speech(script)


def visible_text(text: str) -> str:
    """The text as a reader sees it: each run of breakable spaces becomes one space. No-break spaces stay."""
    words = re.split(rf"[^\S{NO_BREAK_SPACES}]+", text)
    return " ".join(filter(None, map(str.strip, words)))


def check_tokens(script: SectionWords, narration: str) -> None:
    assert shown(script) == visible_text(parse(narration).text)
    for token in script.tokens:
        assert token.shown
        assert narration[token.offset] == token.shown[0]
    assert all(left.offset < right.offset for left, right in pairwise(script.tokens))


def check_speech(script: SectionWords) -> None:
    spoken = words_of(script)
    assert spoken
    assert all(left.token <= right.token for left, right in pairwise(spoken))
    assert all(0 <= word.token < len(script.tokens) for word in spoken)
    for word in spoken:
        assert re.search(r"\w", word.text)
        assert not re.search(r"\s", word.text)
        assert re.fullmatch(
            r"[^,.;:?!，。；：？！、]+(?:[.][^,.;:?!]+)*[,.;:?!，。；：？！、]?", word.text
        ) or re.match(r"\d", word.text)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES.filter(lambda piece: "|]" not in piece), min_size=1, max_size=12).map(" ".join))
def test_every_token_that_can_be_said_is_said(narration: str) -> None:
    """A learner who follows the highlighted caption would see a word that the voice skips."""
    try:
        script = written(narration)
    except ContentError:
        return
    heard = {word.token for word in words_of(script)}
    for index, token in enumerate(script.tokens):
        if re.search(r"[A-Za-z0-9½λπ=≥≠±×÷≈→∞√∑∫∂Δ²]", token.shown):
            assert index in heard, (token, said(narration))


def test_a_word_keeps_its_place_through_markup() -> None:
    """An author would be sent to the wrong character of the lesson by an error or an editor's preview."""
    narration = "When *V_GS* rises,  the **channel** [pause]opens."
    script = written(narration)
    assert [token.shown for token in script.tokens] == ["When", "V_GS", "rises,", "the", "channel", "opens."]
    assert [narration[token.offset :][:2] for token in script.tokens] == ["Wh", "V_", "ri", "th", "ch", "op"]


def test_one_token_may_be_several_spoken_words() -> None:
    """A learner would see the caption run ahead of a voice that still spells the name."""
    script = written("Raise V_GS, now.")
    assert [(word.text, word.token) for word in words_of(script)] == [
        ("Raise", 0), ("V", 1), ("G", 1), ("S,", 1), ("now.", 2),
    ]  # fmt: skip


def test_emphasis_rate_and_pauses_reach_the_voice() -> None:
    """A learner would hear a flat voice where the teacher asked for weight, calm, or silence."""
    script = written("*One* **two** [slow]three [rate 150%]four[/rate][/slow] [pause] five [pause 1.5s]")
    assert [(word.text, word.emphasis, word.rate_percent) for word in words_of(script)] == [
        ("One", 1, 100), ("two", 2, 100), ("three", 0, 80), ("four", 0, 150), ("five", 0, 100),
    ]  # fmt: skip
    assert [piece.milliseconds for piece in script.speech if isinstance(piece, Pause)] == [600, 1500]
    assert isinstance(script.speech[4], Pause)


def test_the_rate_of_a_section_reaches_the_voice() -> None:
    """A learner of a hard section would hear it as fast as the others, though its author asked for calm."""
    calm = section("One [rate 50%]two[/rate].").model_copy(update={"rate_percent": 80})
    script = write_section(calm, language="en", pronunciations={})
    assert [word.rate_percent for word in words_of(script)] == [80, 40]


def test_lone_punctuation_shapes_the_word_before_and_is_not_spoken() -> None:
    """A learner would hear two clauses run into one another, or the word "dash"."""
    script = written("Stop — think … “so” ; go !")
    assert [(word.text, word.token) for word in words_of(script)] == [
        ("Stop,", 0), ("think,", 2), ("so;", 4), ("go!", 6),
    ]  # fmt: skip


def test_the_authors_word_wins_over_every_rule() -> None:
    """An author who wrote how a name is said would still hear it said wrong."""
    assert said("Use [SQL|sequel] and [V_T|V threshold].", pronunciations={"SQL": "squeal"}) == (
        "Use sequel and V threshold."
    )
    assert said("[😀|smile] please [*|]") == "smile please"
    assert said("[Euler|Oiler]’s number, [Ohm|ome]s law") == "Oiler's number, omes law"
    assert said("[R|2 Ω]") == "two ohms"


def test_pronunciations_match_whole_words_exact_case_first() -> None:
    """An author's dictionary would be ignored, or change words that merely contain its entries."""
    table = {"Nice": "Neece", "nice": "nyce", "New York": "Noo York", "Euler": "Oiler", "V_T": "V threshold"}
    assert said("Nice and nice", pronunciations=table) == "Neece and nyce"
    assert said("nicer, New  York’s euler", pronunciations=table) == "nicer, Noo York's Oiler"
    assert said("(V_T > 0)", pronunciations=table) == "V threshold is greater than zero"
    assert said("tell us of the US", pronunciations={"US": "United States"}) == "tell us of the United States"
    assert said("我住在重庆。", "zh", {"重庆": "崇庆"}) == "我住在崇庆。"


def test_the_lesson_speaks_before_the_project() -> None:
    """An author would have to ask the whole school to change one lesson's pronunciation."""
    merged = merge_pronunciations({"Gauss": "Gowss", "ohm": "om"}, {"GAUSS": "Gauze"})
    assert merged == {"ohm": "om", "GAUSS": "Gauze"}


def test_what_has_no_word_is_an_error_that_names_it_and_its_place() -> None:
    """A learner would miss a sign that the voice dropped; an author would have to search for it."""
    with pytest.raises(ContentError) as caught:
        written("Look at the ☃ there.")
    assert "U+2603 SNOWMAN" in str(caught.value)
    assert "character 13" in str(caught.value)
    assert "[☃|" in caught.value.remedy
    assert caught.value.place == "/sections/0"


@pytest.mark.parametrize("narration", ["", "  ", "—", "[x|]", "[pause]"])
def test_a_section_with_nothing_to_say_is_an_error(narration: str) -> None:
    """A learner would watch a slide in silence, or the whole film would fail later for a reason nobody can see."""
    with pytest.raises(ContentError, match="nothing for the voice to say"):
        written(narration)


def test_chinese_tokens_are_characters_and_runs() -> None:
    """A learner of Chinese would see whole paragraphs as one caption word."""
    script = written("电流I_D（很大）是3.5 mA。", "zh")
    assert [token.shown for token in script.tokens] == [
        "电", "流", "I_D", "（很", "大）", "是", "3.5", "mA。",
    ]  # fmt: skip
    assert shown(script) == "电流I_D（很大）是3.5 mA。"
    assert spoken_text(script.speech) == "电流I D,很大,是3点五毫安。"


def test_a_language_without_tables_passes_words_and_names_what_it_cannot_say() -> None:
    """A learner of Italian would hear English words in the middle of a sentence, or nothing for a sign."""
    assert said("Ciao, la lambda è λ: 3,5 — così!", "it") == "Ciao, la lambda è lambda: 3,5, così!"
    with pytest.raises(ContentError, match="SUPERSCRIPT TWO"):
        written("x² è bello", "it")


def test_rates_that_multiply_beyond_what_a_voice_can_are_expected_at_its_limit() -> None:
    """An author of a slow section in a slow lesson would be told that the voice's sound is truncated."""
    slow = written("[rate 50%]One two three.[/rate]").speech
    assert expected_seconds(slow, 50) == expected_seconds(slow)
    fast = written("[rate 200%]One two three.[/rate]").speech
    assert expected_seconds(fast, 200) == expected_seconds(fast) * 200 / 290


def test_expected_seconds_add_up_and_follow_the_rate() -> None:
    """An author who plans a five-minute lesson would be told the wrong length before the film is made."""
    speech = written("One two three. [pause 2s] Four.").speech
    spoken = [piece for piece in speech if isinstance(piece, SpokenWord)]
    assert expected_seconds(speech) == expected_seconds(spoken) + 2
    assert expected_seconds(spoken, 200) == expected_seconds(spoken) / 2
    slow = written("[rate 50%]One two three.[/rate] [pause 2s] [rate 50%]Four.[/rate]").speech
    assert expected_seconds(slow) == expected_seconds(spoken) * 2 + 2
    assert isinstance(expected_seconds(speech), Fraction)


def test_a_long_hostile_narration_is_read_in_a_moment() -> None:
    """A teacher would wait for minutes before being told that a bracket is missing."""
    for narration in (
        "(" * 3000 + "x" + ")" * 3000,
        "*a " * 3000,
        "1," * 3000 + "1",
        "a_" * 3000 + "b",
        "- " * 3000 + "x",
    ):
        assert words_of(written(narration))
