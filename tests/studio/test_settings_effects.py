"""Every setting does what its name says, seen in what comes out: in the film, or in the stage that it shapes.

A setting without an effect is a promise that is not kept: `test_every_setting_is_tried` fails for a new one until its
effect is shown here.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Provider
from tests.kit.studio import Made, Studio
from tests.portraits import Portraits
from video_assets.studio.core.errors import SectionsFailed, SettingInvalid
from video_assets.studio.core.settings import SETTING_NAMES
from video_assets.studio.lesson.script import spoken_text
from video_assets.studio.media.loudness import measure_file
from video_assets.studio.media.probe import Probe, decode_all_errors, decode_frame, probe
from video_assets.studio.pipeline.manifests import FilmManifest
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.stages.section_audio import waits_for_approval

BASE = {"title_card_ms": "0", "end_card_ms": "0"}


class Result(NamedTuple):
    """A finished film with all that led to it."""

    studio: Studio
    made: Made
    folder: Path
    manifest: FilmManifest
    figures: dict[str, int | float]

    @property
    def file(self) -> Path:
        """The MP4 file."""
        return self.folder / "tiny.en.mp4"

    @property
    def probe(self) -> Probe:
        """What the file holds."""
        return probe(self.file)

    @property
    def first_sound(self) -> str:
        """Digest of the section's sound."""
        return self.made.speech.manifest.sections[0].sound.id

    @property
    def first_picture(self) -> str:
        """Digest of the section's picture."""
        return self.made.pictures.manifest.sections[0].picture.id

    @property
    def picture(self) -> Image.Image:
        """The section's picture."""
        return Image.open(io.BytesIO(self.studio.store.read(self.first_picture))).convert("RGB")

    @property
    def clip_bytes(self) -> int:
        """Size of the section's video."""
        return sum(part.part.size_bytes for part in self.made.clips.manifest.sections[0].parts)

    @property
    def plan(self) -> Any:
        """The section's silence, speech, silence in frames."""
        return self.made.clips.manifest.sections[0].plan

    @property
    def stage(self) -> Any:
        """Where things stand in the section's frame."""
        return self.made.pictures.manifest.sections[0].stage


def _render(studio: Studio, **settings: str) -> Result:
    made = studio.make({**BASE, **settings})
    finished = studio.finish(made)
    return Result(studio, made, finished.folder, finished.result.manifest, finished.result.figures)


@pytest.fixture(scope="module")
def template(
    studio_in: type[Studio], portraits_in: type[Portraits], tmp_path_factory: pytest.TempPathFactory
) -> Result:
    """The film of one section with settings of BASE; nobody changes it."""
    studio = studio_in(tmp_path_factory.mktemp("template"))
    studio.write([studio.lamp])
    (studio.lessons / "logo.png").write_bytes(_logo())
    portraits = portraits_in(studio.root / "portraits")
    portraits.write("noor")
    portraits.write("mover", video=True, face={"box": list(portraits.box)})
    return _render(studio)


@pytest.fixture
def render(
    studio: Studio,
    template: Result,
    portraits_in: type[Portraits],
    provide: Callable[..., Provider],
    described: Callable[..., ConfiguredProviders],
) -> Callable[..., Result]:
    """Makes the same lesson with other settings, beside what the template made. `noor` is a photo, `mover` a video;
    `trial` writes, speaks and paints.
    """
    shutil.copytree(template.studio.root, studio.root, dirs_exist_ok=True, symlinks=True)
    template.studio.provider = provide(narration_sentences=5)  # as much as a person expects of a section
    template.studio.ask(described(template.studio.provider, at_once=4))
    studio.players["photographed"] = portraits_in(studio.root / "portraits").provider()
    return lambda **settings: _render(studio, **settings)


def _logo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (255, 0, 255)).save(file, "PNG")
    return file.getvalue()


Effect = Callable[[Callable[..., Result], Result], None]
EFFECTS: dict[str, Effect] = {}


def effect(function: Effect) -> Effect:
    """Register the test of the setting that the function is named after."""
    EFFECTS[function.__name__] = function
    return function


def test_every_setting_is_tried():
    """A teacher would set something, wait for the film, and see that nothing is different."""
    assert set(EFFECTS) == set(SETTING_NAMES)


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_the_setting_has_its_effect(name: str, render: Callable[..., Result], template: Result):
    """A teacher would set something, wait for the film, and get another thing than it says."""
    EFFECTS[name](render, template)


