"""A film as a player sees it: streams, times, captions, chapters, loudness."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from video_assets.studio.core.errors import MediaError
from video_assets.studio.media.encode import VideoEncoding, encode_still
from video_assets.studio.media.join import ChapterMark, FilmSource, FilmTags, TextCue, write_film
from video_assets.studio.media.languages import iso_639_2
from video_assets.studio.media.loudness import level, measure_file
from video_assets.studio.media.probe import decode_all_errors, decode_frame, poster_jpeg, probe

RATE, SOUND_HZ = 25, 48000
SECONDS = 8
ENCODING = VideoEncoding(width_px=320, height_px=320, rate="25", preset="veryfast", crf=24, keyframe_seconds=2)
PICTURE = np.full((320, 320, 3), (24, 48, 40), np.uint8)
CUES = (
    TextCue(Fraction(1, 2), Fraction(2), "First, the gate {n} of V_GS\\V_T\nλ = ½ — *so*"),
    TextCue(Fraction(2), Fraction(3), "電界効果トランジスタ"),
    TextCue(Fraction(4), Fraction(11, 2), "مرحبا بالعالم ١٢٣"),
)
CHAPTERS = (
    ChapterMark(Fraction(0), Fraction(4), "Einführung — ½"),
    ChapterMark(Fraction(4), Fraction(8), "電圧"),
)
TAGS = FilmTags("Der Transistor", "de-AT", "A. Autor", "2026-03-01", "Made by lessonreel", "Eine Stunde", "CC BY 4.0")


def speech(seconds: float = SECONDS) -> np.ndarray:
    time = np.arange(int(seconds * SOUND_HZ)) / SOUND_HZ
    tones = sum(np.sin(2 * np.pi * hz * time) / number for number, hz in enumerate((130, 390, 1170, 2900), 1))
    return (0.1 * tones * np.clip(np.sin(2 * np.pi * 3 * time) + 0.5, 0, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def parts() -> tuple[bytes, ...]:
    return encode_still(PICTURE, SECONDS * RATE // 2, ENCODING) * 2


@pytest.fixture(scope="module")
def film(parts: tuple[bytes, ...]) -> FilmSource:
    sound, _ = level(speech(), SOUND_HZ)
    return FilmSource(parts, sound, SOUND_HZ, CUES, CHAPTERS, TAGS, poster_jpeg(PICTURE))


@pytest.fixture(scope="module")
def path(film: FilmSource, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("film") / "film.mp4"
    facts = write_film(where, film)
    assert (facts.frames, facts.rate, facts.bytes) == (SECONDS * RATE, "25", where.stat().st_size)
    return where


def test_streams_are_what_players_expect(path: Path) -> None:
    """A school's player would show nothing, or wrong colours, for an unusual stream."""
    found = probe(path)
    assert found.index_first
    video, sound = found.video, found.sound
    assert (video.codec, video.profile, video.pixel_format) == ("h264", "High", "yuv420p")
    assert (video.matrix, video.primaries, video.transfer, video.limited_range) == (1, 1, 1, True)
    assert video.sample_aspect == 1
    assert sound is not None
    assert (sound.codec, sound.profile, sound.rate_hz, sound.channels) == ("aac", "LC", SOUND_HZ, 2)


def test_times_are_exact(path: Path) -> None:
    """A learner would see the picture stutter, or the voice run on over the last frame."""
    found = probe(path)
    assert found.video.frames == SECONDS * RATE
    assert found.video.steps_seconds == (Fraction(1, RATE),)
    assert found.video.start_seconds == 0
    assert found.video.duration_seconds == SECONDS
    assert found.sound is not None
    assert abs(found.sound.start_seconds) <= Fraction(1, 100)
    assert abs(found.sound.duration_seconds - SECONDS) <= Fraction(1, RATE)
    assert abs(found.duration_seconds - SECONDS) <= Fraction(1, RATE)


def test_sound_is_in_step_with_the_pictures(tmp_path: Path, parts: tuple[bytes, ...]) -> None:
    """A learner would see lips ahead of or behind the voice by the encoder's priming (21 ms)."""
    clicks = np.zeros(SECONDS * SOUND_HZ, np.float32)
    pulse = (0.5 * np.hanning(96) * np.sin(np.arange(96) * 0.8)).astype(np.float32)
    for start in range(SOUND_HZ // 3, len(clicks) - 96, SOUND_HZ // 2 + 777):
        clicks[start : start + 96] = pulse
    path = tmp_path / "clicks.mp4"
    write_film(path, FilmSource(parts, clicks, SOUND_HZ))
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    assert frames[0].pts is not None
    assert frames[0].time_base is not None
    heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    size = 2 ** int(np.ceil(np.log2(len(heard) + len(clicks))))
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(clicks, size)), size)
    late = int(np.abs(match).argmax())
    late = late - size if late > size // 2 else late
    late_seconds = late / SOUND_HZ + float(frames[0].pts * frames[0].time_base)
    assert abs(late_seconds) < 0.005


def test_the_delivered_file_has_its_loudness(path: Path) -> None:
    """A learner would find this film louder or softer than every other, or hear the coder clip."""
    found = measure_file(path)
    assert found.integrated_lufs == pytest.approx(-16, abs=0.5)
    assert found.true_peak_dbtp <= -1.5


def test_captions_come_back_as_written(path: Path) -> None:
    """A deaf learner would read mangled formulas, or nothing in Japanese or Arabic."""
    captions = probe(path).captions
    assert captions is not None
    assert (captions.codec, captions.language) == ("mov_text", "deu")
    assert captions.cues == CUES


