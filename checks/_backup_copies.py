"""Where the backups of a datastore are copied to, and whether they are locked there."""

from collections.abc import Iterable, Iterator

from checks._facts import Backup, BackupPlan, Datastore, Maybe, NotKnownError, Unread
from checks._places import as_far_as_read


def copy_regions(store: Datastore, backups: Iterable[Backup], plans: Iterable[BackupPlan]) -> Iterator[Maybe[set[str]]]:
    """The other regions with copies of its backups, from each place that names some.

    Raises:
        NotKnownError: after the last one, where some plans or backups are unread.
    """
    yield store.backup_regions if isinstance(store.backup_regions, Unread) else set(store.backup_regions)
    of_plans, of_backups, doubt = _of(store, backups, plans)
    for plan in of_plans:
        yield set(plan.copy_regions) - {store.region}
    for backup in of_backups:
        regions = backup.copy_regions
        yield regions if isinstance(regions, Unread) else set(regions) - {store.region}
    if doubt is not None:
        raise doubt


def copy_accounts(
    store: Datastore, backups: Iterable[Backup], plans: Iterable[BackupPlan]
) -> Iterator[Maybe[set[str]]]:
    """The other accounts with copies of its backups, from each place that names some.

    Raises:
        NotKnownError: after the last one, where some plans or backups are unread.
    """
    of_plans, of_backups, doubt = _of(store, backups, plans)
    for plan in of_plans:
        yield set(plan.copy_accounts) - {store.account}
    for backup in of_backups:
        accounts = backup.copy_accounts
        yield accounts if isinstance(accounts, Unread) else set(accounts) - {store.account}
    if doubt is not None:
        raise doubt


def _of(
    store: Datastore, backups: Iterable[Backup], plans: Iterable[BackupPlan]
) -> tuple[list[BackupPlan], list[Backup], NotKnownError | None]:
    """The plans and backups of a datastore as far as they were read, and why there may be more of them."""
    read_plans, hidden_plans = as_far_as_read(plans)
    read_backups, hidden_backups = as_far_as_read(backups)
    return (
        [plan for plan in read_plans if store.resource in plan.about],
        [backup for backup in read_backups if store.resource in backup.about],
        hidden_plans or hidden_backups,
    )


def locked(store: Datastore, backups: Iterable[Backup]) -> Iterator[Maybe[bool]]:
    """Whether each of its backups is in a locked vault."""
    return (backup.locked for backup in backups if store.resource in backup.about)
