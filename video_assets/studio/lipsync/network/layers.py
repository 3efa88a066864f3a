"""The fast form of the network as data: which layers there are, and which rows of each are needed.

A presenter's face does not change from frame to frame, and of the picture only the lower half is used. So, exactly:

- batch norm is folded into the convolution before it (`weights.py`);
- the face's encoder runs once per picture of the face, not once per frame;
- a decoder's block convolves [what was said | what was seen]. Convolution is linear: the seen half gives a constant
  *map* per face, and only the said half is computed per frame. That is 43 % of the blocks' first layers;
- walking back from rows 48..95 of the picture, each block needs its lower rows only (`Upsample`); what padding
 spoils at
  the upper edge of a cut never reaches the rows that are used.

4.51 instead of 7.93 GFLOP a frame, with the same result but for rounding.

Belongs here: that description, for every runtime. Does not belong here: arithmetic (`generator.py`, `openvino.py`).
Tests hold it to the plain network.
"""

from __future__ import annotations

from typing import NamedTuple


class Layer(NamedTuple):
    """A folded convolution with a ReLU behind it. `name` + `.weight` and `.bias` are its weights."""

    name: str
    """In the published network, without `.conv_block`."""
    stride: tuple[int, int] = (1, 1)
    padding: int = 0
    residual: bool = False
    """Whether its input is added before the ReLU."""


class Upsample(NamedTuple):
    """A block of the decoder: a transposed convolution of [said | seen], then residual blocks.

    `name` + `.said`, `.seen` and `.bias` are the transposed convolution's weights.
    """

    name: str
    said: int
    """Channels of its input that come from the block before; the others are the face's."""
    stride: int
    residuals: tuple[Layer, ...]
    leave_in: int
    """Rows of the block before that are not needed."""
    leave_out: int
    """Rows of its own output that are not needed."""
    first_row: int
    """Of the whole picture of this size, the first that is left."""

    @property
    def padding(self) -> int:
        """Of the transposed convolution, whose kernel is 3 x 3; the same at the output's far edges."""
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
"""The face's encoder; each block's output is seen by a rise, the last block's by the first."""

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
"""From a window to the 512 numbers that the decoder unfolds."""


def _rise(number: int, said: int, stride: int, residuals: int, rows: tuple[int, int, int]) -> Upsample:
    name = f"face_decoder_blocks.{number}"
    return Upsample(f"{name}.0", said, stride, _block(name, None, residuals), *rows)


# Of 3, 6, 12, 24, 48 and 96 rows. Row 48 needs row 47 before the last convolution and, two residual blocks back, row
# 45; row 45 of a doubled picture comes of rows 22 and 23; and so on.
RISES: tuple[Upsample, ...] = (
    _rise(1, 512, 1, 1, (0, 0, 0)),
    _rise(2, 512, 2, 2, (0, 0, 0)),
    _rise(3, 512, 2, 2, (0, 2, 2)),
    _rise(4, 384, 2, 2, (2, 0, 8)),
    _rise(5, 256, 2, 2, (2, 0, 20)),
    _rise(6, 128, 2, 2, (2, 1, 45)),
)

LAST = "output_block.0"
"""Like a rise's first layer, but a plain 3 x 3 convolution of [said | seen]."""
LAST_SAID, LAST_LEAVE_IN, LAST_FIRST_ROW = 64, 2, 47
COLOURS = "output_block.1"
"""1 x 1, to blue, green and red, with a sigmoid behind it."""
COLOURS_LEAVE_IN = 1
