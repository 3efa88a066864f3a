"""The stages one after the other: what is made again after which change, and what a failure leaves.

A section's sound, picture and clip depend on what is said and shown, never on its place: these tests hold the figures
that make a second render cheap.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.studio import Studio
from video_assets.studio.calls.context import CallContext
from video_assets.studio.core.errors import SectionsFailed, SettingInvalid, StoreError, StudioError
from video_assets.studio.core.values import canonical_json
from video_assets.studio.film import checks as film
from video_assets.studio.pipeline.manifests import TITLE_CARD, keep_manifest
from video_assets.studio.speech.provider import RawSpeech, SpeechProvider, SpeechRequest, Voice
from video_assets.studio.stages.final_video import FilmFailedChecks
from video_assets.studio.stages.lip_synced_clip import make_clips

Sections = list[Mapping[str, Any]]
NO_FONT = "Ohm \u0378"
"""A title with a character that no font has: only who paints it notices."""


@pytest.fixture(scope="module")
def template(studio_in: type[Studio], tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A studio in which the lesson of three sections has been made once; nobody changes it."""
    studio = studio_in(tmp_path_factory.mktemp("template"))
    studio.write([studio.lamp, studio.battery, studio.copper])
    studio.first = studio.make()
    assert studio.first.counts == (3, 5, 5)
    return studio


@pytest.fixture
def made(studio: Studio, template: Studio) -> Studio:
    """A studio of one's own in which the lesson of three sections has been made once."""
    shutil.copytree(template.root, studio.root, dirs_exist_ok=True)
    studio.first = template.first
    return studio


def test_nothing_is_made_twice(made: Studio):
    """A teacher who mends one word in the twentieth section would wait for the other nineteen again."""
    again = made.make()
    assert again.counts == (0, 0, 0)
    assert again.clips.digest == made.first.clips.digest


def _words_changed(studio: Studio) -> Sections:
    return [
        studio.lamp,
        {**studio.battery, "content": "The battery pumps charge around and around forever."},
        studio.copper,
    ]


def _moved(studio: Studio) -> Sections:
    return [studio.copper, studio.lamp, studio.battery]


def _left_out(studio: Studio) -> Sections:
    return [studio.lamp, studio.copper]


def _said_twice(studio: Studio) -> Sections:
    return [studio.lamp, studio.battery, studio.copper, {**studio.lamp, "id": "again"}]


def _inserted(studio: Studio) -> Sections:
    return [
        studio.section("first", "Something quite new comes before it all."),
        studio.lamp,
        studio.battery,
        studio.copper,
    ]


def _title_given(studio: Studio) -> Sections:
    return [{**studio.lamp, "title": "A bright lamp"}, studio.battery, studio.copper]


@pytest.mark.parametrize(
    ("change", "sounds", "pictures", "clips"),
    [
        (_words_changed, 1, 1, 1),
        (_moved, 0, 0, 0),
        (_left_out, 0, 0, 0),
        (_said_twice, 0, 0, 0),
        (_inserted, 1, 1, 1),
        (_title_given, 0, 1, 1),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else None,
)
def test_only_what_a_change_touches_is_made(
    made, change: Callable[[Any], Sections], sounds: int, pictures: int, clips: int
):
    """An archive's owner would pay for every section of every lesson whenever one of them is edited."""
    made.write(change(made))
    counts = made.make().counts
    assert counts[0] == sounds
    assert counts[1] <= pictures
    assert counts[2] == clips


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        ({"voice": "ben"}, (3, 0, 3)),
        ({"rate_percent": "120"}, (3, 0, 3)),
        ({"theme": "paper"}, (0, 5, 5)),
        ({"presenter": "mira"}, (0, 0, 3)),
        ({"crf": "30"}, (0, 0, 5)),
        ({"loudness_lufs": "-20"}, (0, 0, 0)),
        ({"audio_kbps": "64"}, (0, 0, 0)),
        ({"title_card_ms": "0"}, (0, 0, 0)),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else None,
)
def test_a_setting_remakes_only_what_it_shapes(made: Studio, settings: dict[str, str], counts: tuple[int, int, int]):
    """A new theme would have all sounds spoken (and, with a paid voice, billed) again."""
    settings = {**settings, "voice": _other_voice(made)} if "voice" in settings else settings
    assert made.make(settings).counts == counts


def _other_voice(studio: Studio) -> str:
    voices = [voice.id for voice in studio.voices["espeak"].voices() if voice.language.startswith("en")]
    used = studio.first.speech.manifest.provider["voice"]
    return next(voice for voice in voices if voice != used)


def test_recipes_know_nothing_of_a_section_s_place(made: Studio):
    """Moving one section would remake all behind it, if a recipe held an index, a count or a time of the film."""
    before = {record.recipe.id for record in made.records()}
    made.write([_renamed(made.copper, "c"), _renamed(made.lamp, "b"), _renamed(made.battery, "a")], title="Tiny")
    made.make()
    assert {record.recipe.id for record in made.records()} == before


def _renamed(section: Mapping[str, Any], id_: str) -> Mapping[str, Any]:
    return {**section, "id": id_}


