"""A checkout works wherever it lies, also after it was moved; and `make clean` takes nothing away that has a value."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import dagster
import pytest
from dotenv import dotenv_values

from jobs.dev.lock import single_instance

REPOSITORY = Path(__file__).parents[2]
SMALL = "[settings]\nwidth_px = 320\nheight_px = 320\nframe_rate = 12\npreset = 'ultrafast'\n"
NAMES = ["Anna's lessons", "C # course", "$HOME ${PATH} $(x)", "100% %s", "übung 课程", 'a "quoted" \\ one', "-n & ; *"]
ALL_AT_ONCE = "100% Anna's C# $HOME übung 课程"
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


class Place:
    """A checkout with our code and a virtual environment that borrows the packages of the one that runs the tests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("video_assets", "jobs", "resources"):
            shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("Makefile", "pyproject.toml", "constraints.txt", "dagster.yaml", "workspace.yaml"):
            shutil.copy(REPOSITORY / name, root)
        (root / "data" / "lessons").mkdir(parents=True)
        for name in ("fonts", "presenters"):
            (root / "data" / name).symlink_to(REPOSITORY / "data" / name)
        self._make_environment()

    def _make_environment(self) -> None:
        """Packages lie below the checkout, as usual, so that Dagster meets its path in theirs."""
        (self.root / ".packages").symlink_to(Path(dagster.__file__).parents[1])
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=self.root, check=True)
        packages = sysconfig.get_path("purelib", vars={"base": str(self.root / ".venv")})
        Path(packages, "light.pth").write_text(f"{self.root}\n{self.root / '.packages'}\n", encoding="utf-8")
        for stamp in (".ready", ".ready-dev"):
            (self.root / ".venv" / stamp).touch()

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`make` there, with an environment that knows of no checkout."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("LESSONREEL_", "MAKE"))
        }
        for name in ("DAGSTER_HOME", "PYTHONPATH", "PYTHONSAFEPATH"):
            environment.pop(name, None)
        return subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_the_folder_will_do(tmp_path: Path, name: str) -> None:
    """A teacher whose folder is called "Anna's lessons" could not even start; of "C # course" half would be cut off."""
    place = Place(tmp_path / name)
    (place.root / ".env").write_text("OPENAI_API_KEY=sk-1\n")
    ended = place.make("setup")
    assert ended.returncode == 0, ended.stderr
    assert dict(dotenv_values(place.root / ".env")) == {
        "OPENAI_API_KEY": "sk-1",
        "DAGSTER_HOME": str(place.root),
        "LESSONREEL_ROOT": str(place.root),
        "LESSONREEL_STATE": str(place.root / "data" / "state"),
    }
    assert (place.root / ".venv" / "bin" / "python").exists(), "what is in its place is not made again"


@pytest.mark.parametrize("how", [shutil.move, lambda old, new: shutil.copytree(old, new, symlinks=True)])
def test_a_checkout_that_was_moved_or_copied_makes_its_environment_again(tmp_path: Path, how) -> None:
    """`make demo` would end in "not found"; or, in a copy, run the code of the original and write into its archive."""
    place, moved = Place(tmp_path / "old"), tmp_path / "neu und #2"
    how(place.root, moved)
    place.root = moved
    planned = place.make("--dry-run", "demo")
    assert "rm -rf .venv" in planned.stdout and "moved or copied" in planned.stdout, planned
    assert (moved / ".venv").exists(), "a dry run removes nothing"
    ended = place.make("setup", "PYTHON=false")  # as a new one would be filled from the network
    assert ended.returncode != 0 and not (moved / ".venv").exists(), "the old one is gone before a new one is made"


def test_clean_keeps_what_was_made_paid_for_or_written(tmp_path: Path) -> None:
    """A user who tidies up would lose a year's films, and pay for every voice again."""
    place = Place(tmp_path / "checkout")
    kept = ["videos/a/film.mp4", "store/objects/ab/x", "state/calls/ledger.jsonl", "lessons/a.json", "project.toml"]
    for name in kept:
        (place.root / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (place.root / "data" / name).write_text("x")
    (place.root / ".env").write_text("OPENAI_API_KEY=sk-1\n")
    assert place.make("clean").returncode == 0
    assert not (place.root / ".venv").exists()
    assert (place.root / ".env").read_text() == "OPENAI_API_KEY=sk-1\n"
    assert all((place.root / "data" / name).exists() for name in kept)
    for target, gone in (("clean-films", "videos"), ("clean-store", "store"), ("clean-state", "state")):
        ended = place.make(target)
        assert ended.returncode == 0 and f"data/{gone}" in ended.stdout, "it says what it removes"
        assert not (place.root / "data" / gone).exists()
        kept = [name for name in kept if not name.startswith(gone)]
        assert all((place.root / "data" / name).exists() for name in kept), target
    assert kept == ["lessons/a.json", "project.toml"]


def test_nothing_is_removed_under_a_running_make_dev(tmp_path: Path) -> None:
    """The database would vanish under three processes that use it."""
    place = Place(tmp_path / "checkout")
    (place.root / "data" / "state").mkdir()
    with single_instance(place.root / "data" / "state", "http://x"):
        for target in ("clean-films", "clean-store", "clean-state"):
            ended = place.make(target)
            assert ended.returncode != 0 and "`make dev` runs in this checkout (http://x)" in ended.stderr, ended
        assert (place.root / "data" / "state").exists()


@pytest.mark.slow
def test_films_are_made_in_the_worst_of_all_places(tmp_path: Path, await_) -> None:
    """Dagster, SQLite, Typst, espeak-ng and FFmpeg each read paths in a way of their own."""
    place = Place(tmp_path / ALL_AT_ONCE)
    for name in ("one", "two"):
        shutil.copy(REPOSITORY / "data/lessons/welcome.json", place.root / "data" / "lessons" / f"{name}.json")
    (place.root / "data" / "project.toml").write_text(SMALL)
    ended = place.make("demo", "LESSON=data/lessons/one.json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    films = place.root / "data" / "videos"
    assert (films / "one" / "one.en.mp4").exists()
    dev = subprocess.Popen(
        ["make", "dev", "PORT=3119"], cwd=place.root, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        await_(lambda: (films / "two" / "two.en.mp4").exists() or dev.poll() is not None, seconds=240)
        assert dev.poll() is None
    finally:
        os.killpg(dev.pid, signal.SIGTERM)
        said = dev.communicate()[1]
    assert "2 lessons" in said and "Traceback" not in said
