"""The sensor on the lessons folder: what is taken when, and what is never lost, doubled or blocked."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import numpy as np
import pytest

from jobs.lessons import tick as lesson_tick
from jobs.lessons.render_requests import enqueue
from jobs.lessons.sensor import lesson_sensor
from jobs.runs.tags import LESSON_TAG, REASON_TAG, TRIGGER_TAG
from tests.kit.events import requests_of
from tests.kit.house import House
from tests.kit.watch import Watch
from video_assets.definitions import resources_of
from video_assets.lesson import lesson
from video_assets.project_paths import ProjectPaths, locate_project
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.media.sound import encode_flac

Watching = Callable[[Path], Watch]


def png(grey: int = 0) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes([0, grey])))
        + chunk(b"IEND", b"")
    )


# New and changed


def test_a_new_lesson_becomes_a_partition_and_a_run(watch: Watch) -> None:
    """A teacher who puts a file into the folder would wait for a film that nobody makes."""
    watch.write("Physics/Ohm's Law.json")
    assert watch.ticks() == [], "it may still be being written"
    assert "waiting" in watch.told[-1] and "Physics/Ohm's Law.json" in watch.told[-1]
    assert watch.ticks() == ["physics-ohm-s-law"]
    assert watch.partitions() == {"physics-ohm-s-law"}
    (run,) = watch.unfinished()
    expected = {TRIGGER_TAG: "sensor", LESSON_TAG: "physics-ohm-s-law", REASON_TAG: "new", "dagster/priority": "-1"}
    assert expected.items() <= run.tags.items()
    watch.end_all()
    assert watch.ticks(4) == []
    assert watch.told[-1] == "1 lesson; all known."


def test_it_is_on_from_the_start() -> None:
    """A school's archive would stand still because nobody found the switch."""
    sensor = lesson_sensor()
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 10


def test_its_runs_are_configured_as_the_jobs(watch: Watch) -> None:
    """Steps of a run that takes half a configuration would start in another way than everybody's."""
    watch.write("a.json")
    watch.ticks()
    (request,) = requests_of(watch.evaluate())
    assert request.run_config == {}


def test_an_edit_makes_a_run_and_a_touch_none(watch: Watch) -> None:
    """Every checkout of a version control, which sets all times anew, would make the whole archive."""
    file = watch.write("a.json")
    assert watch.settle() == ["a"]
    os.utime(file)
    assert watch.settle() == []
    watch.write("a.json", watch.lesson("Another word."))
    assert watch.settle() == ["a"]


def test_an_edit_that_keeps_size_and_time_is_seen(watch: Watch) -> None:
    """A correction of one letter by a tool that puts times back would never reach the film."""
    file = watch.write("a.json", watch.lesson("A cat."))
    assert watch.settle() == ["a"]
    before = file.stat()
    watch.write("a.json", watch.lesson("A hat."))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watch.settle() == ["a"]


def test_a_file_changed_back_is_made_again(watch: Watch) -> None:
    """Dagster makes one run of each run key for ever: an author who undoes a change would keep the wrong film."""
    for words in ("One.", "Two.", "One.", "Two."):
        watch.write("a.json", watch.lesson(words))
        assert watch.settle() == ["a"], words


def test_a_changed_picture_makes_a_run(watch: Watch) -> None:
    """A film would show the old diagram after it was drawn anew."""
    watch.write("pictures/circuit.png", png())
    watch.write("a.json", watch.lesson(picture="pictures/circuit.png"))
    assert watch.settle() == ["a"]
    watch.write("pictures/circuit.png", png(200))
    assert watch.settle() == ["a"]
    watch.write("other.png", png(100))
    assert watch.settle() == []


def test_a_changed_recording_makes_a_run(watch: Watch) -> None:
    """A film would keep the slip of the tongue for which the teacher has recorded the section again."""
    at = np.arange(24000) / 24000
    for pitch in (200, 300):
        tone = (0.2 * np.sin(2 * np.pi * pitch * at)).astype(np.float32)
        watch.write("voice/lamp.flac", encode_flac(tone, 24000))
        watch.write("a.json", watch.lesson(recording="voice/lamp.flac"))
        assert watch.settle() == ["a"], pitch
    watch.write("voice/other.flac", encode_flac(tone, 24000))
    assert watch.settle() == []


