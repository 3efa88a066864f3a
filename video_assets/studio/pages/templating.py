"""Filling the templates of pages.

Belongs here: the template engine with escaping switched on, style, script and the policy that names them by their
digests, times and sizes. Does not belong here: the contents of any page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


class PageDesign(NamedTuple):
    """The files of a kind of page: its template, style sheets and scripts, by name."""

    template: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    """Files that the page's words come from."""


def fill(design: PageDesign, values: Mapping[str, object]) -> str:
    """The page as text. `values` are escaped wherever the template puts them."""
    style, script = _joined(design.styles), _joined(design.scripts)
    page = _environment().get_template(design.template)
    return page.render(
        {
            **values,
            # Files of ours, named in the policy by their digest: the only style and script that a browser accepts.
            "style": Markup(style),  # noqa: S704
            "script": Markup(script),  # noqa: S704
            "policy": _policy(style, script),
            "edition": edition(design),
        }
    )


@lru_cache(maxsize=16)
def edition(design: PageDesign) -> str:
    """What the design is called: pages of another edition are written anew. Follows from the bytes of its files."""
    names = (design.template, *design.styles, *design.scripts, *design.data)
    digest = hashlib.sha256()
    for name in names:
        data = (TEMPLATES / name).read_bytes()
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:16]


def clock(seconds: float | str) -> str:
    """`m:ss` or `h:mm:ss`, rounded down."""
    minutes, second = divmod(int(float(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def data_url(data: bytes, kind: str) -> str:
    """`data` as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _joined(names: tuple[str, ...]) -> str:
    return "".join((TEMPLATES / name).read_text("utf-8") for name in names)


def _policy(style: str, script: str) -> str:
    # A page that was opened from a folder has the scheme file:, which 'self' need not mean.
    parts = [
        "default-src 'none'",
        f"style-src {_digest(style)}",
        f"script-src {_digest(script)}; connect-src 'self'" if script else "",
        "img-src 'self' file: data:",
        "media-src 'self' file:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(part for part in parts if part)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["clock"] = clock
    return environment
