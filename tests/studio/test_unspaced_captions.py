"""Captions in scripts without spaces between words, and captions of every script: each character once, no word torn.

Words are written here with "|" between them, as dictionaries of Thai, Lao, Khmer and Burmese list them.
"""

from __future__ import annotations

import unicodedata
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from video_assets.studio.captions.checks import caption_checks
from video_assets.studio.captions.cues import Cue, section_cues
from video_assets.studio.core.graphemes import clusters
from video_assets.studio.core.unspaced_words import breakable_parts, count_unspaced_words, start_of
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import Token
from video_assets.studio.preflight.text_check import CheckedText, text_problems
from video_assets.studio.slides.slide_plan import plan_slide
from video_assets.studio.slides.titles import MOST_TITLE_CHARACTERS
from video_assets.studio.speech.provider import SpeechTimes, WordTime
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.pasted_markup import pasted_marks
from video_assets.studio.spoken.tokens import tokenise
from video_assets.studio.timeline import SectionPlan, plan_clip

RATE = Fraction(25)
RATE_HZ = 22050

WORDS = {
    "th": "กระบวนการ|พืช|ใช้|พลังงาน|จาก|แสง|อาทิตย์|เพื่อ|เปลี่ยน|คาร์บอนไดออกไซด์|และ|น้ำ|ให้|เป็น|น้ำตาล|ออกซิเจน|"
    "สังเคราะห์|เกิด|ขึ้น|โรงเรียน|นักเรียน|ครู|หนังสือ|ประเทศ|มหาวิทยาลัย|คอมพิวเตอร์|วิทยาศาสตร์|คณิตศาสตร์",
    "lo": "ແສງ|ແມ່ນ|ຂະບວນການ|ພືດ|ໃຊ້|ພະລັງງານ|ຈາກ|ຕາເວັນ|ນັກຮຽນ|ໂຮງຮຽນ|ປະເທດ|ພາສາ",
    "km": "ដំណើរការ|ដែល|រុក្ខជាតិ|ប្រើ|ថាមពល|ពី|ពន្លឺ|ព្រះអាទិត្យ|សាលា|សិស្ស|ប្រទេស|ភាសា",
    "my": "အလင်း|နေရောင်ခြည်|စွမ်းအင်|ကျောင်း|ဆရာ|စာအုပ်|ဘာသာ|နိုင်ငံ",
}

THAI = (
    "การสังเคราะห์ด้วยแสงคือกระบวนการที่พืชใช้พลังงานจากแสงอาทิตย์เพื่อเปลี่ยนคาร์บอนไดออกไซด์และน้ำให้เป็นน้ำตาลและออกซิเจน "
    "กระบวนการนี้เกิดขึ้นในคลอโรพลาสต์ของใบพืช"
)

SCRIPTS = (
    "กขคงน้ำตาลและแสงเป็น๑๒ๆฯ",
    "ແສງແມ່ນນ້ຳ໑໒",
    "ដំណើរការថាមពល១២។",
    "အလင်းဖြစ်သည်၁၂။",
    "नमस्ते क्षत्रिय १२।",
    "বাংলা ক্ষেত্র",
    "தமிழ் எழுத்து",
    "שלום עולם",
    "مرحبا بالعالم ١٢",
    "中文字，。「」々ー",
    "ひらがなカタカナ",
    "한국어 문장",
    "Grüße, naïve, Ångström. e\u0301a\u0308",
    "Привет мир",
    "ελληνικά",
    "አማርኛ።",
    "བོད་ཡིག་",
    "🙂👩‍🔬🇩🇪👍🏽",
    "x²+½=√λ·10⁻³ Ω%°C",
    "\u00a0\u202f\u200b\u200d\u2060\u00ad\ufe0f",
    "  ",
)


