"""Where the backups of a datastore are copied to, and whether they are locked there."""

from collections.abc import Iterable, Iterator

from checks._facts import Backup, BackupPlan, Datastore, Maybe, Unread


def copy_regions(store: Datastore, backups: Iterable[Backup], plans: Iterable[BackupPlan]) -> Iterator[Maybe[set[str]]]:
    """The other regions with copies of its backups, from each place that names some."""
    yield store.backup_regions if isinstance(store.backup_regions, Unread) else set(store.backup_regions)
    for plan in plans:
        if store.resource in plan.about:
            yield set(plan.copy_regions) - {store.region}
    for backup in backups:
        if store.resource in backup.about:
            regions = backup.copy_regions
            yield regions if isinstance(regions, Unread) else set(regions) - {store.region}


def copy_accounts(
    store: Datastore, backups: Iterable[Backup], plans: Iterable[BackupPlan]
) -> Iterator[Maybe[set[str]]]:
    """The other accounts with copies of its backups, from each place that names some."""
    for plan in plans:
        if store.resource in plan.about:
            yield set(plan.copy_accounts) - {store.account}
    for backup in backups:
        if store.resource in backup.about:
            accounts = backup.copy_accounts
            yield accounts if isinstance(accounts, Unread) else set(accounts) - {store.account}


def locked(store: Datastore, backups: Iterable[Backup]) -> Iterator[Maybe[bool]]:
    """Whether each of its backups is in a locked vault."""
    return (backup.locked for backup in backups if store.resource in backup.about)
