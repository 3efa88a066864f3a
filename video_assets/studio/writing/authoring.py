"""Writing a whole lesson, or the missing texts of one, several sections at a time.

There is no barrier between batches: as soon as a section is finished, the next one begins, and its prompt contains the
finished one. Parts of a lesson that depend on each other only through the outline are written concurrently, within the
provider's limit. Failed requests are retried one by one by `calls.retry`; finished sections are kept. Does not belong
here: prompts (`provider`).
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
    SpokenIn,
    Text,
    WritingProvider,
    WritingRequest,
    fill_request,
    merge_text,
    missing_text,
    outline_request,
    section_request,
)
from .visuals import diagram_data

Written = TypeVar("Written")


class Authored(NamedTuple, Generic[Text]):
    """A text, the name of the provider that wrote it, and the id of the stored response ("" if it was not stored)."""

    text: Text
    by: str
    object_id: str


class Writers(NamedTuple):
    """The writing providers, the first choice first, and the context of their calls."""

    providers: tuple[WritingProvider, ...]
    call_context: CallContext

    def write(self, request: WritingRequest, kind: type[Text], section: str = "") -> Authored[Text]:
        """The text from the first provider that succeeds. Raises the error of the last one.

        A NoFallback of any provider is raised at once.
        """
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
        raise Rejected("No provider is set for writing.", remedy="Set `writing` to a provider of data/providers.")


def writers_of(chain: str, providers: Mapping[str, WritingProvider]) -> tuple[WritingProvider, ...]:
    """The providers that `chain` names. Raises SettingInvalid."""
    return tuple(lookup(providers, name, "source of writing") for name in chain_of(chain))


def run_windowed(
    parts: Sequence[Sequence[int]],
    batch: int,
    write: Callable[[int, Mapping[int, Written]], Written],
    known: Mapping[int, Written],
    at_once: int = 1,
    stop: Callable[[], None] = lambda: None,
) -> tuple[dict[int, Written], dict[int, StudioError]]:
    """Call `write(number, finished)` for each number in `parts`. Returns the results and the errors by number.

    The numbers of a part begin in order. At most `batch` of them run at a time; the next begins as soon as one ends.
    With several parts, at most the larger of `batch` and `at_once` run in total. Earlier parts come first.
    `finished` are `known` and the results at the time of the call. An error does not stop the others. An interruption
    calls `stop`, which should end all waits inside `write`.
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
    """The shared state of the worker threads: the numbers that are left, the results and the errors."""

    def __init__(self, parts: Sequence[Sequence[int]], batch: int, known: Mapping[int, Written]) -> None:
        self.finished = dict(known)
        self.failures: dict[int, StudioError] = {}
        self._changed = threading.Condition()
        self._left = [deque(part) for part in parts]
        self._running = [0] * len(parts)
        self._part_of = {number: place for place, part in enumerate(parts) for number in part}
        self._batch = batch

    def next(self) -> tuple[int, dict[int, Written]] | None:
        """Wait for the next number that may begin; return it and the results so far. None if no number is left."""
        with self._changed:
            while any(self._left):
                for place, left in enumerate(self._left):
                    if left and self._running[place] < self._batch:
                        self._running[place] += 1
                        return left.popleft(), dict(self.finished)
                self._changed.wait()
        return None

    def end(self, number: int) -> None:
        """Record that the work on `number` ended, with a result or an error."""
        with self._changed:
            self._running[self._part_of[number]] -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Remove all numbers that are left, so that the workers end."""
        with self._changed:
            for left in self._left:
                left.clear()
            self._changed.notify_all()


def outline_parts(outline: OutlineText) -> tuple[tuple[int, ...], ...]:
    """The numbers of the outline's sections, part by part."""
    starts = [number for number, each in enumerate(outline.sections) if number == 0 or each.opens_part]
    return tuple(tuple(range(*pair)) for pair in pairwise([*starts, len(outline.sections)]))


# A whole lesson ------------------------------------------------------------------------------------------------------


