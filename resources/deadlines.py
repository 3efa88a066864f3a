"""An HTTP client with total deadlines: every byte of an exchange, headers included, arrives before one deadline.

The timeouts of httpx bound each read, so a server that sends a byte a second is never late. Here the network stream
itself knows the deadline of its thread's exchange. There are no redirects, because a prompt and a key would go to any
named host. A proxy of the environment is used.

httpx2 is what OpenAI's client is built on.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import certifi
import httpcore2
import httpx2

_due: ContextVar[float] = ContextVar("due", default=float("inf"))
_stopped: ContextVar[threading.Event | None] = ContextVar("stopped", default=None)
_STOP_CHECK_SECONDS = 0.5
"""How long a cancelled exchange may continue."""
_LONGEST_CONNECT_SECONDS = 10.0
_KEPT_CONNECTIONS = 32
_FIRST_ERROR = 300
LONGEST_ERROR_BYTES = 64_000
"""The part of an error response that is read."""


@contextmanager
def deadline(seconds: float, stopped: threading.Event | None = None) -> Iterator[None]:
    """Bound the exchanges of this thread inside the block.

    They raise a timeout after `seconds`, or soon after `stopped` is set.
    """
    due, stop = _due.set(time.monotonic() + seconds), _stopped.set(stopped)
    try:
        yield
    finally:
        _due.reset(due)
        _stopped.reset(stop)


def bounded_client() -> httpx2.Client:
    """A client with pooled connections that keeps `deadline`. Close it."""
    return httpx2.Client(
        transport=_Transport(),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(None),
        # A compressed response can be a thousand times as long as the part that is read at a time.
        headers={"Accept-Encoding": "identity"},
    )


def public_client() -> httpx2.Client:
    """A client that keeps `deadline`, uses no proxy, and connects to public addresses only. Close it.

    Raises AddressRefused, before a byte is sent, for a host with any other address.
    """
    return httpx2.Client(
        transport=_Transport(_PublicBackend()),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(None),
        headers={"Accept-Encoding": "identity"},
    )


class AddressRefused(httpx2.ConnectError):
    """The host is no public one."""


def _left(timeout: float | None, kind: type[Exception]) -> float | None:
    left = _due.get() - time.monotonic()
    stopped = _stopped.get()
    if stopped is not None and stopped.is_set():
        raise kind("the exchange was cancelled")
    if left <= 0:
        raise kind("the deadline is over")
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if timeout is not None:
            return self._inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))
        while True:
            left = _left(_STOP_CHECK_SECONDS, httpcore2.ReadTimeout)
            with suppress(httpcore2.ReadTimeout):  # nothing was read, and nothing is lost
                return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout or _LONGEST_CONNECT_SECONDS, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(_LONGEST_CONNECT_SECONDS, httpcore2.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))


class _PublicBackend(_Backend):
    """Connects to the very address that was checked, so that a second look-up of the name cannot lead elsewhere."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name has no address: {type(error).__name__}") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(map(_is_public, addresses)):
            raise _NotPublic("its host is not a public one")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)


class _NotPublic(httpcore2.ConnectError):
    pass


def _is_public(address: str) -> bool:
    """Whether an address may be reached by anyone: not this machine, its network, or a range for another purpose."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None and not _is_public(str(inner)):
        return False
    return ip.is_global and not ip.is_multicast and ip not in _TRANSLATED


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a gateway translates to any IPv4 address (RFC 6052), private ones included."""


class _Transport(httpx2.BaseTransport):
    def __init__(self, only: _Backend | None = None) -> None:
        """With `only`, all connections are made by this backend, and none through a proxy."""
        context = ssl.create_default_context(cafile=certifi.where())
        self._direct = httpcore2.ConnectionPool(
            ssl_context=context, network_backend=only or _Backend(), max_keepalive_connections=_KEPT_CONNECTIONS
        )
        self._proxies = {
            scheme: httpcore2.HTTPProxy(proxy_url=url, ssl_context=context, network_backend=_Backend())
            for scheme, url in urllib.request.getproxies().items()
            if scheme in {"http", "https"} and only is None
        }

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raw_request = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = self._pool(request.url).handle_request(raw_request)
        if answer.status >= _FIRST_ERROR:
            return _as_error(answer)
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def _pool(self, url: httpx2.URL) -> httpcore2.ConnectionPool:
        if urllib.request.proxy_bypass(url.host):
            return self._direct
        return self._proxies.get(url.scheme, self._direct)

    def close(self) -> None:
        for pool in (self._direct, *self._proxies.values()):
            pool.close()


def _as_error(answer: httpcore2.Response) -> httpx2.Response:
    """An error response, of which only a message is made: its beginning, decompressed.

    Clients read errors whole and parse them, without a bound of their own.
    """
    body = bytearray()
    try:
        with _as_httpx():
            for piece in answer.iter_stream():
                body += piece[: LONGEST_ERROR_BYTES - len(body)]
                if len(body) == LONGEST_ERROR_BYTES:
                    break
    finally:
        answer.close()
    left_out = {b"content-encoding", b"content-length", b"transfer-encoding"}
    encoding = next((value for name, value in answer.headers if name.lower() == b"content-encoding"), b"")
    headers = [(name, value) for name, value in answer.headers if name.lower() not in left_out]
    return httpx2.Response(answer.status, headers=headers, content=_inflated(bytes(body), encoding))


def _inflated(body: bytes, encoding: bytes) -> bytes:
    if encoding.strip().lower() not in {b"gzip", b"x-gzip", b"deflate"}:
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, LONGEST_ERROR_BYTES)
    except zlib.error:
        return b""


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Translate the errors of httpcore2 to those of httpx2."""
    try:
        yield
    except _NotPublic as error:
        raise AddressRefused(str(error)) from error
    except httpcore2.ConnectTimeout as error:
        raise httpx2.ConnectTimeout(str(error)) from error
    except httpcore2.ConnectError as error:
        raise httpx2.ConnectError(str(error)) from error
    except httpcore2.TimeoutException as error:
        raise httpx2.ReadTimeout(str(error)) from error
    except httpcore2.UnsupportedProtocol as error:
        raise httpx2.UnsupportedProtocol(str(error)) from error
    except (httpcore2.ProtocolError, httpcore2.ProxyError) as error:
        raise httpx2.RemoteProtocolError(str(error)) from error
    except httpcore2.NetworkError as error:
        raise httpx2.ReadError(str(error)) from error
