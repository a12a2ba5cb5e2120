"""Makes the probes for the places that services depend on: each endpoint by DNS over every resolver, and by HTTPS.

Endpoints of clouds come from a table by product and region, those of every provider from providers.yaml.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from bot.catalogue.providers import known_providers
from bot.detection.probes.aws_endpoints import CONTROLS, endpoints_for
from bot.detection.probes.probe import Expectation, Probe, Resolver
from bot.model.providers import KnownProvider, ProviderProbe
from checks import GLOBAL, Scope

RESOLVERS = (Resolver("1.1.1.1"), Resolver("8.8.8.8"), Resolver("9.9.9.9"))
"""Public resolvers of three operators, so that one that fails alone is outvoted."""

POLITE = 60.0
"""Seconds between two probes of a provider's public endpoint, at least, unless it is in doubt."""

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
    providers: Mapping[str, KnownProvider] | None = None,
) -> tuple[Probe, ...]:
    """Return the probes for these places, for the team's own endpoints, and the control group.

    Each is there once, however many services need it; of two that would look the same the team's own counts. `providers`: what is
    known of each by its name; by default what comes with backstay.

    Raises:
        ValueError: an endpoint's address cannot be probed; the text says why.
    """
    known = known_providers() if providers is None else providers
    made: list[Probe] = []
    for endpoint in own:
        template = Probe(
            endpoint.scope, "http", "", expect=endpoint.expect, method=endpoint.method, headers=endpoint.headers
        )
        made += _probes_at(endpoint.url, template, resolvers)
    for place in places:
        for scope, host in endpoints_for(place):
            made += _dns_and_http(scope, host, resolvers)
        if place.provider in known:
            made += provider_probes(known[place.provider], place, resolvers)
    if made:
        made += control_probes(controls, resolvers)
    by_key = {(probe.scope, probe.source, probe.via, probe.control): probe for probe in reversed(made)}
    return tuple(reversed(by_key.values()))


def provider_probes(provider: KnownProvider, place: Scope, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    """The probes of a provider's public endpoints for one place that services need, and of its domain's zone."""
    for endpoint in provider.probes:
        elsewhere = endpoint.regions and place.region not in ("", GLOBAL, *endpoint.regions)
        if elsewhere or (provider.cloud and place.part and endpoint.part.lower() != place.part):
            continue
        scope, *also = _scopes_of(provider, endpoint)
        template = Probe(
            scope,
            "http",
            "",
            expect=Expectation(frozenset(endpoint.status), None, endpoint.body),
            method=endpoint.method,
            part=endpoint.part,
            alone=endpoint.alone,
            also=tuple(also),
            interval=POLITE,
            public=True,
            origin="providers.yaml",
        )
        found = list(_probes_at(endpoint.url, template, resolvers))
        yield from found
        if found[0].kind != "dns":
            yield from _dns(replace(template, expect=Expectation()), found[0].host, resolvers)
    if provider.zone:
        zone = Probe(
            Scope(provider.name),
            "dns",
            provider.zone,
            asks="SOA",
            interval=POLITE,
            public=True,
            origin="providers.yaml",
        )
        yield from _dns(zone, provider.zone, resolvers)


def _scopes_of(provider: KnownProvider, endpoint: ProviderProbe) -> tuple[Scope, ...]:
    """What an endpoint shows the health of: of a cloud a product in each region, else the provider, or its regions."""
    if provider.cloud:
        return tuple(Scope(provider.name, region, endpoint.part.lower()) for region in endpoint.regions or (GLOBAL,))
    return tuple(Scope(provider.name, region) for region in endpoint.regions or ("",))


def control_probes(hosts: Sequence[str], resolvers: Sequence[Resolver]) -> tuple[Probe, ...]:
    """The probes of the control group: each host by DNS over every resolver, and by HTTPS."""
    return tuple(
        replace(probe, control=True, public=False, origin="control group")
        for host in hosts
        for probe in _dns_and_http(Scope(host), host, resolvers)
    )


def _dns_and_http(scope: Scope, host: str, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    template = Probe(scope, "http", host, public=True, origin="cloud endpoints")
    yield from _dns(template, host, resolvers)
    yield template


def _dns(template: Probe, host: str, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    for resolver in resolvers:
        yield replace(template, kind="dns", host=host, resolver=resolver)


def _probes_at(url: str, template: Probe, resolvers: Sequence[Resolver]) -> Iterator[Probe]:
    """The probes of one address; everything else is as in `template`."""
    address, port = parse_endpoint_url(url)
    host = address.hostname or ""
    match address.scheme:
        case "dns":
            yield from _dns(template, host, resolvers)
        case "http" | "https":
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            yield replace(template, host=host, port=port, path=path, secure=address.scheme == "https")
        case "tcp":
            yield replace(template, kind="tcp", host=host, port=port)
        case "tls":
            yield replace(template, kind="tls", host=host, port=port)


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
