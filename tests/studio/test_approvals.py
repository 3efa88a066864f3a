"""Approvals: which lessons wait for one, and which script an approval is of."""

from __future__ import annotations

import pytest

from tests.kit.studio import Studio
from video_assets.studio.film import approvals
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.stages.script import write_script
from video_assets.studio.stages.section_image import make_pictures


class Desk:
    """A studio whose stages up to the pictures leave pointers, as their assets do."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.pointers = studio.root / "manifests"
        self.approvals = studio.root / "approvals"

    def make(self, name: str, *, review: str = "yes", pictures: bool = True, word: str = "today") -> str:
        """Make script and pictures of a lesson; returns the script's digest."""
        studio = self.studio
        studio.write([{**studio.lamp, "content": f"A closed switch makes the lamp bright {word}."}], name=name)
        choices = RunOverrides("", {**studio.settings, "review": review}, "")
        lesson = load_lesson(name, studio.lesson_source, {}, choices, studio.context).result
        script = write_script(lesson.manifest, studio.context, studio.writers)
        self._point(name, "script", script.digest)
        if pictures:
            painted = make_pictures(script.manifest, studio.picture_providers, studio.context, studio.illustrators)
            self._point(name, "section_image", painted.digest)
        return script.digest

    def approve(self, name: str) -> None:
        """Approve a lesson."""
        approvals.record_approval(self.approvals, self.pointers, self.studio.store, name)

    @property
    def waiting(self) -> dict[str, str]:
        """Lessons that wait, and their scripts."""
        return approvals.waiting(self.approvals, self.pointers, self.studio.store)

    def _point(self, name: str, asset: str, digest: str) -> None:
        set_ref(self.pointers, name, asset, "run", digest, filesystem=self.studio.context.filesystem)


@pytest.fixture
def services(studio: Studio) -> Desk:
    return Desk(studio)


def test_lessons_wait_from_their_pictures_to_their_approval(services: Desk) -> None:
    """A teacher would not learn that a lesson needs a word from them, or would be asked for one that they gave."""
    assert services.waiting == {}
    first, second = services.make("stars"), services.make("atoms")
    services.make("lamps", review="no")
    assert services.waiting == {"atoms": second, "stars": first}
    services.approve("stars")
    assert services.waiting == {"atoms": second}
    edited = services.make("stars", word="tonight")
    assert services.waiting == {"atoms": second, "stars": edited}


def test_a_lesson_without_the_pictures_of_its_script_does_not_wait(services: Desk) -> None:
    """A teacher would be asked to approve pictures that do not exist yet, and `approve` would refuse it."""
    services.make("stars", pictures=False)
    assert services.waiting == {}
    services.make("stars")
    services.make("stars", pictures=False, word="tonight")
    assert services.waiting == {}


def test_a_damaged_lesson_does_not_hide_the_others(services: Desk) -> None:
    """One file that a disk spoilt would hide every lesson that waits."""
    digest = services.make("atoms")
    spoilt = services.make("stars")
    path = services.studio.root / "store" / "objects" / spoilt[:2] / spoilt
    path.chmod(0o644)
    path.write_bytes(b"{}")
    (services.pointers / "zebra" / "script").mkdir(parents=True)
    (services.pointers / "zebra" / "script" / "latest.json").write_text("{")
    assert services.waiting == {"atoms": digest}
