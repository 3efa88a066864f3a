"""Fetches a file from an address that a provider's response names. The address is untrusted: it could lead anywhere.

    own server    the scheme, host and port of the provider's own url: trusted as far as the provider itself
    elsewhere     only https, port 443, without a user name, and only to public addresses of the Internet

No redirect is followed, no key is sent, and the size and the time of the whole fetch are limited. The connection goes
to an address that was checked, so a name cannot lead elsewhere afterwards; therefore no proxy is used for it.

Does not belong here: what the file must be (the adapter judges its bytes).
"""

from __future__ import annotations

import httpx2

from video_assets.studio.calls.attempt import Attempt

from .deadlines import AddressRefused, bounded_client, deadline, public_client

_TRIES, _PAUSE_SECONDS = 3, 0.5
_LONGEST_URL = 8192


class UrlRefused(Exception):
    """The file was not fetched. The text continues a sentence, and quotes neither the address nor the server."""


def fetch_untrusted(url: str, own_url: str, attempt: Attempt, *, largest_bytes: int) -> bytes:
    """The file at `url`, within the deadline of `attempt`. `own_url` is the provider's. Raises UrlRefused.

    A fetch costs nothing, so it is repeated after a fault that may pass.
    """
    parsed, own = _parsed(url), httpx2.URL(own_url)
    is_own = (parsed.scheme, parsed.host, _port(parsed)) == (own.scheme, own.host, _port(own))
    if not is_own:
        _check_elsewhere(parsed)
    with bounded_client() if is_own else public_client() as client:
        for number in range(_TRIES):
            try:
                with deadline(attempt.seconds_left, attempt.stopped):
                    return _body(client, parsed, largest_bytes)
            except AddressRefused as error:
                raise UrlRefused(str(error)) from None
            except httpx2.HTTPError as error:
                last = number == _TRIES - 1
                if last or attempt.seconds_left <= _PAUSE_SECONDS or attempt.stopped.wait(_PAUSE_SECONDS):
                    raise UrlRefused(f"the connection failed ({type(error).__name__})") from None
    raise AssertionError


def _parsed(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        raise UrlRefused("it is no URL") from None
    if len(url) > _LONGEST_URL or parsed.scheme not in {"http", "https"} or not parsed.host:
        raise UrlRefused("only https addresses are fetched")
    if parsed.userinfo:
        raise UrlRefused("it contains a user name")
    return parsed


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _check_elsewhere(url: httpx2.URL) -> None:
    if url.scheme != "https":
        raise UrlRefused("outside the provider's own server only https is allowed")
    if _port(url) != 443:
        raise UrlRefused("outside the provider's own server only port 443 is allowed")


def _body(client: httpx2.Client, url: httpx2.URL, largest_bytes: int) -> bytes:
    body = bytearray()
    with client.stream("GET", url) as response:
        if response.is_redirect:
            raise UrlRefused("it redirects")
        if response.status_code != 200:
            raise UrlRefused(f"the server answered {response.status_code}")
        for chunk in response.iter_raw():
            if len(body) + len(chunk) > largest_bytes:
                raise UrlRefused("the file is larger than any picture")
            body += chunk
    if not body:
        raise UrlRefused("the file is empty")
    return bytes(body)
