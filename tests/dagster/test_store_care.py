"""The store is looked after by the real command and by the job, on a checkout in which a lesson was made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from jobs.runs.run_locks import hold_run_lock
from jobs.store_maintenance import tend_store
from tests.kit.house import House
from video_assets.definitions import defs
from video_assets.project_paths import run_locks_folder
from video_assets.studio.storage.filesystem import temp_path_beside


def test_status_tells_what_a_lesson_needs(rendered: House):
    """Whoever wonders where his disk went would have to guess from names of 64 digits."""
    ended = rendered.ask("store", "status")
    assert ended.code == 0, ended
    assert {"clip", "picture", "speech", "card", "manifests"} <= set(ended.out.split())
    figures = json.loads(rendered.ask("store", "status", "--json").out)
    assert figures["steps"]["speech"]["objects"] == 6
    assert figures["bytes"] > figures["needed_bytes"] > 0
    assert sum(figures["free_bytes_by_age"].values()) == 0, "everything there was made for this lesson"


def test_verify_names_the_section_and_the_next_render_mends_it(made: House):
    """A bad sector would be found, and then nobody would know whose film it concerns, or what to do."""
    store = made.root / "data" / "store"
    assert made.ask("store", "verify").code == 0
    largest = max((path for path in (store / "objects").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.chmod(0o644)
    largest.write_bytes(data)
    ended = made.ask("store", "verify")
    assert ended.code == 1
    assert f"object {largest.name[:12]}…" in ended.out
    assert "tiny: " in ended.out
    assert (store / "quarantine" / largest.name).exists()


def test_verify_complains_of_a_damaged_pointer(made: House):
    """The clean-up would stop working for ever, and nobody would be told why."""
    pointer = made.state / "manifests" / "tiny" / "lip_synced_clip" / "latest.json"
    pointer.write_bytes(b'{"mani')
    ended = made.ask("store", "verify")
    assert (ended.code, "Render it again" in ended.out) == (1, True), ended


def test_gc_removes_a_deleted_lesson_and_nothing_else(made: House):
    """An archive would keep every film that was ever thought of; or lose one that is still taught."""
    store = made.root / "data" / "store"
    files = [path for path in store.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (0, 0))
    assert "Would remove 0 objects" in made.ask("store", "gc", "--max-age", "1d", "--dry-run").out
    (made.lessons / "tiny.json").unlink()
    assert "Would remove 0 objects" not in made.ask("store", "gc", "--max-age", "1d", "--dry-run").out
    (made.root / "data" / "project.toml").write_text('[store]\nmax_age = "30d"\n')
    collected = json.loads(made.ask("store", "gc", "--json").out)
    assert collected["objects"] > 0
    assert collected["left_bytes"] == 0
    assert not [path for path in (store / "objects").rglob("*") if path.is_file()]


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    for each in (*path.rglob("*"), path):
        os.utime(each, (then, then), follow_symlinks=False)


WRITTEN_IN = (
    "store/objects/ab", "store/records/ab", "videos", "videos/.retired", "videos/.versions/renamed",
    "state/manifests/renamed/script", "state/calls", "state/approvals", "state/elsewhere", "lessons", "weights",
)  # fmt: skip


def _plant(made: House, days: float) -> list[Path]:
    """What killed processes leave: half files, a half film, a link, the locks of publishing and of a run."""
    data, planted = made.root / "data", []
    for name in WRITTEN_IN:
        (data / name).mkdir(parents=True, exist_ok=True)
        planted.append(temp_path_beside(data / name / "something.json"))
        planted[-1].write_bytes(b"half")
    film = temp_path_beside(data / "videos/.versions/renamed/0123456789abcdef")
    film.mkdir()
    (film / "renamed.en.mp4").write_bytes(b"half a film" * 1000)
    link = temp_path_beside(data / "videos/renamed")
    link.symlink_to(".versions/renamed/0123456789abcdef", target_is_directory=True)
    locks = [made.state / f"running/killed-{days}.lock", data / "videos/.versions/renamed/.publishing"]
    for lock in locks:
        lock.parent.mkdir(exist_ok=True)
        lock.touch()
    planted += [film, link, *locks]
    for path in planted:
        _age(path, days * 86400)
    return planted


def test_gc_removes_what_killed_processes_left_wherever_they_wrote(made: House):
    """A whole half film of each lesson that was renamed would lie on the disk for ever, and nobody would find it."""
    kept = [path for path in made.root.rglob("*") if path.is_file()]
    old = _plant(made, days=2)
    (mine,) = [made.lessons / ".notes.part"]
    mine.write_text("an author's own")
    _age(mine, 90 * 86400)
    with hold_run_lock(run_locks_folder(made.state), "at-work"):
        _age(made.state / "running/at-work.lock", 3 * 86400)
        new = _plant(made, days=0)
        told = made.ask("store", "gc")
        assert (told.code, told.err) == (0, ""), told
        assert (made.state / "running/at-work.lock").exists(), "a run that works would be taken for one that ended"
    assert [path for path in old if os.path.lexists(path) and path.name != ".publishing"] == []
    assert not (made.root / "data/videos/.versions/renamed/.publishing").exists(), "nobody holds it"
    assert all(os.path.lexists(path) for path in new if path.name != ".publishing"), "somebody may be writing these"
    assert mine.exists() and all(path.exists() for path in kept)
    assert "13 temporary files of killed processes" in told.out, told.out
    assert made.render().code == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from jobs.runs.run_locks import hold_run_lock
from video_assets.project_paths import run_locks_folder
from video_assets.studio.film.bundle import publish
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.pipeline.refs import set_ref

class Killed(FileSystem):
    def flush(self, file):
        os.kill(os.getpid(), signal.SIGKILL)

def fill(folder):
    (folder / "film.mp4").write_bytes(bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)

state, videos, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
with hold_run_lock(run_locks_folder(state), "killed-before-it-was-created"):
    if how == "pointer":
        set_ref(state / "manifests", "renamed", "script", "run", "0" * 64, filesystem=Killed())
    publish(videos, "renamed", "0123456789abcdef", fill)
"""


