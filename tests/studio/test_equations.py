"""Equations: what LaTeX becomes, and what it says when it cannot."""

from __future__ import annotations

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import EquationInvalid
from video_assets.studio.slides.equations.latex_to_typst import typeset_latex
from video_assets.studio.spoken.latex.latex_tokens import MOST_NESTED

KNOWN = (
    r"I_D = \frac{1}{2} \mu_n C_{ox} \frac{W}{L} (V_{GS} - V_T)^2 (1 + \lambda V_{DS})",
    r"\int_{-\infty}^{\infty} e^{-x^2}\,\mathrm{d}x = \sqrt{\pi}",
    r"\lim_{x\to 0}\frac{\sin x}{x}=1",
    r"A = \begin{pmatrix} a & b \\[2pt] c & d \end{pmatrix}, \quad \det A = ad - bc",
    r"f(x)=\begin{cases} x^2 & \text{if } x \ge 0 \\ -x & \text{otherwise}\end{cases}",
    r"\begin{aligned} (a+b)^2 &= a^2 + 2ab + b^2 \\ (a-b)^2 &= a^2-2ab+b^2 \end{aligned}",
    r"\left\{ \begin{aligned} x+y&=1\\ x-y&=\frac{1}{2} \end{aligned}\right.",
    r"\forall \varepsilon>0\;\exists\delta>0: |x-a|<\delta \implies |f(x)-L|<\varepsilon",
    r"\underbrace{a+b}_{\text{sum}} \xrightarrow{\text{heat}} \overset{!}{=} {}^{14}_{6}\mathrm{C}",
    r"\sum_{\substack{i<j\\ i\neq k}} a_{ij}, \hat H\psi = i\hbar\,\dot\psi, f''(x), f'^2",
    r"a \equiv b \pmod{n}, \big( \tfrac12 \big), 3{,}14, \boxed{E=mc^2}, \sqrt[3]{x}, [0,1)",
    r"\operatorname*{arg\,max}_\theta \log p(\theta), \mathbb{R}^n, \mathbf{v}, \binom{n}{k}, \cancel{x}",
    r"\left.\frac{\mathrm{d}y}{\mathrm{d}x}\right|_{x=0} \not= \oint_{\partial S} \mathbf{B}\cdot d\boldsymbol{\ell}",
    r"$$ E = mc^2 $$",
)

_PAGE = b'#set page(width: auto, height: auto)\n#math.equation(block: true, eval(sys.inputs.source, mode: "math"))'
_FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[])


def _svg(source: str) -> str:
    compiler = typst.Compiler(_PAGE, font_paths=_FONTS, sys_inputs={"source": source})
    made = compiler.compile(format="svg")
    assert isinstance(made, bytes)
    return made.decode()


@pytest.mark.parametrize("latex", KNOWN)
def test_what_lessons_write_is_typeset(latex: str) -> None:
    """A teacher who pastes an ordinary formula from a textbook would lose the section if it did not parse."""
    equation = typeset_latex(latex)
    assert _svg(equation.source)
    assert not equation.broken or _svg(equation.broken)


@pytest.mark.parametrize(
    ("latex", "character", "piece"),
    [
        (r"a + \foo b", 5, r"\foo"),
        (r"\frac{1}", 1, r"\frac lacks"),
        (r"a}b", 2, "} without"),
        (r"x + {a", 5, "{ without"),
        (r"x^2^3", 4, "two superscripts"),
        (r"\left( x", 1, r"\left without"),
        (r"\begin{foo}x\end{foo}", 7, "environment foo"),
        (r"\begin{pmatrix} a", 18, r"no \end{pmatrix}"),
        (r"\begin{pmatrix} a \end{cases}", 23, r"\end{cases} closes"),
        (r"x_", 2, "script is missing"),
        ("#read", 1, "bare #"),
        (r"\sqrt[3 x", 6, "[ without"),
        ("   ", 0, "empty"),
    ],
)
def test_a_fault_is_named_with_its_place(latex: str, character: int, piece: str) -> None:
    """An author with a typing error in a long formula would search for it by eye."""
    with pytest.raises(EquationInvalid) as caught:
        typeset_latex(latex, "/equation")
    assert piece in caught.value.message
    assert not character or f"at character {character}:" in caught.value.message
    assert caught.value.place == "/equation"


