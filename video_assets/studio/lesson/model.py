"""The lesson: what an author writes, read from its file, checked and frozen.

Belongs here: the checked lesson that everything else is made from, and reading one: bytes -> JSON with places ->
faults of syntax, format and files, all at once -> a Lesson, or Problems that say where and what to do. Does not belong
here: the declared format (`lesson_format.py`), its rules (`lesson_faults.py`), or what the narration's markup means
(`script.py`). Reading never raises for anything that a file can contain, and never opens a file outside the lesson's
folder.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from video_assets.studio.core.errors import Problem
from video_assets.studio.core.messages import printable
from video_assets.studio.core.settings import as_chain
from video_assets.studio.core.values import FrozenModel, digest_of

from .files import FileProblem, read_inside, read_picture
from .format import MAX_SECTIONS, SETTING_OF_KEY, Layout, WrittenLesson, WrittenSection, slug
from .json_source.reading import read_json
from .json_source.source import JsonPath, JsonSource, SyntaxProblem, Value, pointer
from .setting_places import SettingPlace, setting_places
from .starter import starter_lesson as starter_lesson  # where callers look for it
from .validation import FormatProblem, format_problems

MAX_LESSON_BYTES = 8_000_000
MAX_PICTURES_BYTES = 200_000_000
"""All pictures of a lesson together: they are held in memory until the store has them."""
MAX_PROBLEMS = 100


# The checked lesson


class Code(FrozenModel):
    """Program text to show."""

    language: str = ""
    text: str


class Table(FrozenModel):
    """A table to show; all rows are as long as the header, if there is one."""

    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]


class PictureFile(FrozenModel):
    """A picture of the author's."""

    path: str
    """As written, relative to the lesson's folder."""
    digest: str
    """SHA-256 of the file's bytes; the lesson's manifest snapshots them into the store."""


class Show(FrozenModel):
    """What the author asked to show in a section. All optional; `layout` "auto" chooses by what is there."""

    layout: Layout = "auto"
    bullets: tuple[str, ...] = ()
    equation: str = ""
    """LaTeX mathematics, without delimiters."""
    code: Code | None = None
    table: Table | None = None
    picture: PictureFile | None = None


class Section(FrozenModel):
    """A part of the film with one picture: what is said and what is shown meanwhile."""

    id: str
    """The author's, else made from the description: it stays when sections are inserted or moved."""
    pointer: str
    """JSON pointer of the section in the file, e.g. `/sections/3`."""
    line: int
    """Line of the file (from 1) at which the section's narration starts."""
    title: str = ""
    narration: str
    """The author's text with its markup; empty where it is still to be written from `notes`."""
    notes: str = Field(default="", exclude_if=lambda notes: not notes)
    """What the narration is to be written from."""
    image_description: str = ""
    alt: str = ""
    rate_percent: int = 100
    """Of the lesson's rate."""
    show: Show = Show()


class Lesson(FrozenModel):
    """A checked lesson."""

    title: str
    """The author's, else made from the file's name."""
    language: str = "en"
    """BCP 47 tag."""
    author: str = ""
    licence: str = ""
    credits: tuple[str, ...] = ()
    date: str = ""
    description: str = ""
    logo: PictureFile | None = None
    pronunciations: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, str | bool | int | float] = Field(default_factory=dict)
    """What the lesson sets, by the names of Settings: the lesson file's layer of `resolve`."""
    sections: tuple[Section, ...]


class ReadLesson(NamedTuple):
    """What reading a lesson file gave."""

    lesson: Lesson | None
    """None when any problem is an error."""
    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of the file."""
    digest: str
    """SHA-256 of the file's bytes; empty when the file could not be read."""
    files: Mapping[str, bytes]
    """Pictures and logo by digest: the bytes that were checked, whatever the files become later."""
    places: Mapping[str, SettingPlace] = {}
    """Where the file gives each setting, by its name in Settings, and its language."""


# Reading


