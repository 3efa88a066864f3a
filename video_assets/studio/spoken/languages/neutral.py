"""The tables of a language that has none of its own: only what is right in every language.

The voice gets letters, digits and punctuation unchanged. Greek letters have their names. Any other character is an
error that names it.
"""

from __future__ import annotations

from types import MappingProxyType

from .language import Language, Maths, listed

_EVERY_LETTER = "\\w"
_GREEK = listed(
    "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu µ mu ν nu ο "
    "omikron π pi ρ rho σ sigma τ tau υ ypsilon φ phi χ chi ψ psi ω omega"
)


def neutral(tag: str) -> Language:
    """The tables for the language `tag`. They are almost empty, so that little is wrong."""
    greek = dict(zip(_GREEK[::2], _GREEK[1::2], strict=True)) if tag != "el" else {}
    capitals = {letter.upper(): name for letter, name in greek.items() if letter != "µ"}
    return Language(
        tag=tag,
        has_tables=False,
        unspaced=tag in {"ja", "yue", "wuu", "hak"},
        script=_EVERY_LETTER,
        point="",
        decimal=".,",
        group="\u00a0\u202f\u2009",
        cardinal=str,
        digits=" ".join,
        fraction_digits=str,
        fraction=lambda numerator, denominator: f"{numerator} {denominator}",
        date=lambda year, month, day: f"{year} {month} {day}",
        clock=lambda hour, minute: f"{hour} {minute}",
        percent="{} %",
        to="",
        per="",
        square="{}",
        cubic="{}",
        square_one="{}",
        cubic_one="{}",
        time_squared="{}",
        units={},
        money={},
        maths=_UNKNOWN_MATHS,
        symbols=MappingProxyType({**greek, **capitals}),
    )


_UNKNOWN_MATHS = Maths(
    minus="", negative="", times="", over="", of="", quantity="", squared="", cubed="", power="", prime="",
    inverse="", transposed="", factorial="", absolute="", limits={}, scientific="",
)  # fmt: skip
