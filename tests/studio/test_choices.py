"""What people choose for a lesson: which layer wins, what is remembered, what is let go, and what is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.studio import Studio
from video_assets.studio.choices.precedence import RunOverrides, parse_reset, setting_problems, with_remembered
from video_assets.studio.choices.remembered import ALL, keep_choices, read_choices
from video_assets.studio.core.errors import LessonInvalid, SettingInvalid, StoreError
from video_assets.studio.core.settings import SETTING_NAMES, Settings
from video_assets.studio.core.values import canonical_json
from video_assets.studio.explain.dry_run import explain_file
from video_assets.studio.explain.inputs import ExplainInputs
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.stages.lesson import LoadedLesson, load_lesson

LAYERS = ("profile", "project file", "lesson file", "environment", "remembered choice", "this run")
SECTIONS = [{"id": "lamp", "content": "A closed switch makes the lamp bright."}]


class Desk:
    """A studio that remembers choices, and runs of its lesson stage."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.folder: Path = studio.root / "choices"
        self.context = studio.context._replace(choices=self.folder)
        self.lesson()

    def lesson(self, **more: object) -> None:
        """The lesson file, with these keys."""
        self.studio.write(SECTIONS, "tiny", **more)

    def project(self, **chosen: object) -> None:
        """The project file's settings."""
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in chosen.items())
        (self.studio.root / "project.toml").write_text(f"[settings]\n{lines}")

    @property
    def explain_inputs(self) -> ExplainInputs:
        """What an explanation works with."""
        return self.studio.explain_inputs()._replace(choices=self.folder)

    def run(self, key: str = "tiny", environ: Mapping[str, str] | None = None, **chosen: Any) -> LoadedLesson:
        """The stage `lesson`, as a run with these choices executes it."""
        choices = RunOverrides(**chosen)
        return load_lesson(
            key, self.studio.lesson_source, environ or {}, choices, self.context, self.explain_inputs.providers
        )

    def explained(self, key: str = "tiny", environ: Mapping[str, str] | None = None, **chosen: Any) -> Any:
        """What an explanation says that the run would be made with."""
        path = self.studio.lesson_source.path_of(key)
        found = explain_file(
            key, path, self.studio.lesson_source.project(), environ or {}, RunOverrides(**chosen), self.explain_inputs
        )
        assert found.made_with is not None
        return found.made_with

    @property
    def remembered(self) -> dict[str, Any]:
        """What is remembered of the lesson."""
        return read_choices(self.folder, "tiny")


@pytest.fixture
def services(studio: Studio) -> Desk:
    """A studio that remembers."""
    return Desk(studio)


def _theme_of(services: Desk, **chosen: Any) -> str:
    return services.run(**chosen).result.manifest.settings.theme


@pytest.mark.parametrize(("weaker", "stronger"), list(pairwise(LAYERS)))
def test_each_layer_goes_before_the_next(services: Desk, weaker: str, stronger: str) -> None:
    """A teacher would change the place that the documents name, and see the film as it was."""
    value = {weaker: 30, stronger: 31}
    chosen: dict[str, Any] = {}
    environ: dict[str, str] = {}
    for layer in (weaker, stronger):
        if layer == "profile":
            chosen["profile"] = "draft"  # crf 30
        elif layer == "project file":
            services.project(crf=value[layer])
        elif layer == "lesson file":
            services.lesson(settings={"crf": value[layer]})
        elif layer == "environment":
            environ["LESSONREEL_CRF"] = str(value[layer])
        elif layer == "remembered choice":
            keep_choices(services.folder, "tiny", (), {"crf": value[layer]})
        else:
            chosen["settings"] = {"crf": str(value[layer])}
    explained = services.explained(environ=environ, **chosen)
    taken = services.run(environ=environ, **chosen)
    assert taken.result.manifest.settings.crf == value[stronger]
    assert (explained.settings.crf, explained.sources["crf"]) == (value[stronger], stronger)


