"""Writing a whole lesson, or what one lacks: several sections at a time, each knowing what is finished before it.

There is no barrier: as soon as one section of a batch is finished the next begins, and sees it. Parts of a lesson that
need no more of each other than the outline says are written side by side, as far as the provider takes calls. A section
that fails is tried again alone, by the owner of calls; those that are finished are kept. Belongs here: the order, and
the lesson file that comes of it. Does not belong here: prompts (`writing.py`), or who writes (`resources/writing`).
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from video_assets.studio.calls.context import CallContext
from video_assets.studio.core.errors import (
    ContentError,
    NoFallback,
    ProviderError,
    Rejected,
    SectionsFailed,
    StudioError,
)
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.settings import Settings, chain_of
from video_assets.studio.lesson.model import Lesson, Section

from .provider import (
    Brief,
    MissingText,
    OutlineText,
    SectionText,
    Text,
    WritingProvider,
    WritingRequest,
    fill_request,
    merge_text,
    missing_text,
    outline_request,
    section_request,
)

Written = TypeVar("Written")


class Authored(NamedTuple, Generic[Text]):
    """A text, who wrote it, and the object that it was kept as."""

    text: Text
    by: str
    object_id: str


class Writers(NamedTuple):
    """Who writes, the first choice first, and for whom."""

    providers: tuple[WritingProvider, ...]
    call_context: CallContext

    def write(self, request: WritingRequest, kind: type[Text], section: str = "") -> Authored[Text]:
        """The text, and who wrote it. Raises what the last one raised."""
        for number, provider in enumerate(self.providers):
            last = number == len(self.providers) - 1
            call_context = self.call_context._replace(section=section, has_fallback=not last)
            try:
                text = provider.write(request, kind, call_context)
                record = call_context.store.find(provider.paid_request(request).recipe)
                return Authored(text, provider.name, record.objects["answer"].id if record else "")
            except NoFallback:
                raise
            except ProviderError as error:
                if last:
                    raise
                call_context.notify(
                    f"{section or 'outline'}: {error.message} {self.providers[number + 1].name} writes instead."
                )
        raise Rejected("Nobody was named to write.", remedy="Set `writing` to a provider of data/providers.")


def writers_of(chain: str, providers: Mapping[str, WritingProvider]) -> tuple[WritingProvider, ...]:
    """The writers that `chain` names. Raises SettingInvalid."""
    return tuple(lookup(providers, name, "source of writing") for name in chain_of(chain))


def run_windowed(
    parts: Sequence[Sequence[int]],
    batch: int,
    write: Callable[[int, Mapping[int, Written]], Written],
    known: Mapping[int, Written],
    at_once: int = 1,
    stop: Callable[[], None] = lambda: None,
) -> tuple[dict[int, Written], dict[int, StudioError]]:
    """`write(number, finished)` for each number of `parts`: in each part in order, `batch` at a time, none waiting for
    a batch; of several parts, an earlier one first, up to `at_once` in all.

    `finished` holds what was finished, or `known`, when it began. One that fails stops no other. An interruption
    calls `stop`, which should end whatever `write` waits for.
    """
    window = _WritingWindow(parts, batch, known)

    def work() -> None:
        while (begun := window.next()) is not None:
            number, seen = begun
            try:
                window.finished[number] = write(number, seen)
            except StudioError as error:
                window.failures[number] = error
            finally:
                window.end(number)

    workers = max(batch, at_once if len(parts) > 1 else 0)
    with ThreadPoolExecutor(workers, thread_name_prefix="writing") as pool:
        working = [pool.submit(work) for _ in range(workers)]
        try:
            for each in working:
                each.result()
        except BaseException:
            window.close()
            stop()
            raise
    return window.finished, window.failures


class _WritingWindow(Generic[Written]):
    """What is written, and what is to be written next."""

    def __init__(self, parts: Sequence[Sequence[int]], batch: int, known: Mapping[int, Written]) -> None:
        self.finished = dict(known)
        self.failures: dict[int, StudioError] = {}
        self._changed = threading.Condition()
        self._left = [deque(part) for part in parts]
        self._running = [0] * len(parts)
        self._part_of = {number: place for place, part in enumerate(parts) for number in part}
        self._batch = batch

    def next(self) -> tuple[int, dict[int, Written]] | None:
        """The next number, waited for, and what is finished by then; None when nothing is left."""
        with self._changed:
            while any(self._left):
                for place, left in enumerate(self._left):
                    if left and self._running[place] < self._batch:
                        self._running[place] += 1
                        return left.popleft(), dict(self.finished)
                self._changed.wait()
        return None

    def end(self, number: int) -> None:
        """`number` is written, or given up."""
        with self._changed:
            self._running[self._part_of[number]] -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing is to be written any more."""
        with self._changed:
            for left in self._left:
                left.clear()
            self._changed.notify_all()


