"""A service of which nothing was found -> the gap that says so: a tag spelt wrong must not look like a service without faults."""

from collections.abc import Iterable, Iterator
from functools import cache

from bot.audit.attribution.selectors import SERVICE_TAG
from bot.catalogue import CatalogueEntry, Selector
from checks import Attestation, CommunicationRoute, Deployment, Fact, Gap, Runbook, discover

_SAID = (Attestation, CommunicationRoute, Deployment, Runbook)  # what the catalogue alone tells of


def found_in_a_cloud(fact: Fact) -> bool:
    """Whether a collector saw it, rather than the catalogue saying it."""
    return SERVICE_TAG not in fact.tags and not isinstance(fact, CommunicationRoute)


def gap_for_nothing_found(entry: CatalogueEntry, mine: Iterable[Fact]) -> Iterator[Gap]:
    """The gap of a service that has neither a resource nor a declared deployment among `mine`."""
    if not any(isinstance(fact, Deployment) or found_in_a_cloud(fact) for fact in mine):
        yield Gap("", "", "", "", _reason(entry), _findable())


@cache
def _findable() -> tuple[type[Fact], ...]:
    asked = {need.kind for check in discover() for need in check.needs}
    return tuple(sorted(asked.difference(_SAID), key=lambda kind: kind.__name__))


def _reason(entry: CatalogueEntry) -> str:
    name, selector = entry.service.name, entry.selector
    if not selector.finds_something:
        return f"{name} names neither resources nor deployments, so nothing can be found of it"
    return f"nothing was found of {name}: no resource that was read has {_words(selector)}"


def _words(selector: Selector) -> str:
    tags = ", ".join(f"{key}={'|'.join(values)}" for key, values in selector.tags.items())
    named = [f"the tags {tags}"] if tags else []
    named += [f"the stack {stack}" for stack in selector.stacks] + [f"the ARN {arn}" for arn in selector.arns]
    said = " or ".join(named[:3]) + (" or ..." if len(named) > 3 else "")
    limits = ", ".join((*selector.accounts, *selector.regions))
    return f"{said} in {limits}" if said and limits else said or f"its place in {limits}"
