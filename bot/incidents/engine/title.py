"""The title of an incident: what is failing, and where."""

from collections.abc import Callable, Collection, Sequence

from bot.catalogue.product_names import product_name, provider_name
from bot.model.external_alerts import source_of_unplaced
from bot.model.incidents import Incident, OutageState, Phase
from checks import GLOBAL, Scope

_NAMED = 3
_OWN_PARTS = {
    "resolver": "Our own DNS resolver",
    "IPv6": "Our own IPv6 connection",
    "way out": "Our own network",
    "DNS servers": "Our own way to public DNS servers",
}


def title_of(incident: Incident, own: Collection[str] = ()) -> str:
    """`DynamoDB and SQS are failing in us-east-1`, in the past tense once it is resolved.

    Args:
        incident: with its scopes and cause.
        own: our services, in lower case. The title names what they depend on instead, where that is known.
    """
    if incident.ours:
        return _own_network(incident)
    said = _said(incident, own)
    return f"{said}, on and off" if incident.flapping and incident.open else said


def _said(incident: Incident, own: Collection[str]) -> str:
    present = incident.failing if incident.open and incident.failing else incident.scopes
    scopes = [scope for scope in present if scope.provider not in own] or present
    providers = sorted({scope.provider for scope in scopes})

    def named(provider: str) -> str:
        return provider if provider in own else provider_name(provider)

    if incident.outage is OutageState.REPORTED and incident.cause is None:
        return _reported(incident, scopes, [named(provider) for provider in providers])
    if incident.cause is not None and len(providers) > 1:
        return _with_cause(incident, incident.cause, providers, named)
    if len(providers) > 1:
        return f"{_listed([named(provider) for provider in providers])} {_failing(2, incident)} at once"
    return _one_provider(scopes, named, incident)


def _with_cause(incident: Incident, cause: Scope, providers: Sequence[str], named: Callable[[str], str]) -> str:
    others = [named(provider) for provider in providers if provider != cause.provider] or [named(cause.provider)]
    # A cause that is only inferred from the providers that run on it is not certain.
    failing = _failing(1, incident, "" if cause.provider in providers else "probably ")
    if incident.outage is OutageState.REPORTED:
        reports = ("report" if len(others) > 1 else "reports") if _goes_on(incident) else "reported"
        where = " ".join([named(cause.provider), *cause.steps[1:]])
        return f"{where} {failing}; {_listed(others)} {reports} incidents"
    verb = ("fail" if len(others) > 1 else "fails") if _goes_on(incident) else "failed"
    return f"{' '.join([named(cause.provider), *cause.steps[1:]])} {failing}; {_listed(others)} {verb} with it"


def _one_provider(scopes: Sequence[Scope], named: Callable[[str], str], incident: Incident) -> str:
    provider = scopes[0].provider
    source = source_of_unplaced(provider)
    if source:
        return f"Alerts from {source} {'are' if _goes_on(incident) else 'were'} firing, location unknown"
    parts = sorted({_part(scope) for scope in scopes if scope.part})
    if not parts or any(not scope.part for scope in scopes):
        parts = [named(provider)]
    return f"{_listed(parts)} {_failing(len(parts), incident)}{_where({scope.region for scope in scopes})}"


def _reported(incident: Incident, scopes: Sequence[Scope], names: Sequence[str]) -> str:
    """`Stripe reports an incident`, `AWS reports an incident with DynamoDB in us-east-1`."""
    if len(names) > 1:
        return f"{_listed(names)} {'report' if _goes_on(incident) else 'reported'} incidents"
    parts = sorted({_part(scope) for scope in scopes if scope.part})
    what = f" with {_listed(parts)}" if parts else ""
    said = f"{names[0]} {'reports' if _goes_on(incident) else 'reported'} an incident{what}"
    return said + (_where({scope.region for scope in scopes}) if any(scope.region for scope in scopes) else "")


def _part(scope: Scope) -> str:
    is_zone = "-az" in scope.part or scope.part.startswith(scope.region)
    return f"Availability Zone {scope.part}" if is_zone else product_name(scope.provider, scope.part)


def _where(regions: Collection[str]) -> str:
    if "" in regions:
        return "" if len(regions) == 1 else " in all regions"
    if set(regions) == {GLOBAL}:
        return " globally"
    return f" in {_listed(sorted(regions))}"


def _failing(count: int, incident: Incident, certainty: str = "") -> str:
    present, past = ("is", "was") if count == 1 else ("are", "were")
    verb = f"{present if _goes_on(incident) else past} {certainty}"
    if incident.slight:
        return f"{verb}worth a look"
    return f"{verb}{_degraded(incident) if incident.outage is OutageState.DEGRADED else 'failing'}"


def _degraded(incident: Incident) -> str:
    """`slow` where that is all that is seen, else `degraded`."""
    seen = incident.symptoms
    return "slow" if seen and all("answers in" in text or "slow" in text for text in seen) else "degraded"


def _own_network(incident: Incident) -> str:
    what, now = _OWN_PARTS.get(incident.own_part, "Our own network"), _goes_on(incident)
    if incident.own_part == "packet loss":
        return f"Our own network {'loses' if now else 'lost'} packets"
    return f"{what} {'is' if now else 'was'} failing"


def _goes_on(incident: Incident) -> bool:
    """Whether it is still failing, and not recovering or over. What flaps goes on until it is over.

    What only providers report does not once all of them say that it is over.
    """
    if incident.outage is OutageState.REPORTED and incident.words and not any(word.open for word in incident.words):
        return False
    return incident.phase in (Phase.SUSPECTED, Phase.CONFIRMED) or (incident.flapping and incident.open)


def _listed(names: Sequence[str]) -> str:
    if len(names) > _NAMED + 1:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
