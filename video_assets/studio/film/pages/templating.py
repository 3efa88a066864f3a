"""Renders the templates of pages, with autoescaping and a content security policy.

The policy names the digests of the page's style and script.
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

from video_assets.studio.core.quantities import format_clock

TEMPLATES = Path(__file__).parent / "templates"


class PageDesign(NamedTuple):
    """The files of one kind of page, by their names in `templates/`."""

    template: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    """Files with the words of the page."""


def fill(design: PageDesign, values: Mapping[str, object]) -> str:
    """The page as text. The template escapes all `values`."""
    style, script = _joined(design.styles), _joined(design.scripts)
    page = _environment().get_template(design.template)
    return page.render(
        {
            **values,
            # Our own files. The policy names their digests, so the browser accepts no other style or script.
            "style": Markup(style),  # noqa: S704
            "script": Markup(script),  # noqa: S704
            "policy": _policy(style, script),
            "edition": edition(design),
        }
    )


@lru_cache(maxsize=16)
def edition(design: PageDesign) -> str:
    """A digest of the design's files. Pages of another edition are rewritten."""
    names = (design.template, *design.styles, *design.scripts, *design.data)
    digest = hashlib.sha256()
    for name in names:
        data = (TEMPLATES / name).read_bytes()
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:16]


def data_url(data: bytes, kind: str) -> str:
    """A data: URL that contains `data`. `kind` is the media type."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _joined(names: tuple[str, ...]) -> str:
    return "".join((TEMPLATES / name).read_text("utf-8") for name in names)


def _policy(style: str, script: str) -> str:
    # A page opened from a folder has the scheme file:, which some browsers do not match with 'self'.
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
    environment.filters["clock"] = lambda seconds: format_clock(float(seconds))
    return environment
