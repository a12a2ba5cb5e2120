"""Results of LitmusChaos experiments.

Shapes: litmuschaos/chaos-operator@26a41c0, api/litmuschaos/v1alpha1 (chaosresult_types.go, chaosengine_types.go). The status of a
result bears no time: when it ended is told by its engine (`lastUpdateTime`). Without the engine, the result's creation is the
time of its first run, which is never too late.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from bot.audit.collectors.engine.kinds import Kind
from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.chaos_targets import engine_of, targets_of
from bot.audit.collectors.kubernetes.linked import LinkedObject, linked
from bot.audit.collectors.kubernetes.selectors import LabelSelector
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

_RESULTS: Final = {"pass": RehearsalResult.SUCCEEDED, "fail": RehearsalResult.FAILED}
"""`Stopped` (aborted) and `Error` prove nothing."""


def _result(item: LinkedObject) -> Iterator[Fact]:
    """The last run of an experiment; none while it runs."""
    verdict = item.text("status.experimentStatus.verdict").lower()
    phase = item.text("status.experimentStatus.phase").lower()
    if verdict in ("", "awaited") or phase == "running":
        return
    engine = engine_of(item.view, item.namespace, item.text("spec.engine"))
    experiment = item.text("spec.experiment") or item.identity.name
    yield item.fact(
        Rehearsal,
        product="litmus",
        name=experiment,
        about=_targets(item, engine),
        kind=RehearsalKind.FAULT_INJECTION,
        at=_ended(engine, experiment) or item.when("metadata.creationTimestamp"),
        result=_RESULTS.get(verdict, RehearsalResult.INCONCLUSIVE),
    )


def _ended(engine: Row, experiment: str) -> datetime | None:
    rows = (row for row in engine.rows("status.experiments") if row.text("name") == experiment)
    return next((at for row in rows if (at := row.when("lastUpdateTime"))), None)


def _targets(item: LinkedObject, engine: Row) -> tuple[str, ...]:
    """The workloads under test: by `appinfo` (namespace, label, kind), or by `selectors.workloads`."""
    app = engine.row("spec.appinfo")
    found: list[str] = []
    if label := app.text("applabel"):
        found += targets_of(
            item.view, [app.text("appns") or item.namespace], _labelled(label), kind=app.text("appkind")
        )
    for workload in engine.rows("spec.selectors.workloads"):
        names = [name.strip() for name in workload.text("names").split(",") if name.strip()]
        labels = workload.text("labels")
        if names or labels:
            place, selector = [workload.text("namespace") or item.namespace], _labelled(labels)
            found += targets_of(item.view, place, selector, kind=workload.text("kind"), names=names)
    return tuple(dict.fromkeys(found))


def _labelled(text: str) -> LabelSelector:
    """`app=web,tier=front` as a selector."""
    pairs: Iterable[tuple[str, str, str]] = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return LabelSelector({key.strip(): value.strip() for key, _, value in pairs})


KINDS = (Kind("ChaosResult", (Rehearsal,), linked(_result)),)
