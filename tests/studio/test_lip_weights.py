"""Weights that a user brings: both published forms are read, nothing is run, and whatever is wrong is named."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.seeded_weights import write_checkpoint
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.lipsync.engines.wav2lip import only_checkpoint
from video_assets.studio.lipsync.network.model import Wav2Lip
from video_assets.studio.lipsync.network.weights import checkpoint_digest, folded, load_weights, read_checkpoint

State = dict[str, Any]


def test_a_state_dictionary_with_an_optimizer_is_read(checkpoint: Path, calibrated_state: State) -> None:
    """Whoever has wav2lip.pth: its keys begin with `module.`."""
    state = read_checkpoint(checkpoint)
    assert all(torch.equal(state[name], value) for name, value in calibrated_state.items())


def test_torchscript_is_read(tmp_path: Path, seeded_state: State) -> None:
    """Whoever has Wav2Lip-SD-GAN.pt, which is what is published today."""
    network = Wav2Lip()
    network.load_state_dict(seeded_state)
    traced = torch.jit.trace(network.eval(), (torch.zeros(1, 1, 80, 16), torch.zeros(1, 6, 96, 96)), check_trace=False)
    torch.jit.save(traced, tmp_path / "Wav2Lip-SD-GAN.pt")
    state = read_checkpoint(tmp_path / "Wav2Lip-SD-GAN.pt")
    assert all(torch.equal(state[name], value) for name, value in seeded_state.items())


def _bomb(path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.system, (f"touch {path.parent / 'sprung'}",)

    path.write_bytes(pickle.dumps({"state_dict": Trap(), "padding": b"0" * 110_000_000}))


def test_a_checkpoint_cannot_run_code(tmp_path: Path) -> None:
    """Whoever downloads weights from a stranger."""
    _bomb(tmp_path / "wav2lip.pth")
    with pytest.raises(SettingInvalid, match=r"wav2lip\.pth cannot be read"):
        read_checkpoint(tmp_path / "wav2lip.pth")
    assert not (tmp_path / "sprung").exists()


def _cut(path: Path, source: Path) -> None:
    path.write_bytes(source.read_bytes()[:120_000_000])


def _short(path: Path, source: Path) -> None:
    path.write_bytes(source.read_bytes()[:1_000_000])


def _page(path: Path, source: Path) -> None:
    path.write_bytes(b"\n  <!DOCTYPE html><html>" + b"sign in to download " * 10_000_000)


def _other_network(path: Path, source: Path) -> None:
    write_checkpoint(path, {"face_encoder.0.weight": torch.zeros(6000, 6000)})


def _missing_layer(path: Path, source: Path) -> None:
    state = read_checkpoint(source)
    write_checkpoint(path, {name: value for name, value in state.items() if not name.startswith("output_block")})


def _other_size(path: Path, source: Path) -> None:
    write_checkpoint(path, {**read_checkpoint(source), "output_block.1.weight": torch.zeros(3, 64, 1, 1)})


def _not_finite(path: Path, source: Path) -> None:
    state = read_checkpoint(source)
    write_checkpoint(path, {**state, "output_block.1.bias": torch.full((3,), float("nan"))})


def _list(path: Path, source: Path) -> None:
    torch.save([torch.zeros(30_000_000)], path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_cut, r"wav2lip\.pth cannot be read, neither as .* nor as TorchScript"),
        (_short, r"wav2lip\.pth has 1,000,000 bytes; the weights alone are 145 million"),
        (_page, r"wav2lip\.pth is a web page, not weights"),
        (_other_network, r"not Wav2Lip's generator: .* is missing; .*; and \d+ more"),
        (_missing_layer, r"not Wav2Lip's generator: output_block\.\S+ is missing"),
        (_other_size, r"output_block\.1\.weight is \(3, 64, 1, 1\) instead of \(3, 32, 1, 1\)"),
        (_not_finite, r"output_block\.1\.bias holds values that are not finite"),
        (_list, r"wav2lip\.pth holds list instead of a dictionary of weights"),
    ],
)
def test_a_wrong_file_gets_one_clear_message(
    spoil: Callable[[Path, Path], None], message: str, tmp_path: Path, checkpoint: Path
) -> None:
    """Whoever downloads weights: a cut file or a web page saved as weights is the commonest fault of all."""
    spoil(tmp_path / "wav2lip.pth", checkpoint)
    with pytest.raises(SettingInvalid, match=message) as refused:
        folded(tmp_path / "wav2lip.pth", tmp_path)
    assert refused.value.remedy
    assert not list(tmp_path.glob("*.safetensors"))


def test_no_file_is_named(tmp_path: Path) -> None:
    """Whoever mistypes the checkpoint in a presenter's file."""
    with pytest.raises(SettingInvalid, match=r"no weights at wav2lip\.pth: No such file"):
        folded(tmp_path / "wav2lip.pth", tmp_path)


def test_the_folded_copy_is_made_once_and_again_when_the_checkpoint_changes(
    tmp_path: Path, seeded_state: State
) -> None:
    """Whoever trains on: an old copy must not speak with the weights of last week."""
    checkpoint = write_checkpoint(tmp_path / "wav2lip.pth", seeded_state)
    first = folded(checkpoint, tmp_path)
    stamp = first.path.stat().st_mtime_ns
    assert folded(checkpoint, tmp_path) == first
    assert first.path.stat().st_mtime_ns == stamp
    before = load_weights(first.path)["output_block.1.bias"].copy()

    write_checkpoint(checkpoint, {**seeded_state, "output_block.1.bias": torch.ones(3)})
    second = folded(checkpoint, tmp_path)
    assert second.source != first.source
    assert checkpoint_digest(checkpoint, tmp_path) == second.source
    assert not np.array_equal(before, load_weights(second.path)["output_block.1.bias"])


def test_a_folded_copy_that_was_cut_is_made_again(tmp_path: Path, seeded_state: State) -> None:
    """Whoever's disk was full: half a copy must not be taken for one."""
    checkpoint = write_checkpoint(tmp_path / "wav2lip.pth", seeded_state)
    copy = folded(checkpoint, tmp_path).path
    copy.chmod(0o644)
    copy.write_bytes(copy.read_bytes()[:-1000])
    assert load_weights(folded(checkpoint, tmp_path).path)["output_block.1.bias"].shape == (3,)


def test_the_only_checkpoint_is_taken_and_a_choice_is_asked_for(tmp_path: Path) -> None:
    """Whoever put both published files into the folder: which one speaks must not depend on the alphabet."""
    with pytest.raises(SettingInvalid, match=r"no \.pth and no \.pt file lies in"):
        only_checkpoint(tmp_path)
    (tmp_path / "wav2lip.pth").touch()
    assert only_checkpoint(tmp_path).name == "wav2lip.pth"
    (tmp_path / "wav2lip_gan.pth").touch()
    with pytest.raises(SettingInvalid, match=r"several checkpoints .*: wav2lip\.pth, wav2lip_gan\.pth"):
        only_checkpoint(tmp_path)
