"""The command `lessonreel`: its exit codes, what each option does, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import pty
import re
import struct
import wave
import zlib
from pathlib import Path, PurePath

import dagster as dg
import pytest

from tests.kit.events import check_evaluation
from tests.kit.house import House
from video_assets.partitions import lesson_key
from video_assets.studio.media.probe import probe

# What is wrong


def test_a_lesson_that_is_no_json_is_refused_with_its_place(house: House):
    """An author with a forgotten comma in a file of a thousand lines would look for it by hand."""
    (house.lessons / "tiny.json").write_text('{"sections": [\n  {"content": "One."}\n  {"content": "Two."}\n]}')
    ended = house.ask("render", "data/lessons/tiny.json")
    assert ended.code == 2
    assert re.search(r"tiny\.json:3:3: error: ", ended.err)
    assert not house.videos.exists()
    assert "Traceback" not in ended.err


def test_everything_wrong_with_a_lesson_is_said_at_once(house: House):
    """An author would mend one thing, run again, and meet the next."""
    house.write([{"content": ""}, {"content": "Good.", "layuot": "title"}, {"content": "x", "picture": "../x.png"}])
    ended = house.ask("render", "data/lessons/tiny.json")
    assert ended.code == 2
    assert ended.err.count("error:") >= 2
    assert "/sections/0" in ended.err
    assert "/sections/2" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "thme=paper"), 'Did you mean "theme"'),
        (("--set", "crf=very good"), "whole number from 10 to 40"),
        (("--set", "crf"), "--set crf=20"),
        (("--profile", "enhanst"), 'Did you mean "enhanced"'),
        (("--section", "lamb"), 'Did you mean "lamp"'),
        (("--draft", "--storyboard"), "--draft and --storyboard cannot be used together"),
        (("--presenter", "ada"), "No such option '--presenter'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_usage_is_refused_with_the_remedy_before_anything_starts(
    rendered: House, arguments: tuple[str, ...], said: str
):
    """Somebody who mistypes would wait for a run, and then read a stack of Dagster's frames."""
    ended = rendered.ask("render", "data/lessons/tiny.json", *arguments)
    assert ended.code == 2, ended
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_lesson_that_is_not_there_is_named(rendered: House):
    """Somebody who mistypes a file's name would read a stack of Python's frames."""
    ended = rendered.ask("render", "data/lessons/tinny.json")
    assert ended.code == 2
    assert "no file" in ended.err
    assert "tiny.json" in ended.err, "the nearest name"


def _png_with_a_bad_pixel_stream() -> bytes:
    """A PNG whose chunks are whole. Only decoding its pixels tells that it is damaged."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 640, 360, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"no pixels"))
        + chunk(b"IEND", b"")
    )


def test_an_impossible_section_is_named_and_the_others_are_kept(made: House):
    """An author with one damaged picture would get no film, no hint where, and all made again afterwards."""
    film = made.film().read_bytes()
    (made.root / "data" / "lessons" / "ohm.png").write_bytes(_png_with_a_bad_pixel_stream())
    wrong = made.section("ohm", "This law is simple.", title="Ohm", picture="ohm.png")
    made.write([made.lamp, made.battery, wrong, made.copper])
    ended = made.render()
    assert ended.code == 1, ended
    assert "section ohm" in ended.out
    assert "FAILED" in ended.out
    assert "Traceback" not in ended.out + ended.err
    assert made.film().read_bytes() == film, "the earlier film stays"
    assert made.unfinished_files() == []
    made.write([made.lamp, made.battery, made.section("ohm", "This law is simple.", title="Ohm"), made.copper])
    mended = made.render()
    assert mended.code == 0, mended
    stages = made.report()["stages"]
    assert (stages["section_audio"]["made"], stages["section_audio"]["reused"]) == (0, 4)
    assert (stages["section_image"]["made"], stages["section_image"]["reused"]) == (1, 5)


def test_what_its_text_tells_is_refused_before_anything_is_made(made: House):
    """An author would wait for the sounds of a long lesson to learn of a brace that is missing."""
    made.write([made.lamp, made.section("ohm", "This law is simple.", equation=r"\frac{")])
    ended = made.render()
    assert ended.code == 2, ended
    assert "/sections/1/equation" in ended.err
    checked = made.run("check", "data/lessons", "--format", "json")
    assert checked.code == 2
    assert '"pointer": "/sections/1/equation"' in checked.out


@pytest.mark.parametrize("setting", ["theme", "voice", "presenter"])
def test_check_knows_the_names_that_render_will_look_for(made: House, setting: str):
    """An author would be told that all is well, and then be refused."""
    made.write([made.lamp], **{setting: "nobody"})
    checked = made.run("check", "data/lessons")
    assert checked.code == 2, checked
    assert "nobody" in checked.out


def test_a_good_lesson_is_made_beside_a_bad_one(made: House):
    """A school with forty lessons would get none of them because of a comma in one."""
    (made.lessons / "bad.json").write_text("{")
    ended = made.run("render", "data/lessons", "--sequential", *made.small)
    assert ended.code == 2
    assert "bad.json:1" in ended.err
    assert re.search(r"^tiny +unchanged", ended.out, re.MULTILINE)


def test_a_wrong_project_file_is_named(made: House):
    """A school would wonder why none of its settings has an effect."""
    (made.root / "data" / "project.toml").write_text('[setings]\ntheme = "paper"\n')
    ended = made.ask("render", "data/lessons/tiny.json")
    assert ended.code == 2
    assert "setings" in ended.err


# What the options do


def test_a_draft_never_replaces_the_film(made: House):
    """A viewer of yesterday's film would be served a blurred one because the author tried something."""
    film = made.film().read_bytes()
    ended = made.run("render", "data/lessons/tiny.json", "--draft", "--sequential")
    assert ended.code == 0, ended
    draft = probe(made.film("tiny--draft"))
    assert (draft.video.width_px, draft.video.height_px) == (640, 360)
    assert made.film().read_bytes() == film
    assert made.report("tiny--draft")["stages"]["section_audio"]["made"] == 0


