"""The contract of every presenter provider, and what drawn presenters promise beyond it.

A new provider adds a parameter to the fixture `provider`; nothing else here may need to change for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from resources.presenters import drawn, face
from resources.presenters.drawn import DrawnPresenters, drawn_framing_of, paint_over, rasterise
from resources.presenters.mouth import mouth_of
from resources.presenters.person import SHARED_COLOURS, Person, person_files, read_person
from tests.portraits import Portraits
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.frame_layout import Box, plan_layout
from video_assets.studio.presenter.poses import OPENINGS, Pose
from video_assets.studio.presenter.provider import Performance, PerformanceRequest, PresenterProvider
from video_assets.studio.speech.provider import PhoneTime, SpeechTimes, WordTime

PEOPLE = Path(__file__).parents[2] / "data" / "presenters"
CORNER = Box(x=0, y=0, width=240, height=240)


def speech(seconds: float = 4) -> SpeechTimes:
    """A second of silence, then "papa" over and over until a second before the end."""
    rate_hz, phones = 16000, []
    for number in range(int((seconds - 2) * 8)):
        start = rate_hz + number * rate_hz // 8
        phones.append(PhoneTime(phone="pɑ"[number % 2], start=start, end=start + rate_hz // 8))
    words = tuple(WordTime(token=i, start=p.start, end=p.end) for i, p in enumerate(phones))
    return SpeechTimes(rate_hz=rate_hz, samples=int(seconds * rate_hz), words=words, phones=tuple(phones))


def request(presenter: str, box: Box = CORNER, seed: str = "a" * 64) -> PerformanceRequest:
    return PerformanceRequest(
        presenter=presenter, box=box, rate="25", frames=110, lead_frames=5, times=speech(), seed=seed
    )


@pytest.fixture(params=["drawn", "a photo", "a loop"])
def fresh(request: pytest.FixtureRequest, portraits: Portraits) -> Callable[[], PresenterProvider]:
    """Makes a provider that has nothing in memory yet."""
    if request.param == "drawn":
        return lambda: DrawnPresenters(PEOPLE)
    for name in ("noor", "omar"):
        portraits.write(name, video=request.param == "a loop", name=name.title())
    (portraits.root / "omar" / "presenter.toml").write_text(
        (portraits.root / "omar" / "presenter.toml").read_text().replace("310]", "305]")
    )
    return portraits.provider


@pytest.fixture
def provider(fresh: Callable[[], PresenterProvider]) -> PresenterProvider:
    return fresh()


def performed(provider: PresenterProvider, asked: PerformanceRequest) -> Performance:
    """The performance, with lips where somebody makes them; the sound is loud where the times have a vowel."""
    maker = provider.lip_syncer(asked.presenter)
    if maker is None:
        return provider.animate(asked)
    sound = np.zeros(asked.times.samples, np.float32)
    for phone in asked.times.phones:
        sound[phone.start : phone.end] = 0.12 if phone.phone == "ɑ" else 0.01
    with maker.session(LocalSlots({}), lambda _: None) as speak:
        lips = speak(asked, lambda: (sound, asked.times.rate_hz))
    return provider.animate(asked, lips.data)


def whole(performance: Performance, key: str, box: Box) -> np.ndarray:
    """What is seen in the presenter's box: what never changes, and the patch over it."""
    patch = performance.patch(key)
    if performance.still is None or performance.area is None:
        return patch
    seen, area = performance.still.copy(), performance.area
    top, left = area.y - box.y, area.x - box.x
    place = np.s_[top : top + area.height, left : left + area.width]
    under = seen[place].copy()
    paint_over(under, patch)
    seen[place] = under
    return seen


