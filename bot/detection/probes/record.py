"""What each target used to answer: networks, statuses, kind of body, redirects and certificates, in bounded memory.

Only good answers are learned. An answer that differs for a whole day is what the target answers now, and is learned too.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.detection.probes.networks import network_of

TARGETS = 30_000
"""Targets that are remembered, at most; the one that was not probed for longest is forgotten first."""
FAMILIAR = 5
"""Good answers after which a target's record counts."""
RELEARN = 24 * 3600.0
"""Seconds for which an answer must differ from the record until it becomes the record."""
NETWORKS = 32
"""Networks that are remembered of a host, at most."""
_STATUSES = 8
_SHORT_LIVED = 10 * 86_400.0


@dataclass(slots=True)
class TargetRecord:
    """What one target used to answer.

    `answers`: good ones so far; `answered`: it once answered all that is expected of it. `statuses`, `kinds`, `domains`: seen in
    good ones: HTTP statuses, kinds of body, domains that it redirects to. `errors`: whether a good answer ever was an error body.
    `ends`: the certificate's end as a Unix time, 0 for unknown; `read_at`: when it was read; `renews`: a short-lived certificate
    was renewed in time before. `differs`: since when it answers something else, and what.
    """

    answers: int = 0
    answered: bool = False
    statuses: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    errors: bool = False
    ends: float = 0.0
    read_at: float = float("-inf")
    renews: bool = False
    differs: tuple[str, float] | None = None

    @property
    def familiar(self) -> bool:
        """Whether it was seen often enough to say what is unusual."""
        return self.answers >= FAMILIAR

    @property
    def content(self) -> object:
        """What of it is worth a write when it changes."""
        seen = (self.statuses, self.kinds, self.domains, self.errors, self.renews)
        return (self.answered, self.familiar, *seen, self.differs and self.differs[0])

    def kept(self) -> dict[str, Any]:
        """What is kept over a restart, as JSON: all but the certificate, which is read again."""
        return {name: value for name, value in asdict(self).items() if name not in ("ends", "read_at")}

    def learn(self, *, status: int = 0, kind: str = "", domain: str = "", error: bool = False) -> None:
        """Remember a good answer."""
        self.answers = min(self.answers + 1, 1_000_000)
        self.differs = None
        if status and status not in self.statuses:
            self.statuses = (*self.statuses, status)[-_STATUSES:]
        if kind and kind not in self.kinds:
            self.kinds = (*self.kinds, kind)
        if domain and domain not in self.domains:
            self.domains = (*self.domains, domain)[-_STATUSES:]
        self.errors = self.errors or error

    def still_differs(self, what: str, now: float) -> bool:
        """Whether this deviation counts as one; False once it has lasted so long that it is the usual answer.

        `now`: Unix time.
        """
        if self.differs is None or self.differs[0] != what:
            self.differs = (what, now)
        return now - self.differs[1] < RELEARN

    def read_certificate(self, begins: float, ends: float, now: float) -> None:
        """Remember a certificate's start and end; all of them Unix times."""
        renewed = self.ends and ends > self.ends
        self.renews = self.renews or bool(renewed and ends - begins <= _SHORT_LIVED)
        self.ends, self.read_at = ends, now


@dataclass(slots=True)
class HostNetworks:
    """The networks in which a host's addresses were when it answered well; `answers`: how often it did."""

    answers: int = 0
    known: tuple[str, ...] = ()

    @property
    def content(self) -> object:
        """What of it is worth a write when it changes."""
        return (self.known, self.answers >= FAMILIAR)

    def kept(self) -> dict[str, Any]:
        """What is kept over a restart, as JSON."""
        return asdict(self)

    @property
    def public(self) -> bool:
        """Whether the host ever was at a public address."""
        return any(not network.startswith("private") for network in self.known)

    @property
    def private(self) -> bool:
        """Whether the host ever was at a private address."""
        return any(network.startswith("private") for network in self.known)

    def learn(self, addresses: Iterable[str]) -> None:
        """Remember the networks of a good answer."""
        self.answers = min(self.answers + 1, 1_000_000)
        for address in addresses:
            network = network_of(address)
            if network and network not in self.known:
                self.known = (*self.known, network)[-NETWORKS:]

    def strange(self, addresses: Iterable[str]) -> bool:
        """Whether all these addresses are in networks that were never seen, although the host is well known."""
        networks = [network for network in map(network_of, addresses) if network]
        return self.answers >= FAMILIAR and bool(networks) and not any(network in self.known for network in networks)


@dataclass(slots=True)
class TargetRecords:
    """The records of all targets, and of the hosts behind them."""

    most: int = TARGETS
    _targets: OrderedDict[tuple[str, str], TargetRecord] = field(default_factory=OrderedDict)
    _hosts: OrderedDict[tuple[str, str], HostNetworks] = field(default_factory=OrderedDict)

    def targets(self) -> list[tuple[tuple[str, str], TargetRecord]]:
        """All records, by source and path."""
        return list(self._targets.items())

    def hosts(self) -> list[tuple[tuple[str, str], HostNetworks]]:
        """The networks of all hosts, by host and path."""
        return list(self._hosts.items())

    def recall(self, source: str, via: str, record: TargetRecord) -> None:
        """Take over what was known before a restart, unless something was learned since."""
        if len(self._targets) < self.most:
            self._targets.setdefault((source, via), record)

    def recall_host(self, host: str, via: str, networks: HostNetworks) -> None:
        """Take over the networks of a host that were known before a restart, unless some were learned since."""
        if len(self._hosts) < self.most:
            self._hosts.setdefault((host, via), networks)

    def of(self, source: str, via: str = "") -> TargetRecord:
        """The record of a target over one path."""
        key = (source, via)
        found = self._targets.get(key)
        if found is None:
            found = self._targets[key] = TargetRecord()
            if len(self._targets) > self.most:
                self._targets.popitem(last=False)
        else:
            self._targets.move_to_end(key)
        return found

    def networks(self, host: str, via: str = "") -> HostNetworks:
        """The networks of a host over one path."""
        key = (host, via)
        found = self._hosts.get(key)
        if found is None:
            found = self._hosts[key] = HostNetworks()
            if len(self._hosts) > self.most:
                self._hosts.popitem(last=False)
        else:
            self._hosts.move_to_end(key)
        return found
