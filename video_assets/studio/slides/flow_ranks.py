"""The ranks of a flow chart: how many arrows a node is away from a start, without arrows that lead back."""

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


def ranks_of(count: int, arrows: Sequence[Arrow]) -> tuple[tuple[int, int, int], ...]:
    """For each node: its rank, its place among the nodes of that rank, and their number.

    The rank is the length of the longest path from a node without predecessors (the longest-path layering of
    Sugiyama's method); arrows that lead back do not count. Nodes of a rank stand in the order of their predecessors.
    """
    forward = [arrow for arrow, back in zip(arrows, feedback_of(count, arrows), strict=True) if not back]
    rank = dict.fromkeys(range(count), 0)
    for _ in range(count):
        for start, end in forward:
            rank[end] = max(rank[end], rank[start] + 1)
    order: dict[int, float] = {}
    placed: dict[int, tuple[int, int, int]] = {}
    for level in sorted(set(rank.values())):
        mates = [node for node in range(count) if rank[node] == level]
        before = {node: [order[start] for start, end in forward if end == node and start in order] for node in mates}
        mates.sort(key=lambda node: (sum(before[node]) / len(before[node]) if before[node] else 0.0, node))
        for place, node in enumerate(mates):
            order[node] = place - (len(mates) - 1) / 2
            placed[node] = (level, place, len(mates))
    return tuple(placed[node] for node in range(count))


def is_chain(count: int, arrows: Sequence[Arrow]) -> bool:
    """Whether the arrows lead from each node to the next one, and nowhere else."""
    return sorted(arrows) == [(node, node + 1) for node in range(count - 1)]
