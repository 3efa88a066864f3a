"""The settings of a film, the profiles, and the rule by which several layers of settings are merged.

Does not belong here: reading the environment or files (callers pass mappings), or the effect of a setting.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, get_args

from annotated_types import Ge, Le, MultipleOf
from pydantic import BeforeValidator, ConfigDict, Field, Strict, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from .errors import SettingInvalid
from .messages import nearest, one_of, quoted, suggestion
from .values import FrozenModel

PresenterPlace = Literal["corner", "side", "full", "absent"]
Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]


def _as_written(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


FrameRate = Annotated[str, BeforeValidator(_as_written)]

_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _switched(value: object) -> object:
    """A word for true or false, as on a command line or in the environment, as a bool. 1 and 0 are not accepted."""
    return _SWITCHES.get(value.lower(), value) if isinstance(value, str) else value


Switch = Annotated[bool, BeforeValidator(_switched), Strict()]
"""True or false."""


def as_chain(value: Any) -> Any:
    """A list of names (as in a file) as the text of a chain (as on a command line); any other value unchanged."""
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value


Chain = Annotated[str, BeforeValidator(as_chain, json_schema_input_type=str | list[str])]
"""Names of providers, the first choice first: `openai, espeak`, or `["openai", "espeak"]` in a lesson file."""
TextCheck = Literal["off", "lenient", "moderate", "strict"]
Quality = Literal["auto", "low", "medium", "high"]
Reveal = Literal["words", "all"]
Motion = Literal["calm", "none"]
PictureMotion = Literal["off", "slow"]


def chain_of(text: str) -> tuple[str, ...]:
    """The names in a chain, in order, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


MIN_RATE_PERCENT, MAX_RATE_PERCENT = 50, 200