def parts_of(outline: OutlineText) -> tuple[tuple[int, ...], ...]:
    """The numbers of the outline's sections, part by part."""
    starts = [number for number, each in enumerate(outline.sections) if number == 0 or each.opens_part]
    return tuple(tuple(range(*pair)) for pair in pairwise([*starts, len(outline.sections)]))


# --- a whole lesson ----------------------------------------------------------------------------------------------


def write_lesson(brief: Brief, writers: Writers, batch: int, done: Callable[[int, int], None]) -> dict[str, Any]:
    """A lesson about `brief` as the data of a lesson file. `done(finished, of)` is told after each section.

    Raises ProviderError when there is no outline, SectionsFailed when some sections could not be written: those that
    were are kept, and the same call asks for the others alone.
    """
    outline = writers.write(outline_request(brief), OutlineText).text
    count = len(outline.sections)
    finished_count = [0]

    def write(number: int, finished: Mapping[int, SectionText]) -> SectionText:
        request = section_request(brief, outline, number, finished)
        text = writers.write(request, SectionText, f"section {number + 1}").text
        finished_count[0] += 1
        done(finished_count[0], count)
        return text

    done(0, count)
    at_once = writers.providers[0].at_once if writers.providers else 1
    finished, failures = run_windowed(parts_of(outline), batch, write, {}, at_once, writers.call_context.cancel)
    if failures:
        named = {
            f"{number + 1} ({outline.sections[number].title})": error for number, error in sorted(failures.items())
        }
        raise SectionsFailed("writing", named, count)
    return _lesson_file(brief, outline, [finished[number] for number in range(count)])


def _lesson_file(brief: Brief, outline: OutlineText, sections: Sequence[SectionText]) -> dict[str, Any]:
    return {
        "title": outline.title,
        "description": outline.description,
        "language": brief.language,
        "sections": [
            {
                "title": " ".join(text.title.split()).rstrip("."),
                "content": text.narration.strip(),
                "image_description": " ".join(text.image_description.split()),
                **({"bullets": [" ".join(point.split()) for point in text.bullets]} if text.bullets else {}),
            }
            for text in sections
        ],
    }


def lesson_text(lesson: Mapping[str, Any], schema: str) -> str:
    """The data of a lesson file as the file's text; `schema` is where editors find the format."""
    return json.dumps({"$schema": schema, **lesson}, ensure_ascii=False, indent=2) + "\n"


# --- what a lesson lacks -----------------------------------------------------------------------------------------


class CompletedLesson(NamedTuple):
    """A lesson's sections with nothing lacking, and what was written of them, by section."""

    sections: tuple[Section, ...]
    written: Mapping[str, Authored[SectionText]] = MappingProxyType({})


def wants_writing(lesson: Lesson, settings: Settings) -> tuple[MissingText, ...]:
    """What is to be written: everything that is lacking if somebody was named to write, else what nothing can be made
    without.
    """
    found = tuple(filter(None, map(missing_text, lesson.sections)))
    return found if settings.writing else tuple(each for each in found if "narration" in each.fields)


def request_for(wanted: MissingText, lesson: Lesson, settings: Settings, before: Mapping[int, str]) -> WritingRequest:
    """The request for what one section lacks; `before` holds narrations by number."""
    titles = [each.title or each.notes[:80] or each.narration[:80] for each in lesson.sections]
    return fill_request(wanted, lesson.title, lesson.language, settings.audience, titles, before)


def complete(lesson: Lesson, settings: Settings, writers: Writers | None) -> CompletedLesson:
    """The sections of `lesson` with what they lack written. Raises SectionsFailed; what is finished is kept."""
    wanted = {each.section.id: each for each in wants_writing(lesson, settings)}
    if not wanted:
        return CompletedLesson(lesson.sections)
    if writers is None:
        raise SectionsFailed("script", {id_: _nobody(each) for id_, each in wanted.items()}, len(lesson.sections))
    known = {number: each for number, each in enumerate(lesson.sections) if each.id not in wanted}
    numbers = [number for number, each in enumerate(lesson.sections) if each.id in wanted]
    written: dict[str, Authored[SectionText]] = {}

    def write(number: int, finished: Mapping[int, Section]) -> Section:
        lack = wanted[lesson.sections[number].id]
        before = {place: each.narration for place, each in finished.items() if place < number}
        request = request_for(lack, lesson, settings, before)
        authored = writers.write(request, SectionText, lack.section.id)
        written[lack.section.id] = authored
        return merge_text(lack, authored.text)

    stop = writers.call_context.cancel
    finished, failures = run_windowed((numbers,), settings.writing_batch, write, known, stop=stop)
    if failures:
        named = {lesson.sections[number].id: error for number, error in sorted(failures.items())}
        raise SectionsFailed("script", named, len(lesson.sections))
    return CompletedLesson(tuple(finished[number] for number in range(len(lesson.sections))), written)


def _nobody(wanted: MissingText) -> ContentError:
    return ContentError(
        "The section has notes and no narration, and nobody was named to write it.",
        remedy='Set "writing" to a provider (docs/providers.md), or write "content".',
        place=wanted.section.pointer,
    )