def write_lesson(brief: Brief, writers: Writers, batch: int, done: Callable[[int, int], None]) -> dict[str, Any]:
    """A lesson about `brief` as the data of a lesson file. Calls `done(finished, total)` after each section.

    Raises ProviderError if the outline fails, SectionsFailed if some sections fail. The finished sections are kept, and
    the same call requests only the others.
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
    finished, failures = run_windowed(outline_parts(outline), batch, write, {}, at_once, writers.call_context.cancel)
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
                "title": " ".join((text.title or planned.title).split()).rstrip("."),
                "content": text.narration.strip(),
                "image_description": " ".join((text.image_description or planned.about).split()),
                **_shown(text),
            }
            for text, planned in zip(sections, outline.sections, strict=True)
        ],
    }


def _shown(text: SectionText) -> dict[str, Any]:
    """What the slide shows: a diagram, or else points."""
    diagram = diagram_data(text.visual)
    if diagram is not None:
        return {"diagram": diagram}
    return {"bullets": [" ".join(point.split()) for point in text.bullets]} if text.bullets else {}


def lesson_text(lesson: Mapping[str, Any], schema: str) -> str:
    """The text of a lesson file with the data `lesson`. `schema` is the address of the JSON Schema for editors."""
    return json.dumps({"$schema": schema, **lesson}, ensure_ascii=False, indent=2) + "\n"


# Missing texts -------------------------------------------------------------------------------------------------------


class CompletedLesson(NamedTuple):
    """A lesson's sections with all texts, and the texts that a provider wrote, by the section's id."""

    sections: tuple[Section, ...]
    written: Mapping[str, Authored[SectionText]] = MappingProxyType({})


def wants_writing(lesson: Lesson, settings: Settings) -> tuple[MissingText, ...]:
    """The sections with missing texts that have to be written.

    If the settings name a writing provider, these are all. Otherwise they are those without a narration, because
    nothing can be made of them.
    """
    found = tuple(filter(None, map(missing_text, lesson.sections)))
    return found if settings.writing else tuple(each for each in found if "narration" in each.fields)


def request_for(wanted: MissingText, lesson: Lesson, settings: Settings, before: Mapping[int, str]) -> WritingRequest:
    """The request for the missing texts of one section. `before` are the narrations of earlier sections by number."""
    titles = [each.title or each.notes[:80] or each.narration[:80] for each in lesson.sections]
    return fill_request(wanted, lesson.title, lesson.language, settings.audience, titles, before)


def complete(
    lesson: Lesson,
    settings: Settings,
    writers: Writers | None,
    pronunciations: Mapping[str, str] = MappingProxyType({}),
) -> CompletedLesson:
    """The sections of `lesson` with their missing texts. Raises SectionsFailed; finished texts are kept.

    A narration that cannot be read in the lesson's language with `pronunciations` is requested again.
    """
    wanted = {each.section.id: each for each in wants_writing(lesson, settings)}
    if not wanted:
        return CompletedLesson(lesson.sections)
    if writers is None:
        raise SectionsFailed("script", {id_: _no_provider(each) for id_, each in wanted.items()}, len(lesson.sections))
    known = {number: each for number, each in enumerate(lesson.sections) if each.id not in wanted}
    numbers = [number for number, each in enumerate(lesson.sections) if each.id in wanted]
    written: dict[str, Authored[SectionText]] = {}

    def write(number: int, finished: Mapping[int, Section]) -> Section:
        lack = wanted[lesson.sections[number].id]
        before = {place: each.narration for place, each in finished.items() if place < number}
        spoken = SpokenIn(lesson.language, pronunciations) if "narration" in lack.fields else None
        request = request_for(lack, lesson, settings, before)._replace(spoken=spoken)
        authored = writers.write(request, SectionText, lack.section.id)
        written[lack.section.id] = authored
        return merge_text(lack, authored.text)

    stop = writers.call_context.cancel
    finished, failures = run_windowed((numbers,), settings.writing_batch, write, known, stop=stop)
    if failures:
        named = {lesson.sections[number].id: error for number, error in sorted(failures.items())}
        raise SectionsFailed("script", named, len(lesson.sections))
    return CompletedLesson(tuple(finished[number] for number in range(len(lesson.sections))), written)


def _no_provider(wanted: MissingText) -> ContentError:
    return ContentError(
        "The section has notes and no narration, and no provider is set to write it.",
        remedy='Set "writing" to a provider (docs/providers.md), or write "content".',
        place=wanted.section.pointer,
    )
