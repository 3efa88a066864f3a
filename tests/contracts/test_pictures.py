"""What every source of pictures promises. A new provider joins `PROVIDERS` and passes all of it unchanged."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.model import Code, PictureFile, Table
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureProvider, PictureRequest, SlideStyle

ROOT = Path(__file__).parents[2]

PROVIDERS: dict[str, Callable[[], PictureProvider]] = {
    "slides": lambda: SlidePictures(ROOT / "data" / "fonts"),
}


@pytest.fixture(scope="module", params=sorted(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> PictureProvider:
    return PROVIDERS[request.param]()


def _request(width: int = 1280, height: int = 720, place: PresenterPlace = "corner", **slide: object) -> PictureRequest:
    content = {"layout": "statement", "statement": "Light is bent where it slows down."} | slide
    return PictureRequest(
        slide=Slide.model_validate(content),
        stage=plan_layout(width, height, place),
        look=SlideStyle(theme="chalk"),
        language="en",
    )


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (720, 1280), (720, 720)])
def test_a_picture_has_exactly_the_frames_size(provider: PictureProvider, size: tuple[int, int]) -> None:
    """A learner would see a stretched slide, or the composer would refuse the section."""
    data = provider.paint(_request(*size), {})
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", size)


def test_the_same_request_gives_the_same_bytes(provider: PictureProvider) -> None:
    """A teacher who renders again would wait for clips whose pictures did not change."""
    assert provider.paint(_request(), {}) == provider.paint(_request(), {})


def test_another_process_elsewhere_gives_the_same_bytes(provider: PictureProvider, tmp_path: Path) -> None:
    """A class that renders on two machines would get two films, and share no work."""
    job = tmp_path / "job.pickle"
    job.write_bytes(pickle.dumps((provider, _request())))
    program = (
        "import pickle, sys, pathlib\n"
        f"provider, request = pickle.loads(pathlib.Path({str(job)!r}).read_bytes())\n"
        "sys.stdout.buffer.write(provider.paint(request, {}))\n"
    )
    env = os.environ | {"TZ": "Asia/Kolkata", "LC_ALL": "tr_TR.UTF-8", "LANG": "ar_EG", "PYTHONHASHSEED": "7"}
    env["PYTHONPATH"] = str(ROOT)
    other = subprocess.run([sys.executable, "-c", program], env=env, cwd=tmp_path, capture_output=True, check=True)
    assert other.stdout == provider.paint(_request(), {})


def test_identity_is_stable_and_plain(provider: PictureProvider) -> None:
    """Recipes would change with every process, and everything would be made again."""
    identity = provider.identity()
    assert identity == provider.identity()
    assert identity == PROVIDERS[provider.name]().identity()
    assert identity["provider"] == provider.name
    assert all(isinstance(value, str) and str(ROOT) not in value for value in identity.values())
    assert provider.identity(_request()) == identity, "an ordinary slide needs nothing beyond the provider's own"


def test_a_picture_file_is_shown(provider: PictureProvider) -> None:
    """An author's own diagram would be missing from the film."""
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (250, 0, 200)).save(out, "PNG")
    digest = digest_of(out.getvalue())
    request = _request(layout="picture", picture=PictureFile(path="a.png", digest=digest), statement="")
    with Image.open(io.BytesIO(provider.paint(request, {digest: out.getvalue()}))) as picture:
        assert sum(count for count, colour in picture.getcolors(1 << 24) or () if colour == (250, 0, 200)) > 50_000


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def _corners() -> Image.Image:
    """A picture that tells which way is up and which colours it has."""
    picture = Image.new("RGB", (320, 200), (230, 230, 230))
    for place, colour in {(0, 0): (200, 40, 40), (160, 0): (40, 160, 40), (0, 100): (40, 40, 200)}.items():
        picture.paste(colour, (*place, place[0] + 160, place[1] + 100))
    return picture


