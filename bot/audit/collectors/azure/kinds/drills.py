"""Drills of Azure resiliency management (REST references "Drills - List", "Drill Runs - List", "Drill Resources - List").

A drill belongs to a service group, and its account is the subscription of the first resource in it. Goals are not read: they
say what is wanted, and not whether it holds.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, subscription_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.row import Row
from checks import GLOBAL, Fact, Rehearsal, RehearsalKind, RehearsalResult, Unread

_RESULTS: Final = {
    "success": RehearsalResult.SUCCEEDED,
    "completed": RehearsalResult.SUCCEEDED,
    "failed": RehearsalResult.FAILED,
}


def _drill(drill: AzureResource) -> Iterable[Fact]:
    """A drill with its latest run that has ended. What people attested about the run outranks its status."""
    runs, listed = drill.detail("drillRuns"), drill.detail("drillResources")
    if isinstance(runs, Unread) or isinstance(listed, Unread):
        return
    about = [row.text("properties.resourceId").lower() for row in listed.rows("value") if _takes_part(row)]
    if not about:
        return
    ended = [(at, row) for row in runs.rows("value") if (at := row.when("properties.endTime"))]
    at, last = max(ended, key=_when, default=(None, Row({})))
    word = last.text("properties.attestation") or last.text("properties.status")
    zonal = drill.text("properties.drillType").lower() == "zonal"
    yield drill.fact(
        Rehearsal,
        product="resiliency",
        account=subscription_of(about[0]),
        region=GLOBAL,
        about=tuple(dict.fromkeys(about)),
        kind=RehearsalKind.FAULT_INJECTION if zonal else RehearsalKind.FAILOVER,
        at=at,
        result=_RESULTS.get(word.lower(), RehearsalResult.INCONCLUSIVE),
    )


def _takes_part(row: Row) -> bool:
    return bool(row.text("properties.resourceId")) and row.text("properties.inclusionState").lower() != "excluded"


def _when(ended: tuple[datetime | None, Row]) -> float:
    return ended[0].timestamp() if ended[0] else 0.0


KINDS = (kind("Microsoft.AzureResilienceManagement/drills", (Rehearsal,), _drill),)
