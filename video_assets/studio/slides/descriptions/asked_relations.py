"""Diagrams of what leads to what, filled from a description that asks for them: flow, cycle, hierarchy.

Each function returns None if description and narration do not give enough. `named` says that the description names the
arrangement; then the narration may complete it. Does not belong here: how lists and quotations are found
(`arrangement_source`).
"""

from __future__ import annotations

import re
from itertools import pairwise

from video_assets.studio.lesson.diagrams.relations import Branch, Cycle, Flow, Hierarchy, Link

from .arrangement_source import MARK, ArrangementSource

_MOST_NODES = 10
_MOST_STEPS = 8
_MOST_CHILDREN = 6


def asked_flow(source: ArrangementSource, *, named: bool) -> Flow | None:
    """A flow chart along the arrows of the description, or else through its steps."""
    arrows = _arrows(source)
    if arrows and not _leaves_out_quotes(source, arrows):
        nodes = tuple(dict.fromkeys(node for arrow in arrows for node in arrow))
        if not 2 <= len(nodes) <= _MOST_NODES:
            return None
        back = _back(source, nodes)
        closed = any(nodes.index(start) > nodes.index(end) for start, end in arrows)
        return Flow(kind="flow", nodes=nodes, links=_links(nodes, (*arrows, back) if back and not closed else arrows))
    if through := in_and_out(source):
        return through
    nodes = _steps(source, named=named)
    if not (2 if named else 3) <= len(nodes) <= _MOST_NODES:
        return None
    back = _back(source, nodes)
    chain = tuple(pairwise(nodes))
    return Flow(kind="flow", nodes=nodes, links=_links(nodes, (*chain, back)) if back else ())


def asked_cycle(source: ArrangementSource, *, named: bool) -> Cycle | None:
    """A cycle through the steps of the description."""
    arrows = _arrows(source)
    steps = tuple(dict.fromkeys(node for arrow in arrows for node in arrow)) or _steps(source, named=named)
    steps = tuple(step for step in steps if step.casefold() != source.title.casefold())
    return Cycle(kind="cycle", steps=steps) if (2 if arrows else 3) <= len(steps) <= _MOST_STEPS else None


def asked_hierarchy(source: ArrangementSource, *, named: bool) -> Hierarchy | None:
    """A tree of what branches into what."""
    children: dict[str, tuple[str, ...]] = {}
    for sentence in source.sentences:
        for piece in re.split(r";\s*|,\s+(?:and\s+)?which\s+|,\s+with\s+(?=" + MARK + ")", sentence):
            _add_branches(source, piece, children)
    if children:
        return _tree(next(iter(children)), children)
    quoted = source.quotes()
    below = quoted[1:] if source.words.find("at_top", source.text) else ()
    items = below or quoted or source.listed(least=2)
    root = quoted[0] if below else source.title
    items = tuple(item for item in items if item.casefold() != root.casefold())
    return _tree(root, {root: items}) if named and 1 < len(items) <= _MOST_CHILDREN and root else None


def _add_branches(source: ArrangementSource, piece: str, children: dict[str, tuple[str, ...]]) -> None:
    match = source.words.find("branches_into", piece)
    if match is None:
        return
    before = piece[: match.start()]
    # "The root at the top" names no root.
    unquoted = source.title if source.words.find("at_top", before) else source.label(_tail(source, before))
    parent = (source.quotes(before) or (unquoted,))[-1]
    # Leaves hang on branches, and it is not said on which.
    behind = re.split(rf",?\s+(?:{source.words.any_of('leaves')})\b", piece[match.end() :], flags=re.IGNORECASE)[0]
    items = source.items(re.sub(r"^[\s:]+", "", behind))
    items = tuple(item for item in items if item != parent)
    known = {item for each in children.values() for item in each}
    if parent and 1 < len(items) <= _MOST_CHILDREN and (not children or parent in known) and parent not in children:
        children[parent] = items


def _tree(root: str, children: dict[str, tuple[str, ...]], depth: int = 0) -> Hierarchy | None:
    def branch(name: str, depth: int) -> Branch:
        below = children.get(name, ()) if depth < 3 else ()
        return Branch(name=name, children=tuple(branch(child, depth + 1) for child in below))

    size = 1 + sum(map(len, children.values()))
    return Hierarchy(kind="hierarchy", root=branch(root, depth)) if size <= 20 else None


def _steps(source: ArrangementSource, *, named: bool) -> tuple[str, ...]:
    """The steps that the description gives, or else (if it names the arrangement) those of the narration."""
    quoted = source.quotes()
    if len(quoted) > 1:
        return quoted
    own = source.numbered() or _from_to(source) or source.listed()
    if own or not named:
        return own
    return source.narrated_steps() or source.narrated_list()


def _from_to(source: ArrangementSource) -> tuple[str, ...]:
    """The stations of `from A to B to C`: at least three."""
    words = source.words
    for sentence in source.sentences:
        match = words.find("from", sentence)
        if match is None:
            continue
        pieces = re.split(rf"\s+(?:{words.any_of('to', 'leads_to')})\s+", sentence[match.end() :], flags=re.IGNORECASE)
        pieces[-1] = re.split(r"[,;.]\s", pieces[-1])[0]
        labels = tuple(dict.fromkeys(source.label(piece) for piece in pieces))
        if len(labels) > 2 and all(labels):
            return labels
    return ()


