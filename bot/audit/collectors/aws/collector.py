"""AWS -> facts. The work runs in a child process: the event loop stays free and the memory goes with it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.audit.collectors.aws.batches import AT_ONCE, Sift, in_batches, wanted
from bot.audit.collectors.aws.needs import needed_kinds
from bot.audit.collectors.aws.parent import run_child
from bot.model import Collected, Place, Progress
from checks import Fact, Service


class AwsAccount(BaseModel):
    """One account. `id` empty: the one that the credentials belong to. `role`: name or ARN to assume."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    name: str = ""
    role: str = ""
    external_id: SecretStr = SecretStr("")
    regions: tuple[str, ...] = ()


class AwsSettings(BaseModel):
    """How AWS is read. `regions` empty: all that are enabled; `timeout` in seconds for one answer.

    `calls_per_second` and `burst` hold for one account, region and service; `role` for accounts that name none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = ""
    regions: tuple[str, ...] = ()
    accounts: tuple[AwsAccount, ...] = ()
    organization: bool = False
    role: str = ""
    concurrency: int = 16
    calls_per_second: float = 20.0
    burst: float = 40.0
    timeout: float = 20.0


class AwsCollector:
    """The `ports.Collector` of AWS. `kinds`: what is needed; sources that bring nothing of it are not read.

    `sift`: of the facts of many accounts, those that matter; the others are let go before the next accounts are read.
    """

    def __init__(self, settings: AwsSettings, kinds: Iterable[type[Fact]] | None = None, *, sift: Sift = list) -> None:
        self._settings, self._sift = settings, sift
        self._kinds = None if kinds is None else frozenset(kinds)

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - AWS is read whole; facts find their services by tags
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read AWS in a child process, many accounts a few at a time; cancelling kills it.

        Raises:
            UnusableError: no credentials, nothing readable with them, or the child process died.
        """
        if not self._settings.organization and len(self._settings.accounts) <= AT_ONCE:
            return await run_child(self._order(only), progress)
        listed = await self.accounts(progress)
        read = partial(self.read, only=only)
        return await in_batches(wanted(listed.accounts, only), read, listed, progress, sift=self._sift)

    async def accounts(self, progress: Callable[[Progress], None]) -> Collected:
        """Which accounts there are to read; without a fact, but with a gap where the organization cannot be listed.

        Raises:
            UnusableError: there are no credentials that AWS accepts.
        """
        return await run_child(self._order(None) | {"pick": []}, progress)

    async def read(
        self, accounts: Sequence[str], progress: Callable[[Progress], None], only: frozenset[Place] | None = None
    ) -> Collected:
        """One unit of an audit: these accounts, in one child process. One that cannot be entered is a gap.

        Raises:
            UnusableError: no credentials that AWS accepts, or the child process died.
        """
        return await run_child(self._order(only) | {"pick": list(accounts)}, progress)

    def _order(self, only: frozenset[Place] | None) -> dict[str, Any]:
        told = self._settings
        kinds = needed_kinds() if self._kinds is None else self._kinds
        return {
            "kinds": sorted(kind.__name__ for kind in kinds),
            "profile": told.profile,
            "regions": told.regions,
            "accounts": [
                {
                    "id": account.id,
                    "role": account.role,
                    "external_id": account.external_id.get_secret_value(),
                    "regions": account.regions,
                }
                for account in told.accounts
            ],
            "organization": told.organization,
            "role": told.role,
            "limits": {
                "concurrency": told.concurrency,
                "rate": told.calls_per_second,
                "burst": told.burst,
                "timeout": told.timeout,
            },
            "only": None if only is None else sorted(only),
            "pick": None,
        }
