"""What a failed check exposes in a year, as a range, against the effort to fix it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from checks._anchors import AnchorKind
from checks._check import Check
from checks._concentration import Concentration
from checks._finding import Finding
from checks._model import Outcome, Service, Severity
from checks._outage_history import OutageHistory, YearlyHours, yearly_hours


class Effort(StrEnum):
    """How long the fix of one finding usually takes, least first."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return tuple(Effort).index(self)


class LossOf(StrEnum):
    """Which loss a check protects from. Of OWN faults, and of single zones, no history is recorded."""

    REGION = "region"
    PROVIDER = "provider"
    SAAS = "saas"
    ZONE = "zone"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class CheckCost:
    """The effort class of a check's fix, and the loss that it protects from."""

    effort: Effort
    loss: LossOf


@dataclass(frozen=True, slots=True)
class YearlyLoss:
    """What failed findings of one check on one service expose in a year.

    `low`, `high`: in the organisation's currency, None where nothing can be said: `basis` then says why. `hours`: what
    they rest on. `services`: whose revenue is counted, `undeclared`: those that are down too, without revenue.
    """

    check_id: str
    title: str
    severity: Severity
    service: str
    cost: CheckCost
    low: float | None
    high: float | None
    basis: str
    hours: YearlyHours | None = None
    services: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[float, int, int, str, str]:
        """Sort key: the largest loss first, then the heaviest check, then the least effort."""
        known = self.high if self.high is not None else -1.0
        return -known, -self.severity.weight, self.cost.effort.rank, self.service, self.check_id


_NOT_RECORDED = {
    LossOf.ZONE: "no history of single zones is recorded",
    LossOf.OWN: "about own changes and data, of which no history is recorded",
}


def yearly_losses(
    findings: Iterable[Finding],
    cost_of: Callable[[Check], CheckCost],
    history: OutageHistory,
    found: Concentration,
    services: Sequence[Service],
) -> tuple[YearlyLoss, ...]:
    """One answer per service and failed check, the largest loss first.

    The loss is that of the service and of those that depend on it, while the provider is out: it is the same for several
    findings of one service, so that losses do not add up.
    """
    by_name = {service.name: service for service in services}
    failed = {
        (finding.service.name, finding.check.id): finding for finding in findings if finding.outcome is Outcome.FAIL
    }
    losses = [_loss(finding, cost_of(finding.check), history, found, by_name) for finding in failed.values()]
    return tuple(sorted(losses, key=lambda loss: loss.order))


def _loss(
    finding: Finding,
    cost: CheckCost,
    history: OutageHistory,
    found: Concentration,
    services: Mapping[str, Service],
) -> YearlyLoss:
    check = finding.check
    bare = YearlyLoss(check.id, check.title, check.severity, finding.service.name, cost, None, None, "")
    if cost.loss in _NOT_RECORDED:
        return replace(bare, basis=_NOT_RECORDED[cost.loss])
    down, doubt = _down_with(finding.service, cost.loss, found, services)
    if not down:
        return replace(bare, basis=doubt or "the simulated loss does not take it down")
    known = {provider: yearly_hours(provider, history) for provider in down}
    usable = {provider: hours for provider, hours in known.items() if isinstance(hours, YearlyHours)}
    if not usable:
        return replace(bare, basis="; ".join(str(known[provider]) for provider in sorted(known)))
    provider = max(sorted(usable), key=lambda name: usable[name].high)
    hours = usable[provider]
    declared = [name for name in down[provider] if services[name].revenue_per_hour is not None]
    undeclared = tuple(name for name in down[provider] if name not in declared)
    if not declared:
        return replace(bare, basis="no revenue is declared", hours=hours, undeclared=undeclared)
    per_hour = sum(services[name].revenue_per_hour or 0.0 for name in declared)
    low, high = per_hour * hours.low, per_hour * hours.high
    priced = replace(bare, low=low, high=high, basis=hours.basis, hours=hours)
    return replace(priced, services=tuple(declared), undeclared=undeclared)


_KINDS = {
    LossOf.REGION: (AnchorKind.REGION,),
    LossOf.PROVIDER: (AnchorKind.PROVIDER,),
    LossOf.SAAS: (AnchorKind.SAAS, AnchorKind.PAYMENT, AnchorKind.IDENTITY, AnchorKind.REGISTRY, AnchorKind.DNS),
}


def _down_with(
    service: Service, loss: LossOf, found: Concentration, services: Mapping[str, Service]
) -> tuple[dict[str, tuple[str, ...]], str]:
    """Provider -> the service and those that depend on it, down while the provider is out; else the doubt, if any."""
    down: dict[str, tuple[str, ...]] = {}
    doubt = ""
    needing = dependants(service.name, services)
    own = {dependency.target.lower() for dependency in service.depends_on if dependency.kind == "saas"}
    for exposure in found.exposures:
        scope = exposure.anchor.scope
        if exposure.anchor.kind not in _KINDS[loss] or (loss is LossOf.SAAS and scope.provider not in own):
            continue
        if service.name in exposure.hanging:
            down[scope.provider] = tuple(name for name in sorted(needing) if name in exposure.hanging)
        elif service.name in exposure.unknown:
            doubt = doubt or f"unknown whether the loss of {scope} takes it down"
    return down, doubt


def dependants(name: str, services: Mapping[str, Service]) -> frozenset[str]:
    """The service and all that are down with it: those with a hard dependency on it, without a fallback, and so on."""
    users: dict[str, list[str]] = {}
    for service in services.values():
        for dependency in service.depends_on:
            if dependency.kind == "service" and dependency.hard and not dependency.fallback:
                users.setdefault(dependency.target, []).append(service.name)
    found, waiting = {name}, [name]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return frozenset(found)
