"""The inputs of the Typst template for one slide, as plain data, and the inline markup of slide texts.

Does not belong here: the content of a slide (`slide_plan`), or calling Typst.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.frame_layout import Box, FrameLayout
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.lesson.model import Table
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest

from .diagram_inputs import check_formulas, diagram_inputs, diagram_texts
from .diagram_list import ListedPart, diagram_list
from .equations.equation_lines import equation_lines
from .equations.latex_to_typst import typeset_latex
from .inline_text import RIGHT_TO_LEFT, template_text
from .themes import Theme, load_theme

LAYOUTS = (
    "title",
    "bullets",
    "equation",
    "code",
    "table",
    "picture",
    "statement",
    "diagram",
    "diagram-list",
    "labels",
    "end",
)
_LISTS = ("diagram-list",)
"""Layouts that the project chooses, and no author."""

FALLBACK_FAMILIES = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans Devanagari",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Math",
    "Noto Sans Symbols",
    "Noto Sans Symbols2",
    "Noto Emoji",
)
"""Families after the theme's own, in this order. Typst itself finds a font for a script that only one font has."""

MOST_CROPPED = 0.08
"""The share of its width, or of its height, that a picture may lose at a side to fill the frame.

A picture of 3:2 loses 7.8 % at the top and at the bottom of a frame of 16:9.
"""

_CJK = frozenset(("zh", "ja", "ko", "yue"))

_NUMBER = re.compile(r"[-−+~≈<>≤≥±]?\s*[$€£]?\s*\d[\d.,   \u202f]*(?:[eE×^−+\d-]*)\s*(?:%|‰|°|[A-Za-zµΩ°/]{1,5})?")


class Typesetting(NamedTuple):
    """The inputs of the template. `files` maps the names of files in `inputs` to digests in the request's files."""

    inputs: dict[str, Any]
    files: dict[str, str]


def texts_of(slide: Slide) -> Iterator[tuple[str, str]]:
    """The JSON pointer (relative to the section) and the text of everything on the slide; texts may be empty."""
    for name in ("title", "subtitle", "statement", "footer", "equation"):
        yield f"/{name}", getattr(slide, name)
    for name in ("bullets", "labels"):
        for index, text in enumerate(getattr(slide, name)):
            yield f"/{name}/{index}", text
    if slide.code:
        yield "/code/text", slide.code.text
    if slide.table:
        yield from _table_texts(slide.table)
    for index, label in enumerate(slide.picture_labels):
        yield f"/labels/{index}/text", label.text
    if slide.diagram:
        yield from diagram_texts(slide.diagram)


def _table_texts(table: Table) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(table.header):
        yield f"/table/header/{index}", text
    for row, cells in enumerate(table.rows):
        for column, text in enumerate(cells):
            yield f"/table/rows/{row}/{column}", text


def typesetting(request: PictureRequest) -> Typesetting:
    """The inputs of the template for `request`.

    Raises EquationInvalid, ContentError for a slide without the content that its layout shows, and SettingInvalid for a
    theme or colour that does not exist.
    """
    slide, theme = request.slide, load_theme(request.look.theme, request.look.accent)
    check_content(slide)
    files = {}
    if slide.layout == "picture" and slide.picture:
        files["picture"] = slide.picture.digest
    if request.look.logo:
        files["logo"] = request.look.logo
    language = _language(request.language)
    inputs = _place(request.stage) | _looks(theme) | language
    inputs["picture_pages"] = []
    inputs["looks"] = [look.model_dump() for look in request.looks]
    inputs |= _words(slide, language["lang"]) | _parts(slide, theme, language["lang"])
    return Typesetting(inputs=inputs, files=files)


def check_content(slide: Slide) -> None:
    """Raise ContentError if the layout of `slide` lacks its content, or cannot show it; EquationInvalid."""
    if slide.layout not in LAYOUTS + _LISTS:
        raise ContentError(
            f"There is no layout {slide.layout!r}.", remedy=f"Take one of {', '.join(LAYOUTS)}.", place="/layout"
        )
    needed = {
        "bullets": slide.bullets,
        "statement": slide.statement,
        "diagram": slide.diagram,
        "diagram-list": slide.diagram,
        "labels": slide.labels,
        "equation": slide.equation.strip(),
        "code": slide.code and slide.code.text.strip(),
        "table": slide.table and (slide.table.rows or slide.table.header),
        "picture": slide.picture,
        "title": slide.title.strip(),
        "end": slide.title.strip() or slide.subtitle.strip(),
    }
    if not needed[slide.layout]:
        raise ContentError(
            f"The layout {slide.layout!r} has nothing to show.",
            remedy="Give it that content, or remove the layout.",
            place="/layout",
        )
    if slide.layout == "equation":
        typeset_latex(slide.equation)
    if slide.layout in ("diagram", "diagram-list") and slide.diagram:
        check_formulas(slide.diagram)
    if slide.layout == "table" and slide.table:
        _check_table(slide.table)


def _check_table(table: Table) -> None:
    ragged = [i for i, row in enumerate(table.rows) if len(row) > len(table.header or row)]
    if ragged:
        raise ContentError(
            f"A table row has more cells than the header has columns ({len(table.header)}).",
            remedy="Give every column a header.",
            place=f"/table/rows/{ragged[0]}",
        )


def _box(box: Box | None) -> dict[str, int] | None:
    return box.model_dump() if box else None


def _place(stage: FrameLayout) -> dict[str, Any]:
    return {
        "width": stage.width_px,
        "height": stage.height_px,
        "unit": min(stage.width_px, stage.height_px) / 720,
        "content": _box(stage.content),
        "keep": _box(stage.keep_clear),
        "panel": None if stage.keep_clear else _box(stage.presenter),
    }


