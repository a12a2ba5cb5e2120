"""Experiments of Chaos Studio with their latest run (REST references "Experiments - Get", "Experiments - List All Executions")."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.kinds_of import kind
from checks import Fact, Rehearsal, RehearsalKind, RehearsalResult

_RESULTS: Final = {"success": RehearsalResult.SUCCEEDED, "failed": RehearsalResult.FAILED}
_RUNNING: Final = ("preprocessing", "prerunning", "running", "queued", "waitforstart", "cancelling")
_MOMENTS: Final = ("startedAt", "createdDateUtc", "createdAt", "stoppedAt", "endDateUtc")


def _experiment(experiment: AzureResource) -> Iterable[Fact]:
    """An experiment: its latest run that has ended, or none where it never ran."""
    runs = [
        (at, run.text("properties.status").lower())
        for run in experiment.children()
        if run.text("properties.status").lower() not in _RUNNING and (at := _moment(run))
    ]
    at, status = max(runs, default=(None, ""))
    targets = experiment.ids("properties.selectors[].targets[].id")
    yield experiment.fact(
        Rehearsal,
        product="chaosstudio",
        about=tuple(dict.fromkeys(target.rpartition("/providers/microsoft.chaos/")[0] or target for target in targets)),
        kind=RehearsalKind.FAULT_INJECTION,
        at=at,
        result=_RESULTS.get(status, RehearsalResult.INCONCLUSIVE),
    )


def _moment(run: AzureResource) -> datetime | None:
    return next((found for name in _MOMENTS if (found := run.when(f"properties.{name}"))), None)


KINDS = (kind("Microsoft.Chaos/experiments", (Rehearsal,), _experiment),)