class TestContract:
    """What a film may expect of any provider."""

    def test_it_lists_people_who_can_perform(self, provider: PresenterProvider):
        """A teacher who picks a name from `lessonreel presenters` would get an error."""
        people = provider.presenters()
        assert len({person.id for person in people}) == len(people) > 0
        for person in people:
            assert person.name
            assert person.description
            assert person.licence
            assert person.provider == provider.name
            assert len(performed(provider, request(person.id)).keys) == 110

    def test_identities_tell_people_apart(self, provider: PresenterProvider):
        """A teacher who changes the presenter would see the old face come back from the store."""
        people = provider.presenters()
        identities = [provider.identity(person.id) for person in people]
        assert all(identity["provider"] == provider.name for identity in identities)
        assert all(isinstance(value, str) for identity in identities for value in identity.values())
        assert len({tuple(sorted(identity.items())) for identity in identities}) == len(people)

    def test_an_unknown_presenter_is_refused_with_the_nearest_name(self, provider: PresenterProvider):
        """An author who mistypes a name would get somebody else, or a message that helps nobody."""
        known = provider.presenters()[0].id
        for call in (lambda: provider.identity(known + "x"), lambda: provider.animate(request(known + "x"))):
            with pytest.raises(SettingInvalid) as refused:
                call()
            assert known in refused.value.remedy

    @pytest.mark.parametrize(
        ("width", "height", "place"),
        [(1280, 720, "corner"), (320, 320, "corner"), (1280, 720, "side"), (720, 1280, "side"), (640, 360, "full")],
    )
    def test_pictures_fill_the_box_and_leave_its_corners_to_the_slide(
        self, provider: PresenterProvider, width: int, height: int, place: str
    ):
        """A learner would see the slide hidden by a rectangle, or a face cut off."""
        box = plan_layout(width, height, place).presenter  # type: ignore[arg-type]  # the parameters are places
        assert box is not None
        performance = performed(provider, request(provider.presenters()[0].id, box))
        for key in sorted(set(performance.keys))[::7]:
            assert not performance.patch(key).flags.writeable
            patch = whole(performance, key, box)
            assert patch.shape == (box.height, box.width, 4)
            assert patch.dtype == np.uint8
            assert patch[0, 0, 3] == patch[0, -1, 3] == 0
            assert not patch[patch[..., 3] == 0].any()
            assert patch[box.height // 2, box.width // 2, 3] == 255

    def test_the_same_request_gives_the_same_bytes(
        self, fresh: Callable[[], PresenterProvider], monkeypatch: pytest.MonkeyPatch
    ):
        """A teacher who renders again elsewhere would get another film from the same lesson."""
        asked = request(fresh().presenters()[0].id)
        first = performed(fresh(), asked)
        monkeypatch.setattr(drawn, "_RASTERS", drawn._Rasters(0))
        second = performed(fresh(), asked)
        assert first.keys == second.keys
        assert all(first.patch(key).tobytes() == second.patch(key).tobytes() for key in set(first.keys))

    def test_the_face_speaks_and_is_still_in_silence(self, provider: PresenterProvider):
        """A learner would see lips that move before a word is said, or do not move at all."""
        performance = performed(provider, request(provider.presenters()[0].id))
        silent, spoken = _changes(performance, 0, 8), _changes(performance, 40, 70)
        assert silent == 0 or performance.area is None, "but for a loop, which moves as it was filmed"
        assert spoken >= 10

    def test_a_face_that_looks_real_says_who_agreed_to_it(self, provider: PresenterProvider):
        """Whoever is shown: without a word of consent and a mark, nobody could tell that it was not them speaking."""
        for person in provider.presenters():
            assert not person.realistic or (person.consent and person.licence)


def _changes(performance: Performance, first: int, end: int) -> int:
    patches = [performance.patch(key) for key in performance.keys[first:end]]
    return sum(not np.array_equal(a, b) for a, b in pairwise(patches))


def _person(presenter: str) -> Person:
    file = person_files(PEOPLE)[presenter]
    return read_person(file.data, presenter, file.base)


def _mouth(presenter: str, shape: str) -> np.ndarray:
    """The crop of a mouth at 240 px, over the person's skin."""
    person, framing = _person(presenter), drawn_framing_of(CORNER)
    scene, _, mouth = drawn._drawings(framing, Pose(shape, "o", "0", 0))
    below, above = rasterise([(drawn._svg(person, framing, each), each.area) for each in (scene, mouth)])
    area = mouth.area
    crop = below[area.y : area.y + area.height, area.x : area.x + area.width].copy()
    paint_over(crop, above)
    return crop[..., :3].astype(int)


def _opening_area(person: Person, shape: str) -> float:
    m = mouth_of(person, shape)
    return m.half_width * (m.top + m.bottom)


PRESENTERS = tuple(sorted(path.stem for path in PEOPLE.glob("*.toml")))


@pytest.mark.parametrize("presenter", PRESENTERS)
class TestDrawnPeople:
    """Every person in `data/presenters`."""

    def test_each_mouth_shape_reads_at_240_px(self, presenter: str):
        """A learner who leans on lip reading would take one sound for another in the corner of a 720p film."""
        mouths = {shape: _mouth(presenter, shape) for shape in "XABCDEFGH"}
        for one, other in combinations(mouths, 2):
            changed = (np.abs(mouths[one] - mouths[other]).max(axis=2) > 40).sum()
            assert changed >= 40, f"{one} and {other} differ in {changed} pixels"

    def test_wider_mouths_show_more_of_what_is_inside(self, presenter: str):
        """Whoever trusts the measured offset of lips and sound would trust openings that are not what is drawn."""
        person = _person(presenter)
        areas = {shape: _opening_area(person, shape) for shape in OPENINGS}
        assert all(areas[shape] < 200 for shape in "XA")
        ordered = [areas[shape] for shape in ("X", "b", "c", "C", "d", "D")]
        assert ordered == sorted(ordered)
        assert areas["F"] < areas["e"] < areas["E"]

    @pytest.mark.parametrize("box", [CORNER, Box(x=0, y=0, width=384, height=720)])
    def test_crops_put_together_look_like_one_drawing(self, presenter: str, box: Box):
        """A viewer would see seams around eyes and mouth."""
        person, framing = _person(presenter), drawn_framing_of(box)
        pose = Pose("D", "h", "l4", 1)
        svgs = [drawn._svg(person, framing, drawing) for drawing in drawn._drawings(framing, pose)]
        inner = [svg.partition(">")[2].removesuffix("</svg>") for svg in svgs]
        head = svgs[0].partition(">")[0] + ">"
        (whole,) = rasterise([(head + "".join(inner) + "</svg>", framing.canvas)])
        composer = drawn._Composer(
            box, framing, drawn._RASTERS.get(person, "test" + presenter, framing, list(drawn._drawings(framing, pose)))
        )
        place = framing.canvas
        made = composer(pose.key)[place.y : place.y + place.height, place.x : place.x + place.width]
        off = np.abs(made.astype(int) - whole.astype(int)).max(axis=2)
        assert off.max() <= 16  # 8-bit alpha of thin lines, rounded once more
        assert (off > 3).mean() < 0.001

    def test_light_edges_are_not_darkened(self, presenter: str):
        """A viewer would see a dirty rim around the face: colours are promised straight, not multiplied by alpha."""
        performance = DrawnPresenters(PEOPLE).animate(request(presenter, Box(x=0, y=0, width=384, height=720)))
        patch = performance.patch(performance.keys[0]).astype(int)
        edge = (patch[..., 3] > 40) & (patch[..., 3] < 215) & (np.arange(720)[:, None] < 260)
        assert edge.sum() > 50
        assert patch[edge][:, :3].max(axis=1).min() > 190


def test_pictures_of_unlike_places_share_the_cache(monkeypatch: pytest.MonkeyPatch):
    """Whoever renders a long lesson on a small machine would run out of memory if rasters were kept for ever."""
    rasters = drawn._Rasters(400_000)
    monkeypatch.setattr(drawn, "_RASTERS", rasters)
    for side in (120, 160, 200, 240):
        DrawnPresenters(PEOPLE).animate(request("ada", Box(x=0, y=0, width=side, height=side)))
        assert rasters._held_bytes == sum(pixels.nbytes for pixels in rasters._kept.values()) <= 400_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[colours]", "[colors]"), "colours"),
        (('lid = "', 'lit = "'), "lid"),
        (('"#a9714b"', '"brown"'), "colours.skin"),
        (("temple = 136", 'temple = "wide"'), "proportions.temple"),
        (("temple = 136", "temples = 136"), "proportions.temples"),
        (('d = "M', 'd = "<script>M'), "back"),
        (('name = "Ada"', "name = "), "not TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, change: tuple[str, str], told: str):
    """A teacher who draws a presenter of their own would get a crash instead of the line to mend."""
    text = (PEOPLE / "ada.toml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "own.toml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(SettingInvalid) as refused:
        DrawnPresenters(tmp_path).animate(request("own"))
    assert "own.toml" in refused.value.message
    assert told in refused.value.message


def test_a_changed_drawing_has_a_new_version():
    """A teacher would get clips with two different drawings of one face, as recipes name the drawing by its version."""
    digest = hashlib.sha256()
    person = Person(
        name="Nobody", description="-", licence="-", colours=dict.fromkeys(sorted(SHARED_COLOURS), "#123456")
    )
    for box in (CORNER, Box(x=0, y=0, width=384, height=720), Box(x=0, y=0, width=1280, height=498)):
        framing = drawn_framing_of(box)
        poses = [Pose(mouth, "o", "0", 0) for mouth in sorted(OPENINGS)] + [
            Pose("X", eyes, "0", 1) for eyes in sorted(face.EYES)
        ]
        for pose in poses + [Pose("X", "o", head, 2) for head in sorted(face.HEADS)]:
            for drawing in drawn._drawings(framing, pose):
                digest.update(drawn._svg(person, framing, drawing).encode())
    assert (drawn.DRAWING, digest.hexdigest()[:16]) == ("2", "73d9f0cbd4cb09a2")


def test_an_outfit_is_the_same_face_in_other_clothes():
    """A course whose presenter changes clothes would seem to have another person."""
    plain, dressed = _person("mira"), _person("mira-navy")
    assert (dressed.name, dressed.licence, dressed.hair) == (plain.name, plain.licence, plain.hair)
    assert dressed.colours["skin"] == plain.colours["skin"]
    assert dressed.colours["halo"] != plain.colours["halo"]
    assert dressed.clothes != plain.clothes


def test_a_changed_person_changes_the_outfits_identity(tmp_path: Path):
    """Clips of the outfit would keep the old face."""
    for name in ("mira", "mira-navy"):
        (tmp_path / f"{name}.toml").write_bytes((PEOPLE / f"{name}.toml").read_bytes())
    before = drawn.DrawnPresenters(tmp_path).identity("mira-navy")
    base = tmp_path / "mira.toml"
    base.write_text(base.read_text("utf-8").replace("#dba577", "#dba578"), "utf-8")
    assert drawn.DrawnPresenters(tmp_path).identity("mira-navy") != before


@pytest.mark.parametrize("base", ["nobody", "mira-navy"])
def test_an_outfit_of_nobody_is_refused(base: str, tmp_path: Path):
    """The author would look for the fault in another file."""
    for name in ("mira", "mira-navy"):
        (tmp_path / f"{name}.toml").write_bytes((PEOPLE / f"{name}.toml").read_bytes())
    (tmp_path / "new.toml").write_text(f'like = "{base}"\n', "utf-8")
    with pytest.raises(SettingInvalid) as caught:
        drawn.DrawnPresenters(tmp_path).presenters()
    assert "new.toml" in caught.value.message
