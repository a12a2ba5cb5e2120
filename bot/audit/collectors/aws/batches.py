"""Many accounts -> one audit: a few at a time, so that memory does not grow with their number, and none is lost unsaid."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.audit.collectors.aws.needs import needed_kinds
from bot.model import Collected, Place, Progress, UnusableError
from checks import Fact, Gap

AT_ONCE = 8
"""Accounts that one child process reads: each costs some MiB in it, a process about half a second."""

Sift = Callable[[Sequence[Fact]], Sequence[Fact]]


class Read(Protocol):
    """One unit of an audit, wherever it is done."""

    def __call__(self, accounts: Sequence[str], progress: Callable[[Progress], None]) -> Awaitable[Collected]:
        """Read these accounts.

        Raises:
            UnusableError: none of them can be read.
        """
        ...


@dataclass(slots=True)
class Assembly:
    """Units of an audit, put together one after the other."""

    sift: Sift
    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    read: dict[Place, None] = field(default_factory=dict)
    accounts: dict[str, None] = field(default_factory=dict)
    calls: int = 0
    failed: str = ""

    def add(self, unit: Collected) -> None:
        """What some accounts brought."""
        self.facts += self.sift(unit.facts)
        self.gaps += unit.gaps
        self.read |= dict.fromkeys(unit.read)
        self.accounts |= dict.fromkeys(unit.accounts)
        self.calls += unit.calls

    def lost(self, account: str, reason: str) -> None:
        """An account of which nothing is known, and why: everything in it is hidden."""
        kinds = tuple(sorted(needed_kinds(), key=lambda kind: kind.__name__))
        self.gaps.append(Gap("aws", "aws", account, "", reason, kinds))
        self.failed = self.failed or reason

    def collected(self, seconds: float) -> Collected:
        """All of it.

        Raises:
            UnusableError: not one account could be read.
        """
        if not self.accounts and self.failed:
            raise UnusableError(f"AWS cannot be read: {self.failed}", _MEND)
        return Collected(self.facts, self.gaps, tuple(self.read), tuple(self.accounts), self.calls, round(seconds, 3))


_MEND = "correct the accounts, roles and regions in backstay.yaml, or let the role be assumed"


def wanted(accounts: Sequence[str], only: Iterable[Place] | None) -> tuple[str, ...]:
    """The accounts in which something is to be read."""
    if only is None:
        return tuple(accounts)
    inside = {account for _, account, _ in only}
    return tuple(account for account in accounts if account in inside)


async def in_batches(
    accounts: Sequence[str], read: Read, listed: Collected, progress: Callable[[Progress], None], *, sift: Sift
) -> Collected:
    """Read all accounts in this process, `AT_ONCE` at a time. `listed`: what came of looking for them.

    Raises:
        UnusableError: not one account could be read.
    """
    made, seconds = Assembly(sift), listed.seconds
    made.gaps += listed.gaps
    made.calls = listed.calls
    for start in range(0, len(accounts), AT_ONCE):
        batch = accounts[start : start + AT_ONCE]
        try:
            unit = await read(batch, _inside(progress, start, len(accounts)))
        except UnusableError as error:
            for account in batch:
                made.lost(account, str(error))
            continue
        made.add(unit)
        seconds += unit.seconds
    return made.collected(seconds)


def _inside(progress: Callable[[Progress], None], done: int, total: int) -> Callable[[Progress], None]:
    def report(inner: Progress) -> None:
        share = min(AT_ONCE, total - done) * (inner.done / inner.total if inner.total else 0)
        progress(
            Progress(done + int(share), total, f"{inner.doing} (accounts {done + 1} to {min(done + AT_ONCE, total)})")
        )

    return report
