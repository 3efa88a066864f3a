"""Reading a lesson file: its bytes to a checked `Lesson`, or to the problems with their places and remedies.

Faults of syntax, format and files are all found in one pass. Reading never raises for the content of a file, and never
opens a file outside the lesson's folder. Does not belong here: the rules of the format (`validation`).
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.errors import Problem
from video_assets.studio.core.messages import printable
from video_assets.studio.core.quantities import format_size
from video_assets.studio.core.settings import as_chain
from video_assets.studio.core.values import digest_of

from .files import FileProblem, read_inside
from .format import MAX_SECTIONS, SETTING_OF_KEY, WrittenLesson, WrittenSection, slug
from .json_source.reading import read_json
from .json_source.source import JsonPath, JsonSource, SyntaxProblem, Value, pointer
from .model import Code, Lesson, PictureFile, PictureLabel, RecordingFile, Section, Show, Table
from .recording_files import read_named_file
from .setting_places import SettingPlace, setting_places
from .validation import FormatProblem, format_problems

MAX_LESSON_BYTES = 8_000_000
MAX_PICTURES_BYTES = 200_000_000
"""Limit of all pictures of a lesson together, because they are in memory until they are in the store."""
MAX_RECORDINGS_BYTES = 400_000_000
"""The same of all recordings: half an hour of WAV, or many hours of MP3."""
MAX_PROBLEMS = 100


class ReadLesson(NamedTuple):
    """The result of reading a lesson file."""

    lesson: Lesson | None
    """None if a problem is an error."""
    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of the file."""
    digest: str
    """SHA-256 of the file's bytes; "" if the file could not be read."""
    files: Mapping[str, bytes]
    """The bytes of the pictures, the logo and the recordings by digest, as they were checked."""
    places: Mapping[str, SettingPlace] = {}
    """The place in the file of each setting, by its name in Settings, and of `language`."""
    source: JsonSource | None = None
    """The file's text, for the places of what is found later; None if there is no lesson."""


def read_lesson(path: Path, root: Path | None = None) -> ReadLesson:
    """Read and check the lesson file `path` and the pictures and recordings that it names.

    The lesson and these files must be inside the folder `root`, by name and after following links; the default is the
    lesson's own folder. Never raises for the content of files: everything wrong is in `problems`, at most MAX_PROBLEMS
    errors and warnings, and a note if there are more.
    """
    home = path.parent if root is None else root
    file = printable(str(path))
    data = read_inside(home, path, MAX_LESSON_BYTES)
    if isinstance(data, FileProblem):
        problem = Problem(file=file, code=data.code, message=data.message, remedy=data.remedy)
        return ReadLesson(None, (problem,), "", {})
    source = read_json(data)
    reader = _LessonReader(file, path.parent, home, source)
    return reader.read(_title_from(path.stem), digest_of(data))


class _NamedFiles(NamedTuple):
    """The pictures and recordings of a lesson by the JSON path at which each is named, and their bytes by digest."""

    pictures: Mapping[JsonPath, PictureFile]
    recordings: Mapping[JsonPath, RecordingFile]
    bytes_of: Mapping[str, bytes]
    faults: Sequence[FormatProblem]