def read_lesson(path: Path, root: Path | None = None) -> ReadLesson:
    """Read and check the lesson file `path`, with the pictures it names.

    `root` is the folder that neither the lesson nor its pictures may leave, by name or by link; the lesson's own
    folder unless given. Never raises for the content of files: everything wrong is in `problems`, errors and
    warnings, at most 100 and a note.
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


class _Pictures(NamedTuple):
    """The pictures of a lesson: by the path in the JSON where each is named, and their bytes by digest."""

    named: Mapping[JsonPath, PictureFile]
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
            return ReadLesson(None, _presented(faults), digest, {})
        plain = _plain(self.source.text, self.source.root)
        found = format_problems(plain)
        pictures = self._pictures(plain, found)
        unread = {fault.path for fault in self.source.faults if fault.code in _VALUE_LOST}
        wrong = [fault for fault in [*found, *pictures.faults] if fault.path not in unread]
        problems = _presented([*faults, *map(self._format_problem, wrong)])
        if any(problem.severity == "error" for problem in problems):
            return ReadLesson(None, problems, digest, {})
        lesson, places = self._lesson(plain, title, pictures.named), setting_places(self.source, plain)
        return ReadLesson(lesson, problems, digest, pictures.bytes_of, places)

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

    # Pictures

    def _pictures(self, plain: Any, found: Sequence[FormatProblem]) -> _Pictures:
        wrong = {fault.path for fault in found}
        named: dict[JsonPath, PictureFile] = {}
        bytes_of: dict[str, bytes] = {}
        faults: list[FormatProblem] = []
        known: dict[str, bytes | FileProblem] = {}
        for path, name in named_pictures(plain):
            if path in wrong:
                continue
            data = self._picture(name, known)
            if isinstance(data, FileProblem):
                faults.append(FormatProblem(data.code, path, data.message, data.remedy))
                continue
            named[path] = PictureFile(path=name, digest=digest_of(data))
            bytes_of[named[path].digest] = data
            if sum(map(len, bytes_of.values())) > MAX_PICTURES_BYTES:
                faults.append(FormatProblem("pictures-too-large", path, *_TOO_MUCH))
                break
        return _Pictures(named, bytes_of, faults)

    def _picture(self, name: str, known: dict[str, bytes | FileProblem]) -> bytes | FileProblem:
        # "a.png" and "././a.png" are read once, or thousands of them could keep this busy.
        key = posixpath.normpath(name)
        if key not in known:
            known[key] = read_picture(self.root, self.folder, name)
        return known[key]

    # The lesson

    def _lesson(self, plain: Any, title: str, pictures: Mapping[JsonPath, PictureFile]) -> Lesson:
        written = WrittenLesson.model_validate(plain)
        logo = pictures.get(("settings", "logo")) or pictures.get(("logo",))
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
            sections=tuple(self._sections(written.sections, pictures)),
        )

    def _sections(
        self, written: Sequence[WrittenSection], pictures: Mapping[JsonPath, PictureFile]
    ) -> Iterator[Section]:
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
                show=_show(section, pictures.get((*path, "picture"))),
            )


_TOO_MUCH = (
    f"The pictures up to this one are larger than {MAX_PICTURES_BYTES // 1_000_000} MB together",
    "Make them smaller: a film shows 2 megapixels of each.",
)

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
"""Faults of syntax after which it makes no sense to judge the value."""


def _plain(text: str, value: Value, *, cells: bool = False) -> Any:
    """`value` as plain data. Numbers in a table's cells become the text that the author wrote: 2.50 keeps its zero."""
    if isinstance(value.data, dict):
        members = value.data.items()
        return {key: _plain(text, member.value, cells=cells or key in {"header", "rows"}) for key, member in members}
    if isinstance(value.data, list):
        return [_plain(text, item, cells=cells) for item in value.data]
    is_number = isinstance(value.data, int | float) and not isinstance(value.data, bool)
    return text[value.start : value.end] if cells and is_number else value.data


def named_pictures(plain: Any) -> Iterator[tuple[JsonPath, str]]:
    """Where the lesson `plain` (JSON data, perhaps faulty) names a picture or logo, and its name as written."""
    if not isinstance(plain, dict):
        return
    settings, sections = plain.get("settings"), plain.get("sections")
    for path, holder in (((), plain), (("settings",), settings)):
        if isinstance(holder, dict) and isinstance(holder.get("logo"), str):
            yield (*path, "logo"), holder["logo"]
    for index, section in enumerate(sections[:MAX_SECTIONS] if isinstance(sections, list) else []):
        if isinstance(section, dict) and isinstance(section.get("picture"), str):
            yield ("sections", index, "picture"), section["picture"]


def _presented(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """In the order of the file, without repetitions, and not more than an author can use; errors before warnings."""
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
    """`title` with its acronyms as the narration writes them: a file's name is often in small letters only."""
    said = " ".join(section.content or section.narration or section.notes for section in sections)
    acronyms = {word.casefold(): word for word in re.findall(r"\w+", said) if sum(map(str.isupper, word)) > 1}
    return re.sub(r"\w+", lambda word: acronyms.get(word[0].casefold(), word[0]), title)


def _settings(written: WrittenLesson) -> dict[str, str | bool | int | float]:
    given = {SETTING_OF_KEY[key]: getattr(written, key) for key in SETTING_OF_KEY if getattr(written, key)}
    return {**given, **{name: as_chain(value) for name, value in written.settings.items()}}


def _show(section: WrittenSection, picture: PictureFile | None) -> Show:
    code, table = section.code, section.table
    return Show(
        layout=section.layout,
        bullets=tuple(section.bullets),
        equation=section.equation,
        code=Code(language=code.language, text=code.text) if code else None,
        table=Table(header=tuple(table.header), rows=tuple(map(tuple, table.rows))) if table else None,
        picture=picture,
    )


def section_ids(sections: Sequence[WrittenSection]) -> tuple[str, ...]:
    """The id of every section: its own, else words and a digest of what its picture shows, else of what it says.

    Sections that describe the same picture are told apart by their occurrence. An index is never part of an id, so
    that inserting or moving a section leaves the ids of the others alone.
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


# Checking


def check_files(paths: Sequence[Path]) -> tuple[Problem, ...]:
    """Every problem of every lesson file, file by file in the order given; empty when all is well."""
    return tuple(problem for path in paths for problem in read_lesson(path).problems)


def problems_as_text(problems: Sequence[Problem]) -> str:
    """A line for each problem (`file:line:column: severity: message at pointer. remedy`) and one that counts them."""
    counts = Counter(problem.severity for problem in problems)
    counter = [
        f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in ("error", "warning") if counts[kind]
    ]
    return "\n".join([*map(str, problems), " and ".join(counter) or "No problems", ""])


def problems_as_json(problems: Sequence[Problem]) -> str:
    """The problems for programs: `{"errors": n, "warnings": n, "problems": [...]}`, fields as in Problem."""
    counts = Counter(problem.severity for problem in problems)
    listed = [problem.model_dump(mode="json") for problem in problems]
    summary = {"errors": counts["error"], "warnings": counts["warning"], "problems": listed}
    return json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
