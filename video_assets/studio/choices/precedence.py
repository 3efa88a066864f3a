"""Resolves the settings of a lesson from all layers, each of which overrides those to its right.

    this run's choices > remembered choices > environment > lesson file > project file > profile

A run, `explain`, `check` and the sensor all use this module, so that they agree. Does not belong here: the rule for
merging layers (`core.settings`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from video_assets.studio.core.errors import LessonInvalid, Problem, SettingInvalid, StudioError
from video_assets.studio.core.lesson_keys import lesson_of
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.messages import quoted, suggestion
from video_assets.studio.core.settings import (
    PROFILES,
    SETTING_NAMES,
    Resolved,
    Settings,
    chain_of,
    resolved,
    setting_value_problems,
    settings_from_environment,
)
from video_assets.studio.lesson.project import ProjectFile
from video_assets.studio.lesson.reader import ReadLesson
from video_assets.studio.lesson.script import merge_pronunciations
from video_assets.studio.lesson.setting_places import SettingPlace
from video_assets.studio.pictures.illustration import picture_sources
from video_assets.studio.slides.themes import load_theme
from video_assets.studio.speech.voices import VoiceSource

from .remembered import ALL, Value, read_choices
from .retirement import Retirements, retirement_problems
from .sayable import unreadable_words
from .speakers import speakers_of, speech_sources

NOT_SETTINGS = frozenset({"LESSONREEL_ROOT", "LESSONREEL_STATE", "LESSONREEL_LESSONS"})
"""Variables with the prefix of settings that name folders instead."""
THIS_RUN, REMEMBERED, ENVIRONMENT = "this run", "remembered choice", "environment"
LESSON_FILE, PROJECT_FILE = "lesson file", "project file"


class RunOverrides(NamedTuple):
    """What a person chose for a lesson. These choices override all other layers."""

    profile: str = ""
    settings: Mapping[str, object] = {}
    """Choices for this run, by the field names of Settings. Values may be text."""
    section: str = ""
    """Preview only this section, without cards."""
    reset: tuple[str, ...] = ()
    """Remembered choices to forget: names of settings, or ALL."""
    remember: bool = True
    """Whether later runs use these choices as well."""
    remembered: Mapping[str, Value] = {}
    """Choices of earlier runs that this one does not reset; see `with_remembered`."""

    @property
    def of_this_run(self) -> dict[str, object]:
        """The choices of this run alone, including the profile."""
        return {**self.settings, **({"profile": self.profile} if self.profile else {})}


def with_remembered(choices: RunOverrides, folder: Path | None, key: str) -> RunOverrides:
    """`choices` with the choices that `folder` remembers for the lesson of the partition `key`.

    A preview with its own profile (a draft) ignores remembered settings that this profile sets, so that it stays small
    and quick. Raises StoreError if the file is damaged, SettingInvalid if it holds an unknown setting or a bad value.
    """
    if folder is None:
        return choices
    remembered = read_choices(folder, lesson_of(key), choices.reset)
    faults = setting_value_problems(remembered)
    if faults:
        lines = [f"{fault.message} ({REMEMBERED} of {lesson_of(key)}). {fault.remedy}" for fault in faults]
        raise SettingInvalid("\n".join(lines), remedy="--reset forgets all choices of the lesson.")
    own = choices.of_this_run.get("profile")
    if key != lesson_of(key) and isinstance(own, str):
        remembered = {name: value for name, value in remembered.items() if name not in PROFILES.get(own, {})}
    return choices._replace(remembered=remembered)


def parse_reset(names: Iterable[str]) -> tuple[str, ...]:
    """The names given to `--reset`, as in RunOverrides.reset. Raises SettingInvalid for a name that is no setting."""
    keys = tuple(name.strip().replace("-", "_") for name in names)
    known = (ALL, *SETTING_NAMES)
    for key in keys:
        if key not in known:
            raise SettingInvalid(f"There is no setting {quoted(key)} to reset.", remedy=suggestion(key, known))
    return keys


class LessonSettings(NamedTuple):
    """The settings of a lesson, and the layer that each comes from."""

    settings: Settings
    sources: Mapping[str, str]
    """Setting -> its layer, for every setting that a layer or a profile sets."""
    chosen: Mapping[str, Value]
    """Choices of a person, in this run or before, with their values in `settings`."""
    remembered: Mapping[str, Value]
    """Choices of earlier runs that were not reset."""
    overrides: tuple[str, ...] = ()
    """A sentence for each remembered choice that overrides another value of a file, the environment or a profile."""

    @property
    def shown(self) -> dict[str, tuple[object, str]]:
        """Value and source of each setting that was chosen or differs from its default, in the order of Settings.

        Values that come from a profile are left out: the profile's name implies them.
        """
        found = {**self.chosen, **Resolved(self.settings, self.sources).changed}
        plain = self.settings.model_dump(mode="json")
        named = {name: (plain[name], self.sources.get(name, "")) for name in SETTING_NAMES if name in found}
        return {name: entry for name, entry in named.items() if not entry[1].startswith("profile ")}


def settings_of(
    read: ReadLesson, project: ProjectFile, environ: Mapping[str, str], choices: RunOverrides
) -> LessonSettings:
    """The settings of a valid lesson. A preview of a single section has no cards.

    `choices` come from `with_remembered`. Raises SettingInvalid.
    """
    assert read.lesson is not None
    weaker = (
        (PROJECT_FILE, project.settings),
        (LESSON_FILE, read.lesson.settings),
        (ENVIRONMENT, settings_from_environment(environ, NOT_SETTINGS)),
    )
    found = resolved("standard", *weaker, (REMEMBERED, choices.remembered), (THIS_RUN, choices.of_this_run))
    without = resolved("standard", *weaker, (THIS_RUN, choices.of_this_run))
    settings, sources = found.settings, dict(found.sources)
    kept: dict[str, Value] = {
        name: getattr(settings, name) for name in SETTING_NAMES if name in {*choices.remembered, *choices.of_this_run}
    }
    overrides = tuple(_contradicted(found, without, choices))
    if choices.section:
        ids = [section.id for section in read.lesson.sections]
        opens = settings.presenter_opening and choices.section in (*ids[:1], *ids[-1:])
        alone = {"title_card_ms": 0, "end_card_ms": 0, "presenter_opening": opens}
        settings = settings.model_copy(update=alone)
        sources |= dict.fromkeys(("title_card_ms", "end_card_ms"), "a single section has no cards")
    return LessonSettings(settings, sources, kept, choices.remembered, overrides)


def _reset_hint(name: str) -> str:
    return f"--reset {name} forgets the choice."


def _contradicted(found: Resolved, without: Resolved, choices: RunOverrides) -> Iterator[str]:
    """A sentence for each remembered choice that overrides a different value. A profile counts if this run chose it."""
    spoken = {PROJECT_FILE, LESSON_FILE, ENVIRONMENT}
    profile = choices.of_this_run.get("profile")
    if isinstance(profile, str) and profile in PROFILES:
        spoken.add(f"profile {profile}")
    for name in choices.remembered:
        if found.sources[name] != REMEMBERED or without.sources.get(name) not in spoken:
            continue
        value, other = getattr(found.settings, name), getattr(without.settings, name)
        if value != other:
            message = f"{name} is {quoted(value)}, as chosen before; the {without.sources[name]} says {quoted(other)}"
            yield f"{message}. {_reset_hint(name)}"


# Names


class Providers(NamedTuple):
    """The providers that settings can name."""

    voices: Mapping[str, VoiceSource]
    picture_providers: Collection[str]
    presenters: Callable[[], Collection[str]]
    """Looks for the presenters when a lesson shows one. Raises SettingInvalid for a damaged file of a drawn one."""
    illustrators: Collection[str] = ()
    writers: Collection[str] = ()
    retirements: Retirements = MappingProxyType({})
    """The ends of their models that are known."""


class NameProblem(NamedTuple):
    """A setting that names something that does not exist, or does not fit the lesson."""

    setting: str
    message: str
    remedy: str
    source: str
    """The layer that sets it; empty for a default."""
    place: SettingPlace | None
    """The place in the lesson file, if that sets it."""

    @property
    def concerns_one_lesson(self) -> bool:
        """Whether only this lesson is affected. A fault of any other layer affects all lessons."""
        return self.place is not None or self.source == REMEMBERED

    def problem(self, file: str) -> Problem:
        """The fault as a problem of the lesson in `file`."""
        at = self.place._asdict() if self.place else {}
        source = f" ({self.source})" if self.source and not self.place else ""
        return Problem(file=file, code="unknown-name", message=self.message + source, remedy=self.remedy, **at)

    def __str__(self) -> str:
        return f"{self.message} ({self.source or 'default'}). {self.remedy}"


def name_problems(read: ReadLesson, found: LessonSettings, providers: Providers) -> tuple[NameProblem, ...]:
    """The faults of all themes, voices, presenters and providers that the settings of a lesson name."""
    assert read.lesson is not None
    return tuple(
        _fault(name, error, read, found)
        for name, attempt in _lookups(found.settings, read.lesson.language, providers)
        if (error := _error_of(attempt)) is not None
    )


def setting_problems(
    file: str,
    read: ReadLesson,
    project: ProjectFile,
    environ: Mapping[str, str],
    choices: RunOverrides,
    providers: Providers,
) -> tuple[Problem, ...]:
    """The problems of a lesson's settings in all layers, with the same words as in a run.

    Among them are the words that the chosen voice cannot read.
    """
    try:
        found = settings_of(read, project, environ, choices)
    except SettingInvalid as error:
        return (as_problem(file, error),)
    assert read.lesson is not None
    faults = tuple(fault.problem(file) for fault in name_problems(read, found, providers))
    said = merge_pronunciations(project.pronunciations, read.lesson.pronunciations)
    return (
        *(faults or _voice_warnings(file, read, found, providers)),
        *unreadable_words(file, read.lesson, found.settings, said, providers.voices, read.source),
        *retirement_problems(file, found.settings, providers.retirements, datetime.now(UTC).date()),
    )


def _voice_warnings(file: str, read: ReadLesson, found: LessonSettings, providers: Providers) -> Iterator[Problem]:
    """A warning if the first choice of the voice cannot speak on this machine: another voice would speak."""
    assert read.lesson is not None
    first, *others = speakers_of(found.settings, read.lesson.language, providers.voices)
    if fault := first.provider.fault(first.voice.id):
        instead = f"{others[0].voice.name} speaks instead" if others else "the lesson cannot be made"
        yield Problem(
            file=file,
            code="voice-missing",
            severity="warning",
            message=f"{fault.rstrip('.')}, so {instead}",
            remedy="Install the packages of constraints.txt again, or choose another voice.",
        )


def as_problem(file: str, error: StudioError) -> Problem:
    """An error that prevents a render and has no place in the lesson file, as a problem of that file."""
    return Problem(file=file, code="setting", message=error.message.rstrip("."), remedy=error.remedy)


def valid_choices(choices: RunOverrides, providers: Providers | None) -> dict[str, Value]:
    """The choices of this run for a lesson whose file is invalid, with their typed values.

    Returns all of them, or none if one is invalid or names something that does not exist. The voice is not checked,
    because that needs the lesson's language.
    """
    chosen_now = choices.of_this_run
    if setting_value_problems(chosen_now):
        return {}
    settings = resolved("standard", (THIS_RUN, chosen_now)).settings
    if providers is not None:
        refused = {name for name, attempt in _lookups(settings, "en", providers) if _error_of(attempt) is not None}
        if refused & (chosen_now.keys() - {"voice", "language"}):
            return {}
    return {name: getattr(settings, name) for name in chosen_now}


def raise_for_name_faults(file: str, faults: Iterable[NameProblem]) -> None:
    """Raise if there are faults: SettingInvalid for those outside the lesson file, else LessonInvalid with places."""
    listed = tuple(faults)
    elsewhere = [fault for fault in listed if fault.place is None]
    if elsewhere:
        raise SettingInvalid("\n".join(map(str, elsewhere)))
    if listed:
        raise LessonInvalid(tuple(fault.problem(file) for fault in listed))


def _lookups(settings: Settings, language: str, providers: Providers) -> Iterator[tuple[str, Callable[[], object]]]:
    known = {*providers.picture_providers, *providers.illustrators}
    yield "pictures", lambda: picture_sources(settings.pictures, known)
    for name in chain_of(settings.writing):
        yield "writing", lambda name=name: lookup(dict.fromkeys(providers.writers), name, "source of writing")
    yield "theme", lambda: load_theme(settings.theme)
    if settings.accent and _error_of(lambda: load_theme(settings.theme)) is None:
        yield "accent", lambda: load_theme(settings.theme, settings.accent)
    yield "speech", lambda: speech_sources(settings, providers.voices)
    if _error_of(lambda: speech_sources(settings, providers.voices)) is None:
        given = "voice" if settings.voice else "language"
        yield given, lambda: speakers_of(settings, language, providers.voices)
    if settings.presenter_place != "absent":
        yield "presenter", lambda: lookup(dict.fromkeys(providers.presenters()), settings.presenter, "presenter")


def _error_of(attempt: Callable[[], object]) -> SettingInvalid | None:
    try:
        attempt()
    except SettingInvalid as error:
        return error
    return None


def _fault(name: str, error: SettingInvalid, read: ReadLesson, found: LessonSettings) -> NameProblem:
    source = LESSON_FILE if name == "language" else found.sources.get(name, "")
    place = read.places.get(name) if source == LESSON_FILE else None
    remedy = f"{error.remedy} {_reset_hint(name)}" if source == REMEMBERED else error.remedy
    return NameProblem(name, error.message.rstrip("."), remedy, source, place)
