"""Slides typeset by Typst, embedded: no key, no network, no browser.

This adapter passes the studio's template and one slide's data to Typst, and translates its errors. Does not belong
here: the content or look of a slide (`studio/slides/typesetting.py`, `studio/slides/themes`).
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import typst
from PIL import Image

from video_assets.studio.core.errors import ContentError, DoesNotFit, GlyphMissing, ProviderError, SettingInvalid
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.pictures.ground import BLACK, GREY, WHITE, ground_for, has_transparency
from video_assets.studio.pictures.moving import PAGES, MovingPicture, moving_picture_of
from video_assets.studio.pictures.provider import PictureProvider, PictureRequest
from video_assets.studio.processes.forked_server import ForkedServer
from video_assets.studio.slides.fitting import certainly_fits
from video_assets.studio.slides.glyphs import first_font_with, font_files, missing, undrawable
from video_assets.studio.slides.themes import CONTRAST_FLOOR, contrast, template_files, themes_digest
from video_assets.studio.slides.typesetting import Typesetting, check_content, texts_of, typesetting

from .large import BUDGET, downscale, pixels_of

_OVERFLOW = re.compile(r"does-not-fit\|(?P<place>[^|]*)\|(?P<times>[\d.]+)")
_SUFFIXES = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"))


class SlidePictures(PictureProvider):
    """Slides from the project's own fonts; a character that they lack is taken from the system's fonts, if allowed.

    The same request gives the same bytes, in any process, time zone and locale.
    """

    name = "slides"

    def __init__(self, fonts: Path, *, system_fonts: bool = True) -> None:
        if not fonts.is_dir():
            raise SettingInvalid(
                f"There is no folder of fonts at {fonts}.", remedy="Point to the project's data/fonts."
            )
        self._folder = fonts
        self._system_allowed = system_fonts

    def identity(self, request: PictureRequest | None = None) -> dict[str, str]:
        """Provider, Typst's version and one digest over themes, template and font files; with `request`, also the
        digests of the system's fonts that it draws on."""
        identity = {"provider": self.name, "typst": _typst_version(), "sources": self._sources_digest}
        extra = self._borrowed(request) if request else ()
        if extra:
            identity["system_fonts"] = ",".join(_file_digest(font) for font in extra)
        return identity

    def paint_states(self, request: PictureRequest, files: dict[str, bytes]) -> tuple[bytes, ...]:
        """See PictureProvider. Raises GlyphMissing, EquationInvalid, DoesNotFit, ContentError, SettingInvalid."""
        wanted = typesetting(request)
        borrowed = self._borrowed(request)
        with self._prepared(request, wanted, files, borrowed) as compiler:
            made = compiler.compile(format="png", ppi=72.0)
        pages = [made] if isinstance(made, bytes) else made or []
        if len(pages) != 1 + len(request.looks):
            raise ProviderError(
                f"Typst made {len(pages)} pages, not {1 + len(request.looks)}.",
                remedy="Please report it with the lesson.",
            )
        return tuple(map(_as_rgb, pages))

    def moving_picture(self, request: PictureRequest, files: dict[str, bytes]) -> MovingPicture | None:
        """See PictureProvider. Raises as `paint_states` does."""
        if request.slide.layout != "picture" or request.slide.picture is None:
            return None
        wanted = typesetting(request)
        wanted = wanted._replace(inputs=wanted.inputs | {"looks": [], "picture_pages": list(PAGES)})
        with self._prepared(request, wanted, files, self._borrowed(request)) as compiler:
            made = compiler.compile(format="png", ppi=72.0)
        pages = made if isinstance(made, list) else []
        if len(pages) != len(PAGES):
            raise ProviderError(f"Typst made {len(pages)} pages, not {len(PAGES)}.", remedy="Please report it.")
        alone, white, black = map(_as_rgb, pages)
        return moving_picture_of(alone, white, black, files[request.slide.picture.digest], request.slide.picture.focus)

    def refusals(self, request: PictureRequest, files: Mapping[str, bytes]) -> tuple[ContentError, ...]:
        """See PictureProvider. A slide with little text is not laid out, because it certainly fits."""
        lacking, fonts = self._drawn_by(request)
        try:
            check_content(request.slide)
        except ContentError as error:
            return (*lacking, error)
        if certainly_fits(request):
            return lacking
        # The fork keeps Typst's threads out of this process, whose steps are forks.
        error = _LAYOUTS.ask(_Layout(self, request, dict(files), fonts))
        return (*lacking, error) if error else lacking

    def layout_error(
        self, request: PictureRequest, files: Mapping[str, bytes], fonts: tuple[Path, ...]
    ) -> ContentError | None:
        """Why the slide cannot be laid out; None if it can. Loads Typst. `fonts`: those of the system to add."""
        try:
            with self._prepared(request, typesetting(request), files, fonts) as compiler:
                compiler.query("<none>")  # lays the slide out, and draws nothing
        except ContentError as error:
            return error
        return None

    @contextmanager
    def _prepared(
        self, request: PictureRequest, wanted: Typesetting, files: Mapping[str, bytes], borrowed: tuple[Path, ...]
    ) -> Iterator[typst.Compiler]:
        """The compiler of the slide, with its files where it can read them. Translates the errors of Typst."""
        # A slide without files needs no folder of its own.
        made = tempfile.TemporaryDirectory(prefix="slide-") if wanted.files else nullcontext(str(self._folder))
        with made as folder:
            root = Path(folder)
            shown = {
                digest: downscale(data, request.stage.width_px, request.stage.height_px)
                for digest, data in files.items()
                if digest in wanted.files.values()
            }
            inputs = wanted.inputs | _lay_out_files(wanted, shown, root)
            with BUDGET.reserve(sum(map(pixels_of, shown.values()))):
                inputs["grounds"] = _grounds(wanted, shown)
                try:
                    yield typst.Compiler(
                        _template(),  # pyright: ignore[reportArgumentType]  # the stub lacks the sources by name
                        root=root,
                        font_paths=_offered(self._folder, borrowed),
                        sys_inputs={"slide": canonical_json(inputs).decode()},
                    )
                except (typst.TypstError, RuntimeError) as error:  # a query raises the latter
                    raise _explained(str(getattr(error, "message", error))) from error

    def _borrowed(self, request: PictureRequest) -> tuple[Path, ...]:
        """The system's fonts for characters that the project's fonts lack. Raises GlyphMissing if no font has one."""
        lacking, fonts = self._drawn_by(request)
        if lacking:
            raise lacking[0]
        return fonts

    def _drawn_by(self, request: PictureRequest) -> tuple[tuple[GlyphMissing, ...], tuple[Path, ...]]:
        """An error for each character that no font has, and the system's fonts for those that only they have."""
        texts = dict(texts_of(request.slide))
        errors: list[GlyphMissing] = []
        found: set[Path] = set()
        for cluster in sorted(undrawable(texts.values(), self._font_files)):
            font = first_font_with(cluster, _system_fonts()) if self._system_allowed else None
            if font is None:
                places = (place for place, text in texts.items() if undrawable((text,), ()) >= {cluster})
                errors.extend(missing(cluster, place) for place in places)
            else:
                found.add(font)
        return tuple(errors), tuple(sorted(found))

    @cached_property
    def _font_files(self) -> tuple[Path, ...]:
        return font_files(self._folder)

    @cached_property
    def _sources_digest(self) -> str:
        fonts = {path.relative_to(self._folder).as_posix(): _file_digest(path) for path in self._font_files}
        return digest_of(canonical_json({"fonts": fonts, "themes": themes_digest()}))