def test_a_picture_that_comes_later_is_waited_for(watch: Watch) -> None:
    """A folder that is being copied, lessons before pictures, would turn red lesson by lesson."""
    watch.write("a.json", watch.lesson(picture="circuit.png"))
    assert watch.ticks(watch.patience_ticks - 1) == []
    watch.write("circuit.png", png()[:30])
    assert watch.ticks(3) == [], "half a picture is not taken either"
    watch.write("circuit.png", png())
    assert watch.settle() == ["a"]


def test_a_picture_that_comes_after_the_report_makes_a_run(watch: Watch) -> None:
    """Whoever mends a lesson by adding the missing picture would have to touch the lesson, too."""
    watch.write("a.json", watch.lesson(picture="circuit.png"))
    assert watch.settle() == ["a"]
    assert "There is no file" in watch.told[-1]
    watch.write("circuit.png", png())
    assert watch.settle() == ["a"]
    assert watch.told[-1] == "1 lesson; all known."


# During a run


def test_an_edit_during_a_run_makes_a_second_one_after_it(watch: Watch) -> None:
    """Two runs of one lesson at once: the older film might be published last, and stay."""
    watch.write("a.json", watch.lesson("One."))
    watch.ticks(2)
    (first,) = watch.unfinished()
    watch.take(first)
    watch.write("a.json", watch.lesson("Two."))
    assert watch.ticks(4) == []
    assert "under way" in watch.told[-1]
    watch.end_all()
    assert watch.ticks() == ["a"]
    (second,) = watch.unfinished()
    watch.take(second)
    watch.end_all()
    assert watch.ticks(4) == []


def test_an_edit_while_a_run_waits_in_the_queue_needs_no_second_one(watch: Watch) -> None:
    """A queue full of films would be made twice, as each run reads its file only when its turn comes."""
    watch.write("a.json", watch.lesson("One."))
    watch.ticks(2)
    watch.write("a.json", watch.lesson("Two."))
    watch.ticks(3)
    (run,) = watch.unfinished()
    watch.take(run)
    watch.end_all()
    assert watch.ticks(4) == []


def test_a_cancelled_run_has_taken_nothing(watch: Watch) -> None:
    """A lesson whose run was stopped after an edit would keep its old film without anybody having wished it."""
    watch.write("a.json", watch.lesson("One."))
    watch.ticks(2)
    watch.write("a.json", watch.lesson("Two."))
    watch.ticks(2)
    (run,) = watch.unfinished()
    watch.take(run)
    watch.end_all(watch.canceled)
    assert watch.ticks(2) == ["a"]


def test_a_failed_run_is_not_made_again_and_again(watch: Watch) -> None:
    """A lesson that fails at its provider would be paid for every ten seconds."""
    watch.write("a.json")
    watch.ticks(2)
    watch.end_all(watch.failure)
    assert watch.ticks(5) == []


# Bad files


def test_a_bad_file_runs_once_is_named_and_blocks_nobody(watch: Watch) -> None:
    """A class would get no films because one file has a missing comma, or nobody would learn that it has."""
    watch.write("bad.json", '{"sections": [{"content": "x" "image_description": "y"}]}')
    watch.write("good.json")
    assert watch.ticks(2) == ["good"]
    keys = watch.settle()
    assert keys == ["bad"]
    assert "bad.json:1:" in watch.told[-1] and "comma is missing" in watch.told[-1]
    watch.write("bad.json")
    assert watch.settle() == ["bad"]
    assert watch.told[-1] == "2 lessons; all known."


def test_the_run_fails_with_the_message_of_the_check(house: House) -> None:
    """A teacher would read one thing in the UI and another in the terminal."""
    wrong = [house.section("lamp", "Look at this.", equation="\\frac{1"), house.section("x", "fine", bullets=["y"])]
    house.write(wrong, "wrong")
    (house.lessons / "broken.json").write_text('{"sections": []')
    resources = resources_of(ProjectPaths(house.root, house.state))
    with house.instance() as instance:
        instance.add_dynamic_partitions("lessons", ["wrong", "broken"])
        for name in ("wrong", "broken"):
            said = house.ask("check", house.lessons / f"{name}.json").out
            expected = [line for line in said.replace(f"{house.lessons}/", "").splitlines() if ": error: " in line]
            run = dg.materialize(
                [lesson], partition_key=name, instance=instance, resources=resources, raise_on_error=False
            )
            assert not run.success and expected
            failure = run.failure_data_for_node("lesson")
            assert failure is not None and failure.user_failure_data is not None
            assert failure.user_failure_data.description == "\n".join(expected)


