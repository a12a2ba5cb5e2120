"""CloudHSM clusters: the zones of their modules, and how long their backups are kept."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader, tag_map
from bot.audit.collectors.aws.source import Source
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

Row = dict[str, Any]
_ACTION: Final = "cloudhsm:DescribeClusters"
_WORKING: Final = ("ACTIVE", "DEGRADED")


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Datastore per cluster, from the listing alone.

    User guide, "Clusters": modules in several zones hold the same keys, and a client uses those that answer. A backup is
    made at least once a day.
    """
    rows = aws.list("cloudhsmv2", "DescribeClusters", "Clusters")
    identity = ItemIdentity[Row](_ACTION, lambda row: _arn_of(aws, row), lambda row: tag_map(row.get("TagList")))
    yield from facts_of(aws, lambda row: _cluster(aws, row), rows, identity, calls=False)


def _arn_of(aws: Reader, row: Row) -> str:
    return aws.arn("cloudhsm", f"cluster/{row['ClusterId']}")


def _cluster(aws: Reader, row: Row) -> Fact:
    tags, modules = tag_map(row.get("TagList")), [hsm for hsm in row.get("Hsms") or () if _works(hsm)]
    zones = aws.zone_ids(hsm.get("AvailabilityZone", "") for hsm in modules)
    several = len(zones) > 1
    untold = not several and ("Hsms" not in row or any(not hsm.get("AvailabilityZone") for hsm in modules))
    return aws.fact(
        Datastore,
        resource=_arn_of(aws, row),
        name=tags.get("Name") or row["ClusterId"],
        product="cloudhsm",
        status=row.get("State", ""),
        tags=tags,
        kind=StoreKind.KEY_VALUE,
        engine="pkcs11",
        zones=zones,
        zone_redundant=Unread("DescribeClusters returned no AvailabilityZone of a module") if untold else several,
        nodes=len(modules),
        automatic_failover=len(modules) > 1 if "Hsms" in row else Unread("DescribeClusters returned no Hsms field"),
        backup_days=_backup_days(row),
        capacity=Capacity.FIXED,
    )


def _works(hsm: Mapping[str, Any]) -> bool:
    return hsm.get("State", "ACTIVE") in _WORKING


def _backup_days(row: Row) -> Maybe[int]:
    days = (row.get("BackupRetentionPolicy") or {}).get("Value")
    return int(days) if days else Unread("DescribeClusters returned no BackupRetentionPolicy field")


SOURCE = Source(
    name="aws_hsm_clusters", facts=(Datastore,), shapes=(StoreKind.KEY_VALUE,), actions=(_ACTION,), read=read
)
