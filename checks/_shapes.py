"""Which kinds of datastore, compute or rehearsal a check is about: a gap that hides only others leaves it alone."""

from collections.abc import Mapping
from types import MappingProxyType

from checks._facts import ComputeGroup, ComputeKind, Datastore, Rehearsal, RehearsalKind, StoreKind
from checks._finding import Gap

_STORES, _COMPUTE = frozenset(map(str, StoreKind)), frozenset(map(str, ComputeKind))
_PRIMARY = _STORES - {StoreKind.CACHE}
_WITH_DATA = _PRIMARY - {StoreKind.STREAM, StoreKind.SEARCH}
_GROUPS = frozenset({str(ComputeKind.MACHINE_GROUP)})

KINDS_JUDGED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "AU01": _PRIMARY,
        "BK01": _PRIMARY,
        "BK02": _WITH_DATA,
        "BK03": _PRIMARY,
        "BK04": _WITH_DATA,
        "BK05": _PRIMARY,
        "BK08": frozenset({str(StoreKind.CACHE)}),
        "CA08": _GROUPS,
        "CA10": frozenset({str(ComputeKind.FUNCTION)}),
        "FO09": _GROUPS,
        "FO10": _GROUPS,
        "OB04": _PRIMARY - {StoreKind.FILE},
        "OB08": _COMPUTE - {ComputeKind.FUNCTION},
        "PO02": _PRIMARY - {StoreKind.FILE, StoreKind.STREAM},
        "RG02": _WITH_DATA,
        "ZN01": _COMPUTE - {ComputeKind.MACHINE},
        "ZN03": _COMPUTE - {ComputeKind.MACHINE, ComputeKind.FUNCTION},
        "ZN08": _PRIMARY - {StoreKind.SEARCH},
        "ZN09": frozenset({str(StoreKind.CACHE)}),
        "ZN10": frozenset({str(StoreKind.SEARCH)}),
    }
)
"""The kinds that a check judges once for each, by its id: to every other kind it does not apply."""


def may_hide(gap: Gap, check: str, kind: type) -> bool:
    """Whether a gap may hide facts that a check judges. `kind`: the kind of fact that the check runs once for."""
    if not gap.shapes or kind not in (Datastore, ComputeGroup):
        return True
    return check not in KINDS_JUDGED or not KINDS_JUDGED[check].isdisjoint(gap.shapes)


_FAILOVER = frozenset({str(RehearsalKind.FAILOVER)})
REHEARSALS_JUDGED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "RH01": _FAILOVER,
        "RH02": frozenset({str(RehearsalKind.RESTORE)}),
        "RH03": frozenset({str(RehearsalKind.GAME_DAY)}),
        "RH04": frozenset({str(RehearsalKind.FAULT_INJECTION)}),
        "RH05": frozenset({str(RehearsalKind.ZONE_SHIFT)}),
        "RH06": _FAILOVER,
        "RH08": _FAILOVER,
    }
)
"""The kinds of rehearsal that a check looks for, by its id."""


def may_hide_some(gap: Gap, check: str, kind: type) -> bool:
    """Whether a gap may hide facts of this kind that a check gets as a tuple: a chaos tool has no failover tests."""
    if not gap.shapes or kind is not Rehearsal or set(gap.kinds) != {Rehearsal}:
        return True
    return check not in REHEARSALS_JUDGED or not REHEARSALS_JUDGED[check].isdisjoint(gap.shapes)
