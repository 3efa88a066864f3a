"""The format of lesson files: its keys, their types, limits and descriptions.

The declaration has three uses. `lesson_schema` makes the JSON Schema from it, with these docstrings as descriptions for
authors. `validation` finds faults with it, and `reader` takes the values from it. Does not belong here: JSON syntax,
rules between keys (`validation`), or files.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.messages import quoted
from video_assets.studio.core.settings import (
    MAX_RATE_PERCENT,
    MIN_RATE_PERCENT,
    PROFILES,
    SETTING_NAMES,
    PictureMotion,
    PresenterPlace,
    Reveal,
    Settings,
    is_colour,
)
from video_assets.studio.spoken.markup_syntax import says_something

from .diagrams import Diagram
from .text_rules import LINE_BREAK, MAX_LINE, Line, Name, rule_error, something

MAX_SECTIONS = 2000
MAX_NARRATION = 10_000
MAX_TEXT = 4000
MAX_PICTURE_LABELS = 12

Layout = Literal["auto", "title", "bullets", "equation", "code", "table", "picture", "diagram", "statement"]


# Rules for texts


def _narration(text: str) -> str:
    if not says_something(text):
        raise rule_error("empty-narration", "There is nothing to say here", "Write what the voice shall say.")
    return text


def _section_id(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        return text
    example = slug(text) or "ohms-law"
    remedy = f'Use up to 64 letters a to z, digits, "-" and "_", as in {quoted(example, 66)}.'
    raise rule_error("bad-id", f"{quoted(text)} cannot be a section's id", remedy)


_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z]{4})?(-(?:[A-Za-z]{2}|[0-9]{3}))?((?:-[A-Za-z0-9]{5,8})*)")
_LANGUAGE_NAMES = {
    "english": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
    "hindi": "hi",
    "chinese": "zh",
    "italian": "it",
    "portuguese": "pt",
    "russian": "ru",
    "japanese": "ja",
}


def _language(text: str) -> str:
    """The BCP 47 tag in its canonical letter case (RFC 5646, 2.1.1)."""
    match = _LANGUAGE.fullmatch(text)
    if match is None:
        close = _LANGUAGE_NAMES.get(text.casefold()) or text.replace("_", "-")
        example = close if _LANGUAGE.fullmatch(close) else "en"
        raise rule_error(
            "bad-language", f"{quoted(text)} is not a language tag", f"Write a tag such as {quoted(example)}."
        )
    language, script, region, rest = (part or "" for part in match.groups())
    return language.lower() + script.title() + region.upper() + rest.lower()


def language_tag(text: str) -> str:
    """The BCP 47 tag `text` in its canonical letter case. Raises SettingInvalid for text that is not a tag."""
    try:
        return _language(text)
    except PydanticCustomError as error:
        context = error.context or {}
        raise SettingInvalid(f"{context['message']}.", remedy=context["remedy"]) from error


def _colour(text: str) -> str:
    if not is_colour(text):
        raise rule_error("bad-colour", f"{quoted(text)} is not a colour", "Write one as #rrggbb, such as #1f6f8b.")
    return text.lower()


def _date(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?", text):
        raise rule_error("bad-date", f"{quoted(text)} is not a date", "Write it as 2025-09-30, 2025-09 or 2025.")
    return text


def _equation(text: str) -> str:
    found = LINE_BREAK.search(text)
    if found:
        remedy = "LaTeX commands need two backslashes in JSON: \\\\nu, \\\\theta, \\\\rho."
        raise rule_error("single-backslash", "An equation has no line breaks or tabs", remedy, found.start())
    if re.match(r"\s*(\$|\\\[|\\\()", text):
        raise rule_error("equation-delimiter", "An equation is written without $ or \\[", "Remove the delimiters.")
    return something(text)


def _given(value: object) -> object:
    if value is None:
        raise rule_error("wrong-type", "null is not a value here", "Leave the key out if there is nothing to write.")
    return value


def _code(value: object) -> object:
    return {"text": value} if isinstance(value, str) else _given(value)


Text = Annotated[str, Field(max_length=MAX_TEXT)]
Narration = Annotated[str, Field(max_length=MAX_NARRATION), AfterValidator(_narration)]
RatePercent = Annotated[int, Field(ge=MIN_RATE_PERCENT, le=MAX_RATE_PERCENT)]
Cell = Annotated[Line, WithJsonSchema({"type": ["string", "number"], "maxLength": MAX_LINE})]


# The keys


class _Written(BaseModel):
    # `validation` reports unknown keys as warnings. In an editor they are errors.
    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_extra={"additionalProperties": False},
    )


class WrittenCode(_Written):
    """Program text, shown as it is, with its keywords coloured."""

    language: Annotated[Name, Field(examples=["python", "c", "javascript"])] = ""
    """Programming language; decides the colours. Left out, the code has none."""
    text: Annotated[Text, AfterValidator(something), Field(examples=["for i in range(3):\n    print(i)"])]
    """The program; \\n starts a new line."""


class WrittenTable(_Written):
    """A table; every row has as many cells as the header."""

    header: Annotated[list[Cell], Field(max_length=20, examples=[["Colour", "Wavelength"]])] = []
    """Titles of the columns."""
    rows: Annotated[
        list[Annotated[list[Cell], Field(min_length=1, max_length=20)]],
        Field(min_length=1, max_length=50, examples=[[["Red", "700 nm"], ["Blue", "450 nm"]]]),
    ]
    """The rows, each a list of cells; numbers appear as they are written."""


Share = Annotated[float, Field(ge=0, le=1)]


class WrittenLabel(_Written):
    """A label over the picture, with a line to the place that it names."""

    text: Annotated[Name, Field(examples=["Gate"])]
    """What the label says, a word or a few."""
    at: Annotated[list[Share], Field(min_length=2, max_length=2, examples=[[0.4, 0.3]])]
    """The place that it names: shares of the picture's width from its left, and of its height from its top, 0 to 1."""


