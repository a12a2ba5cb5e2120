"""Which workloads a chaos experiment is aimed at, by namespace and labels of pods, and which engine of Litmus ran it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.kubernetes.objects import namespace_of, resource_id
from bot.audit.collectors.kubernetes.selectors import LabelSelector
from bot.audit.collectors.kubernetes.view import ClusterView

_KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Rollout")


class ChaosTarget(NamedTuple):
    """A workload as experiments select it: `labels` are those of its pods."""

    resource: str
    kind: str
    name: str
    labels: Mapping[str, str]


ChaosTargets = Mapping[str, list[ChaosTarget]]
"""The workloads of each namespace."""

_known: "WeakKeyDictionary[ClusterView, ChaosTargets]" = WeakKeyDictionary()
_engines: "WeakKeyDictionary[ClusterView, Mapping[tuple[str, str], Row]]" = WeakKeyDictionary()


def targets_of(
    view: ClusterView, namespaces: Iterable[str], selector: LabelSelector, *, kind: str = "", names: Iterable[str] = ()
) -> tuple[str, ...]:
    """The workloads in these namespaces that a selector matches. `kind` and `names` narrow it further where given."""
    found, wanted = _targets(view), frozenset(names)
    return tuple(
        target.resource
        for namespace in dict.fromkeys(namespaces)
        for target in found.get(namespace, ())
        if selector.matches(target.labels)
        and (not kind or target.kind.lower() == kind.lower())
        and (not wanted or target.name in wanted)
    )


def _targets(view: ClusterView) -> ChaosTargets:
    """The workloads of a cluster by namespace, indexed once."""
    if view not in _known:
        found: dict[str, list[ChaosTarget]] = defaultdict(list)
        for target, namespace in _each(view):
            found[namespace].append(target)
        _known[view] = dict(found)
    return _known[view]


def _each(view: ClusterView) -> Iterator[tuple[ChaosTarget, str]]:
    for kind in _KINDS:
        for row in view.rows(kind):
            with suppress(OddFieldError):
                namespace, name = namespace_of(kind, row), row.text("metadata.name")
                labels = view.template_of(row, namespace).labels("metadata.labels")
                yield ChaosTarget(resource_id(view.place.account, namespace, kind, name), kind, name, labels), namespace


def engine_of(view: ClusterView, namespace: str, name: str) -> Row:
    """The engine of Litmus of this name, indexed once; empty where it was deleted."""
    if view not in _engines:
        found: dict[tuple[str, str], Row] = {}
        for row in view.rows("ChaosEngine"):
            with suppress(OddFieldError):
                found[namespace_of("ChaosEngine", row), row.text("metadata.name")] = row
        _engines[view] = found
    return _engines[view].get((namespace, name), Row({}))