class _Layout(NamedTuple):
    """A slide to lay out; see `SlidePictures.layout_error`."""

    pictures: SlidePictures
    request: PictureRequest
    files: Mapping[str, bytes]
    fonts: tuple[Path, ...]

    def error(self) -> ContentError | None:
        return self.pictures.layout_error(self.request, self.files, self.fonts)


_LAYOUTS = ForkedServer(_Layout.error, name="slide-layouts")


@lru_cache(maxsize=1)
def _typst_version() -> str:
    return version("typst")


@lru_cache(maxsize=1024)
def _file_digest(path: Path) -> str:
    return digest_of(path.read_bytes())


@lru_cache(maxsize=1)
def _template() -> dict[str, bytes]:
    sources = template_files()
    return {"main.typ": sources["slide.typ"], **{name: data for name, data in sources.items() if name != "slide.typ"}}


@lru_cache(maxsize=8)
def _offered(folder: Path, borrowed: tuple[Path, ...]) -> typst.Fonts:
    # The embedded fonts bring New Computer Modern Math.
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder), *map(str, borrowed)]
    )


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[Path, ...]:
    """The system's upright fonts, regular ones first, in an order that does not depend on the disk."""
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[]).fonts()
    upright = [font for font in fonts if font.path and font.style == "normal"]
    upright.sort(key=lambda font: (abs(font.weight - 400), font.family, font.path or ""))
    return tuple(dict.fromkeys(Path(str(font.path)) for font in upright))