def _arrows(source: ArrangementSource) -> tuple[tuple[str, str], ...]:
    """The arrows of the description, as pairs of labels: those drawn as →, and `A leads to B`."""
    found: list[tuple[str, str]] = []
    for sentence in source.sentences:
        text = _with_arrows(source, sentence)
        for chain in re.split(r"[;\n]", text):
            found.extend(_chain(source, chain))
    return tuple(dict.fromkeys(arrow for arrow in found if all(arrow) and arrow[0] != arrow[1]))


def _leaves_out_quotes(source: ArrangementSource, arrows: tuple[tuple[str, str], ...]) -> bool:
    """Whether two or more of the quoted labels stand at no arrow. Then the arrows are not understood."""
    joined = {node for arrow in arrows for node in arrow}
    return "→" not in source.text and len(set(source.quotes()) - joined) > 0


def _with_arrows(source: ArrangementSource, sentence: str) -> str:
    verbs = source.words.any_of("leads_to")
    start, end = source.words.any_of("arrow_from"), source.words.any_of("to")
    of_arrow = rf"(?:{start})\s+(.{{1,60}}?)\s+(?:{end})\s+(?={MARK})"
    if not re.search(MARK, sentence):
        told = re.sub(rf",?\s+(?:which\s+|that\s+|then\s+)?(?:{verbs})\s+", " → ", sentence, flags=re.IGNORECASE)
        return told if told.count("→") > 1 else sentence
    text = re.sub(of_arrow, r": \1 → ", sentence, flags=re.IGNORECASE)
    return re.sub(rf"({MARK})\s*,?\s+(?:which\s+|that\s+|then\s+)?(?:{verbs})\s+", r"\1 → ", text, flags=re.IGNORECASE)


def _chain(source: ArrangementSource, text: str) -> list[tuple[str, str]]:
    pieces = text.split("→")
    if len(pieces) < 2:
        return []
    pairs: list[tuple[str, str]] = []
    for number, (before, after) in enumerate(pairwise(pieces)):
        start = _tail(source, before) if number == 0 or re.search(r"[,:]", before) else before
        end = re.split(r"[,:.]\s", after.strip(), maxsplit=1)[0]
        pairs.append((_end_label(source, start, last=True), _end_label(source, end, last=False)))
    return pairs


def _end_label(source: ArrangementSource, piece: str, *, last: bool) -> str:
    quoted = source.quotes(piece)
    if not quoted and source.words.find("back", piece):
        return ""  # "back to the start" is no step
    return quoted[-1 if last else 0] if quoted else source.label(piece)


def _tail(source: ArrangementSource, text: str) -> str:
    """What stands at the end of `text`, after the last comma, colon or head of a list."""
    piece = re.split(r"[:：,]\s", f"{text} ")[-1].strip() or text.strip()
    heads = list(re.finditer(source.words.any_of("list_heads"), piece, re.IGNORECASE))
    return piece[heads[-1].end() :].strip() or piece if heads else piece


def in_and_out(source: ArrangementSource) -> Flow | None:
    """What goes in, the subject that it goes into, and what comes out.

    It is told as `'Sugar' goes in, 'alcohol' comes out`, or as `inputs: 'light', 'water'; output: 'sugar'`.
    """
    words, marks = source.words, rf"({MARK}(?:(?:\s|,|{source.words.any_of('and')})*{MARK})*)"
    told = rf"{marks}\s+(?:{words.any_of('goes_in')})\b.*?{marks}\s+(?:{words.any_of('comes_out')})"
    gap = rf"(?:(?!{MARK})\W)+"
    named = rf"(?:{words.any_of('input')}){gap}{marks}.*?(?:{words.any_of('output')}){gap}{marks}"
    match = re.search(told, source.text, re.IGNORECASE) or re.search(named, source.text, re.IGNORECASE)
    if match is None:
        return None
    ins, outs = source.quotes(match[1]), source.quotes(match[2])
    box = rf"(?:{words.any_of('boxes')}){gap}(?:(?:{words.any_of('labelled')}){gap})?({MARK})"
    inner = re.search(box, source.text, re.IGNORECASE)
    middle = source.quote(inner[1]) if inner else source.title
    nodes = (*ins, middle, *outs)
    if not all(nodes) or len({*nodes, *source.quotes()}) != len(nodes) or len(nodes) > _MOST_NODES:
        return None  # other labels take part, and it is not said where
    arrows = (*((each, middle) for each in ins), *((middle, each) for each in outs))
    return Flow(kind="flow", nodes=nodes, links=_links(nodes, arrows))


def _back(source: ArrangementSource, nodes: tuple[str, ...]) -> tuple[str, str] | None:
    """The arrow of a feedback loop: from the last node to the one that is named after `back to`, or to the first."""
    for sentence in source.sentences:
        match = source.words.find("back", sentence)
        if match:
            rest = source.written(sentence[match.end() :]).casefold()
            named = [node for node in nodes[:-1] if node.casefold() in rest]
            return (nodes[-1], named[0] if named else nodes[0])
    return None


def _links(nodes: tuple[str, ...], arrows: tuple[tuple[str, str], ...]) -> tuple[Link, ...]:
    """`arrows` as links; none if they only join each node to the next."""
    if arrows == tuple(pairwise(nodes)):
        return ()
    return tuple(Link(start=start, end=end) for start, end in dict.fromkeys(arrows))[:24]
