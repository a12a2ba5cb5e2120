"""Opens the monitoring systems that answer objectives, as they are needed."""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.source import known_sources
from bot.audit.slos.asking import Ask
from bot.audit.slos.documents import OpenSloError
from bot.model.slos import Slo
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.egress import EgressPolicy, Resolve
from bot.net.http_client import HttpClient
from bot.net.read_error import ReadError

AT_ONCE: Final = 4
"""Calls that are open at one system."""


class MetricSources:
    """The monitoring systems of one round, opened as they are needed."""

    def __init__(self, accesses: Sequence[MonitorAccess], resolver: Resolve) -> None:
        self._accesses, self._resolver = accesses, resolver
        self._apis: dict[str, CloudApi] = {}
        self._clients: list[HttpClient] = []

    async def __aenter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        for client in self._clients:
            await client.__aexit__(None, None, None)

    def access_of(self, slo: Slo) -> MonitorAccess:
        """The system that answers an objective: by its name, else the only one of its kind.

        Raises:
            OpenSloError: none or several may be meant.
        """
        what = f"of kind {slo.source}" if slo.source else "of kind prometheus or datadog"
        kinds = (slo.source,) if slo.source else ("prometheus", "datadog")
        fitting = [access for access in self._accesses if access.kind in kinds]
        names = ", ".join(access.name for access in fitting) or "none"
        if slo.monitor:
            fitting = [access for access in fitting if access.name == slo.monitor]
            if not fitting:
                raise OpenSloError(
                    f"no monitoring system {what} is named {slo.monitor}; listed under monitors: {names}"
                )
        named = [access for access in fitting if access.name == slo.reference] or fitting
        if len(named) == 1:
            return named[0]
        if not named:
            raise OpenSloError(f"no monitoring system {what} is listed under monitors:")
        raise OpenSloError(f"several monitoring systems {what} are listed; set monitor: to one of {names}")

    async def ask(self, access: MonitorAccess) -> Ask:
        """Calls to one system, paced and retried.

        Raises:
            OpenSloError: its settings cannot be used.
        """
        if access.problem:
            raise OpenSloError(access.problem)
        api = self._apis.get(access.name) or await self._opened(access)

        async def ask(path: str, params: Mapping[str, str]) -> Any:
            answer = await api.answer(f"{access.url}{path}", path, params=params)
            try:
                return await asyncio.to_thread(json.loads, answer.body)
            except (ValueError, RecursionError):
                raise ReadError(path, f"{path} answered with something that is not JSON", "NotUnderstood") from None

        return ask

    async def _opened(self, access: MonitorAccess) -> CloudApi:
        try:
            trust = await asyncio.to_thread(_trust, access.ca_file)
        except OSError:
            reason = f"ca_file of monitor {access.name} cannot be used"
            raise OpenSloError(reason) from None
        # Monitoring lives on private networks, so its own host may be at a private address.
        client = await HttpClient(EgressPolicy(), trust=trust, resolver=self._resolver).__aenter__()
        self._clients.append(client)
        headers = dict(known_sources()[access.kind].sign_in(access))

        async def authorize() -> Mapping[str, str]:
            return headers

        rate = access.calls_per_second
        api = CloudApi(client, authorize, ApiLimits(rate, max(1.0, rate), AT_ONCE, access.timeout), private=True)
        return self._apis.setdefault(access.name, api)


def _trust(ca_file: str) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=ca_file) if ca_file else None
