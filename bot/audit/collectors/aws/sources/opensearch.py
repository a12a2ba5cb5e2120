"""OpenSearch domains: nodes, zone awareness, snapshots."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of, in_batches
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, StoreKind

_BATCH_SIZE = 5  # domains in one DescribeDomains call
_MASTERS, _MASTER_ZONES = 3, 3  # default number of dedicated masters, and their zones
_AWARE_ZONES, _STANDBY_ZONES = 2, 3  # zones of a domain where no number is set: API reference, `ZoneAwarenessConfig`
_SNAPSHOT_DAYS = 14  # OpenSearch Service guide, "Creating index snapshots": hourly snapshots are kept 14 days


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per domain."""
    listed = aws.list("opensearch", "ListDomainNames", "DomainNames")
    of_row = ItemIdentity[dict[str, Any]](
        "es:ListDomainNames", lambda row: aws.arn("es", f"domain/{row['DomainName']}")
    )
    names = list(each_of(aws, lambda row: str(row["DomainName"]), listed, of_row, calls=False))
    by_name = ItemIdentity[str]("es:DescribeDomains", lambda name: aws.arn("es", f"domain/{name}"))
    rows = in_batches(aws, lambda batch: _described(aws, batch), names, _BATCH_SIZE, by_name)
    identity = ItemIdentity[dict[str, Any]]("es:DescribeDomains", lambda row: _arn_of(aws, row))
    yield from facts_of(aws, lambda row: _domain(aws, row), rows, identity, calls=False)


def _described(aws: Reader, names: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = aws.get("opensearch", "DescribeDomains", DomainNames=list(names))["DomainStatusList"]
    return rows


def _arn_of(aws: Reader, row: dict[str, Any]) -> str:
    return str(row.get("ARN") or aws.arn("es", f"domain/{row['DomainName']}"))


def _votes(nodes: Mapping[str, Any], *, zone_aware: bool) -> tuple[int, ...]:
    """The votes in each zone: of the dedicated masters where there are any, else of the data nodes.

    Developer guide, "Configuring a multi-AZ domain": dedicated masters run in three zones also where the data nodes are
    in two. Data nodes are spread evenly.
    """
    if nodes.get("DedicatedMasterEnabled"):
        count, zones = int(nodes.get("DedicatedMasterCount") or _MASTERS), _MASTER_ZONES
    else:
        awareness = nodes.get("ZoneAwarenessConfig", {}).get("AvailabilityZoneCount")
        standby = nodes.get("MultiAZWithStandbyEnabled")
        count, zones = int(nodes.get("InstanceCount", 1)), awareness or (_STANDBY_ZONES if standby else _AWARE_ZONES)
    used = min(count, zones) if zone_aware else 1
    return tuple((count + place) // used for place in range(used))


def _domain(aws: Reader, row: dict[str, Any]) -> Fact:
    nodes = row.get("ClusterConfig", {})
    count = nodes.get("InstanceCount", 1)
    zone_aware = bool(nodes.get("ZoneAwarenessEnabled") or nodes.get("MultiAZWithStandbyEnabled"))
    return aws.fact(
        Datastore,
        resource=_arn_of(aws, row),
        name=row.get("DomainName") or _arn_of(aws, row).rpartition("/")[2],
        product="opensearch",
        status=_status(row),
        kind=StoreKind.SEARCH,
        engine=row.get("EngineVersion", ""),
        zone_redundant=zone_aware and count > 1,
        nodes=count,
        votes=_votes(nodes, zone_aware=zone_aware),
        automatic_failover=count > 1,
        backup_days=_SNAPSHOT_DAYS,
        capacity=Capacity.FIXED,
        minor_upgrades=bool(row.get("SoftwareUpdateOptions", {}).get("AutoSoftwareUpdateEnabled")),
        encryption_key=row.get("EncryptionAtRestOptions", {}).get("KmsKeyId", ""),
    )


def _status(row: Mapping[str, Any]) -> str:
    if row.get("Deleted"):
        return "deleting"
    return str(row.get("DomainProcessingStatus") or ("" if row.get("Created", True) else "creating"))


SOURCE = Source(
    name="aws_search",
    facts=(Datastore,),
    shapes=(StoreKind.SEARCH,),
    actions=("es:ListDomainNames", "es:DescribeDomains", "tag:GetResources"),
    read=read,
)
