"""The words of clouds other than AWS for the state of a resource, as phases of a life.

Sources: the enumerations `State` and `Status` of Google's API references (Cloud SQL, Compute, Memorystore, GKE, Spanner),
`provisioningState` and `powerState` of Azure's REST references, and Kubernetes' `phase`. What is not listed runs.
"""

from typing import Final

from checks import LifePhase

_CREATED: Final = frozenset(
    {"accepted", "creating", "importing", "pending", "pending_create", "provisioning", "repairing_create", "staging"}
)
_DELETED: Final = frozenset({"delete_requested", "deleted", "deleting", "dropping", "pending_delete", "terminating"})
_STOPPED: Final = frozenset(
    {"cmek_revoked", "deallocated", "deallocating", "degraded_stopped", "disabled", "error", "failed", "inaccessible"}
    | {"paused", "pausing", "stopped", "stopping", "suspended", "suspending", "terminated", "unavailable"}
)


def phase_of(status: str) -> LifePhase:
    """The phase of a state as an API tells it: `RUNNABLE`, `Succeeded`, `VM deallocated`, `PENDING_CREATE`."""
    word = status.strip().lower().rpartition("/")[2].removeprefix("vm ").replace("-", "_").replace(" ", "_")
    if word in _DELETED:
        return LifePhase.DELETED
    if word in _CREATED:
        return LifePhase.CREATED
    return LifePhase.STOPPED if word in _STOPPED else LifePhase.RUNNING
