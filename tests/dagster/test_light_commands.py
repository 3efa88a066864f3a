"""What a command loads: a person who only looks must not wait for libraries that make films."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import espeakng_loader
import pytest

from resources.explain_inputs import explain_inputs
from resources.provider_names import providers_of
from resources.speech.espeak import EspeakSpeech
from resources.speech.espeak_voices import languages
from tests.kit.house import House
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import SettingInvalid

LOADED = """
import json, sys
from video_assets.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
MEDIA = {"numpy", "regex", "av", "PIL", "typst", "fontTools", "moviepy", "torch"}
DAGSTER = {"dagster", "sqlalchemy", "alembic"}
DRAWING = {"pandas", "matplotlib", "pyarrow"}
CLIENTS = {"openai", "httpx", "httpx2"}
NETWORK = {"ssl", "http.client", "urllib.request"}


@pytest.mark.parametrize(
    ("arguments", "without"),
    [
        (("--help",), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS, "pydantic", "rich"}),
        (("voices",), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS, *NETWORK}),
        (("themes",), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS}),
        # The glyphs and the size of slides are checked, which needs the fonts and Typst, but no media.
        (
            ("check", "data/lessons/tiny.json"),
            {"numpy", "av", "moviepy", "torch", *DAGSTER, *DRAWING, *CLIENTS, *NETWORK},
        ),
        (("explain", "data/lessons/tiny.json"), {*DAGSTER, *DRAWING, *CLIENTS}),
        (("store", "status"), {*DAGSTER, *DRAWING, *CLIENTS}),
        (("stats",), {*DRAWING, *CLIENTS, "av", "PIL", "typst"}),
    ],
    ids=lambda value: "-".join(value[:1]) if isinstance(value, tuple) else None,
)
def test_a_command_loads_only_what_it_needs(house: House, arguments: tuple[str, ...], without: set[str]):
    """An author who checks a lesson forty times a day would wait a second for what no check needs."""
    house.write([house.lamp])
    ended = house.run(*arguments, program=LOADED)
    loaded = set(json.loads(ended.err.splitlines()[-1]))
    assert loaded & without == set(), sorted(loaded & without)


def test_the_list_of_voices_is_that_of_the_library() -> None:
    """A teacher would choose a voice from the list that the library then does not know."""
    provider = EspeakSpeech()
    header, _ = provider._ask({"do": "voices"})
    provider.close()
    said = {tags[0]: name for _, name, tags in header["voices"]}
    assert dict(languages(Path(espeakng_loader.get_data_path()))) == said


_DESCRIBED = """
[speech]
model = "speaker"
voices = [{id = "alloy", name = "Alloy"}, {id = "nova", language = "de"}]
[writing]
model = "writer"
[pictures]
model = "painter"
"""
_PORTRAIT = """
name = "Photo"
description = "d"
licence = "l"
consent = "c"
file = "photo.png"
"""


def test_the_names_that_check_knows_are_those_of_the_providers(house: House) -> None:
    """A teacher would read that a lesson is in order whose voice or presenter a run then refuses, or the reverse."""
    data = house.root / "data"
    faces = data / "presenters"
    original = faces.resolve()
    faces.unlink()
    shutil.copytree(original, faces)
    for folder, name, text in (
        ("presenters/photo", "presenter.toml", _PORTRAIT),
        ("presenters/spoilt", "presenter.toml", "name = "),
        ("providers", "cloud.toml", _DESCRIBED),
        ("providers", "voices.toml", _DESCRIBED.split("[writing]")[0]),
    ):
        (data / folder).mkdir(parents=True, exist_ok=True)
        (data / folder / name).write_text(text)
    project_paths = ProjectPaths(house.root, house.state)
    quick, whole = providers_of(project_paths), explain_inputs(project_paths, thorough=False).providers
    assert list(quick.presenters()) == list(whole.presenters())
    assert {"photo", "spoilt", "ada"} <= set(quick.presenters())
    assert list(quick.voices) == list(whole.voices)
    for name, source in whole.voices.items():
        assert quick.voices[name].voices() == source.voices()
    assert quick[1] == whole[1]
    assert quick[3:5] == whole[3:5] == (("cloud",), ("cloud",))
    (faces / "ada.toml").write_text("name = ")
    for names in (providers_of(project_paths), explain_inputs(project_paths, thorough=False).providers):
        with pytest.raises(SettingInvalid, match=re.escape("ada.toml is not TOML")):
            names.presenters()