def test_a_section_alone_never_replaces_the_film(made: House):
    """A course's page would show one section in the place of the lesson."""
    film = made.film().read_bytes()
    ended = made.render("--section", "copper")
    assert ended.code == 0, ended
    alone = probe(made.film("tiny--section-copper"))
    assert alone.video.duration_seconds < probe(made.film()).video.duration_seconds / 2
    assert [chapter.title for chapter in alone.chapters] == ["Why copper"]
    assert made.film().read_bytes() == film
    assert made.report("tiny--section-copper")["stages"]["lip_synced_clip"]["made"] == 0


def test_a_storyboard_comes_before_any_film(house: House):
    """An author would wait for a film only to see that a picture is wrong."""
    house.write([house.lamp, house.copper])
    ended = house.render("--storyboard")
    assert ended.code == 0, ended
    sheet = house.videos / "tiny.storyboard.webp"
    assert sheet.read_bytes()[8:12] == b"WEBP"
    assert str(sheet) in ended.out
    assert not (house.videos / "tiny").exists()


def test_output_copies_the_bundle(made: House, tmp_path: Path):
    """A teacher who wants the film on a stick would have to find it among links and hidden folders."""
    target = tmp_path / "stick"
    (target / "tiny").mkdir(parents=True)
    (target / "tiny" / "manifest.json").write_text("that of an earlier copy")
    ended = made.render("--output", str(target))
    assert ended.code == 0, ended
    assert (target / "tiny" / "tiny.en.mp4").read_bytes() == made.film().read_bytes()
    assert not (target / "tiny").is_symlink()
    assert [path.name for path in target.iterdir()] == ["tiny"]


def test_output_leaves_somebody_else_s_folder_alone(made: House, tmp_path: Path):
    """A teacher would lose the photographs that lay in a folder with the lesson's name."""
    mine = tmp_path / "stick" / "tiny" / "photograph.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"me")
    ended = made.render("--output", str(tmp_path / "stick"))
    assert ended.code == 2
    assert "not a bundle" in ended.err
    assert mine.read_bytes() == b"me"


def test_a_profile_and_settings_shape_the_film(made: House):
    """Somebody in a hurry would get the slow film all the same."""
    ended = made.run(
        "render", "data/lessons/tiny.json", "--sequential", "--profile", "ultra_fast",
        "--set", "width_px=480", "--set", "height-px=320",
    )  # fmt: skip
    assert ended.code == 0, ended
    film = probe(made.film())
    assert (film.video.width_px, film.video.height_px, film.video.steps_seconds[0].denominator) == (480, 320, 12)
    settings = json.loads((made.videos / "tiny" / "manifest.json").read_bytes())["settings"]
    assert (settings["profile"], settings["preset"], settings["crf"]) == ("ultra_fast", "ultrafast", 28)


def test_a_terminal_gets_bars(made: House):
    """Somebody who waits for ten minutes would see nothing move, and press Ctrl-C."""
    ours, theirs = pty.openpty()
    with made.started("render", "data/lessons/tiny.json", "--sequential", *made.small, stdout=theirs) as process:
        os.close(theirs)
        shown = _all_of(ours)
        assert process.wait(60) == 0
    assert "\x1b[" in shown
    assert "to the end" in shown
    assert "lip_synced_clip" in shown


def _all_of(descriptor: int) -> str:
    shown = b""
    try:
        while chunk := os.read(descriptor, 65536):
            shown += chunk
    except OSError:  # how a pseudo-terminal says that nobody writes any more
        pass
    os.close(descriptor)
    return shown.decode("utf-8", "replace")


# Files elsewhere


def test_a_lesson_elsewhere_is_read_where_it_is(house: House, tmp_path: Path):
    """A teacher would have to copy each lesson into a folder of ours, pictures and all."""
    path = tmp_path / "My courses" / "Größe & Maß, 1.json"
    path.parent.mkdir()
    path.write_bytes(house.write([house.lamp]).read_bytes())
    ended = house.run("render", path, "--sequential", *house.small)
    assert ended.code == 0, ended
    key = lesson_key(PurePath(path.name))
    assert probe(house.film(key)).video.frames > 0
    with house.instance() as instance:
        assert instance.get_dynamic_partitions("lessons") == [key]


