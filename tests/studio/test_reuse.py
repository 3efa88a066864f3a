"""What a change costs: for each kind of change, what is made again, and that `explain` had said so before.

The table is the promise of docs/reuse.md. Each case first explains, then makes, and the two must agree: a person
decides by the explanation whether to pay for a change.

Transitions are cuts today: a seam costs nothing. `seams` holds where a film will need one made anew, once they are
more than cuts; a transition will be made of the tail and the head of two clips, so it counts where these two did not
meet before.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from resources.speech.hibari_voices import RUNTIME_VERSION
from tests.kit.studio import Studio
from video_assets.studio.explain import dry_run, unchanged
from video_assets.studio.explain.film import FILE_CHANGED
from video_assets.studio.explain.model import Explanation
from video_assets.studio.stages import final_video, lip_synced_clip, section_audio, section_image

Sections = Sequence[Mapping[str, Any]]
EVERY = ("lamp", "battery", "copper")
CARDS = ("title card", "end card")


class Ran(NamedTuple):
    """What was said before, and what was then made: names of sections and cards, by stage."""

    said: Explanation
    sounds: tuple[str, ...]
    pictures: tuple[str, ...]
    clips: tuple[str, ...]
    joined: bool


def _picture(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def _sections(studio: Studio) -> list[dict[str, Any]]:
    return [
        {**studio.lamp, "picture": "lamp.png", "alt": "A lamp."},
        dict(studio.battery),
        dict(studio.copper),
    ]


@pytest.fixture(scope="module")
def template(studio_in: type[Studio], tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A studio in which the film of a lesson of three sections was made once; nobody changes it."""
    studio = studio_in(tmp_path_factory.mktemp("template"))
    (studio.lessons / "lamp.png").write_bytes(_picture("red"))
    studio.write(_sections(studio))
    ran = _run(studio)
    assert (ran.sounds, ran.pictures, ran.clips) == (EVERY, (CARDS[0], *EVERY, CARDS[1]), (*EVERY, *CARDS))
    assert ran.said.reasons[0].startswith("never made")
    return studio


@pytest.fixture
def made(studio: Studio, template: Studio) -> Studio:
    """A studio of one's own in which the film was made once."""
    shutil.copytree(template.root, studio.root, dirs_exist_ok=True, symlinks=True)
    return studio


def _run(studio: Studio, settings: Mapping[str, str] | None = None, **more: Any) -> Ran:
    """Explain, then make; whatever was said to be certain must have come true."""
    before = _contents(studio.root)
    said = studio.explain(settings, **more)
    quick = studio.explain(settings, thorough=False, **more)
    assert _contents(studio.root) == before, "an explanation leaves no trace"
    made = studio.make(settings, **more)
    film = studio.finish(made)
    studio.point(made, film)
    ran = Ran(
        said,
        *(tuple(row.section for row in stage.rows if row.made) for stage in (made.speech, made.pictures, made.clips)),
        joined=bool(film.result.joined),
    )
    _assert_kept(said, ran)
    _assert_kept(quick, ran)
    return ran


def _contents(root: Path) -> dict[str, tuple[int, int, int]]:
    files = (path for path in root.rglob("*"))
    return {str(path): (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns) for path in files if (seen := path.lstat())}


def _assert_kept(said: Explanation, ran: Ran) -> None:
    stages = {"section_audio": ran.sounds, "section_image": ran.pictures, "lip_synced_clip": ran.clips}
    for item in said.items:
        made = ran.joined if item.stage == "final_video" else item.section in stages[item.stage]
        if item.certain:
            assert made == (item.action == "make"), item
        else:
            assert item.action == "make" or not made, item


def _unsaid(ran: Ran) -> set[tuple[str, str]]:
    """What did not come as expected: made and not said, or said and, as bytes came out equal, not made."""
    expected = {(item.stage, item.section) for item in ran.said.items if item.action == "make"}
    found = {("section_audio", name) for name in ran.sounds}
    found |= {("section_image", name) for name in ran.pictures}
    found |= {("lip_synced_clip", name) for name in ran.clips}
    found |= {("final_video", "film")} if ran.joined else set()
    return expected ^ found


# Changes of the lesson


def _word(studio: Studio) -> None:
    sections = _sections(studio)
    sections[1]["content"] = "The battery pumps charge around and around forever."
    studio.write(sections)


def _signal(studio: Studio) -> None:
    sections = _sections(studio)
    sections[1]["content"] = f"{sections[1]['content']} [point 1]"
    studio.write(sections)


