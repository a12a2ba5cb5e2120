"""What our services stand on: the scopes that a probe, or a provider's page, may tell of."""

from collections.abc import Iterable

from checks import Scope, Seen


def places(seen: Iterable[Seen]) -> tuple[Scope, ...]:
    """Every scope that something of ours stands in, or needs: from facts and from the catalogue."""
    found: set[Scope] = set()
    for one in seen:
        for fact in one.facts:
            if fact.provider and fact.region and fact.product:
                found.add(Scope(fact.provider.lower(), fact.region.lower(), fact.product.lower()))
        for need in one.service.depends_on:
            if need.kind != "service":
                found.add(scope_of(need.target))
    return tuple(sorted(found, key=str))


def scope_of(text: str) -> Scope:
    """What a service needs, as a scope."""
    try:
        return Scope.parse(text)
    except ValueError:
        return Scope(text.strip().lower())
