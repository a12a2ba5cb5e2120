"""What `backstay doctor` says about Google Cloud, Azure and Kubernetes: what answers, and which permissions are missing."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.app.cli.doctor_line import Line

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model import Collected, Collector


class _Cloud(NamedTuple):
    """A cloud's name, what its accounts are called, and how what it lacks is granted."""

    name: str
    account: str
    grant: str


_CLOUDS: Final[Mapping[str, _Cloud]] = {
    "gcp": _Cloud("Google Cloud", "project", "grant them: `backstay manifest gcp` prints the role"),
    "azure": _Cloud("Azure", "subscription", "grant them: `backstay manifest azure` prints the role"),
    "kubernetes": _Cloud("Kubernetes", "cluster", "grant them: `backstay manifest kubernetes` prints the ClusterRole"),
}


async def cloud_lines(settings: "Settings", until: float) -> list[Line]:
    """Read each cloud that is listed, side by side, until `until` on the monotonic clock."""
    from bot.app.cli.doctor_calls import in_time
    from bot.app.wiring.audit import other_clouds
    from bot.catalogue import ConfigError

    try:
        listed = other_clouds(settings)
    except ConfigError as error:
        return [Line("problem", "clouds", str(error))]
    reading = (in_time(_CLOUDS[cloud].name, _read(cloud, reader), until) for cloud, reader in listed.items())
    return [line for lines in await asyncio.gather(*reading) for line in lines]


async def _read(cloud: str, reader: "Collector") -> list[Line]:
    from bot.model import UnusableError

    try:
        found = await reader.collect((), lambda _: None)
    except UnusableError as error:
        return [Line("problem", _CLOUDS[cloud].name, f"{error}. {error.fix}".strip())]
    return list(lines_about(cloud, found))


def lines_about(cloud: str, found: "Collected") -> Iterator[Line]:
    """The lines about what was read of a cloud."""
    from bot.app.cli.nothing_read import failed_reads
    from bot.audit.unread_groups import unread_groups

    known = _CLOUDS[cloud]
    number = len(found.accounts)
    accounts = ", ".join(found.accounts[:3]) + (f" and {number - 3} more" if number > 3 else "")
    named = f"{known.account if number == 1 else f'{known.account}s'} {accounts}" if number else f"no {known.account}"
    yield Line("ok" if number else "warning", known.name, f"{named}: {len(found.facts)} facts ({found.calls} calls)")
    failed = failed_reads(found.gaps)
    groups = unread_groups(failed)
    denied = [group for group in groups if "access denied" in group.reason]
    yield from (Line("problem", f"{known.name} permissions", str(group)) for group in denied)
    if denied:
        yield Line("problem", f"{known.name} permissions", known.grant)
    yield from (Line("problem", f"{known.name} not read", str(group)) for group in groups if group not in denied)
    others = unread_groups(gap for gap in found.gaps if gap not in failed)
    yield from (Line("warning", f"{known.name} not told", str(group)) for group in others)
