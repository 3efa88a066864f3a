"""Checks that ports of this machine are free before a server is started on them."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from video_assets.studio.core.errors import StudioError

_SUGGESTED = range(3737, 9000, 10)
"""A message proposes the first free port of these."""
_LARGEST_PORT = 65535


def require_free(host: str, port: int, beside: Sequence[int] = ()) -> None:
    """Raise StudioError, with a command that works, unless `port` and each `port + distance` of `beside` are free."""
    wanted = [port, *(port + distance for distance in beside)]
    for each in wanted:
        if not 0 < each <= _LARGEST_PORT:
            raise StudioError(f"There is no port {each}.", remedy=_remedy(host, beside))
        fault = _fault(host, each)
        if fault == errno.EADDRINUSE:
            raise StudioError(f"Port {each} is taken{_purpose(each, port)}.", remedy=_remedy(host, beside))
        if fault == errno.EACCES:
            raise StudioError(f"Port {each} may be used by the administrator only.", remedy=_remedy(host, beside))
        if fault:
            raise StudioError(
                f"Nothing can listen on {host}, port {each}: {errno.errorcode.get(fault, fault)}.",
                remedy="Give an address of this machine as the host, such as 127.0.0.1.",
            )


def _purpose(port: int, first: int) -> str:
    return "" if port == first else f" (PORT is {first}; the film server uses the next one)"


def _remedy(host: str, beside: Sequence[int]) -> str:
    for port in _SUGGESTED:
        if not any(_fault(host, port + distance) for distance in (0, *beside)):
            return f"Try: make dev PORT={port}"
    return "Choose a free port: make dev PORT=…"


def _fault(host: str, port: int) -> int:
    """0 when a server can listen there, else the errno of the attempt."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def answers(host: str, port: int) -> bool:
    """Whether a server accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
