"""The world at any moment: who answers what, drawn at random from what happens there."""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from support.outage_world.happenings import Answer, Effect, LineDamage, LineEffect, Outcome, ResolverEffect
from support.outage_world.names import Found, NameServer, addresses_of, of_family

USUAL_SECONDS = 0.06
"""Median time of a request with connection and TLS to a host without one of its own."""
_SPREAD = 0.25
_NAME_SECONDS = 0.015
_FIRST_AGAIN = 1.0
"""Seconds until a lost SYN is sent again, doubled each time (RFC 6298, 2.1)."""
_AGAIN = 0.3
_SYSTEM_WAITS = 10.0
"""Seconds until a system resolver without an answer gives up: 5 s, twice (resolv.conf(5))."""
_FOREVER = 1e9
_BURST = 6.0
"""Seconds that a failure by chance lasts."""

Body = Callable[[datetime], Answer]


@dataclass
class Outside:
    """Hosts, resolvers and lines. What is not described is well.

    `usual`: what a host answers on good days, by host and path; `seconds`: its median latency, by pattern of the host.
    `noise`: the share of attempts that fail by chance whatever happens. `served`: hosts whose answer changes, such as pages.
    """

    chance: random.Random
    effects: tuple[Effect, ...] = ()
    lines: tuple[LineEffect, ...] = ()
    resolvers: tuple[ResolverEffect, ...] = ()
    usual: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    served: Mapping[str, Body] = field(default_factory=dict)
    certificates: Mapping[str, datetime] = field(default_factory=dict)
    noise: float = 0.0
    _servers: dict[tuple[str, str], NameServer] = field(default_factory=dict)
    _struck: dict[tuple[Effect, str, str], bool] = field(default_factory=dict)
    _latency: dict[str, float] = field(default_factory=dict)
    _lost: dict[tuple[str, str], tuple[int, bool]] = field(default_factory=dict)

    def look_up(self, place: str, server: str, host: str, kind: str, at: datetime) -> Outcome:
        """One DNS query over the line of a vantage point. `kind`: A, AAAA, SOA, NS. `server`: an address, or `system`."""
        trip = self._exchange(place, at, tries=1 if server != "system" else 2, again=5.0)
        silent = trip is None or (server != "system" and self._by_chance(place, f"{server} {host}", at))
        if any(effect.on(server, at) and effect.damage == "silent" for effect in self.resolvers):
            silent = True
        if server == "system" and self._line(place, "system resolver", at):
            silent = True
        if silent:
            return Outcome(_SYSTEM_WAITS if server == "system" else _FOREVER, "timeout")
        seconds = (trip or 0.0) + self._drawn(_NAME_SECONDS)
        if any(effect.on(server, at) for effect in self.resolvers):
            return Outcome(seconds, "dns", "SERVFAIL")
        found = self._server(place, server).answer(host, kind, at)
        if found.code == "silent":  # the recursive resolver gives up first (RFC 8767, 5: 1.8 s to 5 s)
            return Outcome(seconds + self.chance.uniform(1.8, 5.0), "dns", "SERVFAIL")
        words = {"nxdomain": "NXDOMAIN", "servfail": "SERVFAIL"}.get(found.code, "")
        if not words and not found.addresses:
            words = "NOERROR"
        return Outcome(seconds, "dns" if words else "", words, found.addresses)

    def connect(
        self, place: str, host: str, port: int, at: datetime, *, tls: bool, family: str = "", avoid: str = ""
    ) -> Outcome:
        """Look a host up with the system's resolver, connect to one of its addresses, and negotiate TLS."""
        known = _is_address(host)
        named = Outcome(0.0, addresses=(host,)) if known else self._system(place, host, at, family)
        if named.failure:
            return named
        address = self._chosen(place, [each for each in named.addresses if each != avoid] or named.addresses, at)
        seconds = named.seconds
        if address in ("0.0.0.0", "::"):  # noqa: S104 - nobody is there
            return Outcome(seconds + 0.001, "refused", addresses=(address,))
        trip = self._exchange(place, at, family="ipv6" if ":" in address else "ipv4", again=_FIRST_AGAIN, tries=6)
        struck = self._below_http(place, host, at, address)
        damage = struck.damage if struck else ""
        if trip is None or damage == "silent" or self._by_chance(place, f"{host}:{port}", at):
            return Outcome(_FOREVER, "timeout", addresses=(address,))
        seconds += trip + self._drawn(self._median(host) / 3)
        if damage == "refused":
            return Outcome(seconds, "refused", addresses=(address,))
        if not tls:
            return Outcome(seconds, addresses=(address,))
        return self._negotiated(host, address, struck, seconds, at)

    def request(
        self,
        place: str,
        host: str,
        port: int,
        path: str,
        at: datetime,
        *,
        tls: bool = True,
        family: str = "",
        signed_in: bool = False,
        avoid: str = "",
    ) -> Outcome:
        """An HTTP request over a new connection; redirects are not followed."""
        made = self.connect(place, host, port, at, tls=tls, family=family, avoid=avoid)
        if made.failure:
            return made
        address = made.addresses[0]
        trip = self._exchange(place, at, family="ipv6" if ":" in address else "ipv4")
        if trip is None:
            return Outcome(_FOREVER, "timeout", addresses=made.addresses)
        seconds = made.seconds + trip + self._drawn(self._median(host) / 3)
        answer = self._usual(host, path, at)
        for effect in self._struck_by(place, host, path, at, address, signed_in=signed_in):
            match effect.damage:
                case "reset":
                    return Outcome(seconds, "reset", addresses=made.addresses)
                case "slow":
                    seconds += self._drawn(effect.seconds)
                case "answer":
                    answer = effect.answer
                case _:
                    continue
        return Outcome(seconds, "", "", made.addresses, made.certificate, answer)

    def asleep(self, place: str, at: datetime) -> timedelta:
        """How long this machine sleeps from now on; zero while it is awake."""
        ends = [line.ends for line in self.lines if line.damage == "asleep" and line.on(place, at)]
        return max(ends) - at if ends else timedelta(0)

    def _negotiated(self, host: str, address: str, struck: Effect | None, seconds: float, at: datetime) -> Outcome:
        damage = struck.damage if struck else ""
        if damage == "tls":
            return Outcome(seconds, "tls", addresses=(address,))
        if struck is not None and damage == "slow tls":
            seconds += self._drawn(struck.seconds)
        stranger = not _is_address(host) and address not in addresses_of(host)
        if damage == "certificate" or stranger:
            return Outcome(seconds, "certificate", addresses=(address,))
        ends = next((ends for name, ends in self.certificates.items() if fnmatchcase(host, name)), None)
        until = ends or at + timedelta(days=60)
        begins = (ends or at) - timedelta(days=75)
        seconds += self._drawn(self._median(host) / 3)
        return Outcome(seconds, addresses=(address,), certificate=(begins, until))

    def _system(self, place: str, host: str, at: datetime, family: str) -> Outcome:
        """Both families at once, as getaddrinfo asks; the answer with none counts only where both have none."""
        asked = {"ipv4": ("A",), "ipv6": ("AAAA",)}.get(family, ("A", "AAAA"))
        found = [self.look_up(place, "system", host, kind, at) for kind in asked]
        good = [outcome for outcome in found if not outcome.failure]
        if not good:
            return max(found, key=lambda outcome: outcome.seconds)
        slowest = max(min(outcome.seconds, _SYSTEM_WAITS) for outcome in found)
        return Outcome(slowest, addresses=tuple(address for outcome in good for address in outcome.addresses))

    def _chosen(self, place: str, addresses: Sequence[str], at: datetime) -> str:
        """IPv6 first where it works from here (RFC 8305), else IPv4."""
        six, four = of_family(addresses, "ipv6"), of_family(addresses, "ipv4")
        works = six and not self._line(place, "ipv6", at)
        pool = six if works and not four else four or six
        return self.chance.choice(pool)

    def _below_http(self, place: str, host: str, at: datetime, address: str) -> Effect | None:
        below = ("silent", "refused", "tls", "slow tls", "certificate")
        struck = self._struck_by(place, host, "", at, address)
        return next((effect for effect in struck if effect.damage in below), None)

    def _struck_by(
        self, place: str, host: str, path: str, at: datetime, address: str = "", *, signed_in: bool = False
    ) -> Iterable[Effect]:
        for effect in self.effects:
            if not effect.on(host, at) or (effect.places and place not in effect.places):
                continue
            if effect.damage.startswith("dns") or (effect.signed_in and not signed_in):
                continue
            if effect.family and (effect.family == "ipv6") != (":" in address):
                continue
            if effect.path and not path.startswith(effect.path):
                continue
            if self._strikes(effect, place, host):
                yield effect

    def _strikes(self, effect: Effect, place: str, host: str) -> bool:
        if effect.share >= 1.0:
            return True
        if effect.per == "request":
            return self.chance.random() < effect.share
        key = (effect, place, host)
        if key not in self._struck:
            self._struck[key] = self.chance.random() < effect.share
        return self._struck[key]

    def _usual(self, host: str, path: str, at: datetime) -> Answer:
        served = self.served.get(host)
        return served(at) if served else self.usual.get((host, path), Answer())

    def _server(self, place: str, server: str) -> NameServer:
        key = (place if server == "system" else "", server)
        if key not in self._servers:
            self._servers[key] = NameServer(server, self._authority, self.chance)
        return self._servers[key]

    def _authority(self, host: str, kind: str, at: datetime) -> Found:
        for effect in self.effects:
            if effect.on(host, at) and effect.damage.startswith("dns") and self.chance.random() < effect.share:
                match effect.damage:
                    case "dns empty":
                        return Found()
                    case "dns nxdomain":
                        return Found("nxdomain")
                    case "dns address":
                        return Found(addresses=of_family(effect.addresses, _FAMILY.get(kind, "")))
                    case "dns servfail":
                        return Found("servfail")
                    case _:
                        return Found("silent")
        records = (host,) if kind in ("SOA", "NS") else of_family(addresses_of(host), _FAMILY[kind])
        return Found(addresses=records)

    def _exchange(
        self, place: str, at: datetime, *, family: str = "ipv4", again: float = _AGAIN, tries: int = 5
    ) -> float | None:
        """Seconds that an exchange of packets takes beyond its usual time; None where nothing ever comes back."""
        if self._line(place, "dead", at) or (family == "ipv6" and self._line(place, "ipv6", at)):
            return None
        waited, pause = sum(line.seconds for line in self._line(place, "slow", at)), again
        lost = max((line.share for line in self._line(place, "loss", at)), default=0.0)
        if not lost:
            return waited
        for _ in range(tries):
            if self.chance.random() < (1 - lost) ** 2:
                return waited
            waited, pause = waited + pause, pause * 2
        return None

    def _line(self, place: str, damage: LineDamage, at: datetime) -> list[LineEffect]:
        return [line for line in self.lines if line.damage == damage and line.on(place, at)]

    def _by_chance(self, place: str, target: str, at: datetime) -> bool:
        """Whether it fails by chance; what is tried again within a few seconds meets the same."""
        if not self.noise:
            return False
        window = int(at.timestamp() // _BURST)
        last, lost = self._lost.get((place, target), (-1, False))
        if last != window:
            lost = self.chance.random() < self.noise
            self._lost[place, target] = (window, lost)
        return lost

    def _median(self, host: str) -> float:
        if host not in self._latency:
            named = next((value for name, value in self.seconds.items() if fnmatchcase(host, name)), USUAL_SECONDS)
            self._latency[host] = named
        return self._latency[host]

    def _drawn(self, median: float) -> float:
        return median * math.exp(self.chance.gauss(0.0, _SPREAD))


_FAMILY = {"A": "ipv4", "AAAA": "ipv6"}


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
