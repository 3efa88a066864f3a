"""The ends of sentences in every script, and the modules that need them."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.core.sentences import (
    CLOSERS,
    COMMAS,
    ELLIPSIS,
    SENTENCE_ENDS,
    has_sentence_end,
    split_sentences,
    with_sentence_end,
)
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import Token, write_section
from video_assets.studio.pictures.illustration import still
from video_assets.studio.preflight.text_check import CheckedText, text_problems
from video_assets.studio.slides.phrases.words import sentences
from video_assets.studio.timeline import ends_sentence

SCRIPTS = {
    "Latin": ("eine Spannung wirkt", ".!?…"),
    "Greek": ("τι είναι αυτό", ".\u037e!"),
    "CJK": ("电压升高", "。！？"),
    "Devanagari": ("यह धारा है", "।॥?"),
    "Arabic": ("هذا هو التيار", ".؟۔!"),
    "Armenian": ("սա հոսանքն է", "։"),
    "Ethiopic": ("ይህ ጅረት ነው", "።፧"),
    "Khmer": ("នេះជាចរន្ត", "។៕"),
    "Burmese": ("ဒါက လျှပ်စီး", "။"),
}
_ENDED = st.sampled_from([(text, mark) for text, marks in SCRIPTS.values() for mark in marks])
_CLOSED = st.sampled_from(["", '"', "”", "’", "»", ")", "」", "»)", "“", " »"])


@given(_ENDED, _CLOSED)
def test_every_script_can_end_a_sentence(ended: tuple[str, str], closer: str) -> None:
    """An author who writes in another script would be told that each sentence has no end, or hear no pause after it."""
    text, mark = ended
    whole = text + mark + closer
    assert has_sentence_end(whole)
    assert with_sentence_end(whole) == whole
    assert still(text + mark) == text + mark
    assert not has_sentence_end(text)
    assert with_sentence_end(text) == f"{text}."
    section = CheckedText("one", "", f"{text} {whole}", 4.0)
    assert [
        each.code for each in text_problems([section], "moderate", language="en") if each.code == "unfinished"
    ] == []
    tokens = [Token(shown=part, space_before=True, offset=0) for part in (text + mark + closer.strip(), text.title())]
    assert ends_sentence(tokens, 0)


@given(st.lists(st.tuples(_ENDED, st.sampled_from(["", "”", "’", "»", ")", "」", "»)"])), min_size=1, max_size=5))
def test_a_text_is_split_where_its_sentences_end(parts: list[tuple[tuple[str, str], str]]) -> None:
    """A message would quote half a sentence, or count a whole Chinese narration as one."""
    written = [text + mark + closer for (text, mark), closer in parts]
    assert [sentence.strip() for sentence in split_sentences(" ".join(written))] == written


@given(st.text(alphabet="ab .!?。！“”)3", max_size=40))
def test_the_sentences_joined_are_the_text(text: str) -> None:
    """A caller that counts characters would be wrong by what was dropped."""
    assert "".join(split_sentences(text)) == text


def test_chinese_needs_no_space_and_a_number_is_no_end() -> None:
    """A Chinese narration would be one long sentence, and 3.5 volts two."""
    assert split_sentences("电压升高。电流“流动。”然后停止！") == ("电压升高。", "电流“流动。”", "然后停止！")
    assert split_sentences("It is 3.5 V. “Stop!” Now go on.") == ("It is 3.5 V. ", "“Stop!” ", "Now go on.")


@given(_ENDED)
def test_phrases_do_not_run_across_the_end_of_a_sentence(ended: tuple[str, str]) -> None:
    """A slide in another script would show the end of one sentence and the start of the next as one phrase."""
    text, mark = ended
    found = sentences(f"{text}{mark} {text.title()}", "xx")
    assert len(found) == (1 if mark == ELLIPSIS else 2)
    assert found[0].question == (unicodedata.name(mark).endswith("QUESTION MARK"))


@pytest.mark.parametrize(("text", "mark"), [(text, mark) for text, marks in SCRIPTS.values() for mark in marks])
def test_a_voice_is_given_the_end_of_a_sentence(text: str, mark: str) -> None:
    """An Urdu or Khmer narration would be refused because the voice has no word for its full stop."""
    section = Section(id="one", pointer="/sections/0", line=1, narration=f"volt{mark} volt{mark}")
    assert len(write_section(section, language="en", pronunciations={}).speech) == 2


def test_the_marks_are_those_of_unicode() -> None:
    """A mark that no sentence ends with would split sentences, and a new script would be forgotten."""
    # Unicode counts U+104A of Burmese among them. It separates phrases, as a comma does.
    assert [mark for mark in SENTENCE_ENDS if not regex.match(r"\p{Sentence_Terminal}", mark)] == [ELLIPSIS, "\u037e"]
    assert regex.match(r"\p{Sentence_Terminal}", "၊")
    assert "၊" in COMMAS
    assert not set(SENTENCE_ENDS) & set(COMMAS + CLOSERS)
    assert {mark for mark in map(chr, range(0x10000)) if _LIVING.match(mark)} - {"၊"} <= set(SENTENCE_ENDS)


_LIVING = regex.compile(
    r"[\p{Sentence_Terminal}"
    r"&&[\p{Script=Armenian}\p{Script=Devanagari}\p{Script=Ethiopic}\p{Script=Khmer}\p{Script=Myanmar}"
    r"\p{Script=Mongolian}\p{Script=Nko}\p{Script=Syriac}\p{Script=Ol_Chiki}\p{Script=Lisu}]]",
    regex.VERSION1,
)
"""The ends of sentences that belong to one living script. Latin, Arabic and Chinese marks belong to several."""
