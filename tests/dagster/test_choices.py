"""Choices in Dagster: the launchpad, what a run's configuration holds, and what survives the night and kills."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.snap.snap_to_yaml import default_values_yaml_from_type_snap
from dagster._core.storage.tags import BACKFILL_ID_TAG
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.lessons import runs as lesson_runs
from jobs.lessons.nightly_check import catch_up
from jobs.lessons.render_requests import read_requests
from jobs.render import JOB_NAME
from jobs.runs.launcher import LessonRunLauncher
from resources.lesson_folder import LessonFolder
from tests.kit.events import records_of
from tests.kit.house import House
from tests.kit.watch import Watch
from video_assets.definitions import build_defs, resources_of
from video_assets.lesson import lesson
from video_assets.lesson_config import choices_from_config, config_from_choices, lesson_config
from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import RunOverrides
from video_assets.studio.choices.remembered import ALL, read_choices
from video_assets.studio.core.settings import SETTING_NAMES

EXTRAS = {"reset", "remember", "section", "settings"}


@pytest.fixture(scope="module")
def job() -> dg.JobDefinition:
    """The job that the UI shows."""
    return build_defs().get_repository_def().get_job(JOB_NAME)


def _texts(plain: Any) -> Iterator[str]:
    if isinstance(plain, dict):
        for name, value in plain.items():
            yield name
            yield from _texts(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from _texts(value)
    else:
        yield str(plain)


def _refused(job: dg.JobDefinition, **config: Any) -> str:
    with pytest.raises(dg.DagsterInvalidConfigError) as refused:
        dg.validate_run_config(job, {"ops": {"lesson": {"config": config}}})
    return str(refused.value)


def test_the_launchpad_has_a_field_for_every_setting() -> None:
    """A new setting could be chosen everywhere but in the UI, where most people choose."""
    fields = lesson_config()
    assert set(fields) == {*SETTING_NAMES, *EXTRAS}
    assert all(field.description for field in fields.values())
    assert "10 to 40" in str(fields["crf"].description)


def test_the_launchpad_checks_while_somebody_types(job: dg.JobDefinition) -> None:
    """A typing error would be found by a run, half an hour later in the queue."""
    config = {"crf": 20, "profile": "draft", "presenter_place": "side", "frame_rate": 25, "reset": ["theme"]}
    dg.validate_run_config(
        job, {"ops": {"lesson": {"config": {**config, "settings": {"theme": "paper", "crf": "20"}}}}}
    )
    assert '"them"' in _refused(job, them="paper")
    assert "not in enum" in _refused(job, profile="drft")
    assert "not in enum" in _refused(job, presenter_place="left")
    assert "not in enum" in _refused(job, reset=["them"])
    assert 'expected type "Int"' in _refused(job, crf="fine")


def test_the_launchpad_opens_with_a_few_lines_and_no_folder(job: dg.JobDefinition) -> None:
    """People would have to find the place for a theme between twenty folders of a machine."""
    snapshot = job.get_job_snapshot()
    schema = snapshot.config_schema_snapshot
    root = schema.get_config_snap(str(snapshot.mode_def_snaps[0].root_config_key))
    text = default_values_yaml_from_type_snap(schema, root)
    assert len(text.splitlines()) <= 12, text
    assert "/" not in text
    assert "lesson:" in text and "reset: []" in text


CHOICES = st.builds(
    RunOverrides,
    settings=st.fixed_dictionaries(
        {},
        optional={
            "theme": st.sampled_from(["chalk", "paper"]),
            "crf": st.integers(10, 40).map(str) | st.integers(10, 40),
            "review": st.sampled_from(["true", "off", True]),
            "frame_rate": st.sampled_from([25, "30000/1001"]),
            "loudness_lufs": st.sampled_from(["-16", -23]),
        },
    ),
    profile=st.sampled_from(["", "draft", "enhanced"]),
    section=st.sampled_from(["", "lamp"]),
    reset=st.lists(st.sampled_from([ALL, *SETTING_NAMES]), max_size=2).map(tuple),
    remember=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(choices=CHOICES)
def test_the_command_chooses_by_the_launchpads_fields(job: dg.JobDefinition, choices: RunOverrides) -> None:
    """A run of the command that is executed again in the UI would be refused, or make another film."""
    config = config_from_choices(choices)
    dg.validate_run_config(job, {"ops": {"lesson": {"config": config}}})
    again = choices_from_config(config)
    assert (again.section, again.reset, again.remember) == (choices.section, choices.reset, choices.remember)
    assert config_from_choices(again) == config
    assert set(again.of_this_run) == set(choices.of_this_run)


def test_a_runs_configuration_names_no_folder(made: House) -> None:
    """A run could not be executed again after the checkout was moved, nor on another machine."""
    with made.instance() as instance:
        (run,) = instance.get_runs()
    config: Any = run.run_config
    assert config["ops"]["lesson"]["config"]["width_px"] == 320
    assert not [text for text in _texts(config) if "/" in text]


def test_the_night_leaves_what_was_chosen(made: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The film that a teacher published in a theme of her choice would be another one the next morning."""
    assert read_choices(made.state / "choices", "tiny")["width_px"] == 320
    monkeypatch.setenv("LESSONREEL_ROOT", str(made.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(made.state))
    lesson_source = LessonFolder(made.lessons, made.state / "elsewhere", made.root / "data" / "project.toml")
    assert catch_up.execute_in_process(resources={"lesson_source": lesson_source}).success
    assert read_requests(made.state).reasons == {}


def test_explain_says_what_is_remembered_and_lets_nothing_go(made: House) -> None:
    """Nobody could find out why a film is 320 pixels wide though no file says so."""
    before = (made.state / "choices" / "tiny.json").read_bytes()
    told = made.ask("explain", "data/lessons/tiny.json").out
    assert "width_px=320 (remembered choice)" in told
    (said,) = json.loads(made.ask("explain", "data/lessons/tiny.json", "--json").out)
    assert said["remembered"] == {"width_px": 320, "height_px": 320, "frame_rate": "12", "preset": "ultrafast"}
    assert (said["settings"]["width_px"], said["sources"]["width_px"]) == (320, "remembered choice")
    (said,) = json.loads(made.ask("explain", "data/lessons/tiny.json", "--json", "--reset", "width_px").out)
    assert said["settings"]["width_px"] == 1280 and "width_px" not in said["remembered"]
    assert made.ask("explain", "data/lessons/tiny.json", "--reset", "them").code == 2
    assert (made.state / "choices" / "tiny.json").read_bytes() == before


def test_a_choice_is_kept_and_let_go_by_the_command(house: House) -> None:
    """What a run was told would be forgotten by the next one; or could never be undone."""
    house.write([house.lamp])
    first = house.render("--storyboard", "--set", "theme=paper")
    assert (first.code, first.err) == (0, ""), first
    assert not (house.state / "choices").exists(), "a storyboard is to look at"
    path = house.lessons / "tiny.json"
    for arguments in (("--set", "theme=paper"), ("--reset", "theme")):
        taken = _lesson_alone(house, arguments)
        assert taken.success
    assert read_choices(house.state / "choices", "tiny") == {"crf": 20}
    assert path.exists()


def _lesson_alone(house: House, arguments: tuple[str, str]) -> dg.ExecuteInProcessResult:
    """The asset `lesson` alone, as the launchpad runs it."""
    name, value = arguments
    config = {"reset": [value]} if name == "--reset" else {"crf": 20, **dict([value.split("=")])}
    with house.instance() as instance:
        instance.add_dynamic_partitions("lessons", ["tiny"])
        return dg.materialize(
            [lesson],
            partition_key="tiny",
            instance=instance,
            resources=resources_of(ProjectPaths(house.root, house.state)),
            run_config={"ops": {"lesson": {"config": config}}},
            raise_on_error=False,
        )


def test_a_refused_lesson_shows_its_warnings_in_a_table(house: House) -> None:
    """A teacher would read in the UI that a section says nothing, and not that she misspelt "content"."""
    (house.lessons / "tiny.json").write_text('{"sections": [\n  {"contnt": "Look."}]}')
    run = _lesson_alone(house, ("--set", "theme=paper"))
    failure = run.failure_data_for_node("lesson")
    assert failure is not None and failure.user_failure_data is not None
    assert 'Did you mean "content"?' in str(failure.user_failure_data.description)
    records = records_of(failure.user_failure_data.metadata["problems"])
    told = [(each.data["severity"], each.data["line"], each.data["remedy"]) for each in records]
    assert ("warning", "2", 'Did you mean "content"?') in told
    kept = json.loads((house.state / "choices" / "tiny.json").read_bytes())
    assert kept["settings"]["theme"] == "paper", "it holds for the film that is made when the word is mended"


WAITING = """
import sys, time
import video_assets.lesson
from video_assets.cli import main
sys.modules["video_assets.lesson"].load_lesson = lambda *_: time.sleep(600)
sys.exit(main())
"""
"""The command, with a stage `lesson` that never gets anywhere."""


def test_a_killed_run_is_made_again_as_it_was_chosen(
    house: House, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film that somebody asked for in paper would come out in chalk, as the machine lost its power in between."""
    house.write([house.lamp])
    monkeypatch.setenv("LESSONREEL_ROOT", str(house.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(house.state))
    monkeypatch.setattr(lesson_runs, "_RETRY_WITHIN", -lesson_runs._RETRY_WITHIN)
    arguments = ("render", "data/lessons/tiny.json", "--sequential", "--set", "theme=paper", "--max-cost", "2")
    with house.started(*arguments, program=WAITING, interpreter="forked") as process:
        house.await_event(process, kind="stage-started", stage="lesson")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with house.instance() as instance:
        (run,) = instance.get_runs()
        instance.add_run_tags(run.run_id, {BACKFILL_ID_TAG: "spring", "class": "7b"})
        launcher = instance.run_launcher
        assert isinstance(launcher, LessonRunLauncher)
        launcher.check_run_worker_health(instance.get_runs()[0])
        instance.report_run_failed(run, "as Dagster's monitor does")
        instance.add_run_tags(run.run_id, {"dagster/will_retry": "false"})
        sensor = Watch(house.root, instance)
        for _ in range(4):
            sensor.ticks()
        again, _ = instance.get_runs()
        assert again.run_config == run.run_config
        config: Any = again.run_config
        assert config["ops"]["lesson"]["config"] == {"theme": "paper"}
        assert config["resources"]["stage_contexts"]["config"]["most_cost"] == "2"
        assert {BACKFILL_ID_TAG: "spring", "class": "7b", "dagster/priority": "0"}.items() <= again.tags.items()
        assert "lessonreel/killed" not in again.tags
        sensor.end_all()
        assert sensor.ticks(3) == []


@pytest.fixture
def healing(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A watch whose instance repeats killed runs, and over which time has passed."""
    monkeypatch.setattr(lesson_runs, "_RETRY_WITHIN", -lesson_runs._RETRY_WITHIN)
    monkeypatch.setattr(dg.DagsterInstance, "run_retries_max_retries", 2)
    return watch


def _killed(watch: Watch, key: str, chosen: dict[str, Any], **config: Any) -> None:
    run = watch.launch(key, chosen, **config)
    watch.end(run, watch.failure)
    watch.instance.add_run_tags(run.run_id, {"lessonreel/killed": "true", "dagster/will_retry": "false"})


def test_newer_choices_go_before_those_of_a_killed_run(healing: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who starts a killed run again with another theme would get the first one after all."""
    healing.write("a.json")
    healing.settle()
    _killed(healing, "a", {"theme": "paper"})
    with monkeypatch.context() as full:
        full.setattr("jobs.lessons.tick.MOST_UNFINISHED", 0)
        assert healing.ticks(2) == [], "no place in the queue yet"
    healing.end(healing.launch("a", {"theme": "signal"}))
    assert healing.ticks() == ["a"]
    (run,) = healing.unfinished()
    assert run.run_config == {}


def test_the_configuration_of_another_version_stops_nobody(healing: Watch) -> None:
    """One run from before an upgrade would stop the sensor for every lesson, for good."""
    for key in ("a", "b"):
        healing.write(f"{key}.json")
    healing.settle()
    folders = {"resources": {"stage_contexts": {"config": {"fonts_folder": "/somewhere"}}}}
    for key, chosen in {"a": {"theme": "paper"}, "b": {"glow": 3}}.items():
        _killed(healing, key, chosen, **folders)
    assert sorted(healing.ticks(2)) == ["a", "b"]
    configs = {run.tags["lessonreel/lesson"]: run.run_config for run in healing.unfinished()}
    assert configs == {"a": {"ops": {"lesson": {"config": {"theme": "paper"}}}}, "b": {}}


def test_the_sensor_names_a_wrong_voice_as_the_check_does(watch: Watch) -> None:
    """A teacher would find her film missing, and a sensor that is content with her lesson."""
    watch.write("a.json", json.dumps({"voice": "alicia nobody", "sections": [{"content": "Look."}]}))
    watch.settle()
    assert 'a.json:1:11: error: There is no voice "alicia nobody" at /voice.' in watch.told[-1]