def test_a_section_may_be_named_like_a_card(made: Studio):
    """An author who calls a section "title-card" would see the film's title where that section is spoken."""
    before = made.first.pictures.manifest.sections[0].picture
    made.write([_renamed(made.lamp, "title-card"), _renamed(made.battery, "end-card"), made.copper], title="Tiny")
    sections = made.make().pictures.manifest.sections
    assert [entry.id for entry in sections] == ["title-card", "end-card", "copper"]
    assert sections[0].picture == before


def test_no_recipe_names_its_section_or_a_file(made: Studio):
    """The same words in another lesson, or on another machine, would be made again."""
    for record in made.records():
        told = canonical_json(record.recipe).decode()
        assert not re.search(r'"(id|index|number|count|line|pointer|path|seed)":', told), told
        assert str(made.root) not in told
        assert "/sections/" not in told


def test_a_section_that_cannot_be_made_leaves_the_others(studio: Studio):
    """An author with one impossible slide in forty sections would start from nothing after mending it."""
    wrong = studio.section("ohm", "This law is simple.", title=NO_FONT)
    studio.write([studio.lamp, wrong, studio.copper])
    with pytest.raises(SectionsFailed) as failure:
        studio.make()
    assert list(failure.value.failures) == ["ohm"]
    assert "section ohm" in str(failure.value)
    assert failure.value.failures["ohm"].remedy
    studio.write([studio.lamp, {**wrong, "title": "Ohm"}, studio.copper])
    assert studio.make().counts == (0, 1, 5), "sounds were all there, and four of five pictures"


def test_every_wrong_section_is_named_at_once(studio: Studio):
    """An author would mend one slide, wait, and meet the next."""
    wrong = [studio.section(f"law-{number}", "This law is simple.", title=NO_FONT) for number in range(3)]
    studio.write([studio.lamp, *wrong])
    with pytest.raises(SectionsFailed) as failure:
        studio.make()
    assert list(failure.value.failures) == ["law-0", "law-1", "law-2"]


def test_the_storyboards_table_says_what_is_said(studio: Studio):
    """An author who looks at the pictures in the UI would not see how the numbers beside them are read."""
    studio.write([studio.lamp, studio.section("ohm", "It takes 5 kΩ, *really*.")], title="Tiny")
    rows = {row.section: row.facts["spoken"] for row in studio.make().pictures.rows}
    assert rows["ohm"] == "It takes five kilo-ohms, really."
    assert rows[TITLE_CARD] == ""


def test_a_film_holds_its_bundle(made: Studio):
    """A viewer would look for the captions, a teacher for the transcript, a site for the poster."""
    finished = made.finish(made.first)
    assert finished.folder == made.videos / "tiny"
    assert {path.name for path in finished.folder.iterdir()} == {
        "tiny.en.mp4",
        "tiny.en.vtt",
        "tiny.en.srt",
        "tiny.en.chapters.vtt",
        "tiny.en.transcript.txt",
        "tiny.en.transcript.html",
        "poster.jpg",
        "manifest.json",
        "qc.json",
        "report.json",
        "watch.html",
    }
    assert all(finding.passed for finding in finished.findings)
    assert [finding.check for finding in finished.findings] == list(film.CHECKS)


def test_a_film_says_what_its_derived_slides_show(made: Studio):
    """A teacher could not find the sections of an archive that are only lists of labels."""
    told = json.loads((made.finish(made.first).folder / "manifest.json").read_text())["sections"]
    derived = {section["id"]: section["picture"].get("derived", "") for section in told}
    assert derived == {row.section: row.facts["derived"] for row in made.first.script.rows}
    assert any(derived.values())


def test_a_film_that_lies_there_is_not_joined_again(made: Studio):
    """A nightly run over an archive would rewrite terabytes, and every viewer's cache with it."""
    first = made.finish(made.first)
    film_file = first.folder / "tiny.en.mp4"
    written = film_file.stat().st_mtime_ns
    again = made.finish(made.make())
    assert (first.result.joined, again.result.joined) == (True, False)
    assert again.result.manifest == first.result.manifest
    assert film_file.stat().st_mtime_ns == written


def test_a_damaged_film_is_made_again(made: Studio):
    """A viewer would get half a film for ever after a disk lost some of its blocks."""
    first = made.finish(made.first)
    (first.folder / "tiny.en.mp4").write_bytes(b"half")
    again = made.finish(made.make())
    assert again.result.joined
    assert again.result.manifest == first.result.manifest
    assert (again.folder / "tiny.en.mp4").stat().st_size > 1000


def test_a_film_that_fails_a_check_is_not_published(made: Studio, monkeypatch: pytest.MonkeyPatch):
    """A class would be shown a film that was known to be wrong, in the place of the good one from yesterday."""
    first = made.finish(made.first)
    version = first.folder.resolve()
    monkeypatch.setattr(film, "LOUDNESS_TOLERANCE_LU", -1.0)
    louder = made.make({"crf": "30"})
    with pytest.raises(FilmFailedChecks) as rejected:
        made.finish(louder)
    assert [finding.check for finding in rejected.value.findings if not finding.passed] == ["loudness"]
    assert "loudness" in str(rejected.value)
    assert first.folder.resolve() == version
    assert [path.name for path in version.parent.iterdir()] == [version.name], "nothing of the rejected film remains"


