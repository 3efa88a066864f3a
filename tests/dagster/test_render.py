"""`lessonreel render` from the lesson file to the published film: real processes, real instance, real media."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.kit.events import check_evaluation, records_of, text_of
from tests.kit.house import House
from video_assets.materialization import label_of

ASSETS = ("lesson", "script", "section_audio", "section_image", "lip_synced_clip", "final_video")
PLOTTED = ("made", "reused", "reused_percent", "step_seconds", "cpu_seconds", "waited_seconds")
COUNTS = ("made", "reused", "reused_percent")
FAN_OUTS = ("section_audio", "section_image", "lip_synced_clip")


def _materializations(house: House, partition: str = "tiny") -> dict[str, dg.AssetMaterialization]:
    """The newest of each asset."""
    found: dict[str, dg.AssetMaterialization] = {}
    with house.instance() as instance:
        for name in ASSETS:
            records = instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=dg.AssetKey(name), asset_partitions=[partition]), limit=1
            ).records
            if records and (materialization := records[0].asset_materialization):
                found[name] = materialization
    return found


def _versions(house: House) -> dict[str, str]:
    return {name: (each.tags or {})["dagster/data_version"] for name, each in _materializations(house).items()}


def _made(house: House) -> dict[str, int]:
    return {name: house.report()["stages"][name]["made"] for name in FAN_OUTS}


def test_a_log_gets_plain_lines(rendered: House):
    """Somebody who runs it by cron would find control characters and half-drawn bars in the mail."""
    out = (rendered.root / "said.txt").read_text("utf-8")
    assert "\x1b" not in out
    assert "\r" not in out
    assert re.search(r"^tiny: about \d+ s, .* film of \d+:\d\d$", out, re.MULTILINE)
    for asset in ASSETS:
        assert re.search(rf"^tiny: {asset}: .*\d s$", out, re.MULTILINE), asset
    assert "tiny: section_audio: 3 made, 0 reused" in out
    assert out.rstrip().endswith(str(rendered.videos / "tiny"))


def test_every_asset_is_materialized_for_its_lesson(rendered: House):
    """A course maker would look into the UI and find no trace of what the command did."""
    found = _materializations(rendered)
    assert set(found) == set(ASSETS)
    assert all(each.partition == "tiny" for each in found.values())
    with rendered.instance() as instance:
        run = instance.get_runs()[0]
        assert (run.job_name, run.status) == ("render_lesson", dg.DagsterRunStatus.SUCCESS)
        assert run.tags["dagster/partition"] == "tiny"
        assert run.remote_job_origin is not None
        processes = {
            getattr(event.dagster_event, "pid", event.message)
            for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_WORKER_STARTED)
        }
    assert len(processes) == len(ASSETS)


def test_the_ui_shows_pictures_tables_and_counts(rendered: House):
    """Somebody who looks at a lesson in the UI would see digests instead of what the film shows and what it took."""
    found = _materializations(rendered)
    for name in ("section_image", "final_video"):
        storyboard = found[name].metadata["storyboard"]
        assert isinstance(storyboard, dg.MarkdownMetadataValue)
        assert (storyboard.md_str or "").startswith("![storyboard](data:image/webp;base64,")
        assert len(storyboard.md_str or "") < 150_000
    for name, rows in (("script", 3), ("section_audio", 3), ("section_image", 5), ("lip_synced_clip", 5)):
        table = found[name].metadata["sections"]
        assert isinstance(table, dg.TableMetadataValue)
        assert len(table.records) == rows
        assert {"lamp", "battery", "copper"} <= {record.data["section"] for record in table.records}
        told = {figure: found[name].metadata[label_of(figure)].value for figure in PLOTTED if figure not in COUNTS}
        assert isinstance(told["step_seconds"], float)
        if name in FAN_OUTS:
            counts = {figure: found[name].metadata[label_of(figure)].value for figure in COUNTS}
            assert counts == {"made": rows, "reused": 0, "reused_percent": 0.0}


def test_the_ui_answers_a_teacher_s_questions_in_words(rendered: House):
    """A teacher would see `target_percent 50` and seconds with many decimals, and not how long the film is."""
    found = {name: each.metadata for name, each in _materializations(rendered).items()}
    for name, metadata in found.items():
        assert next(iter(metadata)) == ("watch" if name == "final_video" else "summary"), name
        assert not [key for key in metadata if "_" in key], f"{name}: a figure without a name for people"
        assert "target percent" not in metadata
    film = found["final_video"]
    assert re.match(r"\d:\d\d long, 3 sections, language en, \d+ words a minute\. Joined now", text_of(film["summary"]))
    assert re.search(
        r"% of the film.s length: (met|missed) \(this run took (?:\d+ min ?)?(?:\d+ s)?, \d+ %\)",
        text_of(film["target"]),
    )
    assert film["archive"].value == "1 of 1 lesson had a film at the end of this run"
    assert re.match(r"\d:\d\d of speech in 3 sections, \d+ words a minute", text_of(found["section_audio"]["summary"]))


def test_every_check_is_evaluated(rendered: House):
    """A bad film would pass because its check never ran."""
    with rendered.instance() as instance:
        events = instance.all_logs(instance.get_runs()[0].run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        checks = {check_evaluation(event).check_name: check_evaluation(event) for event in events}
    assert set(checks) == {"section_count", "length", "sound", "streams", "loudness", "captions", "lips"}
    assert all(check.passed and check.metadata for check in checks.values())


def test_the_bundle_is_whole_and_lists_itself(rendered: House):
    """Whoever puts the film on a site would lack its captions, or take a file that changed since it was checked."""
    folder = rendered.videos / "tiny"
    listed = json.loads((folder / "manifest.json").read_bytes())["files"]
    there = {path.name for path in folder.iterdir()}
    assert there == set(listed) | {"manifest.json", "report.json", "watch.html"}
    for name, entry in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["id"], name
    assert json.loads((folder / "qc.json").read_bytes())["passed"] is True
    assert rendered.unfinished_files() == []


def test_the_second_render_makes_nothing(made: House):
    """A nightly render of an archive would take as long as the first one."""
    versions = _versions(made)
    ended = made.render(sequential=False)
    assert ended.code == 0, ended
    assert "section_audio: 0 made, 3 reused" in ended.out
    assert "section_image: 0 made, 5 reused" in ended.out
    assert "lip_synced_clip: 0 made, 5 reused" in ended.out
    assert _versions(made) == versions, "what lies downstream would be taken for out of date"


def test_counts_mean_the_same_wherever_they_are_told(made: House):
    """An author would read "script: 3 made" in a render that made nothing, and look for what had changed."""
    ended = made.render()
    told = re.findall(r"^tiny: \w+: (\d+) made, (\d+) reused", ended.out, re.MULTILINE)
    assert sorted(told) == [("0", "3"), ("0", "5"), ("0", "5")], ended.out
    assert "final_video: nothing changed" in ended.out
    assert re.search(r"^tiny +unchanged +0 +13 +0 ", ended.out, re.MULTILINE), ended.out
    shown = {name: each.metadata for name, each in _materializations(made).items()}
    made_now, reused = label_of("made"), label_of("reused")
    counted = {name: (each[made_now].value, each[reused].value) for name, each in shown.items() if made_now in each}
    assert counted == {"section_audio": (0, 3), "section_image": (0, 5), "lip_synced_clip": (0, 5)}
    assert "Joined before: nothing in it changed" in text_of(shown["final_video"]["summary"])
    for metadata in shown.values():
        for record in records_of(metadata["sections"]):
            assert record.data.get("outcome", "reused") == "reused"
    figures = json.loads(made.ask("stats", "--json").out)
    (totals, run) = figures["summary"]["totals"], figures["runs"][0]
    assert (totals["sections_made"], totals["sections_reused"]) == (0, 13)
    outcomes = [section["outcome"] for stage in run["stages"] for section in stage["sections"]]
    assert (outcomes.count("made"), outcomes.count("reused")) == (0, 13)
    assert "all 13 parts" in made.ask("explain", "data/lessons/tiny.json", *made.small).out


def _one_word(house: House) -> tuple[str, ...]:
    house.write(
        [house.lamp, {**house.battery, "content": "The battery pumps charge around and around forever."}, house.copper]
    )
    return ()


def _voice(_) -> tuple[str, ...]:
    return ("--set", "voice=en-gb+m7")


def _theme(_) -> tuple[str, ...]:
    return ("--set", "theme=paper")


def _order(house: House) -> tuple[str, ...]:
    house.write([house.copper, house.lamp, house.battery])
    return ()


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (_one_word, (1, 1, 1)),
        pytest.param(_voice, (3, 0, 3), marks=pytest.mark.slow),
        pytest.param(_theme, (0, 5, 5), marks=pytest.mark.slow),
        (_order, (0, 0, 0)),
    ],
    ids=["one word", "voice", "theme", "order"],
)
def test_a_change_makes_only_what_it_touches(made: House, change: Any, most: tuple[int, int, int]):
    """A teacher who mends a word would wait for the whole film, or pay for every sound of it again."""
    versions = _versions(made)
    ended = made.render(*change(made))
    assert ended.code == 0, ended
    counts = tuple(_made(made).values())
    assert (counts[0], counts[2]) == (most[0], most[2])
    assert counts[1] <= most[1]
    assert _versions(made)["final_video"] != versions["final_video"]


ELSEWHERE: Mapping[str, str] = {
    "TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "77"
}  # fmt: skip


def test_the_same_lesson_gives_the_same_bytes_in_another_place(rendered: House, tmp_path: Path):
    """Two people could not tell whether they made the same film; a cache of one would be useless to the other."""
    other = House(tmp_path / "Ünother place, with a comma")
    other.write([other.lamp, other.battery, other.copper])
    ended = other.render(sequential=True, **ELSEWHERE)
    assert ended.code == 0, ended
    for name in ("tiny.en.mp4", "manifest.json", "tiny.en.vtt", "poster.jpg", "qc.json"):
        assert (other.videos / "tiny" / name).read_bytes() == (rendered.videos / "tiny" / name).read_bytes(), name