class WrittenSection(_Written):
    """A part of the film with one picture: what is said, and what is shown meanwhile."""

    comment: Annotated[Any, Field(alias="$comment")] = None
    """A note to yourself; it is neither shown nor said."""
    id: Annotated[
        str,
        AfterValidator(_section_id),
        WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", "examples": ["ohms-law"]}),
    ] = ""
    """A name of your own for this section, unique in the lesson. Left out, one is made from the image_description."""
    title: Annotated[Name, Field(examples=["Short waves scatter far more"])] = ""
    """Heading of the slide and name of the chapter."""
    content: Annotated[Narration, Field(examples=["The sky is *blue*. [pause] But why?"])] = ""
    """What is said. Markup: *emphasis*, **strong**, [pause], [pause 800ms], [slow]…[/slow], [rate 80%]…[/rate], \
[shown|said]."""
    narration: Annotated[Narration, Field(examples=["The sky is *blue*. [pause] But why?"])] = ""
    """The same as content, under another name; give one of the two."""
    notes: Annotated[
        Text, AfterValidator(something), Field(examples=["rayleigh; blue scatters more; sunset is red"])
    ] = ""
    """Notes, or just a topic, from which the narration is written (setting writing); in place of content."""
    image_description: Annotated[
        Text, Field(examples=["A beam of sunlight entering the air, labelled 'sunlight' and 'air molecules'."])
    ] = ""
    """What the picture shows, in words. Labels in 'quotes' appear on the slide."""
    alt: Annotated[Text, Field(examples=["Diagram: sunlight is scattered in all directions by air."])] = ""
    """Description of the picture for people who cannot see it; left out, image_description serves."""
    rate: Annotated[RatePercent, Field(examples=[90])] = 100
    """Speaking rate of this section in percent of the lesson's."""
    layout: Layout = "auto"
    """How the slide is arranged; auto chooses by what there is to show."""
    bullets: Annotated[
        list[Name], Field(min_length=1, max_length=12, examples=[["Red light: long waves", "Blue light: short waves"]])
    ] = []
    """Points of a list, a few words each."""
    equation: Annotated[str, Field(max_length=MAX_TEXT, examples=["E = m c^2"]), AfterValidator(_equation)] = ""
    """An equation in LaTeX, without $. Every backslash is written twice in JSON: \\\\frac{1}{2}."""
    code: Annotated[WrittenCode | None, BeforeValidator(_code), Field(examples=["print('Hello')"])] = None
    """Program text: either just the text, or {"language": …, "text": …}."""
    table: Annotated[WrittenTable | None, BeforeValidator(_given)] = None
    """A table."""
    diagram: Annotated[Diagram | None, BeforeValidator(_given)] = None
    """A diagram as data, such as {"kind": "flow", "nodes": ["Sun", "Leaf", "Sugar"]}, drawn in the theme's look."""
    reveal: Annotated[Reveal | None, BeforeValidator(_given)] = None
    """Whether each part of the slide appears when it is first spoken of, or everything from the start; left out, the \
setting reveal serves."""
    picture: Annotated[Name, Field(examples=["pictures/prism.png"])] = ""
    """A PNG, JPEG or WebP file, named from the lesson's folder and inside it."""
    labels: Annotated[
        list[WrittenLabel],
        Field(min_length=1, max_length=MAX_PICTURE_LABELS, examples=[[{"text": "Gate", "at": [0.4, 0.3]}]]),
    ] = []
    """Labels over the picture, each with a line to its place, in the order in which they are read."""
    focus: Annotated[list[Share], Field(min_length=2, max_length=2, examples=[[0.5, 0.4]])] = []
    """What matters most in the picture: shares of its width from its left, and of its height from its top, 0 to 1."""
    picture_motion: Annotated[PictureMotion | None, BeforeValidator(_given)] = None
    """Whether the camera moves slowly over the picture; left out, the setting picture_motion serves."""
    recording: Annotated[Name, Field(examples=["recordings/prism.wav"])] = ""
    """Your own voice in place of a voice of lessonreel: a WAV, FLAC, MP3, M4A, Ogg, Opus or video file that says \
exactly the content, named from the lesson's folder and inside it."""


