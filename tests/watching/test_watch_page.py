"""The page of a film says what its bundle says, whatever an author wrote, in the lesson's language."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.kit.films import Films
from tests.kit.house import House
from video_assets.studio.captions.cues import Cue
from video_assets.studio.captions.files import to_webvtt
from video_assets.studio.film import bundle
from video_assets.studio.film.pages.watch import is_current, parse_cues, watch_page, write_watch_page
from video_assets.studio.film.pages.words import checks_in_words, page_words
from video_assets.studio.storage.filesystem import FileSystem

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "</title></style><script>alert(1)</script>",
    '" onmouseover="alert(1)" x=\'',
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; <!-- ]]> -->",
    "a\u2028b\u2029c\u202eevil\u2066x",
    "javascript:alert(1)",
)


class _Structure(HTMLParser):
    """The page without its words: every tag with the names of its attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_comment(self, data):
        self.tags.append(("comment", (data,)))

    def handle_data(self, data):
        self.words.append(data)


def _structure(page: str) -> _Structure:
    found = _Structure()
    found.feed(page)
    found.close()
    return found


def _say_everywhere(manifest, text: str) -> None:
    """Put `text` wherever an author's words stand."""
    for name in ("title", "author", "licence", "date"):
        manifest["lesson"][name] = text
    for chapter in manifest["film"]["chapters"]:
        chapter["title"] = text
    for section in manifest["sections"]:
        section["title"] = section["picture"]["alt"] = text
        for sentence in section["spoken"]:
            sentence["text"] = text


@pytest.fixture
def page_of(films: Films):
    """The page of a film whose author wrote the same words everywhere."""
    films.publish()
    manifest = (films.videos / "tiny" / bundle.MANIFEST).read_bytes()

    def page(text: str) -> str:
        (films.videos / "tiny" / bundle.MANIFEST).write_bytes(manifest)
        films.rewrite("tiny", lambda told: _say_everywhere(told, text))
        return (films.videos / "tiny" / bundle.WATCH).read_text("utf-8")

    return page


def _with_examples(test):
    for text in HOSTILE:
        test = example(text)(test)
    return test


@_with_examples
@given(text=st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_words_of_an_author_become_markup(page_of, text: str):
    """A lesson that somebody sent by mail would run its script in the teacher's browser."""
    plain, found = _structure(page_of("x")), _structure(page_of(text))
    assert found.tags == plain.tags
    assert text in found.words


def test_words_that_cannot_be_written_do_not_prevent_the_page(page_of):
    """A teacher would get no film at all for one broken character of a pasted title."""
    assert "x?y" in page_of("x\ud800y")


@pytest.mark.parametrize(
    ("language", "direction"), [("ar", "rtl"), ("hi", "ltr"), ("zh-Hans", "ltr"), ("de", "ltr"), ("sw", "ltr")]
)
def test_the_page_is_in_the_language_of_the_lesson(films: Films, language: str, direction: str):
    """An Arabic class would read the page from the wrong side, and a screen reader would speak it as English."""
    films.publish(language=language)
    page = (films.videos / "tiny" / bundle.WATCH).read_text("utf-8")
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert page_words(language)["transcript"] in page
    assert (page_words(language) == page_words("en")) == (language == "sw")


def test_every_language_has_every_word():
    """A viewer would meet a page that is half in another language, or none."""
    words = {language: set(page_words(language)) for language in ("en", "de", "fr", "es", "hi", "zh", "ar")}
    assert all(known == words["en"] for known in words.values())


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "hi", "zh", "ar"])
def test_what_was_measured_is_told_in_words(rendered: House, language: str):
    """A teacher who wants to know whether the film is sound would have to read JSON."""
    findings = json.loads((rendered.videos / "tiny" / bundle.QC).read_bytes())["checks"]
    told = checks_in_words(findings, language)
    assert len(told) == len(findings)
    assert all(check.passed for check in told)
    assert not any("{" in check.text for check in told)
    assert "3" in told[0].text, "so many sections"
    own = {finding["message"] for finding in findings}
    assert not own & {check.text for check in told}, "no sentence is missing in this language"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "hi", "zh", "ar"])
