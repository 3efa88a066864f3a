"""From Dagster's UI to the film: links that lead there, and a list that tells what became of each lesson."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import dagster as dg
from PIL import Image

from tests.kit.house import House
from tests.kit.watch import Watch
from video_assets.definitions import resources_of
from video_assets.lesson import lesson
from video_assets.studio.film.bundle import WATCH

DATA = Path(__file__).parents[2] / "data"


def _materialized(house: House, asset: str) -> dg.AssetMaterialization:
    with house.instance() as instance:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=["tiny"])
        found = instance.fetch_materializations(wanted, limit=1).records[0].asset_materialization
    assert found is not None
    return found


def _listed(text: str) -> dict[str, list]:
    data = text.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    return {film[0]: film for film in json.loads(data)["films"]}


def test_the_film_is_one_click_away(rendered: House):
    """A teacher would read a path that only a terminal can open."""
    metadata = _materialized(rendered, "final_video").metadata
    assert next(iter(metadata)) == "watch"
    assert metadata["watch"] == dg.MetadataValue.url("http://127.0.0.1:3001/tiny/watch.html")
    assert metadata["enlarge storyboard"] == dg.MetadataValue.url("http://127.0.0.1:3001/tiny/watch.html#storyboard")
    sections = dg.MetadataValue.url("http://127.0.0.1:3001/_/sections/tiny/")
    assert _materialized(rendered, "section_audio").metadata["listen"] == sections
    assert _materialized(rendered, "section_image").metadata["enlarge storyboard"] == sections


def test_a_frame_with_the_presenter_is_seen_in_the_ui(rendered: House):
    """Somebody who chose a presenter would see her for the first time in the finished film."""
    shown = _materialized(rendered, "lip_synced_clip").metadata["frame"]
    assert isinstance(shown, dg.MarkdownMetadataValue)
    data = base64.b64decode((shown.md_str or "").split("base64,")[1].rstrip(")"))
    assert len(data) < 60_000
    assert Image.open(io.BytesIO(data)).size == (320, 320)


def test_the_command_lists_the_film(rendered: House):
    """Somebody who uses the command alone would have films and no page that lists them."""
    assert (rendered.videos / "tiny" / WATCH).is_file()
    films = _listed((rendered.videos / "index.html").read_text("utf-8"))
    assert films["tiny"][5] == "made"
    assert films["tiny"][7] == "tiny/watch.html"


def test_a_lesson_that_is_refused_is_listed_with_the_words_of_check(watch: Watch):
    """An author without a terminal would see no film, and nowhere what to mend."""
    (watch.project_paths.data / "fonts").symlink_to(DATA / "fonts")  # the step looks whether a lesson's names exist
    watch.write("moon.json", '{"sections": [{"content": ""}]}')
    watch.write("tides.json")
    watch.settle()
    page = watch.project_paths.videos / "index.html"
    assert {film[5] for film in _listed(page.read_text("utf-8")).values()} == {"queued"}
    ended = dg.materialize(
        [lesson],
        partition_key="moon",
        instance=watch.instance,
        resources=resources_of(watch.project_paths),
        raise_on_error=False,
    )
    assert not ended.success
    watch.ticks()
    moon = _listed(page.read_text("utf-8"))["moon"]
    assert moon[5] == "refused"
    assert "moon.json" in moon[6]
    assert "nothing to say" in moon[6]


def test_a_lesson_whose_file_is_deleted_leaves_the_list(watch: Watch):
    """Lessons that were tried and given up would stay in the list, in red, for ever."""
    file = watch.write("moon.json")
    watch.write("tides.json")
    watch.settle()
    file.unlink()
    watch.ticks(watch.patience_ticks + 3)
    assert set(_listed((watch.project_paths.videos / "index.html").read_text("utf-8"))) == {"tides"}
