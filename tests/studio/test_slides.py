"""Slides: everything fits, nothing is cut off, no character is a box, and an author's text is only text."""

from __future__ import annotations

import gc
import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.errors import ContentError, DoesNotFit, EquationInvalid, GlyphMissing
from video_assets.studio.core.frame_layout import Box, plan_layout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.model import Code, PictureFile, Table
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.glyphs import characters_of, font_files, undrawable
from video_assets.studio.slides.inline_text import inline
from video_assets.studio.slides.typesetting import typesetting

FONTS = Path(__file__).parents[2] / "data" / "fonts"
OPEN_FILES = Path("/proc/self/fd")
PAINTER = SlidePictures(FONTS, system_fonts=False)
THEMES = ("chalk", "paper", "signal")
PLACES: tuple[PresenterPlace, ...] = ("corner", "side", "full", "absent")
SIZES = ((1280, 720), (720, 1280), (720, 720))

SENTENCE = "A positive V_GS pulls electrons to the surface, and (V_GS − V_T)^2 sets the *current*"
CODE = "\n".join(["def area(r):", '    """Of a disc."""', *[f"    x{i} = r ** {i}" for i in range(7)], "    return x2"])


def _picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 60, 60)).save(out, "PNG")
    return out.getvalue()


FILES = {"wide": _picture(1536, 512), "tall": _picture(512, 1536), "logo": _picture(300, 100)}

FULL = {
    "title": Slide(
        layout="title", title="How a field-effect transistor switches, and why", subtitle=SENTENCE, footer="CC BY"
    ),
    "end": Slide(
        layout="end", title="Thank you", subtitle="Ada Example", bullets=("Licence: CC BY", "Voice: x"), footer="y"
    ),
    "bullets": Slide(
        layout="bullets", title="Three regions of operation", bullets=(SENTENCE,) * 3, footer="Source: none"
    ),
    "equation": Slide(
        layout="equation",
        title="Square law",
        equation=r"\int_0^1 x^n = \frac{1}{n+1} = a + b = c",
        subtitle="For all n",
    ),
    "code": Slide(layout="code", title="Code", code=Code(language="python", text=CODE)),
    "table": Slide(
        layout="table",
        title="Planets",
        table=Table(
            header=("Planet", "Radius (km)", "Remark"), rows=(("Jupiter", "69 911", "largest of them all"),) * 4
        ),
    ),
    "wide": Slide(layout="picture", title="Wide", picture=PictureFile(path="a", digest="wide"), subtitle="A caption"),
    "tall": Slide(layout="picture", picture=PictureFile(path="a", digest="tall"), bullets=("One thing to see",)),
    "statement": Slide(layout="statement", title="Remember", statement=SENTENCE, subtitle="A field effect"),
    "labels": Slide(
        layout="labels",
        title="Inside an n-channel transistor",
        labels=("V_GS", "V_DS", "source", "drain", "gate oxide", "p-type substrate", "inversion layer"),
        bullets=("A thin oxide insulates the gate", "A positive V_GS pulls electrons"),
    ),
}


def _request(
    slide: Slide, size: tuple[int, int], place: PresenterPlace, theme: str, language: str = "en"
) -> PictureRequest:
    return PictureRequest(slide=slide, stage=plan_layout(*size, place), look=SlideStyle(theme=theme), language=language)


def _paint(
    slide: Slide, language: str = "en", theme: str = "paper", place: PresenterPlace = "corner"
) -> NDArray[np.uint8]:
    return _pixels(_request(slide, (1280, 720), place, theme, language))


def _pixels(request: PictureRequest) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(PAINTER.paint(request, FILES))) as picture:
        return np.asarray(picture)


