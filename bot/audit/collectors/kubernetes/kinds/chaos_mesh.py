"""Experiments of Chaos Mesh.

Shapes: chaos-mesh/chaos-mesh@0137c95, api/v1alpha1/common_types.go (1.x: `status.experiment.phase`, `startTime`, `endTime`,
`podRecords`), and for 2.x `status.conditions` (Selected, AllInjected, AllRecovered, Paused) with
`status.experiment.containerRecords` (`injectedCount`, `recoveredCount`, `events`):
https://chaos-mesh.org/docs/inspect-chaos-experiments/

Chaos Mesh does not judge the service: a run that injected its fault everywhere and took it back ran as planned. One that was
paused, selected nothing or did not inject everywhere proves nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.chaos_kinds import EXPERIMENTS
from bot.audit.collectors.kubernetes.chaos_targets import targets_of
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.selectors import LabelSelector
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

_ONE_SHOT: Final = frozenset({"pod-kill", "container-kill"})
"""Actions with nothing to take back: https://chaos-mesh.org/docs/simulate-pod-chaos-on-kubernetes/"""


def _experiment(item: LinkedObject) -> Iterator[Fact]:
    """An experiment that has ended, or never began; none while it runs."""
    ended = _first_version(item) if item.value("status.experiment.phase") is not None else _second_version(item)
    if ended is None:
        return
    result, at = ended
    yield item.fact(
        Rehearsal,
        product="chaosmesh",
        about=_targets(item),
        kind=RehearsalKind.FAULT_INJECTION,
        at=at,
        result=result,
    )


def _first_version(item: LinkedObject) -> tuple[RehearsalResult, datetime | None] | None:
    """The result and the end of a run of 1.x: finished with a record of at least one pod."""
    phase, status = item.text("status.experiment.phase"), item.row("status.experiment")
    at = status.when("endTime") or status.when("startTime")
    if phase == "Finished":
        hit = bool(status.rows("podRecords"))
        return (RehearsalResult.SUCCEEDED if hit else RehearsalResult.INCONCLUSIVE), at
    return (RehearsalResult.INCONCLUSIVE, at) if phase in ("Failed", "Paused") else None


def _second_version(item: LinkedObject) -> tuple[RehearsalResult, datetime | None] | None:
    """The result and the end of a run of 2.x, by its conditions and the records of its targets."""
    conditions = {row.text("type"): row.text("status") == "True" for row in item.rows("status.conditions")}
    records = item.rows("status.experiment.containerRecords")
    at = _last_event(records) or item.when("metadata.creationTimestamp")
    if conditions.get("Paused"):
        return RehearsalResult.INCONCLUSIVE, at
    hit = bool(records) and all((row.number("injectedCount") or 0) > 0 for row in records)
    if item.text("spec.action") in _ONE_SHOT:
        return (RehearsalResult.SUCCEEDED, at) if hit and conditions.get("AllInjected") else None
    if not (records and conditions.get("AllRecovered")):
        return None
    back = all((row.number("recoveredCount") or 0) >= (row.number("injectedCount") or 0) for row in records)
    return (RehearsalResult.SUCCEEDED if hit and back else RehearsalResult.INCONCLUSIVE), at


def _last_event(records: tuple[Row, ...]) -> datetime | None:
    moments = [at for row in records for event in row.rows("events") if (at := event.when("timestamp"))]
    return max(moments, default=None)


def _targets(item: LinkedObject) -> tuple[str, ...]:
    """The workloads whose pods are selected; without a namespace, those of the experiment's own."""
    spec = item.row("spec.selector")
    labels = spec.labels("labelSelectors")
    namespaces = spec.texts("namespaces") or (item.namespace,)
    if not labels and not spec.texts("namespaces"):
        return ()
    return targets_of(item.view, namespaces, LabelSelector(labels))


KINDS = tuple(Kind(kind, (Rehearsal,), linked(_experiment)) for kind in EXPERIMENTS)
