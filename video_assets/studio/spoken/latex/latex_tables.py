"""The LaTeX commands and environments that are known, and the Typst source of each, read from `latex.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

_TABLES = tomllib.loads(Path(__file__).with_name("latex.toml").read_text("utf-8"))
SYMBOLS: dict[str, str] = _TABLES["symbols"]
ESCAPED: dict[str, str] = _TABLES["escaped"]
SPACES: dict[str, str] = _TABLES["spaces"]
FUNCTIONS: dict[str, str] = _TABLES["functions"]
LIMIT_FUNCTIONS: dict[str, str] = _TABLES["limits"]
WRAPPERS: dict[str, str] = _TABLES["wrappers"]
PAIRS: dict[str, str] = _TABLES["pairs"]
OVER: dict[str, str] = _TABLES["over"]
TEXTS: dict[str, str] = _TABLES["texts"]
MATRICES: dict[str, str] = _TABLES["matrices"]
BRACKET_SIZES_PERCENT = {"big": 120, "Big": 180, "bigg": 240, "Bigg": 300}

CASE_ENVIRONMENTS = frozenset({"cases", "dcases"})
ROW_ENVIRONMENTS = frozenset(
    {"aligned", "align", "align*", "split", "gather", "gather*", "gathered", "equation", "equation*"}
)

# Characters by their role
RELATIONS = frozenset("=<>≤≥≠≡≈∼≃≅∝≪≫→⟶⇒⟹⇔⟺∈⊂⊆≔⩽⩾")
IMPLICATIONS = frozenset("⇒⟹⇔⟺")
OPENERS = {"(": ")", "[": "]"}
NEGATIONS = {"=": "≠", "∈": "∉", "<": "≮", ">": "≯", "⊂": "⊄", "⊆": "⊈", "≡": "≢", "≤": "≰", "≥": "≱"}
