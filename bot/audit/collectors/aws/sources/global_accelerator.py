"""Global Accelerator: the regions that each accelerator routes to, and those with healthy endpoints."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of, part
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Accelerator, Fact, Maybe, Unread

_SERVICE = "globalaccelerator"
_HOME = "us-west-2"  # the only endpoint of its API (Global Accelerator API reference, "Welcome")
Row = dict[str, Any]
Regions = Maybe[tuple[str, ...]]
Groups = Sequence[Sequence[Row]]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Accelerator per accelerator: one listing, and one call for each accelerator and each listener."""
    home = aws.at(_HOME)
    if aws.partition != "aws" or not home.offered(_SERVICE):
        return
    rows = home.list(_SERVICE, "ListAccelerators", "Accelerators")
    identity = ItemIdentity[Row](f"{_SERVICE}:ListAccelerators", lambda row: row["AcceleratorArn"])
    yield from facts_of(aws, lambda row: _accelerator(aws, home, row), rows, identity)


def _accelerator(aws: Reader, home: Reader, row: Row) -> Fact:
    arn = row["AcceleratorArn"]
    groups = part(aws, arn, lambda: _groups_by_listener(home, arn), f"{_SERVICE}:ListEndpointGroups")
    known: Groups = () if isinstance(groups, Unread) else groups
    return aws.fact(
        Accelerator,
        resource=arn,
        name=row.get("Name") or arn.rpartition("/")[2],
        product=_SERVICE,
        tags=home.tags(arn),
        about=_targets(known),
        regions=groups if isinstance(groups, Unread) else _common(known, _takes_traffic),
        healthy_regions=groups if isinstance(groups, Unread) else _healthy(known),
        enabled=row.get("Enabled", True),
    )


def _groups_by_listener(home: Reader, arn: str) -> Groups:
    listeners = home.list(_SERVICE, "ListListeners", "Listeners", AcceleratorArn=arn)
    return home.each(lambda listener: _groups(home, listener), listeners)


def _groups(home: Reader, listener: Row) -> list[Row]:
    return home.list(_SERVICE, "ListEndpointGroups", "EndpointGroups", ListenerArn=listener["ListenerArn"])


def _targets(groups: Groups) -> tuple[str, ...]:
    """The endpoints of all listeners: ARNs of load balancers, ids of instances and addresses."""
    ids = [end.get("EndpointId", "") for some in groups for group in some for end in _endpoints(group)]
    return tuple(dict.fromkeys(target for target in ids if target))


def _endpoints(group: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = group.get("EndpointDescriptions", ())
    return [end for end in found if end.get("Weight", 1) != 0]


def _takes_traffic(group: Mapping[str, Any]) -> bool:
    return bool(_endpoints(group)) and group.get("TrafficDialPercentage", 100) > 0


def _is_healthy(group: Mapping[str, Any]) -> bool:
    return _takes_traffic(group) and any(end.get("HealthState") == "HEALTHY" for end in _endpoints(group))


def _common(groups: Groups, counts: Callable[[Row], bool]) -> tuple[str, ...]:
    """The regions in which every listener has a group that counts."""
    found = [{group["EndpointGroupRegion"] for group in some if counts(group)} for some in groups]
    return tuple(sorted(set.intersection(*found))) if found else ()


def _healthy(groups: Groups) -> Regions:
    ends = [end for some in groups for group in some if _takes_traffic(group) for end in _endpoints(group)]
    if any("HealthState" not in end for end in ends):
        return Unread("ListEndpointGroups returned no HealthState field")
    return _common(groups, _is_healthy)


SOURCE = Source(
    name="aws_accelerators",
    facts=(Accelerator,),
    where="global",
    actions=(
        "globalaccelerator:ListAccelerators",
        "globalaccelerator:ListListeners",
        "globalaccelerator:ListEndpointGroups",
        "tag:GetResources",
    ),
    read=read,
)