def _outside(ink: NDArray[np.bool_], box: Box) -> int:
    """Inked pixels outside `box`; two pixels of antialiasing and overhanging letters are allowed."""
    rest = ink.copy()
    rest[max(0, box.y - 2) : box.y + box.height + 2, max(0, box.x - 2) : box.x + box.width + 2] = False
    return int(rest.sum())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_content_stays_inside_and_keeps_off_the_presenter(size: tuple[int, int], place: PresenterPlace) -> None:
    """A learner would lose words at the edge of the frame or behind the presenter."""
    themes = itertools.cycle(THEMES[SIZES.index(size) :] + THEMES[: SIZES.index(size)])
    backdrops = {
        theme: _pixels(_request(Slide(layout="statement", statement="·"), size, place, theme)) for theme in THEMES
    }
    for theme, (name, slide) in zip(themes, FULL.items(), strict=False):
        request = _request(slide, size, place, theme)
        empty = backdrops[theme]
        ink = np.abs(_pixels(request).astype(int) - empty).max(axis=2) > 12
        assert ink.sum() > 1000, name
        assert _outside(ink, request.stage.content) == 0, f"{name} leaves the safe area"
        if clear := request.stage.keep_clear:
            assert not ink[clear.y : clear.y + clear.height, clear.x : clear.x + clear.width].any(), (
                f"{name} is covered"
            )


