"""The settings that a lesson is made with: what was chosen now and before over all that is weaker, resolved once.

    this run's choices > remembered choices > environment > lesson file > project file > profile

Belongs here: gathering these layers, and whether the names in the result exist, so that a run, `explain`, `check` and
the sensor cannot disagree. Does not belong here: the rule for two layers (`settings.py`), or keeping choices
(`remembered_choices.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .choice import chosen
from .errors import LessonInvalid, Problem, SettingInvalid, StudioError
from .illustration import picture_sources
from .keys import lesson_of
from .lesson import ReadLesson
from .remembered_choices import ALL, Value, read_choices
from .setting_places import SettingPlace
from .settings import (
    PROFILES,
    SETTING_NAMES,
    Resolved,
    Settings,
    chain_of,
    resolved,
    setting_faults,
    settings_from_environment,
)
from .shelf import Project
from .speakers import speakers_of, speech_sources
from .themes import load_theme
from .voices import VoiceSource
from .wording import quoted, suggestion

NOT_SETTINGS = frozenset({"LESSONREEL_ROOT", "LESSONREEL_STATE", "LESSONREEL_LESSONS"})
"""Variables with our prefix that name folders."""
THIS_RUN, REMEMBERED, ENVIRONMENT = "this run", "remembered choice", "environment"
LESSON_FILE, PROJECT_FILE = "lesson file", "project file"


class Choices(NamedTuple):
    """What was chosen for a lesson, over all else."""

    profile: str = ""
    settings: Mapping[str, object] = {}
    """For this run, by the names of Settings; values may be text."""
    section: str = ""
    """Only this section, without cards, to look at."""
    reset: tuple[str, ...] = ()
    """Remembered choices that are let go: names of settings, or ALL."""
    remember: bool = True
    """Whether what is chosen here holds for later runs as well."""
    remembered: Mapping[str, Value] = {}
    """What earlier runs chose and this one does not let go; see `recalled`."""

    @property
    def of_this_run(self) -> dict[str, object]:
        """The choices of this run alone, the profile among them."""
        return {**self.settings, **({"profile": self.profile} if self.profile else {})}


def recalled(choices: Choices, folder: Path | None, key: str) -> Choices:
    """The choices together with what is remembered in `folder` of the lesson that the partition `key` is of.

    A preview with a profile of its own (a draft) is as small and quick as that profile says, whatever was chosen for
    the film. Raises StoreError if the file is damaged, SettingInvalid if it holds what is no setting any more.
    """
    if folder is None:
        return choices
    remembered = read_choices(folder, lesson_of(key), choices.reset)
    faults = setting_faults(remembered)
    if faults:
        lines = [f"{fault.message} ({REMEMBERED} of {lesson_of(key)}). {fault.remedy}" for fault in faults]
        raise SettingInvalid("\n".join(lines), remedy="--reset lets all choices of the lesson go.")
    own = choices.of_this_run.get("profile")
    if key != lesson_of(key) and isinstance(own, str):
        remembered = {name: value for name, value in remembered.items() if name not in PROFILES.get(own, {})}
    return choices._replace(remembered=remembered)


def reset_of(names: Iterable[str]) -> tuple[str, ...]:
    """The names given to `--reset`, as Choices hold them: settings, or ALL. Raises SettingInvalid for anything else."""
    keys = tuple(name.strip().replace("-", "_") for name in names)
    known = (ALL, *SETTING_NAMES)
    for key in keys:
        if key not in known:
            raise SettingInvalid(f"There is no setting {quoted(key)} to reset.", remedy=suggestion(key, known))
    return keys


class LessonSettings(NamedTuple):
    """The settings of a lesson, and how they came about."""

    settings: Settings
    sources: Mapping[str, str]
    """Setting -> the layer it comes from, for those that a layer or a profile sets."""
    chosen: Mapping[str, Value]
    """What a person chose, in this run or before it, with its value in `settings`."""
    remembered: Mapping[str, Value]
    """What was chosen before, and not let go."""
    overrides: tuple[str, ...] = ()
    """A sentence for each remembered choice that a weaker layer contradicts."""

    @property
    def shown(self) -> dict[str, tuple[object, str]]:
        """Value and source of each setting that somebody chose, or that differs from its default; in the order of
        Settings. Those that a profile gives are left out, as the profile's name says them.
        """
        found = {**self.chosen, **Resolved(self.settings, self.sources).changed}
        plain = self.settings.model_dump(mode="json")
        named = {name: (plain[name], self.sources.get(name, "")) for name in SETTING_NAMES if name in found}
        return {name: told for name, told in named.items() if not told[1].startswith("profile ")}


def settings_of(read: ReadLesson, project: Project, environ: Mapping[str, str], choices: Choices) -> LessonSettings:
    """The settings of a lesson that could be read. A single section to look at has no cards.

    `choices` are as `recalled` gives them. Raises SettingInvalid.
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
    overrides = tuple(_contradictions(found, without, choices))
    if choices.section:
        settings = settings.model_copy(update={"title_card_ms": 0, "end_card_ms": 0})
        sources |= dict.fromkeys(("title_card_ms", "end_card_ms"), "a single section has no cards")
    return LessonSettings(settings, sources, kept, choices.remembered, overrides)


def _letting_go(name: str) -> str:
    return f"--reset {name} lets the choice go."


