"""Captions: the author's words, whole and in order, at the moment they are spoken, slow enough to read.

The narrations are as teachers write them. Their times are made up but realistic: each language's own pace, words as
long as their letters, a breath after commas and full stops, a lone dash not spoken. The films of
tests/studio/golden/captions are kept as files, so that a change of the captions is seen and judged by a person;
LESSONREEL_WRITE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import os
import re
import unicodedata
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.speech.espeak import EspeakSpeech
from resources.speech.hibari import HibariSpeech
from video_assets.studio.captions.checks import caption_checks, film_caption_checks, largest_start_offset_ms
from video_assets.studio.captions.cues import (
    Cue,
    caption_cues,
    caption_report,
    film_cues,
    needed_rate_percent,
    section_cues,
)
from video_assets.studio.captions.files import chapters_vtt, mov_text, to_srt, to_webvtt
from video_assets.studio.captions.measure import CJK, LATIN, LINE_UNITS, text_width, with_direction
from video_assets.studio.captions.transcript import transcript_html, transcript_of, transcript_text
from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.graphemes import clusters
from video_assets.studio.lesson.script import SpokenWord, Token
from video_assets.studio.speech.provider import SpeechRequest, SpeechTimes, WordTime
from video_assets.studio.timeline import CardPlan, Chapter, SectionPlan, build_timeline, plan_clip

GOLDEN = Path(__file__).parent / "golden" / "captions"
PAL = Fraction(25)
RATES = (Fraction(8), Fraction(24), PAL, Fraction(30), Fraction(30000, 1001), Fraction(60))

ENGLISH = (
    "Now raise the gate voltage slowly. A positive gate pushes the holes of the body away and pulls electrons toward "
    "the oxide. At first there are too few of them to matter. But past a certain point — the threshold voltage, V_T — "
    "electrons outnumber holes right beneath the oxide, and a thin conducting sheet appears. This is the inversion "
    "layer, or simply the channel. So remember the condition: above threshold (V_GS > V_T), source and drain are "
    "connected. How much current flows? For a small V_DS, about k((V_GS − V_T)V_DS − ½V_DS²); Dr. Atalla & his "
    "colleague measured it in 1959."
)
GERMAN = (
    "Wir denken an einen Fluss, der über ein Wehr fließt. Je höher das Wasser steht, desto kräftiger ist die "
    "Strömung – und genau so verhält sich der elektrische Strom, wenn die Spannung wächst. Die "
    "Donaudampfschifffahrtsgesellschaft hätte es nicht besser sagen können. Der Widerstand R gibt an, wie schwer es "
    "die Ladungen haben: Bei R = 5 Ω und einer Spannung von 10 V fließen genau 2 A. „Das ist das Ohmsche Gesetz“, "
    "sagte unsere Lehrerin, z. B. am Anfang jeder Stunde. Merken wir uns also: U ist R mal I."
)
CHINESE = (
    "我们先来看一个简单的问题：为什么天空是蓝色的？阳光看起来是白色的，其实它包含了彩虹的所有颜色。每一种颜色都是一种波，"
    "红光的波长较长，蓝光的波长较短。当光遇到空气中的微小分子时，蓝光比红光更容易被散射，大约强6倍。"
    "所以，无论我们朝哪个方向看，蓝光都会从四面八方进入我们的眼睛。傍晚时，阳光要穿过更厚的大气层，蓝光在途中几乎全部散失了，"
    "留下来的就是橙色和红色。这个规律叫做“瑞利散射”，强度与λ的四次方成反比。"
)
HINDI = (
    "चलिए एक सरल प्रश्न से शुरू करते हैं: आकाश नीला क्यों दिखाई देता है? सूर्य का प्रकाश सफ़ेद लगता है, लेकिन उसमें इंद्रधनुष के सभी "
    "रंग होते हैं। जब प्रकाश हवा के छोटे-छोटे अणुओं से टकराता है, तो नीला प्रकाश लाल प्रकाश की तुलना में कहीं अधिक बिखरता है। इसलिए हम "
    "जिस ओर भी देखें, नीला प्रकाश हमारी आँखों तक पहुँचता है। शाम के समय सूर्य का प्रकाश वायुमंडल की मोटी परत को पार करता है और "
    "रास्ते में नीला रंग खो जाता है। बचा हुआ प्रकाश नारंगी और लाल होता है।"
)
ARABIC = (
    "لنبدأ بسؤال بسيط: لماذا تبدو السماء زرقاء؟ يبدو ضوء الشمس أبيض، لكنه يحتوي على جميع ألوان قوس قزح. "
    "لكل لون موجة لها طولها الخاص، فالموجات الحمراء طويلة والموجات الزرقاء قصيرة. عندما يصطدم الضوء "
    "بجزيئات الهواء الصغيرة، يتشتت اللون الأزرق أكثر بكثير من اللون الأحمر. V_GS هو الجهد بين البوابة "
    "والمصدر، ولذلك نقيسه أولا. وفي المساء يقطع الضوء مسافة أطول في الغلاف الجوي، فيضيع الأزرق في الطريق "
    "ويبقى البرتقالي والأحمر."
)
NARRATIONS = {"en": ENGLISH, "de": GERMAN, "zh": CHINESE, "hi": HINDI, "ar": ARABIC}

LETTERS_A_SECOND = {"en": 15, "de": 15, "zh": 4, "hi": 12, "ar": 12}
RATE_HZ = 22050
_PAUSES_MS = {".": 350, "?": 350, "!": 350, "。": 350, "？": 350, "।": 350, "؟": 350, ",": 120, "，": 120, ":": 180}


def tokens_of(text: str, language: str = "en") -> tuple[Token, ...]:
    """The words of `text`; in Chinese its characters, each with the punctuation that follows."""
    tokens: list[Token] = []
    for offset, character in enumerate(text):
        before = text[offset - 1] if offset else " "
        wide = language == "zh" and unicodedata.east_asian_width(character) == "W"
        if character == " ":
            continue
        if (
            before == " "
            or (wide and unicodedata.category(character)[0] == "L")
            or (language == "zh" and character == "“")
        ):
            tokens.append(Token(shown=character, space_before=before == " " and offset > 0, offset=offset))
        else:
            tokens[-1] = tokens[-1].model_copy(update={"shown": tokens[-1].shown + character})
    return tuple(tokens)


def times_of(tokens: tuple[Token, ...], letters_a_second: int) -> SpeechTimes:
    """Word times at an even pace."""
    at, words = RATE_HZ // 50, []
    for index, token in enumerate(tokens):
        letters = sum(unicodedata.category(character)[0] in "LN" for character in token.shown)
        if letters:
            end = at + (letters + token.space_before) * RATE_HZ // letters_a_second
            words.append(WordTime(token=index, start=at, end=end))
            at = end
        at += _PAUSES_MS.get(token.shown[-1], 0) * RATE_HZ // 1000
    return SpeechTimes(rate_hz=RATE_HZ, samples=at, words=tuple(words), phones=())


def section_of(
    text: str, language: str = "en", rate: Fraction = Fraction(25), letters_a_second: int = 0
) -> SectionPlan:
    """`text` as a section of a film."""
    tokens = tokens_of(text, language)
    times = times_of(tokens, letters_a_second or LETTERS_A_SECOND.get(language, 14))
    plan = plan_clip(times, rate, 400)
    return SectionPlan(id="s", title="Title", pointer="/sections/0", line=3, plan=plan, times=times, tokens=tokens)


words = st.text(st.sampled_from("abcdeéßλ½_V(>)-,.;:—'&<中文字。，शिक्षا🙂"), min_size=1, max_size=12)
spoken_seconds = st.fractions(Fraction(1, 20), Fraction(2), max_denominator=100)
silences = st.sampled_from((0, 0, 0, 0, 2000, 5000, 20000))


@st.composite
def sections(draw: st.DrawFn) -> SectionPlan:
    """Any words at any pace, some of them not spoken, with any pauses between."""
    entries = draw(
        st.lists(st.tuples(words, st.booleans(), spoken_seconds, silences, st.booleans()), min_size=1, max_size=40)
    )
    tokens, times, at, offset = [], [], draw(silences), 0
    for index, (shown, spaced, seconds, silence, spoken) in enumerate(entries):
        tokens.append(Token(shown=shown, space_before=spaced, offset=offset))
        offset += len(shown) + 1
        if spoken or index == 0:
            end = at + max(1, int(seconds * RATE_HZ))
            times.append(WordTime(token=index, start=at, end=end))
            at = end + silence
    speech = SpeechTimes(rate_hz=RATE_HZ, samples=at + 100, words=tuple(times), phones=())
    plan = plan_clip(speech, draw(st.sampled_from(RATES)), 400)
    return SectionPlan(id="s", title="T", pointer="/sections/0", line=1, plan=plan, times=speech, tokens=tuple(tokens))


@given(sections(), st.sampled_from(RATES), st.sampled_from(("en", "zh", "ar", "hi")))
@settings(max_examples=150, deadline=None)
def test_whatever_is_spoken_every_word_is_shown_once_and_fits(
    section: SectionPlan, rate: Fraction, language: str
) -> None:
    """A deaf learner would miss a word, read one twice, or have a line run off the screen."""
    section = section.model_copy(update={"plan": plan_clip(section.times, rate, 400)})
    cues = section_cues(section, rate, language)
    shown = "".join("".join("".join(cue.lines).split()) for cue in cues)
    assert shown == "".join(token.shown for token in section.tokens)
    for cue in cues:
        assert 1 <= len(cue.lines) <= 2
        assert 0 <= cue.start_frame < cue.end_frame
    assert all(two.start_frame - one.end_frame >= 2 for one, two in pairwise(cues))
    broken = {finding.code for finding in caption_checks(cues, section, rate, language)}
    # Any pace was drawn: time may be too short. Words, lines and gaps have no such excuse.
    assert not broken & {"coverage", "lines", "line-length", "gap"}


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("language", NARRATIONS)
def test_real_narrations_break_no_rule(language: str, rate: Fraction) -> None:
    """A learner who reads along would have captions that are late, too fast, too long or too short."""
    section = section_of(NARRATIONS[language], language, rate)
    cues = section_cues(section, rate, language)
    assert caption_checks(cues, section, rate, language) == ()
    assert caption_report(section.tokens, section.times, section.plan, rate, language).fast == ()


@pytest.mark.parametrize("language", NARRATIONS)
def test_captions_of_real_narrations_are_those_that_were_judged(language: str) -> None:
    """A learner would read captions that nobody has looked at: broken in the middle of a phrase."""
    section = section_of(NARRATIONS[language], language)
    made = to_webvtt(section_cues(section, PAL, language), PAL, language)
    path = GOLDEN / f"{language}.vtt"
    if os.environ.get("LESSONREEL_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="utf-8", newline="\n")
    assert made == path.read_text(encoding="utf-8")


def test_no_symbol_and_no_cluster_is_torn() -> None:
    """A learner would find V_ on one line and GS on the next, or a Hindi vowel without its consonant."""
    for language, text in NARRATIONS.items():
        section = section_of(text, language)
        lines = [line for cue in section_cues(section, PAL, language) for line in cue.lines]
        whole = {token.shown for token in section.tokens}
        assert language == "zh" or all(word in whole for line in lines for word in line.split(" "))
        assert not any(unicodedata.category(line[0])[0] == "M" for line in lines)
        assert not any(line[0] in "。，、！？：」”" for line in lines)


def test_a_word_longer_than_a_line_is_broken_only_then() -> None:
    """A learner would have a long address run off both sides of the picture."""
    address = "https://example.org/lessons/physics/semiconductors/mosfet-in-saturation"
    section = section_of(f"Read {address} today, please.")
    cues = section_cues(section, PAL)
    assert caption_checks(cues, section, PAL) == ()
    lines = [line for cue in cues for line in cue.lines]
    assert not any(address in line for line in lines)
    assert all(line.endswith(("/", "-", ".", "?")) for line in lines[:-1] if "today" not in line and line != "Read")


def test_a_pause_hides_the_answer() -> None:
    """A learner who is given three seconds to think would read the answer at once."""
    tokens = tokens_of("What is two plus two? Four.")
    spoken = times_of(tokens, 15)
    *asked, answer = spoken.words
    late = answer.model_copy(update={"start": answer.start + 3 * RATE_HZ, "end": answer.end + 3 * RATE_HZ})
    times = spoken.model_copy(update={"words": (*asked, late), "samples": spoken.samples + 3 * RATE_HZ})
    cues = caption_cues(tokens, times, plan_clip(times, PAL, 400), PAL)
    assert [cue.lines for cue in cues] == [("What is two plus two?",), ("Four.",)]


def test_a_caption_that_would_flicker_off_stays() -> None:
    """A learner would see the captions blink off for a quarter of a second at every comma."""
    cues = section_cues(section_of(ENGLISH), PAL)
    assert all(gap == 2 or gap >= 12 for gap in (two.start_frame - one.end_frame for one, two in pairwise(cues)))


@pytest.mark.parametrize("times_as_fast", [Fraction(2), Fraction(5, 2), Fraction(3)])
@pytest.mark.parametrize("language", ["en", "de", "hi"])
def test_a_voice_slowed_as_the_report_asks_can_be_read(language: str, times_as_fast: Fraction) -> None:
    """A deaf learner would be left with captions that nobody can read in time, or the voice be slowed for nothing."""
    fast = section_of(NARRATIONS[language], language, letters_a_second=int(LETTERS_A_SECOND[language] * times_as_fast))
    report = caption_report(fast.tokens, fast.times, fast.plan, PAL, language)
    percent = needed_rate_percent(report)
    assert report.fast
    assert 30 < percent < 100
    assert "reading-speed" in {
        found.code for found in caption_checks(section_cues(fast, PAL, language), fast, PAL, language)
    }
    times = _stretched(fast.times, percent)
    slow = fast.model_copy(update={"times": times, "plan": plan_clip(times, PAL, 400)})
    assert caption_report(slow.tokens, slow.times, slow.plan, PAL, language).fast == ()
    assert caption_checks(section_cues(slow, PAL, language), slow, PAL, language) == ()


def _stretched(times: SpeechTimes, percent: int) -> SpeechTimes:
    longer = [
        WordTime(token=word.token, start=word.start * 100 // percent, end=word.end * 100 // percent)
        for word in times.words
    ]
    return times.model_copy(update={"words": tuple(longer), "samples": times.samples * 100 // percent})


def test_a_voice_that_can_be_read_is_not_slowed() -> None:
    """A learner would hear every lesson slower than its author set it."""
    section = section_of(ENGLISH)
    assert needed_rate_percent(caption_report(section.tokens, section.times, section.plan, PAL)) == 100


def test_speech_without_times_is_an_error() -> None:
    """A learner would get a film with captions at made-up times."""
    section = section_of(ENGLISH)
    silent = section.times.model_copy(update={"words": ()})
    with pytest.raises(SpeechInvalid):
        caption_cues(section.tokens, silent, section.plan, PAL)


def _film(language: str = "en"):
    one, two = section_of(ENGLISH, language), section_of("Short. And sweet, isn't it?", language)
    parts = [
        CardPlan(kind="title_card", frames=70),
        one.model_copy(update={"id": "one", "title": "Rise & fall"}),
        two.model_copy(update={"id": "two", "title": "The <end>"}),
        CardPlan(kind="end_card", frames=80),
    ]
    return build_timeline(parts, PAL)


def test_captions_of_a_film_stay_in_their_sections() -> None:
    """A learner would read the last words of a section over the picture of the next."""
    film = _film()
    cues = film_cues(film)
    assert film_caption_checks(film, cues) == ()
    assert cues[0].start_frame >= 70
    late = (*cues[:-1], cues[-1].model_copy(update={"end_frame": film.frames}))
    assert {found.code for found in film_caption_checks(film, late)} >= {"outside-section"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda cue: {"lines": ("Now raise the voltage slowly.",)}, "coverage"),
        (lambda cue: {"lines": ("Now raise", "the gate", "voltage slowly.")}, "lines"),
        (lambda cue: {"lines": ("Now raise the gate voltage slowly. " * 2,)}, "line-length"),
        (lambda cue: {"end_frame": cue.start_frame + 30}, "reading-speed"),
        (lambda cue: {"end_frame": cue.start_frame + 19}, "too-short"),
        (lambda cue: {"end_frame": cue.start_frame + 176}, "too-long"),
        (lambda cue: {"end_frame": cue.end_frame + 1}, "gap"),
        (lambda cue: {"start_frame": cue.start_frame - 3}, "start-offset"),
        (lambda cue: {"start_frame": -1}, "outside-section"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_check_notices_its_fault(change, code: str) -> None:
    """A film with bad captions would be published as checked."""
    section = section_of(ENGLISH)
    first, *others = section_cues(section, PAL)
    spoilt = [first.model_copy(update=change(first)), *others]
    assert code in {found.code for found in caption_checks(spoilt, section, PAL)}


def test_the_offset_that_is_reported_is_the_one_there_is() -> None:
    """A maker would read that captions are on the words while one of them is three frames late."""
    film = _film()
    cues = film_cues(film)
    assert abs(largest_start_offset_ms(film, cues)) <= 80
    late = [cue.model_copy(update={"start_frame": cue.start_frame + 3}) if cue is cues[1] else cue for cue in cues]
    assert 120 - 40 <= largest_start_offset_ms(film, late) <= 120 + 40


def test_a_missing_caption_is_noticed() -> None:
    """A deaf learner would miss a sentence, and no check would say so."""
    section = section_of(ENGLISH)
    found = caption_checks(section_cues(section, PAL)[:-1], section, PAL)
    assert [finding.code for finding in found] == ["coverage"]


@pytest.mark.parametrize("voice", [EspeakSpeech, HibariSpeech])
def test_captions_of_the_embedded_voices_break_no_rule(voice: type[EspeakSpeech | HibariSpeech]) -> None:
    """A learner would have good captions for made-up times only, and late ones for the voice that comes with it."""
    said = {"V_T": "V T", "V_GS": "V G S", "V_DS": "V D S"}
    text = " ".join(ENGLISH.split()[:60])
    tokens = tokens_of(text)
    pieces = tuple(
        SpokenWord(text=said.get(token.shown.strip("(),."), token.shown), token=index)
        for index, token in enumerate(tokens)
        if any(character.isalnum() for character in token.shown)
    )
    provider = voice()
    times = provider.speak(SpeechRequest(pieces=pieces, language="en", voice="")).times
    if isinstance(provider, EspeakSpeech):
        provider.close()
    plan = plan_clip(times, PAL, 400)
    section = SectionPlan(id="s", title="T", pointer="/sections/0", line=1, plan=plan, times=times, tokens=tokens)
    cues = section_cues(section, PAL)
    assert caption_checks(cues, section, PAL) == ()
    assert caption_report(tokens, times, plan, PAL).fast == ()
    assert len(cues) >= 6


# --- files -------------------------------------------------------------------------------------------------------


def _cue(start: int, end: int, *lines: str) -> Cue:
    return Cue(start_frame=start, end_frame=end, lines=lines, first_token=0, end_token=1)


def test_webvtt_escapes_what_it_would_read_as_markup() -> None:
    """A learner would see a line of mathematics vanish, as a tag that no player knows."""
    made = to_webvtt([_cue(0, 25, "a<b & b-->c"), _cue(30, 90_025, "V_GS > V_T")], PAL)
    assert made == (
        "WEBVTT\n\n"
        "1\n00:00:00.000 --> 00:00:01.000\na&lt;b &amp; b--&gt;c\n\n"
        "2\n00:00:01.200 --> 01:00:01.000\nV_GS &gt; V_T\n"
    )


def test_subrip_parts_what_players_read_as_markup() -> None:
    """A learner would see `<b` and `{\\an8` swallowed, or all later captions lost at an arrow in the text."""
    made = to_srt([_cue(0, 25, "a <b {\\an8} x-->y", "1 < 2 > 0")], PAL)
    assert made == "1\n00:00:00,000 --> 00:00:01,000\na <\u2060b {\u2060\\an8} x--\u2060>y\n1 < 2 > 0\n"


def test_text_track_is_plain() -> None:
    """A learner who turns on the MP4's own captions would read `&lt;`."""
    (cue,) = mov_text([_cue(1, 26, "1 < 2", "& more")], PAL)
    assert (cue.start_ms, cue.end_ms, cue.text) == (40, 1040, "1 < 2\n& more")