def test_two_files_with_one_key_are_refused(made: House, tmp_path: Path):
    """One teacher's film would silently take the place of another's."""
    other = tmp_path / "Tiny.json"
    other.write_bytes((made.lessons / "tiny.json").read_bytes())
    ended = made.ask("render", other)
    assert ended.code == 2
    assert "Rename one of them" in ended.err
    assert "'tiny'" in ended.err


# Lists, checks, starters


def test_voices_presenters_and_themes_are_listed(rendered: House):
    """Nobody could choose what nobody knows."""
    for command, known in (("voices", "en-us+f2"), ("presenters", "mira"), ("themes", "paper")):
        ended = rendered.ask(command)
        assert ended.code == 0, ended
        assert known in ended.out
        assert "\x1b" not in ended.out
    german = rendered.ask("voices", "--language", "de").out.splitlines()
    assert len(german) > 1
    assert all(" de" in line for line in german[1:])


def test_a_voice_can_be_heard(rendered: House, tmp_path: Path):
    """A teacher would choose a voice by its number and hear it only in the finished film."""
    path = tmp_path / "hello.wav"
    ended = rendered.ask("voices", "--say", "Good morning, everybody.", "--output", path)
    assert ended.code == 0, ended
    with wave.open(str(path)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        loudest = max(sound.readframes(sound.getnframes()))
    assert 0.8 < seconds < 4
    assert loudest > 100


def test_an_unknown_language_has_no_voice(rendered: House):
    """Somebody would read an empty table and not know whether it worked."""
    ended = rendered.ask("voices", "--language", "tlh")
    assert ended.code == 2
    assert "tlh" in ended.err


def test_check_tells_people_and_programs(house: House):
    """An editor or a build server could not point at the line that is wrong."""
    before = sorted(house.root.rglob("*"))
    good = house.write([house.lamp], name="good")
    bad = house.write([{"content": "Fine.", "titel": "x"}, {"content": ""}], name="bad")
    text = house.ask("check", good, bad)
    assert text.code == 2
    assert "lessons: 2, errors: 1, warnings: 1" in text.out
    found = json.loads(house.ask("check", good, bad, "--format", "json").out)
    problems = found if isinstance(found, list) else found["problems"]
    assert {problem["severity"] for problem in problems} == {"error", "warning"}
    assert all(problem["line"] and problem["remedy"] for problem in problems)
    assert house.ask("check", good).code == 0
    assert sorted({*house.root.rglob("*")} - {good, bad}) == before, "looking at lessons changes nothing"


def test_init_writes_a_lesson_that_can_be_made(house: House):
    """A newcomer's first lesson would be refused."""
    ended = house.ask("init", "data/lessons/ohms-law", "--title", "Ohm's law")
    assert ended.code == 0, ended
    assert house.ask("check", "data/lessons/ohms-law.json").code == 0
    assert json.loads((house.lessons / "ohms-law.json").read_text("utf-8"))["title"] == "Ohm's law"
    again = house.ask("init", "data/lessons/ohms-law.json")
    assert again.code == 2
    assert "exists" in again.err


STRICTER = """
import sys
from video_assets.cli import main
from video_assets.studio.film import checks as film
film.LOUDNESS_TOLERANCE_LU = -1.0
sys.exit(main())
"""
"""The command in a house where no loudness is good enough."""


def test_a_rejected_film_is_recorded_and_not_published(made: House):
    """Somebody would see a green film in the UI that nobody may watch, or a red one without a reason."""
    film = made.film().read_bytes()
    arguments = ("render", "data/lessons/tiny.json", "--sequential", *made.small, "--set", "crf=30")
    ended = made.run(*arguments, program=STRICTER, interpreter="forked")
    assert ended.code == 1, ended
    assert "was not published" in ended.out
    assert "loudness" in ended.out
    assert made.film().read_bytes() == film
    assert made.unfinished_files() == []
    with made.instance() as instance:
        run = instance.get_runs()[0]
        events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        evaluated = [check_evaluation(event) for event in events]
        assert run.status is dg.DagsterRunStatus.FAILURE
        assert not [
            event
            for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
            if event.step_key == "final_video"
        ]
    assert {check.check_name for check in evaluated if not check.passed} == {"loudness"}
    assert len(evaluated) == 7


def test_a_folder_s_own_packages_are_not_taken_for_ours(made: House):
    """A teacher with a folder `jobs` beside her lessons would see every film fail for no reason."""
    (made.root / "jobs").mkdir()
    (made.root / "jobs" / "__init__.py").write_text("raise SystemExit('not lessonreel')")
    # As the installed script does: the folder of the command, not the present one, comes first.
    program = "import sys; sys.path.remove(''); from video_assets.cli import main; sys.exit(main())"
    ended = made.run("render", "data/lessons/tiny.json", *made.small, program=program)
    assert ended.code == 0, ended