class _LessonReader(NamedTuple):
    file: str
    folder: Path
    root: Path
    source: JsonSource

    def read(self, title: str, digest: str) -> ReadLesson:
        faults = [self._syntax_problem(fault) for fault in self.source.faults]
        if self.source.root is None:
            return ReadLesson(None, presented_problems(faults), digest, {})
        plain = _plain(self.source.text, self.source.root)
        found = format_problems(plain)
        files = self._named_files(plain, found)
        unread = {fault.path for fault in self.source.faults if fault.code in _VALUE_LOST}
        wrong = [fault for fault in [*found, *files.faults] if fault.path not in unread]
        problems = presented_problems([*faults, *map(self._format_problem, wrong)])
        if any(problem.severity == "error" for problem in problems):
            return ReadLesson(None, problems, digest, {})
        lesson, places = self._lesson(plain, title, files), setting_places(self.source, plain)
        return ReadLesson(lesson, problems, digest, files.bytes_of, places, self.source)

    # Problems

    def _problem(self, fault: SyntaxProblem | FormatProblem, path: JsonPath, offset: int) -> Problem:
        line, column = self.source.place(offset)
        return Problem(
            file=self.file,
            code=fault.code.replace("_", "-"),
            severity=fault.severity,
            line=line,
            column=column,
            pointer=printable(pointer(path)),
            message=fault.message,
            remedy=fault.remedy,
        )

    def _syntax_problem(self, fault: SyntaxProblem) -> Problem:
        return self._problem(fault, fault.path, fault.offset)

    def _format_problem(self, fault: FormatProblem) -> Problem:
        path, value = self.source.find(fault.path)
        if fault.at_key and fault.path:
            return self._problem(fault, path, self.source.key_offset(fault.path))
        if fault.character and isinstance(value.data, str):
            return self._problem(fault, path, self.source.text_offset(value, fault.character))
        return self._problem(fault, path, value.start)

    # Pictures and recordings

    def _named_files(self, plain: Any, found: Sequence[FormatProblem]) -> _NamedFiles:
        wrong = {fault.path for fault in found if fault.severity == "error"}
        pictures: dict[JsonPath, PictureFile] = {}
        recordings: dict[JsonPath, RecordingFile] = {}
        bytes_of: dict[str, bytes] = {}
        faults: list[FormatProblem] = []
        known: dict[tuple[str, str], bytes | FileProblem] = {}
        sizes: dict[str, dict[str, int]] = {"picture": {}, "recording": {}}
        for path, name in named_files_in(plain):
            if path in wrong:
                continue
            kind = "recording" if path[-1] == "recording" else "picture"
            data = self._named_file(name, kind, known)
            if isinstance(data, FileProblem):
                faults.append(FormatProblem(data.code, path, data.message, data.remedy))
                continue
            digest = digest_of(data)
            bytes_of[digest] = data
            sizes[kind][digest] = len(data)
            if kind == "recording":
                recordings[path] = RecordingFile(path=name, digest=digest)
            else:
                pictures[path] = PictureFile(path=name, digest=digest)
            if sum(sizes[kind].values()) > _MOST_TOGETHER[kind]:
                faults.append(FormatProblem(f"{kind}s-too-large", path, *_TOO_MUCH[kind]))
                break
        return _NamedFiles(pictures, recordings, bytes_of, faults)

    def _named_file(
        self, name: str, kind: str, known: dict[tuple[str, str], bytes | FileProblem]
    ) -> bytes | FileProblem:
        # "a.png" and "././a.png" are read once. Otherwise a lesson could name one large file thousands of times.
        key = kind, posixpath.normpath(name)
        if key not in known:
            known[key] = read_named_file(self.root, self.folder, name, kind)
        return known[key]

    # The lesson

    def _lesson(self, plain: Any, title: str, files: _NamedFiles) -> Lesson:
        written = WrittenLesson.model_validate(plain)
        logo = files.pictures.get(("settings", "logo")) or files.pictures.get(("logo",))
        return Lesson(
            title=written.title or _spelled_as_in(written.sections, title),
            language=written.language,
            author=written.author,
            licence=written.licence,
            credits=tuple(written.credits),
            date=written.date,
            description=written.description,
            logo=logo,
            pronunciations=written.pronunciations,
            settings=_settings(written),
            sections=tuple(self._sections(written.sections, files)),
        )

    def _sections(self, written: Sequence[WrittenSection], files: _NamedFiles) -> Iterator[Section]:
        for index, (section, name) in enumerate(zip(written, section_ids(written), strict=True)):
            path: JsonPath = ("sections", index)
            spoken = next(key for key in ("content", "narration", "notes") if getattr(section, key))
            yield Section(
                id=name,
                pointer=pointer(path),
                line=self.source.place(self.source.find((*path, spoken))[1].start).line,
                title=section.title,
                narration=section.content or section.narration,
                notes=section.notes,
                image_description=section.image_description,
                alt=section.alt,
                rate_percent=section.rate,
                show=_show(section, files.pictures.get((*path, "picture"))),
                reveal=section.reveal,
                picture_motion=section.picture_motion,
                recording=files.recordings.get((*path, "recording")),
            )


_MOST_TOGETHER = {"picture": MAX_PICTURES_BYTES, "recording": MAX_RECORDINGS_BYTES}
_TOO_MUCH = {
    "picture": (
        f"The pictures up to this one are larger than {format_size(MAX_PICTURES_BYTES)} together",
        "Make them smaller: a film shows 2 megapixels of each.",
    ),
    "recording": (
        f"The recordings up to this one are larger than {format_size(MAX_RECORDINGS_BYTES)} together",
        "Save them as FLAC or MP3, or divide the lesson.",
    ),
}


_VALUE_LOST = {
    "wrong-word",
    "not-a-number",
    "invalid-number",
    "number-too-large",
    "control-character",
    "lone-surrogate",
    "single-backslash",
    "unknown-escape",
    "line-break-in-text",
}
"""Codes of syntax faults after which the value is lost, so that its format is not checked."""


def _plain(text: str, value: Value, *, cells: bool = False) -> Any:
    """`value` as plain data. A number in a table's cell becomes the text that the author wrote: 2.50 keeps its zero."""
    if isinstance(value.data, dict):
        members = value.data.items()
        return {key: _plain(text, member.value, cells=cells or key in {"header", "rows"}) for key, member in members}
    if isinstance(value.data, list):
        return [_plain(text, item, cells=cells) for item in value.data]
    is_number = isinstance(value.data, int | float) and not isinstance(value.data, bool)
    return text[value.start : value.end] if cells and is_number else value.data


