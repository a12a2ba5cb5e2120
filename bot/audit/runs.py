"""Parts of an audit run: callers that share it, combined progress, the places to read again, and merged results."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.audit.attribution import is_read_from_cloud
from bot.model import Audit, Collected, Place, Progress, Progressing
from checks import Fact, Gap, Seen


class SharedRun:
    """One audit shared by several callers; it is cancelled when the last caller is.

    `on_end` is called once nobody can join any more: the audit has ended or is being cancelled.
    """

    def __init__(
        self, work: Callable[[Progressing], Coroutine[Any, Any, Audit]], on_end: "Callable[[SharedRun], None]"
    ) -> None:
        self._followers: list[Progressing] = []
        self._on_end = on_end
        self._task = asyncio.create_task(work(self._report))
        self._task.add_done_callback(lambda _: on_end(self))

    def _report(self, progress: Progress) -> None:
        for follower in self._followers:
            follower(progress)

    async def follow(self, progress: Progressing) -> Audit:
        """Wait for the audit and receive its progress. Cancelling the last waiting caller cancels the audit."""
        self._followers.append(progress)
        try:
            return await asyncio.shield(self._task)
        finally:
            self._followers.remove(progress)
            if not self._followers and not self._task.done():
                self._on_end(self)
                self._task.cancel()


@dataclass(slots=True)
class SharedProgress:
    """Combines the progress of collectors that run concurrently."""

    report: Progressing
    parts: list[Progress] = field(default_factory=list)

    def part(self) -> Callable[[Progress], None]:
        """A callback with which one collector reports its own progress."""
        index = len(self.parts)
        self.parts.append(Progress(0, 0))

        def update(progress: Progress) -> None:
            self.parts[index] = progress
            done, total = sum(part.done for part in self.parts), sum(part.total for part in self.parts)
            self.report(Progress(done, total, progress.doing))

        return update


def places_to_reread(seen: Iterable[Seen], names: tuple[str, ...]) -> frozenset[Place] | None:
    """The places (source, account, region) of the named services' facts and gaps.

    None means everything: a service has no facts yet, or a whole account could not be read.
    """
    found: set[Place] = set()
    for service_facts in seen:
        if service_facts.service.name in names:
            if not any(map(is_read_from_cloud, service_facts.facts)):
                return None
            found |= {(fact.source, fact.account, fact.region) for fact in service_facts.facts}
            gaps = [gap for gap in service_facts.gaps if gap.provider and not gap.by_choice]
            found |= {(gap.source, gap.account, gap.region) for gap in gaps}
    return None if any(not region for _, _, region in found) else frozenset(found)


def merge_collected(parts: Sequence[Collected], before: Collected | None) -> Collected:
    """The newly collected facts and gaps, plus the earlier ones of places that were not read again."""
    read = tuple(dict.fromkeys(place for part in parts for place in part.read))
    facts: list[Fact] = [fact for part in parts for fact in part.facts]
    gaps: list[Gap] = [gap for part in parts for gap in part.gaps]
    accounts = {account: None for part in parts for account in part.accounts}
    # What an earlier run read of other regions is kept, so that its choice of regions counts, and not the new one.
    left_out = [gap for part in parts for gap in part.left_out] if before is None else before.left_out
    if before is not None:
        reread = set(read)
        facts += [fact for fact in before.facts if (fact.source, fact.account, fact.region) not in reread]
        gaps += [gap for gap in before.gaps if (gap.source, gap.account, gap.region) not in reread]
        read = tuple(dict.fromkeys((*read, *before.read)))
        accounts |= dict.fromkeys(before.accounts)
    return Collected(
        facts=facts,
        gaps=gaps,
        read=read,
        accounts=tuple(accounts),
        calls=sum(part.calls for part in parts),
        seconds=max((part.seconds for part in parts), default=0.0),
        left_out=tuple(left_out),
    )