def _moved(studio: Studio) -> None:
    lamp, battery, copper = _sections(studio)
    studio.write([copper, lamp, battery])


def _added(studio: Studio) -> None:
    studio.write([*_sections(studio), studio.section("wire", "A wire is long and thin.")])


def _removed(studio: Studio) -> None:
    studio.write(_sections(studio)[:2])


def _renamed(studio: Studio) -> None:
    sections = _sections(studio)
    sections[1]["id"] = "cell"
    studio.write(sections)


def _section_title(studio: Studio) -> None:
    sections = _sections(studio)
    sections[2]["title"] = "Why not glass"
    studio.write(sections)


def _lesson_title(studio: Studio) -> None:
    studio.write(_sections(studio), title="Small")


def _picture_bytes(studio: Studio) -> None:
    (studio.lessons / "lamp.png").write_bytes(_picture("blue"))


def _picture_name(studio: Studio) -> None:
    (studio.lessons / "lamp.png").rename(studio.lessons / "bulb.png")
    sections = _sections(studio)
    sections[0]["picture"] = "bulb.png"
    studio.write(sections)


def _alt(studio: Studio) -> None:
    sections = _sections(studio)
    sections[0]["alt"] = "A bright lamp."
    studio.write(sections)


def _pronunciation(studio: Studio) -> None:
    studio.write(_sections(studio), pronunciations={"copper": "coffee"})


def _section_rate(studio: Studio) -> None:
    sections = _sections(studio)
    sections[1]["rate"] = 80
    studio.write(sections)


def _language(studio: Studio) -> None:
    studio.write(_sections(studio), language="en-GB")


def _touched(studio: Studio) -> None:
    os.utime(studio.lessons / "tiny.json")


def _spaced(studio: Studio) -> None:
    path = studio.lessons / "tiny.json"
    path.write_text(path.read_text() + "\n")


def _nothing(_: Any) -> None:
    """No change of the lesson."""


class Case(NamedTuple):
    """A change, what it makes (names of sections and cards), at which seams the film is joined anew, and why."""

    change: Callable[[Any], None] = _nothing
    settings: Mapping[str, str] = {}
    sounds: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    joined: bool = True
    seams: str = ""
    why: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    """Clips that are to be made unless their picture comes out as it was; and it did."""


ALL = (*EVERY, *CARDS)
ALL_SEAMS = "title card|lamp lamp|battery battery|copper copper|end card"