def test_files_with_one_key_are_both_named_and_the_others_go_on(watch: Watch) -> None:
    """It would be chance which of two teachers' films is made; or the clash would hold up everybody."""
    watch.write("a b.json")
    watch.write("a-b.json")
    watch.write("c.json")
    assert watch.settle() == ["c"]
    assert "a b.json and a-b.json have the same key" in watch.told[-1]
    (watch.lessons / "a-b.json").unlink()
    assert watch.settle() == ["a-b"]


def test_odd_entries_block_nobody(watch: Watch) -> None:
    """One strange thing in a shared folder would stop the films of all."""
    watch.write("good.json")
    (watch.lessons / "folder.json").mkdir()
    watch.write("folder.json/inside.json")
    (watch.lessons / "nowhere.json").symlink_to("missing")
    (watch.lessons / "circle").symlink_to(".", target_is_directory=True)
    (watch.lessons / "self.json").symlink_to("self.json")
    os.mkfifo(watch.lessons / "pipe.json")
    (Path(os.fsdecode(os.fsencode(watch.lessons) + b"/caf\xe9.json"))).write_text(watch.lesson())
    watch.write(".hidden.json")
    watch.write(".git/x.json")
    watch.write("huge.json", b" " * 8_000_001)
    assert watch.ticks(2) == ["folder-json-inside", "good"]
    assert set(watch.settle()) == {"nowhere", "self", "pipe", "huge"}, "each fails once, with its own message"
    assert "caf\\udce9.json: the name is not UTF-8" in " ".join(watch.told)
    assert watch.ticks(3) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_hides_its_lessons_and_deletes_none(watch: Watch) -> None:
    """A folder whose permissions are wrong for an hour would have its films put away."""
    watch.project('[archive]\ndeleted = "retire"\n')
    watch.write("good.json")
    watch.write("closed/x.json")
    assert set(watch.settle()) == {"good", "closed-x"}
    (watch.lessons / "closed").chmod(0)
    try:
        assert watch.settle() == []
        assert "folders that cannot be read: closed" in watch.told[-1]
    finally:
        (watch.lessons / "closed").chmod(0o755)
    assert watch.partitions() == {"good", "closed-x"}


def test_all_errors_of_a_file_are_told_in_one_sentence(watch: Watch) -> None:
    """An author would mend one error and meet the next at the next tick; the text ended in two full stops."""
    sections = [{"content": "One."}, {"content": 3}, {"content": 4}, {"content": 5}]
    watch.write("a.json", json.dumps({"sections": sections}))
    watch.settle()
    text = watch.told[-1]
    assert "3 errors, the first: a.json:" in text and "The others are at " in text
    assert text.endswith(".") and not text.endswith("..")


# Crashes


def test_a_tick_that_was_lost_asks_again_under_the_same_key(watch: Watch) -> None:
    """A daemon that dies between asking and being heard would leave a lesson unmade for ever."""
    watch.write("a.json")
    watch.write("b.json")
    watch.ticks()
    lost = watch.evaluate()
    again = watch.evaluate()
    assert [each.run_key for each in requests_of(lost)] == [each.run_key for each in requests_of(again)]
    watch.commit(again)
    assert watch.ticks(3) == []


def test_a_tick_that_died_half_way_asks_for_the_rest_alone(watch: Watch) -> None:
    """Turning the sensor off while it launches would lose the lessons it had not come to."""
    for name in "abcd":
        watch.write(f"{name}.json")
    watch.ticks()
    watch.commit(watch.evaluate(), only=2)
    assert watch.ticks() == ["c", "d"]
    assert watch.ticks(2) == []


def test_a_tick_that_was_committed_does_not_ask_again(watch: Watch) -> None:
    """A daemon that dies after a tick would make each lesson of it twice."""
    watch.write("a.json")
    watch.ticks()
    data = watch.evaluate()
    watch.commit(data)
    watch.end_all()
    assert watch.ticks(3) == []
    assert watch.commit(data) == [], "nor does the daemon, resuming the tick"


