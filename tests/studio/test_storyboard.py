"""The storyboard: all pictures on one small sheet."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from video_assets.studio.slides.storyboard import LIMIT_BYTES, Cell, storyboard

FONTS = Path(__file__).parents[2] / "data" / "fonts"


def _picture(seed: int, size: tuple[int, int] = (640, 360)) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


def test_ten_sections_fit_into_a_data_url() -> None:
    """A teacher who opens the run in the browser would wait for megabytes of preview."""
    cells = [Cell(_picture(i), f"{i + 1} · A title that is rather long for its cell", "0:12 · 23 s") for i in range(10)]
    sheet = storyboard(cells, FONTS)
    assert len(sheet) <= LIMIT_BYTES
    with Image.open(io.BytesIO(sheet)) as opened:
        assert opened.width == 1000
    assert storyboard(cells, FONTS) == sheet, "the same pictures must give the same sheet"


@pytest.mark.parametrize("text", ["光合作用", "प्रकाश", "التمثيل", "Größe", "ひらがな 한국어"])
def test_captions_are_drawn_in_any_script(text: str) -> None:
    """A teacher in Delhi or Shanghai would see empty boxes under the pictures."""
    plain, captioned = (storyboard([Cell(_picture(1), words)], FONTS, 400) for words in ("", text))
    assert plain != captioned


def test_an_empty_lesson_is_refused() -> None:
    """A caller with no sections would get a blank sheet that looks like success."""
    with pytest.raises(ValueError, match="at least one"):
        storyboard([], FONTS)
