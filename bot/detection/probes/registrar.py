"""Reads the registration of a provider's main domain: a hold takes a whole provider away (zoom.us, 16 April 2025).

The registry of a top-level domain answers by RDAP (RFC 9082, RFC 9083); IANA lists the servers (RFC 9224).
A domain is asked about every six hours, and every ten minutes at most while its zone does not answer.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.detection.probes.judge import EXPIRES, lasts_in_words
from bot.detection.probes.probe import Probe, ProbeAnswer
from bot.model import Clock
from bot.model.signals import Health, Trouble
from bot.net.egress import NetworkError
from bot.net.http_client import HttpClient, HttpRequest

IANA: Final = "https://data.iana.org/rdap/dns.json"
"""IANA's list of RDAP servers by top-level domain (RFC 9224)."""
USUALLY, IN_DOUBT = 6 * 3600.0, 600.0
"""Seconds until a domain is asked about again; in doubt: its zone does not answer, or the registry holds it."""
_LIST_LASTS = 24 * 3600.0
_MOST_BYTES = 1024 * 1024
_TIMEOUT = timedelta(seconds=10)
_TAKEN_DOWN: Final = ("server hold", "client hold", "redemption period", "pending delete", "inactive")
"""Statuses with which a domain is not in the DNS, or about to leave it (RFC 8056, section 2)."""


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")
    action: str = Field(default="", alias="eventAction")
    date: datetime | None = Field(default=None, alias="eventDate")


class _Domain(BaseModel):
    model_config = ConfigDict(extra="ignore")
    status: list[str] = []
    events: list[_Event] = []


class _Registries(BaseModel):
    model_config = ConfigDict(extra="ignore")
    services: list[tuple[list[str], list[str]]]


@dataclass(frozen=True, slots=True)
class DomainRegistration:
    """What the registry says. `wrong`: in words, empty for nothing; `ends`: when the registration does; `read_at`: monotonic."""

    wrong: str = ""
    ends: datetime | None = None
    read_at: float = float("-inf")


@dataclass(slots=True)
class RegistrarWatch:
    """Keeps what the registries say, and weighs it beside what DNS answers. `close` ends what still runs.

    `private`: the servers may be at private addresses.
    """

    client: HttpClient
    clock: Clock
    registries: str = IANA
    private: bool = False
    now: Callable[[], float] = time.monotonic
    _known: dict[str, DomainRegistration] = field(default_factory=dict)
    _reading: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _servers: dict[str, str] = field(default_factory=dict)
    _list_due: float = float("-inf")
    _listing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def weigh(self, probe: Probe, answer: ProbeAnswer) -> ProbeAnswer:
        """The answer of a zone's probe, with the registration of the domain; other answers as they are.

        It never waits: a domain that is due is asked about in the background, and counts from the next round on.
        """
        if probe.asks != "SOA" or answer.state is Health.UNKNOWN:
            return answer
        known = self._known.get(probe.host, DomainRegistration())
        pause = IN_DOUBT if known.wrong or answer.state is Health.BAD else USUALLY
        if probe.host not in self._reading and self.now() - known.read_at >= pause:
            self._reading[probe.host] = asyncio.create_task(self._read(probe.host), name=f"registry of {probe.host}")
        if known.wrong:
            if answer.state is Health.BAD:
                return replace(answer, detail=f"{answer.detail}; {known.wrong}")
            return replace(answer, state=Health.DEGRADED, detail=known.wrong, trouble=Trouble.DNS)
        return self._expiring(known, answer)

    def _expiring(self, known: DomainRegistration, answer: ProbeAnswer) -> ProbeAnswer:
        if known.ends is None or answer.state is not Health.GOOD:
            return answer
        left = (known.ends - self.clock()).total_seconds()
        if left >= EXPIRES:
            return answer
        when = f"ends in {lasts_in_words(left)}" if left > 0 else "has ended"
        detail = f"registration of the domain {when}"
        return replace(answer, state=Health.DEGRADED, detail=detail, trouble=Trouble.EXPIRING)

    async def settled(self) -> None:
        """Wait for what is being read now."""
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def close(self) -> None:
        """End what is being read."""
        for task in self._reading.values():
            task.cancel()
        await self.settled()

    async def _read(self, domain: str) -> None:
        """Ask once. A registry that cannot be read says nothing: only the end of the registration stays known."""
        found = None
        try:
            found = await self._registration(domain)
        except (NetworkError, ValidationError):
            pass
        finally:
            del self._reading[domain]
        found = found or replace(self._known.get(domain, DomainRegistration()), wrong="")
        self._known[domain] = replace(found, read_at=self.now())

    async def _registration(self, domain: str) -> DomainRegistration | None:
        """What the registry says; None where it does not answer, or none is listed."""
        server = await self._server_of(domain)
        if not server:
            return None
        status, body = await self._get(f"{server.rstrip('/')}/domain/{domain}")
        if status == 404:
            return DomainRegistration("the registry does not list the domain")
        if status != 200:
            return None
        found = _Domain.model_validate_json(body)
        said = {status.strip().lower() for status in found.status}
        wrong = [status for status in _TAKEN_DOWN if status in said]
        ends = [event.date for event in found.events if event.action == "expiration" and event.date is not None]
        dated = [end if end.tzinfo else end.replace(tzinfo=UTC) for end in ends]
        return DomainRegistration(
            f"the registry lists the domain as “{wrong[0]}”" if wrong else "", max(dated, default=None)
        )

    async def _server_of(self, domain: str) -> str:
        """The RDAP server of the domain's top-level domain; empty where IANA lists none."""
        async with self._listing:
            if self.now() >= self._list_due:
                self._list_due = self.now() + IN_DOUBT
                status, body = await self._get(self.registries)
                if status == 200:
                    listed = _Registries.model_validate_json(body).services
                    self._servers = {
                        name.lower(): next((url for url in urls if url.startswith("https://")), urls[0])
                        for names, urls in listed
                        if urls
                        for name in names
                    }
                    self._list_due = self.now() + _LIST_LASTS
        return self._servers.get(domain.rpartition(".")[2].lower(), "")

    async def _get(self, url: str) -> tuple[int, bytes]:
        request = HttpRequest(
            url,
            headers={"Accept": "application/rdap+json, application/json"},
            private=self.private,
            redirects=2,
            most_bytes=_MOST_BYTES,
            timeout=_TIMEOUT,
        )
        answer = await self.client.request(request)
        return answer.status, answer.body
