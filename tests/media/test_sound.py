"""Sound on its way into a film: stored, decoded, resampled, brought to its loudness."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError
from video_assets.studio.media.loudness import CEILING_DBTP, level, measure_lufs
from video_assets.studio.media.sound import decode_sound, encode_flac, resample, sound_frame

RATE = 48000


def voice(seconds: float, rate_hz: int = RATE, peaky: float = 1.0) -> NDArray[np.float32]:
    """Pulses of a glottis through two formants, in syllables with pauses; the higher `peaky`, the sharper."""
    count = int(seconds * rate_hz)
    time = np.arange(count) / rate_hz
    phase = np.cumsum(110 * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * time)) / rate_hz)
    pulses = np.diff(np.floor(phase), prepend=0).astype(np.float32)
    ring = np.arange(int(0.02 * rate_hz)) / rate_hz
    formants = sum(
        np.exp(-np.pi * wide * ring) * np.sin(2 * np.pi * hz * ring) for hz, wide in ((600, 80), (1300, 120))
    )
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time) + 0.4, 0, 1)
    plain = np.convolve(pulses, np.asarray(formants))[:count] * syllables * 0.2
    return (np.sign(plain) * np.abs(plain) ** peaky).astype(np.float32)


def packed(sound: NDArray[np.float32], rate_hz: int, form: str, codec: str) -> bytes:
    """`sound` as a voice service would deliver it."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        wanted = stream.codec_context.format or "s16"
        for frame in av.AudioResampler(format=wanted, layout="mono", rate=rate_hz).resample(
            sound_frame(sound, rate_hz)
        ):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


FORMS = [
    ("wav", "pcm_s16le", 24000),
    ("wav", "pcm_f32le", 44100),
    ("flac", "flac", 22050),
    ("mp3", "libmp3lame", 24000),
    ("ogg", "libopus", 48000),
    ("adts", "aac", 24000),
]


def test_stored_sound_comes_back() -> None:
    """A learner would hear noise or clipping added each time that a section's sound is stored and read."""
    sound = np.concatenate((voice(1.0, 22050), np.array([-1.0, 1.0, 0.0, 2.0, -2.0], np.float32)))
    back, rate = decode_sound(encode_flac(sound, 22050))
    assert rate == 22050
    assert len(back) == len(sound)
    assert np.abs(back - np.clip(sound, -1, 1)).max() <= 1.01 / 32768
    assert encode_flac(sound, 22050) == encode_flac(sound.copy(), 22050)
    assert (decode_sound(encode_flac(back, 22050))[0] == back).all()


@pytest.mark.parametrize(("form", "codec", "rate_hz"), FORMS)
def test_each_form_decodes_in_place(form: str, codec: str, rate_hz: int) -> None:
    """A learner would see lips ahead of the voice if a format's priming were counted as speech."""
    sound = voice(1.5, rate_hz)
    back, rate = decode_sound(packed(sound, rate_hz, form, codec))
    assert rate == rate_hz
    assert 0 <= len(back) - len(sound) <= 3 * 1024
    overlap = np.correlate(back[: len(sound)], sound[2000:-2000], mode="valid")
    # Raw AAC states no priming; every other form says what to take off.
    assert int(overlap.argmax()) - 2000 == (1024 if form == "adts" else pytest.approx(0, abs=2))


@pytest.mark.parametrize(("form", "codec", "rate_hz"), FORMS)
@pytest.mark.parametrize("kept", [0.4, 0.9])
def test_cut_data_is_refused(form: str, codec: str, rate_hz: int, kept: float) -> None:
    """A learner would miss the end of a sentence when a download broke off unnoticed."""
    data = packed(voice(2.0, rate_hz), rate_hz, form, codec)
    with pytest.raises(MediaError, match="Decoding"):
        decode_sound(data[: int(len(data) * kept)])


def test_a_streamed_wav_without_length_is_taken() -> None:
    """An author with a streaming voice server could not use it, as it writes the header before it knows the length."""
    data = bytearray(packed(voice(1.0, 24000), 24000, "wav", "pcm_s16le"))
    at = data.find(b"data") + 4
    data[4:8] = data[at : at + 4] = b"\xff\xff\xff\xff"
    assert len(decode_sound(bytes(data))[0]) == 24000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"#EXTM3U\nfile:///etc/hostname\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        b"\x89PNG\r\n\x1a\n" * 9,
    ],
    ids=["empty", "stub", "playlist", "concat", "picture"],
)
def test_other_data_is_refused(data: bytes) -> None:
    """A school's server would read its own files for whoever answers as a voice, if playlists were followed."""
    with pytest.raises(MediaError, match="Decoding"):
        decode_sound(data)


