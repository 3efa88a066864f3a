"""The tree of what can go wrong in the studio.

    StudioError                      every message says what was tried, what came back, what to do
    ├── LessonInvalid                the lesson file is wrong; carries every Problem found
    ├── SettingInvalid               a setting, profile, voice, theme or presenter that does not exist or fit
    ├── ContentError                 one section cannot be made as written
    │   ├── GlyphMissing             a character that no available font can draw
    │   ├── EquationInvalid          an equation that does not parse
    │   └── DoesNotFit               content that stays too large at the smallest legible size
    ├── ProviderError                somebody else's answer
    │   ├── Rejected                 never ask again with the same request
    │   │   ├── Refused              by the provider's rules, for what it says: remembered
    │   │   ├── QuotaExhausted       the account has nothing left
    │   │   ├── InvalidResponsesLimit       what it answers cannot be used, time after time
    │   │   └── BudgetExceeded       it could cost more than was allowed
    │   ├── Busy                     ask again later (carries retry_after_seconds when told)
    │   ├── InvalidResponse           an answer came, was billed, and is not what was asked
    │   │   └── JobLost              what it had taken on it knows nothing of any more
    │   └── OutcomeUnknown           may or may not have been done (and billed)
    ├── SpeechInvalid                sound that is silent, truncated, runaway or without times
    ├── MediaError                   a file that does not decode, encode or join as promised
    ├── StoreError                   the store cannot be read or written
    │   ├── MixedStates              manifests of one lesson that do not belong together
    │   └── ObjectCorrupt            bytes that are not what their name says
    ├── ProcessFailed                a child process died, or ran past its deadline
    ├── FilmRejected                 a finished film that did not pass its own checks
    ├── SectionsFailed               some sections failed; the others are kept in the store
    └── InternalDefect               an error in lessonreel itself, met while working on one lesson

Belongs here: the types and how they print. Does not belong here: what Dagster makes of them (`failures.py`).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Literal, Self

from .values import FrozenModel


class Problem(FrozenModel):
    """One thing wrong in one file, with the place and the remedy. Lines and columns count from 1; 0 means unknown."""

    file: str
    code: str
    """A stable kebab-case name of the kind of problem, e.g. `duplicate-key`."""
    severity: Literal["error", "warning"] = "error"
    line: int = 0
    column: int = 0
    pointer: str = ""
    """JSON pointer (RFC 6901) into the lesson; empty for the whole document."""
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        pointer = f" at {self.pointer}" if self.pointer else ""
        return f"{place}: {self.severity}: {self.message}{pointer}. {self.remedy}"


class StudioError(Exception):
    """Base of all. `message` says what was tried and what came back; `remedy` says what to do next."""

    def __init__(self, message: str, *, remedy: str = "", place: str = "") -> None:
        super().__init__(message, remedy, place)
        self.message = message
        self.remedy = remedy
        self.place = place
        """Where in the lesson: a JSON pointer, or the id of a section; empty when it is not about a place."""

    def __str__(self) -> str:
        place = f" (at {self.place})" if self.place else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.message}{place}{remedy}"

    def at(self, place: str) -> Self:
        """The same error at another place: whoever calls knows the file's pointer, whoever fails only its own part."""
        moved = copy.copy(self)
        moved.place = place
        return moved

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only arguments do not unpickle by default; they cross process borders here.
        return (_rebuild, (type(self), self.__dict__.copy(), self.args))


def _rebuild(kind: type[StudioError], state: dict[str, object], args: tuple[object, ...]) -> StudioError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class LessonInvalid(StudioError):
    """The lesson cannot be used; `problems` holds everything found. The message tells the errors, then the warnings: a
    misspelt key is a warning, and often the cause of an error.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        ordered = sorted(problems, key=lambda problem: problem.severity != "error")
        super().__init__("\n".join(str(problem) for problem in ordered))
        self.problems = problems


class SettingInvalid(StudioError):
    """A setting that has no such value."""


class ContentError(StudioError):
    """A section that cannot be made as written."""


class GlyphMissing(ContentError):
    """A character that no available font can draw."""


class EquationInvalid(ContentError):
    """An equation that does not parse."""


class DoesNotFit(ContentError):
    """Content that is still too large at the smallest legible size."""


class ProviderError(StudioError):
    """Somebody else's answer."""


class Rejected(ProviderError):
    """The same request will be refused again."""


class Unavailable(ProviderError):
    """The same request may succeed later."""

    def __init__(self, message: str, *, remedy: str = "", place: str = "", retry_after_seconds: float = 0) -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.retry_after_seconds = retry_after_seconds


class NoFallback(Rejected):
    """Nobody else of a chain is to be asked instead."""


class Cancelled(NoFallback):
    """Nobody waits for the answer any more."""


class ContentRefused(Rejected):
    """The provider's rules forbid what was asked: the same words are never asked again."""


class QuotaExhausted(Rejected):
    """The account has no credit or quota left: nothing more is asked of it for now."""


class InvalidResponsesLimit(Rejected):
    """The circuit breaker for content is open: several answers of the model in a row could not be used."""


class BudgetExceeded(NoFallback):
    """The call was not made, as it could cost more than was allowed."""


class InvalidResponse(ProviderError):
    """An answer came, and was billed, and is not what was asked: cut, empty, of another kind."""


class JobLost(InvalidResponse):
    """A job that was taken on, and may have been billed, is not known any more: only a new one can bring an answer."""


class OutcomeUnknown(ProviderError):
    """It may have been done, and billed: ask before asking again."""


class SpeechInvalid(StudioError):
    """Sound that is silent, truncated, runaway or without usable times."""


class MediaError(StudioError):
    """A media file that does not decode, encode or join as promised."""


class StoreError(StudioError):
    """The store cannot be read or written."""


class MixedStates(StoreError):
    """Manifests of one lesson that were made from different states of it."""


class DiskFailed(StoreError):
    """The disk is full, cannot be written to, or fails."""


class ObjectCorrupt(StoreError):
    """Bytes that are not what their name says."""


class ProcessFailed(StudioError):
    """A child process died, or ran past its deadline."""


class FilmRejected(StudioError):
    """A film that was made and did not pass its own checks; it was not published."""


class InternalDefect(StudioError):
    """An error in lessonreel itself while it worked on one lesson. Its cause is the unexpected exception."""


class SectionsFailed(StudioError):
    """Some sections failed. Those that did not are kept in the store and will not be made again."""

    def __init__(self, stage: str, failures: Mapping[str, StudioError], total: int) -> None:
        kept = "" if len(failures) == total else "; the others are kept"
        lines = [f"{stage}: {len(failures)} of {total} sections failed{kept}."]
        alike: dict[str, list[str]] = {}
        for section, error in failures.items():
            alike.setdefault(str(error), []).append(section)
        lines += [f"  section{'s' * (len(those) > 1)} {_listed(those)}: {said}" for said, those in alike.items()]
        super().__init__("\n".join(lines))
        self.stage = stage
        self.failures = dict(failures)
        self.total = total


def _listed(names: list[str]) -> str:
    """Names for people, of many the first few."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


_MOST_NAMED = 5
