"""Warnings of models that their makers have shut down or soon will, for the providers that a lesson's settings name.

Does not belong here: which models these are (`resources/retirements.py`), or the names of providers (`precedence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from video_assets.studio.core.errors import Problem
from video_assets.studio.core.settings import Settings, chain_of
from video_assets.studio.core.values import FrozenModel

WARN_DAYS = 90
"""How long before its end a model is warned of: the lessons of a term are made with it."""


class ModelRetirement(FrozenModel):
    """The end of a model."""

    model: str
    shut_down: date
    successor: str = ""
    source: str = ""
    """Where the date was found."""

    def has_ended(self, today: date) -> bool:
        """Whether the model is shut down on `today`."""
        return self.shut_down <= today

    def is_near(self, today: date) -> bool:
        """Whether to warn on `today`."""
        return (self.shut_down - today).days <= WARN_DAYS

    def message(self, today: date) -> str:
        """The end of the model as a sentence without its full stop."""
        if self.has_ended(today):
            return f"The model {self.model} was shut down on {self.shut_down}"
        days = (self.shut_down - today).days
        return f"The model {self.model} will be shut down on {self.shut_down}, in {days} day{'s' * (days != 1)}"

    @property
    def remedy(self) -> str:
        """What to do."""
        return f"Take {self.successor}." if self.successor else "Take another model."


Retirements = Mapping[tuple[str, str], ModelRetirement]
"""By provider and kind of work: writing, speech or pictures."""


def retirement_problems(file: str, settings: Settings, retirements: Retirements, today: date) -> tuple[Problem, ...]:
    """A warning for each model that `settings` name and that is shut down or soon will be."""
    return tuple(_problems(file, settings, retirements, today))


def _problems(file: str, settings: Settings, retirements: Retirements, today: date) -> Iterator[Problem]:
    for kind in ("writing", "speech", "pictures"):
        for provider in chain_of(getattr(settings, kind)):
            found = retirements.get((provider, kind))
            if found is not None and found.is_near(today):
                yield Problem(
                    file=file,
                    code="model-retires",
                    severity="warning",
                    message=f"{found.message(today)} ({kind} by {provider})",
                    remedy=f"{found.remedy} It is named in data/providers/{provider}.toml.",
                )