def test_two_channels_become_one() -> None:
    """A learner would hear half the voice if only the left channel of a stereo answer were taken."""
    file = io.BytesIO()
    left, right = voice(0.5, 24000), np.zeros(12000, np.float32)
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream("pcm_f32le", rate=24000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack((left, right), 1).reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate = 24000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    mixed, _ = decode_sound(file.getvalue())
    assert np.allclose(mixed, left / 2, atol=1e-3)


@pytest.mark.parametrize("count", [1, 2, 441, 22050, 100_001])
@pytest.mark.parametrize(("before", "after"), [(22050, 48000), (24000, 48000), (44100, 48000), (48000, 16000)])
def test_resampling_keeps_length_and_place(count: int, before: int, after: int) -> None:
    """A learner would see the lips drift from the voice over a section if the length were only nearly right."""
    sound = np.zeros(count, np.float32)
    sound[count // 2] = 1
    result = resample(sound, before, after)
    assert len(result) == -(-count * after // before)
    assert abs(int(np.abs(result).argmax()) - count // 2 * after / before) <= 1


def test_resampling_keeps_the_tone() -> None:
    """A learner would hear a dull or ringing voice after a careless change of rate."""
    time = np.arange(22050) / 22050
    result = resample(np.sin(2 * np.pi * 1000 * time).astype(np.float32), 22050, 48000)
    wanted = np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    assert np.abs(result - wanted)[500:-500].max() < 2e-3


def test_the_meter_agrees_with_the_standard() -> None:
    """A school would get films of the wrong loudness, all of them. EBU Tech 3341, case 1: both channels at -23 dBFS."""
    tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(20 * RATE) / RATE)
    found = measure_lufs(tone.astype(np.float32), RATE)
    assert found.integrated_lufs == pytest.approx(-23, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(-23, abs=0.2)


def test_peaks_between_samples_are_found() -> None:
    """A learner's earphones would crackle where the wave exceeds full scale between samples. EBU Tech 3341, case 17."""
    time = np.arange(RATE)
    tone = 0.5 * np.sin(2 * np.pi * time / 4 + np.pi / 4) * np.hanning(RATE)  # sampled at 0.354, though it reaches 0.5
    assert np.abs(tone).max() < 0.36
    assert measure_lufs(tone.astype(np.float32), RATE).true_peak_dbtp == pytest.approx(-6.0, abs=0.1)


@pytest.mark.parametrize("peaky", [1.0, 1.2, 1.4])
@pytest.mark.parametrize("rate_hz", [22050, 48000])
@pytest.mark.parametrize("target", [-20.0, -16.0])
def test_any_voice_comes_to_its_loudness(peaky: float, rate_hz: int, target: float) -> None:
    """A learner would reach for the volume at every section, or hear clipping in loud ones."""
    levelled, report = level(voice(6, rate_hz, peaky) * 0.3, rate_hz, target)
    found = measure_lufs(levelled, rate_hz)
    assert found.integrated_lufs == pytest.approx(target, abs=0.3)
    assert found.true_peak_dbtp <= CEILING_DBTP + 0.1
    assert (found.integrated_lufs, found.true_peak_dbtp) == (report.integrated_lufs, report.true_peak_dbtp)


def test_the_limiter_works_only_where_it_must() -> None:
    """A learner would hear the voice pump if the gain moved away from peaks, or jumped."""
    sound = voice(4) * 0.1
    sound[2 * RATE] = 0.9
    levelled, report = level(sound, RATE)
    gain = 10 ** (report.gain_db / 20)
    assert report.limited_db > 3
    assert report.limited_share < 0.02
    assert np.allclose(levelled[:RATE], sound[:RATE] * gain, rtol=1e-3)
    assert np.allclose(levelled[3 * RATE :], sound[3 * RATE :] * gain, rtol=1e-3)
    clear = np.abs(sound) > 1e-3
    gains = levelled / np.where(clear, sound, 1)
    steps = np.diff(gains)[clear[1:] & clear[:-1]]
    assert np.abs(steps).max() < 0.01 * gain


def test_a_quiet_voice_is_only_raised() -> None:
    """A learner would hear a needlessly squeezed voice where a plain gain is enough."""
    sound = voice(4) * 0.05
    levelled, report = level(sound, RATE, target_lufs=-30)
    assert report.limited_db == 0
    assert np.allclose(levelled, sound * 10 ** (report.gain_db / 20), rtol=1e-3)


@pytest.mark.parametrize("seconds", [0.02, 0.15, 0.39, 0.41])
def test_a_single_word_has_a_loudness(seconds: float) -> None:
    """An author whose section says "No." would get an error, or a word that bursts out."""
    tone = (0.02 * np.sin(2 * np.pi * 500 * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)
    levelled, report = level(tone, RATE, target_lufs=-20)
    assert report.integrated_lufs == pytest.approx(-20, abs=0.3)
    assert 0.1 < np.abs(levelled).max() < 0.2


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(RATE, np.float32)], ids=["nothing", "silence"])
def test_silence_is_refused(sound: NDArray[np.float32]) -> None:
    """A learner would get a section of amplified noise where a voice failed."""
    with pytest.raises(MediaError, match="silent"):
        level(sound, RATE)


def test_clicks_cannot_be_made_loud() -> None:
    """A learner would hear a wreck of a sound if it were forced to a loudness that it cannot have."""
    clicks = np.zeros(5 * RATE, np.float32)
    clicks[:: RATE // 4] = 0.5
    with pytest.raises(MediaError, match="too peaky"):
        level(clicks, RATE)
