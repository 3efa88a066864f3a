"""A headless Chromium that tests drive through its DevTools protocol.

Only fixtures that a test asks for by name. Where no Chromium is installed, the tests that need one are skipped and say
so; `.ci/run` installs it.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from websockets.sync.client import ClientConnection, connect

DEADLINE_SECONDS = 60
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
)
_AXE_ARCHIVE = Path(__file__).parents[1] / ".cache" / "axe-core.tgz"
_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Page:
    """One tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command of the protocol, and its result."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=DEADLINE_SECONDS))
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]

    def open(self, address: str) -> Page:
        """Load the page at `address`, and wait until it is loaded."""
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=address)
        self.wait_for(f"location.href !== 'about:blank' && document.readyState === 'complete' /* {address} */")
        return self

    def value(self, expression: str) -> Any:
        """What the JavaScript `expression` (or promise) gives in the page."""
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, (expression, result["exceptionDetails"])
        return result["result"].get("value")

    def wait_for(self, condition: str) -> Any:
        """Wait until `condition` holds in the page; what it gave."""
        due = time.monotonic() + DEADLINE_SECONDS
        while True:
            try:
                if found := self.value(condition):
                    return found
            except AssertionError:  # the page is just being replaced
                if time.monotonic() > due:
                    raise
            assert time.monotonic() < due, f"waited in vain for {condition}"
            time.sleep(0.05)

    def look(self, width_px: int = 1280, height_px: int = 900, *, dark: bool = False, calm: bool = True) -> None:
        """The size of the window, and what its user prefers."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=1,
            mobile=width_px < 600,
        )
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"},
        ]
        self.send("Emulation.setEmulatedMedia", features=features)

    def press(self, key: str, code: str = "", text: str = "") -> None:
        """Press a key, as a person does."""
        common = {
            "key": key,
            "code": code or key,
            "text": text,
            "windowsVirtualKeyCode": {"Tab": 9, "Enter": 13, "Escape": 27}.get(key, 0),
        }
        self.send("Input.dispatchKeyEvent", type="keyDown", **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        """Type `text` into what has the focus."""
        self.send("Input.insertText", text=text)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what the page looks like as PNG (or WebP, by the name)."""
        kind = path.suffix.lstrip(".")
        quality = {"quality": 80} if kind == "webp" else {}
        result = self.send("Page.captureScreenshot", format=kind, captureBeyondViewport=whole, **quality)
        path.write_bytes(base64.b64decode(result["data"]))

    def violations(self) -> list[str]:
        """What axe-core finds wrong with the page. Skips the test where axe-core is not there."""
        self.value(_axe())
        run = f"axe.run(document, {{runOnly: {json.dumps(_AXE_RULES)}, resultTypes: ['violations']}})"
        told = (
            "({violations}) => violations.map(({id, nodes}) => "
            "`${id}: ${nodes.map(({html, failureSummary}) => html.slice(0, 200) + failureSummary).join(' | ')}`)"
        )
        return self.value(f"{run}.then({told})")


class Browser:
    """A running Chromium."""

    def __init__(self, address: str) -> None:
        self._address = address

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A new tab, closed afterwards."""
        with connect(self._address, max_size=None, open_timeout=DEADLINE_SECONDS) as control:
            whole = Page.__new__(Page)
            whole._connection, whole._numbers = control, itertools.count(1)
            target = whole.send("Target.createTarget", url="about:blank")["targetId"]
            host = self._address.split("/")[2]
            try:
                with connect(f"ws://{host}/devtools/page/{target}", max_size=None) as connection:
                    yield Page(connection)
            finally:
                whole.send("Target.closeTarget", targetId=target)


@contextmanager
def started_browser(profile: Path) -> Iterator[Browser]:
    """A Chromium with its own empty profile, ended afterwards with all its processes."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        _lacking("no Chromium is installed: apt-get install chromium (as .ci/run does)")
    command = [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield Browser(_address(profile / "DevToolsActivePort", process))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(told: Path, process: subprocess.Popen[bytes]) -> str:
    due = time.monotonic() + DEADLINE_SECONDS
    while True:
        lines = told.read_text().split("\n") if told.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        assert time.monotonic() < due, "Chromium does not say where it listens"
        time.sleep(0.05)


def _lacking(what: str) -> NoReturn:
    """Skip the test, or fail it if BROWSER_TESTS is `required`."""
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(what)
    pytest.skip(what)


def _axe() -> str:
    """axe-core's script, from the npm package that `.ci/run` fetches."""
    if not _AXE_ARCHIVE.exists():
        _lacking("axe-core is not there: .ci/axe fetches it from npm (as .ci/run does)")
    with tarfile.open(_AXE_ARCHIVE) as archive:
        file = archive.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode("utf-8")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium for the tests of this process."""
    with started_browser(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of one's own."""
    with browser.page() as opened:
        yield opened
