"""What `backstay doctor` says about monitoring systems: what answers, how many alerts it has, and which rights are missing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.app.cli.doctor_line import Line

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.collectors.monitors.access import MonitorAccess
    from bot.model import Collected


async def monitor_lines(settings: "Settings", until: float) -> list[Line]:
    """Read each system of `monitors:` as an audit does, side by side, until `until` on the monotonic clock."""
    import asyncio

    from bot.app.cli.doctor_calls import in_time
    from bot.app.wiring.monitors import accesses

    systems = accesses(settings)
    reading = (in_time(f"monitor {access.name}", _read(settings, access), until, "problem") for access in systems)
    return [line for lines in await asyncio.gather(*reading) for line in lines]


async def _read(settings: "Settings", access: "MonitorAccess") -> list[Line]:
    from datetime import UTC, datetime

    from bot.audit.collectors.monitors.collector import MonitorsCollector

    collector = MonitorsCollector((access,), lambda: datetime.now(UTC), settings.catalogue.runs_on)
    return list(lines_about(await collector.collect((), lambda _: None)))


def lines_about(found: "Collected") -> Iterator[Line]:
    """The lines about what was read: one for each system, and one for each read that failed."""
    for source, _, _ in found.read:
        alarms = sum(fact.source == source for fact in found.facts)
        gaps = [gap for gap in found.gaps if gap.source == source]
        if not any(gap.kinds for gap in gaps):
            yield Line("ok", source, f"answers: {alarms} {'alert' if alarms == 1 else 'alerts'}")
        for gap in gaps:
            yield Line("problem" if gap.kinds else "warning", source, gap.reason)
