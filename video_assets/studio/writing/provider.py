"""Writing providers: the requests with their prompts, the schemas of the responses, and their validation.

The key of a request (`WritingRequest.key`) does not contain the neighbouring sections that were finished when
it was made. So a section is written once, in whatever order its neighbours are finished, and a resumed lesson requests
only the missing texts. Does not belong here: a particular provider, or the order of requests (`authoring`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.core.errors import InvalidResponse
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.model import Section
from video_assets.studio.spoken.markup_syntax import markup_problems, says_something

from .visuals import VISUAL_PROMPT, VisualText, diagram_data, diagram_of

PROMPT = "1"
"""Version of the prompts. Increase it when a prompt changes in a way that should give other texts.

Then every text that was paid for is paid for again. So it was not increased when the visual was added: earlier texts
have none, and stay as they are.
"""
MOST_NOTES = 40_000
_WHOLE_NEIGHBOURS = 4
"""Number of finished sections before a section that its prompt contains whole. Of earlier ones it contains the end."""
_END_CHARACTERS = 160
_LEAST_WORDS, _MOST_WORDS = 8, 400
_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "hi": "Hindi", "zh": "Chinese"}


# The docstrings of the next three classes are sent to providers, as descriptions in the JSON schema of the response.


class OutlineSection(FrozenModel):
    """What a section will be about."""

    title: str
    about: str
    """One or two sentences on the content."""
    opens_part: bool
    """Whether the section begins a part of the lesson that can be written without the texts of the parts before it."""


class OutlineText(FrozenModel):
    """The plan of a lesson."""

    title: str
    description: str
    terms: tuple[str, ...]
    """Terms that every section uses in the same way, each with its meaning in a few words."""
    characters: tuple[str, ...]
    """People or things of recurring examples, each in a few words; often none."""
    sections: tuple[OutlineSection, ...]


class SectionText(FrozenModel):
    """A section, written."""

    title: str = ""
    narration: str
    bullets: tuple[str, ...] = ()
    image_description: str = ""
    visual: VisualText = VisualText()


class SpokenIn(NamedTuple):
    """How a narration will be read."""

    language: str
    pronunciations: Mapping[str, str] = {}


class WritingRequest(NamedTuple):
    """A request for one text."""

    name: str
    """The name of the schema."""
    instructions: str
    text: str
    schema: Mapping[str, Any]
    key: Mapping[str, Any]
    """The key of the request. Requests with the same key share one response."""
    spoken: SpokenIn | None = None
    """How the narration of the response is read; None if it is not read. It is no part of the request."""

    def after_faults(self, faults: Sequence[str]) -> WritingRequest:
        """The same request with the faults of earlier responses, so that the next response avoids them."""
        lines = [f"An earlier answer could not be spoken: {fault} Write it without that." for fault in faults]
        return self._replace(text="\n".join((self.text, *lines)))


Text = TypeVar("Text", OutlineText, SectionText)


class WritingProvider(ABC):
    """A service that writes texts."""

    name: str
    at_once: int = 1
    """The useful number of concurrent requests."""

    @abstractmethod
    def paid_request(self, request: WritingRequest) -> PaidRequest:
        """The paid request for `request`, with its recipe."""

    @abstractmethod
    def write(self, request: WritingRequest, kind: type[Text], call_context: CallContext | None = None) -> Text:
        """The text. Raises ProviderError; ContentRefused for a subject that the provider's rules forbid."""


def read_text(data: bytes, kind: type[Text], provider: str) -> Text:
    """The text in `data` (JSON) from the provider named `provider`.

    Raises InvalidResponse if it does not fit the schema or cannot be used, for example for its length or markup.
    """
    try:
        text = kind.model_validate_json(data)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"])) or "the whole"
        raise _unusable(provider, f"text that does not fit the schema ({place}: {error.errors()[0]['msg']})") from error
    if isinstance(text, SectionText):
        _check_section(text, provider)
    if isinstance(text, OutlineText) and not (text.sections and text.title.strip()):
        raise _unusable(provider, "an outline without a title or sections")
    return text


