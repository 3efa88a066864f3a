"""Films to watch: bundles made from one that was rendered, with other words, and a client of their server."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.project_paths import ProjectPaths
from video_assets.studio.film import bundle
from video_assets.studio.film.index import FilmIndex
from video_assets.studio.film.pages.watch import write_watch_page
from video_assets.studio.storage.filesystem import FileSystem


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes


class Films:
    """A project folder with published films."""

    def __init__(self, root: Path, original: Path) -> None:
        self.project_paths = ProjectPaths(root, root / "data" / "state")
        self.videos = self.project_paths.videos
        self.videos.mkdir(parents=True)
        self.index = FilmIndex(self.project_paths.film_index)
        self._original = original

    def publish(self, lesson: str = "tiny", version: str = "v1", *, page: bool = True, **told: Any) -> Path:
        """Publish the film under another key; `told` replaces what its manifest says of the lesson."""

        def fill(folder: Path) -> None:
            for path in self._original.iterdir():
                shutil.copy(path, folder / path.name)
            manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
            manifest["lesson"].update(told, key=lesson)
            (folder / bundle.MANIFEST).write_text(json.dumps(manifest), "utf-8")
            (folder / bundle.WATCH).unlink()
            if page:
                write_watch_page(folder, filesystem=FileSystem())

        return bundle.publish(self.videos, lesson, version, fill)

    def rewrite(self, lesson: str, change: Callable[[dict[str, Any]], None]) -> Path:
        """Change what a bundle's manifest says, and write its page anew; returns the page."""
        folder = self.videos / lesson
        manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
        change(manifest)
        (folder / bundle.MANIFEST).write_text(json.dumps(manifest), "utf-8")
        write_watch_page(folder, filesystem=FileSystem())
        return folder / bundle.WATCH


class Client:
    """Asks a server exactly what it is told to: no address is tidied up on the way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request and its whole answer; underscores in names of headers stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def follow(self, path: str, **headers: str) -> Answer:
        """The answer at the end of redirections."""
        for _ in range(5):
            answer = self.ask(path, **headers)
            if answer.status != 307:
                return answer
            path = answer.headers["location"]
        raise AssertionError(f"{path} redirects for ever")
