"""Pictures from outside: what is refused, and what becomes of the rest."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageCms

from video_assets.studio.core.errors import MediaError
from video_assets.studio.pictures.normalise import LONGEST_PX, accept_picture

RED = (220, 30, 40)


def scene(width: int = 300, height: int = 200, mode: str = "RGB") -> Image.Image:
    """A red picture with a blue upper left quarter, in `mode`."""
    pixels = np.full((height, width, 3), RED, np.uint8)
    pixels[: height // 2, : width // 2] = (20, 40, 200)
    return Image.fromarray(pixels).convert(mode)


def saved(picture: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def colour(png: bytes, x: float, y: float) -> tuple[int, int, int]:
    """The colour at a place, as shares of width and height."""
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.mode == "RGB"
        found = picture.getpixel((int(picture.width * x), int(picture.height * y)))
    assert isinstance(found, tuple)
    red, green, blue = found
    return red, green, blue


def near(left: tuple[int, ...], right: tuple[int, ...], most: int = 14) -> bool:
    """Whether two colours look the same."""
    return all(abs(a - b) <= most for a, b in zip(left, right, strict=True))


GOOD = {
    "png": saved(scene()),
    "jpeg": saved(scene(), "JPEG", quality=95),
    "progressive jpeg": saved(scene(), "JPEG", quality=95, progressive=True),
    "webp": saved(scene(), "WEBP", lossless=True),
    "palette": saved(scene().quantize(16)),
    "gif": saved(scene(), "GIF"),
    "transparent": saved(scene(mode="RGBA")),
    "interlaced": saved(scene(), "PNG", optimize=True),
    "cmyk": saved(scene(mode="CMYK"), "JPEG", quality=95),
    "srgb profile": saved(
        scene(), "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_every_usual_kind_of_picture_keeps_its_colours(name: str) -> None:
    """A teacher's photograph would come out in false colours, or not at all."""
    accepted = accept_picture(GOOD[name])
    assert (accepted.width_px, accepted.height_px) == (300, 200)
    assert near(colour(accepted.png, 0.75, 0.75), RED)
    assert near(colour(accepted.png, 0.25, 0.25), (20, 40, 200))
    assert accept_picture(GOOD[name]).png == accepted.png, "the same bytes each time"


def test_sixteen_bits_stay_a_ramp() -> None:
    """A measurement's picture would be white from its darkest grey on."""
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(80, 0)
    accepted = accept_picture(saved(Image.fromarray(ramp)))
    grey = [colour(accepted.png, x, 0.5)[0] for x in (0.1, 0.5, 0.9)]
    assert grey == pytest.approx([25, 128, 230], abs=3)


@pytest.mark.parametrize(
    ("orientation", "corner"), [(3, (0.75, 0.75)), (6, (0.75, 0.25)), (8, (0.25, 0.75)), (2, (0.75, 0.25))]
)
def test_a_photo_stands_upright(orientation: int, corner: tuple[float, float]) -> None:
    """A photo taken with the phone held sideways would lie on its side in the film."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    accepted = accept_picture(saved(scene(), "JPEG", quality=95, exif=exif))
    assert near(colour(accepted.png, *corner), (20, 40, 200), 25)
    assert (accepted.width_px > accepted.height_px) == (orientation < 5)


def test_a_photo_with_a_video_behind_it_is_accepted() -> None:
    """`check` would accept the photo of a phone, and the render would then refuse it."""
    photo = saved(scene(), "JPEG")
    assert accept_picture(photo + b"ftyp" + bytes(100_000)).png == accept_picture(photo).png


def test_an_animation_gives_its_first_picture_and_says_so() -> None:
    """A still of an animation would be taken from anywhere, without a word."""
    other = Image.new("RGB", (300, 200), (0, 255, 0))
    other.putpixel((0, 0), (0, 0, 0))
    accepted = accept_picture(saved(scene(), "GIF", save_all=True, append_images=[other]))
    assert near(colour(accepted.png, 0.75, 0.75), RED)
    assert accepted.notes == ("the first picture of an animation",)


def test_what_is_transparent_becomes_white() -> None:
    """A drawing on a transparent ground would become black on black."""
    drawing = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    drawing.paste((10, 10, 10, 255), (0, 0, 100, 100))
    accepted = accept_picture(saved(drawing))
    assert colour(accepted.png, 0.75, 0.75) == (255, 255, 255)


def test_a_huge_picture_is_reduced_and_says_so() -> None:
    """A film would carry forty megapixels of which a viewer sees two."""
    accepted = accept_picture(saved(scene(6000, 600), "JPEG"))
    assert accepted.width_px == LONGEST_PX
    assert "reduced" in accepted.notes[0]


def test_another_shape_than_was_asked_for_is_refused() -> None:
    """A picture that was painted square would be shown beside white bars, or be stretched."""
    accept_picture(saved(scene(302, 200)), wanted=(300, 200))
    with pytest.raises(MediaError, match="asked for"):
        accept_picture(saved(scene(200, 200)), wanted=(300, 200))


def bad() -> Iterator[tuple[str, bytes]]:
    """What must never be kept."""
    chance = random.Random(3)
    yield "empty", b""
    yield "html", b"<!doctype html><html><body>Bad gateway</body></html>"
    yield "json", b'{"error": "no"}'
    yield "svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='300' height='200'/>"
    yield "eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 200\nshowpage\n"
    yield "bmp", saved(scene(), "BMP")
    yield "tiff", saved(scene(), "TIFF")
    yield "tiny", saved(scene(20, 20))
    yield "blank", saved(Image.new("RGB", (300, 200), RED))
    yield "bomb", _png(20000, 20000, zlib.compress(bytes(4_000_000), 9))
    yield "rows missing", _png(300, 200, zlib.compress(bytes(901) * 20))
    noisy = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    files = {
        "png": saved(noisy),
        "jpeg": saved(noisy, "JPEG"),
        "webp": saved(noisy, "WEBP"),
        "gif": saved(noisy, "GIF"),
    }
    for kind, data in files.items():
        for number in range(25):
            yield f"{kind} cut {number}", data[: round(len(data) * chance.uniform(0.05, 0.985))]
    for number in range(40):
        place = chance.randrange(40, len(files["png"]) - 20)
        flipped = bytearray(files["png"])
        flipped[place] ^= 1 << chance.randrange(8)
        yield f"png flipped {number}", bytes(flipped)


def _png(width: int, height: int, pixels: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


BAD = dict(bad())


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_picture_is_refused(name: str) -> None:
    """Half a picture, with grey where the rest was, would stand in a film for a minute."""
    with pytest.raises(MediaError) as caught:
        accept_picture(BAD[name])
    assert caught.value.remedy


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_good_pictures_are_all_accepted(count: int) -> None:
    """Every picture that is refused for nothing is paid for once more."""
    chance = random.Random(11)
    for number in range(count):
        size = (chance.randint(64, 400), chance.randint(64, 400))
        kind = chance.choice(("PNG", "JPEG", "WEBP"))
        noise = np.random.default_rng(number).integers(0, 255, (size[1] // 8 + 1, size[0] // 8 + 1, 3), np.uint8)
        picture = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
        accepted = accept_picture(saved(picture, kind), wanted=size)
        assert (accepted.width_px, accepted.height_px) == size