def _check_section(text: SectionText, provider: str) -> None:
    words = len(text.narration.split())
    spaced = text.narration.isascii() or " " in text.narration.strip()
    if not says_something(text.narration) or (spaced and not _LEAST_WORDS <= words <= _MOST_WORDS):
        raise _unusable(provider, f"a narration of {words} words")
    for fault in markup_problems(text.narration):
        if fault.severity == "error":
            raise _unusable(provider, f"a narration with faulty markup: {fault.message}")
    try:
        diagram_data(text.visual)
    except ValueError as error:
        raise _unusable(provider, f"a diagram that cannot be drawn ({error})") from error


def _unusable(provider: str, what: str) -> InvalidResponse:
    return InvalidResponse(f"{provider} answered with {what}.", remedy="Try again later, or another provider.")


# Requests ------------------------------------------------------------------------------------------------------------


class Brief(FrozenModel):
    """The author's request for a lesson."""

    notes: str
    """A topic, or notes. Only the first MOST_NOTES characters are used."""
    language: str = "en"
    audience: str = ""
    sections: int = 6


_CRAFT = (
    "You write lessons that are spoken in teaching videos. Write for the ear: short, complete sentences in plain "
    "words, one idea after another, concrete examples, no lists read aloud, no greetings between sections, no "
    "references to slides or section numbers. Never leave a sentence unfinished. Numbers, units and symbols may be "
    "written as usual. Write no markup, no brackets of any kind and no asterisks. Say only what you are sure of."
)
_PLAN = (
    "Plan the lesson: its title, a description of one or two sentences, the terms that every section must use in the "
    "same way, the characters of recurring examples if there are any, and the sections in order, each with a title of "
    "at most six words and what it is about. Each section is spoken in about half a minute, builds on those before it "
    "and repeats none of them. A lesson of more than twelve sections has parts of five to fifteen: opens_part is true "
    "for the first section of a part that needs no more of the parts before it than this plan says, else it is false."
)
_PICTURE = (
    "image_description says in one or two sentences what one still picture shows while this is spoken: things one can "
    "see, no motion, no writing in it."
)


def outline_request(brief: Brief) -> WritingRequest:
    """The request for the outline of a whole lesson."""
    text = "\n".join(
        (
            f"Topic: {brief.notes[:MOST_NOTES].strip()}",
            f"Number of sections: {brief.sections}",
            *_conditions(brief.language, brief.audience),
            _PLAN,
        )
    )
    key = {"prompt": PROMPT, **brief.model_dump()}
    return WritingRequest("lesson_outline", _CRAFT, text, _schema(OutlineText), key)


def section_request(
    brief: Brief, outline: OutlineText, number: int, finished: Mapping[int, SectionText]
) -> WritingRequest:
    """The request for section `number` (from 0) of `outline`. Its prompt contains earlier sections in `finished`."""
    planned = outline.sections[number]
    text = "\n".join(
        (
            f"Lesson: {outline.title}. {outline.description}",
            *_conditions(brief.language, brief.audience),
            *_common(outline),
            "Outline:",
            *(f"{place}. {each.title}: {each.about}" for place, each in enumerate(outline.sections, 1)),
            *_before({place: each.narration for place, each in finished.items() if place < number}),
            f"Write section {number + 1} of {len(outline.sections)}.",
            f"Title: {planned.title}",
            f"About: {planned.about}",
            "narration has 50 to 90 words. bullets has two to four points of at most six words, or none. "
            + _PICTURE
            + " "
            + VISUAL_PROMPT,
        )
    )
    key = {
        "prompt": PROMPT,
        "outline": outline.model_dump(mode="json"),
        "number": number,
        "language": brief.language,
        "audience": brief.audience,
    }
    return WritingRequest("lesson_section", _CRAFT, text, _schema(SectionText), key, SpokenIn(brief.language))


class MissingText(FrozenModel):
    """A section of a lesson file, and its missing texts."""

    section: Section
    fields: tuple[str, ...]
    """The missing ones of narration, title and image_description."""


