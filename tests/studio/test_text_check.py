"""The look at a lesson's text before anything is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from video_assets.studio.core.settings import TextCheck
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import expected_seconds, shown_text, write_section
from video_assets.studio.preflight.text_check import CheckedText, text_problems

LESSONS = sorted((Path(__file__).parents[2] / "data" / "lessons").glob("*.json"))
SOUND = "The gate sits on a thin layer of glass, and no current flows through it at any time."


def text(narration: str = SOUND, id_: str = "one", title: str = "The gate", seconds: float = 7.0) -> CheckedText:
    """A section to look at."""
    return CheckedText(id_, title, narration, seconds)


FAULTY = {
    "unfinished": (text("The gate sits on a thin layer of glass because"), "en"),
    "unfinished de": (text("Das Gate liegt auf einer dünnen Schicht aus Glas und."), "de"),
    "unfinished comma": (text("The gate sits on glass, and the current,"), "en"),
    "unfinished zh": (text("电压升高时形成一层通道因为异性相吸而且"), "zh"),
    "unclosed": (text("The gate (a thin layer of metal sits on glass."), "en"),
    "placeholder": (text("The gate sits on TODO and nothing flows through it."), "en"),
    "placeholder bracket": (text("The gate sits on [insert material] and nothing flows."), "en"),
    "placeholder chat": (text("Sure, here is the narration of the first part of it."), "en"),
    "too-short": (text("Yes."), "en"),
    "too-long": (text(" ".join([SOUND] * 16), seconds=120.0), "en"),
    "pace": (text(seconds=2.0), "en"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_each_fault_is_found_and_says_what_to_write(name: str) -> None:
    """A viewer would hear a sentence that breaks off, and its maker would have paid for it."""
    section, language = FAULTY[name]
    found = text_problems([section], "moderate", language=language)
    assert [fault.code for fault in found] == [name.split()[0]]
    assert found[0].suggestion
    assert text_problems([section], "off", language=language) == ()
    assert {fault.severity for fault in text_problems([section], "lenient", language=language)} == {"warning"}
    assert {fault.severity for fault in text_problems([section], "strict", language=language)} == {"error"}


UNMARKED = {
    "th": "การสังเคราะห์ด้วยแสงคือกระบวนการที่พืชใช้พลังงานจากแสงอาทิตย์ กระบวนการนี้เกิดขึ้นในคลอโรพลาสต์ของใบพืช",
    "lo": "ການສັງເຄາະແສງແມ່ນຂະບວນການທີ່ພືດໃຊ້ພະລັງງານຈາກແສງຕາເວັນ ຂະບວນການນີ້ເກີດຂຶ້ນໃນໃບຂອງພືດ",
    "km": "រស្មីសំយោគគឺជាដំណើរការដែលរុក្ខជាតិប្រើប្រាស់ថាមពលពីពន្លឺព្រះអាទិត្យ។ វាកើតឡើងនៅក្នុងស្លឹក។",
    "my": "အလင်းမှီစုဖွဲ့ခြင်းသည် အပင်များက နေရောင်ခြည်စွမ်းအင်ကို အသုံးပြုသော ဖြစ်စဉ်ဖြစ်သည်။",
}


@pytest.mark.parametrize("language", UNMARKED)
@pytest.mark.parametrize("level", ["lenient", "strict"])
def test_scripts_without_spaces_or_stops_are_not_blamed_for_it(language: str, level: TextCheck) -> None:
    """An author who writes Thai would be asked for a full stop that Thai does not have."""
    section = Section(id="one", pointer="", line=1, narration=UNMARKED[language])
    words = write_section(section, language=language, pronunciations={})
    seconds = float(expected_seconds(words.speech, language=language))
    assert text_problems([text(shown_text(words.tokens), seconds=seconds)], level, language=language) == ()


def test_a_few_letters_of_thai_are_too_short() -> None:
    """A section of one word would be shown for half a second."""
    (fault,) = text_problems([text("น้ำ")], "lenient", language="th")
    assert fault.code == "too-short"


def test_a_pace_of_thai_that_nobody_can_follow_is_found() -> None:
    """A class would hear a voice at twice its pace, because the check counts no words of Thai."""
    (fault,) = text_problems([text(UNMARKED["th"], seconds=2.0)], "lenient", language="th")
    assert fault.code == "pace"


def test_a_section_that_is_too_long_is_told_where_to_part() -> None:
    """A remark that says only "too long" leaves the work to the author."""
    sentences = [f"This is sentence number {number} of a very long text." for number in range(20)]
    (fault,) = text_problems([text(" ".join(sentences), seconds=130.0)], "lenient", language="en")
    assert "sentence number 10" in fault.suggestion or "sentence number 9" in fault.suggestion


def test_a_gap_in_numbered_sections_is_found() -> None:
    """A lesson in five parts would be rendered, and paid for, without its third."""
    sections = [text(f"{SOUND} It is number {n}.", f"s{n}", f"{n}. A part") for n in (1, 2, 4, 5)]
    (fault,) = text_problems(sections, "moderate", language="en")
    assert (fault.code, fault.section, fault.severity) == ("missing-section", "s4", "error")


def test_the_same_narration_twice_is_found() -> None:
    """A copy that somebody forgot to change would be spoken twice."""
    (fault,) = text_problems([text(id_="one"), text(id_="two")], "moderate", language="en")
    assert (fault.code, fault.section) == ("repeated", "two")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_a_good_lesson(path: Path) -> None:
    """A check that cries wolf would be switched off."""
    lesson = read_lesson(path).lesson
    assert lesson is not None
    sections = []
    for section in lesson.sections:
        words = write_section(section, language=lesson.language, pronunciations=lesson.pronunciations)
        seconds = float(expected_seconds(words.speech, language=lesson.language))
        sections.append(CheckedText(section.id, section.title, shown_text(words.tokens), seconds))
    assert text_problems(sections, "strict", language=lesson.language) == ()
