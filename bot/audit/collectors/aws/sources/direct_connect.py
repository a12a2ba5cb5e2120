"""Direct Connect: connections and LAGs with their device, location and whether a virtual interface carries traffic."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.parts.token_pages import all_pages
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import DedicatedLine, Fact, Maybe, Unread

_SERVICE = "directconnect"
_PHASES = {"ordering": "pending", "requested": "pending", "rejected": "deleted"}
Row = dict[str, Any]


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one DedicatedLine per LAG and per connection outside a LAG, from at most three listings of the region."""
    connections = all_pages(aws, _SERVICE, "DescribeConnections", "connections", "nextToken")
    if not connections:
        return
    single = [row for row in connections if not row.get("lagId")]
    bundled = len(single) < len(connections)
    lags = all_pages(aws, _SERVICE, "DescribeLags", "lags", "nextToken") if bundled else []
    used = aws.maybe(lambda: _lines_with_traffic(aws))
    yield from facts_of(aws, lambda row: _line(aws, row, used), single, _identity(aws, "connection"), calls=False)
    yield from facts_of(aws, lambda row: _lag(aws, row, used), lags, _identity(aws, "lag"), calls=False)


def _identity(aws: Reader, kind: str) -> ItemIdentity[Row]:
    action = f"{_SERVICE}:Describe{kind.capitalize()}s"
    return ItemIdentity[Row](action, lambda row: _arn_of(aws, row, kind), lambda row: tag_map(row.get("tags")))


def _arn_of(aws: Reader, row: Row, kind: str) -> str:
    return aws.arn(_SERVICE, f"dx{'lag' if kind == 'lag' else 'con'}/{row[f'{kind}Id']}")


def _lines_with_traffic(aws: Reader) -> frozenset[str]:
    """The ids of the connections and LAGs with a virtual interface that is up."""
    rows = all_pages(aws, _SERVICE, "DescribeVirtualInterfaces", "virtualInterfaces", "nextToken")
    return frozenset(row.get("connectionId", "") for row in rows if row.get("virtualInterfaceState") == "available")


def _line(aws: Reader, row: Row, used: Maybe[frozenset[str]], kind: str = "connection", **fields: Any) -> Fact:
    state = row.get(f"{kind}State", "")
    return aws.fact(
        DedicatedLine,
        resource=_arn_of(aws, row, kind),
        name=row.get(f"{kind}Name") or row[f"{kind}Id"],
        product=_SERVICE,
        status=_PHASES.get(state, state),
        tags=tag_map(row.get("tags")),
        device=_device(row),
        location=row.get("location", ""),
        carries_traffic=_carries_traffic(row[f"{kind}Id"], state, used),
        **fields,
    )


def _lag(aws: Reader, row: Row, used: Maybe[frozenset[str]]) -> Fact:
    """All links of a LAG end at one device."""
    return _line(aws, row, used, "lag", links=row.get("numberOfConnections", 0), minimum_links=row.get("minimumLinks"))


def _device(row: Mapping[str, Any]) -> str:
    return str(row.get("awsDeviceV2") or row.get("awsDevice") or "")


def _carries_traffic(line: str, state: str, used: Maybe[frozenset[str]]) -> Maybe[bool]:
    if state == "down":
        return False
    return used if isinstance(used, Unread) else line in used


SOURCE = Source(
    name="aws_dedicated_lines",
    facts=(DedicatedLine,),
    actions=(
        "directconnect:DescribeConnections",
        "directconnect:DescribeLags",
        "directconnect:DescribeVirtualInterfaces",
    ),
    read=read,
)
