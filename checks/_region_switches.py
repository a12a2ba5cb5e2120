"""Finds what moves the traffic of a service from one region to another without a control plane."""

from collections import defaultdict
from collections.abc import Iterable

from checks._facts import Accelerator, DnsRecord, Maybe, TrafficShift, Unread, first_known, settling
from checks._nouns import subject
from checks._places import as_far_as_read

_REGION_SWITCHES = ("routing_control", "region_switch")


def way_between_regions(
    records: Iterable[DnsRecord], shifts: Iterable[TrafficShift], accelerators: Iterable[Accelerator]
) -> str:
    """What moves the traffic, with its verb (`Health-checked records of shop.example route`); empty where nothing does.

    Raises:
        NotKnownError: nothing that was read does, and some are unread.
    """
    way = first_known(
        lambda: _switched(shifts),
        lambda: _steered(records),
        lambda: settling(_accelerated(front) for front in accelerators),
    )
    return way or ""


def _switched(shifts: Iterable[TrafficShift]) -> str:
    shift = settling(shift if shift.kind in _REGION_SWITCHES else None for shift in shifts)
    return f"{shift.name} switches" if shift else ""


def _steered(records: Iterable[DnsRecord]) -> str:
    name = _health_checked_name(records)
    return f"Health-checked records of {name} route" if name else ""


def _accelerated(front: Accelerator) -> Maybe[str]:
    if not front.enabled or isinstance(front.regions, Unread):
        return front.regions if front.enabled and isinstance(front.regions, Unread) else ""
    return f"{subject(front)} routes" if len(front.regions) >= 2 else ""


def _health_checked_name(records: Iterable[DnsRecord]) -> str:
    """The name whose health-checked records route between regions, empty where there is none.

    Where the regions of the targets are known there must be two at least: a pair within one region fails with it.

    Raises:
        NotKnownError: no such name is certain, and some records are unread.
    """
    read, doubt = as_far_as_read(records)
    regions: dict[tuple[str, str], set[str]] = defaultdict(set)
    watched: set[tuple[str, str]] = set()
    for record in read:
        regions[record.name, record.type].update(record.target_regions)
        if (
            record.policy != "simple"
            and record.siblings >= 2
            and (record.health_check or record.evaluates_target_health)
        ):
            watched.add((record.name, record.type))
    certain = [key for key in sorted(watched) if len(regions[key]) >= 2]
    if doubt is not None and not certain:
        raise doubt
    return next((key[0] for key in (*certain, *sorted(watched)) if len(regions[key]) != 1), "")