def test_a_chain_of_relations_breaks_at_each() -> None:
    """A learner would get a derivation shrunk to one illegible line."""
    assert typeset_latex("a = b + c = d = e").broken.count("\\ &") == 2
    assert typeset_latex("a = b").broken == ""
    assert typeset_latex(r"a = b = c \quad\text{for } n = 1").broken.count("\\ &") == 1, "a condition is not broken"


def test_a_deduction_breaks_at_its_arrows() -> None:
    """A learner would see the second equation torn apart, or both too small to read."""
    broken = typeset_latex(r"x^2 = 9 \quad\Longrightarrow\quad x = \pm 3").broken
    assert broken.count(" \\ ") == 1
    assert broken.split(" \\ ")[1].startswith("\\u{27f9} quad & x")
    assert _svg(broken)


def test_signs_of_typst_stay_signs() -> None:
    """An author's text could read files on the machine that renders it."""
    source = typeset_latex(r"""\text{#read("/etc/passwd")} \# x \$""").source
    assert "#read" not in source.replace('"#read(', "")
    assert "root:" not in _svg(source)


_ALPHABET = st.sampled_from(
    [
        *"abx12+-=<>()[]|/.,;:!'*~é中#$%@\"{}^_& ",
        *(r"\frac", r"\sqrt", r"\left(", r"\right)", r"\alpha", r"\sum", r"\int", r"\vec", r"\text{a}", r"\\"),
        *(r"\begin{cases}", r"\end{cases}", r"\,", r"\{", r"\}", r"\not", r"\big(", "{a}{b}", "^{2}", "_{ij}", "{x+1}"),
    ]
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(_ALPHABET, max_size=8).map(" ".join))
def test_anything_is_typeset_or_refused(latex: str) -> None:
    """A teacher would see a Typst error about text that she never wrote."""
    try:
        equation = typeset_latex(latex)
    except EquationInvalid:
        return
    for source in filter(None, equation):
        _svg(source)


_WRAPS = {
    "braces": ("{", "}"),
    "round": ("(", ")"),
    "square": ("[", "]"),
    "left": (r"\left(", r"\right)"),
    "root": (r"\sqrt{", "}"),
    "index": (r"\sqrt[", "]{x}"),
    "over": (r"\frac{", "}{2}"),
    "under": (r"\frac{2}{", "}"),
    "raised": ("x^{", "}"),
    "lowered": ("x_{", "}"),
    "accent": (r"\vec ", ""),
    "negated": (r"\not", ""),
    "style": (r"\displaystyle ", ""),
    "box": (r"\boxed{", "}"),
    "binomial": (r"\binom{", "}{k}"),
    "above": (r"\overset{", "}{=}"),
    "stack": (r"\substack{", r"\\ y}"),
    "matrix": (r"\begin{pmatrix}", r"\end{pmatrix}"),
    "cases": (r"\begin{cases}", r"\end{cases}"),
    "aligned": (r"\begin{aligned}", r"\end{aligned}"),
}


@pytest.mark.parametrize("depth", [MOST_NESTED + 1, 400])
@pytest.mark.parametrize("wrap", _WRAPS)
def test_too_deep_an_equation_is_refused_with_its_place(wrap: str, depth: int) -> None:
    """A teacher with a thousand lessons would get none of them: one nested equation ended the whole command."""
    before, after = _WRAPS[wrap]
    latex = (before * depth + "x" + after * depth)[:8000]
    with pytest.raises(EquationInvalid) as caught:
        typeset_latex(latex, "/sections/0/equation")
    assert wrap == "negated" or f"more than {MOST_NESTED} levels" in caught.value.message
    assert "at character" in caught.value.message
    assert caught.value.remedy
    assert caught.value.place == "/sections/0/equation"


@pytest.mark.parametrize("wrap", [wrap for wrap in _WRAPS if wrap != "negated"])
def test_what_is_nested_as_deep_as_allowed_is_typeset(wrap: str) -> None:
    """An author would be told that an equation is fine, and Typst would then fail at it."""
    before, after = _WRAPS[wrap]
    assert _svg(typeset_latex(before * 38 + "x" + after * 38).source)


def test_the_last_of_several_limits_counts() -> None:
    r"""A text of nothing but \\limits would be nested as deep as it is long."""
    assert typeset_latex(r"\sum" + r"\limits" * 500 + "_i").source == typeset_latex(r"\sum\limits_i").source
    assert typeset_latex(r"\sum\limits\nolimits_i").source == typeset_latex(r"\sum\nolimits_i").source
