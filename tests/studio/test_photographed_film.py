"""A whole film with a photographed presenter: lips on the sound, kept, told of, and marked as what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.kit.studio import Made, Studio
from tests.lip_service import LipService
from tests.portraits import Portraits
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.media.probe import decode_frame, probe

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
ALGORITHMIC = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
NOOR = {"presenter": "noor", "title_card_ms": "0"}


@pytest.fixture
def filmed(studio: Studio, portraits_in: type[Portraits]) -> Studio:
    """A studio whose presenters include a photo, with a lesson of two sections."""
    portraits = portraits_in(studio.root / "portraits")
    portraits.write("noor")
    studio.players["photographed"] = portraits.provider()
    studio.write([studio.lamp, studio.battery])
    return studio


def _xmp(path: Path) -> str:
    with av.open(str(path), container_options={"export_xmp": "1"}) as container:
        return container.metadata.get("xmp", "")


def test_a_film_says_to_machines_and_people_that_it_is_synthetic(filmed: Studio) -> None:
    """Viewers, and whoever must keep the law: a face that looks real and is not."""
    finished = filmed.finish(filmed.make(NOOR))
    film = next(finished.folder.glob("*.mp4"))
    assert COMPOSITE in _xmp(film)
    assert "movement of its lips is generated" in probe(film).tags["comment"]
    manifest = json.loads((finished.folder / "manifest.json").read_text())
    assert manifest["film"]["digital_source_type"] == COMPOSITE
    assert probe(film).index_first

    drawn = filmed.finish(filmed.make({"title_card_ms": "0"}))
    assert ALGORITHMIC in _xmp(next(drawn.folder.glob("*.mp4")))


def test_the_mouth_is_where_the_face_is_and_moves_with_the_sound(filmed: Studio) -> None:
    """Viewers: only the mouth moves, in the presenter's own picture."""
    made = filmed.make({**NOOR, "width_px": "640", "height_px": "640"})
    finished = filmed.finish(made)
    film = next(finished.folder.glob("*.mp4"))
    box = made.pictures.manifest.sections[0].stage.presenter
    assert box is not None
    corner = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    frames = [decode_frame(film, index)[corner].astype(int) for index in range(4, 24)]
    moved = np.ptp(np.stack(frames), axis=0).max(axis=2) > 30
    rows = np.flatnonzero(moved.any(axis=1))
    assert moved.sum() > 50
    assert box.height * 0.4 < rows.min()
    assert rows.max() < box.height * 0.75


def _lips(made: Made) -> list[str]:
    """Ids of the mouth pictures of each section."""
    return [section.lip_pictures.id for section in made.clips.manifest.sections if section.lip_pictures is not None]


def test_lips_are_made_once(filmed: Studio) -> None:
    """Whoever pays for a GPU: another slide, or another place in the frame, needs no other lips."""
    first = filmed.make(NOOR)
    lips = _lips(first)
    moved = filmed.make({**NOOR, "presenter_place": "side", "theme": "paper"})
    assert _lips(moved) == lips
    assert all(row.made and not row.facts.get("lips_made") for row in moved.clips.rows[:2])
    assert filmed.make(NOOR).clips.made == 0


def test_the_record_tells_what_lips_took(filmed: Studio) -> None:
    """Whoever reads statistics."""
    made = filmed.make(NOOR)
    facts = made.clips.rows[0].facts
    assert facts["lips_device"] == "a test's"
    assert float(facts["lips_frames_computed"] or 0) >= 2
    assert float(facts["mouth_enlarged"] or 0) > 0
    assert made.clips.figures["lips_seconds"] == 1.0
    assert "lips_seconds" not in filmed.make(NOOR).clips.figures, "reused: nothing was spent"


def test_who_watches_is_told_what_the_engine_says(filmed: Studio) -> None:
    """Whoever waits: that it takes long, and why."""
    filmed.make(NOOR)
    notes = [event.message for event in filmed.context.event_log.read_all() if event.kind == "note"]
    assert notes == ["The loud mouth is at work."]


def test_what_a_service_made_for_a_lesson_is_never_paid_again(hosted: Studio, service: LipService) -> None:
    """Whoever pays by the minute: a new version of this program, or tidying up, would cost what the archive cost."""
    first = hosted.make(NOOR)
    assert len(service.asked) == 2
    bought = hosted.services.ledger.purchases()
    assert sorted((each.intent.lesson, each.intent.section) for each in bought) == [
        ("tiny", "battery"),
        ("tiny", "lamp"),
    ]
    for section in first.clips.manifest.sections:
        (answer,) = section.answers
        assert hosted.store.read(answer), "whoever tidies up sees that the lesson needs it"
    hosted.forget("lips", "clip")
    again = hosted.make(NOOR)
    assert again.clips.made == 2
    assert again.clips.manifest.sections == first.clips.manifest.sections
    assert len(service.asked) == 2


def test_another_file_of_the_presenter_makes_other_lips(filmed: Studio, portraits_in: type[Portraits]) -> None:
    """Whoever replaces a photo: the old face must not come back."""
    first = filmed.make(NOOR)
    portraits = portraits_in(filmed.root / "portraits")
    portraits.photo(6).save(filmed.root / "portraits" / "noor" / "photo.png")
    filmed.players["photographed"] = portraits.provider()
    second = filmed.make(NOOR)
    assert second.clips.made == 2
    assert _lips(first)[0] != _lips(second)[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"licence": None}, r"noor/presenter\.toml: licence: is missing"),
        ({"consent": ""}, r"noor/presenter\.toml: consent: is empty"),
        ({"colour": "red"}, r"noor/presenter\.toml: colour: is not a key of a presenter"),
        ({"file": "gone.png"}, r"noor/presenter\.toml: file: 'gone\.png' cannot be read: No such file"),
        ({"file": "../noor/photo.png"}, r"noor/presenter\.toml: file: .* is not beside it"),
        ({"lips": {"engine": "louder"}}, r'noor/presenter\.toml: lips\.engine: there is no engine "louder"'),
        ({"lips": {"speed": "1"}}, r"noor/presenter\.toml: lips\.engine: is missing"),
        ({"face": {"box": [1, 2, 3]}}, r"noor/presenter\.toml: face\.box"),
    ],
)
def test_a_presenters_file_is_read_strictly(
    filmed: Studio, portraits_in: type[Portraits], changes: dict[str, Any], message: str
) -> None:
    """Whoever writes one: a name, a place and a remedy; and the other lessons go on."""
    portraits = portraits_in(filmed.root / "portraits")
    portraits.write("noor", **changes)
    filmed.players["photographed"] = portraits.provider()
    with pytest.raises(SettingInvalid, match=message) as refused:
        filmed.make(NOOR)
    assert refused.value.remedy
    assert filmed.make({"presenter": "ada"}).clips.made == 4
