"""Adds a gap to a service without resources: a misspelt tag must not look like a service without failures."""

from collections.abc import Iterable, Iterator
from functools import cache

from bot.audit.attribution.selectors import SERVICE_TAG
from bot.model.entries import CatalogueEntry, Selector
from checks import Alarm, Attestation, CommunicationRoute, Deployment, Fact, Gap, Runbook, discover

_DECLARED_KINDS = (Attestation, CommunicationRoute, Deployment, Runbook)  # kinds that come from the catalogue alone


def is_read_from_cloud(fact: Fact) -> bool:
    """Whether a collector read the fact from a cloud; False for what the catalogue declares and for alerts of monitoring systems."""
    declared = SERVICE_TAG in fact.tags or isinstance(fact, CommunicationRoute)
    return not declared and not (isinstance(fact, Alarm) and fact.monitor)


def gap_for_nothing_found(entry: CatalogueEntry, facts: Iterable[Fact]) -> Iterator[Gap]:
    """A gap for a service without any resource or declared deployment among `facts`, else none."""
    if not any(isinstance(fact, Deployment) or is_read_from_cloud(fact) for fact in facts):
        yield Gap("", "", "", "", _reason(entry), _cloud_kinds(), nothing_found=True)


@cache
def _cloud_kinds() -> tuple[type[Fact], ...]:
    needed = {need.kind for check in discover() for need in check.needs}
    return tuple(sorted(needed.difference(_DECLARED_KINDS), key=lambda kind: kind.__name__))


def _reason(entry: CatalogueEntry) -> str:
    name, selector = entry.service.name, entry.selector
    if not selector.finds_something:
        return f"{name} has neither `resources` nor `deployments` in the catalogue"
    return f"no resources found for {name}: no resource {_criteria(selector)}"


def _criteria(selector: Selector) -> str:
    tags = ", ".join(f"{key}={'|'.join(values)}" for key, values in selector.tags.items())
    criteria = [f"tags {tags}"] if tags else []
    criteria += [f"stack {stack}" for stack in selector.stacks] + [f"ARN {arn}" for arn in selector.arns]
    text = " or ".join(criteria[:3]) + (" or ..." if len(criteria) > 3 else "")
    limits = ", ".join((*selector.accounts, *selector.regions))
    return " ".join((f"matches {text}" if text else "", f"in {limits}" if limits else "")).strip()
