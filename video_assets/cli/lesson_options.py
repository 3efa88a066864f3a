"""The options that `render` and `explain` share: which settings, and which part of a lesson."""

from __future__ import annotations

from dataclasses import dataclass

from video_assets.studio.choices.precedence import RunOverrides, parse_reset
from video_assets.studio.core.lesson_keys import preview_key
from video_assets.studio.core.settings import parse_assignment


@dataclass(frozen=True, kw_only=True)
class LessonOptions:
    """The options of the command line, with the names of its parameters."""

    profile: str = ""
    assignments: tuple[str, ...] = ()
    """As `key=value`."""
    reset: tuple[str, ...] = ()
    """Remembered choices to forget: settings, or `all`."""
    section: str = ""
    draft: bool = False

    @property
    def overrides(self) -> RunOverrides:
        """The choices of this run. A draft has the profile `draft` if no other is chosen.

        Raises SettingInvalid for an invalid assignment, and for a reset of an unknown setting.
        """
        settings = dict(parse_assignment(text) for text in self.assignments)
        profile = self.profile or ("draft" if self.draft else "")
        return RunOverrides(profile, settings, self.section, parse_reset(self.reset))

    def key(self, lesson: str) -> str:
        """The partition key of the run: the lesson's key, or that of a preview."""
        return preview_key(lesson, section=self.section, draft=self.draft)
