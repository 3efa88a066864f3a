"""The film server: serves films, the list of films and the sections of lessons to browsers on this machine.

It is read-only. It serves the files that a bundle's manifest names, the current list of films, and the sounds and
pictures of a lesson's newest script. Nothing else in the folder of films can be reached.

It runs in a thread of the supervisor of `make dev`, and loads no Dagster. Does not belong here: the content of pages
(`studio/film/pages`).
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import socket
import stat
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import SettingInvalid, StoreError
from video_assets.studio.film.bundle import MANIFEST, QC, REPORT, WATCH, version_folder
from video_assets.studio.film.pages.films import films_page
from video_assets.studio.film.pages.sections import MadeLesson, made_lesson, sections_page
from video_assets.studio.storage.store import Layout

from .film_list import PAGE, FilmLister

_WRITE_PAGE_SECONDS = 2.0
_MIN_PAUSE_FACTOR = 20.0
"""The pause between two writes is at least this many times the duration of a write: a large archive takes long."""
_STOP_SECONDS = 5.0
_LESSON = re.compile(r"[a-z0-9][a-z0-9_-]{0,254}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
"""No longer than a file's name can be."""
_VERSION = re.compile(r"[0-9a-z]{1,64}")
_UNNAMED = frozenset({MANIFEST, QC, REPORT, WATCH})
"""Files of a bundle that its manifest does not name."""
_TYPES = {
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".flac": "audio/flac",
}
_POLICY = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; script-src {scripts}; "
    "connect-src {connections}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NO_SCRIPT = _POLICY.format(scripts="'none'", connections="'none'")
