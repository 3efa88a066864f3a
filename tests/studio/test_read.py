"""`lessonreel read`: what is printed is what a render says, with places that are true in the text as written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.house import COMMAND, House
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import SpokenWord, merge_pronunciations, spoken_text, write_section
from video_assets.studio.lesson.spoken_sentences import WordReading
from video_assets.studio.preflight.reading_aloud import ReadAloud, read_lesson_aloud, read_text_aloud

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "data" / "lessons").glob("*.json"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A project that starts no run."""
    made = House(tmp_path_factory.mktemp("read") / "house", bare=True)
    (made.root / "data" / "project.toml").write_text('[pronunciations]\nSQL = "sequel"\n')
    return made


def _words(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for section in document["sections"]:
        for sentence in section["sentences"]:
            yield from (word for word in sentence["words"] if "spoken" in word)


TEXTS = (
    (
        "en",
        "Dr. Smith pays $5 million. It is 25 °C!",
        ["Doctor Smith pays five million dollars.", "It is twenty-five degrees Celsius!"],
    ),
    ("en", "SQL *is* [GIF|jif]. [pause 2s] So?", ["sequel is jif.", "So?"]),
    ("en", "V_GS > V_T [*|] holds.", ["V G S is greater than V T holds."]),
    ("de", "Es sind 3,5 kΩ.", ["Es sind 3 Komma 5 Kiloohm."]),
    ("fr", "Il vaut 50 %.", ["Il vaut 50 pour cent."]),
    ("es", "Es el 50 %.", ["Es el 50 por ciento."]),
    ("zh", "电压升高。电流也升高。", ["电压升高。", "电流也升高。"]),
    ("hi", "यह गेट है। यह खुलता है।", ["यह गेट है.", "यह खुलता है."]),
)


@pytest.mark.parametrize(("language", "text", "lines"), TEXTS, ids=[text for _, text, _ in TEXTS])
def test_a_text_is_printed_a_sentence_a_line(house: House, language: str, text: str, lines: list[str]) -> None:
    """An author would render a whole lesson to hear one formula."""
    ended = house.ask("read", text, "--language", language)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == lines


def test_a_lesson_is_read_as_a_render_reads_it(house: House) -> None:
    """An author would correct a reading that no viewer hears: that without the lesson's pronunciations."""
    path = house.write(
        [{"id": "one", "content": "V_T is *low*. SQL it is."}, {"id": "two", "notes": "ohm"}],
        pronunciations={"V_T": "V threshold"},
    )
    ended = house.ask("read", path)
    assert ended.out.splitlines() == [
        "one (line 1)",
        "  V threshold is low.",
        "  sequel it is.",
        "",
        "two (line 1)",
        "  (Still to be written from its notes.)",
    ]
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_sample_lessons_are_read_word_for_word(path: Path) -> None:
    """What an author reads would differ from what the class hears."""
    read = read_lesson(path)
    assert read.lesson is not None
    pronunciations = merge_pronunciations(read.lesson.pronunciations)
    aloud = read_lesson_aloud(str(path), read, pronunciations)
    assert aloud.problems == ()
    for section, found in zip(read.lesson.sections, aloud.sections, strict=True):
        words = write_section(section, language=read.lesson.language, pronunciations=pronunciations)
        said = [word for each in found.sentences for word in each.sentence.words]
        assert [word.text for word in words.speech if isinstance(word, SpokenWord)] == [
            word.spoken for word in said if isinstance(word, WordReading)
        ]
        assert len(said) == len(words.speech)
        assert spoken_text(words.speech).replace(" ", "") == "".join(
            each.sentence.spoken.replace(" ", "") for each in found.sentences
        )


_PARTS = (
    "The gate opens.",
    "It costs $5 million, or more!",
    "*So* it is",
    "[slow]slowly[/slow]",
    "[pause]",
    "[SQL|sequel]",
    "`a_b`",
    "V_GS − V_T",
    "\n",
    "25 °C?",
    "“Why?” he asked.",
    "café",
)


@given(parts=st.lists(st.sampled_from(_PARTS), min_size=1, max_size=12), gap=st.sampled_from((" ", "  ", "\n")))
@settings(max_examples=150, deadline=None)
def test_the_spans_are_true_in_the_text_as_written(parts: list[str], gap: str) -> None:
    """An editor that highlights the word that is heard would highlight another one."""
    text = "Now " + gap.join(parts)
    found = read_text_aloud("text", text, "en", {})
    assert found.problems == ()
    (section,) = found.sections
    end = 0
    for each in section.sentences:
        assert end <= each.sentence.start < each.sentence.end <= len(text)
        end = each.sentence.end
        assert (each.line, each.column) == _place(text, each.sentence.start)
        for word in each.sentence.words:
            if isinstance(word, WordReading):
                assert each.sentence.start <= word.start < word.end <= each.sentence.end
                assert text[word.start] == word.shown[0]
                assert set(word.shown) <= set(text[word.start : word.end])


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def test_json_has_the_place_of_each_word(house: House) -> None:
    """A program that shows what is heard would have to find the words again by itself."""
    text = "*So* V_GS is [SQL|sequel]. [pause 800ms] Yes."
    document = json.loads(house.ask("read", text, "--format", "json").out)
    found = [(word["spoken"], text[word["start"] : word["end"]], word["emphasis"]) for word in _words(document)]
    assert found == [
        ("So", "So", 1),
        ("V", "V_GS", 0),
        ("G", "V_GS", 0),
        ("S", "V_GS", 0),
        ("is", "is", 0),
        ("sequel.", "SQL|sequel].", 0),
        ("Yes.", "Yes.", 0),
    ]
    (section,) = document["sections"]
    assert section["sentences"][1]["words"][0] == {"pause_ms": 800}


def test_json_of_a_lesson_has_lines_and_pointers(house: House) -> None:
    """An author would not find the sentence in a file of a thousand lines."""
    path = house.lessons / "long.json"
    path.write_text('{"sections": [\n {"id": "one",\n  "narration": "\\u00c9t\\u00e9 is summer. It is\\nwarm."}]}')
    document = json.loads(house.ask("read", path, "--format", "json").out)
    (section,) = document["sections"]
    assert (section["id"], section["pointer"]) == ("one", "/sections/0/narration")
    assert (section["line"], section["column"]) == (3, 16)
    assert [(each["line"], each["column"]) for each in section["sentences"]] == [(3, 17), (3, 42)]


def test_what_cannot_be_said_is_reported_as_by_check(house: House) -> None:
    """An author would think that a text without an error can be spoken."""
    ended = house.ask("read", "One \ue000.\nTwo \uf8ff and [rate 90%]three[/rate].")
    assert ended.code == 2
    assert ended.out == ""
    assert [line.partition(": ")[0] for line in ended.err.splitlines()] == ["text:1:5", "text:2:5", "2 errors"]
    assert house.ask("read", "[rate 900%]fast[/rate]").err.startswith("text:1:1: error: ")
    assert house.ask("read", " ").code == 2


def test_a_section_that_cannot_be_said_hides_no_other(house: House) -> None:
    """An author with one wrong character would see nothing of a long lesson."""
    path = house.write([{"id": "one", "content": "A \ue000."}, {"id": "two", "content": "This is fine."}])
    ended = house.ask("read", path)
    assert ended.code == 2
    assert "  This is fine." in ended.out.splitlines()
    assert "error" in ended.err


def test_a_doubtful_reading_warns_and_is_no_error(house: House) -> None:
    """An author would not learn that a date may be read as another day."""
    ended = house.ask("read", "It met on 01/05/2024.")
    assert ended.code == 0
    assert ended.err.startswith("text:1:11: warning: ")


def test_standard_input_is_a_text(house: House) -> None:
    """A text with quotes and dollar signs would have to be escaped for the shell."""
    ended = subprocess.run(
        [*COMMAND, "read", "-"], input="It's $5.\n", env=house.environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "It's five dollars.\n"


def test_a_text_may_begin_with_a_hyphen(house: House) -> None:
    """An author would be told that there is no option -4."""
    assert house.ask("read", "-40 °C").out == "minus forty degrees Celsius\n"


def test_a_file_that_is_not_there_is_mentioned(house: House) -> None:
    """An author who misspells a file's name would wonder about the words "dot jason"."""
    ended = house.ask("read", "lesson.json")
    assert (ended.code, ended.err) == (0, "There is no file lesson.json, so this is read as a text.\n")


def test_what_is_no_lesson_or_no_language_is_refused(house: House) -> None:
    """An author would read the lesson in a language that nobody chose."""
    path = house.lessons / "broken.json"
    path.write_text('{"sections": [')
    assert house.ask("read", path).code == 2
    ended = house.ask("read", "Word", "--language", "english")
    assert (ended.code, ended.err) == (2, 'lessonreel: "english" is not a language tag. Write a tag such as "en".\n')


def test_another_language_can_be_chosen_for_a_lesson() -> None:
    """A translator would have to change the file to hear it in the other language."""
    found: ReadAloud = read_text_aloud("text", "50 %", "de", {})
    assert found.sections[0].sentences[0].sentence.spoken == "50 Prozent"
