"""The kinds of facts that no plan and no state has, each as a gap with its reason."""

from collections.abc import Iterator
from typing import Final

from checks import (
    Assessment,
    Backup,
    EndpointUse,
    Fact,
    Gap,
    Pipeline,
    Quota,
    Rehearsal,
    TrafficShift,
)

_MISSING: Final[tuple[tuple[str, tuple[type[Fact], ...]], ...]] = (
    ("a plan does not say which backups were taken", (Backup,)),
    ("a plan does not say which drills were run", (Rehearsal,)),
    ("a plan does not say how much of a quota is used", (Quota,)),
    ("a plan does not say which endpoints were called", (EndpointUse,)),
    ("a plan does not say which pipelines deploy the service", (Pipeline,)),
    ("a plan does not say which zonal shifts are set up", (TrafficShift,)),
    ("a plan does not say what other tools assessed", (Assessment,)),
)
ONLY_AFTER_DEPLOYMENT: Final = "a plan does not say what runs now"
"""Why a field of a running resource is unread: healthy targets, newest snapshots."""

NOT_USED: Final = "no check uses it yet, so backstay does not read it"
"""The reason of a field that no verdict needs; it is not listed as unread."""


def not_in_a_plan() -> Iterator[Gap]:
    """A gap for each kind of fact that a plan cannot have. Nothing failed, so the gap names no place."""
    for reason, kinds in _MISSING:
        yield Gap("", "", "", "", reason, kinds)
