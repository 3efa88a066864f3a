"""Sound files as servers really write them: sizes that nobody knew, chunks in any order, files joined unchanged."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.media.test_sound import voice
from video_assets.studio.core.errors import MediaError
from video_assets.studio.media.sound import decode_sound, encode_flac, sound_frame

ANSWERS = Path(__file__).parent / "answers"
RATE_HZ = 24000
SAID = voice(0.6, RATE_HZ)
SAMPLES = (np.clip(SAID, -1, 1) * 32767).astype("<i2").tobytes()
UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0xFFFFFFFF - 36, 0x7FFFFFFF, 0x7FFFF000, 2_000_000_000, 1_000_000_000, 0x80000000)


def chunk(name: bytes, body: bytes, *, padded: bool = True) -> bytes:
    """A chunk of a RIFF file."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2 if padded else 0)


FORMAT = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16))
EXTENSIBLE = chunk(
    b"fmt ",
    struct.pack("<HHIIHHHHI", 0xFFFE, 1, RATE_HZ, 2 * RATE_HZ, 2, 16, 22, 16, 4)
    + bytes.fromhex("0100000000001000800000aa00389b71"),
)
OTHERS = (
    chunk(b"LIST", b"INFO" + chunk(b"ICMT", b"metadata version")),
    chunk(b"LIST", b"INFOISFT\x0d\0\0\0Lavf62.12.102\0"),
    chunk(b"LIST", b"odd length, data inside fmt "[:27]),
    chunk(b"LIST", b"odd length without padding!", padded=False),
    chunk(b"JUNK", bytes(28)),
    chunk(b"fact", struct.pack("<I", len(SAMPLES) // 2)),
    chunk(b"bext", b"data" * 30),
    chunk(b"id3 ", b"ID3\x04\0\0\0\0\0\0"),
    chunk(b"PEAK", bytes(16)),
)


def riff(*chunks: bytes, size: int | None = None) -> bytes:
    """A WAV file of these chunks; `size` is stated instead of the true one."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def mp3(sound: NDArray[np.float32], *, tag: str = "4", xing: bool = True, tail: bytes = b"") -> bytes:
    """`sound` as an MP3 file, with or without a tag in front, a header frame, and a tag behind."""
    file = io.BytesIO()
    options = {"id3v2_version": tag if tag != "none" else "4", "write_xing": str(int(xing))}
    with av.open(file, "w", format="mp3", options=options) as container:
        stream: Any = container.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format or "s16p", layout="mono", rate=RATE_HZ)
        for frame in resampler.resample(sound_frame(sound, RATE_HZ)):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    data = file.getvalue()
    if tag == "none" and data.startswith(b"ID3"):
        data = data[10 + sum(byte << 7 * (3 - place) for place, byte in enumerate(data[6:10])) :]
    return data + tail


TAILS = {
    "nothing": b"",
    "ID3v1": b"TAG" + b"a title".ljust(125, b"\0"),
    "APE": b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8),
    "zeros": bytes(40),
}


def likeness(found: NDArray[np.float32], said: NDArray[np.float32]) -> float:
    """The correlation of two sounds of nearly one length."""
    count = min(len(found), len(said))
    return float(np.corrcoef(found[:count], said[:count])[0, 1])


@given(
    before=st.lists(st.sampled_from(OTHERS), max_size=4),
    between=st.lists(st.sampled_from(OTHERS), max_size=4),
    behind=st.lists(st.sampled_from(OTHERS), max_size=3),
    form=st.sampled_from((FORMAT, EXTENSIBLE)),
)
def test_chunks_in_any_order_are_walked_through(
    before: list[bytes], between: list[bytes], behind: list[bytes], form: bytes
) -> None:
    """A teacher's server that writes a comment before the samples would be asked eight times, and never heard."""
    sound, rate_hz = decode_sound(riff(*before, form, *between, chunk(b"data", SAMPLES), *behind))
    assert (len(sound), rate_hz) == (len(SAID), RATE_HZ)
    assert np.abs(sound - SAID).max() < 1e-3


@given(
    between=st.lists(st.sampled_from(OTHERS), max_size=3),
    stated=st.sampled_from(UNKNOWN_SIZES) | st.integers(256_000_001, 0xFFFFFFFF),
    whole=st.sampled_from(UNKNOWN_SIZES) | st.none(),
)
def test_a_size_that_nobody_knew_is_no_promise(between: list[bytes], stated: int, whole: int | None) -> None:
    """A server that streams its WAV states two billion bytes: its whole answers would be refused as cut ones."""
    data = riff(FORMAT, *between, b"data" + struct.pack("<I", stated) + SAMPLES, size=whole)
    for longest in (None, 30.0):
        assert len(decode_sound(data, longest_seconds=longest)[0]) == len(SAID)


@given(seconds=st.integers(31, 5000))
def test_a_length_beyond_all_that_was_asked_is_no_promise(seconds: int) -> None:
    """A server whose invented length is an hour, not a day, would be refused for it."""
    data = riff(FORMAT, b"data" + struct.pack("<I", seconds * RATE_HZ * 2) + SAMPLES)
    assert len(decode_sound(data, longest_seconds=30.0)[0]) == len(SAID)


@given(kept=st.floats(0.05, 0.99), between=st.lists(st.sampled_from(OTHERS), max_size=2))
def test_a_cut_wav_is_refused_wherever_its_samples_begin(kept: float, between: list[bytes]) -> None:
    """A learner would miss the end of a sentence whose download broke off."""
    whole = riff(FORMAT, *between, chunk(b"data", SAMPLES))
    with pytest.raises(MediaError, match="promises"):
        decode_sound(whole[: len(whole) - int(len(SAMPLES) * (1 - kept)) - 2], longest_seconds=30.0)


@pytest.mark.parametrize("stated", [None, 0xFFFFFFFF])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_joined_wav_files_are_heard_to_their_end(count: int, stated: int | None) -> None:
    """A server that sends each sentence as a file of its own would be heard with its first sentence alone."""
    samples = chunk(b"data", SAMPLES) if stated is None else b"data" + struct.pack("<I", stated) + SAMPLES
    sound, _ = decode_sound(riff(FORMAT, OTHERS[0], samples) * count, longest_seconds=30.0)
    assert np.abs(sound - np.tile(SAID, count)).max() < 1e-3


@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(("none", "3", "4")), st.booleans(), st.sampled_from(sorted(TAILS)), st.integers(3, 9)
        ),
        min_size=2,
        max_size=5,
    )
)
@example([("4", True, "nothing", 6), ("4", True, "nothing", 6)])
@example([("none", True, "ID3v1", 6), ("3", False, "APE", 4), ("none", True, "nothing", 8)])
@example([("none", False, "nothing", 3), ("none", False, "zeros", 3)])
@example([("none", True, "nothing", 3), ("none", False, "APE", 3)])
def test_joined_mp3_files_are_heard_to_their_end(parts: list[tuple[str, bool, str, int]]) -> None:
    """A reseller that glues MP3 files together would be refused, or heard with its first sentence alone."""
    sounds = [voice(tenths / 10, RATE_HZ) for *_, tenths in parts]
    files = [
        mp3(sound, tag=tag, xing=xing, tail=TAILS[tail])
        for sound, (tag, xing, tail, _) in zip(sounds, parts, strict=True)
    ]
    found, rate_hz = decode_sound(b"".join(files), longest_seconds=60.0)
    assert rate_hz == RATE_HZ
    # Each file without a header frame keeps the silence of its encoder.
    spare = 4 * 1152 * len(parts)
    assert sum(map(len, sounds)) - 1152 <= len(found) <= sum(map(len, sounds)) + spare
    if all(xing for _, xing, _, _ in parts):
        assert likeness(found, np.concatenate(sounds)) > 0.95


