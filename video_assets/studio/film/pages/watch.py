"""The page of a film: player, captions, chapters, clickable transcript, pictures, measurements and downloads.

The page is made from the files of the bundle alone. So a bundle of an earlier version gets a page without a new render.
The page is part of neither the bundle's manifest nor the film's recipe. Does not belong here: its looks (`templates/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.captions.measure import direction_of_language, is_wide
from video_assets.studio.film.bundle import MANIFEST, POSTER, QC, WATCH
from video_assets.studio.media.probe import decode_frames
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import as_store_error

from .pictures import Picture, webp, width_in_page
from .templating import PageDesign, data_url, edition, fill
from .words import CHECKS, WORDS, checks_in_words, page_words

DESIGN = PageDesign("watch.html", ("base.css", "watch.css"), ("watch.js",), (WORDS, CHECKS))
_SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "2")
_TIMES = re.compile(r"^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3}) --> (?:(\d+):)?(\d\d):(\d\d)\.(\d{3})")
_HEAD_BYTES = 400
"""The page names its edition within its first bytes, this many at most."""
_DOWNLOADS = (
    (".mp4", "film_file", True),
    (".srt", "srt_file", True),
    (".transcript.html", "transcript_page", False),
    (".transcript.txt", "transcript_text", True),
)


class _File(NamedTuple):
    name: str
    label: str
    size_bytes: int
    saved: bool
    """Whether the browser saves the file instead of showing it."""


def is_current(folder: Path) -> bool:
    """Whether the bundle in `folder` has a page of the current edition. Reads a few hundred bytes."""
    try:
        with (folder / WATCH).open("rb") as file:
            return f'name="lessonreel-page" content="{edition(DESIGN)}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False


def write_watch_page(folder: Path, *, filesystem: FileSystem) -> None:
    """Write the page of the complete bundle in `folder`. Raises StoreError, MediaError."""
    with as_store_error(f"write the page of the film in {folder}"):
        page = watch_page(folder)
        atomic_write(folder / WATCH, page.encode("utf-8", "replace"), filesystem=filesystem)


def watch_page(folder: Path) -> str:
    """The page of the bundle in `folder`. The same files give the same page. Raises OSError, MediaError."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    quality = json.loads((folder / QC).read_bytes())
    lesson, film = manifest["lesson"], manifest["film"]
    language, files = lesson["language"], manifest["files"]
    words = page_words(language)
    name = _file_ending_in(files, ".mp4")
    return fill(
        DESIGN,
        {
            "language": language,
            "direction": direction_of_language(language),
            "title": lesson["title"],
            "about": [part for part in (lesson["author"], lesson["date"], lesson["licence"]) if part],
            "seconds": float(film["seconds"]),
            "poster": POSTER,
            "film": name,
            "words": words,
            "speeds": _SPEEDS,
            "chapters": film["chapters"],
            "sections": list(_sections(manifest, folder / name)),
            "checks": checks_in_words(quality["checks"], language),
            "downloads": list(_downloads(files, words)),
            "realistic": any(section["presenter"].get("realistic") == "yes" for section in manifest["sections"]),
            "timed": {
                "label": words["captions"],
                "language": language,
                "cues": list(parse_cues((folder / _caption_file(files)).read_text("utf-8"))),
                "chapters": list(_chapters(film)),
            },
        },
    )


def parse_cues(vtt: str) -> Iterator[tuple[float, float, str]]:
    """The cues of a WebVTT file that this project wrote: start and end in seconds, and the text, still escaped."""
    for block in vtt.split("\n\n"):
        lines = block.strip("\n").split("\n")
        for index, line in enumerate(lines[:2]):
            found = _TIMES.match(line)
            if found:
                yield _seconds(found.groups()[:4]), _seconds(found.groups()[4:]), "\n".join(lines[index + 1 :])
                break


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return (hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + milliseconds) / 1000


def _chapters(film: Mapping[str, Any]) -> Iterator[tuple[float, float, str]]:
    starts = [float(chapter["start_seconds"]) for chapter in film["chapters"]]
    ends = [*starts[1:], float(film["seconds"])]
    for chapter, start, end in zip(film["chapters"], starts, ends, strict=False):
        yield start, end, chapter["title"]


def _sections(manifest: Mapping[str, Any], film: Path) -> Iterator[dict[str, Any]]:
    sections = manifest["sections"]
    for section, picture in zip(sections, _pictures(manifest, film), strict=True):
        yield {
            "title": section["title"],
            "start_seconds": section["start_seconds"],
            "spoken": list(_spoken(section["spoken"])),
            "alt": section["picture"]["alt"],
            "frame": data_url(picture.data, "image/webp"),
            "frame_width_px": picture.width_px,
            "frame_height_px": picture.height_px,
        }


def _pictures(manifest: Mapping[str, Any], film: Path) -> Iterator[Picture]:
    """The first frame of each section in the film, with slide and presenter. It is cheap to decode."""
    rate, sections = Fraction(manifest["film"]["frame_rate"]), manifest["sections"]
    frames = [round(Fraction(section["start_seconds"]) * rate) for section in sections]
    return (webp(frame, width_in_page(len(sections))) for frame in decode_frames(film, frames))


def _spoken(sentences: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    for index, sentence in enumerate(sentences):
        following = sentences[index + 1]["text"] if index + 1 < len(sentences) else ""
        yield {**sentence, "space": _space_between(sentence["text"], following)}


def _space_between(text: str, following: str) -> str:
    """A space, unless both sentences are written in a script without spaces."""
    if not text or not following:
        return ""
    return "" if is_wide(text[-1]) and is_wide(following[0]) else " "


def _downloads(files: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[_File]:
    captions = _caption_file(files)
    wanted = [(_file_ending_in(files, ending), label, saved) for ending, label, saved in _DOWNLOADS]
    wanted.insert(1, (captions, "vtt_file", True))
    for name, label, saved in wanted:
        if name:
            yield _File(name, words[label], files[name]["size_bytes"], saved)


def _caption_file(files: Mapping[str, Any]) -> str:
    return next(name for name in files if name.endswith(".vtt") and not name.endswith(".chapters.vtt"))


def _file_ending_in(files: Mapping[str, Any], ending: str) -> str:
    return next((name for name in files if name.endswith(ending)), "")
