"""Texts of slides for the template: their inline markup, where their lines may break, and their direction.

Does not belong here: which texts a slide has (`typesetting`, `diagram_inputs`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from video_assets.studio.core.values import FrozenModel

from .directions import with_isolates

RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"))
_INLINE = re.compile(
    r"(?<![\\\w*])(?P<stars>\*\*?)(?=[^\s*])(?P<strong>[^*]*[^\s*])(?P=stars)(?![\w*])"
    r"|`(?P<code>[^`]+)`"
    r"|(?<![^\W\d²³¹½¼¾])(?P<base>[^\W\d_²³¹½¼¾])_(?:\{(?P<sub_group>[^{}]{1,24})\}|"
    r"(?P<sub>\d+(?![\d_{])|[A-Za-z][A-Za-z0-9]{0,4}(?![^\W²³¹½¼¾]|\{)))"
    r"|(?:(?<=[A-Z])|(?<=[A-Z][a-z])|(?<=\)))_(?P<count>\d+)(?![\d_{a-z])"
    r"|(?<=[\w)\]}])\^(?:\{(?P<sup_group>[^{}]{1,24})\}|(?P<sup>[-−+]?\d+|[A-Za-z+−-]))(?!\w)"
)
"""Emphasis, code, `V_DS`, the counts of a formula such as CO_2, and powers."""
_HYPHENATED = frozenset(
    ("be", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "is", "it", "lt", "nb", "nl")
) | frozenset(("nn", "pl", "pt", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk"))
"""Languages for which Typst has hyphenation patterns."""
_STANDS_ALONE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)
_UNIT = re.compile(
    rf"[ \u200b]|{_STANDS_ALONE.pattern}|(?:(?!{_STANDS_ALONE.pattern})[^ \u200b–—-]|-\u2060)+[–—-]?|[–—-]"
)
"""A space, a character of a script that is written without spaces, or a word up to and including its hyphen."""
_LONG_WORD = re.compile(r"\S{21,}")
_GROUPED_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u2009]\d{3})+(?!\d)")
_SIGN_OF_NUMBER = re.compile(r"(?<=[×÷±≈]) (?=\d)|(?<=\d) (?=[%‰])")
_NO_BREAK = {ord(" "): "\u00a0", 0x2009: "\u202f"}
_LETTER_HYPHEN = re.compile(r"(?<=\b\w)-(?=\w)")


class Run(FrozenModel):
    """A part of a text in one style."""

    text: str
    kind: str = "plain"
    """plain, variable, sub, sup or code."""
    strong: bool = False


def inline(text: str) -> tuple[Run, ...]:
    """`text` as runs: `*so*` is strong, `V_DS` and `x^2` get subscripts and superscripts, `` `so` `` is code.

    All other characters are literal. Runs of spaces become one space, but no-break spaces (U+00A0) are kept.
    """
    words = re.split(r"[ \t\r\n\f\v]+", text.strip())
    return tuple(_runs(unicodedata.normalize("NFC", " ".join(words)), strong=False))


def _runs(text: str, *, strong: bool) -> Iterator[Run]:
    done = 0
    for match in _INLINE.finditer(text):
        found = list(_marked(match, strong=strong))
        if not found:
            continue
        if match.start() > done:
            yield Run(text=_breakable(text[done : match.start()]), strong=strong)
        yield from found
        done = match.end()
    if done < len(text):
        yield Run(text=_breakable(text[done:]), strong=strong)


def _marked(match: re.Match[str], *, strong: bool) -> Iterator[Run]:
    part = match.groupdict()
    if part["strong"]:
        yield from _runs(part["strong"], strong=True)
    elif part["code"]:
        yield Run(text=part["code"], kind="code", strong=strong)
    elif part["base"] and not _is_program_name(part["base"], part["sub"]):
        in_formula = match.string[match.end() : match.end() + 1].isalpha()
        yield Run(text=part["base"], kind="plain" if in_formula else "variable", strong=strong)
        yield Run(text=part["sub_group"] or part["sub"], kind="sub", strong=strong)
    elif part["count"]:
        yield Run(text=part["count"], kind="sub", strong=strong)
    elif sup := part["sup_group"] or part["sup"]:
        yield Run(text=sup.replace("-", "−"), kind="sup", strong=strong)


def _is_program_name(base: str, sub: str | None) -> bool:
    """`x_train` is a name in a program; `x_max` and `V_peak` are quantities."""
    return base.islower() and base.isascii() and len(sub or "") > 3


def _breakable(text: str) -> str:
    """`text` with possible line breaks after punctuation inside long words (addresses), and none in “n-channel”."""
    jointed = _LONG_WORD.sub(
        lambda word: re.sub(r"(?<=[/._?&=:,;|+-])(?!(?<=\d[.,])\d)(?=\w)", "\u200b", word.group()), text
    )
    return _LETTER_HYPHEN.sub("-\u2060", jointed)


def template_text(text: str, language: str) -> dict[str, Any] | None:
    """A text for the template: its runs, and its widest parts without a line break; None for an empty text."""
    runs = inline(_whole_numbers(text))
    if not runs:
        return None
    whole = _widest(_unbreakable(runs))
    hyphenated = [_cut(unit) for unit in whole] if language in _HYPHENATED else whole
    if language in RIGHT_TO_LEFT:
        runs = _isolated(runs)
    return {name: _dumped(value) for name, value in (("runs", runs), ("units", whole), ("slices", hyphenated))}


def _whole_numbers(text: str) -> str:
    """`text` without line breaks inside "1 000 000", after the sign of "× 1000", and before that of "50 %"."""
    grouped = _GROUPED_NUMBER.sub(lambda number: number.group().translate(_NO_BREAK), text)
    return _SIGN_OF_NUMBER.sub("\u00a0", grouped)


def _isolated(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    texts = with_isolates([run.text for run in runs], [run.kind == "code" for run in runs])
    return tuple(run.model_copy(update={"text": text}) for run, text in zip(runs, texts, strict=True))


def _dumped(value: Any) -> Any:
    return value.model_dump() if isinstance(value, Run) else [_dumped(item) for item in value]


def _unbreakable(runs: tuple[Run, ...]) -> list[list[Run]]:
    """The parts of `runs` between which a line may be broken."""
    units: list[list[Run]] = [[]]
    for run in runs:
        for match in _UNIT.finditer(run.text):
            unit = match.group()
            if unit.isspace() or unit == "\u200b":
                units.append([])
                continue
            units[-1].append(run.model_copy(update={"text": unit}))
            if unit[-1] in "-–—" or _STANDS_ALONE.fullmatch(unit):
                units.append([])
    return [unit for unit in units if unit]


def _widest(units: list[list[Run]]) -> list[list[Run]]:
    """Four of `units` that include the widest one, by an estimate of the widths of letters."""
    return sorted(units, key=lambda unit: -sum(_rough_width(run.text) for run in unit))[:4]


def _rough_width(text: str) -> float:
    narrow, wide = sum(c in "ijlft.,:;'|!()[] " for c in text), sum(c in "mwMW@—" for c in text)
    full = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) - 0.5 * narrow + 0.4 * wide + full


def _cut(unit: list[Run]) -> list[Run]:
    """The part of a word that cannot be hyphenated: at most 14 letters, because no language has longer syllables."""
    return [run.model_copy(update={"text": run.text[:14] + "-"}) if run.text.isalpha() else run for run in unit]
