"""The kinds of facts that Google Cloud has and this collector does not read: unknown, and not absent."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.gcp.asset import SOURCE, AssetIndex
from checks import GLOBAL, Fact, Firewall, Gap, Rehearsal, UserDirectory, Workflow

# A gap without a region is one of the whole project, so these have one.
_NOWHERE: Final[tuple[tuple[str, tuple[type[Fact], ...]], ...]] = (
    ("no API of Google Cloud lists failover tests", (Rehearsal,)),
)
_WHERE_LISTED: Final[tuple[tuple[str, tuple[type[Fact], ...], str], ...]] = (
    ("steps of Workflows are not read", (Workflow,), "workflows.googleapis.com/Workflow"),
    ("firewall endpoints are not read", (Firewall,), "networksecurity.googleapis.com/FirewallEndpointAssociation"),
    ("user pools of Identity Platform are not read", (UserDirectory,), "identitytoolkit.googleapis.com/Config"),
)
"""Reason, kinds, and the type of asset that shows that a project has some."""
SIGNS: Final = frozenset(resource_type for _, _, resource_type in _WHERE_LISTED)
KINDS_OF_SIGNS: Final = tuple(kind for _, kinds, _ in _WHERE_LISTED for kind in kinds)


def not_read(estate: AssetIndex, projects: Iterable[str]) -> Iterator[Gap]:
    """A gap for each of these kinds in each project that has, or may have, some."""
    for project in projects:
        for reason, kinds in _NOWHERE:
            yield Gap(SOURCE, "gcp", project, GLOBAL, reason, kinds)
        for reason, kinds, sign in _WHERE_LISTED:
            if any(asset.identity.account == project for asset in estate.by_type.get(sign, ())):
                yield Gap(SOURCE, "gcp", project, GLOBAL, reason, kinds)
