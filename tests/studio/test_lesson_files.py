"""Files an author names are opened only inside their folder, and are pictures or refused."""

from __future__ import annotations

import io
import os
import socket
import struct
import unicodedata
import zlib
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from video_assets.studio.lesson.files import FileProblem, PictureSize, picture_size, read_inside, read_picture


def picture(kind: str, width: int = 40, height: int = 30, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "lessons"
    inner.mkdir()
    (tmp_path / "secret.png").write_bytes(picture("PNG"))
    (inner / "a.png").write_bytes(picture("PNG"))
    (inner / "sub").mkdir()
    (inner / "sub" / "b.png").write_bytes(picture("PNG"))
    return inner


def code_of(answer: bytes | PictureSize | FileProblem) -> str:
    return answer.code if isinstance(answer, FileProblem) else ""


@pytest.mark.parametrize("name", ["a.png", "./a.png", "sub/b.png", "sub/../a.png"])
def test_pictures_inside_the_folder_are_taken(folder, name):
    """A teacher's own photograph would be refused."""
    assert isinstance(read_picture(folder, folder, name), bytes)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret.png", "outside-folder"),
        ("sub/../../secret.png", "outside-folder"),
        ("../lessons2/x.png", "outside-folder"),
        ("/etc/passwd", "outside-folder"),
        ("~/secret.png", "outside-folder"),
        ("C:\\secret.png", "outside-folder"),
        ("\\\\host\\share.png", "outside-folder"),
        ("http://127.0.0.1/a.png", "picture-is-url"),
        ("file:///etc/passwd", "picture-is-url"),
        ("data:image/png;base64,AAAA", "picture-is-url"),
        ("sub\\b.png", "missing-file"),
        ("none.png", "missing-file"),
        ("a.png/b", "missing-file"),
        ("", "missing-file"),
        ("a\0.png", "missing-file"),
        ("x" * 5000, "missing-file"),
        ("sub", "not-a-file"),
        (".", "not-a-file"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(folder, name, code):
    """A lesson from a stranger would show a file of this machine in a film, or call another machine."""
    assert code_of(read_picture(folder, folder, name)) == code


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_lesson", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["résumé.png", "übung/größe é.png", "ünter/a.png", "한국/그림.png", "tiếng Việt.png"])
def test_a_name_is_found_in_either_spelling(folder, on_disk, in_lesson, name):
    """A teacher would be told that there is no "résumé.png", and be asked whether "résumé.png" is meant."""
    path = folder / unicodedata.normalize(on_disk, name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(picture("PNG"))
    assert isinstance(read_picture(folder, folder, unicodedata.normalize(in_lesson, name)), bytes)


def test_the_spelling_in_the_lesson_is_preferred(folder):
    """A lesson would show another picture than the one that it names exactly."""
    spellings: tuple[tuple[Literal["NFC", "NFD"], str], ...] = (("NFC", "PNG"), ("NFD", "WEBP"))
    for form, colour in spellings:
        (folder / unicodedata.normalize(form, "é.png")).write_bytes(picture(colour))
    assert read_picture(folder, folder, unicodedata.normalize("NFC", "é.png")) == picture("PNG")
    assert read_picture(folder, folder, unicodedata.normalize("NFD", "é.png")) == picture("WEBP")


def test_another_spelling_leads_nowhere_else(folder):
    """A stranger's lesson would show a file of this machine, because its name is spelt in another way."""
    (folder.parent / unicodedata.normalize("NFD", "é.png")).write_bytes(picture("PNG"))
    (folder / unicodedata.normalize("NFD", "ü")).symlink_to(folder.parent)
    composed = unicodedata.normalize("NFC", "é.png")
    for name in (f"../{composed}", f"sub/../../{composed}", f"{unicodedata.normalize('NFC', 'ü')}/{composed}"):
        assert code_of(read_picture(folder, folder, name)) in {"outside-folder", "missing-file"}


def test_links_are_followed_inside_the_folder_only(folder):
    """A link in a lesson's folder would show what lies behind it to the whole class."""
    (folder / "inside.png").symlink_to("sub/b.png")
    (folder / "outside.png").symlink_to(folder.parent / "secret.png")
    (folder / "up").symlink_to(folder.parent)
    (folder / "circle.png").symlink_to("circle.png")
    assert isinstance(read_picture(folder, folder, "inside.png"), bytes)
    assert code_of(read_picture(folder, folder, "outside.png")) == "outside-folder"
    assert code_of(read_picture(folder, folder, "up/secret.png")) == "outside-folder"
    assert code_of(read_picture(folder, folder, "circle.png")) in {"outside-folder", "missing-file"}


def test_pipes_sockets_and_devices_are_refused_without_waiting(folder):
    """A pipe in the folder would hold up every lesson behind it for ever."""
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "s.png"))
        assert code_of(read_inside(folder, folder / "s.png", 100)) == "not-a-file"
    assert code_of(read_inside(folder, folder / "pipe.png", 100)) == "not-a-file"
    assert code_of(read_inside(Path("/dev"), Path("/dev/zero"), 100)) == "not-a-file"


def test_size_is_limited_while_reading(folder):
    """A file of many gigabytes would take all memory of the machine."""
    with (folder / "big").open("wb") as file:
        file.truncate(10**12)
    assert code_of(read_inside(folder, folder / "big", 1000)) == "file-too-large"


def test_a_misspelt_name_is_suggested(folder):
    """An author would search for a difference of one letter."""
    answer = read_picture(folder, folder, "A.PNG")
    assert isinstance(answer, FileProblem)
    assert answer.remedy == 'Did you mean "a.png"?'


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("WEBP", {"lossless": True})],
)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (1920, 1080)])
def test_sizes_are_read_from_headers(kind, options, size):
    """A good picture would be refused, or a slide laid out for another shape."""
    assert picture_size(picture(kind, *size, **options)) == size


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_pictures_that_were_cut_off_are_refused(kind, share):
    """A photograph whose upload broke off would appear half grey in the film."""
    data = picture(kind, 400, 300)
    assert code_of(picture_size(data[: int(len(data) * share)])) in {"picture-damaged", "picture-format"}


