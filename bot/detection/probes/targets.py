"""Makes the probes for the places that services depend on: each endpoint by DNS over every resolver, and by HTTPS."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from bot.detection.probes.aws_endpoints import CONTROLS, endpoints_for
from bot.detection.probes.probe import Expectation, Probe, Resolver
from checks import Scope

RESOLVERS = (Resolver("1.1.1.1"), Resolver("8.8.8.8"), Resolver("9.9.9.9"))
"""Public resolvers of three operators, so that one that fails alone is outvoted."""

_PORTS = {"http": 80, "https": 443, "tls": 443}


@dataclass(frozen=True, slots=True)
class OwnEndpoint:
    """An endpoint from the settings. `url`: http(s)://…, tcp://host:port, tls://host[:port] or dns://name.

    `scope` is what the result is about: a service of the catalogue, or a scope. `headers` may contain secrets.
    """

    url: str
    scope: Scope
    expect: Expectation = field(default_factory=Expectation)
    method: Literal["GET", "HEAD"] = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def probes_for(
    places: Iterable[Scope],
    own: Sequence[OwnEndpoint] = (),
    *,
    resolvers: Sequence[Resolver] = RESOLVERS,
    controls: Sequence[str] = CONTROLS,
) -> tuple[Probe, ...]:
    """Return the probes for these places, for the team's own endpoints, and the control group; each once.

    Raises:
        ValueError: an endpoint's address cannot be probed; the text says why.
    """
    made: list[Probe] = []
    for place in places:
        for scope, host in endpoints_for(place):
            made += _dns_and_http(scope, host, resolvers)
    for endpoint in own:
        made += _probes_of(endpoint, resolvers)
    if made:
        made += control_probes(controls, resolvers)
    return tuple(dict.fromkeys(made))


def control_probes(hosts: Sequence[str], resolvers: Sequence[Resolver]) -> tuple[Probe, ...]:
    """The probes of the control group: each host by DNS over every resolver, and by HTTPS."""
    return tuple(
        replace(probe, control=True, public=False, origin="control group")
        for host in hosts
        for probe in _dns_and_http(Scope(host), host, resolvers)
    )


def _dns_and_http(scope: Scope, host: str, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    for resolver in resolvers:
        yield Probe(scope, "dns", host, resolver=resolver, public=True, origin="cloud endpoints")
    yield Probe(scope, "http", host, public=True, origin="cloud endpoints")


def _probes_of(endpoint: OwnEndpoint, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    address, port = parse_endpoint_url(endpoint.url)
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


def parse_endpoint_url(url: str) -> tuple[SplitResult, int]:
    """The parts of an endpoint's address, and its port (0 for dns://).

    Raises:
        ValueError: the address cannot be probed; the text says why.
    """
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError as error:
        raise ValueError(f"{url!r} is not a valid address: {error}") from None
    if address.scheme not in (*_PORTS, "tcp", "dns"):
        raise ValueError(f"{url!r} cannot be probed; write http, https, tcp, tls or dns before ://")
    if not address.hostname:
        raise ValueError(f"{url!r} has no host")
    if address.username or address.password:
        raise ValueError("an address must not contain a user or password; send a header by reference instead")
    if address.scheme == "dns":
        return address, 0
    port = port or _PORTS.get(address.scheme)
    if port is None:
        raise ValueError(f"{url!r} needs a port, such as tcp://host:5432")
    return address, port
