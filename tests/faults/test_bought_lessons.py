"""Whole lessons from a provider that misbehaves: written, spoken and painted; what they become, and what they cost."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from resources.catalogue import ConfiguredProviders, picture_providers, presenter_providers, speech_providers
from resources.lesson_folder import LessonFolder
from tests.faults.provider import FAULTS, Outage, Provider, at_random, scripted
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import SectionsFailed
from video_assets.studio.lesson.script import SpokenWord
from video_assets.studio.pictures.illustration import IllustrationRequest
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.pipeline.stage_context import StageContext
from video_assets.studio.speech.provider import SpeechRequest
from video_assets.studio.stages.final_video import finish_film
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.stages.lip_synced_clip import make_clips
from video_assets.studio.stages.script import write_script
from video_assets.studio.stages.section_audio import speak_script
from video_assets.studio.stages.section_image import make_pictures
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import LocalStore, read_record
from video_assets.studio.telemetry.events import EventLog
from video_assets.studio.upkeep.gc import Limits, collect, plan_removal
from video_assets.studio.upkeep.inventory import live_set_of, scan_store
from video_assets.studio.writing.provider import Brief, OutlineText, outline_request

DATA = Path(__file__).parents[2] / "data"
SMALL = {"width_px": "320", "height_px": "320", "frame_rate": "12", "preset": "ultrafast", "presenter_place": "absent"}
NOTES = {"sections": [{"id": f"part{number}", "notes": f"fact {number} about rain"} for number in range(3)]}
SPOKEN = {
    "sections": [
        {"id": "sun", "image_description": "A sun over a hill.", "content": "The sun warms the ground in the morning."},
        {"id": "air", "image_description": "Warm air over a field.", "content": "Warm air is lighter, so it rises up."},
        {
            "id": "rain",
            "image_description": "Rain over a village.",
            "content": "High up it cools, and rain begins to fall.",
        },
    ]
}


class House:
    """A checkout's stages, with a provider."""

    def __init__(self, root: Path, described: ConfiguredProviders) -> None:
        self.root = root
        self.store = LocalStore(root / "store")
        self.lesson_source = LessonFolder(root / "lessons", root / "elsewhere", root / "project.toml")
        (root / "lessons").mkdir(parents=True, exist_ok=True)
        self.journal = EventLog(root / "journal.jsonl")
        embedded = speech_providers()
        self.voices = {**embedded, **described.speech(embedded["espeak"])}
        self.described = described
        self.writers = described.writers()
        self.stage_context = StageContext(
            self.store,
            LocalSlots({"rendering": 2, "trial": 4}),
            self.journal,
            DATA / "fonts",
            4,
            services=CallServices(root / "calls"),
            approvals=root / "approvals",
        )

    def make(self, lesson: dict[str, Any], **settings: str) -> Any:
        """Every stage, as far as the speech and the pictures."""
        (self.root / "lessons" / "rain.json").write_text(json.dumps(lesson), "utf-8")
        choices = RunOverrides("", {**SMALL, **settings})
        taken = load_lesson("rain", self.lesson_source, {}, choices, self.stage_context).result
        script = write_script(taken.manifest, self.stage_context, self.writers)
        pictures = make_pictures(
            script.manifest, picture_providers(DATA / "fonts"), self.stage_context, self.described.illustrators()
        )
        speech = speak_script(script.manifest, self.voices, self.stage_context)
        for asset, result in (("script", script), ("section_image", pictures), ("section_audio", speech)):
            set_ref(self.root / "manifests", "rain", asset, "run", result.digest, filesystem=FileSystem())
        return script, pictures, speech

    def finish(self, pictures: Any, speech: Any) -> Path:
        """The film's folder."""
        players = presenter_providers(
            DATA / "presenters", DATA / "engines", self.root / "weights", self.root / "state" / "faces"
        )
        clips = make_clips(speech.manifest, pictures.manifest, players, self.stage_context)
        return finish_film(clips.manifest, self.root / "videos", self.stage_context).folder

    def forget(self, *steps: str) -> None:
        """As if a new version of these steps had come: what they made is unknown."""
        for path in (self.root / "store" / "records").glob("*/*.json"):
            record = read_record(path.read_bytes())
            if record is not None and record.recipe.step in steps:
                path.unlink()

    @property
    def notes(self) -> str:
        """What was said aloud."""
        return "\n".join(event.message for event in self.journal.read_all() if event.kind == "note")


