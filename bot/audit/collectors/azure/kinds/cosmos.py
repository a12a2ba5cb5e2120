"""Cosmos DB accounts (REST reference "Database Accounts - Get")."""

from collections.abc import Iterable
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region, paired_region
from bot.audit.collectors.engine.row import Row
from checks import Capacity, Datastore, Fact, Maybe, StoreKind, Unread

_CONTINUOUS_DAYS: Final = {"continuous7days": 7, "continuous30days": 30}


def _account(account: AzureResource) -> Iterable[Fact]:
    """An account in its regions; the first of them takes the writes."""
    places = sorted(account.rows("properties.locations"), key=_priority)
    regions = tuple(dict.fromkeys(azure_region(place.text("locationName")) for place in places))
    home = regions[0] if regions else account.region
    others = tuple(sorted(set(regions) - {home, ""}))
    redundant = places[0].flag("isZoneRedundant") if places else None
    several = bool(account.flag("properties.enableMultipleWriteLocations"))
    policy = account.row("properties.backupPolicy")
    kept = account.text("properties.backupPolicy.type").lower()
    names = {row.text("name").lower() for row in account.rows("properties.capabilities")}
    yield account.fact(
        Datastore,
        product="cosmosdb",
        region=home,
        kind=StoreKind.DOCUMENT,
        engine="mongo" if account.text("kind") == "MongoDB" else "cosmosdb",
        status=account.text("properties.provisioningState"),
        zone_redundant=account.missing("properties.locations") if redundant is None else redundant,
        nodes=len(regions) or None,
        automatic_failover=several or bool(account.flag("properties.enableAutomaticFailover")),
        replica_regions=others if places else account.missing("properties.locations"),
        backup_days=_days(policy, kept) if kept else account.missing("properties.backupPolicy"),
        backup_regions=_copies(policy, kept, home, others) if kept else account.missing("properties.backupPolicy"),
        point_in_time_recovery=kept == "continuous" if kept else account.missing("properties.backupPolicy"),
        deletion_protection=account.locked,
        capacity=Capacity.ON_DEMAND if "enableserverless" in names else None,
        encryption_key=account.text("properties.keyVaultKeyUri").lower(),
    )


def _priority(place: Row) -> int:
    found = place.number("failoverPriority")
    return 1_000 if found is None else found


def _days(policy: Row, kept: str) -> int | None:
    """Days that backups are kept: periodic ones for at least eight hours, which count as one day."""
    if kept == "continuous":
        return _CONTINUOUS_DAYS.get(policy.text("continuousModeProperties.tier").lower(), 30)
    return max((policy.number("periodicModeProperties.backupRetentionIntervalInHours") or 0) // 24, 1)


def _copies(policy: Row, kept: str, home: str, others: tuple[str, ...]) -> Maybe[tuple[str, ...]]:
    """Other regions with backups: continuous ones are in every region of the account, periodic ones where set."""
    if kept == "continuous":
        return others
    stored = policy.text("periodicModeProperties.backupStorageRedundancy").lower()
    if not stored:
        return Unread("the answer has no backupStorageRedundancy")
    return (paired_region(home),) if stored == "geo" else ()


KINDS = (kind("Microsoft.DocumentDB/databaseAccounts", (Datastore,), _account),)