class Settings(FrozenModel):
    """Every choice that shapes a film, resolved. It is part of a lesson's manifest: a run uses one set throughout."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    profile: str = "standard"
    """Name of a set of settings to start from: standard, enhanced, ultra_fast or draft."""
    width_px: int = Field(1280, ge=320, le=3840, multiple_of=2)
    """Width of the film in pixels."""
    height_px: int = Field(720, ge=320, le=3840, multiple_of=2)
    """Height of the film in pixels."""
    frame_rate: FrameRate = "25"
    """Frames per second as an exact fraction: `25`, `30`, `30000/1001`."""
    preset: Preset = "fast"
    """How long the encoder searches for a smaller file: `ultrafast` is quick and large, `slow` is slow and small."""
    crf: int = Field(23, ge=10, le=40)
    """Picture quality of the encoder: smaller is better and larger; 18 is close to lossless, 28 is visibly coarse."""
    keyframe_seconds: int = Field(5, ge=1, le=20)
    """Longest time between two pictures that a player can jump to."""
    audio_kbps: int = Field(128, ge=48, le=320)
    """Bit rate of the sound in kilobits per second."""
    loudness_lufs: float = Field(-16.0, ge=-31, le=-9)
    """Loudness of the film in LUFS; -16 suits the web, -23 European broadcasting."""
    writing: Chain = ""
    """Who writes what a lesson lacks; empty: nobody. Several names: each is tried when the one before it fails."""
    audience: str = Field("", max_length=400)
    """For whom it is written, in words: `nurses in their first year`."""
    writing_batch: int = Field(5, ge=1, le=20)
    """How many sections are written at a time; each sees those before it that are finished."""
    text_check: TextCheck = "lenient"
    """How strict the text is looked at before anything is paid: `lenient` only warns, `off` does not look."""
    review: Switch = False
    """Whether a lesson stops after script and pictures, until somebody approves it."""
    speech: Chain = "hibari, espeak"
    """Who speaks. Several names, as in `openai, espeak`: each is tried when the one before it fails. `hibari` speaks
    English; it leaves other languages, and voices that it does not have, to the voice after it."""
    voice: str = ""
    """Voice id of the speech provider; empty takes the provider's first voice for the lesson's language."""
    rate_percent: int = Field(100, ge=MIN_RATE_PERCENT, le=MAX_RATE_PERCENT)
    """Speaking rate; 100 is the voice's own normal rate."""
    voice_instructions: str = Field("", max_length=1000)
    """How to speak, in words, for voices that follow such: `warm and unhurried`."""
    pictures: Chain = "slides"
    """Who makes pictures of what is described: `slides` typesets it; `openai, slides` paints it, or else typesets."""
    picture_style: str = Field("", max_length=1000)
    """How painted pictures look, in words, the same all over a lesson; empty takes a calm textbook style."""
    picture_quality: Quality = "auto"
    """Quality of painted pictures: `auto` takes what the painter's file says."""
    theme: str = "chalk"
    """Name of the slides' theme; `lessonreel themes` lists them."""
    logo: str = ""
    """Path of a picture, relative to the lesson's folder; empty for none."""
    accent: str = ""
    """Colour `#rrggbb` that replaces the theme's accent; empty keeps it."""
    reveal: Reveal = "words"
    """When the parts of a slide appear: each when it is first spoken of (`words`), or all from the start (`all`)."""
    motion: Motion = "calm"
    """How parts of a slide appear: with a short fade (`calm`), or as a cut (`none`), for viewers who avoid motion."""
    picture_motion: PictureMotion = "off"
    """Whether the camera moves slowly over a picture without labels (`slow`); never with the motion `none`."""
    presenter: str = "ada"
    """Name of the presenter; `lessonreel presenters` lists them."""
    presenter_place: PresenterPlace = "corner"
    """Where the presenter stands: in the bottom right corner, in a panel at the side, full in the frame, or absent."""
    presenter_opening: Switch = False
    """Whether the presenter is full in the frame in the first and the last section, where their slides have room."""
    breath_ms: int = Field(400, ge=300, le=2000)
    """Silence between the speech of one section and of the next, before rounding up to whole frames."""
    title_card_ms: int = Field(2800, ge=0, le=15000)
    """Length of the title card; 0 leaves it out."""
    end_card_ms: int = Field(3200, ge=0, le=15000)
    """Length of the end card; 0 leaves it out."""
    resize_factor: int = Field(1, ge=1, le=8)
    """A photographed presenter's face is worked on in a picture reduced by this much: quicker to read, and softer."""
    smooth_face: Switch = True
    """Whether the place of a photographed presenter's face in a video is averaged over five pictures."""
    spoken_transcript: Switch = False
    """Whether the bundle also has a transcript of the words that the voice was given."""
    lips_lead: int = Field(1, ge=0, le=2)
    """How many frames before its picture the lips' network begins to hear; 1 is what it was trained with."""
    enable_parallel: Switch = True
    """Whether chunks of a section's lips are made side by side, on several GPUs. Shapes no picture."""
    chunk_duration_seconds: int = Field(0, ge=0, le=30)
    """Length of such a chunk, 4 to 30; 0 follows from the section's length and the devices. Shapes no picture."""
    lips_batch: int = Field(0, ge=0, le=512)
    """Frames of lips that are computed at a time; 0 takes what suits the device."""
    target_percent: int = Field(50, ge=0, le=10000)
    """How long making the film may take, in percent of its length; statistics say whether it was met. 0: no target."""

    @field_validator("frame_rate")
    @classmethod
    def _frame_rate_is_sane(cls, text: str) -> str:
        # Fraction() alone would take "1e999999999" and work on it for hours.
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}|/0*[1-9][0-9]{0,5})?", text):
            raise PydanticCustomError("allowed", "{allowed}", {"allowed": "a fraction such as 25 or 30000/1001"})
        rate = Fraction(text)
        if not 8 <= rate <= 60:
            raise PydanticCustomError("allowed", "{allowed}", {"allowed": "8 to 60 frames per second"})
        return str(rate)

    @field_validator("accent")
    @classmethod
    def _accent_is_a_colour(cls, text: str) -> str:
        if text and not is_colour(text):
            raise PydanticCustomError("allowed", "{allowed}", {"allowed": "a colour such as #1f6f8b"})
        return text.lower()

    @field_validator("chunk_duration_seconds")
    @classmethod
    def _chunk_is_sane(cls, seconds: int) -> int:
        if 0 < seconds < 4:
            raise PydanticCustomError("allowed", "{allowed}", {"allowed": "0, or a whole number from 4 to 30"})
        return seconds

    @property
    def rate(self) -> Fraction:
        """Frames per second, exact."""
        return Fraction(self.frame_rate)