@pytest.mark.parametrize("how", ["pointer", "film"])
def test_what_a_kill_leaves_is_removed_two_days_later(house: House, how: str):
    """After a hundred power cuts a checkout would hold a hundred half files that nothing ever removes."""
    died = subprocess.run(
        [sys.executable, "-c", KILLED, house.state, house.videos, how],
        check=False,
        cwd=house.root,
        env=house.environment,
    )
    assert died.returncode == -signal.SIGKILL
    left = {path for path in house.root.rglob("*") if path.name.endswith((".part", ".lock", ".publishing"))}
    assert len(left) >= 2 and any(path.suffix == ".part" for path in left)
    for path in left:
        _age(path, 2 * 86400)
    assert house.ask("store", "gc").code == 0
    assert [path for path in left if os.path.lexists(path)] == []


def test_a_limit_that_is_none_is_refused_with_an_example(made: House):
    """A slip in the project file would end in a traceback, or in an empty store."""
    ended = made.ask("store", "gc", "--max-size", "twenty")
    assert (ended.code, "20GB" in ended.err) == (2, True)


def test_the_job_tells_its_figures(made: House, monkeypatch: pytest.MonkeyPatch):
    """Whoever runs it in the UI would see a green box and not what it found."""
    monkeypatch.setenv("LESSONREEL_ROOT", str(made.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(made.state))
    with dg.DagsterInstance.ephemeral() as instance:
        result = tend_store.execute_in_process(instance=instance)
        assert result.success
        event = next(event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_OUTPUT)
    metadata = event.step_output_data.metadata
    assert metadata["corrupt"].value == 0
    assert metadata["objects"].value not in (0, None)
    assert metadata["objects_removed"].value == 0


def test_what_runs_by_itself_each_week_takes_no_empty_mount_point_for_an_empty_archive(
    made: House, monkeypatch: pytest.MonkeyPatch
):
    """A school's whole store, paid voices and all, would be thrown away on the Sunday on which a disk is missing."""
    monkeypatch.setenv("LESSONREEL_ROOT", str(made.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(made.state))
    (made.root / "data" / "project.toml").write_text('[store]\nmax_age = "1h"\n')
    files = [path for path in (made.root / "data" / "store").rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (0, 0))
    (made.lessons / "tiny.json").rename(made.root / "tiny.json")
    with dg.DagsterInstance.ephemeral() as instance:
        result = tend_store.execute_in_process(instance=instance)
        said = [record.user_message for record in instance.all_logs(result.run_id)]
    assert result.success
    assert all(path.exists() for path in files)
    assert any("Nothing is removed: no lesson needs any object of the store" in line for line in said)


def test_the_store_is_looked_after_each_week_without_being_asked():
    """A disk that goes bad would be noticed when a film is needed, and not before."""
    schedule = defs.resolve_schedule_def("weekly_store_care")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == tend_store.name