def test_a_photo_with_a_video_behind_it_is_accepted():
    """A teacher's photo from a phone, which appends a few seconds of video to it, would be refused as damaged."""
    assert picture_size(picture("JPEG") + b"ftyp" + b"\xff\xda" * 1_000) == (40, 30)


def test_a_flipped_bit_in_a_png_is_noticed():
    """A damaged file would give another picture on each machine."""
    data = bytearray(picture("PNG", 400, 300))
    data[len(data) // 2] ^= 1
    assert code_of(picture_size(bytes(data))) == "picture-damaged"


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(13_000, 13_000), (2**31 - 1, 1), (30_000, 10)])
def test_pixel_bombs_are_refused_by_their_header(size):
    """A picture of a few bytes would unpack to gigabytes."""
    assert code_of(picture_size(png_header(*size))) == "picture-too-large"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (picture("GIF"), "GIF"),
        (b"%PDF-1.7", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"  <svg xmlns='x'>", "SVG"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"ffconcat version 1.0", "not a PNG"),
        (b"", "not a PNG"),
    ],
)
def test_other_formats_are_named(data, word):
    """An author would read "cannot identify image" and not know that it is the SVG."""
    answer = picture_size(data)
    assert isinstance(answer, FileProblem)
    assert answer.code == "picture-format"
    assert word in answer.message


SAMPLES = [picture(kind) for kind in ("PNG", "JPEG", "WEBP")]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    st.integers(0, 2000),
)
def test_no_bytes_make_the_header_reader_fail(sample, edits, cut):
    """A hostile picture would end in a traceback instead of a message."""
    data = bytearray(sample)
    for at, byte in edits:
        data[at % len(data)] = byte
    answer = picture_size(bytes(data[: len(data) - cut % 50]))
    assert isinstance(answer, PictureSize | FileProblem)


NAMES = st.lists(
    st.sampled_from(["..", ".", "sub", "a.png", "up", "~", "", "secret.png", "\0", "é", "x" * 300]),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(parts=NAMES, absolute=st.booleans())
def test_no_name_reads_outside_the_folder(tmp_path_factory: pytest.TempPathFactory, parts, absolute):
    """A lesson from a stranger would read this machine's files by some path nobody thought of."""
    outer = tmp_path_factory.mktemp("g11", numbered=True)
    (outer / "secret.png").write_bytes(picture("PNG", 7, 7))
    (outer / "lessons" / "sub").mkdir(parents=True)
    (outer / "lessons" / "a.png").write_bytes(picture("PNG"))
    (outer / "lessons" / "up").symlink_to(outer)
    answer = read_picture(outer / "lessons", outer / "lessons", ("/" if absolute else "") + "/".join(parts))
    assert isinstance(answer, FileProblem) or picture_size(answer) == (40, 30)
