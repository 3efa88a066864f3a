"""The pictures of the documentation: each is there, and the page of diagrams shows every kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from benchmarks.diagram_sheet import FORMATS, PAGE, PICTURES, diagram_examples, with_picture_lines
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.slides.themes import list_themes

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
KINDS = [get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Diagram)[0])]
SHEETS = [PICTURES / f"{theme.id}-{form}.webp" for theme in list_themes() for form in FORMATS]


def test_every_kind_has_its_example_and_its_picture() -> None:
    """An author would choose a kind without having seen it. `python -m benchmarks.diagram_sheet` paints it."""
    assert list(diagram_examples(PAGE.read_text("utf-8"))) == KINDS
    for kind in KINDS:
        with Image.open(PICTURES / f"{kind}.webp") as picture:
            assert picture.width / picture.height == pytest.approx(16 / 9)


def test_the_page_shows_all_pictures() -> None:
    """A kind would have a picture that no page shows. `python -m benchmarks.diagram_sheet` adds the line."""
    page = PAGE.read_text("utf-8")
    assert with_picture_lines(page) == page
    assert {path.name for path in PICTURES.iterdir()} == {f"{kind}.webp" for kind in KINDS} | {s.name for s in SHEETS}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_documents_name_no_missing_picture(page: Path) -> None:
    """A reader would see the sign of a broken picture."""
    named = re.findall(r"\]\(([^)#:]+\.(?:webp|png|svg|jpg))\)", page.read_text("utf-8"))
    assert [name for name in named if not (page.parent / name).is_file()] == []


def test_the_pictures_are_small() -> None:
    """Everyone who clones the project would load megabytes of pictures."""
    assert all(sheet.stat().st_size < 300_000 for sheet in SHEETS)
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 2_500_000
