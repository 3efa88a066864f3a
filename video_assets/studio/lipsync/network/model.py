"""Wav2Lip's generator as published. Its names match the published weights.

After K R Prajwal, R. Mukhopadhyay, V. Namboodiri, C V Jawahar, "A Lip Sync Expert Is All You Need for Speech to Lip
Generation In the Wild", ACM MM 2020. It has two encoders and a decoder. The window of the sound becomes 512 numbers.
The decoder expands them into a picture of 96 x 96, and at each size also takes the output of the face's encoder.

This plain form is the reference for the tests of the faster forms (`torch_generator.py`, `openvino_generator.py`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

FACE_PX = 96
LOWER_ROWS = 48
"""Rows of the picture that the network makes. The upper half is only input."""


class Conv(nn.Module):
    """Convolution, batch norm, ReLU; a residual block adds its input before the ReLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int | tuple[int, int] = 1,
        padding: int = 0,
        *,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.BatchNorm2d(outputs))
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inputs, height, width) -> (batch, outputs, height / stride, width / stride)."""
        y = self.conv_block(x)
        return torch.relu(y + x if self.residual else y)


class UpConv(nn.Module):
    """Transposed convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int, padding: int, output_padding: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ConvTranspose2d(inputs, outputs, 3, stride, padding, output_padding), nn.BatchNorm2d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inputs, height, width) -> (batch, outputs, stride * height, stride * width)."""
        return torch.relu(self.conv_block(x))


def _residual(channels: int) -> Conv:
    return Conv(channels, channels, 3, 1, 1, residual=True)


def _down(inputs: int, outputs: int, residuals: int) -> nn.Sequential:
    """Halves the size, then residual blocks."""
    return nn.Sequential(Conv(inputs, outputs, 3, 2, 1), *(_residual(outputs) for _ in range(residuals)))


def _up(inputs: int, outputs: int, residuals: int) -> nn.Sequential:
    """Doubles the size, then residual blocks."""
    return nn.Sequential(UpConv(inputs, outputs, 2, 1, 1), *(_residual(outputs) for _ in range(residuals)))


class Wav2Lip(nn.Module):
    """The generator: 36.3 million parameters, 7.93 GFLOP per picture. Names are those of the published checkpoints."""

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder_blocks = nn.ModuleList(
            [
                nn.Sequential(Conv(6, 16, 7, 1, 3)),  # 96 x 96
                _down(16, 32, 2),  # 48
                _down(32, 64, 3),  # 24
                _down(64, 128, 2),  # 12
                _down(128, 256, 2),  # 6
                _down(256, 512, 1),  # 3
                nn.Sequential(Conv(512, 512, 3), Conv(512, 512, 1)),  # 1
            ]
        )
        self.audio_encoder = nn.Sequential(  # input: a window of 80 bands x 16 columns
            *(Conv(1, 32, 3, 1, 1), _residual(32), _residual(32)),  # 80 x 16
            *(Conv(32, 64, 3, (3, 1), 1), _residual(64), _residual(64)),  # 27 x 16
            *(Conv(64, 128, 3, 3, 1), _residual(128), _residual(128)),  # 9 x 6
            *(Conv(128, 256, 3, (3, 2), 1), _residual(256)),  # 3 x 3
            *(Conv(256, 512, 3), Conv(512, 512, 1)),  # 1 x 1
        )
        self.face_decoder_blocks = (
            nn.ModuleList(  # inputs: the output of the block before, and of the encoder at that size
                [
                    nn.Sequential(Conv(512, 512, 1)),  # 1 x 1
                    nn.Sequential(UpConv(512 + 512, 512, 1, 0, 0), _residual(512)),  # 3
                    _up(512 + 512, 512, 2),  # 6
                    _up(512 + 256, 384, 2),  # 12
                    _up(384 + 128, 256, 2),  # 24
                    _up(256 + 64, 128, 2),  # 48
                    _up(128 + 32, 64, 2),  # 96
                ]
            )
        )
        self.output_block = nn.Sequential(Conv(64 + 16, 32, 3, 1, 1), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def forward(self, mel: Tensor, face: Tensor) -> Tensor:
        """Windows (batch, 1, 80, 16) and faces (batch, 6, 96, 96) -> pictures (batch, 3, 96, 96), from 0 to 1.

        A face is the target picture with its lower half black, then a reference picture; both blue, green, red.
        """
        seen, x = [], face
        for block in self.face_encoder_blocks:
            x = block(x)
            seen.append(x)
        x = self.audio_encoder(mel)
        for block in self.face_decoder_blocks:
            x = torch.cat((block(x), seen.pop()), dim=1)
        return self.output_block(x)
