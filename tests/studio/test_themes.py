"""Themes: legible in every colour, whatever accent an author chooses."""

from __future__ import annotations

import pytest

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.slides.themes import (
    CONTRAST_FLOOR,
    contrast,
    list_themes,
    load_theme,
    template_files,
    with_min_contrast,
)

THEMES = [theme.id for theme in list_themes()]
ACCENTS = ["", "#000000", "#ffffff", "#ffff00", "#0000ff", "#ff0000", "#808080", "#00a651", "#f3c"]


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("accent", ACCENTS)
def test_every_text_colour_is_legible_on_every_ground(name: str, accent: str) -> None:
    """A learner with weak sight, or in a bright room, could not read the slide (WCAG 2.2 AA, 4.5:1)."""
    theme = load_theme(name, accent)
    colours = theme.colours
    for ground in (colours.paper, colours.card, colours.mark):
        # The last two colour the words of diagrams.
        for ink in (colours.text, colours.muted, colours.accent, colours.second, colours.third):
            assert contrast(ink, ground) >= CONTRAST_FLOOR, f"{ink} on {ground}"
    for name_of, ink in theme.code.model_dump().items():
        for ground in (colours.card, colours.paper):  # the latter is that of a line that is spoken about
            assert contrast(ink, ground) >= CONTRAST_FLOOR, f"{name_of} on {ground}"


@pytest.mark.parametrize("name", THEMES)
def test_marks_are_visible(name: str) -> None:
    """A learner could not see the borders that tell one label from another (WCAG 2.2, 1.4.11: 3:1)."""
    colours = load_theme(name).colours
    for mark in (colours.accent, colours.second, colours.third):
        assert contrast(mark, colours.paper) >= 3


def test_contrast_is_the_standards() -> None:
    """All other tests of legibility would measure something else."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_a_legible_colour_is_left_alone() -> None:
    """A school's own colour would come out as another."""
    assert with_min_contrast("#1d5fe0", ("#ffffff",)) == "#1d5fe0"


def test_what_does_not_exist_is_named() -> None:
    """An author who misspells a theme or a colour would not learn what there is."""
    with pytest.raises(SettingInvalid, match="chalk"):
        load_theme("chlak")
    for colour in ("blue", "#12345", "#gggggg"):
        with pytest.raises(SettingInvalid, match="#rrggbb"):
            load_theme("chalk", colour)


def test_there_is_a_choice() -> None:
    """`lessonreel themes` would show nothing, and an installed package would lack its template."""
    assert {"chalk", "paper", "signal"} <= set(THEMES)
    assert all(theme.description for theme in list_themes())
    assert {"slide.typ", "backdrops.typ"} <= set(template_files())


def test_each_theme_is_light_and_dark() -> None:
    """A teacher in a dim room could not have the school's theme without a glaring screen."""
    dark = {
        theme
        for theme in THEMES
        if contrast(load_theme(theme).colours.paper, "#ffffff") > contrast(load_theme(theme).colours.paper, "#000000")
    }
    assert {theme.partition("-")[0] for theme in dark} == {theme.partition("-")[0] for theme in set(THEMES) - dark}
    for theme in THEMES:
        assert load_theme(theme).fonts == load_theme(theme.partition("-")[0]).fonts