def _section(tokens: tuple[Token, ...], milliseconds_a_letter: int) -> SectionPlan:
    """`tokens` at an even pace."""
    at, words = RATE_HZ // 50, []
    for index, token in enumerate(tokens):
        end = at + max(1, len(token.shown) * milliseconds_a_letter * RATE_HZ // 1000)
        words.append(WordTime(token=index, start=at, end=end))
        at = end
    times = SpeechTimes(rate_hz=RATE_HZ, samples=at + 100, words=tuple(words), phones=())
    return SectionPlan(
        id="s", title="T", pointer="/sections/0", line=1, plan=plan_clip(times, RATE, 400), times=times, tokens=tokens
    )


def _tokens(text: str, language: str) -> tuple[Token, ...]:
    marked = parse(text, place="/sections/0")
    return tuple(
        Token(shown=marked.text[piece.start : piece.end], space_before=piece.space_before, offset=piece.start)
        for piece in tokenise(marked, language_of(language))
    )


def _cues(text: str, language: str, milliseconds_a_letter: int = 60) -> tuple[Cue, ...]:
    section = _section(_tokens(text, language), milliseconds_a_letter)
    cues = section_cues(section, RATE, language)
    broken = {finding.code for finding in caption_checks(cues, section, RATE, language)}
    assert not broken & {"coverage", "lines", "line-length", "gap"}
    return cues


def _lines(text: str, language: str) -> list[str]:
    return [line for cue in _cues(text, language) for line in cue.lines]


def _without_spaces(text: str) -> str:
    return "".join(text.split())


@given(
    st.lists(st.sampled_from(SCRIPTS).flatmap(lambda script: st.text(script, max_size=60)), min_size=1, max_size=8),
    st.sampled_from(("en", "th", "lo", "km", "my", "zh", "ja", "hi", "ar", "fr", "ko")),
    st.sampled_from((5, 60, 400)),
)
@example([THAI], "th", 60)
@settings(max_examples=300, deadline=None)
def test_captions_show_every_character_of_every_script(texts: list[str], language: str, pace: int) -> None:
    """A deaf learner would miss a character that the author wrote, or see a mark torn from its letter."""
    text = "".join(texts)
    assume(not pasted_marks(text))  # `===` is a line of Markdown, which no caption shows
    cues = _cues(text, language, pace)
    lines = [line for cue in cues for line in cue.lines]
    assert _without_spaces("".join(lines)) == _without_spaces(text)
    whole = _edges(text)
    ends, at = set[int](), 0
    for line in lines:
        at += len(_without_spaces(line))
        ends.add(at)
    assert ends <= whole | {0}, "a line begins inside a grapheme cluster"


def _edges(text: str) -> set[int]:
    """The offsets between grapheme clusters, each space-separated word apart."""
    ends, at = set[int](), 0
    for word in text.split():
        for cluster in clusters(word):
            at += len(cluster)
            ends.add(at)
    # A mark behind a removed space stood alone.
    joined = _without_spaces(text)
    return ends | {at for at, character in enumerate(joined) if unicodedata.category(character)[0] in "MC"}


@pytest.mark.parametrize("language", WORDS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_caption_breaks_inside_a_word(language: str, data: st.DataObject) -> None:
    """A learner who reads Thai, Lao, Khmer or Burmese would find "sugar" as "tear" and a stray letter."""
    words = WORDS[language].split("|")
    # A dictionary may join what stands together by chance, so each word is repeated until its phrase is long.
    chosen = data.draw(st.sampled_from([word for word in words if len(word) > 3]))
    count = data.draw(st.integers(6, 40))
    text = chosen * count
    assert all(line == chosen * (len(line) // len(chosen)) for line in _lines(text, language)), text


def test_the_thai_for_sugar_is_whole() -> None:
    """A learner would read น้ำตา, tears, at the end of a line, and ล at the start of the next."""
    for rotation in range(0, len(THAI), 7):
        lines = _lines(
            THAI[rotation:].lstrip("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49\u0e4c"), "th"
        )
        assert not any(line.endswith("น้ำตา") or line.startswith("ลและ") for line in lines)
        assert not any(line.startswith(("ำ", "ะ", "า", "ๆ")) for line in lines[1:])


def test_a_space_between_phrases_is_the_better_place() -> None:
    """A learner would see the first word of the next sentence in this caption, as "น้ำ | เมื่อ" would be."""
    phrase = "พืชใช้พลังงานจากแสงอาทิตย์"
    assert _lines(f"{phrase} {phrase}", "th") == [phrase, phrase]


@pytest.mark.parametrize("text", ["", "plain words", "中文", "😀น้ำตาลและแสง", "CO2และน้ำ", "น้ำ\u2060ตาล", THAI])
def test_parts_are_the_text(text: str) -> None:
    """A learner would miss what was lost while words were sought: ICU counts an emoji as two characters."""
    assert "".join(breakable_parts(text)) == text
    assert len(breakable_parts("plain words")) == 1


def test_words_are_counted_by_dictionary() -> None:
    """An author would read that a Thai lesson is spoken at 399 words a minute, or that a good sentence is too short."""
    assert count_unspaced_words("พืชใช้พลังงานจากแสงอาทิตย์") in (6, 7)
    assert count_unspaced_words("plain words") == 0


@pytest.mark.parametrize(
    ("language", "narration", "seconds"),
    [
        ("th", THAI, 14.0),
        ("th", "ในปีนั้นมีนักเรียนทั้งหมดประมาณ 250", 4.0),
        ("lo", "ການສັງເຄາະແສງແມ່ນຂະບວນການທີ່ພືດໃຊ້ພະລັງງານຈາກແສງຕາເວັນ", 5.0),
        ("km", "រស្មីសំយោគគឺជាដំណើរការដែលរុក្ខជាតិប្រើថាមពលពីពន្លឺព្រះអាទិត្យ។", 5.5),
        ("my", "အလင်းမှီစုဖွဲ့ခြင်းသည် အပင်များက နေရောင်ခြည်မှ စွမ်းအင်ကိုအသုံးပြုသည့် ဖြစ်စဉ်ဖြစ်သည်။", 8.0),
    ],
)
def test_a_sound_narration_has_no_warning(language: str, narration: str, seconds: float) -> None:
    """An author would be told to add a full stop to a script that has none, or that the pace cannot be followed."""
    section = CheckedText("one", "Title", narration, seconds)
    assert text_problems([section], "strict", language=language) == ()


def test_a_script_with_full_stops_still_needs_one() -> None:
    """An author would not learn that an English or Khmer narration breaks off, since Thai ones may end so."""
    for narration in ("Plants use the light of", "រុក្ខជាតិប្រើថាមពលពីពន្លឺព្រះអាទិត្យ"):
        found = text_problems([CheckedText("one", "T", narration, 3.0)], "moderate", language="km")
        assert [problem.code for problem in found] == ["unfinished"]


@pytest.mark.parametrize("language", WORDS)
def test_a_title_is_cut_between_words(language: str) -> None:
    """A class would read a heading whose last word lacks its end."""
    for word in WORDS[language].split("|"):
        title, _ = plan_slide(Section(id="a", pointer="", line=1, narration=word * 40), language=language)
        assert 0 < len(title) <= MOST_TITLE_CHARACTERS
        assert title == word * (len(title) // len(word))
    assert start_of("ก" * 3, 1)
    assert start_of("e\u0301" * 3, 1) == "e\u0301"
