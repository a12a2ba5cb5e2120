"""Which regions an audit read, in few words: what was left out is not known to be empty."""

from collections.abc import Iterable, Sequence

from bot.cards.wording import count
from bot.model import Audit, Place
from checks import GLOBAL, Gap

_NAMED = 3


def regions_read(read: Iterable[Place], left_out: Sequence[Gap] = ()) -> str:
    """`17 regions read`, `us-east-1, us-west-2 read`, `only us-east-1 read`; empty where no place has a region.

    Args:
        read: the places that were read, as (source, account, region).
        left_out: the accounts whose other regions the settings leave out.
    """
    regions = sorted({region for _, _, region in read if region not in ("", GLOBAL)})
    if not regions:
        return ""
    named = ", ".join(regions) if len(regions) <= _NAMED else count(len(regions), "region")
    return f"{'only ' if left_out else ''}{named} read"


def regions_of(audit: Audit | None) -> str:
    """The same of an audit; empty without one."""
    return "" if audit is None else regions_read(audit.collected.read, audit.collected.left_out)