def _looks(theme: Theme) -> dict[str, Any]:
    fonts = theme.fonts.model_dump()
    for face in ("heading", "body", "mono"):
        fonts[face] = [*fonts[face], *(f for f in FALLBACK_FAMILIES if f not in fonts[face])]
    return {
        "colours": theme.colours.model_dump(),
        "fonts": fonts,
        "own": sorted({*theme.fonts.heading, *theme.fonts.body, *theme.fonts.mono}),
        "leading": theme.fonts.leading,
        "tracking": theme.fonts.heading_tracking,
        "backdrop": theme.backdrop,
        "radius": theme.radius,
    }


def _language(tag: str) -> dict[str, Any]:
    language, subtags = primary_subtag(tag), tag.replace("_", "-").split("-")[1:]
    if not re.fullmatch("[a-z]{2,3}", language):
        language = "en"
    regions = [subtag.upper() for subtag in subtags if re.fullmatch("[A-Za-z]{2}", subtag)]
    traditional = language == "zh" and any(subtag.lower() == "hant" for subtag in subtags)
    region = regions[0] if regions else ("TW" if traditional else None)
    return {"lang": language, "region": region, "rtl": language in RIGHT_TO_LEFT, "cjk": language in _CJK}


def _rough_columns(line: str) -> int:
    """The number of columns of `line` in a monospaced font, in which Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)


def _words(slide: Slide, language: str) -> dict[str, Any]:
    return {
        "layout": slide.layout,
        "alt": slide.alt,
        **{
            name: template_text(getattr(slide, name), language) for name in ("title", "subtitle", "statement", "footer")
        },
        **{
            name: [shown for text in getattr(slide, name) if (shown := template_text(text, language))]
            for name in ("bullets", "labels")
        },
    }


def _parts(slide: Slide, theme: Theme, language: str) -> dict[str, Any]:
    """The inputs that only the slide's layout needs. Content for other layouts is not read."""
    parts: dict[str, Any] = {}
    if slide.layout == "equation":
        lines = [line.columns for line in equation_lines(slide.equation)]
        parts["equation"] = {**typeset_latex(slide.equation)._asdict(), "lines": lines}
    if slide.layout == "code" and slide.code:
        text = unicodedata.normalize("NFC", slide.code.text).expandtabs(4).strip("\n")
        widest = max(text.split("\n"), key=_rough_columns)
        language_name = slide.code.language.lower()
        parts["code"] = {"lang": language_name, "text": text, "widest": widest, "theme": code_theme(theme)}
    if slide.layout == "table" and slide.table:
        parts["table"] = _table(slide, language)
    if slide.layout == "picture" and slide.picture:
        may_fill = slide.picture.painted or (slide.picture.focus is not None and not slide.picture_labels)
        parts["crop"] = MOST_CROPPED if may_fill else 0
        parts["focus"] = slide.picture.focus
        parts["picture_labels"] = [
            {"words": template_text(label.text, language), "at": label.at} for label in slide.picture_labels
        ]
    if slide.layout == "diagram" and slide.diagram:
        parts["diagram"] = diagram_inputs(slide.diagram, language)
    if slide.layout == "diagram-list" and slide.diagram:
        parts["listed"] = [_list_item(part, language) for part in diagram_list(slide.diagram, language)]
    return parts


def _list_item(part: ListedPart, language: str) -> dict[str, Any]:
    formula = typeset_latex(part.formula).source if part.formula else ""
    return {"id": part.id, "words": template_text(part.text, language), "formula": formula, "level": part.level}


def _table(slide: Slide, language: str) -> dict[str, Any]:
    table = slide.table
    assert table is not None
    columns = max(len(row) for row in (table.header, *table.rows))
    rows = [[*row, *[""] * (columns - len(row))] for row in table.rows]
    header = [*table.header, *[""] * (columns - len(table.header))] if table.header else []
    right = [_is_numeric([row[i] for row in rows]) for i in range(columns)]
    # A number, its groups of digits and its unit stay on one line.
    rows = [
        [" ".join(cell.split()).replace(" ", "\u00a0") if right[i] else cell for i, cell in enumerate(row)]
        for row in rows
    ]
    return {
        "columns": columns,
        "right": right,
        "header": [template_text(text, language) for text in header],
        "rows": [[template_text(text, language) for text in row] for row in rows],
    }


def _is_numeric(cells: list[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip() not in ("", "–", "—", "-")]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)


_SCOPES = {
    "keyword": "keyword, storage, storage.modifier, constant.language, variable.language, entity.name.tag",
    "string": "string, constant.character, markup.raw",
    "number": "constant.numeric, constant.other, support.constant",
    "comment": "comment, punctuation.definition.comment",
    "function": "entity.name.function, support.function, variable.function, meta.function-call.generic, markup.heading",
    "type": "entity.name.type, entity.name.class, storage.type.class, support.type, support.class, entity.other",
}


def code_theme(theme: Theme) -> str:
    """The theme's colours of code as a TextMate theme, which Typst's highlighter reads."""
    colours = theme.code.model_dump()
    rules = "".join(
        f"<dict><key>scope</key><string>{escape(scopes, quote=False)}</string><key>settings</key><dict>"
        f"<key>foreground</key><string>{colours[name]}</string></dict></dict>"
        for name, scopes in _SCOPES.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>name</key><string>slide</string>'
        "<key>settings</key><array><dict><key>settings</key><dict><key>foreground</key>"
        f"<string>{theme.colours.text}</string></dict></dict>{rules}</array></dict></plist>"
    )
