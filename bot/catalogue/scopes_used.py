"""The scopes that an estate uses: where its resources are, which clusters run them, and what its services need outside."""

from collections.abc import Iterable, Iterator

from checks import GLOBAL, CommunicationRoute, Fact, Network, Scope, Service, cluster_step


def scopes_of(fact: Fact) -> Iterator[Scope]:
    """The provider of a fact, its region and product there, and its cluster. What runs on a host is in the region of the host."""
    if isinstance(fact, CommunicationRoute):
        yield Scope(fact.kind.lower())
    own, cloud, region = fact.provider.lower(), _cloud(fact), fact.region.lower()
    product = (fact.host_product if fact.host else fact.product).lower()
    if own:
        yield Scope(own)
    if cloud:
        yield Scope(cloud)
    if cloud and region not in ("", GLOBAL):
        yield Scope(cloud, region)
    if cloud and region and product and (fact.host or not fact.cluster):
        yield Scope(cloud, region, product)
    if own and fact.cluster:
        yield Scope(own, cluster_step(fact.cluster))


def _cloud(fact: Fact) -> str:
    """The provider whose region and zones these are; empty where it is not known."""
    return "" if fact.host is None else (fact.host or fact.provider).lower()


def zones_of(fact: Fact) -> Iterator[Scope]:
    """The zones of a fact: those that it runs in, and the names that an account has for zone ids."""
    cloud, region = _cloud(fact), fact.region.lower()
    if cloud and region:
        names = [*getattr(fact, "zones", ()), *getattr(fact, "zones_in_use", ()), getattr(fact, "zone", "")]
        names += [*fact.zone_names] if isinstance(fact, Network) else []
        yield from (Scope(cloud, region, name.lower()) for name in names if name)


def needed(services: Iterable[Service]) -> Iterator[Scope]:
    """The scopes and SaaS that services depend on, and those that contain them."""
    for service in services:
        for need in service.depends_on:
            if need.kind == "service":
                continue
            try:
                scope = Scope.parse(need.target)
            except ValueError:
                scope = Scope(need.target.strip().lower())
            yield from (Scope(*scope.steps[:length]) for length in range(1, len(scope.steps) + 1))