def test_a_choice_holds_for_later_runs_until_it_is_let_go(services: Desk) -> None:
    """A teacher who chose the paper theme would find her film in another one the next morning."""
    assert _theme_of(services, settings={"theme": "paper", "crf": "20"}) == "paper"
    assert services.remembered == {"theme": "paper", "crf": 20}
    services.lesson(title="Edited")
    taken = services.run(settings={"crf": 25})
    assert (taken.result.manifest.settings.theme, taken.result.manifest.settings.crf) == ("paper", 25)
    assert taken.result.manifest.chosen == {"theme": "paper", "crf": 25}
    assert _theme_of(services, reset=("theme",)) == "chalk"
    assert services.remembered == {"crf": 25}
    assert services.run(reset=(ALL,), profile="enhanced").result.manifest.settings.crf == 20
    assert services.remembered == {"profile": "enhanced"}


def test_a_lesson_of_which_nothing_was_chosen_has_the_manifest_it_had(services: Desk) -> None:
    """A whole archive would be joined again only because somebody chose something for one lesson."""
    plain = canonical_json(services.run().result.manifest)
    assert b"chosen" not in plain
    assert not services.folder.exists()
    services.run(settings={"theme": "paper"})
    assert canonical_json(services.run(reset=(ALL,)).result.manifest) == plain


@pytest.mark.parametrize(
    "chosen",
    [
        {"settings": {"theme": "papr"}},
        {"settings": {"crf": "five"}},
        {"settings": {"them": "paper"}},
        {"settings": {"voice": "nobody at all"}},
        {"profile": "drft"},
        {"settings": {"theme": "paper", "presenter": "adda"}},
        {"settings": {"theme": "paper"}, "section": "nothing"},
    ],
)
def test_a_refused_choice_is_not_remembered(services: Desk, chosen: dict[str, Any]) -> None:
    """Every later run of the lesson would fail for one typing error, also those that nobody started."""
    services.run(settings={"crf": 20})
    with pytest.raises(SettingInvalid, match=r"this run|no section"):
        services.run(**chosen)
    assert services.remembered == {"crf": 20}


def test_what_was_chosen_for_a_lesson_with_a_mistake_holds_when_it_is_mended(services: Desk) -> None:
    """A teacher would choose a theme for fifty lessons, and lose it for the one in which a comma was missing."""
    path = services.studio.lesson_source.path_of("tiny")
    sound = path.read_bytes()
    path.write_bytes(sound[:-3])
    with pytest.raises(LessonInvalid):
        services.run(settings={"theme": "paper", "crf": "20"})
    path.write_bytes(sound)
    assert services.remembered == {"theme": "paper", "crf": 20}
    assert _theme_of(services) == "paper"


@pytest.mark.parametrize("chosen", [{"theme": "papr"}, {"crf": "9000"}, {"presenter": "nobody", "crf": "20"}])
def test_what_cannot_be_chosen_is_not_remembered_of_a_lesson_with_a_mistake(
    services: Desk, chosen: dict[str, str]
) -> None:
    """A teacher would mend the comma, and then be refused for a word that was misspelt a week ago."""
    path = services.studio.lesson_source.path_of("tiny")
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(LessonInvalid):
        services.run(settings=chosen)
    assert services.remembered == {}


def test_previews_start_from_the_films_choices_and_leave_none(services: Desk) -> None:
    """A draft would look unlike the film, or leave the film in the draft's size."""
    services.run(settings={"theme": "paper", "crf": 18, "width_px": 1920})
    draft = services.run("tiny--draft", profile="draft", settings={"accent": "#aa0000"}).result.manifest.settings
    assert (draft.theme, draft.width_px, draft.crf, draft.accent) == ("paper", 640, 30, "#aa0000")
    part = services.run("tiny--section-lamp", section="lamp", settings={"crf": 40}).result.manifest.settings
    assert (part.theme, part.crf, part.title_card_ms) == ("paper", 40, 0)
    assert services.run(remember=False, settings={"theme": "chalk"}).result.manifest.settings.theme == "chalk"
    assert services.remembered == {"theme": "paper", "crf": 18, "width_px": 1920}


