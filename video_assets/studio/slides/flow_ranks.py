"""The ranks of a flow chart: how many arrows a node is away from a start, without arrows that lead back.

Does not belong here: the order of nodes within a rank (`flow_layers`).
"""

from __future__ import annotations

from collections.abc import Sequence

Arrow = tuple[int, int]


def feedback_of(count: int, arrows: Sequence[Arrow]) -> tuple[bool, ...]:
    """For each arrow, whether it leads back to a node that comes before its start on some path from a first node.

    Nodes are visited in the order in which the author wrote them, so the result does not depend on the arrows' order.
    """
    after: dict[int, list[int]] = {node: [] for node in range(count)}
    for start, end in arrows:
        after[start].append(end)
    open_nodes: set[int] = set()
    done: set[int] = set()
    back: set[Arrow] = set()

    def visit(node: int) -> None:
        open_nodes.add(node)
        for following in sorted(after[node]):
            if following in open_nodes:
                back.add((node, following))
            elif following not in done:
                visit(following)
        open_nodes.discard(node)
        done.add(node)

    for node in range(count):
        if node not in done:
            visit(node)
    return tuple(arrow in back for arrow in arrows)


def ranks_of(count: int, arrows: Sequence[Arrow]) -> tuple[int, ...]:
    """For each node, the length of the longest path to it from a node without predecessors.

    This is the longest-path layering of Sugiyama's method. Arrows that lead back do not count.
    """
    forward = [arrow for arrow, back in zip(arrows, feedback_of(count, arrows), strict=True) if not back]
    rank = dict.fromkeys(range(count), 0)
    for _ in range(count):
        for start, end in forward:
            rank[end] = max(rank[end], rank[start] + 1)
    return tuple(rank[node] for node in range(count))


def is_chain(count: int, arrows: Sequence[Arrow]) -> bool:
    """Whether the arrows lead from each node to the next one, and nowhere else."""
    return sorted(arrows) == [(node, node + 1) for node in range(count - 1)]
