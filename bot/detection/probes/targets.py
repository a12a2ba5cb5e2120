"""What our services stand on -> the probes that watch it: each endpoint by DNS over every resolver, and by HTTPS."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from bot.detection.probes.aws_endpoints import CONTROLS, endpoints
from bot.detection.probes.probe import Expectation, Probe, Resolver
from checks import Scope

RESOLVERS = (Resolver("1.1.1.1"), Resolver("8.8.8.8"), Resolver("9.9.9.9"))
"""Public resolvers of three operators: one that fails by itself is outvoted."""

_PORTS = {"http": 80, "https": 443, "tls": 443}


@dataclass(frozen=True, slots=True)
class OwnEndpoint:
    """An endpoint that a user wants watched. `url`: http(s)://…, tcp://host:port, tls://host[:port] or dns://name.

    `scope`: what its failure means, a service of the catalogue by its name or a scope. `headers` may hold secrets.
    """

    url: str
    scope: Scope
    expect: Expectation = field(default_factory=Expectation)
    method: Literal["GET", "HEAD"] = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def probes(
    stands_in: Iterable[Scope],
    own: Sequence[OwnEndpoint] = (),
    *,
    resolvers: Sequence[Resolver] = RESOLVERS,
    controls: Sequence[str] = CONTROLS,
) -> tuple[Probe, ...]:
    """The probes for these places, for endpoints of one's own, and the control group; each once.

    Raises:
        ValueError: an endpoint's address cannot be looked at; the text says why.
    """
    made: list[Probe] = []
    for place in stands_in:
        for scope, host in endpoints(place):
            made += _both(scope, host, resolvers)
    for endpoint in own:
        made += _own(endpoint, resolvers)
    if made:
        for host in controls:
            made += [replace(probe, control=True) for probe in _both(Scope(host), host, resolvers)]
    return tuple(dict.fromkeys(made))


def _both(scope: Scope, host: str, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    for resolver in resolvers:
        yield Probe(scope, "dns", host, resolver=resolver)
    yield Probe(scope, "http", host)


def _own(endpoint: OwnEndpoint, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    address, port = check_address(endpoint.url)
    host = address.hostname or ""
    if address.scheme == "dns":
        for resolver in resolvers:
            yield Probe(endpoint.scope, "dns", host, resolver=resolver)
        return
    match address.scheme:
        case "http" | "https":
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            secure = address.scheme == "https"
            yield Probe(
                endpoint.scope,
                "http",
                host,
                port,
                path,
                secure,
                expect=endpoint.expect,
                method=endpoint.method,
                headers=endpoint.headers,
            )
        case "tcp":
            yield Probe(endpoint.scope, "tcp", host, port, expect=endpoint.expect)
        case "tls":
            yield Probe(endpoint.scope, "tls", host, port, expect=endpoint.expect)


def check_address(url: str) -> tuple[SplitResult, int]:
    """An address taken apart, and its port (0 for a name that is only looked up).

    Raises:
        ValueError: it cannot be looked at; the text says why.
    """
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError as error:
        raise ValueError(f"{url!r} is no address: {error}") from None
    if address.scheme not in (*_PORTS, "tcp", "dns"):
        raise ValueError(f"{url!r} cannot be looked at: write http, https, tcp, tls or dns before ://")
    if not address.hostname:
        raise ValueError(f"{url!r} names no host")
    if address.username or address.password:
        raise ValueError("an address takes no user or password: send a header, by reference")
    if address.scheme == "dns":
        return address, 0
    port = port or _PORTS.get(address.scheme)
    if port is None:
        raise ValueError(f"{url!r} needs a port: tcp://host:5432")
    return address, port
