"""The network: equal to the published one, in its plain form and in every fast form."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from video_assets.studio.lipsync.network.mel import SILENCE, log_mel, window_starts, windows
from video_assets.studio.lipsync.network.model import LOWER_ROWS, Wav2Lip
from video_assets.studio.lipsync.network.openvino_generator import OpenVinoGenerator
from video_assets.studio.lipsync.network.precision import GATE_DB, passes_quality_test, psnr_db
from video_assets.studio.lipsync.network.runtime import Generator, encoder_inputs
from video_assets.studio.lipsync.network.torch_generator import TorchGenerator
from video_assets.studio.lipsync.network.weights import load_weights

GOLDEN = Path(__file__).parent / "golden" / "wav2lip"
Reference = dict[str, NDArray[np.float32]]


def _plain(state: dict[str, Any]) -> Wav2Lip:
    network = Wav2Lip()
    network.load_state_dict(state)
    return network.eval()


@pytest.fixture(scope="module", params=["torch", "openvino"])
def fast(request: pytest.FixtureRequest, folded_weights: Path) -> Generator:
    """Of calibrated weights."""
    weights = load_weights(folded_weights)
    if request.param == "torch":
        return TorchGenerator(weights, "cpu", "float32", 4)
    return OpenVinoGenerator(weights, "float32", 4)


def _inputs() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    throw = np.random.Generator(np.random.PCG64(12345))
    mel = throw.uniform(-4, 4, (3, 1, 80, 16)).astype(np.float32)
    return mel, throw.uniform(0, 1, (3, 6, 96, 96)).astype(np.float32)


def test_a_published_state_dictionary_fits_by_name_and_shape() -> None:
    """Whoever brings the published weights: a renamed layer would make them unreadable."""
    shapes = {name: list(value.shape) for name, value in Wav2Lip().state_dict().items()}
    assert shapes == json.loads((GOLDEN / "state_dict.json").read_text())


def test_the_plain_network_is_the_published_one(seeded_state: dict[str, Any], reference: Reference) -> None:
    """Everybody: another network with the same weights speaks with another mouth."""
    plain = _plain(seeded_state)
    mel, face = map(torch.from_numpy, _inputs())
    with torch.inference_mode():
        embedding, output = plain.audio_encoder(mel).numpy(), plain(mel, face).numpy()
    assert np.abs(embedding - reference["audio_embedding"]).max() < 1e-4
    assert np.abs(output - reference["output"]).max() < 1e-4


def test_it_hears_what_the_published_one_hears(reference: Reference) -> None:
    """Everybody: lips follow the spectrogram. Two columns at either end differ by how the sound is padded."""
    heard = log_mel(reference["wav"])
    assert heard.shape == reference["mel"].shape
    assert np.abs(heard - reference["mel"])[:, 2:-2].max() < 1e-4


def test_windows_follow_the_frame_number_exactly_for_an_hour() -> None:
    """Whoever films at 29.97: a step that is rounded drifts away from the sound."""
    rate = Fraction(30000, 1001)
    starts = window_starts(107_892, rate, 0, 10**9)
    assert all(start == 80 * frame * 1001 // 30000 for frame, start in enumerate(starts))


@pytest.mark.parametrize("lead", [0, 1, 2])
def test_a_lead_hears_whole_frames_earlier(lead: int) -> None:
    """Whoever tunes lips against sound: one step of the setting is one frame."""
    mel = np.arange(400, dtype=np.float32)[None].repeat(80, axis=0)
    heard = windows(mel, window_starts(50, Fraction(25), lead, 400))[:, 0, 0]
    begins = np.array([frame * 80 // 25 for frame in range(-lead, 50 - lead)], np.float32)
    assert np.array_equal(heard, np.where(begins < 0, SILENCE, begins))


@pytest.mark.parametrize("samples", [1, 150, 384, 3199, 3200])
def test_a_sound_shorter_than_a_window_is_heard(samples: int) -> None:
    """Whoever has a section of one short word: the published script crashes below 0.2 s."""
    mel = log_mel(np.full(samples, 0.1, np.float32))
    assert windows(mel, window_starts(3, Fraction(25), 1, mel.shape[1])).shape == (3, 80, 16)


def test_the_fast_form_is_the_plain_network_to_a_grey_level(calibrated_state: dict[str, Any], fast: Generator) -> None:
    """Everybody: a fast form that left something out would show at once in a face."""
    throw = np.random.Generator(np.random.PCG64(7))
    heard = throw.uniform(-4, 4, (10, 80, 16)).astype(np.float32)
    faces = throw.integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)
    which = [0, 1, 1, 0, 0, 1, 0, 1, 1, 0]
    made = fast.mouths(heard, fast.maps(faces), which)
    with torch.inference_mode():
        face = torch.from_numpy(encoder_inputs(faces))[which]
        output = _plain(calibrated_state)(torch.from_numpy(heard[:, None]), face).numpy()[:, ::-1, 96 - LOWER_ROWS :]
    wanted = np.rint(output.transpose(0, 2, 3, 1) * 255)
    assert made.shape == (10, 48, 96, 3)
    difference = np.abs(made - wanted)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 3e-3
    assert wanted.std(axis=0).mean() > 5, "the windows hardly differ: nothing is tested"


def test_who_is_computed_beside_whom_changes_nothing(fast: Generator) -> None:
    """Whoever renders on several devices: chunks must not show."""
    throw = np.random.Generator(np.random.PCG64(8))
    heard = throw.uniform(-4, 4, (9, 80, 16)).astype(np.float32)
    maps = fast.maps(throw.integers(0, 256, (1, 96, 96, 3), dtype=np.uint8))
    together = fast.mouths(heard, maps, [0] * 9)
    apart = np.concatenate([fast.mouths(heard[part], maps, [0] * len(heard[part])) for part in (slice(2), slice(2, 9))])
    assert np.array_equal(together, apart)


class _Painter(Generator):
    """Makes grey mouths, off by some levels in 16 bits."""

    device, runtime = "a processor", "a library 1"

    def __init__(self, precision: Any, errors: dict[str, int]) -> None:
        self.batch, self.precision = 8, precision
        self._level = 100 + errors.get(precision, 0)

    def maps(self, faces: NDArray[np.uint8]) -> Any:
        """See Generator."""
        return None

    def _whole_batches(self, windows: NDArray[np.float32], maps: Any, which: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.full((len(windows), 48, 96, 3), self._level, np.uint8)


@pytest.mark.parametrize(
    ("float16", "bfloat16", "precision"),
    [(1, 9, "float16"), (2, 1, "float16"), (3, 2, "bfloat16"), (155, 1, "bfloat16"), (3, 3, "float32")],
)
def test_16_bits_are_taken_only_where_nobody_sees_it(
    float16: int, bfloat16: int, precision: str, tmp_path: Path
) -> None:
    """Viewers: a device that computes coarsely would show in the face, and nobody would know why."""
    errors = {"float16": float16, "bfloat16": bfloat16, "float32": 0}
    chosen = passes_quality_test(
        lambda wanted: _Painter(wanted, errors), ("float16", "bfloat16"), tmp_path / "measured.json"
    )
    assert chosen.precision == precision
    if precision == "float32":
        assert chosen.psnr_db is None
        return
    assert chosen.psnr_db == pytest.approx(20 * np.log10(255 / errors[precision]), abs=0.06)
    assert chosen.psnr_db is not None
    assert chosen.psnr_db >= GATE_DB


def test_a_device_is_measured_once(tmp_path: Path) -> None:
    """Whoever renders an archive: opening both precisions for every lesson would cost seconds each."""
    notes, opened = tmp_path / "measured.json", []

    def open_as(precision: Any) -> Generator:
        opened.append(precision)
        return _Painter(precision, {"float16": 1})

    passes_quality_test(open_as, ("float16",), notes)
    passes_quality_test(open_as, ("float16",), notes)
    assert opened == ["float16", "float32", "float16"]


def test_psnr_is_what_the_formula_says() -> None:
    """Whoever reads the table of differences."""
    grey = np.full((4, 4), 100, np.uint8)
    assert psnr_db(grey, grey) == 99
    assert psnr_db(grey, grey + np.uint8(5)) == pytest.approx(20 * np.log10(51))