def _turned(orientation: int, kind: str) -> bytes:
    """`_corners` as a camera stores it that was held as `orientation` (Exif 2.32, tag 0x0112) says."""
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    how: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    return _saved(_corners().transpose(undone[orientation]), kind, exif=exif, **how)


FILES = {
    **{f"turned {number} {kind}": _turned(number, kind) for number in range(2, 9) for kind in ("JPEG", "PNG", "WEBP")},
    "CMYK JPEG": _saved(_corners().convert("CMYK"), "JPEG", quality=95),
    "progressive JPEG": _saved(_corners(), "JPEG", quality=95, progressive=True),
    "palette": _saved(_corners().quantize(8), "PNG"),
    "with alpha": _saved(_corners().convert("RGBA"), "PNG"),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_is_shown_upright_and_in_its_colours(provider: PictureProvider, name: str) -> None:
    """A photo from a phone would lie on its side, or a print shop's diagram be shown as its negative."""

    def shown(data: bytes) -> NDArray[np.int16]:
        digest = digest_of(data)
        request = _request(layout="picture", picture=PictureFile(path="a.png", digest=digest), statement="")
        with Image.open(io.BytesIO(provider.paint(request, {digest: data}))) as picture:
            return np.asarray(picture).astype(np.int16)

    assert np.abs(shown(FILES[name]) - shown(_saved(_corners(), "PNG"))).mean() < 1.5


def test_sixteen_bits_are_shown_as_eight(provider: PictureProvider) -> None:
    """A scan in 16 bits would be white where it is grey."""
    ramp = np.repeat(np.linspace(0, 255, 320).astype(np.uint16)[None], 200, axis=0)
    wide, narrow = (_saved(Image.fromarray(each), "PNG") for each in (ramp * 257, ramp.astype(np.uint8)))
    files = {digest_of(data): data for data in (wide, narrow)}
    pictures = [
        np.asarray(
            Image.open(io.BytesIO(provider.paint(_request(layout="picture", statement="", picture=each), files)))
        )
        for each in (PictureFile(path="a.png", digest=digest) for digest in files)
    ]
    assert np.abs(pictures[0].astype(np.int16) - pictures[1]).mean() < 0.5


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_broken_picture_file_is_the_sections_error(provider: PictureProvider, data: bytes) -> None:
    """An author would see a stack trace instead of which picture to save again."""
    request = _request(layout="picture", picture=PictureFile(path="a.png", digest="d"), statement="")
    with pytest.raises(ContentError) as caught:
        provider.paint(request, {"d": data})
    assert caught.value.place == "/picture"


def test_a_picture_that_was_not_handed_in_is_the_sections_error(provider: PictureProvider) -> None:
    """A slide without its picture would pass for a finished one."""
    request = _request(layout="picture", picture=PictureFile(path="a.png", digest="d"), statement="")
    with pytest.raises(ContentError):
        provider.paint(request, {})


REFUSED: dict[str, dict[str, Any]] = {
    "a character without a glyph": {"statement": "A \ue000 and a \uf8ff."},
    "an invalid equation": {"layout": "equation", "statement": "", "equation": r"\frac{a}{"},
    "too much code": {"layout": "code", "statement": "", "code": Code(text="x = 1\n" * 80)},
    "a ragged table": {"layout": "table", "statement": "", "table": Table(header=("a",), rows=(("b", "c"),))},
    "nothing to show": {"statement": ""},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_painted_is_known_without_painting(provider: PictureProvider, name: str) -> None:
    """An author would wait for a whole film to learn that a slide of it cannot be made."""
    request = _request(**REFUSED[name])
    found = provider.refusals(request, {})
    with pytest.raises(ContentError) as refused:
        provider.paint(request, {})
    assert (type(refused.value), refused.value.place) in [(type(error), error.place) for error in found]
    assert all(error.message and error.remedy for error in found)
    assert len(found) == (2 if name == "a character without a glyph" else 1)


def test_a_good_slide_is_not_refused(provider: PictureProvider) -> None:
    """An author would change a slide that was never wrong."""
    assert provider.refusals(_request(), {}) == ()
