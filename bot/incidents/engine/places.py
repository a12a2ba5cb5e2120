"""Lists the scopes that our services run in or need: the ones that a probe or a provider's page may report on."""

from collections.abc import Iterable

from checks import Scope, Seen


def places(seen_all: Iterable[Seen]) -> tuple[Scope, ...]:
    """Every scope that a service of ours runs in or needs, from facts and from the catalogue; sorted."""
    found: set[Scope] = set()
    for seen in seen_all:
        for fact in seen.facts:
            provider, region = fact.located_in
            product = fact.host_product if fact.host else fact.product
            if provider and region and (product or fact.host):
                found.add(Scope(provider, region, product.lower()))
        for need in seen.service.depends_on:
            if need.kind != "service":
                found.add(scope_of(need.target))
    return tuple(sorted(found, key=str))


def scope_of(text: str) -> Scope:
    """A dependency's target as a scope."""
    try:
        return Scope.parse(text)
    except ValueError:
        return Scope(text.strip().lower())
