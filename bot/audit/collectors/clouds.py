"""Reads several clouds side by side: one that cannot be read at all leaves the others whole."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from bot.audit.collectors.engine.needs import needed_kinds
from bot.audit.runs import SharedProgress, merge_collected
from bot.model import Collected, Collector, Place, Progress, UnusableError
from checks import Gap, Service


class Clouds:
    """Implements `model.Collector` for the clouds of an installation, by name (`aws`, `gcp`)."""

    def __init__(self, clouds: Mapping[str, Collector]) -> None:
        self._clouds = dict(clouds)

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read all clouds at once. One that accepts no credentials, or whose process died, becomes a gap of all its facts.

        Raises:
            UnusableError: none of them can be read.
        """
        shared = SharedProgress(progress)
        async with asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(_read(cloud, services, shared.part(), only))
                for name, cloud in self._clouds.items()
            }
        results = {name: task.result() for name, task in tasks.items()}
        failures = {name: found for name, found in results.items() if isinstance(found, UnusableError)}
        if failures and len(failures) == len(results):
            raise next(iter(failures.values()))
        parts = [found for found in results.values() if isinstance(found, Collected)]
        whole = merge_collected(parts, None)
        gaps = [_gap(name, failure) for name, failure in failures.items()]
        return Collected(
            whole.facts, [*whole.gaps, *gaps], whole.read, whole.accounts, whole.calls, whole.seconds, whole.left_out
        )


async def _read(
    cloud: Collector,
    services: Sequence[Service],
    progress: Callable[[Progress], None],
    only: frozenset[Place] | None,
) -> Collected | UnusableError:
    try:
        return await cloud.collect(services, progress, only)
    except UnusableError as failure:
        return failure


def _gap(cloud: str, failure: UnusableError) -> Gap:
    return Gap(cloud, cloud, "", "", str(failure), tuple(sorted(needed_kinds(), key=lambda kind: kind.__name__)))