def test_chapters_and_tags_come_back(path: Path) -> None:
    """A teacher could not jump to a section, and a library could not say whose film it is."""
    found = probe(path)
    assert found.chapters == CHAPTERS
    assert found.has_cover
    wanted = {name: value for name, value in TAGS._asdict().items() if name not in {"language", "source_type"}}
    assert {name: found.tags[name] for name in wanted} == wanted
    assert found.sound is not None
    assert found.sound.language == "deu"


def test_nothing_else_is_written_into_the_file(path: Path) -> None:
    """An author would publish the hour and the software of the computer, and get other bytes from each render."""
    assert set(probe(path).tags) - set(TAGS._asdict()) == {"major_brand", "minor_version", "compatible_brands"}
    assert b"Lavf" not in path.read_bytes()
    assert b"Lavc" not in path.read_bytes()


def test_the_same_film_gives_the_same_bytes(film: FilmSource, path: Path, tmp_path: Path) -> None:
    """An author would see every film as changed after each render."""
    again = tmp_path / "other name.mp4"
    write_film(again, film)
    assert again.read_bytes() == path.read_bytes()


def test_parts_may_be_files(film: FilmSource, path: Path, tmp_path: Path) -> None:
    """An author of a lesson of hours would need all its pictures in memory at once."""
    files = []
    for number, part in enumerate(film.parts):
        files.append(tmp_path / f"{number}.part")
        assert isinstance(part, bytes)
        files[-1].write_bytes(part)
    write_film(tmp_path / "film.mp4", film._replace(parts=files))
    assert (tmp_path / "film.mp4").read_bytes() == path.read_bytes()


def test_it_decodes_without_complaint(path: Path) -> None:
    """A learner's player would stop where ours is lenient."""
    assert decode_all_errors(path) == ()


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _scribbled(data: bytes) -> bytes:
    return data[:-3000] + bytes(1500) + data[-1500:]


@pytest.mark.parametrize("damage", [_cut, _scribbled])
def test_damage_is_noticed(path: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A learner would get a film that breaks off, though its checks were green."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(damage(path.read_bytes()))
    assert decode_all_errors(broken) != ()


def test_other_files_are_not_opened(tmp_path: Path) -> None:
    """A school's server would read its own files for whoever hands in a playlist named film.mp4."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"RIFF")
    for text in (f"ffconcat version 1.0\nfile {secret}\n", f"#EXTM3U\n{secret}\n", ""):
        fake = tmp_path / "film.mp4"
        fake.write_text(text)
        with pytest.raises(MediaError, match=r"film\.mp4"):
            probe(fake)


def test_a_missing_frame_is_an_error(path: Path) -> None:
    """An author who asks to look at a moment after the end would be shown another one."""
    assert decode_frame(path, SECONDS * RATE - 1).shape == (320, 320, 3)
    with pytest.raises(MediaError, match="no frame"):
        decode_frame(path, SECONDS * RATE)


def test_parts_of_other_settings_are_refused(parts: tuple[bytes, ...], tmp_path: Path) -> None:
    """A learner's player would show green blocks from the first part that was encoded otherwise."""
    larger = encode_still(np.zeros((360, 320, 3), np.uint8), 8, ENCODING.model_copy(update={"height_px": 360}))
    with pytest.raises(MediaError, match="other parameters"):
        write_film(tmp_path / "film.mp4", FilmSource((*parts, *larger), speech(), SOUND_HZ))


@pytest.mark.parametrize("seconds", [SECONDS - 0.1, SECONDS + 0.1])
def test_lengths_that_differ_are_refused(parts: tuple[bytes, ...], tmp_path: Path, seconds: float) -> None:
    """A learner would see later sections ever further from their voice."""
    with pytest.raises(MediaError, match="last"):
        write_film(tmp_path / "film.mp4", FilmSource(parts, speech(seconds), SOUND_HZ))


def test_a_film_of_nothing_is_refused(tmp_path: Path) -> None:
    """An author would get an empty file and a green tick."""
    with pytest.raises(MediaError, match="no parts"):
        write_film(tmp_path / "film.mp4", FilmSource((), speech(), SOUND_HZ))


def test_a_plain_film_needs_no_extras(parts: tuple[bytes, ...], tmp_path: Path) -> None:
    """An author without captions, chapters or title would get an error instead of a film."""
    write_film(tmp_path / "film.mp4", FilmSource(parts, speech(), SOUND_HZ))
    found = probe(tmp_path / "film.mp4")
    assert (found.captions, found.chapters, found.has_cover) == (None, (), False)
    assert decode_all_errors(tmp_path / "film.mp4") == ()


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"),
        ("pt-BR", "por"),
        ("zh-Hans-CN", "zho"),
        ("yue", "yue"),
        ("de_AT", "deu"),
        ("", "und"),
        ("x", "und"),
    ],
)
def test_language_tags(tag: str, code: str) -> None:
    """A learner's player would offer "unknown" captions, or choose the wrong ones."""
    assert iso_639_2(tag) == code


def test_another_decoder_agrees(path: Path) -> None:
    """A learner uses another player than ours: FFmpeg's own demuxer must see the cover, too, as a whole JPEG."""
    with av.open(str(path)) as container:
        covers = [stream for stream in container.streams.video if stream.codec_context.name == "mjpeg"]
        assert len(covers) == 1
        data = [bytes(packet) for packet in container.demux(covers) if packet.size]
    with av.open(io.BytesIO(data[0]), format="jpeg_pipe") as picture:
        assert isinstance(picture, InputContainer)
        frame = next(picture.decode(video=0))
    assert (frame.width, frame.height) == (320, 320)
