"""A project file that is wrong is one message, wherever it is met, and is mended by mending it."""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.house import House
from tests.kit.watch import Watch
from video_assets.definitions import build_defs
from video_assets.lesson import lesson
from video_assets.project_paths import locate_project
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.lesson.project import read_project

REPOSITORY = Path(__file__).parents[2]
WRONG = [
    (b"\n\n[settings\ntheme = 'paper'\n", "project.toml is not TOML: .*line 3"),
    (b"[settings]\ntheme = '\xfcber'\n", "project.toml:2: this is not UTF-8. Save the file as UTF-8."),
    ("[settings]\n".encode("utf-16"), "project.toml:1: this is not UTF-8"),
    (b"[settings]\n\n[setings]\n", r"project.toml:3 has an unknown table \[setings\]. It may hold \[settings\]"),
    (
        b"\nsettings = 3\n",
        r"project.toml:2 has settings, which is not a table. Write \[settings\] on a line of its own.",
    ),
    (b"a = " + b"[" * 5000, "project.toml is not TOML"),
    (b"a = " + b"1" * 5000, "project.toml is not TOML"),
    (b"[settings]\nthem = 'paper'\n", "them"),
]


@pytest.mark.parametrize(("content", "said"), WRONG[:-1])
def test_each_mistake_has_its_place_and_remedy(tmp_path: Path, content: bytes, said: str) -> None:
    """A teacher would be met by a traceback of the TOML reader, or by no word of which file it is about."""
    file = tmp_path / "project.toml"
    file.write_bytes(content)
    with pytest.raises(SettingInvalid) as raised:
        read_project(file)
    assert re.search(said, str(raised.value)), raised.value
    assert "\n" not in str(raised.value) and str(raised.value).isprintable()


def test_a_folder_of_that_name_and_a_byte_order_mark(tmp_path: Path) -> None:
    """An editor of Windows writes a mark that is no mistake; a folder is one."""
    file = tmp_path / "project.toml"
    file.write_bytes(b"\xef\xbb\xbf[settings]\ncrf = 20\n")
    assert read_project(file).settings == {"crf": 20}
    file.unlink()
    file.mkdir()
    with pytest.raises(SettingInvalid, match=r"cannot be read: Is a directory\. Make .*project\.toml a file"):
        read_project(file)


@given(st.one_of(st.binary(max_size=200), st.text("[]={}.,\"'\n ae1#\\\u00fc-:T", max_size=60).map(str.encode)))
def test_no_content_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Every sensor tick, command and start would end in words that only we understand."""
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        project = read_project(file)
    except SettingInvalid as error:
        assert "any.toml" in str(error)
    else:
        assert all(isinstance(each, dict) for each in (project.settings, project.pronunciations, project.store))


def _run(watch: Watch, key: str) -> dg.ExecuteInProcessResult:
    watch.instance.add_dynamic_partitions("lessons", [key])
    resources = dict(build_defs().resources or {})
    return dg.materialize(
        [lesson], partition_key=key, resources=resources, instance=watch.instance, raise_on_error=False
    )


@pytest.mark.parametrize(("content", "said"), [WRONG[0], WRONG[-1]])
def test_a_run_fails_with_the_words_once_and_the_next_one_after_mending_passes(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    """A teacher who made a slip would find an empty UI, and would not know that it takes a Reload after mending."""
    watch.write("a.json")
    for folder in (watch.project_paths.fonts, watch.project_paths.presenters):
        if not folder.exists():
            folder.symlink_to(REPOSITORY / "data" / folder.name)
    monkeypatch.setenv("LESSONREEL_ROOT", str(watch.project_paths.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(watch.project_paths.state))
    watch.project_paths.project_file.write_bytes(content)
    failed = _run(watch, "a")
    assert [event.event_type_value for event in failed.all_events if event.is_step_failure] == ["STEP_FAILURE"]
    assert not [event for event in failed.all_events if event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY]
    (failure,) = failed.get_step_failure_events()
    error = failure.step_failure_data
    words = error.user_failure_data.description if error.user_failure_data else str(error.error)
    assert re.search(said, words or ""), words
    watch.project_paths.project_file.write_text("")
    assert _run(watch, "a").success


def test_definitions_load_whatever_the_project_file_says(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """All lessons, runs and films would vanish from the UI because of a bracket."""
    monkeypatch.setenv("LESSONREEL_ROOT", str(watch.project_paths.root))
    watch.project("[settings")
    assert build_defs().get_repository_def().get_all_jobs()
    assert locate_project().root == watch.project_paths.root


def test_the_command_and_the_tick_say_it_in_one_line(house: House, watch: Watch) -> None:
    """The same mistake would be told in two ways, one of them a traceback."""
    house.write([house.lamp])
    (house.root / "data" / "project.toml").write_text("[settings\n")
    for arguments in (["check", "data/lessons"], ["explain", "data/lessons"], ["store", "status"]):
        ended = house.ask(*arguments)
        assert (ended.code, ended.err.count("\n")) == (2, 1), ended
        assert "project.toml is not TOML" in ended.err
    watch.project("[settings\n")
    assert watch.ticks() == []
    assert watch.told[-1].startswith("Nothing is watched. project.toml is not TOML")
    watch.project("")
    assert watch.ticks(2) == ["tiny"]