def test_trying_the_sensor_in_the_ui_loses_nothing(watch: Watch) -> None:
    """Somebody who presses "Test sensor" would take lessons away from the real one."""
    watch.write("a.json")
    watch.ticks()
    watch.evaluate()
    watch.write("b.json")
    watch.evaluate()
    watch.evaluate()
    assert sorted(watch.ticks()) == ["a", "b"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format": "other"}', b'{"format": "lessonreel-watch/1"}'])
def test_a_damaged_memory_is_rebuilt(watch: Watch, damage: bytes) -> None:
    """After a disk error the sensor would stay silent, or stop with a traceback."""
    watch.write("a.json")
    watch.ticks(2)
    watch.project_paths.watched.write_bytes(damage)
    watch.write("b.json")
    assert watch.ticks(3) == ["b"], "a run of a is under way"


def test_nothing_is_written_when_nothing_happens(watch: Watch) -> None:
    """Ten thousand lessons' memory written every ten seconds wears out a disk."""
    watch.write("a.json")
    watch.write("pic.png", png())
    watch.write("b.json", watch.lesson(picture="pic.png"))
    watch.settle()
    before = watch.project_paths.watched.stat()
    watch.ticks(3)
    assert watch.project_paths.watched.stat().st_ino == before.st_ino


# What was made already


def test_a_film_that_is_there_is_not_made_again(made: House, watch_in: Watching) -> None:
    """A big archive that the command made would be made again when the sensor first starts."""
    watch = watch_in(made.root)
    assert watch.ticks(2) == []
    assert "found made: tiny" in watch.told[-1]
    assert watch.partitions() == {"tiny"}
    watch.write("tiny.json", json.dumps({"title": "Tiny", "sections": [made.section("lamp", "New words.")]}))
    assert watch.ticks(2) == ["tiny"]


@pytest.mark.parametrize("loss", ["film", "link", "content"])
def test_a_film_that_is_not_there_or_not_of_this_content_is_made(made: House, watch_in: Watching, loss: str) -> None:
    """A film that was deleted, or is of an older text, would count as made."""
    watch = watch_in(made.root)
    if loss == "film":
        made.film().unlink()
    elif loss == "link":
        (made.videos / "tiny").unlink()
    else:
        made.write([made.section("lamp", "New words.")])
    assert watch.ticks(2) == ["tiny"]


def test_a_film_with_pictures_is_known_by_them(house: House, watch_in: Watching) -> None:
    """An archive with pictures would be made again when the sensor first starts, or a changed picture be missed."""
    (house.lessons / "p.png").write_bytes(png())
    house.write([house.section("lamp", "A closed switch.", picture="p.png")])
    assert house.render().code == 0
    watch = watch_in(house.root)
    assert watch.ticks(3) == []
    assert "found made: tiny" in watch.told[-1]
    watch.project_paths.watched.unlink()
    (house.lessons / "p.png").write_bytes(png(9))
    assert watch.ticks(3) == ["tiny"]


# Many


def test_a_flood_does_not_fill_the_queue(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand new lessons would hide the one somebody waits for, and take the daemon an hour to launch."""
    assert (lesson_tick.MOST_PER_TICK, lesson_tick.MOST_UNFINISHED) == (50, 100)
    monkeypatch.setattr(lesson_tick, "MOST_PER_TICK", 4)
    monkeypatch.setattr(lesson_tick, "MOST_UNFINISHED", 6)
    for number in range(9):
        watch.write(f"{number}.json")
    watch.ticks()
    assert [len(watch.ticks()) for _ in range(3)] == [4, 2, 0]
    assert "3 more wait for a place" in watch.told[-1]
    watch.write("0.json", watch.lesson("Changed."))
    for run in watch.unfinished():
        if run.tags[LESSON_TAG] == "0":
            watch.end(run)
    assert watch.ticks() == ["6"]
    watch.end_all()
    assert watch.ticks()[0] == "0", "what somebody edits goes first"


# Deleted files


def test_by_default_nothing_happens_to_a_deleted_lesson(made: House, watch_in: Watching) -> None:
    """A file that is moved away for a moment would take its film with it."""
    watch = watch_in(made.root)
    made.write([made.lamp], "other")
    watch.settle()
    text = (made.lessons / "tiny.json").read_text()
    (made.lessons / "tiny.json").unlink()
    assert watch.settle() == []
    assert watch.partitions() == {"tiny", "other"} and made.film().exists()
    (made.lessons / "tiny.json").write_text(text)
    assert watch.settle() == [], "its film is still there"


def test_a_retired_lesson_is_put_away_and_comes_back(made: House, watch_in: Watching) -> None:
    """Viewers would find films of lessons that were withdrawn; or a slip of the hand would destroy one."""
    watch = watch_in(made.root)
    watch.project('[archive]\ndeleted = "retire"\n')
    made.write([made.lamp], "other")
    watch.settle()
    watch.instance.add_dynamic_partitions("lessons", ["tiny--draft"])
    text = (made.lessons / "tiny.json").read_text()
    (made.lessons / "tiny.json").unlink()
    watch.ticks(watch.patience_ticks - 1)
    assert "tiny" in watch.partitions(), "an editor may be writing it anew"
    assert watch.settle() == []
    assert watch.partitions() == {"other"}
    assert not made.film().exists() and (made.videos / ".retired/tiny/manifest.json").exists()
    (made.lessons / "tiny.json").write_text(text)
    assert watch.settle() == ["tiny"]
    assert watch.partitions() == {"tiny", "other"}
    assert made.film().exists() and not (made.videos / ".retired/tiny").exists()


def test_a_lesson_that_comes_back_while_it_is_retired_is_made(made: House, watch_in: Watching) -> None:
    """A file put back in the wrong second would have neither partition nor film, and count as known."""
    watch = watch_in(made.root)
    watch.project('[archive]\ndeleted = "retire"\n')
    made.write([made.lamp], "other")
    watch.settle()
    text = (made.lessons / "tiny.json").read_text()
    (made.lessons / "tiny.json").unlink()
    while "retired" not in watch.told[-1]:
        watch.ticks()
    (made.lessons / "tiny.json").write_text(text)
    assert watch.settle() == ["tiny"]
    assert "tiny" in watch.partitions()


def test_a_rename_retires_the_old_name(made: House, watch_in: Watching) -> None:
    """After a course was sorted into folders, every film would be there twice."""
    watch = watch_in(made.root)
    watch.project('[archive]\ndeleted = "retire"\n')
    watch.settle()
    (made.lessons / "course").mkdir()
    (made.lessons / "tiny.json").rename(made.lessons / "course" / "tiny.json")
    assert watch.settle() == ["course-tiny"]
    assert watch.partitions() == {"course-tiny"}


def test_a_lesson_that_is_being_made_is_not_retired(watch: Watch) -> None:
    """The run would publish its film after the lesson was put away."""
    watch.project('[archive]\ndeleted = "retire"\n')
    watch.write("a.json")
    watch.write("b.json")
    watch.ticks(3)
    (watch.lessons / "a.json").unlink()
    watch.ticks(watch.patience_ticks + 2)
    assert "a" in watch.partitions()
    watch.end_all()
    watch.ticks(2)
    assert watch.partitions() == {"b"}


def test_a_folder_that_vanishes_retires_nothing(made: House, watch_in: Watching) -> None:
    """A network drive that is off for a night would put the whole archive away."""
    watch = watch_in(made.root)
    watch.project('[archive]\ndeleted = "retire"\n')
    watch.settle()
    (made.lessons / "tiny.json").rename(made.root / "tiny.json")
    watch.settle()
    assert watch.partitions() == {"tiny"} and "all files are gone at once" in watch.told[-1]
    made.lessons.rename(made.root / "away")
    watch.settle()
    assert watch.partitions() == {"tiny"} and "is not there" in watch.told[-1]
    assert made.film().exists()


def test_a_partition_that_was_deleted_comes_back_and_makes_nothing(watch: Watch) -> None:
    """A teacher who deletes a partition by mistake would not find the lesson in the UI again until a restart."""
    watch.write("a.json")
    watch.write("b.json")
    assert watch.settle() == ["a", "b"]
    watch.instance.delete_dynamic_partition("lessons", "a")
    assert watch.ticks() == []
    assert watch.partitions() == {"a", "b"}
    assert "partition was deleted, and is there again: a" in watch.told[-1]
    assert watch.ticks(2) == []
    assert watch.told[-1] == "2 lessons; all known."


def test_what_is_kept_without_a_file_is_named(watch: Watch) -> None:
    """A lesson that was renamed would stand twice in the UI, and nothing would say which one is left over."""
    file = watch.write("heart.json")
    watch.write("ohm.json")
    watch.settle()
    file.rename(file.with_name("heart-pump.json"))
    assert watch.settle() == ["heart-pump"]
    assert watch.partitions() == {"heart", "heart-pump", "ohm"}
    assert watch.told[-1] == "2 lessons; file is gone, partition and film are kept: heart."


# Due for another reason


def test_what_is_due_runs_once_though_its_content_is_known(watch: Watch) -> None:
    """What the nightly look finds would not be made, or be made every ten seconds."""
    watch.write("a.json")
    watch.write("b.json")
    watch.settle()
    enqueue(watch.project_paths.state, {"a": "stage section_audio has new code"})
    lost = watch.evaluate()
    assert [request.partition_key for request in requests_of(lost)] == ["a"]
    assert watch.ticks() == ["a"]
    (run,) = watch.unfinished()
    expected = {TRIGGER_TAG: "catch-up", REASON_TAG: "stage section_audio has new code", "dagster/priority": "-2"}
    assert expected.items() <= run.tags.items()
    watch.end_all()
    assert watch.ticks(3) == []


def test_what_is_due_waits_for_the_run_under_way_and_for_its_file(watch: Watch) -> None:
    """Two runs of one lesson at once; or a request for a lesson that is no more, waiting for ever."""
    watch.write("a.json")
    watch.ticks(2)
    enqueue(watch.project_paths.state, {"a": "why", "gone": "why"})
    enqueue(watch.project_paths.state, {})
    assert watch.ticks(3) == []
    assert "requested, but without a file: gone" in watch.told[-3]
    watch.end_all()
    assert watch.ticks(2) == ["a"]


# Where


def test_the_folder_is_chosen_by_the_environment_or_the_project(tmp_path: Path) -> None:
    """A school whose lessons lie on a shared drive would have to copy them."""
    (tmp_path / "data").mkdir()
    environ = {"LESSONREEL_ROOT": str(tmp_path)}
    assert locate_project(environ).lessons == tmp_path / "data" / "lessons"
    (tmp_path / "data" / "project.toml").write_text('[archive]\nlessons = "courses"\n')
    assert locate_project(environ).lessons == tmp_path / "courses"
    assert locate_project({**environ, "LESSONREEL_LESSONS": "/mnt/x"}).lessons == Path("/mnt/x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[archive]\nlesson = 'x'\n", 'no setting "lesson".*lessons'),
        ("[archive]\ndeleted = 'burn'\n", 'deleted cannot be "burn".*keep or retire'),
        ("[archive]\nlessons = 3\n", "lessons cannot be 3"),
        ("archive = 3\n", "project.toml:1 has archive, which is not a table"),
    ],
)
def test_a_wrong_setting_is_named(watch: Watch, text: str, said: str) -> None:
    """A school that misspells "retire" would keep every film and never learn why."""
    watch.write("a.json")
    watch.project(text)
    with pytest.raises(SettingInvalid, match=said):
        _ = locate_project({"LESSONREEL_ROOT": str(watch.project_paths.root)}).lessons
    assert watch.ticks() == []
    assert "Nothing is watched." in watch.told[-1]
    watch.project("")
    assert watch.ticks(2) == ["a"]


def test_the_command_renders_from_the_chosen_folder(house: House) -> None:
    """`lessonreel check` and the sensor would look into two folders."""
    elsewhere = house.root / "courses"
    elsewhere.mkdir()
    (house.root / "data" / "project.toml").write_text('[archive]\nlessons = "courses"\n')
    (elsewhere / "deep").mkdir()
    (elsewhere / "deep" / "tiny.json").write_text(json.dumps({"sections": [house.lamp]}))
    ended = house.run("render", "courses/deep/tiny.json", "--sequential", *house.small)
    assert ended.code == 0, ended
    assert (house.videos / "deep-tiny").exists(), "the key is that of the path in the folder"
