"""The estimate: rough, but in the right proportions, and better with each render."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.cli.time_estimate import shares_to_make
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import canonical_json
from video_assets.studio.explain.model import Action, ExplainedItem, Explanation
from video_assets.studio.telemetry.estimate import (
    EVERYTHING,
    Estimate,
    Measured,
    Rates,
    estimate_film,
    film_seconds,
    format_estimate,
    updated,
)

SECTIONS = [30.0] * 10
ACTIONS: tuple[Action, ...] = ("make", "reuse", "show", "fail")
RENDERED = Measured(
    film_seconds=310,
    sections=10,
    wall_seconds=80,
    stage_seconds={"section_audio": 4, "section_image": 3, "lip_synced_clip": 50, "final_video": 13},
    made={"section_audio": 10, "section_image": 12, "lip_synced_clip": 12},
    disk_bytes=40_000_000,
)


def settings_with(**chosen: Any) -> Settings:
    return Settings(**chosen)


def test_the_film_has_its_sections_breaths_and_cards() -> None:
    """A teacher with 45 minutes would be told of a film that is shorter than the one that is made."""
    assert film_seconds(SECTIONS, settings_with()) == pytest.approx(310)
    assert film_seconds(SECTIONS, settings_with(title_card_ms=0, end_card_ms=0)) == pytest.approx(304)


def test_more_work_takes_longer() -> None:
    """An author who asks for 1080p at `slow` would be told that it takes no longer than a draft."""
    usual = estimate_film(SECTIONS, settings_with())
    for heavier in (
        settings_with(width_px=1920, height_px=1080),
        settings_with(preset="slow"),
        settings_with(frame_rate="50"),
    ):
        assert estimate_film(SECTIONS, heavier).wall_seconds > usual.wall_seconds
    assert estimate_film(SECTIONS, settings_with(crf=17)).disk_bytes > usual.disk_bytes
    assert estimate_film(SECTIONS[:5], settings_with()).wall_seconds < usual.wall_seconds


SHARES = st.fixed_dictionaries({stage: st.floats(0, 1) for stage in EVERYTHING})


@given(shares=SHARES, less=SHARES)
def test_what_is_reused_takes_no_time(shares: dict[str, float], less: dict[str, float]) -> None:
    """A teacher who mended one word would be told to wait as long as for the whole film."""
    lower = {stage: share * less[stage] for stage, share in shares.items()}
    some, fewer = (estimate_film(SECTIONS, settings_with(), None, each) for each in (shares, lower))
    assert fewer.wall_seconds <= some.wall_seconds <= estimate_film(SECTIONS, settings_with()).wall_seconds
    assert fewer.film_seconds == some.film_seconds
    nothing = estimate_film(SECTIONS, settings_with(), None, dict.fromkeys(EVERYTHING, 0.0))
    assert nothing.wall_seconds == round(Rates().start_seconds, 1)


@given(st.dictionaries(st.sampled_from(sorted(EVERYTHING)), st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=9)))
def test_the_share_to_be_made_is_that_of_the_explanation(actions: dict[str, list[Action]]) -> None:
    """A teacher would be told of two minutes, and wait ten, as something to be made was taken for reused."""
    items = [
        ExplainedItem(stage, str(at), "", each) for stage, several in actions.items() for at, each in enumerate(several)
    ]
    shares = shares_to_make(Explanation("lamp", tuple(items), ()))
    assert shares.keys() == EVERYTHING.keys()
    for stage, share in shares.items():
        several = actions.get(stage, ["make"])
        assert share == pytest.approx(sum(each in ("make", "fail") for each in several) / len(several))


def test_renders_teach_the_machines_own_pace() -> None:
    """An author on a slow laptop would be told the pace of another machine for ever."""
    rates, settings = Rates(clip=5.0, start_seconds=100.0, video_bytes=1e6), settings_with()
    for _ in range(20):
        rates = updated(rates, RENDERED, settings)
    expected = estimate_film(SECTIONS, settings, rates)
    assert expected.wall_seconds == pytest.approx(RENDERED.wall_seconds, rel=0.02)
    assert expected.disk_bytes == pytest.approx(RENDERED.disk_bytes, rel=0.02)


def test_a_render_with_other_settings_teaches_the_same() -> None:
    """An author who made a draft would be told that the film takes no longer than the draft."""
    draft, full = settings_with(width_px=640, height_px=360, preset="veryfast"), settings_with()
    measured = RENDERED.model_copy(update={"stage_seconds": {"lip_synced_clip": 50 * 0.25 * 0.55}})
    after_draft, after_full = updated(Rates(), measured, draft), updated(Rates(), RENDERED, full)
    assert after_draft.clip == pytest.approx(after_full.clip, rel=1e-3)


def test_reused_sections_do_not_look_like_speed() -> None:
    """An author who changed one word would be told that the next whole film takes a tenth of its time."""
    one = RENDERED.model_copy(
        update={"made": {"lip_synced_clip": 1}, "stage_seconds": {"lip_synced_clip": 50 / 12}, "disk_bytes": 0}
    )
    rates = updated(Rates(), one, settings_with())
    assert rates.clip == pytest.approx(updated(Rates(), RENDERED, settings_with()).clip, rel=1e-3)
    assert (rates.speech, rates.picture, rates.join) == (Rates().speech, Rates().picture, Rates().join)
    assert rates.video_bytes == Rates().video_bytes


@given(st.floats(0.1, 1e5), st.integers(1, 75), st.floats(0, 1e5), st.integers(0, 10**12))
def test_any_render_gives_rates_that_can_be_kept(seconds: float, sections: int, wall: float, size: int) -> None:
    """A strange render (a suspended laptop) would break every later call."""
    measured = RENDERED.model_copy(
        update={"film_seconds": seconds, "sections": sections, "wall_seconds": wall, "disk_bytes": size}
    )
    rates = updated(Rates(), measured, settings_with())
    assert Rates.model_validate_json(canonical_json(rates)) == rates
    assert estimate_film(SECTIONS, settings_with(), rates).wall_seconds >= 0


@pytest.mark.parametrize(
    ("film", "wall", "size", "text"),
    [
        (298.2, 82, 34_400_000, "about 1 min 20 s, 34 MB, film of 4:58"),
        (61, 3, 400_000, "about 3 s, 400 kB, film of 1:01"),
        (61, 1.6, 400_000, "a second or two, 400 kB, film of 1:01"),
        (7300, 1234, 1_260_000_000, "about 21 min, 1.3 GB, film of 2:01:40"),
        (0, 58, 999_900_000, "about 1 min, 1 GB, film of 0:00"),
    ],
)
def test_it_reads_as_a_person_would_say_it(film: float, wall: float, size: int, text: str) -> None:
    """An author would read a precision that no estimate has."""
    assert format_estimate(Estimate(film_seconds=film, wall_seconds=wall, disk_bytes=size)) == text