_WITH_SCRIPT = _POLICY.format(scripts="'unsafe-inline'", connections="'self'")
"""For our own pages. A policy inside each page allows only the script with its digest."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class FilmServer:
    """A context manager that serves the project's films, and keeps `index.html` in their folder up to date.

    Entering raises SettingInvalid when the port is taken or not allowed.
    """

    def __init__(self, project_paths: ProjectPaths, host: str = "127.0.0.1", port: int = 3001) -> None:
        self._lister = FilmLister(project_paths)
        self._host, self._port = host, port
        config = uvicorn.Config(
            film_app(project_paths, self._lister, host),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """The port that it listens on. After entering with port 0, the one that the system chose."""
        return self._port

    @property
    def address(self) -> str:
        """The base URL, without a trailing slash."""
        return f"http://[{self._host}]:{self._port}" if ":" in self._host else f"http://{self._host}:{self._port}"

    def __enter__(self) -> Self:
        listening = _listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        serve = threading.Thread(target=self._server.run, args=([listening],), name="serves-films", daemon=True)
        write = threading.Thread(target=self._keep_page, name="lists-films", daemon=True)
        self._threads = [serve, write]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.should_exit = True
        for thread in self._threads:
            thread.join(_STOP_SECONDS)

    def _keep_page(self) -> None:
        while True:
            started = time.monotonic()
            # The next attempt may succeed. Until then a request for the list gets the error.
            with contextlib.suppress(StoreError):
                self._lister.write_page()
            took = time.monotonic() - started
            if self._stopped.wait(max(_WRITE_PAGE_SECONDS, _MIN_PAUSE_FACTOR * took)):
                return


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise SettingInvalid(
            f"Films cannot be served on port {port} of {host}: {error.strerror or error}.",
            remedy="Choose another port.",
        ) from error
    return listening


def film_app(project_paths: ProjectPaths, lister: FilmLister, host: str = "127.0.0.1") -> App:
    """The server as an ASGI application. It accepts the Host headers that `is_own_name` accepts for `host`."""
    pages = _Pages(project_paths, lister)
    routes = [
        Route("/", pages.films),
        Route("/index.html", pages.films),
        Route("/_/films.json", pages.films_as_data),
        Route("/_/sections/{lesson}/", pages.sections),
        Route("/_/sections/{lesson}/sounds/{id}.flac", pages.sound),
        Route("/_/sections/{lesson}/pictures/{id}.png", pages.picture),
        Route("/{lesson}", pages.to_film),
        Route("/{lesson}/", pages.to_film),
        Route("/{lesson}/{name}", pages.to_version),
        Route("/{lesson}/{version}/{name}", pages.file),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error, StoreError: _store_error})
    return _with_security(app, host)


def _with_security(app: App, host: str) -> App:
    """`app` with a check of the Host header and the method, and with security headers on every response."""

    async def with_security(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        if not is_own_name(headers.get(b"host", b"").decode("latin-1"), host):
            answer: App = PlainTextResponse(
                "The film server does not answer under this name. Open it by its IP address.\n", 421
            )
        elif scope["method"] not in {"GET", "HEAD"}:
            answer = PlainTextResponse("Films can only be read.\n", 405, {"Allow": "GET, HEAD"})
        else:
            answer = app

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_security_headers(message["headers"])]
            await send(message)

        await answer(scope, receive, send_with_headers)

    return with_security


def _security_headers(headers: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    yield b"x-content-type-options", b"nosniff"
    yield b"referrer-policy", b"no-referrer"
    yield b"cross-origin-resource-policy", b"same-origin"
    if not any(name == b"content-security-policy" for name, _ in headers):
        yield b"content-security-policy", _NO_SCRIPT.encode()


def is_own_name(header: str, host: str) -> bool:
    """Whether a Host header names this server: an IP address, localhost, or `host`.

    Any other name is refused: a web site could make its own name resolve to this server (DNS rebinding).
    """
    name = header.rpartition(":")[0] if re.search(r":[0-9]+$", header) and not header.endswith("]") else header
    name = name.casefold().rstrip(".")
    if name in {"localhost", host.casefold()}:
        return True
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
        return True
    return False


class _Pages:
    """The handler of each route."""

    def __init__(self, project_paths: ProjectPaths, lister: FilmLister) -> None:
        self._project_paths = project_paths
        self._lister = lister
        self._objects = Layout(project_paths.store)

    async def films(self, request: Request) -> Response:
        page = await run_in_threadpool(lambda: films_page(self._lister.films().films))
        headers = {"Content-Security-Policy": _WITH_SCRIPT, "Cache-Control": "no-store"}
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    async def films_as_data(self, request: Request) -> Response:
        listed = await run_in_threadpool(self._lister.films)
        headers = {"ETag": f'"{listed.tag}"', "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return await run_in_threadpool(lambda: JSONResponse(listed.films, headers=headers))

    def to_film(self, request: Request) -> Response:
        lesson = _lesson(request)
        return RedirectResponse(f"/{lesson}/{WATCH}", 307)

    def to_version(self, request: Request) -> Response:
        """Redirect to the version's own address, so that a film that is replaced during playback continues."""
        lesson, name = _lesson(request), _require_match(_NAME, request.path_params["name"])
        if name == PAGE:  # the link on a film's page, which also works from a folder
            return RedirectResponse("/", 307)
        version = self._active_version(lesson)
        self._file_of(lesson, version, name)
        return RedirectResponse(f"/{lesson}/{version}/{name}", 307, {"Cache-Control": "no-store"})

    def file(self, request: Request) -> Response:
        lesson, name = _lesson(request), _require_match(_NAME, request.path_params["name"])
        version = _require_match(_VERSION, request.path_params["version"])
        if not _is_folder(version_folder(self._project_paths.videos, lesson, version)):
            self._active_version(lesson)  # none: not found
            return RedirectResponse(f"/{lesson}/{name}", 307)
        path = self._file_of(lesson, version, name)
        policy = {"Content-Security-Policy": _WITH_SCRIPT} if name == WATCH else {}
        kept = "no-cache" if name in _UNNAMED else "private, max-age=86400"
        return _file(path, {**policy, "Cache-Control": kept})

    def sections(self, request: Request) -> Response:
        lesson = _lesson(request)
        page = sections_page(
            lesson, self._made(lesson), has_film=(self._project_paths.videos / lesson / WATCH).is_file()
        )
        return Response(page, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})

    def sound(self, request: Request) -> Response:
        return self._object(request, self._made(_lesson(request)).sounds, ".flac")

    def picture(self, request: Request) -> Response:
        return self._object(request, self._made(_lesson(request)).pictures, ".png")

    def _object(self, request: Request, allowed: frozenset[str], ending: str) -> Response:
        id_ = request.path_params["id"]
        if id_ not in allowed:
            raise HTTPException(404, "The lesson has changed since. Reload its page.")
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Type": _TYPES[ending]}
        return _file(self._objects.object(id_), headers)

    def _made(self, lesson: str) -> MadeLesson:
        made = made_lesson(self._project_paths.manifests, self._objects.object, lesson)
        if made is None:
            raise HTTPException(404, "No section of this lesson has been made yet.")
        return made

    def _active_version(self, lesson: str) -> str:
        link = self._project_paths.videos / lesson
        if not link.is_symlink() or link.readlink().parent != Path(".versions") / lesson:
            raise HTTPException(404, "There is no film of this lesson yet.")
        return _require_match(_VERSION, link.readlink().name)

    def _file_of(self, lesson: str, version: str, name: str) -> Path:
        folder = version_folder(self._project_paths.videos, lesson, version)
        if not _is_folder(folder) or (name not in _UNNAMED and name not in _named_files(folder)):
            raise HTTPException(404)
        return folder / name


def _named_files(folder: Path) -> frozenset[str]:
    try:
        return frozenset(json.loads((folder / MANIFEST).read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise HTTPException(404) from None


def _is_folder(path: Path) -> bool:
    """Whether a folder is there, and is no symbolic link to one elsewhere."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _file(path: Path, headers: Mapping[str, str]) -> Response:
    """A response with a regular file, or the ranges that the request names. Symbolic links are not followed."""
    try:
        found = path.lstat()
    except OSError:
        raise HTTPException(404) from None
    if not stat.S_ISREG(found.st_mode):
        raise HTTPException(404)
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, stat_result=found, headers={"Content-Type": kind, **headers})


def _lesson(request: Request) -> str:
    return _require_match(_LESSON, request.path_params["lesson"])


def _require_match(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise HTTPException(404)
    return text


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code)


def _store_error(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 503)