@effect
def profile(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    taken = studio.make({**BASE, "profile": "ultra_fast"}).lesson.manifest.settings
    assert (taken.profile, taken.crf, taken.audio_kbps) == ("ultra_fast", 28, 96)
    assert base.made.lesson.manifest.settings.crf == 23


@effect
def width_px(render: Callable[..., Result], base: Result) -> None:
    wide = render(width_px="480")
    assert (wide.probe.video.width_px, wide.probe.video.height_px) == (480, 320)
    assert wide.picture.size == (480, 320)
    assert wide.first_sound == base.first_sound


@effect
def height_px(render: Callable[..., Result], base: Result) -> None:
    tall = render(height_px="480")
    assert (tall.probe.video.width_px, tall.probe.video.height_px) == (320, 480)
    assert tall.picture.size == (320, 480)


@effect
def frame_rate(render: Callable[..., Result], base: Result) -> None:
    ntsc = render(frame_rate="30000/1001")
    assert ntsc.probe.video.steps_seconds == (Fraction(1001, 30000),)
    assert base.probe.video.steps_seconds == (Fraction(1, 12),)
    assert ntsc.first_sound == base.first_sound
    assert abs(ntsc.manifest.seconds - base.manifest.seconds) < 0.5
    assert decode_all_errors(ntsc.file) == ()


@effect
def preset(render: Callable[..., Result], base: Result) -> None:
    medium = render(preset="medium")
    assert medium.clip_bytes < base.clip_bytes, "ultrafast is large"
    assert medium.first_picture == base.first_picture


@effect
def crf(render: Callable[..., Result], base: Result) -> None:
    assert render(crf="35").clip_bytes < base.clip_bytes < render(crf="15").clip_bytes


@effect
def keyframe_seconds(render: Callable[..., Result], base: Result) -> None:
    every = render(keyframe_seconds="1").probe.video.keyframes
    assert len(every) > len(base.probe.video.keyframes)
    assert max(b - a for a, b in pairwise(every)) <= 12


@effect
def audio_kbps(render: Callable[..., Result], base: Result) -> None:
    poor = render(audio_kbps="48")
    assert poor.file.stat().st_size < base.file.stat().st_size - 10_000
    assert poor.made.clips.digest != base.made.clips.digest, "another lesson manifest, another film"
    assert poor.clip_bytes == base.clip_bytes


@effect
def loudness_lufs(render: Callable[..., Result], base: Result) -> None:
    quiet = render(loudness_lufs="-23")
    assert measure_file(base.file).integrated_lufs == pytest.approx(-16, abs=0.5)
    assert measure_file(quiet.file).integrated_lufs == pytest.approx(-23, abs=0.5)
    assert quiet.first_sound == base.first_sound


@effect
def speech(render: Callable[..., Result], base: Result) -> None:
    assert base.made.speech.manifest.provider["provider"] == "hibari"
    assert render(speech="espeak").made.speech.manifest.provider["provider"] == "espeak"
    with pytest.raises(SettingInvalid, match="espeak"):
        render(speech="espek")


@effect
def voice(render: Callable[..., Result], base: Result) -> None:
    used = base.made.speech.manifest.provider["voice"]
    other = next(
        known.id
        for known in base.studio.voices["espeak"].voices()
        if known.language.startswith("en") and known.id != used
    )
    heard = render(voice=other)
    assert heard.made.speech.manifest.provider["voice"] == other
    assert heard.first_sound != base.first_sound


@effect
def rate_percent(render: Callable[..., Result], base: Result) -> None:
    fast, slow = render(rate_percent="130"), render(rate_percent="80")
    lengths = [each.made.speech.manifest.sections[0].samples for each in (fast, base, slow)]
    assert lengths == sorted(lengths)
    # So short a sentence is slowed at 130 %, as its caption could not be read. tests/contracts holds the fast rates.
    assert lengths[2] * 80 / 100 == pytest.approx(lengths[1], rel=0.15)


@effect
def pictures(render: Callable[..., Result], base: Result) -> None:
    assert base.made.pictures.manifest.provider["provider"] == "slides"
    with pytest.raises(SettingInvalid, match="slides"):
        render(pictures="slide")


@effect
def theme(render: Callable[..., Result], base: Result) -> None:
    dark, light = np.asarray(base.picture).mean(), np.asarray(render(theme="paper").picture).mean()
    assert light > dark + 60, "paper is light, chalk is dark"


@effect
def logo(render: Callable[..., Result], base: Result) -> None:
    shown = np.asarray(render(logo="logo.png").picture).reshape(-1, 3)
    magenta = (shown == (255, 0, 255)).all(axis=1).sum()
    assert magenta > 50
    with pytest.raises(SettingInvalid, match=r"Did you mean .logo\.png"):
        render(logo="loga.png")


@effect
def accent(render: Callable[..., Result], base: Result) -> None:
    def reddest(result: Result) -> int:
        colours = np.asarray(result.picture).astype(int).reshape(-1, 3)
        return (colours[:, 0] - colours[:, 1]).max()

    assert reddest(render(accent="#ff0040")) > reddest(base) + 50


@effect
def presenter(render: Callable[..., Result], base: Result) -> None:
    mira = render(presenter="mira")
    assert mira.made.clips.manifest.presenter["presenter"] == "mira"
    box = base.stage.presenter
    corner = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    seen = [decode_frame(each.file, 10)[corner].astype(int) for each in (base, mira)]
    assert np.abs(seen[0] - seen[1]).mean() > 5
    assert mira.first_picture == base.first_picture


@effect
def presenter_place(render: Callable[..., Result], base: Result) -> None:
    places = {place: render(presenter_place=place) for place in ("side", "absent")}
    assert places["side"].stage.presenter.height > base.stage.presenter.height
    assert places["absent"].stage.presenter is None
    assert places["absent"].made.clips.manifest.presenter == {}
    still = [decode_frame(places["absent"].file, index).astype(int) for index in (5, 20)]
    assert np.abs(still[0] - still[1]).mean() < 1, "nobody moves"


@effect
def presenter_opening(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    points = {"bullets": ["Closed switch", "Bright lamp"]}
    studio.write([{**each, **points} for each in (studio.lamp, studio.battery, studio.copper)], name="opened")
    first, middle, last = (
        entry.stage.presenter
        for entry in studio.make({**BASE, "presenter_opening": "yes"}, name="opened").pictures.manifest.sections
    )
    assert first == last
    assert first is not None and middle is not None and first.width == 320 > middle.width


@effect
def picture_motion(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    studio.write([{**studio.lamp, "picture": "logo.png"}], name="pictured")
    slow, off = (studio.make({**BASE, "picture_motion": each}, name="pictured") for each in ("slow", "off"))
    assert slow.pictures.manifest.sections[0].picture == off.pictures.manifest.sections[0].picture
    assert slow.clips.manifest.sections[0].recipe != off.clips.manifest.sections[0].recipe


@effect
def breath_ms(render: Callable[..., Result], base: Result) -> None:
    long = render(breath_ms="2000")
    assert long.plan.frames - long.plan.speech_frames == 24
    assert base.plan.frames - base.plan.speech_frames == 5
    assert long.first_sound == base.first_sound


@effect
def title_card_ms(render: Callable[..., Result], base: Result) -> None:
    titled = render(title_card_ms="3000")
    assert titled.manifest.frames - base.manifest.frames == 36
    card = titled.made.clips.manifest.title_card
    assert card is not None
    assert sum(part.frames for part in card.parts) == 36
    assert titled.plan == base.plan


@effect
def end_card_ms(render: Callable[..., Result], base: Result) -> None:
    base.studio.write([base.studio.lamp], name="signed", author="Ada")
    signed = base.studio.make({**BASE, "end_card_ms": "4000"}, name="signed")
    unsigned = base.studio.make(BASE, name="signed")
    card = signed.clips.manifest.end_card
    assert card is not None
    assert sum(part.frames for part in card.parts) == 48
    assert unsigned.clips.manifest.end_card is None


@effect
def spoken_transcript(render: Callable[..., Result], base: Result) -> None:
    heard = render(spoken_transcript="true")
    (text,) = (path.read_text("utf-8") for path in heard.folder.glob("*.spoken.txt"))
    section = heard.made.script.manifest.sections[0]
    lines = [line.partition("] ")[2] for line in text.splitlines() if line.startswith("[")]
    assert (section.title in text, " ".join(lines)) == (True, spoken_text(section.speech))
    assert not list(base.folder.glob("*.spoken.txt"))
    assert heard.first_sound == base.first_sound


@effect
def reveal(render: Callable[..., Result], base: Result) -> None:
    assert next(cue.token for cue in base.made.script.manifest.sections[0].cues) == -1
    assert render(reveal="all").made.script.manifest.sections[0].cues == ()


@effect
def motion(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    studio.write([{**studio.lamp, "bullets": ["Closed switch", "Bright lamp"]}], name="moving")
    calm, none = (studio.make({**BASE, "motion": each}, name="moving") for each in ("calm", "none"))
    assert calm.script.manifest.sections == none.script.manifest.sections
    assert calm.pictures.manifest.sections == none.pictures.manifest.sections
    assert calm.clips.manifest.sections[0].parts != none.clips.manifest.sections[0].parts, "a fade, and a cut"


def _lip_pictures(made: Made) -> str:
    """Digest of the mouth pictures of the only section."""
    (clip,) = made.clips.manifest.sections
    assert clip.lip_pictures is not None
    return clip.lip_pictures.id


def _lips(result: Result) -> dict[str, Any]:
    """What the record says of the section's lips, and their bytes' digest."""
    return {"digest": _lip_pictures(result.made), **result.made.clips.rows[0].facts}


@effect
def resize_factor(render: Callable[..., Result], base: Result) -> None:
    box = base.stage.presenter
    corner = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    seen = {factor: _corner_of(render(presenter="noor", resize_factor=factor), corner) for factor in ("1", "8")}
    sharpness = {factor: (np.diff(picture, axis=1) ** 2).mean() for factor, picture in seen.items()}
    assert sharpness["1"] > 1.1 * sharpness["8"]
    drawn = render(resize_factor="4")
    assert drawn.made.clips.manifest.sections == base.made.clips.manifest.sections, "there is no picture to reduce"


def _corner_of(result: Result, corner: Any) -> np.ndarray:
    assert result.made.clips.manifest.presenter["presenter"] == "noor"
    return decode_frame(result.file, 10)[corner].astype(int)


@effect
def smooth_face(render: Callable[..., Result], base: Result) -> None:
    smooth, rough = render(presenter="mover"), render(presenter="mover", smooth_face="no")
    assert rough.made.clips.manifest.presenter["smooth_face"] == "false"
    assert rough.made.clips.rows[0].made
    photo, same = render(presenter="noor"), render(presenter="noor", smooth_face="no")
    assert photo.made.clips.manifest.sections == same.made.clips.manifest.sections, (
        "one picture has nothing to be averaged with"
    )
    assert smooth.made.clips.manifest.presenter != rough.made.clips.manifest.presenter


@effect
def lips_lead(render: Callable[..., Result], base: Result) -> None:
    one, two = render(presenter="noor"), render(presenter="noor", lips_lead="2")
    assert _lips(one)["digest"] != _lips(two)["digest"]
    assert render(lips_lead="2").made.clips.manifest.sections == base.made.clips.manifest.sections


def _chunks(result: Result, **settings: str) -> tuple[int, str]:
    """How many chunks a section of some twelve seconds is dealt in, and what its lips are."""
    studio = result.studio
    words = "The battery pumps charge around and around again, and a closed switch makes the lamp bright today. " * 2
    studio.write([{**studio.lamp, "content": words}], name="long")
    made = studio.make({**BASE, "presenter": "noor", **settings}, name="long")
    facts = made.clips.rows[0].facts
    return int(facts["lips_chunks"] or 0), _lip_pictures(made)


@effect
def enable_parallel(render: Callable[..., Result], base: Result) -> None:
    side_by_side = _chunks(render())
    at_once = _chunks(render(), enable_parallel="no")
    assert side_by_side == at_once, "made once: how it would be dealt today is no reason to make it again"
    other = _chunks(render(), enable_parallel="no", lips_lead="2")
    assert other[0] == 1 < side_by_side[0]


@effect
def chunk_duration_seconds(render: Callable[..., Result], base: Result) -> None:
    short = _chunks(render(), chunk_duration_seconds="4")
    assert _chunks(render(), chunk_duration_seconds="30") == short, "made once"
    long = _chunks(render(), chunk_duration_seconds="30", lips_lead="2")
    assert long[0] == 1 < short[0]
    with pytest.raises(SettingInvalid, match="Allowed is 0, or a whole number from 4 to 30"):
        render(chunk_duration_seconds="3")


@effect
def lips_batch(render: Callable[..., Result], base: Result) -> None:
    usual = render(presenter="noor", lips_batch="7")
    assert _lips(usual)["lips_batch"] == 7
    other = render(presenter="noor", lips_batch="9")
    assert not other.made.clips.rows[0].made, "who is computed beside whom shapes no picture"
    assert other.made.clips.manifest.sections == usual.made.clips.manifest.sections


@effect
def target_percent(render: Callable[..., Result], base: Result) -> None:
    set_, none = render(target_percent="70"), render(target_percent="0")
    assert set_.figures["target_percent"] == 70
    assert "target_percent" not in none.figures
    assert set_.made.clips.manifest.sections == base.made.clips.manifest.sections


# What is asked of providers: each as the first of the server's requests shows it.


@effect
def writing(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    studio.write([{"id": "glow", "notes": "why a wire glows"}], name="noted")
    with pytest.raises(SectionsFailed, match="no provider is set to write"):
        studio.make(BASE, name="noted")
    script = studio.make({**BASE, "writing": "trial"}, name="noted").script.manifest
    assert script.sections[0].written_by == "trial"
    assert len(script.sections[0].tokens) > 30


@effect
def audience(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    studio.write([{"id": "glow", "notes": "why a wire glows"}], name="noted")
    studio.make({**BASE, "writing": "trial", "audience": "apprentice bakers"}, name="noted")
    assert "apprentice bakers" in studio.provider.asked[-1]["messages"][1]["content"]


@effect
def writing_batch(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    for batch in (1, 3):
        studio.provider.latency["text"] = 0.3
        notes = [{"id": f"n{number}", "notes": f"fact {number} of batch {batch}"} for number in range(4)]
        studio.write(notes, name=f"batch{batch}")
        before = len(studio.provider.ledger.entries)
        studio.make({**BASE, "writing": "trial", "writing_batch": str(batch)}, name=f"batch{batch}")
        entries = studio.provider.ledger.entries[before:]
        assert max(entry.in_flight for entry in entries if entry.endpoint == "chat/completions") == batch


@effect
def text_check(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    studio.write([{**studio.lamp, "content": "A closed switch makes the lamp bright because"}], name="cut")
    for level in ("off", "lenient"):
        studio.make({**BASE, "text_check": level}, name="cut")
    with pytest.raises(SectionsFailed, match="no end"):
        studio.make({**BASE, "text_check": "moderate"}, name="cut")


@effect
def review(render: Callable[..., Result], base: Result) -> None:
    studio = base.studio
    lesson = studio.make({**BASE, "review": "yes"})
    assert waits_for_approval(lesson.script.manifest, studio.context)
    assert not waits_for_approval(base.made.script.manifest, studio.context)


@effect
def voice_instructions(render: Callable[..., Result], base: Result) -> None:
    base.studio.make({**BASE, "speech": "trial", "voice_instructions": "warm and unhurried"})
    asked = [each for each in base.studio.provider.asked if "voice" in each]
    assert asked[-1]["instructions"] == "warm and unhurried Stress these words a little: lamp."
    assert asked[-1]["voice"] == "alloy"


@effect
def picture_style(render: Callable[..., Result], base: Result) -> None:
    base.studio.make({**BASE, "pictures": "trial", "picture_style": "woodcut in two colours"})
    assert "woodcut in two colours" in base.studio.provider.asked[-1]["prompt"]


@effect
def picture_quality(render: Callable[..., Result], base: Result) -> None:
    for quality, wanted in (("auto", "medium"), ("high", "high")):
        base.studio.make({**BASE, "pictures": "trial", "picture_quality": quality})
        assert base.studio.provider.asked[-1]["quality"] == wanted


def test_a_setting_has_the_same_effect_from_every_place(studio: Studio):
    """A school that sets its theme once, in the project or the environment, would find it in no film."""
    studio.write([studio.lamp], accent="#00ff00")
    (studio.root / "project.toml").write_text('[settings]\ntheme = "paper"\naccent = "#0000ff"\n')
    found = studio.make({}, environ={"LESSONREEL_BREATH_MS": "900"}).lesson.manifest.settings
    assert (found.theme, found.accent, found.breath_ms, found.width_px) == ("paper", "#00ff00", 900, 320)


def test_speech_can_be_heard_at_any_rate(studio: Studio):
    """A learner would hear words whose times do not fit the sound at an unusual speaking rate."""
    studio.write([studio.lamp])
    for rate in ("50", "200"):
        entry = studio.make({"rate_percent": rate}).speech.manifest.sections[0]
        times = SpeechTimes.model_validate_json(studio.store.read(entry.times.id))
        assert max(word.end for word in times.words) <= times.samples == entry.samples
