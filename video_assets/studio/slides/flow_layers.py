"""The layers of a flow chart after Sugiyama's method: boxes by rank, and room for the labels of arrows between them.

An arrow that passes a layer has a place of its own in it, so no arrow runs through a box or a label. Sizes and
coordinates do not belong here: only the template can measure texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .flow_ranks import Arrow, feedback_of, ranks_of

_SWEEPS = 6


class LayerItem(NamedTuple):
    """A place in a layer: of a node, or of an arrow that passes the layer."""

    node: int | None = None
    link: int | None = None


class FlowLayer(NamedTuple):
    """The items of a layer in their order. A layer has nodes, or labels: those of the arrows `labels`."""

    items: tuple[LayerItem, ...]
    has_nodes: bool
    labels: tuple[int, ...]


Orders = list[list[LayerItem]]
Hop = tuple[LayerItem, LayerItem]


def layers_of(count: int, arrows: Sequence[Arrow], labelled: Sequence[bool]) -> tuple[FlowLayer, ...]:
    """The layers of a flow chart in the direction of its arrows, ordered so that few arrows cross.

    `labelled` says which arrows have labels. Arrows that lead back pass no layer.
    """
    rank, back = ranks_of(count, arrows), feedback_of(count, arrows)
    forward = [link for link in range(len(arrows)) if not back[link]]
    gap_of = {link: (rank[arrows[link][0]] + rank[arrows[link][1]] - 1) // 2 for link in forward if labelled[link]}
    # Layer numbers: two for each rank, the odd one for the labels behind it.
    used = sorted({2 * each for each in rank} | {2 * gap + 1 for gap in gap_of.values()})
    orders: Orders = [[LayerItem(node=node) for node in range(count) if 2 * rank[node] == number] for number in used]
    for link in forward:
        start, end = (2 * rank[node] for node in arrows[link])
        for number, layer in zip(used, orders, strict=True):
            if start < number < end:
                layer.append(LayerItem(link=link))
    hops = [_hops(orders, at, arrows, forward) for at in range(len(orders) - 1)]
    orders = _with_few_crossings(orders, hops)
    return tuple(
        FlowLayer(tuple(order), number % 2 == 0, tuple(link for link, gap in gap_of.items() if 2 * gap + 1 == number))
        for order, number in zip(orders, used, strict=True)
    )


def _hops(orders: Orders, at: int, arrows: Sequence[Arrow], forward: Sequence[int]) -> list[Hop]:
    """The items of layer `at` and of the next one that an arrow joins."""
    here, there = set(orders[at]), set(orders[at + 1])
    found: list[Hop] = []
    for link in forward:
        start, end = arrows[link]
        via = LayerItem(link=link)
        first = via if via in here else LayerItem(node=start)
        second = via if via in there else LayerItem(node=end)
        if first in here and second in there:
            found.append((first, second))
    return found


def _with_few_crossings(orders: Orders, hops: Sequence[list[Hop]]) -> Orders:
    """The best of the orders that sweeps by the barycentre heuristic find."""
    best, least = orders, _crossings(orders, hops)
    for sweep in range(_SWEEPS):
        orders = [list(order) for order in orders]
        downward = sweep % 2 == 0
        for at in range(1, len(orders)) if downward else range(len(orders) - 2, -1, -1):
            joined = hops[at - 1] if downward else [(two, one) for one, two in hops[at]]
            _sort(orders[at], orders[at - 1 if downward else at + 1], joined)
        crossings = _crossings(orders, hops)
        if crossings < least:
            best, least = orders, crossings
    return best


def _sort(order: list[LayerItem], fixed: Sequence[LayerItem], hops: Sequence[Hop]) -> None:
    """Sort `order` by the mean place of each item's neighbours in `fixed`; one without neighbours keeps its share."""
    share = {item: (at + 0.5) / len(fixed) for at, item in enumerate(fixed)}
    wished = {item: (at + 0.5) / len(order) for at, item in enumerate(order)}
    for item in order:
        near = [share[one] for one, two in hops if two == item]
        if near:
            wished[item] = sum(near) / len(near)
    order.sort(key=lambda item: wished[item])


def _crossings(orders: Orders, hops: Sequence[list[Hop]]) -> int:
    found = 0
    for (upper, lower), joined in zip(pairwise(orders), hops, strict=True):
        places = [(upper.index(one), lower.index(two)) for one, two in joined]
        found += sum(a < c and b > d for a, b in places for c, d in places)
    return found