CASES = {
    "nothing": Case(joined=False),
    "file touched": Case(_touched, joined=False),
    "a space in the file": Case(_spaced, why=(FILE_CHANGED,)),
    "a word": Case(
        _word,
        sounds=("battery",),
        clips=("battery",),
        seams="lamp|battery battery|copper",
        why=("narration changed (battery)",),
    ),
    "a signal": Case(
        _signal,
        pictures=("battery",),
        clips=("battery",),
        seams="lamp|battery battery|copper",
        why=("which parts of its slide appear together changed (battery)",),
    ),
    "pronunciation": Case(
        _pronunciation,
        sounds=("copper",),
        clips=("copper",),
        seams="battery|copper copper|end card",
        why=("pronunciation changed (copper)",),
    ),
    "rate of a section": Case(
        _section_rate,
        sounds=("battery",),
        clips=("battery",),
        seams="lamp|battery battery|copper",
        why=("the section's rate changed (battery)",),
    ),
    "language": Case(
        _language,
        sounds=EVERY,
        pictures=ALL,
        spared=ALL,
        seams=ALL_SEAMS,
        why=("language changed: en -> en-GB",),
    ),
    "section moved": Case(_moved, seams="title card|copper copper|lamp battery|end card", why=("sections moved",)),
    "section added": Case(
        _added,
        sounds=("wire",),
        pictures=("wire",),
        clips=("wire",),
        seams="copper|wire wire|end card",
        why=("new section (wire)", "section added: wire"),
    ),
    "section removed": Case(_removed, seams="battery|end card", why=("section left out: copper",)),
    "section renamed": Case(_renamed, why=("section renamed: battery -> cell",)),
    "title of a section": Case(
        _section_title,
        pictures=("copper",),
        clips=("copper",),
        seams="battery|copper copper|end card",
        why=('title changed: "Why copper" -> "Why not glass" (copper)',),
    ),
    "title of the lesson": Case(
        _lesson_title,
        pictures=CARDS,
        clips=CARDS,
        seams="title card|lamp copper|end card",
        why=("title changed: Tiny -> Small (title card)", "subtitle changed: Tiny -> Small (end card)"),
    ),
    "bytes of a picture": Case(
        _picture_bytes,
        pictures=("lamp",),
        clips=("lamp",),
        seams="title card|lamp lamp|battery",
        why=("picture changed (lamp)",),
    ),
    "name of a picture": Case(_picture_name, why=(FILE_CHANGED,)),
    "alt text": Case(_alt, why=("alt text changed: lamp",)),
    "voice": Case(
        settings={"voice": "en-gb+f2"},
        sounds=EVERY,
        clips=EVERY,
        seams=ALL_SEAMS,
        why=(
            "provider changed: hibari -> espeak",
            "voice changed: heart -> en-gb+f2",
            "model changed",
            f"runtime changed: {RUNTIME_VERSION} -> none",
        ),
    ),
    "rate": Case(
        settings={"rate_percent": "120"},
        sounds=EVERY,
        clips=EVERY,
        seams=ALL_SEAMS,
        why=("rate_percent changed: 100 -> 120",),
    ),
    "theme": Case(
        settings={"theme": "paper"}, pictures=ALL, clips=ALL, seams=ALL_SEAMS, why=("theme changed: chalk -> paper",)
    ),
    "accent": Case(
        settings={"accent": "#00ff00"},
        pictures=ALL,
        clips=ALL,
        seams=ALL_SEAMS,
        why=("accent changed: none -> #00ff00",),
    ),
    "size": Case(
        settings={"width_px": "480"}, pictures=ALL, clips=ALL, seams=ALL_SEAMS, why=("width_px changed: 320 -> 480",)
    ),
    "presenter": Case(
        settings={"presenter": "mira"}, clips=EVERY, seams=ALL_SEAMS, why=("presenter changed: ada -> mira",)
    ),
    "presenter_place": Case(
        settings={"presenter_place": "absent"},
        pictures=EVERY,
        clips=EVERY,
        seams=ALL_SEAMS,
        why=("the presenter's place changed", "presenter changed: ada -> none"),
    ),
    "reveal": Case(
        settings={"reveal": "all"},
        pictures=("battery", "copper"),
        clips=("battery", "copper"),
        seams="lamp|battery battery|copper copper|end card",
        why=("which parts of its slide appear together changed (battery, copper)",),
    ),
    "motion": Case(
        settings={"motion": "none"},
        clips=("battery", "copper"),
        seams="lamp|battery battery|copper copper|end card",
        why=("motion changed (battery, copper)",),
    ),
    "frame_rate": Case(
        settings={"frame_rate": "15"}, clips=ALL, seams=ALL_SEAMS, why=("frame_rate changed: 12 -> 15",)
    ),
    "crf": Case(settings={"crf": "30"}, clips=ALL, seams=ALL_SEAMS, why=("crf changed: 23 -> 30",)),
    "preset": Case(
        settings={"preset": "superfast"}, clips=ALL, seams=ALL_SEAMS, why=("preset changed: ultrafast -> superfast",)
    ),
    "keyframe_seconds": Case(
        settings={"keyframe_seconds": "2"}, clips=ALL, seams=ALL_SEAMS, why=("keyframe_seconds changed: 5 -> 2",)
    ),
    "breath_ms": Case(settings={"breath_ms": "900"}, clips=EVERY, seams=ALL_SEAMS, why=("breath_ms changed",)),
    "length of a card": Case(
        settings={"title_card_ms": "2000"},
        clips=("title card",),
        seams="title card|lamp",
        why=("its length changed (title card)",),
    ),
    "card left out": Case(settings={"end_card_ms": "0"}, why=("card left out: end card",)),
    "loudness_lufs": Case(settings={"loudness_lufs": "-20"}, why=("loudness_lufs changed: -16.0 -> -20.0",)),
    "audio_kbps": Case(settings={"audio_kbps": "64"}, why=("audio_kbps changed: 128 -> 64",)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_change_costs_what_the_table_says(made: Studio, case: Case):
    """An archive's owner would pay for sounds that nobody changed, or decide by an explanation that is not true."""
    case.change(made)
    ran = _run(made, case.settings)
    assert (ran.sounds, ran.clips, ran.joined) == (case.sounds, case.clips, case.joined)
    assert set(ran.pictures) == set(case.pictures)
    assert _unsaid(ran) == {("lip_synced_clip", name) for name in case.spared}
    assert ran.said.reasons == case.why
    assert " ".join("|".join(seam) for seam in ran.said.seams).split() == case.seams.split()
    assert ran.said.anything_to_make == ran.joined


# Changes of the program


def _reprogram(monkeypatch: pytest.MonkeyPatch, stage: Any, **changes: Any) -> None:
    """Another program, in which constants of a stage have other values."""
    for name, value in changes.items():
        monkeypatch.setattr(stage, name, value)
    monkeypatch.setattr(unchanged, "code_digest", lambda: "another")


def test_a_stage_whose_code_changes_the_bytes_makes_all_behind_it(made: Studio, monkeypatch: pytest.MonkeyPatch):
    """An archive would keep films of a voice that was mended, or be painted anew as well."""
    _reprogram(monkeypatch, section_audio, CODE="2", SECTION_LUFS=-20.0)
    ran = _run(made)
    assert (ran.sounds, ran.pictures, ran.clips, ran.joined) == (EVERY, (), EVERY, True)
    assert not _unsaid(ran)
    assert "the stage's code is 2, it was made by 1" in ran.said.reasons


@pytest.mark.parametrize(
    ("stage", "counts"),
    [(section_audio, (3, 0, 0)), (section_image, (0, 5, 0)), (lip_synced_clip, (0, 0, 5))],
    ids=["section_audio", "section_image", "lip_synced_clip"],
)
def test_a_stage_whose_code_gives_the_same_bytes_stops_there(
    made, monkeypatch: pytest.MonkeyPatch, stage: Any, counts: tuple[int, int, int]
):
    """A tidied line of ours would encode and publish every film of an archive anew."""
    _reprogram(monkeypatch, stage, CODE="2")
    ran = _run(made)
    assert (len(ran.sounds), len(ran.pictures), len(ran.clips), ran.joined) == (*counts, False)
    made_here = [item for item in ran.said.items if item.action == "make" and item.certain]
    assert {item.stage for item in made_here} == {stage.__name__.rpartition(".")[2]}
    assert {item.why for item in made_here} == {"the stage's code is 2, it was made by 1"}
    behind = [item for item in ran.said.items if not item.certain]
    assert behind, "whether the rest is made depends on the bytes, and the explanation says so"
    assert all(item.why.endswith("made anew") or "made anew:" in item.why for item in behind)


def test_a_film_whose_code_changes_is_joined_again(made: Studio, monkeypatch: pytest.MonkeyPatch):
    """Captions that were mended would reach no film that exists."""
    _reprogram(monkeypatch, final_video, CODE="3")
    ran = _run(made)
    assert (ran.sounds, ran.pictures, ran.clips, ran.joined) == ((), (), (), True)
    assert not _unsaid(ran)
    assert ran.said.reasons == ("the stage's code is 3, it was made by 2",)


# Changes of the store and of the films


def _object(studio: Studio, step: str, role: str) -> Path:
    """An object of the section `lamp`."""
    manifests = {"speech": studio.last.speech, "picture": studio.last.pictures, "clip": studio.last.clips}
    recipe = manifests[step].manifest.sections[0].recipe
    id_ = next(record for record in studio.records() if record.recipe.id == recipe).objects[role].id
    return studio.root / "store" / "objects" / id_[:2] / id_


@pytest.mark.parametrize(
    ("step", "role"), [("speech", "sound"), ("speech", "times"), ("picture", "picture"), ("clip", "part_1")]
)
@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_what_the_store_lost_is_said_and_made_again_alone(made: Studio, step: str, role: str, harm: str):
    """An owner who lost a part of a disk would make a whole archive anew, or trust an explanation that read nothing."""
    made.last = made.make()
    path = _object(made, step, role)
    if harm == "missing":
        path.unlink()
    else:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-1])
    ran = _run(made)
    found = {"speech": ran.sounds, "picture": ran.pictures, "clip": ran.clips}
    assert {name: sections for name, sections in found.items() if sections} == {step: ("lamp",)}
    assert not ran.joined
    where = "missing from the store" if harm == "missing" else "damaged in the store"
    assert ran.said.reasons == (f"its object is {where} (lamp)",)


