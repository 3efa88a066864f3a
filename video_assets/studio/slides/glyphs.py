"""Which characters the fonts can draw, so that no character of an author is drawn as a box.

Does not belong here: the choice of fonts (`themes`), or drawing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from video_assets.studio.core.errors import GlyphMissing
from video_assets.studio.core.graphemes import clusters

_UNSEEN = frozenset("\n\t\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff") | frozenset(
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10), 0x180E)
)
"""Characters that are never drawn, whatever the font."""


_FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})


def font_files(folder: Path) -> tuple[Path, ...]:
    """The font files under `folder`, large files last, so that Chinese fonts are not opened for a Latin text."""
    found = [path for path in folder.rglob("*") if path.suffix.lower() in _FONT_SUFFIXES]
    return tuple(sorted(found, key=lambda path: (path.stat().st_size > 1_000_000, path.relative_to(folder).as_posix())))


@lru_cache(maxsize=512)
def characters_of(path: Path, index: int = 0) -> frozenset[int]:
    """The code points in the font file's character map; none for a file that is not a font."""
    try:
        if path.suffix == ".ttc":
            with TTCollection(str(path), lazy=True) as collection:
                return frozenset(collection.fonts[index].getBestCmap() or ())
        with TTFont(path, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError):
        return frozenset()


def drawn_characters(cluster: str) -> str:
    """The characters of `cluster` (a grapheme cluster) that a font must have: without joiners and selectors."""
    return "".join(character for character in cluster if character not in _UNSEEN)


def undrawable(texts: Iterable[str], fonts: Sequence[Path]) -> frozenset[str]:
    """The clusters of `texts` that none of `fonts` can draw, and those with private-use characters.

    A font is opened only if the fonts before it cannot draw everything.
    """
    parts = (part for text in texts for part in _clusters_of(text))
    left = {part for part in map(drawn_characters, parts) if part and not part.isspace()}
    private = {part for part in left if any(unicodedata.category(character) == "Co" for character in part)}
    for font in fonts:
        if not left:
            break
        known = characters_of(font)
        left = {part for part in left if not all(ord(character) in known for character in part)}
    return frozenset(left | private)


def _clusters_of(text: str) -> Iterable[str]:
    # In ASCII every character is a cluster, except a line break of two.
    return set(text) if text.isascii() else clusters(unicodedata.normalize("NFC", text))


def first_font_with(cluster: str, fonts: Sequence[Path]) -> Path | None:
    """The first of `fonts` that can draw all of `cluster`, or None."""
    return next((font for font in fonts if all(ord(c) in characters_of(font) for c in cluster)), None)


def missing(cluster: str, place: str) -> GlyphMissing:
    """The error for a cluster that no font can draw, with its characters and its place."""
    named = ", ".join(f"{c!r} (U+{ord(c):04X} {unicodedata.name(c, 'without a name')})" for c in cluster)
    return GlyphMissing(
        f"No font here can draw {named}.",
        remedy="Write it otherwise, or put a font that has it into data/fonts.",
        place=place,
        cluster=cluster,
    )
