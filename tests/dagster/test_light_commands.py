"""What a command loads: a person who only looks must not wait for libraries that make films."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import espeakng_loader
import pytest

from resources.speech.espeak import EspeakSpeech
from resources.speech.espeak_voices import languages

LOADED = """
import json, sys
from video_assets.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
MEDIA = {"numpy", "av", "PIL", "typst", "fontTools", "moviepy", "torch"}
DAGSTER = {"dagster", "sqlalchemy", "alembic"}
DRAWING = {"pandas", "matplotlib", "pyarrow"}
CLIENTS = {"openai", "httpx", "httpx2"}


@pytest.mark.parametrize(
    ("arguments", "without"),
    [
        (("--help",), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS, "pydantic", "rich"}),
        (("voices",), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS}),
        (("themes",), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS}),
        (("check", "data/lessons/tiny.json"), {*MEDIA, *DAGSTER, *DRAWING, *CLIENTS}),
        (("explain", "data/lessons/tiny.json"), {*DAGSTER, *DRAWING, *CLIENTS}),
        (("store", "status"), {*DAGSTER, *DRAWING, *CLIENTS}),
        (("stats",), {*DRAWING, *CLIENTS, "av", "PIL", "typst"}),
    ],
    ids=lambda value: "-".join(value[:1]) if isinstance(value, tuple) else None,
)
def test_a_command_loads_only_what_it_needs(house: Any, arguments: tuple[str, ...], without: set[str]):
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