FEW = {
    "three labels": Slide(layout="labels", title="T", labels=("x²", "5x", "25"), bullets=("Each strip is 5 wide",)),
    "two labels": Slide(
        layout="labels", title="T", labels=("one MOSFET", "billions of switches"), bullets=("Nothing moves",) * 3
    ),
    "three points": Slide(layout="bullets", title="T", bullets=("Ask for the middle",) * 3),
    "formula": Slide(layout="equation", title="T", equation="x^2 = 9"),
    "formula and points": Slide(layout="equation", title="T", equation="x^2 = 9", bullets=("Two roots",) * 2),
    "small table": Slide(layout="table", title="T", table=Table(header=("Light", "Leaf"), rows=(("red", "dark"),) * 3)),
    "few lines": Slide(layout="code", title="T", code=Code(language="python", text="x = 1\ny = 2\nprint(x)")),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", FEW)
def test_few_words_fill_the_slide_and_keep_off_the_presenter(name: str, theme: str) -> None:
    """A class at the back would squint at small type above an empty half, or lose a card behind the presenter."""
    request = _request(FEW[name], (1280, 720), "corner", theme)
    empty = _pixels(_request(Slide(layout="statement", statement="·"), (1280, 720), "corner", theme)).astype(int)
    ink = np.abs(_pixels(request).astype(int) - empty).max(axis=2) > 12
    content, clear = request.stage.content, request.stage.keep_clear
    assert clear is not None
    assert not ink[clear.y : clear.y + clear.height, clear.x : clear.x + clear.width].any()
    assert _outside(ink, content) == 0
    rows = np.nonzero(ink[150:].any(axis=1))[0]
    assert np.ptp(rows) > 0.5 * content.height


def test_a_number_keeps_its_unit_on_its_line() -> None:
    """A learner would read "243" and "d" as two things, in a narrow table."""
    table = Table(header=("Planet", "Day"), rows=(("Venus", "243 d"), ("Earth", "24 h")))
    inputs = typesetting(_request(Slide(layout="table", table=table), (720, 1280), "corner", "paper")).inputs
    assert inputs["table"]["rows"][0][1]["runs"][0]["text"] == "243\u00a0d"
    assert len(inputs["table"]["rows"][0][1]["units"]) == 1


def test_a_logo_is_placed_inside() -> None:
    """A school's logo would be cut off, or stand on the title."""
    look = SlideStyle(theme="signal", logo="logo")
    stage = plan_layout(1280, 720, "corner")
    red = _pixels(PictureRequest(slide=FULL["bullets"], stage=stage, look=look, language="en")) == (200, 60, 60)
    rows, columns = np.nonzero(red.all(axis=2))
    assert rows.size > 2000
    assert rows.min() >= stage.content.y
    assert columns.max() < stage.content.x + stage.content.width


@pytest.mark.parametrize(("digest", "ratio"), [("wide", 3.0), ("tall", 1 / 3)])
def test_a_picture_is_never_stretched(digest: str, ratio: float) -> None:
    """A learner would see a circle as an egg."""
    shown = _paint(Slide(layout="picture", title="P", picture=PictureFile(path="a", digest=digest)), theme="paper")
    rows, columns = np.nonzero((shown == (200, 60, 60)).all(axis=2))
    assert (np.ptp(columns) + 1) / (np.ptp(rows) + 1) == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize(
    ("slide", "place"),
    [
        (Slide(layout="bullets", title="T", bullets=(SENTENCE,) * 40), "/bullets/"),
        (Slide(layout="bullets", title="T", bullets=("short", "ab12" * 60)), "/bullets/1"),
        (Slide(layout="bullets", title=SENTENCE * 12, bullets=("a",)), "/title"),
        (Slide(layout="statement", statement=SENTENCE * 30), "/statement"),
        (Slide(layout="code", code=Code(text="x = 1\n" * 90)), "/code"),
        (Slide(layout="table", table=Table(rows=((SENTENCE,) * 6,) * 9)), "/table"),
        (Slide(layout="equation", equation="+".join(["x_{12}"] * 90)), "/equation"),
        (Slide(layout="labels", labels=(SENTENCE,) * 40), "/labels/"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.layout,
)
def test_what_cannot_fit_is_named(slide: Slide, place: str) -> None:
    """An author would find words cut off in the finished film, or not know which to shorten."""
    with pytest.raises(DoesNotFit) as caught:
        _paint(slide)
    assert caught.value.place.startswith(place)
    assert "times too large" in caught.value.message


def test_long_words_and_addresses_are_broken_not_cut() -> None:
    """A German learner, or one who copies an address from the slide, would see half of it."""
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    address = "https://example.org/a/very/long/path/that/never/ends/with/some?query=string&and=more"
    wide = Slide(layout="bullets", title="T", bullets=(word, address))
    stage = plan_layout(720, 720, "corner")
    _pixels(PictureRequest(slide=wide, stage=stage, look=SlideStyle(theme="paper"), language="de"))


SCRIPTS = (
    "葉",
    "हिन्दी",
    "عربي",
    "עברית",
    "한국어",
    "ไทย",
    "বাংলা",
    "தமிழ்",
    "ქართული",
    "አማርኛ",
    "😀",
    "♞",
    "ℝ∮⟹",
    "Ω",
    "Ж",
    "ひ",
)


def test_every_script_is_drawn() -> None:
    """A learner in Delhi, Shanghai or Cairo would see boxes (all alike) instead of letters."""
    assert not undrawable(SCRIPTS, font_files(FONTS))
    shown = [_paint(Slide(layout="statement", statement=text)).tobytes() for text in SCRIPTS]
    assert len(set(shown)) == len(SCRIPTS)


def test_a_character_that_no_font_has_is_named_with_its_place() -> None:
    """A learner would see an empty box; an author would not know which of thirty sections holds it."""
    for text, code in (("fine", ""), ("a\ue000b", "U+E000"), ("g\U00012000", "U+12000")):
        slide = Slide(layout="bullets", title="Fine", bullets=("good", text))
        if not code:
            _paint(slide)
            continue
        with pytest.raises(GlyphMissing, match=r"U\+1?[2E]000") as caught:
            _paint(slide)
        assert caught.value.place == "/bullets/1"
        assert code in caught.value.message


def test_a_borrowed_font_is_part_of_the_identity(tmp_path: Path) -> None:
    """Two machines with different system fonts would take each other's slides for their own."""
    (tmp_path / "only.otf").write_bytes((FONTS / "inter" / "Inter-Regular.otf").read_bytes())
    poor = SlidePictures(tmp_path)
    request = _request(Slide(layout="statement", statement="⚗"), (640, 360), "absent", "signal")
    try:
        identity = poor.identity(request)
    except GlyphMissing:
        pytest.skip("no font of this system has an alembic either")
    assert len(identity["system_fonts"]) >= 64
    assert poor.paint(request, {})


HOSTILE = (
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0": *',
    "$x$ ] [ } { \\ @ref <label> ~ // /* ` ' \" = - + _ * # $",
    "\\u{41}",
    "#panic(1)]",
    "https://a.b/c",
    "does-not-fit|/x|2",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_only_text(text: str) -> None:
    """An author's lesson could read files, load code from the network or break the slide by a sign."""
    slide = Slide(layout="bullets", title=text, subtitle=text, bullets=(text, text), footer=text)
    different = slide.model_copy(update={"title": text[:-1]})
    assert (_paint(slide) != _paint(different)).any(), "each sign shows"
    _paint(Slide(layout="code", title="T", code=Code(language="c", text=text)))
    _paint(Slide(layout="code", title="T", code=Code(language=text, text=text)))
    _paint(Slide(layout="table", table=Table(header=(text, text), rows=((text, text),))))
    _paint(Slide(layout="labels", labels=(text, "a"), statement=text))


def test_an_equations_fault_reaches_the_author() -> None:
    """An author with a typing error would get a slide without the formula."""
    with pytest.raises(EquationInvalid) as caught:
        _paint(Slide(layout="equation", equation=r"\frac{1}"))
    assert caught.value.place == "/equation"


@pytest.mark.parametrize("layout", ["bullets", "equation", "code", "table", "picture", "statement", "labels", "title"])
def test_a_layout_without_its_content_is_refused(layout: str) -> None:
    """A learner would look at an empty slide while the voice speaks of a formula."""
    with pytest.raises(ContentError, match="nothing to show"):
        _paint(Slide(layout=layout))


def test_right_to_left_starts_at_the_right() -> None:
    """An Arabic reader would find the title at the wrong edge."""
    shown = _paint(Slide(layout="bullets", title="ضوء", bullets=("ماء",)), language="ar", theme="signal")
    dark = shown[40:110].max(axis=2) < 90
    assert np.nonzero(dark)[1].min() > 900


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("V_DS", "V:variable DS:sub"),
        ("(V_GS > V_T)", "(:plain V:variable GS:sub  > :plain V:variable T:sub ):plain"),
        ("½V_DS²", "½:plain V:variable DS:sub ²:plain"),
        ("x^2 and 10^-3", "x:plain 2:sup  and 10:plain −3:sup"),
        ("H_2O, CO_2, Ca(OH)_2", "H:plain 2:sub O, CO:plain 2:sub , Ca(OH):plain 2:sub"),
        ("a_{max}", "a:variable max:sub"),
        ("snake_case and x_train and a_b_c", "snake_case and x_train and a_b_c:plain"),
        ("3 * 4 * 5 and *so*", "3 * 4 * 5 and :plain so:plain!"),
        ("**V_DS** `a_b`", "V:variable! DS:sub!  :plain a_b:code"),
    ],
)
def test_inline_markup(text: str, kinds: str) -> None:
    """A learner would read `V_DS` as it was typed, or see half a file name set low."""
    runs = inline(text)
    assert " ".join(f"{run.text}:{run.kind}{'!' * run.strong}" for run in runs) == kinds


def test_a_slide_knows_nothing_of_its_place_in_the_film() -> None:
    """A teacher who moves a section would wait for all slides to be made again."""
    inputs = typesetting(_request(FULL["bullets"], (1280, 720), "corner", "chalk")).inputs
    assert not {"index", "count", "number", "date"} & set(inputs)


def test_no_font_stays_open() -> None:
    """A run over thousands of lessons would run out of file descriptors if each look at a font left its file open."""
    fonts = font_files(FONTS)
    gc.collect()
    before = len(list(OPEN_FILES.iterdir()))
    gc.disable()
    try:
        known = [characters_of.__wrapped__(path) for path in fonts]
        after = len(list(OPEN_FILES.iterdir()))
    finally:
        gc.enable()
    assert all(known)
    assert after == before