class WrittenLesson(_Written):
    """A lesson from which lessonreel makes a narrated, captioned, lip-synced film. Only `sections` is needed."""

    schema_reference: Annotated[Text, Field(alias="$schema")] = ""
    """Where an editor finds the description of this format."""
    comment: Annotated[Any, Field(alias="$comment")] = None
    """A note to yourself; it is neither shown nor said."""
    title: Annotated[Name, Field(examples=["Why is the sky blue?"])] = ""
    """Title of the film; left out, the file's name serves."""
    description: Annotated[Text, Field(examples=["A question every child asks, answered in one minute."])] = ""
    """What the film is about, in a sentence or two."""
    language: Annotated[
        str, AfterValidator(_language), Field(examples=["en", "de", "fr", "es", "hi", "zh", "en-GB"])
    ] = "en"
    """Language of the narration as a BCP 47 tag."""
    presenter: Annotated[Name, Field(examples=["ada"])] = ""
    """Who presents; `lessonreel presenters` lists them."""
    place: Annotated[PresenterPlace | None, BeforeValidator(_given)] = None
    """Where the presenter stands: in the corner, at the side, full in the frame, or absent."""
    voice: Annotated[Name, Field(examples=["en-gb"])] = ""
    """Who speaks; `lessonreel voices` lists them. Left out, the best voice of the language."""
    rate: Annotated[RatePercent | None, BeforeValidator(_given), Field(examples=[100])] = None
    """Speaking rate in percent; 100 is the voice's own."""
    theme: Annotated[Name, Field(examples=["chalk"])] = ""
    """Look of the slides; `lessonreel themes` lists them."""
    accent: Annotated[
        str,
        AfterValidator(_colour),
        WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "examples": ["#1f6f8b"]}),
    ] = ""
    """A colour of your own in place of the theme's accent."""
    logo: Annotated[Name, Field(examples=["pictures/school.png"])] = ""
    """A PNG, JPEG or WebP file shown small on every slide, named from the lesson's folder and inside it."""
    author: Annotated[Name, Field(examples=["Maria Goeppert"])] = ""
    """Who wrote the lesson; shown on the end card."""
    licence: Annotated[Name, Field(examples=["CC-BY-4.0"])] = ""
    """Under which licence the film may be used."""
    credits: Annotated[list[Name], Field(max_length=50, examples=[["Photograph of the prism: D. Alhazen"]])] = []
    """Whom else to thank; shown on the end card."""
    date: Annotated[str, AfterValidator(_date), Field(examples=["2025-09-30"])] = ""
    """Date of the lesson: year, year-month or year-month-day."""
    pronunciations: Annotated[
        dict[Name, Name], Field(max_length=5000, examples=[{"SQL": "sequel", "Goeppert": "gerpert"}])
    ] = {}
    """How to say words: the word as written -> as it sounds, in the spelling of the lesson's language."""
    settings: dict[str, Any] = {}
    """Any other setting of the film, such as {"frame_rate": "30", "crf": 20}."""
    sections: Annotated[list[WrittenSection], Field(min_length=1, max_length=MAX_SECTIONS)]
    """The parts of the film, in order."""


