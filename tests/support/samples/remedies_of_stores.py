"""What the remediations name for single kinds of AWS datastores, which share their settings under other commands."""

from typing import Any

from support.builders.facts import datastore
from support.samples.remedy import Remedy, remedy

from checks import StoreKind

OPEN: dict[str, Any] = {"deletion_protection": False}
PROTECTED: dict[str, Any] = {"deletion_protection": True}
SINGLE: dict[str, Any] = {"zone_redundant": False, "zones": ()}
_PROTECT = (
    "rds modify-db-cluster --deletion-protection",
    "docdb modify-db-cluster --deletion-protection",
    "neptune modify-db-cluster --deletion-protection",
)
_KEEP = (
    "rds modify-db-cluster --backup-retention-period 14",
    "--snapshot-retention-limit 14",
    "--automated-snapshot-retention-period 14",
)
_SPREAD = (
    "DocumentDB and Neptune: add an instance in another AZ",
    "redshift modify-cluster --multi-az",
    "MemoryDB: a replica in each shard",
)
STORES: tuple[Remedy, ...] = (
    *(remedy("AU01", words, datastore(**OPEN), datastore(**PROTECTED)) for words in _PROTECT),
    *(remedy("BK03", words, datastore(backup_days=1), datastore(backup_days=14)) for words in _KEEP),
    *(remedy("ZN08", words, datastore(**SINGLE), datastore(zone_redundant=True)) for words in _SPREAD),
    *(
        remedy(
            "ZN09",
            words,
            datastore(kind=StoreKind.CACHE, **SINGLE),
            datastore(kind=StoreKind.CACHE, zone_redundant=True),
        )
        for words in ("--automatic-failover-enabled", "dax increase-replication-factor")
    ),
    *(
        remedy("FO01", words, datastore(automatic_failover=False), datastore(automatic_failover=True))
        for words in ("increase-replica-count", "memorydb update-cluster")
    ),
)
