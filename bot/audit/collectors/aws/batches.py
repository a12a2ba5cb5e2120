"""Reads many accounts in batches, which bounds memory, and merges the results; an account that fails becomes a gap."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.audit.collectors.engine.needs import needed_kinds
from bot.model import Collected, Place, Progress, UnusableError
from checks import Fact, Gap

AT_ONCE = 8
"""Accounts per child process: an account costs some MiB in it, starting a process about half a second."""


class FactFilter(Protocol):
    """Chooses which facts of some accounts to keep."""

    def __call__(self, facts: Sequence[Fact], gaps: Sequence[Gap], /) -> Sequence[Fact]:
        """The facts to keep; `gaps` are those of the same accounts."""
        ...


def keep_all(facts: Sequence[Fact], _: Sequence[Gap]) -> Sequence[Fact]:
    """Keep every fact."""
    return facts


class ReadAccounts(Protocol):
    """Reads some accounts, here or in a worker."""

    def __call__(self, accounts: Sequence[str], progress: Callable[[Progress], None]) -> Awaitable[Collected]:
        """Read these accounts.

        Raises:
            UnusableError: none of these accounts can be read.
        """
        ...


@dataclass(slots=True)
class Assembly:
    """Merges the results of batches of accounts, one after the other."""

    fact_filter: FactFilter
    facts: list[Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    left_out: list[Gap] = field(default_factory=list)
    read: dict[Place, None] = field(default_factory=dict)
    accounts: dict[str, None] = field(default_factory=dict)
    calls: int = 0
    failed: str = ""

    def add(self, unit: Collected) -> None:
        """Add the result of some accounts."""
        self.facts += self.fact_filter(unit.facts, unit.gaps)
        self.gaps += unit.gaps
        self.left_out += unit.left_out
        self.read |= dict.fromkeys(unit.read)
        self.accounts |= dict.fromkeys(unit.accounts)
        self.calls += unit.calls

    def add_unreadable(self, account: str, reason: str) -> None:
        """Add an account that could not be read: a gap for every kind of fact."""
        kinds = tuple(sorted(needed_kinds(), key=lambda kind: kind.__name__))
        self.gaps.append(Gap("aws", "aws", account, "", reason, kinds))
        self.failed = self.failed or reason

    def collected(self, seconds: float) -> Collected:
        """The merged result.

        Raises:
            UnusableError: no account is readable.
        """
        if not self.accounts and self.failed:
            raise UnusableError(f"AWS cannot be read: {self.failed}", _FIX)
        rest = (tuple(self.read), tuple(self.accounts), self.calls, round(seconds, 3), tuple(self.left_out))
        return Collected(self.facts, self.gaps, *rest)


_FIX = "correct the accounts, roles and regions in backstay.yaml, or let the role be assumed"


def accounts_to_read(accounts: Sequence[str], only: Iterable[Place] | None) -> tuple[str, ...]:
    """The accounts that contain a place of `only` (None: all accounts)."""
    if only is None:
        return tuple(accounts)
    needed = {account for _, account, _ in only}
    return tuple(account for account in accounts if account in needed)


async def read_in_batches(
    accounts: Sequence[str],
    read: ReadAccounts,
    listed: Collected,
    progress: Callable[[Progress], None],
    *,
    fact_filter: FactFilter,
) -> Collected:
    """Read all accounts, `AT_ONCE` at a time. `listed` is the result of listing the accounts: its gaps and calls count.

    Raises:
        UnusableError: no account is readable.
    """
    assembly, seconds = Assembly(fact_filter), listed.seconds
    assembly.gaps += listed.gaps
    assembly.calls = listed.calls
    for start in range(0, len(accounts), AT_ONCE):
        batch = accounts[start : start + AT_ONCE]
        try:
            unit = await read(batch, _batch_progress(progress, start, len(accounts)))
        except UnusableError as error:
            for account in batch:
                assembly.add_unreadable(account, str(error))
            continue
        assembly.add(unit)
        seconds += unit.seconds
    return assembly.collected(seconds)


def _batch_progress(progress: Callable[[Progress], None], done: int, total: int) -> Callable[[Progress], None]:
    def report(inner: Progress) -> None:
        share = min(AT_ONCE, total - done) * (inner.done / inner.total if inner.total else 0)
        progress(
            Progress(done + int(share), total, f"{inner.doing} (accounts {done + 1} to {min(done + AT_ONCE, total)})")
        )

    return report
