"""Collects facts from AWS in a child process, so that the event loop stays free and the memory is freed afterwards."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.audit.collectors.aws.batches import AT_ONCE, FactFilter, accounts_to_read, keep_all, read_in_batches
from bot.audit.collectors.engine.needs import needed_kinds
from bot.audit.collectors.engine.parent import ChildProgram, run_child
from bot.model import Collected, Place, Progress
from checks import Fact, Service

_CHILD = ChildProgram(
    "bot.audit.collectors.aws.child",
    "AWS",
    "check its last lines on stderr; if memory ran out, lower aws.concurrency or read fewer regions",
)
_TRIAL_END = 0.8  # seconds for the frames of a trial that time has ended, and for its process
_TRIAL = ChildProgram("bot.audit.collectors.aws.trial_child", "AWS", "check its last lines on stderr")


class AwsAccount(BaseModel):
    """One account. `id`: empty for the account of the credentials. `role`: name or ARN of the role to assume."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    name: str = ""
    role: str = ""
    external_id: SecretStr = SecretStr("")
    regions: tuple[str, ...] = ()


class AwsSettings(BaseModel):
    """How AWS is read. `regions`: empty for all enabled ones. `timeout`: seconds per API call.

    `regions_are_all`: nothing runs outside `regions`, so that leaving the others out is no gap.

    `calls_per_second` and `burst` apply per account, region and service; `role` applies to accounts without their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = ""
    regions: tuple[str, ...] = ()
    regions_are_all: bool = False
    accounts: tuple[AwsAccount, ...] = ()
    organization: bool = False
    role: str = ""
    concurrency: int = 16
    calls_per_second: float = 20.0
    burst: float = 40.0
    timeout: float = 20.0


class AwsCollector:
    """Implements `model.Collector` for AWS.

    Args:
        settings: accounts, regions and limits.
        kinds: the kinds of facts to collect; sources without any of them are not read. None: the kinds checks need.
        fact_filter: drops facts of one batch of accounts before the next batch is read.
    """

    def __init__(
        self, settings: AwsSettings, kinds: Iterable[type[Fact]] | None = None, *, fact_filter: FactFilter = keep_all
    ) -> None:
        self._settings, self._fact_filter = settings, fact_filter
        self._kinds = None if kinds is None else frozenset(kinds)

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - all resources are read, and attributed by tags later
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read AWS in child processes, one batch of accounts at a time; cancelling kills the child.

        Raises:
            UnusableError: no credentials, no permission to read anything, or the child process died.
        """
        if not self._settings.organization and len(self._settings.accounts) <= AT_ONCE:
            return await run_child(_CHILD, self._request(only), progress)
        listed = await self.accounts(progress)
        read = partial(self.read, only=only)
        accounts = accounts_to_read(listed.accounts, only)
        return await read_in_batches(accounts, read, listed, progress, fact_filter=self._fact_filter)

    async def accounts(self, progress: Callable[[Progress], None]) -> Collected:
        """The accounts to read, without facts; with a gap if the organization cannot be listed.

        Raises:
            UnusableError: AWS accepts no credentials.
        """
        return await run_child(_CHILD, self._request(None) | {"pick": []}, progress)

    async def read(
        self, accounts: Sequence[str], progress: Callable[[Progress], None], only: frozenset[Place] | None = None
    ) -> Collected:
        """Read these accounts in one child process. An account whose role cannot be assumed becomes a gap.

        Raises:
            UnusableError: AWS accepts no credentials, or the child process died.
        """
        return await run_child(_CHILD, self._request(only) | {"pick": list(accounts)}, progress)

    async def try_calls(self, seconds: float, progress: Callable[[Progress], None]) -> Collected:
        """Try each call of an audit on a sample, within so many seconds (`aws.trial`).

        Returns:
            No facts. Gaps name the actions that failed, and sources that were not tried in time; `read` names the actions
            that answered, as (action, account, region).

        Raises:
            UnusableError: AWS accepts no credentials, does not answer in time, or the child process died.
        """
        until = time.time() + seconds - _TRIAL_END
        return await run_child(_TRIAL, self._request(None) | {"until": until}, progress)

    def _request(self, only: frozenset[Place] | None) -> dict[str, Any]:
        settings = self._settings
        kinds = needed_kinds() if self._kinds is None else self._kinds
        return {
            "kinds": sorted(kind.__name__ for kind in kinds),
            "profile": settings.profile,
            "regions": settings.regions,
            "regions_are_all": settings.regions_are_all,
            "accounts": [
                {
                    "id": account.id,
                    "role": account.role,
                    "external_id": account.external_id.get_secret_value(),
                    "regions": account.regions,
                }
                for account in settings.accounts
            ],
            "organization": settings.organization,
            "role": settings.role,
            "limits": {
                "concurrency": settings.concurrency,
                "rate": settings.calls_per_second,
                "burst": settings.burst,
                "timeout": settings.timeout,
            },
            "only": None if only is None else sorted(only),
            "pick": None,
        }