def missing_text(section: Section) -> MissingText | None:
    """The missing texts of `section`; None if it has a narration, a title and something to show."""
    show = section.show
    shown = show.bullets or show.equation or show.code or show.table or show.picture or show.diagram
    lacks = {
        "narration": not section.narration,
        "title": not section.title,
        "image_description": not (section.image_description or shown),
    }
    fields = tuple(name for name, missing in lacks.items() if missing)
    return MissingText(section=section, fields=fields) if fields else None


def fill_request(
    wanted: MissingText, title: str, language: str, audience: str, titles: Sequence[str], before: Mapping[int, str]
) -> WritingRequest:
    """The request for the missing texts of a section.

    `titles` are the titles of all sections of the lesson, `before` the narrations of earlier sections by number.
    """
    section = wanted.section
    given = [
        (f"Notes: {section.notes}" if section.notes else f"Narration, not to be changed: {section.narration}"),
        *([f"Title: {section.title}"] if section.title else []),
        *([f"Picture: {section.image_description}"] if section.image_description else []),
    ]
    text = "\n".join(
        (
            f"Lesson: {title}",
            *_conditions(language, audience),
            "Sections:",
            *(f"{place}. {each}" for place, each in enumerate(titles, 1)),
            *_before(before),
            "Complete this section:",
            *given,
            "narration has 50 to 90 words and says all of the notes; where a narration is given, repeat it unchanged. "
            "title has at most six words. bullets is empty. " + _PICTURE,
            VISUAL_PROMPT,
        )
    )
    key = {
        "prompt": PROMPT,
        "lesson": title,
        "language": language,
        "audience": audience,
        "given": given,
        "fields": list(wanted.fields),
    }
    return WritingRequest("lesson_section", _CRAFT, text, _schema(SectionText), key)


def merge_text(wanted: MissingText, text: SectionText) -> Section:
    """The section with its missing texts from `text`. The author's texts stay unchanged."""
    written = {
        "narration": text.narration.strip(),
        "title": " ".join(text.title.split()).rstrip("."),
        "image_description": " ".join(text.image_description.split()),
    }
    update: dict[str, Any] = {name: written[name] for name in wanted.fields}
    if "image_description" in wanted.fields:
        update["show"] = wanted.section.show.model_copy(update={"diagram": diagram_of(text.visual)})
    return wanted.section.model_copy(update=update)


def _conditions(language: str, audience: str) -> tuple[str, ...]:
    name = _LANGUAGES.get(primary_subtag(language), "")
    spoken = f"Language: {name} ({language})" if name else f"Language: the one whose BCP 47 tag is {language}"
    return (spoken, *((f"Audience: {audience}",) if audience else ()))


def _common(outline: OutlineText) -> tuple[str, ...]:
    terms = (f"Terms: {'; '.join(outline.terms)}",) if outline.terms else ()
    characters = (f"Characters: {'; '.join(outline.characters)}",) if outline.characters else ()
    return (*terms, *characters)


def _before(narrations: Mapping[int, str]) -> tuple[str, ...]:
    """Lines with the narrations of earlier sections and their numbers: the nearest whole, of the others the end."""
    if not narrations:
        return ()
    nearest = sorted(narrations)[-_WHOLE_NEIGHBOURS:]
    lines = (
        f"{number + 1}. {narration if number in nearest else '… ' + narration[-_END_CHARACTERS:]}"
        for number, narration in sorted(narrations.items())
    )
    return ("Already written:", *lines)


def _schema(kind: type[FrozenModel]) -> dict[str, Any]:
    """The JSON schema of `kind` as providers need it: all fields required, no others allowed, no references.

    A response may lack the fields that have a default all the same, as not every server follows a schema.
    """
    schema = kind.model_json_schema()
    schema["required"] = list(schema["properties"])
    return _inlined({key: value for key, value in schema.items() if key != "$defs"}, schema.get("$defs", {}))


def _inlined(schema: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(each, known) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(known[schema["$ref"].rpartition("/")[2]], known)
    kept = {key: value for key, value in schema.items() if key != "default"}
    kept = {key: value for key, value in kept.items() if key != "title" or not isinstance(value, str)}
    return {key: _inlined(value, known) for key, value in kept.items()}
