"""Which nodes of a graph lie on every path from its root to a node: what must be removed so that the node is reached no more.

The algorithm is that of Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001). No recursion.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

N = TypeVar("N")


def immediate_dominators(root: N, edges: Mapping[N, Sequence[N]]) -> dict[N, N]:
    """The nearest dominator of each node that the root reaches; the root's is itself. `edges`: node -> its successors."""
    order = _postorder(root, edges)
    number = {node: at for at, node in enumerate(order)}
    before: dict[N, list[N]] = {node: [] for node in order}
    for node in order:
        for successor in edges.get(node, ()):
            before[successor].append(node)
    found: dict[N, N] = {root: root}
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):
            nearest = None
            for previous in before[node]:
                if previous in found:
                    nearest = previous if nearest is None else _common(previous, nearest, found, number)
            if nearest is not None and (node not in found or found[node] != nearest):
                found[node] = nearest
                changed = True
    return found


def _common(one_node: N, other: N, found: Mapping[N, N], number: Mapping[N, int]) -> N:
    while one_node != other:
        while number[one_node] < number[other]:
            one_node = found[one_node]
        while number[other] < number[one_node]:
            other = found[other]
    return one_node


def _postorder(root: N, edges: Mapping[N, Sequence[N]]) -> list[N]:
    """Every node that the root reaches, each after its successors; the root is last."""
    order: list[N] = []
    seen = {root}
    open_nodes = [(root, iter(edges.get(root, ())))]
    while open_nodes:
        node, rest = open_nodes[-1]
        for successor in rest:
            if successor not in seen:
                seen.add(successor)
                open_nodes.append((successor, iter(edges.get(successor, ()))))
                break
        else:
            order.append(node)
            open_nodes.pop()
    return order
