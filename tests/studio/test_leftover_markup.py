"""Markdown and HTML that were pasted into a narration."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.core.errors import ContentError
from video_assets.studio.spoken.leftover_markup import leftover_markup
from video_assets.studio.spoken.markup import MarkedPause, parse
from video_assets.studio.spoken.markup_syntax import markup_problems


@pytest.mark.parametrize(
    ("narration", "shown"),
    [
        ("## What is a cell?", "What is a cell?"),
        ("See [the docs](https://example.org/a).", "See the docs."),
        ('See [the docs](https://example.org/a "Docs") and ![a cell](cell.png).', "See the docs and a cell."),
        ("__bold__ and ~~gone~~ and _slanted_", "bold and gone and slanted"),
        ("> A quote.", "A quote."),
        ("Above.\n---\nBelow.", "Above.\n\nBelow."),
        ("Here it is.[^2] Next.", "Here it is. Next."),
        ("<b>bold</b> text", "bold text"),
        ('<div class="x">Hello</div>', "Hello"),
        ("Salt &amp; pepper, caf&eacute;, 1 &lt; 2", "Salt & pepper, café, 1 < 2"),
        ("x<sup>2</sup> and H<sub>2</sub>O", "x² and H₂O"),
        ("one<br>two <!-- three -->", "one two "),
        ("Visit <https://example.org> now.", "Visit https://example.org now."),
    ],
)
def test_pasted_marks_are_not_shown(narration: str, shown: str) -> None:
    """A class would read and hear hashes, underscores, addresses and tags."""
    assert parse(narration).text == shown


@pytest.mark.parametrize(
    "narration",
    ["`<b>` and `## x`", "the <p> tag", "__init__ and snake_case", "a[i](x) and f[0](y)", "a < b and c > d",
     "# of students", "C# and #1", "> 5", "~5 and ~~ no", "List<String>", "AT&T; R&D", "a_b_c and _private"],
)  # fmt: skip
def test_what_only_looks_like_a_mark_stays(narration: str) -> None:
    """A class about HTML or Python would not see the signs that it is about."""
    assert parse(narration).text == narration.replace("`", "")


def test_a_backslash_keeps_a_mark() -> None:
    """An author could not show a hash, an underscore or a tag at all."""
    assert parse(r"\## x \<b>x\</b> \&amp; \_x_").text == "## x <b>x</b> &amp; _x_"


def test_a_heading_is_separated_by_a_pause() -> None:
    """A class would hear the heading and the first sentence as one sentence."""
    assert parse("# Cells\nThey are small.").silences == (MarkedPause(5, 600),)


@pytest.mark.parametrize("table", ["| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n:--|--:\n1 | 2", "|x|\n|--|\n|y|"])
def test_a_table_is_an_error(table: str) -> None:
    """A class would hear "the absolute value of minus minus minus"."""
    (problem,) = markup_problems(f"Look.\n{table}")
    assert (problem.code, problem.severity) == ("markdown-table", "error")
    with pytest.raises(ContentError, match="table"):
        parse(f"Look.\n{table}")


@pytest.mark.parametrize(
    ("narration", "start", "told"),
    [
        ("A <b>bold</b> word", 2, "HTML tag"),
        ("the <p> tag", 4, "whose name is spoken"),
        ("```python\nx = 1\n```", 0, "fence"),
        ("Look.\n* one", 6, "list"),
        ("- [ ] to do", 0, "list of tasks"),
        ("See ![a cell](cell.png).", 4, "picture"),
        ("[docs]: https://example.org", 0, "address of a link"),
        ("a &foo; b", 2, "entity"),
        ("[^1]: A note.", 0, "footnote"),
        ("light[1] is", 5, "note or an index"),
        ("x <!-- hidden --> y", 2, "comment"),
        (r"$x$ and $\frac{x here", 8, "never closed"),
    ],
)
def test_what_loses_something_warns(narration: str, start: int, told: str) -> None:
    """An author would not learn that a picture is missing or that a tag is read aloud."""
    first = leftover_markup(narration)[0]
    assert first.start == start
    assert told in first.what
    assert first.remedy


@pytest.mark.parametrize(
    "narration",
    ["Plain *text*, [a|b], [pause].", "## A heading", "[docs](https://example.org)", "`<b>`", "2 * 3",
     "Take data[12] here", "so marks[3] = 5", r"$\frac{1}{2}$ and $\alpha$", r"`$\frac{x`", r"\$\frac{x"],
)  # fmt: skip
def test_what_loses_nothing_does_not_warn(narration: str) -> None:
    """Authors would stop to read the warnings."""
    assert leftover_markup(narration) == ()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*"#>_~*[]()<b>/&;`|-\\ \n!^:x1", "amp", "sup", "<b>", "</b>", "__", "http://a.b"])).map(
        "".join
    )
)
def test_every_narration_keeps_its_places(narration: str) -> None:
    """An editor would mark the wrong word, and a narration could stop a run with a traceback."""
    found = leftover_markup(narration)
    assert all(before.end <= after.start for before, after in pairwise(found))
    try:
        marked = parse(narration)
    except ContentError:
        assert any(fault.severity == "error" for fault in markup_problems(narration))
        return
    assert len(marked.text) == len(marked.offsets) == len(marked.styles)
    assert list(marked.offsets) == sorted(set(marked.offsets))