def test_the_same_lesson_gives_the_same_bytes_anywhere(
    studio: Studio, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A film could not be verified: two machines would publish different files of one lesson."""
    other = Studio(tmp_path_factory.mktemp("an other folder, ü"))
    digests = []
    for place in (studio, other):
        place.write([studio.lamp, studio.copper])
        finished = place.finish(place.make())
        digests.append({name: entry.id for name, entry in finished.result.manifest.files.items()})
    assert digests[0] == digests[1]


def test_a_film_is_never_mixed_from_two_states(made: Studio):
    """A viewer would see the slide of the new text and hear the old one."""
    made.write(_words_changed(made))
    newer = made.make()
    with pytest.raises(StoreError, match="different states"):
        make_clips(made.first.speech.manifest, newer.pictures.manifest, made.players, made.context)


def test_a_missing_object_is_made_again(made: Studio):
    """Somebody who deleted half of the store to save space could never make that lesson again."""
    gone = made.first.clips.manifest.sections[0].parts[0].part.id
    path = made.root / "store" / "objects" / gone[:2] / gone
    path.unlink()
    again = made.make()
    assert again.counts == (0, 0, 1)
    assert path.exists()


class _Voice(SpeechProvider):
    """A voice that gives what `spoil` makes of another's speech."""

    def __init__(self, inner: SpeechProvider, spoil: Callable[[RawSpeech], RawSpeech]) -> None:
        self._inner, self._spoil = inner, spoil

    def identity(self, voice: str) -> dict[str, str]:
        return self._inner.identity(voice)

    def voices(self) -> tuple[Voice, ...]:
        return self._inner.voices()

    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:
        return self._spoil(self._inner.speak(request))


def _silent(speech: RawSpeech) -> RawSpeech:
    return _with_sound(speech, np.zeros_like(speech.sound))


def _cut(speech: RawSpeech) -> RawSpeech:
    return _with_sound(speech, speech.sound[: len(speech.sound) // 3])


def _with_sound(speech: RawSpeech, sound: NDArray[np.float32]) -> RawSpeech:
    return speech._replace(sound=sound)


@pytest.mark.parametrize("spoil", [_silent, _cut], ids=["silent", "cut"])
def test_a_bad_sound_never_gets_into_the_store(studio: Studio, spoil: Callable[[RawSpeech], RawSpeech]):
    """A silent or cut section would be reused in every later film of the lesson."""
    studio.write([studio.lamp])
    studio.voices = {"hibari": _Voice(studio.voices["hibari"], spoil)}
    with pytest.raises(SectionsFailed):
        studio.make({"speech": "hibari"})
    assert [record for record in studio.records() if record.recipe.step == "speech"] == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"theme": "chalks"}, "chalk"), ({"presenter": "adda"}, "ada"), ({"voice": "nobody-at-all"}, "voice")],
)
def test_a_choice_that_does_not_exist_is_named_with_the_nearest(studio: Studio, settings: dict[str, str], named: str):
    """Somebody who mistypes a theme would get the default one, or a traceback."""
    studio.write([studio.lamp])
    with pytest.raises(StudioError) as refused:
        studio.make(settings)
    assert named in str(refused.value)


def test_one_section_can_be_looked_at_alone(made: Studio):
    """An author who polishes one slide would wait for the whole film each time."""
    alone = made.make(part="battery")
    assert alone.counts == (0, 0, 0)
    assert [entry.id for entry in alone.clips.manifest.sections] == ["battery"]
    assert alone.clips.manifest.title_card is None
    with pytest.raises(SettingInvalid, match=r'no section "batery"\. Did you mean "battery"'):
        made.make(part="batery")


def test_manifests_come_back_from_the_store(made: Studio):
    """A step that starts after a power cut would not find what the step before it had finished."""
    for stage in made.first:
        assert keep_manifest(made.store, stage.manifest) == stage.digest
        assert made.store.read(stage.digest) == canonical_json(stage.manifest)


def test_rows_tell_what_was_made(made: Studio):
    """Somebody who looks into the UI for why a render took long would find no line that says so."""
    rows: Sequence[Any] = made.first.clips.rows
    assert [(row.section, row.made) for row in rows] == [
        ("lamp", True), ("battery", True), ("copper", True), ("title card", True), ("end card", True)
    ]  # fmt: skip
    assert all(float(row.facts["video_seconds"] or 0) > 1 for row in rows)
    again = made.make().clips
    assert (again.made, again.reused) == (0, 5)


def test_the_store_holds_no_path_of_this_machine(made: Studio, tmp_path: Path):
    """A published film would tell its viewers the name of the author's home folder."""
    finished = made.finish(made.first)
    needle = str(tmp_path).encode()
    for path in (*finished.folder.iterdir(), *(made.root / "store").rglob("*")):
        assert not path.is_file() or needle not in path.read_bytes(), path