SETTING_NAMES: tuple[str, ...] = tuple(Settings.model_fields)
DEFAULTS = Settings.model_validate({})

PROFILES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "standard": {
            "width_px": 1280,
            "height_px": 720,
            "frame_rate": "25",
            "preset": "fast",
            "crf": 23,
            "audio_kbps": 128,
        },
        "enhanced": {
            "width_px": 1920,
            "height_px": 1080,
            "preset": "medium",
            "crf": 20,
            "audio_kbps": 192,
            "target_percent": 100,
        },
        "ultra_fast": {
            "frame_rate": "12",
            "preset": "ultrafast",
            "crf": 28,
            "audio_kbps": 96,
            "resize_factor": 4,
            "lips_batch": 32,
            "smooth_face": False,
            "target_percent": 90,
        },
        "draft": {"width_px": 640, "height_px": 360, "frame_rate": "12", "preset": "ultrafast", "crf": 30},
    }
)
"""The settings that each profile changes. All others keep their defaults."""


def is_colour(text: str) -> bool:
    """Whether `text` is a colour in the form `#rrggbb`."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


class SettingProblem(NamedTuple):
    """What is wrong with one setting. `message` contains the setting and its value, on one line."""

    name: str
    code: Literal["unknown-setting", "unknown-value", "bad-setting"]
    message: str
    remedy: str


def setting_value_problems(values: Mapping[str, object]) -> tuple[SettingProblem, ...]:
    """Everything wrong with `values` (setting -> value), in their order. Each setting is checked alone."""
    unknown = [_unknown_setting(name) for name in values if name not in Settings.model_fields]
    known = {name: value for name, value in values.items() if name in Settings.model_fields}
    faults = {fault.name: fault for fault in [*unknown, *_profile_faults(known), *_value_faults(known)]}
    return tuple(faults[name] for name in values if name in faults)


def _unknown_setting(name: str) -> SettingProblem:
    close = nearest(name, SETTING_NAMES)
    remedy = f"Did you mean {quoted(close)}?" if close else f"Settings are {one_of(SETTING_NAMES)}."
    return SettingProblem(name, "unknown-setting", f"There is no setting {quoted(name)}", remedy)


def _profile_faults(known: Mapping[str, object]) -> Iterable[SettingProblem]:
    profile = known.get("profile", "standard")
    if isinstance(profile, str) and profile not in PROFILES:
        message = f"There is no profile {quoted(profile)}"
        yield SettingProblem("profile", "unknown-value", message, suggestion(profile, PROFILES))


def _value_faults(known: Mapping[str, object]) -> Iterable[SettingProblem]:
    # Pydantic reads true as 1.
    truths = {name: value for name, value in known.items() if isinstance(value, bool) and not _is_switch(name)}
    yield from (_bad_value(name, value, allowed(name)) for name, value in truths.items())
    try:
        Settings.model_validate({name: value for name, value in known.items() if name not in truths})
    except ValidationError as error:
        yield from (_from_pydantic(detail) for detail in error.errors(include_url=False))


def _is_switch(name: str) -> bool:
    return Settings.model_fields[name].annotation is bool


def _from_pydantic(detail: ErrorDetails) -> SettingProblem:
    name, value = str(detail["loc"][0]), detail["input"]
    choices = get_args(Settings.model_fields[name].annotation)
    if detail["type"] == "literal_error" and isinstance(value, str):
        return SettingProblem(
            name, "unknown-value", f"{name} cannot be {quoted(value)}", _choice_remedy(value, choices)
        )
    return _bad_value(name, value, str(detail.get("ctx", {}).get("allowed") or allowed(name)))


def _choice_remedy(value: str, choices: Collection[str]) -> str:
    close = nearest(value, choices)
    hint = f"Did you mean {quoted(close)}? " if close else ""
    return f"{hint}Allowed is {one_of(choices)}."


def _bad_value(name: str, value: object, allowed: str) -> SettingProblem:
    return SettingProblem(name, "bad-setting", f"{name} cannot be {quoted(value)}", f"Allowed is {allowed}.")


def allowed(name: str) -> str:
    """The values that a setting may have, in words."""
    declared = Settings.model_fields[name]
    if get_args(declared.annotation):
        return one_of(get_args(declared.annotation))
    if declared.annotation is str:
        return "text"
    if declared.annotation is bool:
        return "true or false"
    kind = "a whole number" if declared.annotation is int else "a number"
    bounds: dict[type, Any] = {type(each): each for each in declared.metadata}
    if MultipleOf in bounds:
        kind = f"a multiple of {bounds[MultipleOf].multiple_of}"
    return f"{kind} from {bounds[Ge].ge} to {bounds[Le].le}"


Layer = tuple[str, Mapping[str, object]]
"""The name of a source of settings, as in messages ("command line"), and the settings from it."""


def resolve(profile_name: str, *layers: Layer) -> Settings:
    """The settings that result from `layers`, each of which overrides those before it.

    The usual layers are project file, lesson file, environment, command line (or launchpad). All override the profile:
    the one in the last layer with the key `profile`, or else `profile_name`. Values may be text, as in the environment
    and on the command line. Raises SettingInvalid with a line for each unknown setting and bad value, with its layer.
    """
    return resolved(profile_name, *layers).settings


class Resolved(NamedTuple):
    """Settings, and the layer of each setting that a layer or a profile sets. All others have their defaults."""

    settings: Settings
    sources: Mapping[str, str]

    @property
    def changed(self) -> dict[str, object]:
        """The settings that differ from their defaults, in the order of Settings."""
        plain, defaults = self.settings.model_dump(mode="json"), DEFAULTS.model_dump(mode="json")
        return {name: value for name, value in plain.items() if value != defaults[name]}


def resolved(profile_name: str, *layers: Layer) -> Resolved:
    """The result of `resolve`, with the layer of each setting."""
    named = [("profile", {"profile": profile_name}), *layers]
    lines = [_line(fault, place) for place, values in named for fault in setting_value_problems(values)]
    if lines:
        raise SettingInvalid("\n".join(lines))
    merged: dict[str, object] = {}
    sources: dict[str, str] = {}
    for place, values in named:
        merged |= values
        sources |= dict.fromkeys(values, place)
    profile = str(merged["profile"])
    settings = Settings.model_validate({**PROFILES[profile], **merged})
    return Resolved(settings, {**dict.fromkeys(PROFILES[profile], f"profile {profile}"), **sources})


def _line(fault: SettingProblem, place: str) -> str:
    return f"{fault.message} ({place}). {fault.remedy}"


ENVIRONMENT_PREFIX = "LESSONREEL_"


def settings_from_environment(environ: Mapping[str, str], elsewhere: Collection[str] = ()) -> dict[str, str]:
    """The settings in `environ`: `LESSONREEL_CRF=20` sets `crf`. Empty variables count as not set.

    `elsewhere` are the variables with the prefix that are not settings, such as the state folder. All others are
    returned, so that `resolve` reports a misspelt one.
    """
    ours = {name: value for name, value in environ.items() if name.startswith(ENVIRONMENT_PREFIX)}
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in sorted(ours.items())
        if value and name not in elsewhere
    }


def parse_assignment(text: str) -> tuple[str, str]:
    """The setting and the value of `--set key=value`. `frame-rate` and `frame_rate` are the same key.

    Raises SettingInvalid for a text without `=`, an unknown setting or a bad value.
    """
    name, equals, value = text.partition("=")
    key = name.strip().replace("-", "_")
    if not equals or not key:
        raise SettingInvalid(
            f"--set {quoted(text)} is not an assignment.", remedy="Write --set key=value, as in --set crf=20."
        )
    for fault in setting_value_problems({key: value.strip()}):
        raise SettingInvalid(_line(fault, "command line"))
    return key, value.strip()