def test_chapters_are_one_line_each() -> None:
    """A viewer would find chapters without names in the player's menu."""
    made = chapters_vtt([Chapter(title="Rise & fall\nagain", start_frame=0, end_frame=100)], PAL)
    assert made == "WEBVTT\n\n1\n00:00:00.000 --> 00:00:04.000\nRise &amp; fall again\n"


@given(st.lists(st.integers(1, 500), min_size=2, max_size=60), st.sampled_from(RATES))
def test_written_times_never_step_back(steps: list[int], rate: Fraction) -> None:
    """A player would drop a caption that ends before it starts, or show two at once."""
    frames = [sum(steps[:count]) for count in range(len(steps) // 2 * 2)]
    cues = [_cue(start, end, "x") for start, end in zip(frames[::2], frames[1::2], strict=True)]
    written = re.findall(r"(\d+):(\d\d):(\d\d)\.(\d{3})", to_webvtt(cues, rate))
    seconds = [int(h) * 3600 + int(m) * 60 + int(s) + Fraction(int(ms), 1000) for h, m, s, ms in written]
    assert seconds == sorted(seconds)
    assert all(abs(second - frame / rate) <= Fraction(1, 2000) for second, frame in zip(seconds, frames, strict=True))


def test_directions_are_marked_only_where_needed() -> None:
    """A learner of Arabic would read a line that starts with V_GS in the wrong order."""
    assert with_direction("V_GS هو الجهد", "ar") == "\u200fV_GS هو الجهد"
    assert with_direction("هو الجهد V_GS", "ar") == "هو الجهد V_GS"
    assert with_direction("12 + 3", "ar-EG") == "12 + 3"
    assert with_direction("V_GS is", "en") == "V_GS is"
    assert with_direction("זה Hebrew", "en") == "\u200eזה Hebrew"
    assert with_direction("Salom", "uz-Latn") == "Salom"
    made = to_webvtt([_cue(0, 25, "V_GS هو")], PAL, "ar")
    assert "&rlm;V_GS هو" in made


def test_a_character_is_what_a_reader_sees() -> None:
    """A learner of Hindi would get captions half as long as they could be, or vowels torn from consonants."""
    assert clusters("क्षि") == ("क्षि",)
    assert clusters("हिन्दी") == ("हि", "न्दी")
    assert clusters("தமிழ்") == ("த", "மி", "ழ்")
    assert clusters("\u1112\u1161\u11ab글") == ("\u1112\u1161\u11ab", "글")
    assert clusters("e\u03011") == ("e\u0301", "1")
    assert clusters("é1") == ("é", "1")
    assert clusters("👩‍🔬👍🏽🇩🇪🇫🇷") == ("👩‍🔬", "👍🏽", "🇩🇪", "🇫🇷")
    assert text_width("中文", CJK) == 2 * CJK.wide
    assert LINE_UNITS == 42 * LATIN.narrow == 16 * CJK.wide == 32 * CJK.narrow == 16 * LATIN.wide


# --- transcript --------------------------------------------------------------------------------------------------


def _transcript(language: str = "en"):
    return transcript_of(
        _film(), "A <b>title</b> & more", language, "Ada & co", "CC-BY-4.0", {"two": "A graph of 'x' < 3"}
    )


def test_the_plain_transcript_has_every_section_and_its_time() -> None:
    """A learner who searches the text would not find the place in the film."""
    made = transcript_text(_transcript())
    assert made.startswith("A <b>title</b> & more\nAda & co · CC-BY-4.0 · 0:")
    assert "\n\nRise & fall\n\n[0:02] Now raise the gate voltage slowly. A positive" in made
    assert made.endswith("Short. And sweet, isn't it?\n")
    assert "\r" not in made
    assert ENGLISH in made


class _Page(HTMLParser):
    """What a browser would see: open elements are matched with their ends."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("zh-Hans", "ltr"), ("sw", "ltr")])
def test_the_page_is_well_formed_labelled_and_escaped(language: str, direction: str) -> None:
    """A learner with a screen reader would hear it in the wrong voice, or not find a section by its heading."""
    page = _Page()
    page.feed(transcript_html(_transcript(language)))
    assert page.open == []
    kinds = [tag for tag, _ in page.seen]
    assert dict(page.seen)["html"] == {"lang": language, "dir": direction}
    assert kinds.count("h1") == 1
    assert kinds.count("section") == 2
    assert "b" not in kinds
    ids = {attributes["id"] for _, attributes in page.seen if "id" in attributes}
    targets = {attributes["href"] for _, attributes in page.seen if "href" in attributes}
    assert targets <= {f"#{name}" for name in ids}
    assert "A <b>title</b> & more" in page.text
    assert "A graph of 'x' < 3" in page.text
    assert not any("src" in attributes for _, attributes in page.seen)


def test_long_narrations_are_parted_into_paragraphs_between_sentences() -> None:
    """A learner would face a wall of text for a section of several minutes."""
    film = build_timeline([section_of(" ".join([ENGLISH] * 4))], PAL)
    paragraphs = transcript_of(film, "T").sections[0].paragraphs
    assert len(paragraphs) > 2
    assert all(paragraph.text.endswith((".", "?")) for paragraph in paragraphs)
    assert " ".join(paragraph.text for paragraph in paragraphs) == " ".join([ENGLISH] * 4)
    assert all(one.start < two.start for one, two in pairwise(paragraphs))


@pytest.mark.parametrize("conjunct", ["ಕ್ಷ", "ක්ෂ", "ශ්\u200dරී", "ਸ੍ਰੀ", "क्ष", "த்தி"])
def test_a_conjunct_is_one_character(conjunct: str) -> None:
    """A caption in Kannada or Sinhala would break inside a letter."""
    assert clusters(f"{conjunct}a") == (conjunct, "a")
