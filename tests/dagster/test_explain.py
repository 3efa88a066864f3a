"""`lessonreel explain`, and the real command afterwards: what was said is what is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.house import House


def _explained(house: House, *arguments: str | Path) -> Any:
    """The explanation of the small lesson, as a program reads it."""
    ended = house.ask("explain", "data/lessons/tiny.json", "--json", *house.small, *arguments)
    assert (ended.code, ended.err) == (0, ""), ended
    return json.loads(ended.out)[0]


def _made(house: House) -> set[tuple[str, str]]:
    """What the newest run made, as its journal tells."""
    stages = {"section_audio", "section_image", "lip_synced_clip"}
    events = [event for event in house.journal() if event["kind"] == "section-done" and event["made"]]
    return {(event["stage"], event["section"]) for event in events if event["stage"] in stages}


def _contents(root: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (seen.st_size, seen.st_mtime_ns) for path in root.rglob("*") if (seen := path.lstat())}


@pytest.mark.parametrize("change", ["word", "moved", "theme"])
def test_what_is_said_is_what_the_command_makes(made: House, change: str):
    """An author would decide by an explanation of something else than what the command does."""
    settings: tuple[str, ...] = ()
    if change == "word":
        made.write([made.lamp, {**made.battery, "content": "The battery pumps charge around for ever."}, made.copper])
    elif change == "moved":
        made.write([made.copper, made.lamp, made.battery])
    else:
        settings = ("--set", "theme=paper")
    said = _explained(made, *settings)
    film = made.film().stat().st_mtime_ns
    ended = made.render(*settings)
    assert ended.code == 0, ended
    expected = {(item["stage"], item["section"]) for item in said["items"] if item["action"] == "make"}
    assert expected == _made(made) | {("final_video", "film")}
    assert made.film().stat().st_mtime_ns != film
    assert not _explained(made, *settings)["anything_to_make"]


def test_nothing_to_make_is_one_line(made: House):
    """An owner of a thousand lessons would scroll through a thousand tables to find the three that changed."""
    before = _contents(made.root)
    ended = made.ask("explain", "data/lessons", *made.small)
    assert (ended.code, ended.err) == (0, "")
    told, settings = ended.out.splitlines()
    assert told == "tiny: nothing to make, all 13 parts and the film are up to date"
    assert settings.startswith("settings: width_px=320 (this run), ")
    assert _contents(made.root) == before, "nothing is written"


def test_a_table_says_what_and_why(made: House):
    """An author would learn that something is made, and not which change of hers did it."""
    made.write([made.lamp, {**made.battery, "content": "The battery pumps charge around for ever."}, made.copper])
    lines = [
        " ".join(line.split()) for line in made.ask("explain", "data/lessons/tiny.json", *made.small).out.splitlines()
    ]
    assert lines[0] == "tiny: 2 to make, the film to join, 11 reused"
    assert lines[1].startswith("settings: ")
    assert any(line.startswith("derived slides: ") for line in lines)
    assert "section_audio battery make narration changed" in lines
    assert "lip_synced_clip battery make its sound is made anew" in lines
    assert "final_video film join clips are made anew: battery" in lines
    assert "section_image all 5 reuse as it was" in lines
    assert "new seams: lamp | battery, battery | copper" in lines


def test_previews_are_explained_as_they_are_made(made: House):
    """Somebody who asks for a draft would be told what the real film costs."""
    said = _explained(made, "--draft")
    assert said["lesson"] == "tiny--draft"
    assert said["reasons"][0].startswith("never made")
    assert {item["section"] for item in _explained(made, "--section", "lamp")["items"]} == {"lamp", "film"}


def test_a_wrong_lesson_is_refused_and_the_others_explained(made: House, tmp_path: Path):
    """A school with forty lessons would be told of none because of a comma in one."""
    (made.lessons / "bad.json").write_text("{")
    ended = made.ask("explain", "data/lessons", *made.small)
    assert ended.code == 2
    assert "bad.json:1" in ended.err
    assert "tiny: nothing to make" in ended.out
    outside = tmp_path / "outside.json"
    outside.write_bytes((made.lessons / "tiny.json").read_bytes())
    before = _contents(made.state)
    ended = made.ask("explain", outside)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("outside: ")
    assert _contents(made.state) == before, "a lesson elsewhere is registered by who makes it"


def test_a_choice_that_does_not_exist_is_named(made: House):
    """Somebody who mistypes a theme would be told what it costs."""
    ended = made.ask("explain", "data/lessons/tiny.json", "--set", "theme=papper")
    assert ended.code == 2
    assert "paper" in ended.err
    assert "Traceback" not in ended.err


def test_nobody_waits_for_dagster_to_be_told(rendered: House):
    """An author would wait for a second more, each time, for something that is not used."""
    program = (
        "import sys; from video_assets.cli import main; "
        "code = main(sys.argv[1:]); sys.exit(code or ('dagster' in sys.modules) * 3)"
    )
    ended = rendered.run("explain", "data/lessons/tiny.json", program=program)
    assert ended.code == 0, ended
