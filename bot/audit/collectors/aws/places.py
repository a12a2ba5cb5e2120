"""The places that an audit reads and a trial tries: sources in the accounts and regions of a request."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.audit.collectors.aws.source import Source, sources
from bot.net.aws.accounts import AccountAccess, Target, regions_of, wire_into
from bot.net.aws.client import AwsClient, Limits
from bot.net.aws.errors import ReadError
from checks import GLOBAL


@dataclass(frozen=True, slots=True)
class CollectRequest:
    """What to read. `kinds`: names of the kinds of facts that are needed. `only`: places (source, account, region).

    `regions_are_all`: nothing runs outside the regions that are named. `pick`: read these accounts only; empty: list the
    accounts and read nothing; None: read all accounts.
    """

    kinds: frozenset[str]
    profile: str = ""
    regions: tuple[str, ...] = ()
    regions_are_all: bool = False
    accounts: tuple[Target, ...] = ()
    organization: bool = False
    role: str = ""
    limits: Limits = field(default_factory=Limits)
    only: frozenset[tuple[str, str, str]] | None = None
    pick: tuple[str, ...] | None = None

    def wants(self, source: Source, account: str, region: str) -> bool:
        """Whether to read this place."""
        needed = any(kind.__name__ in self.kinds for kind in source.facts)
        return needed and (self.only is None or (source.name, account, region) in self.only)


class Reached(NamedTuple):
    """The client of an account, its regions, and why regions that are named cannot be read."""

    client: AwsClient
    regions: tuple[str, ...]
    wrong: Sequence[ReadError]


def reach(
    request: CollectRequest, entry: AccountAccess, target: Target, limits: Limits, gate: threading.Semaphore
) -> Reached:
    """Enter an account and list its regions.

    Raises:
        ReadError: it cannot be entered.
    """
    client = wire_into(entry, target, limits, gate)
    return Reached(client, *regions_of(client, target, request.regions, entry.home))


def places_of(request: CollectRequest, account: ReachedAccount) -> list[tuple[Source, Reader]]:
    """Every source that the request wants, in each region of an account, or once where it is global."""
    at = {"region": account.regions, "global": (GLOBAL,) if account.regions else ()}
    return [
        (source, Reader(account, region, source.name))
        for where in ("global", "region")  # global listings take the longest chains of calls: start them first
        for source in sources()
        if source.where == where
        for region in at[where]
        if request.wants(source, account.id, region)
    ]
