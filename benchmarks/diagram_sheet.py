"""The pictures of docs/diagrams.md: each kind's example as a slide, and contact sheets of all kinds.

    python -m benchmarks.diagram_sheet

The examples of docs/diagrams.md are painted again, into docs/images/diagrams: one small picture for each kind, and for
each theme and format a sheet with all of them. The page gets a line for each picture that it lacks. Run it after a
change of the template, and look at the sheets.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.themes import list_themes

_ROOT = Path(__file__).resolve().parent.parent
PAGE = _ROOT / "docs" / "diagrams.md"
PICTURES = _ROOT / "docs" / "images" / "diagrams"
FORMATS: Mapping[str, tuple[int, int]] = {"landscape": (1280, 720), "square": (720, 720), "portrait": (720, 1280)}
_COLUMNS: Mapping[str, int] = {"landscape": 4, "square": 6, "portrait": 6}
_CELL_PX: Mapping[str, tuple[int, int]] = {"landscape": (448, 252), "square": (300, 300), "portrait": (252, 448)}
_SMALL_PX = (640, 360)
_GAP_PX = 8
_EXAMPLE = re.compile(r"^## ([a-z-]+)\n.*?^```json\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def diagram_examples(page: str) -> dict[str, dict[str, Any]]:
    """The example of each kind in the text of docs/diagrams.md: the value of its key `diagram`."""
    return {kind: json.loads(block)["sections"][0]["diagram"] for kind, block in _EXAMPLE.findall(page)}


def with_picture_lines(page: str) -> str:
    """`page` with one line after each example that shows the example's picture, and the links to the sheets."""
    bare = re.sub(r"^(?:!\[.*\]|\| [a-z-]+ \|.*)\(images/diagrams/.*\n\n?", "", page, flags=re.MULTILINE)
    shown = _EXAMPLE.sub(lambda found: f"{found.group()}\n{_picture_line(found[1])}\n", bare)
    rows = [f"| {theme} | " + " | ".join(_sheet_link(theme, form) for form in FORMATS) + " |\n" for theme in _themes()]
    head = "| all kinds | " + " | ".join("" for _ in FORMATS) + " |\n| --- |" + " --- |" * len(FORMATS) + "\n"
    before, first, after = shown.replace(head, "").partition("\n## ")
    return before.rstrip("\n") + "\n\n" + head + "".join(rows) + first + after


def _picture_line(kind: str) -> str:
    return f"![A slide with the example above: {kind}](images/diagrams/{kind}.webp)"


def _sheet_link(theme: str, form: str) -> str:
    return f"[{form}](images/diagrams/{theme}-{form}.webp)"


def _themes() -> list[str]:
    return [theme.id for theme in list_themes()]


def _slides(painter: SlidePictures, theme: str, form: str) -> Iterator[tuple[str, Image.Image]]:
    """Each kind with its example as it is painted in this theme and format, without a presenter."""
    adapter: TypeAdapter[Any] = TypeAdapter(Diagram)
    stage = plan_layout(*FORMATS[form], "absent")
    for kind, data in diagram_examples(PAGE.read_text("utf-8")).items():
        title = kind.replace("-", " ").capitalize()
        slide = Slide(layout="diagram", title=title, diagram=adapter.validate_python(data))
        request = PictureRequest(slide=slide, stage=stage, look=SlideStyle(theme=theme), language="en")
        yield kind, Image.open(io.BytesIO(painter.paint(request, {}))).convert("RGB")


def _sheet(slides: list[Image.Image], form: str) -> Image.Image:
    (width, height), columns = _CELL_PX[form], _COLUMNS[form]
    rows = -(-len(slides) // columns)
    sheet = Image.new("RGB", (columns * (width + _GAP_PX) - _GAP_PX, rows * (height + _GAP_PX) - _GAP_PX), "#808080")
    for number, slide in enumerate(slides):
        row, column = divmod(number, columns)
        cell = slide.resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(cell, (column * (width + _GAP_PX), row * (height + _GAP_PX)))
    return sheet


def main() -> None:
    """Paint all pictures and mend the lines of the page that show them."""
    painter = SlidePictures(_ROOT / "data" / "fonts", system_fonts=False)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, theme in enumerate(_themes()):
        for form in FORMATS:
            slides = dict(_slides(painter, theme, form))
            path = PICTURES / f"{theme}-{form}.webp"
            _sheet(list(slides.values()), form).save(path, quality=80, method=6)
            sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB\n")
            if form == "landscape":
                # The themes take turns.
                for kind in list(slides)[number :: len(_themes())]:
                    small = slides[kind].resize(_SMALL_PX, Image.Resampling.LANCZOS)
                    small.save(PICTURES / f"{kind}.webp", quality=80, method=6)
    PAGE.write_text(with_picture_lines(PAGE.read_text("utf-8")), "utf-8")
    total = sum(path.stat().st_size for path in PICTURES.iterdir())
    sys.stdout.write(f"all pictures: {total / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
