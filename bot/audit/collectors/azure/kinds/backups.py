"""Azure Backup and Site Recovery: what is protected, by which policy, and which failovers were tested.

Shapes: REST references "Protected Items - Get", "Protection Policies - Get", "Backup Instances - Get", "Backup Policies - Get"
and "Replication Protected Items - Get". All but the vaults are in the table recoveryservicesresources.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from bot.audit.collectors.azure.estate import AzureResource, placed, top_of
from bot.audit.collectors.azure.kinds_of import kind
from bot.audit.collectors.engine.azure_regions import azure_region, paired_region
from bot.audit.collectors.engine.iso_durations import duration
from bot.audit.collectors.engine.row import Row
from checks import GLOBAL, Backup, BackupPlan, Fact, Maybe, Rehearsal, RehearsalKind, RehearsalResult, Unread

_ITEM: Final = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"
_INSTANCE: Final = "Microsoft.DataProtection/backupVaults/backupInstances"
_EVERY: Final = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "hourly": timedelta(hours=1)}
_LATEST: Final = ("properties.lastRecoveryPoint", "properties.latestRecoveryPoint", "properties.lastBackupTime")
_KEPT: Final = (
    "properties.securitySettings.immutabilitySettings.state",
    "properties.securitySettings.softDeleteSettings.softDeleteState",  # of a Recovery Services vault
    "properties.securitySettings.softDeleteSettings.state",  # of a Backup vault
)
_NO_VAULT: Final = Unread("its vault was not read")


def _item(item: AzureResource) -> Iterable[Fact]:
    """A machine, share or database in a Recovery Services vault; the backup of a machine has all of its disks."""
    source = (item.text("properties.sourceResourceId") or item.text("properties.virtualMachineId")).lower()
    vault = item.top
    yield _at_vault(item, vault).fact(
        Backup,
        product="backup",
        name=item.text("properties.friendlyName") or item.identity.name,
        status=item.text("properties.protectionState"),
        about=_with_disks(item, source),
        latest_at=_latest(item),
        copy_regions=_copies(vault) if vault else _NO_VAULT,
        locked=_locked(vault) if vault else _NO_VAULT,
    )


def _at_vault(part: AzureResource, vault: AzureResource | None) -> AzureResource:
    """A part of a vault where its vault is: parts of one often have no location."""
    return placed(part, vault.region) if vault and part.region == GLOBAL else part


def _with_disks(resource: AzureResource, source: str) -> tuple[str, ...]:
    disks = resource.estate.naming(source, "microsoft.compute/disks", "managedBy") if source else ()
    return tuple(dict.fromkeys(filter(None, (source, *(disk.arm for disk in disks)))))


def _latest(item: AzureResource) -> datetime | None:
    """The newest recovery point; none yet where Azure writes the year 1 or 2001."""
    found = next((moment for path in _LATEST if (moment := item.when(path))), None)
    return found if found and found.year > 2001 else None


def _copies(vault: AzureResource) -> tuple[str, ...]:
    """The paired region, where backups can be restored there: cross-region restore is on."""
    states = (
        vault.text("properties.redundancySettings.crossRegionRestore"),
        vault.text("properties.featureSettings.crossRegionRestoreSettings.state"),
    )
    return (paired_region(vault.region),) if any(state.lower() == "enabled" for state in states) else ()


def _locked(vault: AzureResource) -> bool:
    """Whether nobody can delete backups before their time: the vault is immutable and that is locked, or its soft delete is
    always on, so that what is deleted is kept and nobody can switch that off.
    """  # noqa: D205 - the first sentence has to name both ways
    states = (vault.text(path).lower() for path in _KEPT)
    return any(state in ("locked", "alwayson") for state in states)


def _policy(policy: AzureResource) -> Iterable[Fact]:
    """A policy of a Recovery Services vault with what it protects; one of databases has several parts."""
    vault = policy.top
    parts = policy.rows("properties.subProtectionPolicy")
    main = next((part for part in parts if part.text("policyType").lower() == "full"), policy.row("properties"))
    items = policy.naming_this(_ITEM.lower(), "properties.policyId")
    about = [
        target for item in items if item.text("properties.policyId").lower() == policy.arm for target in _targets(item)
    ]
    yield _at_vault(policy, vault).fact(
        BackupPlan,
        product="backup",
        about=tuple(dict.fromkeys(about)),
        every=_interval(main),
        keep_days=_kept(main),
        copy_regions=_copies(vault) if vault else (),
        selects=len(about),
    )


def _targets(item: AzureResource) -> Iterator[str]:
    source = item.text("properties.sourceResourceId") or item.text("properties.virtualMachineId")
    yield from (source.lower(),) if source else ()


def _interval(policy: Row) -> timedelta | None:
    hours = policy.number("schedulePolicy.hourlySchedule.interval")
    return timedelta(hours=hours) if hours else _EVERY.get(policy.text("schedulePolicy.scheduleRunFrequency").lower())


def _kept(policy: Row) -> int | None:
    """Days that a policy keeps a backup: of its daily schedule, else of its weekly one, else of a simple retention."""
    days = policy.number("retentionPolicy.dailySchedule.retentionDuration.count")
    weeks = policy.number("retentionPolicy.weeklySchedule.retentionDuration.count")
    simple = policy.number("retentionPolicy.retentionDuration.count")
    return days or (weeks * 7 if weeks else None) or simple


def _instance(instance: AzureResource) -> Iterable[Fact]:
    """A disk, blob container or database in a Backup vault. The list does not tell its newest recovery point."""
    vault = instance.top
    source = instance.text("properties.dataSourceInfo.resourceID").lower()
    yield _at_vault(instance, vault).fact(
        Backup,
        product="backup",
        name=instance.text("properties.friendlyName") or instance.identity.name,
        status=instance.text("properties.currentProtectionState"),
        about=(source,) if source else (),
        latest_at=Unread("the list of backup instances does not tell the newest recovery point"),
        copy_regions=_copies(vault) if vault else _NO_VAULT,
        locked=_locked(vault) if vault else _NO_VAULT,
    )


def _vault_policy(policy: AzureResource) -> Iterable[Fact]:
    """A policy of a Backup vault: when it runs, and how long its default rule keeps a backup."""
    vault = policy.top
    rules = policy.rows("properties.policyRules")
    runs = [text for rule in rules for text in rule.texts("trigger.schedule.repeatingTimeIntervals")]
    kept = [duration(life.text("deleteAfter.duration")) for rule in rules for life in rule.rows("lifecycles")]
    items = policy.naming_this(_INSTANCE.lower(), "properties.policyInfo.policyId")
    sources = [source for item in items if (source := item.text("properties.dataSourceInfo.resourceID").lower())]
    yield _at_vault(policy, vault).fact(
        BackupPlan,
        product="backup",
        about=tuple(dict.fromkeys(sources)),
        every=next((found for text in runs if (found := duration(text.rpartition("/")[2]))), None),
        keep_days=max((found.days for found in kept if found), default=None),
        copy_regions=_copies(vault) if vault else (),
        selects=len(sources),
    )


def _replicated(item: AzureResource) -> Iterable[Fact]:
    """A machine that Site Recovery copies to another region, with its last successful test failover."""
    source = item.text("properties.providerSpecificDetails.fabricObjectId").lower()
    target = azure_region(item.text("properties.providerSpecificDetails.recoveryFabricLocation"))
    counted = item.when("properties.providerSpecificDetails.lastRpoCalculatedTime")
    behind = timedelta(seconds=item.number("properties.providerSpecificDetails.rpoInSeconds") or 0)
    latest: Maybe[datetime | None] = (
        counted - behind if counted else Unread("the answer has no recovery point objective")
    )
    here = _at_vault(item, item.top)
    name = item.text("properties.friendlyName") or item.identity.name
    yield here.fact(
        Backup,
        product="siterecovery",
        name=name,
        about=_with_disks(item, source),
        latest_at=latest,
        copy_regions=(target,) if target else item.missing("properties.providerSpecificDetails.recoveryFabricLocation"),
    )
    tested = item.when("properties.lastSuccessfulTestFailoverTime") or item.when(
        "properties.lastSuccessfulFailoverTime"
    )
    yield here.fact(
        Rehearsal,
        product="siterecovery",
        resource=f"{item.arm}/testfailover",
        name=name,
        about=(source,) if source else (top_of(item.arm),),
        kind=RehearsalKind.FAILOVER,
        at=tested,
        result=RehearsalResult.SUCCEEDED if tested else RehearsalResult.INCONCLUSIVE,
    )


KINDS = (
    kind(_ITEM, (Backup,), _item),
    kind("Microsoft.RecoveryServices/vaults/backupPolicies", (BackupPlan,), _policy),
    kind(_INSTANCE, (Backup,), _instance),
    kind("Microsoft.DataProtection/backupVaults/backupPolicies", (BackupPlan,), _vault_policy),
    kind(
        "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems",
        (Backup, Rehearsal),
        _replicated,
    ),
)
