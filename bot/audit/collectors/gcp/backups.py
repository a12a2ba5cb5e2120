"""The backups of one asset as a fact."""

from collections.abc import Iterable, Sequence

from bot.audit.collectors.gcp.asset import Asset, newest
from checks import GLOBAL, Backup, Fact


def backups_of(asset: Asset, ready: Sequence[Asset], moment: str, product: str) -> Iterable[Fact]:
    """The backups of `asset` that can be restored (`ready`), as one fact; nothing where there are none.

    `moment`: the field that says when each was made.
    """
    if ready:
        yield asset.fact(
            Backup,
            product=product,
            resource=f"{asset.identity.resource}/backups",
            about=(asset.identity.resource,),
            latest_at=newest(ready, moment),
            copy_regions=tuple(sorted({backup.identity.region for backup in ready} - {asset.identity.region, GLOBAL})),
        )