def test_a_changed_byte_is_seen_by_who_reads_all(made: Studio):
    """An explanation would call a film safe that the next change makes anew. The quick look does not promise it."""
    made.last = made.make()
    path = _object(made, "clip", "part_1")
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert made.explain().reasons == ("its object is damaged in the store (lamp)",)
    assert path.exists(), "it is put aside by who makes it anew, not by who looks"
    assert not made.explain(thorough=False).anything_to_make


@pytest.mark.parametrize("harm", ["damaged", "gone", "unlinked"])
def test_what_became_of_a_film_is_said(made: Studio, harm: str):
    """A viewer would meet half a film, or none, and a nightly run would not see that it has something to do."""
    version = (made.videos / "tiny").resolve()
    if harm == "damaged":
        (version / "tiny.en.mp4").write_bytes(b"half")
    elif harm == "gone":
        shutil.rmtree(version)
    else:
        (made.videos / "tiny").unlink()
    said = made.explain()
    assert said.anything_to_make
    assert [item.stage for item in said.items if item.action != "reuse"] == ["final_video"]
    shown = ("show", "was made before, and is shown again")
    film = said.items[-1]
    assert (film.action, film.why) == (shown if harm == "unlinked" else ("make", "its files are missing or damaged"))
    ran = _run(made)
    assert ran.joined == (harm != "unlinked")
    assert not made.explain().anything_to_make