def test_a_mouth_that_could_not_be_timed_is_not_said_to_be_missing(language: str):
    """A viewer sees the presenter speak, and would read beside it that the film shows no speaking mouth."""

    def told(**measured: int) -> str:
        finding = {"check": "lips", "passed": True, "message": "own words", "measured": measured}
        return checks_in_words([finding], language)[0].text

    without = told(sections_with_a_mouth=0)
    untimed = told(sections_with_a_mouth=2, sections_timed=0, median_offset_ms=0)
    assert len({without, untimed, "own words"}) == 3


def test_the_page_needs_nothing_but_its_folder(films: Films):
    """A class without network, or a page on a memory stick, would show an empty frame."""
    folder = films.publish()
    page = (folder / bundle.WATCH).read_text("utf-8")
    assert "//" not in page.replace("data:image/webp;base64,", "").split("<body>")[0].split("<style>")[0]
    found = _structure(page)
    assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in found.tags}
    assert "default-src" in page


def test_a_bundle_of_an_earlier_version_gets_its_page_and_nothing_else(films: Films):
    """An archive of hundreds of films would be joined again, or never get the page."""
    folder = films.publish(page=False)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert not is_current(folder)
    write_watch_page(folder, filesystem=FileSystem())
    assert is_current(folder)
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert after.items() - before.items() == {(bundle.WATCH, after[bundle.WATCH])}
    assert bundle.find_version(films.videos, "tiny", "v1") is not None


def test_the_page_follows_from_the_bundle_alone(films: Films):
    """Two machines would publish different pages of the same film."""
    folder = films.publish()
    assert watch_page(folder) == (folder / bundle.WATCH).read_text("utf-8")


def test_a_page_of_another_edition_is_not_current(films: Films):
    """A page with a fault would stay in every folder after the fault was mended."""
    page = films.publish() / bundle.WATCH
    page.write_text(
        page.read_text("utf-8").replace('name="lessonreel-page" content="', 'name="lessonreel-page" content="0')
    )
    assert not is_current(page.parent)


LINES = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30).filter(str.strip),
    min_size=1,
    max_size=2,
)


@given(texts=st.lists(LINES, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_captions_of_the_page_are_those_of_the_file(texts: list[list[str]]):
    """A deaf viewer would miss captions that the file has, or read them at another time."""
    cues = [
        Cue(start_frame=50 * number, end_frame=50 * number + 40, lines=tuple(lines), first_token=0, end_token=1)
        for number, lines in enumerate(texts)
    ]
    found = list(parse_cues(to_webvtt(cues, Fraction(25))))
    assert [(start, end) for start, end, _ in found] == [(2.0 * n, 2.0 * n + 1.6) for n in range(len(texts))]
    assert [text.count("\n") for _, _, text in found] == [len(lines) - 1 for lines in texts]
    for (_, _, text), lines in zip(found, texts, strict=True):
        assert to_webvtt(
            [Cue(start_frame=0, end_frame=1, lines=tuple(lines), first_token=0, end_token=1)], Fraction(25)
        ).endswith(f"\n{text}\n")


def test_no_page_is_left_half_written(films: Films, monkeypatch: pytest.MonkeyPatch):
    """A viewer would get half a page after a power cut."""
    folder = films.publish()

    class Cut(FileSystem):
        def rename(self, source: Path, target: Path) -> None:
            raise OSError(28, os.strerror(28))

    before = (folder / bundle.WATCH).read_bytes()
    with pytest.raises(Exception, match="No space left"):
        write_watch_page(folder, filesystem=Cut())
    assert (folder / bundle.WATCH).read_bytes() == before
    assert not list(folder.glob("*.part"))
