"""Text of authors and providers in Dagster's UI: read with a CommonMark parser, it is text and nothing else."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from jobs.archive_report import _markdown
from jobs.lessons.nightly_check import _table
from video_assets.markdown import escape_markdown
from video_assets.studio.telemetry.run_statistics import RunFacts, run_statistics
from video_assets.studio.telemetry.summary import batch_summary

BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
PIECES = (
    "![x](http://host/b.png)", "[log in](http://evil/)", "<http://evil/>", "http://evil.example/x", "WWW.evil.example",
    "https://evil.example", "a@evil.example", "<img src=x onerror=y>", "<!-- ", "&lt;b&gt;", "&#x202e;", "[a]: http://e",
    "[a]", "|", "\\|", "\\", "`", "``", "**", "_a_", "~~", "# ", "- ", "1. ", "> ", "---", "===", "\n", "\n\n    code",
    "\r", "\u2028", "\x00", "\x1b[31m", "  \n", "| --- |", "\ud800", "é", "क्ष", "👩‍🔬", "\u202e", "\ufeff",
)  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=12).map("".join)
AUTOLINKS = (
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE | re.ASCII),
    re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.ASCII),
)
"""By these Dagster's UI (remark-gfm) makes links of text that was parsed already."""
TEXT = {"text", "text_special"}
TABLE = {f"{tag}_{end}" for tag in ("table", "thead", "tbody", "tr", "th", "td") for end in ("open", "close")}


def _tokens(markdown: str):
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def _seen(token) -> str:
    for child in token.children or ():
        assert child.type in TEXT, (child.type, token.content)
    return "".join(child.content for child in token.children or ())


def _read(text: str) -> str:
    """What a person can read of `text`, on one line."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text if c not in BIDI)
    return " ".join("".join(kept).split())


@given(HOSTILE)
def test_text_of_others_is_shown_as_it_is_and_as_nothing_else(text: str) -> None:
    """A lesson from somebody else could put a picture of his server, or a false log-in, into the maker's UI."""
    rest = [
        token for token in _tokens(escape_markdown(text)) if token.type not in {"paragraph_open", "paragraph_close"}
    ]
    assert all(token.type == "inline" for token in rest), rest
    shown = "".join(map(_seen, rest))
    assert not any(pattern.search(shown) for pattern in AUTOLINKS), shown
    assert not set(shown) & set(BIDI)
    # U+2060 is invisible; whoever wrote one himself loses nothing that can be seen.
    assert shown.replace("\u2060", "") == _read(text).replace("\u2060", "")


@given(st.lists(HOSTILE.filter(lambda text: bool(_read(text))), min_size=1, max_size=3))
def test_text_of_others_stays_in_its_cell(reasons: list[str]) -> None:
    """A reason with a pipe in it would end the table, and the lessons below it would not be read."""
    wanted = {f"lesson-{number}": reason for number, reason in enumerate(reasons)}
    tokens = _tokens(_table(wanted, {}))
    assert {token.type for token in tokens} <= TABLE | {"inline"}
    cells = [_seen(token).replace("\u2060", "") for token in tokens if token.type == "inline"]
    assert cells[3:] == [cell for key, why in wanted.items() for cell in (key, "due", _read(why).replace("\u2060", ""))]


@given(HOSTILE)
def test_why_a_lesson_failed_is_text(text: str) -> None:
    """A provider that says markup in its error would have it drawn in the report of the archive."""
    run = run_statistics(RunFacts("run", "tiny", "failure", errors=(text,)), ())
    types = {
        child.type for token in _tokens("\n".join(_markdown(batch_summary([run])))) for child in token.children or ()
    }
    assert types <= TEXT | {"strong_open", "strong_close"}, types
