"""Diagrams of what stands beside, below or inside what, filled from a description: comparison, layers, parts, sets.

Each function returns None if description and narration do not give enough. Does not belong here: how lists and
quotations are found (`arrangement_source`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from video_assets.studio.lesson.diagrams.relations import (
    Comparison,
    LabelledPart,
    LabelledParts,
    LayerOfDiagram,
    Layers,
    Matrix,
    NamedSet,
    Sets,
    Side,
)
from video_assets.studio.slides.phrases.formulas import formulas
from video_assets.studio.slides.phrases.words import sentence_cased, stems_of

from .arrangement_source import MARK, MOST_NARRATION, ArrangementSource

_MOST_LAYERS = 9
_MOST_PARTS = 8
_MOST_POINTS = 4
_MOST_CLAUSE_WORDS = 9
_MOST_NARRATED_POINTS = 2


def asked_comparison(source: ArrangementSource, *, named: bool) -> Comparison | None:
    """Two or three things side by side: by left and right, before and after, or `A versus B`.

    Sides without points get the clauses of the narration that speak of one side alone.
    """
    if not named and source.words.find("arrows", source.text):
        return None  # What stands left and right is joined, and not compared.
    dated = _sides(source, ("before", "after"), titled=True)
    if dated:
        return Comparison(kind="comparison", sides=dated, relation="before-after")
    sides = _placed_behind(source) or _sides(source, ("left", "middle", "right"))
    if not sides and named:
        sides = tuple(Side(title=title) for title in _pair(source))
    return Comparison(kind="comparison", sides=_with_points(source, sides)) if sides else None


def _with_points(source: ArrangementSource, sides: tuple[Side, ...]) -> tuple[Side, ...]:
    if any(side.points for side in sides):
        return sides
    filled = tuple(side.model_copy(update={"points": _told_of(source, side.title, sides)}) for side in sides)
    # One side with points beside one without would look as if something were missing.
    return filled if all(side.points for side in filled) else sides


def _told_of(source: ArrangementSource, title: str, sides: tuple[Side, ...]) -> tuple[str, ...]:
    """Short clauses of the narration that begin with `title` and do not speak of another side."""
    stems = {side.title: frozenset(stems_of(side.title, source.language)) for side in sides}
    others = frozenset[str]().union(*(stems[name] for name in stems if name != title)) - stems[title]
    own = stems[title].difference(*(stems[name] for name in stems if name != title))
    found = []
    for piece in (piece for clause in source.clauses for piece in re.split(r"[,:]\s", clause)):
        words = piece.strip(" .!?;").split()
        said = tuple(stems_of(piece, source.language)) if 2 < len(words) <= _MOST_CLAUSE_WORDS else ()
        if said and said[0] in own and not others.intersection(said):
            found.append(sentence_cased(" ".join(words)))
    return tuple(dict.fromkeys(found))[:_MOST_NARRATED_POINTS]


def asked_layers(source: ArrangementSource, *, named: bool) -> Layers | None:
    """Layers, the top one first."""
    words = source.words
    names, told = source.quotes(), source.text
    if len(names) < 2:
        names = source.listed(least=2)
    if len(names) < 2 and named:
        names, told = source.narrated_list(), f"{source.text} {source.spoken.text[:MOST_NARRATION]}"
    if not 2 <= len(names) <= _MOST_LAYERS:
        return None
    upwards = bool(words.find("bottom_up", told)) and not words.find("top_down", told)
    layers = tuple(LayerOfDiagram(name=name) for name in (reversed(names) if upwards else names))
    look = "section" if words.find("section_look", source.text) else "stack"
    return Layers(kind="layers", layers=layers, look=look, start="bottom" if upwards else "top")


def asked_parts(source: ArrangementSource, *, named: bool) -> LabelledParts | None:
    """A figure with its parts named around it."""
    names = source.quotes()
    if len(names) < 2:
        names = (_after_labelled(source) or source.narrated_list()) if named else _behind_colon(source)
    figure = source.title
    names = tuple(name for name in names if name.casefold() != figure.casefold())
    if any(map(formulas, names)) or not 2 <= len(names) <= _MOST_PARTS or not figure:
        return None
    return LabelledParts(kind="parts", figure=figure, parts_of_figure=tuple(LabelledPart(name=name) for name in names))


def asked_sets(source: ArrangementSource, *, named: bool) -> Sets | None:
    """Two or three sets, and what belongs to both."""
    if not named:
        return None
    shared, rest = _shared(source)
    names = source.quotes(rest)
    if len(names) < 2:
        names = _pair(source._replace(text=rest)) or source.listed((rest,), least=2)
    names = tuple(name for name in names if name not in shared)
    if not 2 <= len(names) <= 3:
        return None
    nested = bool(source.words.find("nested", source.text))
    sets = tuple(NamedSet(name=name) for name in names)
    return Sets(kind="sets", sets=sets, shared=shared[:4], arrangement="nested" if nested and not shared else "overlap")


def _shared(source: ArrangementSource) -> tuple[tuple[str, ...], str]:
    """What lies in the overlap, and the description without it: `with A in the middle`, `overlap: A`."""
    match = source.words.find("shared", source.text)
    if match is None:
        return (), source.text
    joint = rf"(?:,\s*|\s(?:{source.words.any_of('list_heads', 'and')})\s+)"
    before = re.search(rf"{joint}((?:(?!{MARK}|[,.;]).)*{MARK}?)\s+$", source.text[: match.start()], re.IGNORECASE)
    if before and (label := source.label(before[1])):
        return (label,), source.text[: before.start()] + " " + source.text[match.end() :]
    behind = source.text[match.end() :]
    items = source.items(re.split(r"[.;]\s", behind.lstrip(" :"))[0])
    return items, source.text[: match.start()]


def asked_matrix(source: ArrangementSource, *, named: bool) -> Matrix | None:
    """Cells by rows and columns, or a Punnett square."""
    if not named:
        return None
    found = {role: source.words.find(role, source.text) for role in ("columns", "rows", "cells")}
    starts = {role: match for role, match in found.items() if match}
    if "columns" not in starts or "rows" not in starts:
        return _punnett(source)
    ends = sorted(match.start() for match in starts.values())
    named_by = {
        role: source.items(
            source.text[match.end() : min((e for e in ends if e > match.start()), default=None)].strip(" :.")
        )
        for role, match in starts.items()
    }
    columns, rows = named_by["columns"], _listed_after(source, starts["rows"]) or named_by["rows"]
    cells = next((each for each in _cells(source, starts) if len(each) == len(columns) * len(rows)), ())
    if not cells:
        return None
    width = len(columns)
    by_row = tuple(cells[start : start + width] for start in range(0, len(cells), width))
    return Matrix(kind="matrix", columns=columns, rows=rows, cells=by_row)


def _listed_after(source: ArrangementSource, match: re.Match[str]) -> tuple[str, ...]:
    """The labels behind `match`, up to the next semicolon or sentence."""
    return source.items(re.split(r"[;.]\s", source.text[match.end() :].strip(" :"))[0])


def _cells(source: ArrangementSource, starts: dict[str, re.Match[str]]) -> Iterator[tuple[str, ...]]:
    """What may be the cells: the labels behind their word, or those behind the headings of columns and rows.

    Cells may be equal, so quoted ones are counted as often as they stand there.
    """
    if "cells" in starts:
        start = starts["cells"].end()
        end = min((match.start() for match in starts.values() if match.start() > start), default=None)
        yield from _labels_of_cells(source, source.text[start:end])
    behind = max(match.end() for role, match in starts.items() if role != "cells")
    for rest in re.split(r"[;.]\s", source.text[behind:], maxsplit=1)[1:]:
        yield from _labels_of_cells(source, rest)


def _labels_of_cells(source: ArrangementSource, text: str) -> Iterator[tuple[str, ...]]:
    yield tuple(filter(None, map(source.quote, re.findall(MARK, text))))
    yield source.items(text.strip(" :."))


_CROSS = re.compile(r"\b([A-Z])([a-zA-Z])\b\W*(?:x|×|with|and|mit|et|y|by)\W*\b([A-Z])([a-zA-Z])\b")


def _punnett(source: ArrangementSource) -> Matrix | None:
    """The square of a cross such as `Bb × Bb`, if each of its cells is named in description or narration."""
    said = f"{source.written(source.text)} {source.spoken.text}"
    cross = _CROSS.search(said)
    if cross is None or len({letter.lower() for letter in cross.groups()}) != 1:
        return None
    columns, rows = cross.groups()[:2], cross.groups()[2:]
    cells = tuple(tuple("".join(sorted(row + column)) for column in columns) for row in rows)
    if not all(re.search(rf"\b{cell}\b", said) for row in cells for cell in row):
        return None
    return Matrix(kind="matrix", columns=columns, rows=rows, cells=cells)


def _behind_colon(source: ArrangementSource) -> tuple[str, ...]:
    return source.listed(tuple(sentence for sentence in source.sentences if re.search(r"[:：]\s", sentence)))


def _after_labelled(source: ArrangementSource) -> tuple[str, ...]:
    """The longest enumeration behind a word such as `labelled`, or behind the colon after it; of equals the last."""
    best: tuple[str, ...] = ()
    for sentence in source.sentences:
        for match in re.finditer(source.words.any_of("labelled"), sentence, re.IGNORECASE):
            items = source.items(re.split(r"[:：]\s?", sentence[match.end() :])[-1])
            best = items if len(items) >= max(len(best), 2) else best
    return best or source.listed()


def _placed_behind(source: ArrangementSource) -> tuple[Side, ...]:
    """The sides of `a lake on the left, a desert on the right`."""
    left, right = source.words.any_of("left"), source.words.any_of("right")
    joint = rf"(?:[,;.]|(?:{source.words.any_of('and')})\s)"
    pattern = rf"([^.;:]+?)\s+(?:{left})\s*{joint}\s*([^.;:]+?)\s+(?:{right})\s*(?:[,.;]|$)"
    match = re.search(pattern, source.text, re.IGNORECASE)
    if match is None:
        return ()
    before = re.split(rf"\s(?:{source.words.any_of('list_heads')})\s", match[1], flags=re.IGNORECASE)[-1]
    sides = (_side(source, re.split(r",\s", before)[-1], ""), _side(source, match[2], ""))
    return tuple(side for side in sides if side) if all(sides) and sides[0] != sides[1] else ()


def _sides(source: ArrangementSource, roles: tuple[str, ...], *, titled: bool = False) -> tuple[Side, ...]:
    """The sides that the description places, in the order of `roles`. With `titled`, the place is the title."""
    found: list[tuple[re.Match[str], str]] = []
    for role in roles:
        if match := _place(source, role, found[-1][0].end() if found else 0):
            found.append((match, role))
    if len(found) < 2 or (len(found) == 2 and found[0][1] != roles[0]) or found[-1][1] != roles[-1]:
        return ()
    starts = [match.start() for match, _ in found]
    ends = [*starts[1:], len(source.text)]
    sides = []
    for (match, _), end in zip(found, ends, strict=True):
        text = re.split(r"(?<=[.!?।。])\s", source.text[match.end() : end].lstrip(" :,–—-"), maxsplit=1)[0]
        side = _side(source, text, match[0].strip().capitalize() if titled else "")
        if side is None:
            return ()
        sides.append(side)
    titles = {side.title for side in sides}
    return tuple(sides) if len(titles) == len(sides) else ()


def _place(source: ArrangementSource, role: str, start: int) -> re.Match[str] | None:
    """Where the words of a place stand behind `start`; rather with a colon behind them."""
    words = source.words.any_of(role)
    for pattern in (rf"(?:{words})(?=\s*:)", words):
        if match := re.compile(pattern, re.IGNORECASE).search(source.text, start):
            return match
    return None


def _side(source: ArrangementSource, text: str, title: str) -> Side | None:
    quoted = source.quotes(text)
    first = re.split(rf"[,;.]\s|{MARK}", text, maxsplit=1)[0]
    plain = source.label(first)
    # A single quotation names the side; several are its labels, unless the side begins with its name.
    placed = bool(re.match(rf"\W*{MARK}", text)) or len(quoted) == 1
    names = quoted if quoted and (placed or not plain) else (*filter(None, (plain,)), *quoted)
    if title:
        return Side(title=title, points=names[:_MOST_POINTS]) if names else None
    return Side(title=names[0], points=names[1 : 1 + _MOST_POINTS]) if names else None


def _pair(source: ArrangementSource) -> tuple[str, ...]:
    """The things of `A versus B` and `comparison of A and B`, or else the only two quotations."""
    words = source.words
    for sentence in source.sentences:
        match = words.find("compare", sentence)
        rest = re.split(r"[.:;]\s", sentence[match.end() :].lstrip(" :"))[0] if match else ""
        # What follows the comma of `arteries and veins, red and blue` may be a direction.
        for text in (rest, rest.split(", ")[0]):
            if len(items := source.items(text)) in (2, 3):
                return items
    for sentence in source.sentences:
        pieces = re.split(rf"\s+(?:{words.any_of('versus')})\s+", sentence, maxsplit=1, flags=re.IGNORECASE)
        if len(pieces) == 2:
            heads = list(re.finditer(words.any_of("list_heads"), pieces[0], re.IGNORECASE))
            before = pieces[0][heads[-1].end() :] if heads else re.split(r"[:,]\s", pieces[0])[-1]
            labels = (source.label(before), source.label(re.split(r"[,;.]\s?", pieces[1])[0]))
            if all(labels) and labels[0] != labels[1]:
                return labels
    quoted = source.quotes()
    return quoted if len(quoted) in (2, 3) else ()
