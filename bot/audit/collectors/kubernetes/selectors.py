"""Matches labels by selectors, and finds the selectors of a namespace that match.

Source: https://kubernetes.io/docs/reference/generated/kubernetes-api/ (LabelSelector v1 meta). A missing selector matches
nothing, an empty one everything.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.audit.collectors.engine.row import Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """What a selector asks of labels. `expressions`: key, operator and values."""

    labels: Mapping[str, str]
    expressions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        return all(labels.get(key) == value for key, value in self.labels.items()) and all(
            _holds(labels.get(key), operator, values) for key, operator, values in self.expressions
        )


def label_selector(row: Row, path: str) -> LabelSelector | None:
    """The selector with `matchLabels` and `matchExpressions` at a path; None where there is none."""
    if row.value(path) is None:
        return None
    found = row.row(path)
    expressions = tuple(
        (rule.text("key"), rule.text("operator"), rule.texts("values")) for rule in found.rows("matchExpressions")
    )
    return LabelSelector(found.labels("matchLabels"), expressions)


def _holds(value: str | None, operator: str, values: tuple[str, ...]) -> bool:
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    return operator == "DoesNotExist" and value is None


@dataclass(slots=True)
class LabelSelectorIndex(Generic[T]):
    """Selectors by namespace, found by one of their labels, so that thousands of workloads are not held against all."""

    _by_label: dict[tuple[str, str, str], list[tuple[LabelSelector, T]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _others: dict[str, list[tuple[LabelSelector, T]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, namespace: str, selector: LabelSelector, owner: T) -> None:
        """Add a selector of a namespace, with what it belongs to."""
        first = next(iter(selector.labels.items()), None)
        if first is None:
            self._others[namespace].append((selector, owner))
        else:
            self._by_label[namespace, *first].append((selector, owner))

    def matching(self, namespace: str, labels: Mapping[str, str]) -> Iterator[T]:
        """What the selectors belong to that match an object of a namespace."""
        for label in labels.items():
            for selector, owner in self._by_label.get((namespace, *label), ()):
                if selector.matches(labels):
                    yield owner
        for selector, owner in self._others.get(namespace, ()):
            if selector.matches(labels):
                yield owner