def test_an_explanation_remembers_nothing(services: Desk) -> None:
    """Whoever only asks what a change would cost would have made it."""
    assert services.explained(settings={"theme": "paper"}).settings.theme == "paper"
    assert services.explained(reset=(ALL,)).settings.theme == "chalk"
    assert not services.folder.exists()


def test_a_contradiction_is_said_in_one_line(services: Desk) -> None:
    """An author would change the theme in the lesson file, see the old one, and take the program for broken."""
    services.run(settings={"theme": "paper"})
    services.lesson(theme="signal")
    (told,) = services.run().made_with.overrides
    assert told == (
        'theme is "paper", as chosen before; the lesson file says "signal". --reset theme forgets the choice.'
    )
    assert services.run(settings={"theme": "chalk"}).made_with.overrides == ()
    services.run(reset=(ALL,), settings={"crf": 25})
    (told,) = services.run(profile="enhanced").made_with.overrides
    assert "the profile enhanced says 20" in told


# Every way in which choices can be given


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "theme": st.sampled_from(["chalk", "paper", "signal"]),
    "crf": st.integers(10, 40),
    "profile": st.sampled_from(["standard", "enhanced", "draft"]),
    "smooth_face": st.booleans(),
    "loudness_lufs": st.sampled_from([-16.0, -23.0]),
    "frame_rate": st.sampled_from(["25", "30000/1001"]),
}
LAYER = st.fixed_dictionaries({}, optional=VALUES)
RESET = st.lists(st.sampled_from([ALL, "theme", "crf", "profile"]), max_size=2).map(tuple)
RUNS = st.lists(st.tuples(LAYER, RESET), min_size=1, max_size=2)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(project=LAYER, lesson=LAYER, environment=LAYER, runs=RUNS)
def test_what_is_explained_is_what_is_made(
    services: Desk,
    project: dict[str, Any],
    lesson: dict[str, Any],
    environment: dict[str, Any],
    runs: list[tuple[dict[str, Any], tuple[str, ...]]],
) -> None:
    """Somebody would pay for a film with other settings than she was shown."""
    services.run(reset=(ALL,))
    services.project(**project)
    services.lesson(settings=lesson)
    environ = {f"LESSONREEL_{name.upper()}": str(value).lower() for name, value in environment.items()}
    for chosen, reset in [*runs, ({}, ())]:
        said = services.explained(environ=environ, settings=chosen, reset=reset)
        manifest = services.run(environ=environ, settings=chosen, reset=reset).result.manifest
        assert said.settings == manifest.settings
        assert dict(said.chosen) == manifest.chosen == services.remembered
        defaults = Settings.model_validate({}).model_dump()
        changed = {name for name in SETTING_NAMES if getattr(said.settings, name) != defaults[name]}
        assert changed <= set(said.sources)
        assert set(services.remembered) <= set(said.shown)


# The file


def test_two_runs_at_once_lose_neither_choice(services: Desk) -> None:
    """Of two people who choose at the same time one would be forgotten."""
    names = [name for name in SETTING_NAMES if isinstance(getattr(Settings.model_validate({}), name), int)][:12]
    threads = [threading.Thread(target=keep_choices, args=(services.folder, "tiny", (), {name: 1})) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert services.remembered == dict.fromkeys(names, 1)
    assert [path.name for path in services.folder.iterdir()] == ["tiny.json"]


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"format": "lessonreel-choices/9", "settings": {}}', '{"settings": 3}', "", "[" * 5000]
)
def test_a_damaged_file_is_an_error_with_a_way_out(services: Desk, content: str) -> None:
    """The film would silently be made with other settings than were chosen."""
    services.folder.mkdir()
    (services.folder / "tiny.json").write_text(content)
    with pytest.raises(StoreError, match=r"tiny.*damaged.*--reset"):
        services.run()
    services.run(reset=(ALL,))
    assert services.remembered == {}


def test_what_is_no_setting_any_more_says_how_to_let_it_go(services: Desk) -> None:
    """After an upgrade a lesson would fail for a choice of long ago, without a word where it comes from."""
    keep_choices(services.folder, "tiny", (), {"glow": 3})
    with pytest.raises(SettingInvalid, match=r'no setting "glow" \(remembered choice of tiny\)(.|\n)*--reset'):
        services.run()


