r"""LaTeX in a narration: what is LaTeX and what is money, what captions show, what is said, and what is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import ContentError, EquationInvalid
from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.latex.latex_tables import FUNCTIONS, LIMIT_FUNCTIONS, SYMBOLS
from video_assets.studio.spoken.latex.linear_text import linear_text
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.markup_syntax import markup_problems
from video_assets.studio.spoken.reading import normalise

SHOWN = {
    r"$n^2$": "n²",
    r"$\frac{1}{2}mv^2$": "½mv²",
    r"\(x^2 + y^2 = r^2\)": "x² + y² = r²",
    r"\[F=ma\]": "F = ma",
    r"$$E=mc^2$$": "E = mc²",
    r"$\frac{a+b}{c}$": "(a + b)/c",
    r"$\frac{a}{b}c$": "a/b·c",
    r"$\frac{d}{dx}e^{-kx}$": "d/dx e^(−kx)",
    r"$\sqrt{x+1}$": "√(x + 1)",
    r"$\sqrt[3]{x}$": "∛x",
    r"$\sum_{i=1}^{n} i^2$": "∑ᵢ₌₁ⁿ i²",
    r"$\int_{-\infty}^{\infty} f(x)\,\mathrm{d}x$": "∫_(−∞)^(∞) f(x)dx",
    r"$\lim_{x\to 0}\frac{\sin x}{x}$": "lim_(x → 0) sin x/x",
    r"$\vec{F}=m\vec{a}$": "F⃗ = ma⃗",
    r"$V_{\text{max}}$": "V_max",
    r"$k_{\text{B}}T$": "k_B T",
    r"$90^\circ$": "90°",
    r"$3{,}5$": "3,5",
    r"$\text{H}_2\text{O}$": "H₂O",
    r"$5\,\text{m/s}$": "5 m/s",
    r"$P(A\mid B)=\frac{P(A\cap B)}{P(B)}$": "P(A ∣ B) = P(A ∩ B)/P(B)",
    r"$\left|\frac{a}{b}\right|$": "|a/b|",
    r"$\binom{n}{k}$": "C(n, k)",
    r"$f''(x)$": "f′′(x)",
    r"$x=\frac{-b\pm\sqrt{b^2-4ac}}{2a}$": "x = (−b ± √(b² − 4ac))/(2a)",
}


@pytest.mark.parametrize(("latex", "shown"), SHOWN.items())
def test_captions_show_no_markup(latex: str, shown: str) -> None:
    """A learner would read backslashes and braces in the captions."""
    assert parse(latex).text == shown


@pytest.mark.parametrize(
    "text",
    ["It costs $5 and $10.", "It costs $5, or 3$.", "US$5 million and $3.50", "$HOME and $PATH", "$5-$10",
     "The price is $x per item, or $y.", "A fee of $20 to $30 - or 5$ each.", "One $ and two $.", "A$ and NZ$."],
)  # fmt: skip
def test_money_and_variables_are_no_latex(text: str) -> None:
    """A class in economics would hear amounts without their currency."""
    assert parse(text).text == text
    assert parse(text).formulas == ()


def test_escaped_brackets_stay_brackets() -> None:
    """An author who wants to show a bracket would get a formula."""
    assert parse(r"\[pause\] and \$5").text == "[pause] and $5"


@pytest.mark.parametrize(
    ("latex", "character", "told"),
    [
        (r"So $\foo{x}$ is", 5, r"\foo"),
        (r"So $\begin{matrix}a\end{matrix}$ is", 5, "a matrix or lines"),
        (r"So $x^{2$ is", 7, "a { without its }"),
        (r"So $x}$ is", 6, "a } without its {"),
        (r"So $a \\ b$ is", 7, "several lines"),
        (r"So $\sqrt[5]{x}$ is", 5, "a root of the order 5"),
        (r"So $\frac{1}$ is", 5, "lacks what belongs to it"),
        (r"So $\vec{ABC}$ is", 5, "over more than one letter"),
        (r"So $x_1_2$ is", 8, "two scripts"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(latex: str, character: int, told: str) -> None:
    """An author would search a long narration for the formula that stops the film."""
    with pytest.raises(EquationInvalid) as problem:
        parse(latex, place="/sections/0")
    message = str(problem.value)
    assert told in message
    assert f"character {character} of the narration" in message
    assert "[what the class sees|what the voice says]" in problem.value.remedy or "x^{1/5}" in problem.value.remedy


def test_offsets_lead_back_to_the_narration() -> None:
    """An error about a word after a formula would point to a wrong place."""
    narration = r"So $\frac{1}{2}mv^2$ is energy."
    marked = parse(narration)
    assert len(marked.offsets) == len(marked.text) == len(marked.styles)
    assert [narration[marked.offsets[marked.text.index(letter)]] for letter in ("½", "m", "v", "e")] == [
        "\\",
        "m",
        "v",
        "e",
    ]
    assert list(marked.offsets) == sorted(marked.offsets)


def test_markup_inside_latex_is_none() -> None:
    """An author's cube root would be reported as unknown markup, and a product of stars as emphasis."""
    assert markup_problems(r"$\sqrt[3]{x}$ and $a*b*c$ [slow]x[/slow]") == ()
    assert parse(r"$a*b*c$").text == "a*b*c"


PIECES = st.sampled_from(
    [*(f"\\{name} " for name in (*SYMBOLS, *FUNCTIONS, *LIMIT_FUNCTIONS)), *string.ascii_letters, *string.digits,
     *"+-=<>()[]{}^_'|,.*/&~", "\\frac", "\\sqrt", "\\text", "\\vec", "\\hat", "\\left", "\\right", "\\binom", "\\not",
     "\\pmod", "\\mathrm", "\\operatorname", "\\mathbb", "\\\\", "\\,", "\\quad "]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@example("\\pmod{}")
@example("\\binom{}{}")
@example("\\not")
@example("{" * 60)
@example("\\mathrm{")
def test_any_latex_is_a_line_or_is_refused(latex: str) -> None:
    """A typing error in a formula would end a render with a traceback instead of a place."""
    try:
        line = linear_text(latex, place="/sections/0", offset=0)
    except EquationInvalid:
        return
    assert len(line.text) == len(line.offsets)
    assert all(0 <= at < max(1, len(latex)) for at in line.offsets)
    assert "\\" not in line.text or "backslash" in latex or "setminus" in latex


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=16).map("".join), st.sampled_from(["en", "de", "fr", "es", "hi", "zh"]))
def test_what_is_shown_is_read_or_refused(latex: str, language: str) -> None:
    """A formula that captions can show would end a render with a traceback when it is read."""
    try:
        normalise(parse(f"So ${latex}$ holds."), language_of(language), {})
    except ContentError as problem:
        assert problem.remedy
