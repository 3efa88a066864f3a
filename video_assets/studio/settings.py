"""What a film's maker can choose, and how the choices of several places become one value.

Belongs here: the settings, the profiles (data, not code paths) and the precedence rule. Does not belong here:
reading the environment or files (the callers hand their mappings in), or what a setting does.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator

from .records import Frozen

PresenterPlace = Literal["corner", "side", "full", "absent"]
Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]


class Settings(Frozen):
    """Every choice that shapes a film, resolved. Part of the lesson's manifest, so that a run uses one set throughout."""

    profile: str = "standard"
    width_px: int = Field(1280, ge=320, le=3840, multiple_of=2)
    height_px: int = Field(720, ge=320, le=3840, multiple_of=2)
    frame_rate: str = "25"
    """Frames per second as an exact fraction: `25`, `30`, `30000/1001`."""
    preset: Preset = "fast"
    crf: int = Field(23, ge=10, le=40)
    keyframe_seconds: int = Field(5, ge=1, le=20)
    audio_kbps: int = Field(128, ge=48, le=320)
    loudness_lufs: float = Field(-16.0, ge=-31, le=-9)
    speech: str = "espeak"
    """Name of the speech provider."""
    voice: str = ""
    """Voice id of the speech provider; empty takes the provider's first voice for the lesson's language."""
    rate_percent: int = Field(100, ge=50, le=200)
    """Speaking rate; 100 is the voice's own normal rate."""
    pictures: str = "slides"
    theme: str = "chalk"
    logo: str = ""
    """Path of a picture, relative to the lesson's folder; empty for none."""
    accent: str = ""
    """Colour `#rrggbb` that replaces the theme's accent; empty keeps it."""
    presenter: str = "ada"
    presenter_place: PresenterPlace = "corner"
    breath_ms: int = Field(400, ge=300, le=2000)
    """Silence between the speech of one section and of the next, before rounding up to whole frames."""
    title_card_ms: int = Field(2800, ge=0, le=15000)
    """Length of the title card; 0 leaves it out."""
    end_card_ms: int = Field(3200, ge=0, le=15000)

    @field_validator("frame_rate")
    @classmethod
    def _frame_rate_is_sane(cls, text: str) -> str:
        try:
            rate = Fraction(text)
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"frame_rate {text!r} is not a fraction such as 25 or 30000/1001") from error
        if not 8 <= rate <= 60:
            raise ValueError(f"frame_rate {text!r} is outside 8 to 60 frames per second")
        return str(rate)

    @property
    def rate(self) -> Fraction:
        """Frames per second, exact."""
        return Fraction(self.frame_rate)
