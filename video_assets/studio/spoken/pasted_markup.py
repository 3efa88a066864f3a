"""Marks of Markdown and HTML that were pasted into a narration: headings, emphasis, links, tags, entities.

They are neither shown nor spoken. What they cannot be taken out of (a table, a fence of code) is only found here, for
`leftover_markup` and `markup_syntax`. Does not belong here: the markup of narrations itself (`markup.py`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .characters import SUBSCRIPTS, SUPERSCRIPTS
from .markup_syntax import without_code


class PastedMark(NamedTuple):
    """Characters `start` to `end` (exclusive) of a narration that show as `shown`, and their kind."""

    start: int
    end: int
    shown: str
    kind: str


_LONGEST_TARGET = 300
_TARGET = rf"(?:https?://|mailto:|www\.|[#/]|\.{{1,2}}/|[\w-]+\.\w{{2,5}}\b)[^\s()]{{0,{_LONGEST_TARGET}}}(?:\s\"[^\"\n]{{0,200}}\")?"
_TAGS = (
    "a|abbr|article|aside|b|big|blockquote|body|br|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|"
    "h[1-6]|header|hr|html|i|img|ins|kbd|li|main|mark|nav|ol|p|pre|q|s|samp|section|small|span|strike|strong|table|tbody|"
    "td|th|thead|tr|tt|u|ul|var"
)
_ATTRIBUTES = r"(?:\s+[\w:-]+(?:\s?=\s?(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^\s>\"']{1,300}))?){0,8}\s*"
_DUNDERS = frozenset(
    name.strip("_")
    for kind in (object, type, int, str, list, dict, type(lambda: 0), type(re), type(iter(())), Iterator)
    for name in dir(kind)
    if name.startswith("__")
) | {"main", "all", "file", "enter", "exit", "post_init", "slots", "version", "future", "missing"}
"""Names of Python, which are no emphasis: `__init__`."""

_ALONE = re.compile(
    rf"""(?P<heading>(?m:^)[ ]{{0,3}}\#{{1,6}}[ \t]+(?=\S))
      | (?P<quote>(?m:^)[ ]{{0,3}}>[ ]?(?=[^\W\d_]{{2}}|[AI][ ][^\W\d_]{{2}}|[\"“*]))
      | (?P<rule>(?m:^)[ ]{{0,3}}(?:(?:-[ ]?){{3,40}}|(?:\*[ ]?){{3,40}}|(?:_[ ]?){{3,40}}|={{3,80}})(?m:$))
      | (?P<definition>(?m:^)\[\^[\w-]{{1,20}}\]:[ ]?)
      | (?P<note>(?<!\\)\[\^[\w-]{{1,20}}\](?!\())
      | (?P<comment><!--(?:(?!-->).){{0,500}}-->)
      | (?P<break><(?:br|hr|wbr)\s*/?>)
      | (?P<picture><img{_ATTRIBUTES}/?>)
      | (?P<autolink>(?<=<)(?=https?://[^\s<>]{{1,300}}>))
      | (?P<entity>&(?:\#\d{{1,6}}|\#x[0-9A-Fa-f]{{1,5}}|[A-Za-z][A-Za-z0-9]{{1,30}});)""",
    re.VERBOSE | re.DOTALL,
)
_LINK = re.compile(
    rf"(?<!\\)!?\[(?!\d{{1,3}}\]\[\d)([^\[\]\n]{{1,400}})\](?:\({_TARGET}\)|\[[\w -]{{0,60}}\](?=[\s.,;:!?)]|$))"
)
_PAIRED = re.compile(
    r"(?<![\\\w~])(?P<strike>~~)(?=[^\s~])[^~\n]{1,400}(?<=\S)~~(?!~)"
    r"|(?<![\w\\=])(?P<highlight>==)(?=[^\s=])[^=\n]{1,400}(?<=[^\s=])==(?![\w=])"
    r"|(?<![\w\\_])(?P<strong>__)(?=[^\s_])(?P<inside>[^\n]{1,400}?)(?<=[^\s_])__(?![\w_])"
    r"|(?<![\w\\_])(?P<weak>_)(?=[^\W\d_](?:[^\W\d_]|\.\s))[^_\n]{2,400}(?<=[^\W_])_(?![\w_])"
)
_TAG = re.compile(rf"(?<!\\)<(?P<close>/?)(?P<name>{_TAGS}){_ATTRIBUTES}/?>", re.IGNORECASE)
_SMALL = re.compile(r"(?<!\\)<(?P<name>su[bp])>(?P<text>[^<>\n]{1,40})</(?P=name)>", re.IGNORECASE)


@lru_cache(maxsize=8)
def pasted_marks(narration: str) -> tuple[PastedMark, ...]:
    """All marks in `narration` that are taken out of it, in order and without overlaps."""
    if not _MAY_HAVE_MARKS.search(narration):
        return ()
    text = without_code(narration)
    found = [*_single_marks(text), *_links(text), *_emphases(text), *_tags(text), *_small_letters(text)]
    marks: list[PastedMark] = []
    for mark in sorted(found):
        if not marks or mark.start >= marks[-1].end:
            marks.append(mark)
    return tuple(marks)


_MAY_HAVE_MARKS = re.compile(r"[#<>&\[_~=]|-{3}|\*{3}|- - -|\* \* \*")


def _single_marks(text: str) -> Iterator[PastedMark]:
    for match in _ALONE.finditer(text):
        kind = str(match.lastgroup)
        start, end = match.span()
        if text[start - 1 : start] == "\\":
            continue
        if kind == "entity":
            shown = html.unescape(match[0])
            if len(shown) == 1 and shown != match[0]:
                yield PastedMark(start, end, shown, kind)
        elif kind == "autolink":
            close = text.index(">", start)
            yield from (PastedMark(start - 1, start, "", kind), PastedMark(close, close + 1, "", kind))
        elif kind == "heading" and re.match(r"of\s", text[end : end + 3]):
            continue
        else:
            yield PastedMark(start, end, " " if kind == "break" else "", kind)


def _links(text: str) -> Iterator[PastedMark]:
    for match in _LINK.finditer(text):
        yield PastedMark(match.start(), match.start(1), "", "link")
        yield PastedMark(match.end(1), match.end(), "", "link")


def _emphases(text: str) -> Iterator[PastedMark]:
    for match in _PAIRED.finditer(text):
        if match["strong"] and match["inside"] in _DUNDERS:
            continue
        width = 1 if match["weak"] else 2
        yield PastedMark(match.start(), match.start() + width, "", "emphasis")
        yield PastedMark(match.end() - width, match.end(), "", "emphasis")


def _tags(text: str) -> Iterator[PastedMark]:
    """Tags in pairs, or with attributes. A tag alone is a word about HTML: "the <p> tag"."""
    open_tags: dict[str, list[re.Match[str]]] = {}
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        if not match["close"]:
            open_tags.setdefault(name, []).append(match)
            if "=" in match[0]:
                yield PastedMark(*match.span(), "", "tag")
        elif open_tags.get(name):
            opening = open_tags[name].pop()
            if "=" not in opening[0]:
                yield PastedMark(*opening.span(), "", "tag")
            yield PastedMark(*match.span(), "", "tag")


_RAISED = {plain: small for small, plain in reversed(list(SUPERSCRIPTS.items()))} | {"-": "⁻"}
_LOWERED = {plain: small for small, plain in reversed(list(SUBSCRIPTS.items()))} | {"-": "₋"}


def _small_letters(text: str) -> Iterator[PastedMark]:
    """`x<sup>2</sup>` shows as x²."""
    for match in _SMALL.finditer(text):
        forms = _RAISED if match["name"].lower() == "sup" else _LOWERED
        if all(character in forms for character in match["text"]):
            yield PastedMark(match.start(), match.start("text"), "", "tag")
            for at in range(*match.span("text")):
                yield PastedMark(at, at + 1, forms[text[at]], "tag")
            yield PastedMark(match.end("text"), match.end(), "", "tag")
