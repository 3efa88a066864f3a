"""The errors of the studio.

    StudioError                      every message says what was tried, what the result was and what to do
    ├── LessonInvalid                the lesson file is wrong; carries every Problem found
    ├── SettingInvalid               a setting, profile, voice, theme or presenter that does not exist or fit
    ├── ContentError                 one section cannot be made as written
    │   ├── GlyphMissing             a character that no available font can draw
    │   ├── EquationInvalid          an equation that does not parse
    │   └── DoesNotFit               content that is still too large at the smallest legible size
    ├── ProviderError                a request to a provider failed
    │   ├── Rejected                 the same request will fail again
    │   │   ├── ContentRefused       the provider's rules forbid the content; stored, so that it is never sent again
    │   │   ├── QuotaExhausted       the account has no credit or quota left
    │   │   ├── InvalidResponsesLimit  several responses in a row could not be used
    │   │   ├── UnsuitedResponse     a billed response that cannot be used; another attempt would give the same
    │   │   └── NoFallback           no other provider may be used instead
    │   │       ├── Cancelled        the caller no longer needs the response
    │   │       └── BudgetExceeded   the call could cost more than is allowed, and was not made
    │   ├── Unavailable              the same request may succeed later (carries retry_after_seconds if known)
    │   ├── InvalidResponse          a response that was billed but cannot be used
    │   │   └── JobLost              the provider no longer knows a job that it had accepted
    │   └── OutcomeUnknown           the request may or may not have been processed and billed
    ├── SpeechInvalid                sound that is silent, truncated, runaway or without times
    ├── MediaError                   a file that does not decode, encode or join as promised
    ├── StoreError                   the store cannot be read or written
    │   ├── MixedStates              manifests of one lesson that do not belong together
    │   ├── DiskFailed               the disk is full, cannot be written to, or fails
    │   └── ObjectCorrupt            bytes that do not have the digest in their name
    ├── ProcessFailed                a child process died or exceeded its deadline
    ├── FilmRejected                 a finished film that did not pass its own checks
    ├── SectionsFailed               some sections failed; the others are kept in the store
    └── InternalDefect               an error in lessonreel itself, while it worked on one lesson

Does not belong here: the conversion of these errors to Dagster failures.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Literal, Self

from .values import FrozenModel


class Problem(FrozenModel):
    """One thing that is wrong in a file, with the place and the remedy. Lines and columns count from 1; 0: unknown."""

    file: str
    code: str
    """The stable kebab-case name of the kind of problem, e.g. `duplicate-key`."""
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
    """The base class. `message` says what was tried and what the result was; `remedy` says what to do next."""

    def __init__(self, message: str, *, remedy: str = "", place: str = "") -> None:
        super().__init__(message, remedy, place)
        self.message = message
        self.remedy = remedy
        self.place = place
        """The place in the lesson: a JSON pointer, or the id of a section; "" if there is none."""

    def __str__(self) -> str:
        place = f" (at {self.place})" if self.place else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.message}{place}{remedy}"

    def at(self, place: str) -> Self:
        """A copy of the error with another place. A caller adds the part of the pointer that only the caller knows."""
        moved = copy.copy(self)
        moved.place = place
        return moved

    def __reduce__(self) -> tuple[object, ...]:
        # Errors are passed between processes, and exceptions with keyword-only arguments do not unpickle by default.
        return (_rebuild, (type(self), self.__dict__.copy(), self.args))


def _rebuild(kind: type[StudioError], state: dict[str, object], args: tuple[object, ...]) -> StudioError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class LessonInvalid(StudioError):
    """The lesson cannot be used. `problems` are all that were found.

    The message lists the errors, then the warnings: a misspelt key is a warning, and often the cause of an error.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        ordered = sorted(problems, key=lambda problem: problem.severity != "error")
        super().__init__("\n".join(str(problem) for problem in ordered))
        self.problems = problems


class SettingInvalid(StudioError):
    """A setting that does not exist, or a value that it cannot have."""


class ContentError(StudioError):
    """A section that cannot be made as written."""


class GlyphMissing(ContentError):
    """A character that no available font can draw. `cluster` is the character with its marks, in form C."""

    def __init__(self, message: str, *, remedy: str = "", place: str = "", cluster: str = "") -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.cluster = cluster


class EquationInvalid(ContentError):
    """An equation that does not parse."""


class DoesNotFit(ContentError):
    """Content that is still too large at the smallest legible size."""


class ProviderError(StudioError):
    """A request to a provider failed."""


class Rejected(ProviderError):
    """Another attempt of the same request in this run is useless."""


class Unavailable(ProviderError):
    """The same request may succeed later; after `retry_after_seconds`, if the provider said so (else 0)."""

    def __init__(self, message: str, *, remedy: str = "", place: str = "", retry_after_seconds: float = 0) -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.retry_after_seconds = retry_after_seconds


class NoFallback(Rejected):
    """The request failed, and no other provider of the fallback chain may be used instead."""


class Cancelled(NoFallback):
    """The wait for a response was cancelled, because the caller no longer needs it."""


class ContentRefused(Rejected):
    """The provider's rules forbid the content of the request. The same request is never sent again."""


class QuotaExhausted(Rejected):
    """The account has no credit or quota left. No more requests are sent to it for now."""


class InvalidResponsesLimit(Rejected):
    """The circuit breaker for content is open: several responses of the model in a row could not be used."""


class UnsuitedResponse(Rejected):
    """A response that was billed and cannot be used. Another attempt would give a response of the same kind."""


class BudgetExceeded(NoFallback):
    """The call was not made, because it could cost more than is allowed."""


class InvalidResponse(ProviderError):
    """A response that was billed but cannot be used: truncated, empty or of another kind."""


class JobLost(InvalidResponse):
    """The provider no longer knows a job that it had accepted and may have billed. Only a new job can give a result."""


class OutcomeUnknown(ProviderError):
    """The request may have been processed and billed. Look up its state before the request is sent again."""


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
    """Bytes that do not have the digest in their name."""


class ProcessFailed(StudioError):
    """A child process died or exceeded its deadline."""


class FilmRejected(StudioError):
    """A film that was made but did not pass its own checks. It was not published."""


class InternalDefect(StudioError):
    """An error in lessonreel itself while it worked on one lesson. Its cause is the unexpected exception."""


class SectionsFailed(StudioError):
    """Some sections failed. The others are kept in the store and will not be made again."""

    def __init__(self, stage: str, failures: Mapping[str, StudioError], total: int) -> None:
        kept = "" if len(failures) == total else "; the others are kept"
        lines = [f"{stage}: {len(failures)} of {total} sections failed{kept}."]
        alike: dict[str, list[str]] = {}
        for section, error in failures.items():
            alike.setdefault(str(error), []).append(section)
        lines += [f"  section{'s' * (len(those) > 1)} {_listed(those)}: {message}" for message, those in alike.items()]
        super().__init__("\n".join(lines))
        self.stage = stage
        self.failures = dict(failures)
        self.total = total


_MOST_NAMED = 5


def _listed(names: list[str]) -> str:
    """The first _MOST_NAMED names, and the number of the others."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
