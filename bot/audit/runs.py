"""What an audit needs beside the reading: who waits for it, how far it is in all, what is read anew and what is kept."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.audit.attribution import is_read_from_cloud
from bot.model import Audit, Collected, Place, Progress, Progressing
from checks import Fact, Gap, Seen


class SharedRun:
    """One audit and everybody who waits for it; it ends when the last of them has gone.

    `over` is told once nobody may join any more: it has ended, or is being cancelled.
    """

    def __init__(
        self, work: Callable[[Progressing], Coroutine[Any, Any, Audit]], over: "Callable[[SharedRun], None]"
    ) -> None:
        self._followers: list[Progressing] = []
        self._over = over
        self._task = asyncio.create_task(work(self._report))
        self._task.add_done_callback(lambda _: over(self))

    def _report(self, progress: Progress) -> None:
        for follower in self._followers:
            follower(progress)

    async def follow(self, progress: Progressing) -> Audit:
        """Wait for it, told how far it is. Whoever is cancelled leaves the others waiting; the last one ends it."""
        self._followers.append(progress)
        try:
            return await asyncio.shield(self._task)
        finally:
            self._followers.remove(progress)
            if not self._followers and not self._task.done():
                self._over(self)
                self._task.cancel()


@dataclass(slots=True)
class SharedProgress:
    """Adds up the progress of collectors that work side by side."""

    report: Progressing
    parts: list[Progress] = field(default_factory=list)

    def part(self) -> Callable[[Progress], None]:
        """Where one collector reports its own progress."""
        index = len(self.parts)
        self.parts.append(Progress(0, 0))

        def update(progress: Progress) -> None:
            self.parts[index] = progress
            done, total = sum(part.done for part in self.parts), sum(part.total for part in self.parts)
            self.report(Progress(done, total, progress.doing))

        return update


def places_to_reread(seen: Iterable[Seen], names: tuple[str, ...]) -> frozenset[Place] | None:
    """Where the named services' facts came from, and where more of them may hide: (source, account, region).

    None (everything) where a service has nothing yet, or where it hides behind a whole account that could not be entered.
    """
    found: set[Place] = set()
    for service in seen:
        if service.service.name in names:
            if not any(map(is_read_from_cloud, service.facts)):
                return None
            found |= {(fact.source, fact.account, fact.region) for fact in service.facts}
            found |= {(gap.source, gap.account, gap.region) for gap in service.gaps if gap.provider}
    return None if any(not region for _, _, region in found) else frozenset(found)


def merge_collected(parts: Sequence[Collected], before: Collected | None) -> Collected:
    """What was read now, and from before what stands in places that were not read again."""
    read = tuple(dict.fromkeys(place for part in parts for place in part.read))
    facts: list[Fact] = [fact for part in parts for fact in part.facts]
    gaps: list[Gap] = [gap for part in parts for gap in part.gaps]
    accounts = {account: None for part in parts for account in part.accounts}
    if before is not None:
        again = set(read)
        facts += [fact for fact in before.facts if (fact.source, fact.account, fact.region) not in again]
        gaps += [gap for gap in before.gaps if (gap.source, gap.account, gap.region) not in again]
        read = tuple(dict.fromkeys((*read, *before.read)))
        accounts |= dict.fromkeys(before.accounts)
    return Collected(
        facts=facts,
        gaps=gaps,
        read=read,
        accounts=tuple(accounts),
        calls=sum(part.calls for part in parts),
        seconds=max((part.seconds for part in parts), default=0.0),
    )
