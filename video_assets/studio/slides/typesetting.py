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
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.model import Table
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest

from .directions import with_isolates
from .equations.latex_to_typst import typeset_latex
from .themes import Theme, load_theme

LAYOUTS = ("title", "bullets", "equation", "code", "table", "picture", "statement", "diagram", "end")

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

_RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"))
_CJK = frozenset(("zh", "ja", "ko", "yue"))

_INLINE = re.compile(
    r"(?<![\\\w*])(?P<stars>\*\*?)(?=[^\s*])(?P<strong>[^*]*[^\s*])(?P=stars)(?![\w*])"
    r"|`(?P<code>[^`]+)`"
    r"|(?<![^\W\d²³¹½¼¾])(?P<base>[^\W\d_²³¹½¼¾])_(?:\{(?P<sub_group>[^{}]{1,24})\}|"
    r"(?P<sub>\d+(?![\d_{])|[A-Za-z][A-Za-z0-9]{0,4}(?![^\W²³¹½¼¾]|\{)))"
    r"|(?:(?<=[A-Z])|(?<=[A-Z][a-z])|(?<=\)))_(?P<count>\d+)(?![\d_{a-z])"
    r"|(?<=[\w)\]}])\^(?:\{(?P<sup_group>[^{}]{1,24})\}|(?P<sup>[-−+]?\d+|[A-Za-z+−-]))(?!\w)"
)
"""Emphasis, code, `V_DS`, the counts of a formula such as CO_2, and powers."""
_HYPHENATED = frozenset(
    ("be", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "is", "it", "lt", "nb", "nl")
) | frozenset(("nn", "pl", "pt", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk"))
"""Languages for which Typst has hyphenation patterns."""
_STANDS_ALONE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)
_UNIT = re.compile(
    rf"[ \u200b]|{_STANDS_ALONE.pattern}|(?:(?!{_STANDS_ALONE.pattern})[^ \u200b–—-]|-\u2060)+[–—-]?|[–—-]"
)
"""A space, a character of a script that is written without spaces, or a word up to and including its hyphen."""
_LONG_WORD = re.compile(r"\S{21,}")
_LETTER_HYPHEN = re.compile(r"(?<=\b\w)-(?=\w)")
_NUMBER = re.compile(r"[-−+~≈<>≤≥±]?\s*[$€£]?\s*\d[\d.,   \u202f]*(?:[eE×^−+\d-]*)\s*(?:%|‰|°|[A-Za-zµΩ°/]{1,5})?")


class Run(FrozenModel):
    """A part of a text in one style."""

    text: str
    kind: str = "plain"
    """plain, variable, sub, sup or code."""
    strong: bool = False


class Typesetting(NamedTuple):
    """The inputs of the template. `files` maps the names of files in `inputs` to digests in the request's files."""

    inputs: dict[str, Any]
    files: dict[str, str]


def inline(text: str) -> tuple[Run, ...]:
    """`text` as runs: `*so*` is strong, `V_DS` and `x^2` get subscripts and superscripts, `` `so` `` is code.

    All other characters are literal. Runs of spaces become one space, but no-break spaces (U+00A0) are kept.
    """
    words = re.split(r"[ \t\r\n\f\v]+", text.strip())
    return tuple(_runs(unicodedata.normalize("NFC", " ".join(words)), strong=False))


def _runs(text: str, *, strong: bool) -> Iterator[Run]:
    done = 0
    for match in _INLINE.finditer(text):
        found = list(_marked(match, strong=strong))
        if not found:
            continue
        if match.start() > done:
            yield Run(text=_breakable(text[done : match.start()]), strong=strong)
        yield from found
        done = match.end()
    if done < len(text):
        yield Run(text=_breakable(text[done:]), strong=strong)


def _marked(match: re.Match[str], *, strong: bool) -> Iterator[Run]:
    part = match.groupdict()
    if part["strong"]:
        yield from _runs(part["strong"], strong=True)
    elif part["code"]:
        yield Run(text=part["code"], kind="code", strong=strong)
    elif part["base"] and not _is_program_name(part["base"], part["sub"]):
        in_formula = match.string[match.end() : match.end() + 1].isalpha()
        yield Run(text=part["base"], kind="plain" if in_formula else "variable", strong=strong)
        yield Run(text=part["sub_group"] or part["sub"], kind="sub", strong=strong)
    elif part["count"]:
        yield Run(text=part["count"], kind="sub", strong=strong)
    elif sup := part["sup_group"] or part["sup"]:
        yield Run(text=sup.replace("-", "−"), kind="sup", strong=strong)


def _is_program_name(base: str, sub: str | None) -> bool:
    """`x_train` is a name in a program; `x_max` and `V_peak` are quantities."""
    return base.islower() and base.isascii() and len(sub or "") > 3


def _breakable(text: str) -> str:
    """`text` with possible line breaks after punctuation inside long words (addresses), and none in “n-channel”."""
    jointed = _LONG_WORD.sub(lambda word: re.sub(r"(?<=[/._?&=:,;|+-])(?=\w)", "\u200b", word.group()), text)
    return _LETTER_HYPHEN.sub("-\u2060", jointed)


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
        for index, text in enumerate(slide.table.header):
            yield f"/table/header/{index}", text
        for row, cells in enumerate(slide.table.rows):
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
    inputs |= _words(slide, language["lang"]) | _parts(slide, theme, language["lang"])
    return Typesetting(inputs=inputs, files=files)


def check_content(slide: Slide) -> None:
    """Raise ContentError if the layout of `slide` lacks its content, or cannot show it; EquationInvalid."""
    if slide.layout not in LAYOUTS:
        raise ContentError(
            f"There is no layout {slide.layout!r}.", remedy=f"Take one of {', '.join(LAYOUTS)}.", place="/layout"
        )
    needed = {
        "bullets": slide.bullets,
        "statement": slide.statement,
        "diagram": slide.labels,
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
    return {"lang": language, "region": region, "rtl": language in _RIGHT_TO_LEFT, "cjk": language in _CJK}


def _shown(text: str, language: str) -> dict[str, Any] | None:
    """A text for the template: its runs, and its widest parts without a line break; None for an empty text."""
    runs = inline(text)
    if not runs:
        return None
    whole = _widest(_unbreakable(runs))
    hyphenated = [_cut(unit) for unit in whole] if language in _HYPHENATED else whole
    if language in _RIGHT_TO_LEFT:
        runs = _isolated(runs)
    return {name: _dumped(value) for name, value in (("runs", runs), ("units", whole), ("slices", hyphenated))}


def _isolated(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    texts = with_isolates([run.text for run in runs], [run.kind == "code" for run in runs])
    return tuple(run.model_copy(update={"text": text}) for run, text in zip(runs, texts, strict=True))


def _dumped(value: Any) -> Any:
    return value.model_dump() if isinstance(value, Run) else [_dumped(item) for item in value]


def _unbreakable(runs: tuple[Run, ...]) -> list[list[Run]]:
    """The parts of `runs` between which a line may be broken."""
    units: list[list[Run]] = [[]]
    for run in runs:
        for match in _UNIT.finditer(run.text):
            unit = match.group()
            if unit.isspace() or unit == "\u200b":
                units.append([])
                continue
            units[-1].append(run.model_copy(update={"text": unit}))
            if unit[-1] in "-–—" or _STANDS_ALONE.fullmatch(unit):
                units.append([])
    return [unit for unit in units if unit]


def _widest(units: list[list[Run]]) -> list[list[Run]]:
    """Four of `units` that include the widest one, by an estimate of the widths of letters."""
    return sorted(units, key=lambda unit: -sum(_rough_width(run.text) for run in unit))[:4]


def _rough_width(text: str) -> float:
    narrow, wide = sum(c in "ijlft.,:;'|!()[] " for c in text), sum(c in "mwMW@—" for c in text)
    full = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) - 0.5 * narrow + 0.4 * wide + full


def _rough_columns(line: str) -> int:
    """The number of columns of `line` in a monospaced font, in which Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)


def _cut(unit: list[Run]) -> list[Run]:
    """The part of a word that cannot be hyphenated: at most 14 letters, because no language has longer syllables."""
    return [run.model_copy(update={"text": run.text[:14] + "-"}) if run.text.isalpha() else run for run in unit]


def _words(slide: Slide, language: str) -> dict[str, Any]:
    return {
        "layout": slide.layout,
        "alt": slide.alt,
        **{name: _shown(getattr(slide, name), language) for name in ("title", "subtitle", "statement", "footer")},
        **{
            name: [shown for text in getattr(slide, name) if (shown := _shown(text, language))]
            for name in ("bullets", "labels")
        },
    }


def _parts(slide: Slide, theme: Theme, language: str) -> dict[str, Any]:
    """The inputs that only the slide's layout needs. Content for other layouts is not read."""
    parts: dict[str, Any] = {}
    if slide.layout == "equation":
        parts["equation"] = typeset_latex(slide.equation)._asdict()
    if slide.layout == "code" and slide.code:
        text = unicodedata.normalize("NFC", slide.code.text).expandtabs(4).strip("\n")
        widest = max(text.split("\n"), key=_rough_columns)
        language_name = slide.code.language.lower()
        parts["code"] = {"lang": language_name, "text": text, "widest": widest, "theme": code_theme(theme)}
    if slide.layout == "table" and slide.table:
        parts["table"] = _table(slide, language)
    return parts


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
        "header": [_shown(text, language) for text in header],
        "rows": [[_shown(text, language) for text in row] for row in rows],
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
