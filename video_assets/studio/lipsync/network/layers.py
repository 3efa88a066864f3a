"""The fast form of the network as data, for every runtime: the layers, and the rows of each that are needed.

The face of a presenter does not change from frame to frame, and only the lower half of the picture is used. Therefore:

- batch norm is folded into the convolution before it (`weights.py`);
- the face's encoder runs once per picture of the face, not once per frame;
- a block of the decoder convolves [said | seen]: the features of the sound and those of the face. Convolution is
  linear. The seen half gives a constant *map* per face, and only the said half is computed per frame. This is 43 % of
  the first layers of the blocks;
- backwards from rows 48..95 of the picture, each block needs only its lower rows (`Upsample`). Errors from padding at
  the upper edge of a cut never reach the rows that are used.

This takes 4.51 instead of 7.93 GFLOP per frame and gives the same result except for rounding. Tests compare it with the
plain network (`model.py`).
"""

from __future__ import annotations

from typing import NamedTuple


class Layer(NamedTuple):
    """A folded convolution followed by a ReLU. Its weights are `name` + `.weight` and `.bias`."""

    name: str
    """The name in the published network, without `.conv_block`."""
    stride: tuple[int, int] = (1, 1)
    padding: int = 0
    residual: bool = False
    """Whether the input is added before the ReLU."""


class Upsample(NamedTuple):
    """A block of the decoder: a transposed convolution of [said | seen], then residual blocks.

    The weights of the transposed convolution are `name` + `.said`, `.seen` and `.bias`.
    """

    name: str
    said: int
    """Input channels from the block before. The others come from the face."""
    stride: int
    residuals: tuple[Layer, ...]
    leave_in: int
    """Upper rows of the block before that are not needed."""
    leave_out: int
    """Upper rows of its own output that are not needed."""
    first_row: int
    """The first remaining row of the whole picture of this size."""

    @property
    def padding(self) -> int:
        """Padding of the 3 x 3 transposed convolution; also its output padding."""
        return 1 if self.stride == 2 else 0


def _block(name: str, first: Layer | None, residuals: int, start: int = 1) -> tuple[Layer, ...]:
    rest = tuple(Layer(f"{name}.{start + number}", padding=1, residual=True) for number in range(residuals))
    return (first, *rest) if first else rest


def _down(number: int, residuals: int) -> tuple[Layer, ...]:
    name = f"face_encoder_blocks.{number}"
    return _block(name, Layer(f"{name}.0", (2, 2), 1), residuals)


FACE: tuple[tuple[Layer, ...], ...] = (
    (Layer("face_encoder_blocks.0.0", padding=3),),
    _down(1, 2),
    _down(2, 3),
    _down(3, 2),
    _down(4, 2),
    _down(5, 1),
    (Layer("face_encoder_blocks.6.0"), Layer("face_encoder_blocks.6.1")),
)
"""The face's encoder. The output of each block is an input of one rise, that of the last block of the first rise."""

SOUND: tuple[Layer, ...] = (
    Layer("audio_encoder.0", padding=1),
    *_block("audio_encoder", None, 2, 1),
    Layer("audio_encoder.3", (3, 1), 1),
    *_block("audio_encoder", None, 2, 4),
    Layer("audio_encoder.6", (3, 3), 1),
    *_block("audio_encoder", None, 2, 7),
    Layer("audio_encoder.9", (3, 2), 1),
    *_block("audio_encoder", None, 1, 10),
    Layer("audio_encoder.11"),
    Layer("audio_encoder.12"),
    Layer("face_decoder_blocks.0.0"),
)
"""From a window to the 512 numbers that the decoder expands."""


def _rise(number: int, said: int, stride: int, residuals: int, rows: tuple[int, int, int]) -> Upsample:
    name = f"face_decoder_blocks.{number}"
    return Upsample(f"{name}.0", said, stride, _block(name, None, residuals), *rows)


# For 3, 6, 12, 24, 48 and 96 rows. Row 48 needs row 47 before the last convolution and, two residual blocks back, row
# 45. Row 45 of a doubled picture needs rows 22 and 23; and so on.
RISES: tuple[Upsample, ...] = (
    _rise(1, 512, 1, 1, (0, 0, 0)),
    _rise(2, 512, 2, 2, (0, 0, 0)),
    _rise(3, 512, 2, 2, (0, 2, 2)),
    _rise(4, 384, 2, 2, (2, 0, 8)),
    _rise(5, 256, 2, 2, (2, 0, 20)),
    _rise(6, 128, 2, 2, (2, 1, 45)),
)

LAST = "output_block.0"
"""Like the first layer of a rise, but a plain 3 x 3 convolution of [said | seen]."""
LAST_SAID, LAST_LEAVE_IN, LAST_FIRST_ROW = 64, 2, 47
COLOURS = "output_block.1"
"""1 x 1, to blue, green and red, followed by a sigmoid."""
COLOURS_LEAVE_IN = 1