def _contradictions(found: Resolved, without: Resolved, choices: Choices) -> Iterator[str]:
    """Where something weaker than a remembered choice says otherwise; a profile does so if this run chose it."""
    spoken = {PROJECT_FILE, LESSON_FILE, ENVIRONMENT}
    profile = choices.of_this_run.get("profile")
    if isinstance(profile, str) and profile in PROFILES:
        spoken.add(f"profile {profile}")
    for name in choices.remembered:
        if found.sources[name] != REMEMBERED or without.sources.get(name) not in spoken:
            continue
        value, other = getattr(found.settings, name), getattr(without.settings, name)
        if value != other:
            told = f"{name} is {quoted(value)}, as chosen before; the {without.sources[name]} says {quoted(other)}"
            yield f"{told}. {_letting_go(name)}"


# Names


class Providers(NamedTuple):
    """What the names in settings may mean."""

    voices: Mapping[str, VoiceSource]
    painters: Collection[str]
    presenters: Callable[[], Collection[str]]
    """Looks for the presenters when a lesson shows one. Raises SettingInvalid for a damaged file of a drawn one."""
    illustrators: Collection[str] = ()
    writers: Collection[str] = ()


class NameFault(NamedTuple):
    """A name in a setting that nothing has, or that does not fit the lesson."""

    setting: str
    message: str
    remedy: str
    source: str
    """The layer that gave it; empty for a default."""
    place: SettingPlace | None
    """Where, if the lesson file gave it."""

    @property
    def is_the_lessons(self) -> bool:
        """Whether it is about this lesson alone: any other would meet the fault as well if it were made now."""
        return self.place is not None or self.source == REMEMBERED

    def problem(self, file: str) -> Problem:
        """As a problem of the lesson in `file`."""
        at = self.place._asdict() if self.place else {}
        told = f" ({self.source})" if self.source and not self.place else ""
        return Problem(file=file, code="unknown-name", message=self.message + told, remedy=self.remedy, **at)

    def __str__(self) -> str:
        return f"{self.message} ({self.source or 'default'}). {self.remedy}"


def name_faults(read: ReadLesson, found: LessonSettings, providers: Providers) -> tuple[NameFault, ...]:
    """Every theme, voice, presenter and provider in the settings of a lesson that does not exist, or does not fit."""
    assert read.lesson is not None
    return tuple(
        _fault(name, error, read, found)
        for name, attempt in _attempts(found.settings, read.lesson.language, providers)
        if (error := _refusal(attempt)) is not None
    )


def setting_problems(
    file: str, read: ReadLesson, project: Project, environ: Mapping[str, str], choices: Choices, providers: Providers
) -> tuple[Problem, ...]:
    """What is wrong with the settings of a lesson, wherever they come from, as a run would say it."""
    try:
        found = settings_of(read, project, environ, choices)
    except SettingInvalid as error:
        return (as_problem(file, error),)
    return tuple(fault.problem(file) for fault in name_faults(read, found, providers))


def as_problem(file: str, error: StudioError) -> Problem:
    """What keeps a lesson from being made and stands at no place in its file, as a problem of it."""
    return Problem(file=file, code="setting", message=error.message.rstrip("."), remedy=error.remedy)


def sound_choices(choices: Choices, providers: Providers | None) -> dict[str, Value]:
    """The choices of this run, for a lesson whose file cannot be used, with their values in Settings.

    All of them or none: none if one does not fit, or names what does not exist. A voice is not looked for, as that
    needs the lesson's language.
    """
    chosen_now = choices.of_this_run
    if setting_faults(chosen_now):
        return {}
    settings = resolved("standard", (THIS_RUN, chosen_now)).settings
    if providers is not None:
        refused = {name for name, attempt in _attempts(settings, "en", providers) if _refusal(attempt) is not None}
        if refused & (chosen_now.keys() - {"voice", "language"}):
            return {}
    return {name: getattr(settings, name) for name in chosen_now}


def refuse_names(file: str, faults: Iterable[NameFault]) -> None:
    """Raise for faults, if there are any: SettingInvalid for those that are not the lesson file's, else LessonInvalid
    with their places.
    """
    listed = tuple(faults)
    elsewhere = [fault for fault in listed if fault.place is None]
    if elsewhere:
        raise SettingInvalid("\n".join(map(str, elsewhere)))
    if listed:
        raise LessonInvalid(tuple(fault.problem(file) for fault in listed))


def _attempts(settings: Settings, language: str, providers: Providers) -> Iterator[tuple[str, Callable[[], object]]]:
    known = {*providers.painters, *providers.illustrators}
    yield "pictures", lambda: picture_sources(settings.pictures, known)
    for name in chain_of(settings.writing):
        yield "writing", lambda name=name: chosen(dict.fromkeys(providers.writers), name, "source of writing")
    yield "theme", lambda: load_theme(settings.theme)
    if settings.accent and _refusal(lambda: load_theme(settings.theme)) is None:
        yield "accent", lambda: load_theme(settings.theme, settings.accent)
    yield "speech", lambda: speech_sources(settings, providers.voices)
    if _refusal(lambda: speech_sources(settings, providers.voices)) is None:
        given = "voice" if settings.voice else "language"
        yield given, lambda: speakers_of(settings, language, providers.voices)
    if settings.presenter_place != "absent":
        yield "presenter", lambda: chosen(dict.fromkeys(providers.presenters()), settings.presenter, "presenter")


def _refusal(attempt: Callable[[], object]) -> SettingInvalid | None:
    try:
        attempt()
    except SettingInvalid as error:
        return error
    return None


def _fault(name: str, error: SettingInvalid, read: ReadLesson, found: LessonSettings) -> NameFault:
    source = LESSON_FILE if name == "language" else found.sources.get(name, "")
    place = read.places.get(name) if source == LESSON_FILE else None
    remedy = f"{error.remedy} {_letting_go(name)}" if source == REMEMBERED else error.remedy
    return NameFault(name, error.message.rstrip("."), remedy, source, place)
