"""The markup of narrations: what is markup, what is text, and what is a mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.core.errors import ContentError
from video_assets.studio.spoken.markup import Marked, MarkedPause, PronunciationOverride, parse


def emphasised(narration: str) -> list[tuple[str, int]]:
    marked = parse(narration)
    return [(character, style.emphasis) for character, style in zip(marked.text, marked.styles, strict=True)]


@pytest.mark.parametrize(
    "narration",
    ["2 * 3", "a*b", "2 * 3 * 4", "a*b*c", "* item", "one *two", "one* two", "[1]", "[see below]", "[pausing]", "[|x]",
     "[pause 5]", "[rate]", "[a[b]", "`", "x\\", "C:[", "**x*", "[slow"],
)  # fmt: skip
def test_what_is_no_markup_stays_as_the_author_wrote_it(narration: str) -> None:
    """A learner would see "23" where the author wrote "2 * 3"."""
    marked = parse(narration)
    assert marked.text == narration
    assert not marked.overrides
    assert not marked.silences


def test_emphasis_spans_what_its_stars_enclose() -> None:
    """A learner would hear the stress on the wrong word."""
    assert emphasised("a *b* **c**.") == [("a", 0), (" ", 0), ("b", 1), (" ", 0), ("c", 2), (".", 0)]
    assert emphasised("这*是*的") == [("这", 0), ("是", 1), ("的", 0)]


@pytest.mark.parametrize(
    ("narration", "milliseconds"),
    [("[pause]", 600), ("[pause 800ms]", 800), ("[pause 800 ms]", 800), ("[pause 1.5s]", 1500), ("[pause 2s ]", 2000)],
)
def test_pauses_last_as_long_as_written(narration: str, milliseconds: int) -> None:
    """A learner would get no time to think where the teacher gave some."""
    assert parse("a " + narration).silences == (MarkedPause(2, milliseconds),)


def test_sayings_keep_their_place() -> None:
    """A learner would hear the word for another sign than the one shown."""
    assert parse("use [V\\|T|V threshold] [☃|]").overrides == (
        PronunciationOverride(4, 7, "V threshold"),
        PronunciationOverride(8, 9, ""),
    )


def test_escapes_and_code_take_the_meaning_from_signs() -> None:
    """An author could not show an asterisk, a bracket or code at all."""
    assert parse("\\*x\\* \\[pause\\] `[pause] **kw`").text == "*x* [pause] [pause] **kw"


@pytest.mark.parametrize(
    ("narration", "place"),
    [
        ("a [slow] b", 3), ("a [/slow] b", 3), ("[slow]a[/fast]", 8), ("[rate 500%]a[/rate]", 1), ("x [pause 0ms]", 3),
        ("x [pause 40s]", 3), ("[rate 20%]a[/rate]", 1), ("[rate 99999999999999999999%]a[/rate]", 1),
    ],
)  # fmt: skip
def test_markup_that_cannot_be_kept_is_an_error_with_its_place(narration: str, place: int) -> None:
    """A class would hear "slash slow" read out, or wait for minutes in silence."""
    with pytest.raises(ContentError) as caught:
        parse(narration, place="/sections/2")
    assert f"character {place} of the narration" in str(caught.value)
    assert caught.value.remedy
    assert caught.value.place == "/sections/2"


@given(st.text(alphabet="ab *[]|\\`/slowpaue1%sm😀中\n", max_size=30))
def test_offsets_point_at_the_same_characters(narration: str) -> None:
    """An editor would mark the wrong word while it is spoken."""
    try:
        marked: Marked = parse(narration)
    except ContentError:
        return
    assert len(marked.text) == len(marked.offsets) == len(marked.styles)
    assert all(narration[offset] == character for offset, character in zip(marked.offsets, marked.text, strict=True))
    assert list(marked.offsets) == sorted(set(marked.offsets))