def test_a_lesson_changed_back_is_only_shown_again(made: Studio):
    """An author who takes a change back would wait for everything to be made once more."""
    _word(made)
    _run(made)
    made.write(_sections(made))
    ran = _run(made)
    assert (ran.sounds, ran.pictures, ran.clips, ran.joined) == ((), (), (), False)
    assert ran.said.anything_to_make, "viewers still see the other film"
    assert [item.why for item in ran.said.items if item.section in {"battery", "film"}] == [
        "lies in the store already",
        "as it was",
        "lies in the store already",
        "was made before, and is shown again",
    ]


def test_a_lesson_that_was_never_made_is_explained(studio: Studio):
    """An author would be told nothing of a new lesson, or that all of it changed."""
    studio.write([studio.lamp, studio.battery])
    ran = _run(studio)
    assert not _unsaid(ran)
    assert ran.said.reasons == ("never made",)
    assert ran.said.counts == {
        "section_audio": {"make": 2},
        "section_image": {"make": 4},
        "lip_synced_clip": {"make": 4},
        "final_video": {"make": 1},
    }


def test_a_lesson_made_by_an_older_version_is_explained(made: Studio):
    """After an update, an owner would get a traceback for every lesson instead of a plan."""
    old = made.store.put(b'{"kind":"section_audio/1","provider":{},"rate_hz":48000,"script":"ab","sections":[]}')
    pointer = made.root / "manifests" / "tiny" / "section_audio" / "latest.json"
    pointer.write_text(f'{{"manifest": "{old.id}", "run": "a"}}')
    assert not made.explain().anything_to_make, "what its recipes give lies in the store, whoever made it"
    _word(made)
    assert made.explain().reasons[0] == "what was made the last time is not known (battery)"


def test_words_that_no_font_can_show_are_said_before(made: Studio):
    """An author would wait for the sounds of a lesson to learn of a character that nobody can draw."""
    sections = _sections(made)
    sections[1]["title"] = "Ohm \u0378"
    made.write(sections)
    said = made.explain()
    failing = {(item.stage, item.section) for item in said.items if item.action == "fail"}
    assert failing == {("section_image", "battery"), ("lip_synced_clip", "battery"), ("final_video", "film")}
    assert said.anything_to_make


def test_one_section_is_explained_alone(made: Studio):
    """An author who polishes one slide would be told of the whole film."""
    ran = _run(made, part="battery")
    assert {item.section for item in ran.said.items} == {"battery", "film"}


def test_the_quick_answer_is_that_of_who_looks_closely(made: Studio, monkeypatch: pytest.MonkeyPatch):
    """A nightly run over an archive would take hours to find out that it has nothing to do, or pass over a lesson."""
    closely = made.explain()
    with monkeypatch.context() as patch:
        patch.setattr(dry_run, "script_of", None)  # whoever looks closely writes the script first
        assert made.explain(thorough=False) == closely
        patch.setattr(unchanged, "code_digest", lambda: "another")
        with pytest.raises(TypeError):
            made.explain(thorough=False)
    assert made.explain(thorough=False) == closely


@pytest.mark.parametrize("stage", ["script", "section_audio", "section_image", "lip_synced_clip", "final_video"])
def test_a_stage_made_alone_by_another_program_is_looked_at_closely(made: Studio, stage: str):
    """A lesson whose film was joined anew by a mended program would keep the sounds of the old one for ever."""
    path = made.root / "manifests" / "tiny" / stage / "latest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "program": "another"}))
    lesson = made.make().lesson.manifest
    assert unchanged.unchanged(lesson, made.explain_inputs(thorough=False)) is None
    assert not made.explain(thorough=False).anything_to_make
