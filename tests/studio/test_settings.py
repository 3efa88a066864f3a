"""Settings of several places become one value, and a wrong one is refused by name, value and place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.settings import (
    PROFILES,
    SETTING_NAMES,
    Settings,
    parse_assignment,
    resolve,
    setting_value_problems,
    settings_from_environment,
)

PLACES = ("project file", "lesson file", "environment", "command line")


@pytest.mark.parametrize("strongest", range(len(PLACES)))
def test_the_strongest_place_wins(strongest):
    """A teacher who asks for crf 20 on the command line would get what an old project file says."""
    layers = [(place, {"crf": 30 + index}) for index, place in enumerate(PLACES[: strongest + 1])]
    assert resolve("enhanced", *layers).crf == 30 + strongest


def test_a_profile_lies_below_every_place_and_may_come_from_any():
    """A lesson that asks for the draft profile would still be made in full size, or lose its own settings to it."""
    made = resolve("standard", ("lesson file", {"profile": "draft", "crf": "20"}))
    assert (made.profile, made.width_px, made.height_px, made.rate, made.crf) == ("draft", 640, 360, 12, 20)
    assert resolve("draft", ("lesson file", {"profile": "draft"}), ("command line", {"profile": "enhanced"})).crf == 20


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("standard", (1280, 720, 25, "fast", 23, 128)),
        ("enhanced", (1920, 1080, 25, "medium", 20, 192)),
        ("ultra_fast", (1280, 720, 12, "ultrafast", 28, 96)),
        ("draft", (640, 360, 12, "ultrafast", 30, 128)),
    ],
)
def test_profiles_are_what_the_documentation_says(profile, expected):
    """A teacher in a hurry would choose ultra_fast and wait as long as for the standard film."""
    made = resolve(profile)
    assert (made.width_px, made.height_px, made.rate, made.preset, made.crf, made.audio_kbps) == expected


def test_the_standard_profile_is_what_the_defaults_are():
    """Someone who uses the library without a profile would get another film than the command makes."""
    assert resolve("standard") == Settings()  # pyright: ignore[reportCallIssue]  # pydantic fills in the defaults
    assert set(PROFILES) == {"standard", "enhanced", "ultra_fast", "draft"}


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"theem": "x"}, 'There is no setting "theem" (environment). Did you mean "theme"?'),
        ({"crf": "99"}, 'crf cannot be "99" (environment). Allowed is a whole number from 10 to 40.'),
        ({"crf": "low"}, 'crf cannot be "low" (environment). Allowed is a whole number from 10 to 40.'),
        ({"crf": True}, "crf cannot be true (environment). Allowed is a whole number from 10 to 40."),
        ({"height_px": 721}, "height_px cannot be 721 (environment). Allowed is a multiple of 2 from 320 to 3840."),
        ({"preset": "fst"}, 'preset cannot be "fst" (environment). Did you mean "fast"?'),
        ({"profile": "drft"}, 'There is no profile "drft" (environment). Did you mean "draft"?'),
        ({"accent": "red"}, 'accent cannot be "red" (environment). Allowed is a colour such as #1f6f8b.'),
        ({"frame_rate": "200"}, 'frame_rate cannot be "200" (environment). Allowed is 8 to 60 frames per second.'),
        ({"frame_rate": "1e999999999"}, 'frame_rate cannot be "1e999999999" (environment).'),
        ({"frame_rate": "25/0"}, 'frame_rate cannot be "25/0" (environment).'),
        ({"loudness_lufs": "nan"}, 'loudness_lufs cannot be "nan" (environment). Allowed is a number from -31 to -9.'),
        ({"voice": 3}, "voice cannot be 3 (environment). Allowed is text."),
    ],
)
def test_a_wrong_setting_is_refused_in_one_readable_line(values, line):
    """A teacher would get a page of validation internals, or a film with a setting silently left out."""
    with pytest.raises(SettingInvalid) as caught:
        resolve("standard", ("environment", values))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_wrong_settings_of_all_places_are_told_together():
    """Each run would reveal one more mistake."""
    with pytest.raises(SettingInvalid) as caught:
        resolve("fancy", ("lesson file", {"crf": 1, "them": "x"}), ("command line", {"preset": "slo"}))
    assert [line.partition("(")[2].partition(")")[0] for line in str(caught.value).splitlines()] == [
        "profile",
        "lesson file",
        "lesson file",
        "command line",
    ]


@pytest.mark.parametrize(("written", "exact"), [("30000/1001", "30000/1001"), (30, "30"), ("29.97", "2997/100")])
def test_frame_rates_are_exact(written, exact):
    """Sound and lips would drift apart over an hour of film."""
    assert resolve("standard", ("command line", {"frame_rate": written})).frame_rate == exact


def test_the_environment_gives_settings_by_prefix():
    """An administrator's LESSONREEL_CRF would be ignored, or the state folder's variable refused as a setting."""
    environ = {"LESSONREEL_CRF": "20", "LESSONREEL_THEME": "", "LESSONREEL_STATE": "x", "CRF": "1"}
    assert settings_from_environment(environ, elsewhere={"LESSONREEL_STATE"}) == {"crf": "20"}


def test_assignments_of_the_command_line():
    """`--set frame-rate=30` would be refused for its hyphen, or `--set crf` taken for something."""
    assert parse_assignment("frame-rate=30") == ("frame_rate", "30")
    assert parse_assignment("logo=") == ("logo", "")
    for wrong in ("crf", "=20", "zzz=1", "crf=99"):
        with pytest.raises(SettingInvalid):
            parse_assignment(wrong)


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.integers(), max_size=2)
    | st.just(10**6000)
)


@hypothesis_settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(SETTING_NAMES) | st.text(max_size=20), ANYTHING, max_size=6))
def test_no_value_of_a_setting_leads_to_anything_but_a_setting_or_a_fault(values):
    """A hostile or merely odd value would end in a traceback."""
    faults = setting_value_problems(values)
    assert len({fault.name for fault in faults}) == len(faults)
    for fault in faults:
        assert (fault.message + fault.remedy).isprintable()
    if faults:
        with pytest.raises(SettingInvalid):
            resolve("standard", ("environment", values))
    else:
        resolve("standard", ("environment", values))
