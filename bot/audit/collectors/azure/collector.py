"""Collects facts from Azure in a child process."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.audit.collectors.engine.parent import ChildProgram, run_child
from bot.model import Collected, Place, Progress
from checks import Service

_CHILD = ChildProgram("bot.audit.collectors.azure.child", "Azure", "check its last lines on stderr")


class SubscriptionSettings(BaseModel):
    """How Azure is read: subscriptions by id, and all that are below management groups.

    `tenant`, `client`, `secret`: of the application to sign in as; without a secret azure-identity finds credentials.
    `private`: `login_url` and `api_url` may be at private addresses. `calls_per_second` is the limit of Resource Graph,
    `timeout` is in seconds per call. `most_calls`: of one run, before single resources are no longer asked for details.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()
    tenant: str = ""
    client: str = ""
    secret: SecretStr = SecretStr("")
    login_url: str = ""
    api_url: str = "https://management.azure.com"
    private: bool = False
    most_calls: int = 40
    calls_per_second: float = 3.0
    timeout: float = 30.0


class AzureCollector:
    """Implements `model.Collector` for Azure. A fact's `account` is the id of its subscription."""

    def __init__(self, settings: SubscriptionSettings) -> None:
        self._settings = settings

    async def collect(
        self,
        services: Sequence[Service],  # noqa: ARG002 - all resources are read, and attributed by tags later
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        """Read all subscriptions in one child process; one that cannot be read becomes a gap. Cancelling kills the child.

        Raises:
            UnusableError: no subscription can be read, or the child process died.
        """
        request: dict[str, Any] = self._settings.model_dump(mode="json")
        secret = self._settings.secret.get_secret_value()
        places = None if only is None else sorted(only)
        return await run_child(_CHILD, request | {"secret": secret, "only": places}, progress)