def named_files_in(plain: Any) -> Iterator[tuple[JsonPath, str]]:
    """The path of each picture, logo or recording that the lesson `plain` (JSON data, perhaps faulty) names, and its
    name. The last step of the path is the key that names it."""
    if not isinstance(plain, dict):
        return
    settings, sections = plain.get("settings"), plain.get("sections")
    for path, holder in (((), plain), (("settings",), settings)):
        if isinstance(holder, dict) and isinstance(holder.get("logo"), str):
            yield (*path, "logo"), holder["logo"]
    for index, section in enumerate(sections[:MAX_SECTIONS] if isinstance(sections, list) else []):
        if isinstance(section, dict):
            for key in ("picture", "recording"):
                if isinstance(section.get(key), str):
                    yield ("sections", index, key), section[key]


def presented_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """`problems` in the order of the file without repetitions, at most MAX_PROBLEMS and a note.

    If there are more, warnings are left out before errors.
    """
    ordered = sorted(set(problems), key=_position)
    by_weight = sorted(ordered, key=lambda each: each.severity != "error")
    shown, hidden = by_weight[:MAX_PROBLEMS], by_weight[MAX_PROBLEMS:]
    if not hidden:
        return tuple(ordered)
    note = {"code": "more-problems", "message": f"{len(hidden)} more problems are not listed", "pointer": ""}
    remedy = "Repair those listed, then check again."
    return (*sorted(shown, key=_position), hidden[0].model_copy(update={**note, "remedy": remedy}))


def _position(problem: Problem) -> tuple[int, int, str, str, str]:
    return problem.line, problem.column, problem.code, problem.pointer, problem.message


def _title_from(stem: str) -> str:
    words = " ".join(re.split(r"[\s_-]+", printable(stem))).strip()
    return words[:1].upper() + words[1:] if words else "Lesson"


def _spelled_as_in(sections: Sequence[WrittenSection], title: str) -> str:
    """`title` with its acronyms as the narration writes them, because a file's name is often in lower case."""
    text = " ".join(section.content or section.narration or section.notes for section in sections)
    acronyms = {word.casefold(): word for word in re.findall(r"\w+", text) if sum(map(str.isupper, word)) > 1}
    return re.sub(r"\w+", lambda word: acronyms.get(word[0].casefold(), word[0]), title)


def _settings(written: WrittenLesson) -> dict[str, str | bool | int | float]:
    given = {SETTING_OF_KEY[key]: getattr(written, key) for key in SETTING_OF_KEY if getattr(written, key)}
    return {**given, **{name: as_chain(value) for name, value in written.settings.items()}}


def _show(section: WrittenSection, picture: PictureFile | None) -> Show:
    code, table = section.code, section.table
    if picture and section.focus:
        picture = picture.model_copy(update={"focus": (section.focus[0], section.focus[1])})
    return Show(
        layout=section.layout,
        bullets=tuple(section.bullets),
        equation=section.equation,
        code=Code(language=code.language, text=code.text) if code else None,
        table=Table(header=tuple(table.header), rows=tuple(map(tuple, table.rows))) if table else None,
        picture=picture,
        labels=tuple(PictureLabel(text=label.text, at=(label.at[0], label.at[1])) for label in section.labels),
        diagram=section.diagram,
    )


def section_ids(sections: Sequence[WrittenSection]) -> tuple[str, ...]:
    """The id of each section: the author's, or else words and a digest of its image description, or else of its text.

    Sections with the same description get a number in the order of occurrence. Its index is never part of an id, so
    that inserting or moving a section does not change the ids of the others.
    """
    taken = {section.id.casefold() for section in sections if section.id}
    counts: Counter[str] = Counter()
    return tuple(section.id or _free_id(_made_id(section), counts, taken) for section in sections)


def _made_id(section: WrittenSection) -> str:
    text = " ".join(
        (section.image_description.strip() or section.content or section.narration or section.notes).split()
    )
    words = slug(text[:200])
    start = words if len(words) <= 24 else words[:24].rpartition("-")[0]
    return f"{start or 'section'}-{digest_of(text.encode())[:8]}"


def _free_id(base: str, counts: Counter[str], taken: set[str]) -> str:
    while True:
        counts[base] += 1
        candidate = base if counts[base] == 1 else f"{base}-{counts[base]}"
        if candidate not in taken:
            taken.add(candidate)
            return candidate


def problems_as_text(problems: Sequence[Problem]) -> str:
    """A line per problem (`file:line:column: severity: message at pointer. remedy`) and a line with their numbers."""
    counts = Counter(problem.severity for problem in problems)
    counter = [
        f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in ("error", "warning") if counts[kind]
    ]
    return "\n".join([*map(str, problems), " and ".join(counter) or "No problems", ""])


def problems_as_json(problems: Sequence[Problem]) -> str:
    """The problems as JSON: `{"errors": n, "warnings": n, "problems": [...]}`, with the fields of Problem."""
    counts = Counter(problem.severity for problem in problems)
    listed = [problem.model_dump(mode="json") for problem in problems]
    summary = {"errors": counts["error"], "warnings": counts["warning"], "problems": listed}
    return json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