SETTING_OF_KEY: Mapping[str, str] = {
    "presenter": "presenter",
    "place": "presenter_place",
    "voice": "voice",
    "rate": "rate_percent",
    "theme": "theme",
    "accent": "accent",
    "logo": "logo",
}
"""The keys of a lesson that are settings, with the names of these settings."""


def slug(text: str) -> str:
    """`text` as lower-case ASCII words joined by hyphens, at most 64 characters; "" if it has no Latin letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")


# The schema


def lesson_schema() -> dict[str, Any]:
    """The format as a JSON Schema (draft 2020-12), for editors and for checks without lessonreel."""
    schema = WrittenLesson.model_json_schema(by_alias=True, mode="validation")
    schema["$defs"]["Settings"] = _settings_schema()
    schema["properties"]["settings"] |= {"$ref": "#/$defs/Settings"}
    section = schema["$defs"]["WrittenSection"]
    section["properties"]["code"]["anyOf"][-1] = {"type": "string"}
    section["oneOf"] = [{"required": ["content"]}, {"required": ["narration"]}, {"required": ["notes"]}]
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, "title": "Lesson", **_tidied(schema)}


def lesson_schema_text() -> str:
    """The schema as the text of docs/lesson.schema.json."""
    return json.dumps(lesson_schema(), ensure_ascii=False, indent=2) + "\n"


def _settings_schema() -> dict[str, Any]:
    schema = Settings.model_json_schema()
    schema["description"] = "Settings of the film; see docs/lesson-format.md."
    schema["properties"]["profile"]["enum"] = list(PROFILES)
    for name in SETTING_NAMES:
        if schema["properties"][name].get("type") in {"integer", "number"}:
            schema["properties"][name]["type"] = [schema["properties"][name]["type"], "string"]
    schema["properties"]["frame_rate"]["type"] = ["string", "number"]
    return schema


def _tidied(schema: Any) -> Any:
    """The schema without the titles, empty defaults and nulls from pydantic, which editors would offer to authors."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema if each != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    tidied = {key: _tidied(value) for key, value in schema.items() if not _is_noise(key, value)}
    if len(tidied.get("anyOf", ())) != 1:
        return tidied
    (only,) = tidied.pop("anyOf")
    return {**only, **tidied}


def _is_noise(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in ("", [], {}, None))
