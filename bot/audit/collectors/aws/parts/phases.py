"""The statuses of AWS resources, as phases of a life.

Sources: the status pages of the user guides of RDS, ElastiCache, Redshift, MQ, MSK and EFS, and the enumerations of the API
references, among them those of FSx, Aurora DSQL, Firehose and Directory Service. What is not listed (`available`,
`modifying`, `backing-up`, `UPDATE_ROLLBACK_COMPLETE`) runs.
"""

from typing import Final

from checks import LifePhase

_CREATED: Final = frozenset(
    {"pending", "pending-creation", "pending-setup", "provisioning", "requested", "restoring", "review-in-progress"}
    | {"rollback-in-progress"}
)
_DELETED: Final = frozenset(
    {"draining", "final-snapshot", "pending-delete", "rollback-complete", "shutting-down", "terminated"}
)
_STOPPED: Final = frozenset(
    {"archived", "archiving", "cloning-failed", "create-failed", "creating-failed", "creation-failed"}
    | {"critical-action-required", "error", "failed", "hardware-failure", "inoperable", "insufficient-capacity"}
    | {"migration-failed", "misconfigured-unavailable", "paused", "restore-error", "restore-failed", "restorefailed"}
    | {"isolated", "revoked", "stopped", "stopping", "storage-full"}
)
_STILL_THERE: Final = ("delete-failed", "deleting-failed")
_STOPPED_STARTS: Final = ("inaccessible-", "incompatible-")


def phase_of(status: str) -> LifePhase:
    """The phase of a status as an API tells it: `DELETE_IN_PROGRESS`, `Delete in progress`, `available, resize-cleanup`."""
    word = status.partition(",")[0].strip().lower().replace("_", "-").replace(" ", "-")
    if word in _STOPPED or word.startswith(_STOPPED_STARTS):
        return LifePhase.STOPPED
    if word in _DELETED or (word.startswith(("delete-", "deleti")) and word not in _STILL_THERE) or word == "deleted":
        return LifePhase.DELETED
    if word in _CREATED or word in ("creating", "create-in-progress", "creation-in-progress"):
        return LifePhase.CREATED
    return LifePhase.RUNNING