@pytest.fixture
def house(tmp_path: Path, described: Callable[..., ConfiguredProviders]) -> Callable[..., House]:
    """Makes a house with a provider."""
    return lambda provider, **file: House(tmp_path / "house", described(provider, **{"tries": 14, **file}))


ALL = {"writing": "trial", "speech": "trial", "pictures": "trial"}


def test_a_lesson_is_written_spoken_and_painted_by_a_provider_that_fails_a_third_of_the_time(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """A course maker would get no film from a provider on a bad day, or pay twice for what was delivered once."""
    provider = provide(faults=at_random(0.3, seed=3), retry_after_seconds=0.1)
    made = house(provider)
    script, pictures, speech = made.make(NOTES, **ALL)
    assert {section.written_by for section in script.manifest.sections} == {"trial"}
    assert all(entry.painted_by["provider"] == "trial" for entry in pictures.manifest.sections)
    assert speech.manifest.provider["provider"] == "trial"
    assert provider.ledger.wasted == 0
    assert sum(entry.delivered for entry in provider.ledger.entries) == 9, "three texts, three sounds, three pictures"
    folder = made.finish(pictures, speech)
    told = json.loads((folder / "manifest.json").read_text())
    assert told["film"]["digital_source_type"].endswith("compositeWithTrainedAlgorithmicMedia")
    first = told["sections"][0]
    assert (first["writing"]["written_by"], first["speech"]["provider"]) == ("trial", "trial")
    assert first["picture"]["painted_by"]["size"] == "1024x1024"
    asked = len(provider.ledger.entries)
    made.make(NOTES, **ALL)
    assert len(provider.ledger.entries) == asked, "a second run asks for nothing"


def test_new_code_is_not_paid_for(house: Callable[..., House], provide: Callable[..., Provider]) -> None:
    """A better alignment, or another theme, would make the whole archive be bought again."""
    provider = provide()
    made = house(provider)
    _, pictures, speech = made.make(SPOKEN, speech="trial", pictures="trial")
    made.forget("speech", "picture", "illustration")
    _, later_pictures, later_speech = made.make(SPOKEN, speech="trial", pictures="trial", theme="paper")
    assert later_speech.made == 3
    assert later_speech.digest == speech.digest or later_speech.manifest.sections == speech.manifest.sections
    assert later_pictures.digest != pictures.digest
    assert len(provider.ledger.entries) == 6


def test_what_a_stand_in_made_is_named_wherever_one_looks(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """A teacher would find a robot's voice in the midst of a film, and nothing that says why."""
    provider = provide(keys={"none"}, quota=3)
    made = house(provider)
    _, pictures, speech = made.make(SPOKEN, speech="trial, espeak", pictures="trial, slides")
    spoken = [entry.provider.get("provider", "trial") for entry in speech.manifest.sections]
    painted = [entry.instead_of for entry in pictures.manifest.sections]
    assert sorted(spoken) == ["espeak"] * 3, "pictures took what the quota had"
    assert painted == ["", "", ""]
    assert "espeak speaks it instead" in made.notes
    assert speech.figures["sections_by_stand_in"] == 3
    assert all(re.fullmatch("espeak .+, instead of trial", str(row.facts["voice"])) for row in speech.rows)
    folder = made.finish(pictures, speech)
    told = json.loads((folder / "manifest.json").read_text())
    assert {section["speech"]["provider"] for section in told["sections"]} == {"espeak"}


def test_a_painter_that_fails_is_stood_in_for_by_a_slide_and_asked_again_next_time(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """One bad hour of a provider would leave slides in a painted lesson for good."""
    provider = provide(faults=scripted("401", "401", "401"))
    made = house(provider)
    _, pictures, _ = made.make(SPOKEN, pictures="trial, slides")
    assert [entry.instead_of for entry in pictures.manifest.sections] == ["trial"] * 3
    assert {row.facts["made_by"] for row in pictures.rows if row.section in {"sun", "air", "rain"}} == {
        "slides, instead of trial"
    }
    _, again, _ = made.make(SPOKEN, pictures="trial, slides")
    assert [entry.instead_of for entry in again.manifest.sections] == [""] * 3


LONG = {
    "sections": [
        {"id": f"s{n}", "image_description": f"Cloud {n}.", "content": f"Rain number {n} falls on warm days."}
        for n in range(24)
    ]
}


@pytest.mark.parametrize("kind", ["speech", "pictures", pytest.param("writing", marks=pytest.mark.slow)])
def test_an_outage_is_waited_for_once_and_not_by_each_section(
    kind: str,
    house: Callable[..., House],
    provide: Callable[..., Provider],
    described: Callable[..., ConfiguredProviders],
) -> None:
    """A provider that is down would hold up a lesson of 75 sections for hours, with a stand-in at hand."""
    outage = Outage("503")
    provider = provide(faults=outage)
    made = house(provider, stand_in_after_seconds=3, patience_seconds=600)
    client = made.described.client("trial")
    client.caller._retry_policy = client.file.retry_policy._replace(probe_interval_seconds=1.0)
    if kind == "writing":
        second = provide()
        made.writers |= described(second, "second").writers()
        notes = {"sections": [{"id": f"part{n}", "notes": f"fact {n} about rain"} for n in range(24)]}
        script, _, _ = made.make(notes, writing="trial, second")
        assert {section.written_by for section in script.manifest.sections} == {"second"}
    elif kind == "speech":
        _, _, speech = made.make(LONG, speech="trial, espeak")
        assert speech.figures["sections_by_stand_in"] == 24
    else:
        _, pictures, _ = made.make(LONG, pictures="trial, slides")
        assert [entry.instead_of for entry in pictures.manifest.sections] == ["trial"] * 24
    assert re.search(r"trial.* because it is unavailable for 3 s or more", made.notes)
    assert len(provider.ledger.entries) < 40, "some until it counted as out, then one probe a second"


@pytest.mark.slow
def test_after_an_outage_every_section_comes_from_the_first_choice_again(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """The sections that begin while the first one finds out that it is back would keep the robot's voice."""
    outage = Outage("503")
    provider = provide(faults=outage, latency={"speech": 0.5})
    made = house(provider, stand_in_after_seconds=3, patience_seconds=600)
    client = made.described.client("trial")
    client.caller._retry_policy = client.file.retry_policy._replace(probe_interval_seconds=1.0)
    lesson = {"sections": LONG["sections"][:10]}  # more than are asked for at once, twice over
    made.make(lesson, speech="trial, espeak")
    outage.end()
    time.sleep(2.5)  # the next night, for a provider that is probed every second
    _, _, speech = made.make(lesson, speech="trial, espeak")
    assert "sections_by_stand_in" not in speech.figures


def test_a_chain_of_one_fails_loudly(house: Callable[..., House], provide: Callable[..., Provider]) -> None:
    """A film would come out with a voice that its maker did not choose."""
    provider = provide(faults=scripted("", "401"))
    with pytest.raises(SectionsFailed, match="1 of 3 sections failed; the others are kept") as caught:
        house(provider).make(SPOKEN, speech="trial")
    assert "key" in str(caught.value)


def test_paid_answers_of_current_lessons_are_never_thrown_away(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """Tidying up the store would cost what the whole archive cost."""
    provider = provide()
    made = house(provider)
    made.make(NOTES, **ALL)
    stock = scan_store(made.store)
    needs = live_set_of(made.store, made.root / "manifests", {"rain"})
    plan = plan_removal(stock, needs, Limits(max_bytes=0), now_ns=time.time_ns() + 10**12, grace_seconds=0)
    removed = collect(made.store, stock, plan, grace_seconds=-(10**3))
    assert removed.objects > 0, "something was there that nobody needs"
    made.make(NOTES, **ALL)
    made.forget("speech", "picture")
    made.make(NOTES, **ALL)
    assert provider.ledger.billed == 9


@pytest.mark.slow
def test_two_hundred_bad_answers_are_all_refused_and_none_is_kept(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """One cut sound or half a picture that is kept would be in every film of its lesson from then on."""
    bad = [name for name, kind in FAULTS.items() if kind.billed and not kind.slow]
    provider = provide(faults=at_random(1.0, seed=5, only=bad))
    made = house(provider, tries=3)
    client = made.described.client("trial")
    client.caller._retry_policy = client.file.retry_policy._replace(
        probe_interval_seconds=0.01, max_invalid_responses=10**6
    )
    words = "Rain number {} falls from a cloud that is heavier than it looks. Then the sun comes back, and it dries."
    for batch in range(4):
        lesson = {
            "sections": [
                {"id": f"s{n}", "image_description": f"Cloud {batch} {n}.", "content": words.format(f"{batch} {n}")}
                for n in range(9)
            ]
        }
        for settings in ({"pictures": "trial"}, {"speech": "trial"}):
            with pytest.raises(SectionsFailed, match=r"9 of (9|11) sections"):
                made.make(lesson, **settings)
    assert sum(entry.billed for entry in provider.ledger.entries) >= 200
    steps = [record.recipe.step for _, record in scan_store(made.store).records.values() if record]
    assert not {"answer", "illustration"} & set(steps)


def _sentences() -> list[tuple[str, str]]:
    """Language and sentence: of the sample lessons, those without markup, each once."""
    found: dict[str, str] = {}
    for path in sorted((DATA / "lessons").glob("*.json")):
        lesson = json.loads(path.read_text("utf-8"))
        sections = lesson["sections"] if isinstance(lesson, dict) else lesson
        language = lesson.get("language", "en") if isinstance(lesson, dict) else "en"
        for sentence in re.split(r"(?<=[.!?।])\s+", " ".join(section["content"] for section in sections)):
            if len(sentence.split()) >= 4 and not re.search(r"[\[\]*_$`]", sentence):
                found.setdefault(sentence, language)
    return [(language, sentence) for sentence, language in found.items()]


@pytest.mark.slow
def test_five_hundred_good_answers_are_all_taken_at_the_first_try(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """Whoever looks for faults too eagerly pays twice for what was good, and fails lessons that were whole."""
    provider = provide()
    known = described(provider, at_once=8, tries=1)
    call_context = CallContext(CallServices(tmp_path / "calls"), LocalSlots({}), LocalStore(tmp_path / "store"))
    (speaker,) = known.speech(speech_providers()["espeak"]).values()
    (picture_provider,) = known.illustrators().values()
    (writer,) = known.writers().values()
    sentences = _sentences()
    assert len(sentences) > 150

    def speak(number: int) -> int:
        language, sentence = sentences[number % len(sentences)]
        pieces = tuple(SpokenWord(text=word, token=token) for token, word in enumerate(sentence.split()))
        voice = ("alloy", "nova")[(number + number // len(sentences)) % 2]
        return len(speaker.speak(SpeechRequest(pieces=pieces, language=language, voice=voice), call_context).sound)

    def paint(number: int) -> int:
        shape = ((800, 560), (500, 900), (700, 700))[number % 3]
        paid_request = IllustrationRequest(
            description=f"Cloud {number}.", style="", width_px=shape[0], height_px=shape[1]
        )
        return len(picture_provider.illustrate(paid_request, call_context))

    def write(number: int) -> int:
        request = outline_request(Brief(notes=f"fact {number} about rain", sections=3 + number % 20))
        return len(writer.write(request, OutlineText, call_context).sections)

    with ThreadPoolExecutor(4) as pool:
        for kind, count in ((speak, 200), (paint, 200), (write, 100)):
            assert all(pool.map(kind, range(count)))
    assert provider.ledger.sums()["billed"] == len(provider.ledger.entries) == 500