def test_only_settings_can_be_let_go() -> None:
    """A typing error in --reset would pass as done."""
    assert parse_reset(["all", "frame-rate"]) == ("all", "frame_rate")
    with pytest.raises(SettingInvalid, match=r'no setting "them" to reset\. Did you mean "theme"'):
        parse_reset(["them"])


# Names


NAMES = {
    "voice": ("alicia", "voice", "There is no voice"),
    "theme": ("papr", "theme", 'Did you mean "paper"'),
    "presenter": ("adda", "presenter", 'Did you mean "ada"'),
    "speech": ("espek", "source of speech", 'Did you mean "espeak"'),
    "pictures": ("slide", "source of pictures", 'Did you mean "slides"'),
    "writing": ("opnai", "source of writing", "There are none here"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_name_in_the_lesson_is_told_with_its_place_by_run_and_check(services: Desk, name: str) -> None:
    """A teacher would wait for script and sounds to learn of a typing error, and then look for it in the file."""
    wrong, kind, remedy = NAMES[name]
    path = services.studio.lessons / "tiny.json"
    path.write_text(f'{{"sections": [{{"content": "Fine."}}],\n "settings": {{\n  "{name}": "{wrong}"}}}}')
    with pytest.raises(LessonInvalid) as refused:
        services.run()
    read = read_lesson(path)
    found = setting_problems(
        "tiny.json",
        read,
        services.studio.lesson_source.project(),
        {},
        RunOverrides(),
        services.explain_inputs.providers,
    )
    assert str(refused.value) == "\n".join(map(str, found))
    start = f'tiny.json:3:{len(name) + 7}: error: There is no {kind} "{wrong}" at /settings/{name}. '
    assert str(refused.value).startswith(start)
    assert remedy in str(refused.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layer", ["project file", "environment", "remembered choice", "this run"])
def test_a_wrong_name_from_elsewhere_names_its_layer(services: Desk, name: str, layer: str) -> None:
    """She would search the lesson for a name that stands in another file."""
    wrong = NAMES[name][0]
    environ = {f"LESSONREEL_{name.upper()}": wrong} if layer == "environment" else {}
    if layer == "project file":
        services.project(**{name: wrong})
    if layer == "remembered choice":
        keep_choices(services.folder, "tiny", (), {name: wrong})
    with pytest.raises(SettingInvalid) as refused:
        services.run(environ=environ, settings={name: wrong} if layer == "this run" else {})
    assert f'"{wrong}" ({layer}). ' in str(refused.value)
    assert (f"--reset {name}" in str(refused.value)) == (layer == "remembered choice")


def test_a_language_nobody_speaks_is_told_at_its_place(services: Desk) -> None:
    """An author would take the message for one about the voice that she did not choose."""
    services.lesson(language="tlh")
    with pytest.raises(LessonInvalid, match=r"tiny.json:1:\d+: error: No voice speaks tlh at /language"):
        services.run()


def test_warnings_stand_beside_the_errors(services: Desk) -> None:
    """A teacher would read that a section says nothing, and not that she misspelt "content"."""
    (services.studio.lessons / "tiny.json").write_text('{"sections": [{"contnt": "Look."}]}')
    with pytest.raises(LessonInvalid) as refused:
        services.run()
    error, warning = str(refused.value).splitlines()
    assert "error: The section has nothing to say" in error
    assert 'warning: The key "contnt" is unknown' in warning and 'Did you mean "content"?' in warning


def test_what_was_chosen_is_recalled_for_previews_and_not_without_a_folder(services: Desk) -> None:
    """A tool that keeps no choices would be stopped by those of somebody else."""
    keep_choices(services.folder, "tiny", (), {"theme": "paper"})
    assert with_remembered(RunOverrides(), services.folder, "tiny--draft").remembered == {"theme": "paper"}
    assert with_remembered(RunOverrides(), None, "tiny").remembered == {}
