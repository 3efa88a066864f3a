"""What crosses a step or lies in a store is frozen: its shape, and the recipes by which things are found again.

The golden files were written by a person's decision. A difference means that films, sounds or pictures which lie in
stores today are not found again, or not understood: raise the `CODE` or `kind` that it concerns on purpose, and then
write the files anew with `LESSONREEL_WRITE_GOLDEN=1`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.kit.studio import Studio
from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.values import canonical_json
from video_assets.studio.pipeline.manifests import (
    ClipManifest,
    FilmManifest,
    LessonManifest,
    PictureManifest,
    ScriptManifest,
    SpeechManifest,
    read_manifest,
)
from video_assets.studio.storage.store import LocalStore, Recipe, Record
from video_assets.studio.telemetry.events import Event

GOLDEN = Path(__file__).parent / "golden" / "recipes"
SHAPES = (
    LessonManifest,
    ScriptManifest,
    SpeechManifest,
    PictureManifest,
    ClipManifest,
    FilmManifest,
    Recipe,
    Record,
    Event,
)
TOOLS = frozenset({"version", "wheel", "runtime", "sources", "typst", "renderer", "data", "libavcodec", "pyav"})
"""What a provider's identity says of the tools of this machine: named in the recipe, left out of the golden file."""


def _golden(name: str, found: object) -> Any:
    """What the golden file `name` holds, after writing it anew if that was asked for."""
    path = GOLDEN / name
    if os.environ.get("LESSONREEL_WRITE_GOLDEN"):
        path.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    return json.loads(path.read_text("utf-8"))


def _shape(value: Any, definitions: Mapping[str, Any] | None = None, inside: tuple[str, ...] = ()) -> Any:
    """A schema without its prose and without the names of classes, which may be improved at any time.

    `inside` are the classes around `value`. A class inside itself (the branches of a tree) is written as its depth.
    """
    if isinstance(value, Mapping):
        known = value.get("$defs", definitions or {})
        if "$ref" in value:
            name = str(value["$ref"]).rpartition("/")[2]
            return len(inside) - inside.index(name) if name in inside else _shape(known[name], known, (*inside, name))
        prose = {"description", "title"}
        return {
            name: _shape(inner, known, inside)
            for name, inner in value.items()
            if not (name in prose and isinstance(inner, str)) and name not in {"examples", "$defs"}
        }
    return [_shape(inner, definitions, inside) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.__name__)
def test_shapes_are_frozen(kind: type[BaseModel]):
    """A film made yesterday could not be read, joined or explained by the program of today."""
    found = kind.model_json_schema()
    assert _shape(found) == _shape(_golden(f"{kind.__name__}.schema.json", _shape(found)))


def _lesson(studio: Studio) -> None:
    studio.write(
        [
            {
                "id": "lamp",
                "title": "The lamp",
                "bullets": ["A switch", "A lamp"],
                "alt": "A lamp beside a switch.",
                "content": "A closed switch makes the *lamp* bright today.",
            },
            {
                "id": "ohm",
                "title": "The law",
                "equation": "U = R I",
                "alt": "Ohm's law.",
                "content": "Voltage is resistance times current.",
            },
        ],
        author="Ada",
        # The default voice of English computes with 8-bit integers, so its durations may differ between processors.
        settings={"speech": "espeak"},
    )


def _comparable(record: Record, roles: Mapping[str, str]) -> Recipe:
    """The recipe with the names of tools and the digests of what they gave taken out."""
    recipe = record.recipe
    provider = {name: "*" if name in TOOLS else value for name, value in recipe.provider.items()}
    inputs = {role: roles.get(digest, "?") for role, digest in recipe.inputs.items()}
    return recipe.model_copy(update={"provider": provider, "inputs": inputs})


def test_recipes_are_frozen(studio: Studio):
    """Every sound, slide and clip of every archive would be made (and paid for) again after a slip in a recipe."""
    _lesson(studio)
    studio.make()
    records = studio.records()
    made_by = {entry.id: f"{record.recipe.step}:{role}" for record in records for role, entry in record.objects.items()}
    recipes = [_comparable(record, made_by) for record in records]
    found = {
        "settings": studio.settings,
        "recipes": sorted(
            ({"id": recipe.id, "canonical": json.loads(canonical_json(recipe))} for recipe in recipes),
            key=lambda entry: canonical_json(entry["canonical"]),
        ),
    }
    golden = _golden("tiny-lesson.json", found)
    assert found["recipes"] == golden["recipes"]
    assert [recipe.step for recipe in recipes].count("clip") == 2


def test_canonical_json_and_its_digest_are_frozen():
    """The same recipe would have another name on another machine, and nothing would be found."""
    recipe = Recipe(
        step="speech", code="1", provider={"b": "2", "a": "1"}, parameters={"text": "λ½²—𝄞", "x": 0.1, "n": [1, None]}
    )
    assert canonical_json(recipe).decode() == (
        '{"code":"1","inputs":{},"parameters":{"n":[1,null],"text":"λ½²—𝄞","x":0.1},'
        '"provider":{"a":"1","b":"2"},"step":"speech"}'
    )
    assert recipe.id == "15f193b725a50dd19730cde53e5db7feb724a183ad06416d02951091041f79ed"


@pytest.mark.parametrize(
    ("kind", "older"),
    [
        (ScriptManifest, '{"kind":"script/0","sections":[]}'),
        (SpeechManifest, '{"kind":"section_audio/1","provider":{},"rate_hz":48000,"script":"ab","sections":[]}'),
        (PictureManifest, '{"end_card":null,"kind":"section_image/1","provider":{},"script":"ab","sections":[]}'),
    ],
)
def test_a_manifest_of_another_version_is_refused_with_a_remedy(tmp_path: Path, kind: type[Any], older: str):
    """A step after an update would work on half-understood data, or end in a traceback."""
    store = LocalStore(tmp_path)
    with pytest.raises(StoreError, match="Materialize the whole lesson again"):
        read_manifest(store, kind, store.put(older.encode()).id)
