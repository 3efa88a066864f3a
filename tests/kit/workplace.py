"""A tiny lesson made in a process of its own on a disk that fails at one operation, in one of several ways.

Stages are called directly, without Dagster. The processes are forks of one server (this file, run as a program) that
has loaded everything and started nothing: a fork of pytest itself would wait for ever for threads that other tests had
Typst start.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from PIL import Image

from resources.catalogue import picture_providers, presenter_providers, speech_providers
from resources.lesson_folder import LessonFolder
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.values import digest_of
from video_assets.studio.film import bundle
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import write_section
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.pipeline.stage_context import StageContext, StageResult
from video_assets.studio.stages.final_video import finish_film
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.stages.lip_synced_clip import make_clips
from video_assets.studio.stages.script import write_script
from video_assets.studio.stages.section_audio import speak_script
from video_assets.studio.stages.section_image import make_pictures
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import LocalStore, Record, as_store_error, read_record
from video_assets.studio.telemetry.events import EventLog

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "data"
SMALL = {
    "width_px": "320",
    "height_px": "320",
    "frame_rate": "12",
    "preset": "ultrafast",
    "title_card_ms": "0",
    "end_card_ms": "0",
}
LESSON = {
    "title": "Tiny",
    "sections": [
        {"id": "lamp", "image_description": "A lamp.", "content": "A lamp is bright."},
        {"id": "wire", "image_description": "A wire.", "content": "A wire is thin."},
    ],
}
KILLED = 137


class Ended(NamedTuple):
    """How a process ended: what its work returned, what it raised as (kind, text), or neither if it was killed."""

    code: int
    value: Any = None
    raised: list[str] | None = None
    traceback: str = ""


class Order(NamedTuple):
    """A lesson to make in `root`. `fault`, if any, happens at the operation `at`; no file can grow beyond
    `largest_bytes`, if that is given. How it ended is written to the file `told`.
    """

    root: str
    told: str
    fault: str = ""
    at: int = 0
    largest_bytes: int = 0


class Server:
    """The process whose forks make lessons."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, order: Order) -> int:
        """Have a fork begin with it; returns its process id."""
        return self._ask({"order": order})

    def join(self, pid: int) -> int:
        """Wait for the fork; returns its exit code."""
        return self._ask({"join": pid})

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=60)

    def _ask(self, request: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def serve() -> None:
    """Answer the requests of a Server until there are no more."""
    _warm_up()
    for line in sys.stdin:
        request = json.loads(line)
        if "join" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["join"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                _obey(Order(*request["order"]))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _obey(order: Order) -> None:
    """What a fork does, and nothing after it."""
    try:
        if order.largest_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (order.largest_bytes, resource.RLIM_INFINITY))
        told: dict[str, Any] = {}
        try:
            told["value"] = Workplace.make_here(order)
        except Exception as error:  # noqa: BLE001  # whatever it is, the test wants to see it
            told |= {"raised": [_kind(error), str(error)], "traceback": traceback.format_exc()}
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        Path(order.told).write_text(json.dumps(told), encoding="utf-8")
    finally:
        os._exit(0)


def _kind(error: BaseException) -> str:
    """The name of its class; that of the sections' errors for several that failed in one stage."""
    failures = getattr(error, "failures", None)
    kinds = {type(each).__name__ for each in failures.values()} if failures else {type(error).__name__}
    return "+".join(sorted(kinds))


class CountingDisk(FileSystem):
    """Counts its operations, and lets something happen instead of the n-th. One at a time, as a lesson has threads."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.log: list[str] = []
        self._turn = threading.RLock()

    def happen(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """What the n-th operation does instead of `do`."""
        return do()

    def _count(self, name: str, do: Callable[[], Any], *arguments: Any) -> Any:
        with self._turn:
            self.log.append(name)
            return self.happen(name, do, arguments) if len(self.log) == self.at else self.follow(name, do, arguments)

    def follow(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """What every other operation does."""
        return do()

    def make_folder(self, folder: Path) -> None:
        """See FileSystem."""
        self._count("make_folder", lambda: super(CountingDisk, self).make_folder(folder), folder)

    def read(self, path: Path) -> bytes:
        """See FileSystem."""
        return self._count("read", lambda: super(CountingDisk, self).read(path), path)

    def create(self, path: Path) -> BinaryIO:
        """See FileSystem."""
        return self._count("create", lambda: super(CountingDisk, self).create(path), path)

    def write(self, file: BinaryIO, data: bytes) -> None:
        """See FileSystem."""
        self._count("write", lambda: super(CountingDisk, self).write(file, data), file, data)

    def flush(self, file: BinaryIO) -> None:
        """See FileSystem."""
        self._count("flush", lambda: super(CountingDisk, self).flush(file), file)

    def protect(self, path: Path, mode: int) -> None:
        """See FileSystem."""
        self._count("protect", lambda: super(CountingDisk, self).protect(path, mode), path, mode)

    def rename(self, source: Path, target: Path) -> None:
        """See FileSystem."""
        self._count("rename", lambda: super(CountingDisk, self).rename(source, target), source, target)

    def flush_folder(self, folder: Path) -> None:
        """See FileSystem."""
        self._count("flush_folder", lambda: super(CountingDisk, self).flush_folder(folder), folder)

    def link(self, link: Path, target: str) -> None:
        """See FileSystem."""
        self._count("link", lambda: super(CountingDisk, self).link(link, target), link, target)

    def remove(self, path: Path) -> None:
        """See FileSystem."""
        self._count("remove", lambda: super(CountingDisk, self).remove(path), path)

    def remove_tree(self, folder: Path) -> None:
        """See FileSystem."""
        self._count("remove_tree", lambda: super(CountingDisk, self).remove_tree(folder), folder)


class KillingDisk(CountingDisk):
    """Its process is killed in the middle of the n-th operation: a write has written half."""

    def happen(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """See CountingDisk."""
        _write_half(name, arguments)
        os._exit(KILLED)


class RefusingDisk(CountingDisk):
    """Its n-th operation fails; a full disk (ENOSPC) stays full for whoever writes."""

    def __init__(self, at: int, number: int) -> None:
        super().__init__(at)
        self._number = number

    def happen(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """See CountingDisk."""
        _write_half(name, arguments)
        raise OSError(self._number, os.strerror(self._number))

    def follow(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """See CountingDisk."""
        full = self._number == errno.ENOSPC and self.at < len(self.log)
        if full and name in {"make_folder", "create", "write", "link"}:
            raise OSError(self._number, os.strerror(self._number))
        return do()


def _write_half(name: str, arguments: tuple[Any, ...]) -> None:
    if name == "write":
        file, data = arguments
        file.write(data[: len(data) // 2])
        file.flush()


class Entry(NamedTuple):
    """What a name in a folder leads to: a file or folder by its inode, or a link by its text."""

    kind: str
    inode: int
    target: str = ""


class PowerCutDisk(CountingDisk):
    """Loses at the n-th operation whatever was not flushed, and the process with it.

    Strict, as POSIX allows: a file whose bytes were not flushed keeps half of them; a name that its folder was not
    flushed after is as before (not there, or still there, or leading to what it led to). What is beside `root` is
    where the lost is kept meanwhile.
    """

    def __init__(self, at: int, root: Path) -> None:
        super().__init__(at)
        self._root = root
        self._kept = root.with_name(f"{root.name}.kept")
        self._durable: dict[int, dict[str, Entry]] = {}
        self._flushed: set[int] = set()
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        for folder, _, files in os.walk(root):
            self._remember(Path(folder))
            self._flushed |= {(Path(folder) / name).lstat().st_ino for name in files}

    def happen(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """See CountingDisk."""
        after = self._root.with_name(f"{self._root.name}.after")
        self._restore(self._root.stat().st_ino, after)
        shutil.rmtree(self._root)
        after.rename(self._root)
        shutil.rmtree(self._kept)
        os._exit(KILLED)

    def follow(self, name: str, do: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        """See CountingDisk."""
        value = do()
        if name == "make_folder":
            self._durable.setdefault(arguments[0].stat().st_ino, {})
        elif name == "flush":
            status = os.fstat(arguments[0].fileno())
            self._flushed.add(status.st_ino)
            self._hold(Path(arguments[0].name), status.st_ino)
        elif name == "flush_folder":
            self._remember(arguments[0])
        return value

    def _remember(self, folder: Path) -> None:
        listing = {}
        for path in folder.iterdir():
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                listing[path.name] = Entry("link", status.st_ino, str(path.readlink()))
            elif stat.S_ISDIR(status.st_mode):
                listing[path.name] = Entry("folder", status.st_ino)
            else:
                listing[path.name] = Entry("file", status.st_ino)
                self._hold(path, status.st_ino)
        self._durable[folder.stat().st_ino] = listing

    def _hold(self, path: Path, inode: int) -> None:
        """Keep the file's bytes, and its inode from being used again."""
        kept = self._kept / str(inode)
        if not kept.exists():
            os.link(path, kept)

    def _restore(self, inode: int, folder: Path) -> None:
        folder.mkdir()
        for name, entry in self._durable.get(inode, {}).items():
            path = folder / name
            if entry.kind == "link":
                path.symlink_to(entry.target)
            elif entry.kind == "folder":
                self._restore(entry.inode, path)
            elif entry.inode in self._flushed:
                os.link(self._kept / str(entry.inode), path)
            else:
                data = (self._kept / str(entry.inode)).read_bytes()
                path.write_bytes(data[: len(data) // 2])


class LedgerStore(LocalStore):
    """Writes down what it has published, once that is said to survive anything."""

    def __init__(self, root: Path, filesystem: FileSystem, ledger: Path) -> None:
        super().__init__(root, filesystem)
        self._ledger = ledger

    def publish(self, record: Record) -> None:
        """See Store."""
        super().publish(record)
        with self._ledger.open("a") as file:
            file.write(f"{record.recipe.id}\n")


def _filesystem(order: Order) -> CountingDisk:
    numbers = {"full": errno.ENOSPC, "unreadable": errno.EIO, "forbidden": errno.EACCES}
    if order.fault == "power":
        return PowerCutDisk(order.at, Path(order.root))
    if order.fault == "kill":
        return KillingDisk(order.at)
    return RefusingDisk(order.at, numbers[order.fault]) if order.fault else CountingDisk()


class Workplace:
    """A folder with one tiny lesson, its store and its videos; everything that is made is made in a fork."""

    killed = KILLED

    def __init__(self, root: Path, server: Server) -> None:
        self.root = root
        self.videos = root / "videos"
        self._server = server
        self._forks: dict[int, Path] = {}
        (root / "lessons").mkdir(parents=True)
        (root / "lessons" / "tiny.json").write_text(json.dumps(LESSON), encoding="utf-8")
        self.videos.mkdir()

    def make(self, fault: str = "", at: int = 0, *, largest_bytes: int = 0) -> Ended:
        """Make the lesson in a process of its own; its value is the log of the disk's operations. See RunOrder."""
        return self.join(self.start(fault, at, largest_bytes=largest_bytes))

    def start(self, fault: str = "", at: int = 0, *, largest_bytes: int = 0) -> int:
        """As `make`, while others do the same; for `join`."""
        told = self.root.with_name(f"{self.root.name}.{len(self._forks)}.told")
        pid = self._server.start(Order(str(self.root), str(told), fault, at, largest_bytes))
        self._forks[pid] = told
        return pid

    def join(self, pid: int) -> Ended:
        """How what was started ended."""
        code, told = self._server.join(pid), self._forks[pid]
        return Ended(code, **(json.loads(told.read_text("utf-8")) if told.exists() else {}))

    @staticmethod
    def make_here(order: Order) -> list[str]:
        """Make it in this process; returns the log of the disk's operations."""
        root, filesystem = Path(order.root), _filesystem(order)
        store = LedgerStore(root / "store", filesystem, _ledger(root))
        lesson_source = LessonFolder(root / "lessons", root / "elsewhere", root / "project.toml")
        journal = EventLog(root.with_name(f"{root.name}.{os.getpid()}.jsonl"))
        context = StageContext(store, LocalSlots({"rendering": 2}), journal, DATA / "fonts", 1, filesystem)

        def pointed(asset: str, result: StageResult[Any]) -> StageResult[Any]:
            """As the manifests' way through Dagster does it."""
            with as_store_error(f"point to the newest {asset}"):
                set_ref(root / "manifests", "tiny", asset, "run", result.digest, filesystem=filesystem)
            return result

        lesson = pointed("lesson", load_lesson("tiny", lesson_source, {}, RunOverrides("", SMALL, ""), context).result)
        script = pointed("script", write_script(lesson.manifest, context))
        speech = pointed("section_audio", speak_script(script.manifest, speech_providers(), context))
        picture_sources, players = (
            picture_providers(DATA / "fonts"),
            presenter_providers(DATA / "presenters", DATA / "engines", DATA / "weights", DATA / "state" / "faces"),
        )
        pictures = pointed("section_image", make_pictures(script.manifest, picture_sources, context))
        clips = make_clips(speech.manifest, pictures.manifest, players, context)
        pointed("lip_synced_clip", clips)
        pointed("final_video", finish_film(clips.manifest, root / "videos", context).result)
        return filesystem.log

    def film(self) -> dict[str, str]:
        """The published bundle's files and their digests, without the report (it tells the time); {} if none is."""
        folder = self.videos / "tiny"
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
        return {name: digest_of((folder / name).read_bytes()) for name in names if name != bundle.REPORT}

    def faults(self) -> list[str]:
        """Whatever a reader could meet that is not whole."""
        pointers = [path for path in (self.root / "manifests").rglob("[!.]*.json") if not self._leads_somewhere(path)]
        return [*self._faults_of_store(), *self._faults_of_bundle(), *(f"pointer {path.name}" for path in pointers)]

    def _leads_somewhere(self, pointer: Path) -> bool:
        digest = json.loads(pointer.read_bytes())["manifest"]
        return (self.root / "store" / "objects" / digest[:2] / digest).exists()

    def _faults_of_store(self) -> list[str]:
        store = self.root / "store"
        objects = {path.name: path for path in (store / "objects").rglob("[!.]*") if path.is_file()}
        faults = [f"object {name}" for name, path in objects.items() if digest_of(path.read_bytes()) != name]
        for path in (store / "records").rglob("[!.]*.json"):
            record = read_record(path.read_bytes())
            if record is None or record.recipe.id != path.stem:
                faults.append(f"record {path.name}")
            else:
                faults += [f"no {role} of {path.name}" for role, ref in record.objects.items() if ref.id not in objects]
        return [*faults, *(f"quarantined {path.name}" for path in (store / "quarantine").glob("*"))]

    def _faults_of_bundle(self) -> list[str]:
        link = self.videos / "tiny"
        if not link.is_symlink():
            return []
        version = link.readlink().name
        return [] if bundle.find_version(self.videos, "tiny", version) is not None else [f"bundle {version}"]

    def published(self) -> list[str]:
        """Ids of the recipes whose records were published so far, as often as they were."""
        ledger = _ledger(self.root)
        return ledger.read_text().split() if ledger.exists() else []

    def records(self) -> dict[str, bytes]:
        """Every record's bytes, by the recipe's id."""
        return {path.stem: path.read_bytes() for path in (self.root / "store" / "records").rglob("[!.]*.json")}


def _ledger(root: Path) -> Path:
    return root.with_name(f"{root.name}.ledger")


def _warm_up() -> None:
    """Load before any fork what each would load for itself: adapters, Pillow's formats, the rules of speech.

    Nothing that starts a thread or a process: a fork would wait for it for ever.
    """
    speech_providers()
    presenter_providers(Path(), Path(), Path(), Path())
    picture_providers(Path())
    Image.init()
    write_section(Section(id="x", pointer="", line=1, narration="A lamp is bright."), language="en", pronunciations={})


if __name__ == "__main__":
    serve()
