"""A damaged store heals when the lesson is rendered again: found before use, put aside, and only that is remade."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.kit.house import House
from video_assets.studio.storage.store import Record, read_record

FAN_OUTS = ("section_audio", "section_image", "lip_synced_clip")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _flip(path: Path) -> None:
    """Change one bit in the middle of the file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.chmod(0o644)
    path.write_bytes(data)


def _records(house: House, step: str) -> list[tuple[Path, Record]]:
    paths = sorted((house.root / "data" / "store" / "records").rglob("[!.]*.json"))
    read = [(path, read_record(path.read_bytes())) for path in paths]
    return [(path, record) for path, record in read if record is not None and record.recipe.step == step]


def _object(house: House, object_id: str) -> Path:
    return house.root / "data" / "store" / "objects" / object_id[:2] / object_id


def _quarantined(house: House) -> set[str]:
    return {path.name for path in (house.root / "data" / "store" / "quarantine").glob("*")}


def _made(house: House) -> list[int]:
    return [house.report()["stages"][name]["made"] for name in FAN_OUTS]


@pytest.mark.parametrize(("step", "made_again"), [("speech", [1, 0, 0]), ("clip", [0, 0, 1])])
def test_a_flipped_bit_costs_its_section_and_nothing_else(made: House, step: str, made_again: list[int]):
    """A film would hold noise where the disk has a bad sector, or the whole lesson would be paid for again."""
    film = _digest(made.film())
    before = {path.name: path.stat().st_ino for path in (made.root / "data/store/objects").rglob("[!.]*")}
    hit = next(iter(_records(made, step)[0][1].objects.values())).id
    _flip(_object(made, hit))
    _flip(made.film())
    ended = made.render()
    assert (ended.code, ended.err) == (0, ""), ended
    assert _quarantined(made) == {hit}
    assert _made(made) == made_again
    assert _digest(_object(made, hit)) == hit
    assert _digest(made.film()) == film
    after = {path.name: path.stat().st_ino for path in (made.root / "data/store/objects").rglob("[!.]*")}
    assert {name for name, inode in before.items() if after[name] != inode} == {hit}, "files that were written again"


def test_damaged_records_manifests_and_pointers_are_written_anew(made: House):
    """One bad sector under a small file of ours would end every render of a lesson in a traceback, for ever."""
    film = _digest(made.film())
    record, speech = _records(made, "speech")[0]
    content = record.read_bytes()
    _flip(record)
    pointers = sorted((made.state / "manifests" / "tiny").glob("*/*.json"))
    manifests = {path.read_bytes() for path in pointers}
    for pointer in pointers:
        pointer.write_bytes(pointer.read_bytes()[:20])
    (manifest,) = [path for path in (made.root / "data/store/objects").rglob("*") if _is_script(path)]
    _flip(manifest)
    ended = made.render()
    assert (ended.code, ended.err) == (0, ""), ended
    assert record.read_bytes() == content, "the sound is made again, and is the same"
    assert speech.objects.items() <= _records(made, "speech")[0][1].objects.items()
    assert _digest(manifest) == manifest.name
    latest = {path.read_bytes().split(b'"run"')[0] for path in (made.state / "manifests/tiny").glob("*/latest.json")}
    assert latest == {each.split(b'"run"')[0] for each in manifests}
    assert _digest(made.film()) == film


def _is_script(path: Path) -> bool:
    return path.is_file() and b'"kind":"script/' in path.read_bytes()
