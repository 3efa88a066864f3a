"""The storyboard: all pictures of a lesson with captions in one image, small enough to embed in a web page."""

from __future__ import annotations

import io
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from video_assets.studio.core.graphemes import clusters

from .glyphs import characters_of, drawn_characters, font_files

LIMIT_BYTES = 60_000
"""Limit of the image. It becomes a data URL in the metadata of a run, and a larger one makes the page slow."""

_QUALITIES = (80, 70, 60, 50, 40, 30, 20)
_GROUND, _EDGE, _INK, _FAINT = "#f3f4f6", "#c9ced6", "#1b2430", "#5b6675"


class Cell(NamedTuple):
    """One picture (in any format that Pillow reads) with the captions below it."""

    picture: bytes
    caption: str
    subcaption: str = ""


def storyboard(cells: Sequence[Cell], fonts: Path, width_px: int = 1000) -> bytes:
    """A WebP of `width_px` with the pictures in reading order. Each caption is one line.

    `fonts` is the folder of fonts. The quality is lowered until the image has at most LIMIT_BYTES, or the lowest
    quality is reached. The same cells give the same bytes. Raises ValueError if there is no cell.
    """
    if not cells:
        raise ValueError("A storyboard needs at least one picture.")
    sheet = _sheet(cells, font_files(fonts), width_px)
    made = {}

    def fits(quality: int) -> bool:
        made[quality] = _webp(sheet, quality)
        return len(made[quality]) <= LIMIT_BYTES

    place = bisect_left(_QUALITIES, True, key=fits)
    return made[_QUALITIES[place]] if place < len(_QUALITIES) else _webp(sheet, 10)


def _webp(sheet: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    sheet.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()


def _sheet(cells: Sequence[Cell], fonts: Sequence[Path], width_px: int) -> Image.Image:
    pictures = [Image.open(io.BytesIO(cell.picture)).convert("RGB") for cell in cells]
    columns = min(len(cells), 4 if pictures[0].width >= pictures[0].height else 6)
    gap = 12
    width = (width_px - gap * (columns + 1)) // columns
    height = max(round(picture.height * width / picture.width) for picture in pictures)
    step = height + 44 + gap
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (width_px, gap + rows * step), _GROUND)
    for index, (cell, picture) in enumerate(zip(cells, pictures, strict=True)):
        x, y = gap + index % columns * (width + gap), gap + index // columns * step
        _draw_cell(sheet, cell, picture, (x, y, width, height), fonts)
    return sheet


def _draw_cell(
    sheet: Image.Image, cell: Cell, picture: Image.Image, box: tuple[int, int, int, int], fonts: Sequence[Path]
) -> None:
    x, y, width, height = box
    draw = ImageDraw.Draw(sheet)
    sheet.paste(
        picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS), (x, y)
    )
    draw.rectangle((x - 1, y - 1, x + width, y + height), outline=_EDGE)
    _draw_line(draw, (x, y + height + 6), cell.caption, 14, _INK, width, fonts)
    _draw_line(draw, (x, y + height + 25), cell.subcaption, 12, _FAINT, width, fonts)


def _draw_line(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size_px: int,
    ink: str,
    width: int,
    fonts: Sequence[Path],
) -> None:
    """Draw `text` in one line of at most `width`, with an ellipsis if it is shortened."""
    x, y = float(at[0]), at[1]
    for part, font in _shortened(" ".join(text.split()), size_px, width, fonts):
        draw.text((x, y + size_px), part, fill=ink, font=font, anchor="ls")
        x += font.getlength(part)


def _shortened(text: str, size_px: int, width: int, fonts: Sequence[Path]) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """As much of `text` as fits into `width`, in runs of one font each."""

    def kept(letters: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        shown = text if letters == len(text) else text[:letters].rstrip() + "…"
        return list(_runs(shown, size_px, fonts))

    def too_wide(letters: int) -> bool:
        return sum(font.getlength(part) for part, font in kept(letters)) > width

    if not too_wide(len(text)):
        return kept(len(text))
    return kept(max(0, bisect_left(range(len(text)), True, key=too_wide) - 1))


def _runs(text: str, size_px: int, fonts: Sequence[Path]) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
    """`text` in runs that one font can draw. Characters that no font can draw are left out."""
    part, current = "", None
    for cluster in clusters(unicodedata.normalize("NFC", text)):
        font = current if current and (cluster == " " or _draws(current, cluster)) else _font_for(cluster, fonts)
        if font is None:
            continue
        if font != current and current:
            yield part, _loaded(current, size_px)
            part = ""
        known = characters_of(font)
        part, current = part + "".join(character for character in cluster if ord(character) in known), font
    if current:
        yield part, _loaded(current, size_px)


def _font_for(cluster: str, fonts: Sequence[Path]) -> Path | None:
    upright = [font for font in fonts if font.stem.endswith("-Regular")]
    preferred = [font for font in upright if font.stem in ("Inter-Regular", "NotoSans-Regular")]
    return next((font for font in (*preferred, *upright) if _draws(font, cluster)), None)


def _draws(font: Path, cluster: str) -> bool:
    return all(ord(character) in characters_of(font) for character in drawn_characters(cluster))


@lru_cache(maxsize=64)
def _loaded(font: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size_px)