def test_a_cut_file_among_joined_ones_is_refused() -> None:
    """A learner would miss the last sentence of an answer that broke off in its last file."""
    joined = mp3(voice(0.8, RATE_HZ)) + mp3(voice(1.5, RATE_HZ))
    with pytest.raises(MediaError, match="promises"):
        decode_sound(joined[: len(joined) * 3 // 4])


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("form", ["flac", "ogg"])
def test_other_joined_files_are_heard_to_their_end(form: str, count: int) -> None:
    """An author who chose another format for its size would lose all sentences but the first."""
    one = encode_flac(SAID, RATE_HZ)
    if form == "ogg":
        file = io.BytesIO()
        with av.open(file, "w", format="ogg") as container:
            stream: Any = container.add_stream("libopus", rate=48000, layout="mono")
            for frame in av.AudioResampler(format="s16", layout="mono", rate=48000).resample(
                sound_frame(SAID, RATE_HZ)
            ):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        one = file.getvalue()
    single, rate_hz = decode_sound(one)
    joined, joined_rate_hz = decode_sound(one * count)
    assert joined_rate_hz == rate_hz
    assert len(joined) == count * len(single)


@given(data=st.binary(max_size=400), head=st.sampled_from((b"RIFF", b"ID3\x04\0", b"\xff\xfb\x90", b"fLaC", b"OggS\0")))
def test_damaged_files_are_refused_and_nothing_else_happens(data: bytes, head: bytes) -> None:
    """A damaged answer would stop the whole run with an error of Python instead of being asked for again."""
    try:
        decode_sound(head + data, longest_seconds=10.0)
    except MediaError as error:
        assert "Decoding" in error.message


@pytest.mark.parametrize("name", ["joined.mp3", "list.wav", "placeholder.wav"])
def test_answers_of_real_servers_are_heard_whole(name: str) -> None:
    """An author with one of these servers could not use it at all."""
    sound, rate_hz = decode_sound((ANSWERS / name).read_bytes(), longest_seconds=30.0)
    assert len(sound) / rate_hz == pytest.approx(1.507, abs=0.01)