def _lay_out_files(wanted: Typesetting, files: dict[str, bytes], root: Path) -> dict[str, str]:
    """Write the slide's picture and logo where Typst can read them. Returns the template's names for them."""
    names = {"picture": "", "logo": ""}
    for role, digest in wanted.files.items():
        data = files.get(digest)
        if data is None:
            raise ContentError(
                f"The {role} {digest[:12]}… was not handed in.", remedy="Check the lesson again.", place=f"/{role}"
            )
        suffix = next((suffix for magic, suffix in _SUFFIXES if data.startswith(magic)), "")
        if not suffix and b"<svg" in data[:4096]:
            suffix = "svg"
        if not suffix:
            raise ContentError(
                f"The {role} is not a PNG, JPEG, GIF, WebP or SVG.", remedy="Convert it to one.", place=f"/{role}"
            )
        names[role] = f"{role}.{suffix}"
        (root / names[role]).write_bytes(data)
    return names


def _grounds(wanted: Typesetting, files: dict[str, bytes]) -> dict[str, str]:
    """The colours that transparent pictures are laid on, by role; none for a picture that is seen on the slide."""
    paper, text = wanted.inputs["colours"]["paper"], wanted.inputs["colours"]["text"]
    dark = text if contrast(text, WHITE) >= CONTRAST_FLOOR else BLACK
    found = {}
    for role, digest in wanted.files.items():
        # A picture that does not decode is Typst's to refuse.
        with suppress(OSError, SyntaxError, ValueError), Image.open(io.BytesIO(files[digest])) as picture:
            found[role] = ground_for(picture, (paper, WHITE, dark, BLACK, GREY)) if has_transparency(picture) else ""
    return {role: ground for role, ground in found.items() if ground not in ("", paper)}


def _as_rgb(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        out = io.BytesIO()
        picture.convert("RGB").save(out, "PNG", compress_level=2)
    return out.getvalue()


def _explained(message: str) -> Exception:
    """The studio's error for the message of an error of Typst."""
    if found := _OVERFLOW.search(message):
        place, times = found["place"], float(found["times"])
        return DoesNotFit(
            f"The content is {times:.2g} times too large at the smallest legible size.",
            remedy="Shorten it, split the section, or give the slide more room (presenter_place, frame size).",
            place=place,
        )
    if "decode image" in message or "image" in message.lower():
        return ContentError(
            f"The picture cannot be shown: {message}", remedy="Save it again as PNG or JPEG.", place="/picture"
        )
    return ProviderError(f"Typst could not typeset the slide: {message}", remedy="Please report it with the lesson.")
