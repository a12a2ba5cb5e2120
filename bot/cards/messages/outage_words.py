"""An incident's state and its impact on our services in words: how certain they are, and in the past tense once it is over."""

from collections.abc import Sequence

from bot.cards.card import Span, Table, Text, text
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import FATES, duration, listed
from bot.model.incidents import Affected, Incident, OutageState, Phase
from checks import Fate

PHASES: dict[Phase, Span] = {
    Phase.SUSPECTED: Span("suspected", "unclear"),
    Phase.CONFIRMED: Span("confirmed", "bad"),
    Phase.MONITORING: Span("recovering", "warning"),
    Phase.RESOLVED: Span("resolved", "good"),
}
_STATES: dict[OutageState, Span] = {
    OutageState.DOWN: Span("down", "bad"),
    OutageState.DEGRADED: Span("degraded", "warning"),
    OutageState.REPORTED: Span("reported by the provider only", "unclear"),
}
_WAS: dict[Fate, str] = {Fate.DOWN: "{} down", Fate.FAILS_OVER: "should have failed over", Fate.DEGRADED: "{} degraded"}
_MAY: dict[tuple[OutageState, bool], Span] = {
    (OutageState.DEGRADED, False): Span("may be affected", "warning"),
    (OutageState.DEGRADED, True): Span("may have been affected", "warning"),
    (OutageState.REPORTED, False): Span("possibly affected", "unclear"),
    (OutageState.REPORTED, True): Span("possibly affected", "unclear"),
}
_OWN_NETWORK: dict[str, tuple[str, str, str]] = {
    "resolver": (
        "Our own DNS resolver does not answer",
        "Our own DNS resolver did not answer",
        "Check the name servers of this host.",
    ),
    "IPv6": ("IPv6 does not work from here", "IPv6 did not work from here", "Check the IPv6 route of this host."),
    "packet loss": (
        "Our own network loses packets",
        "Our own network lost packets",
        "Check the line of this host.",
    ),
    "DNS servers": (
        "The DNS servers that probes ask do not answer from here",
        "The DNS servers that probes ask did not answer from here",
        "Check whether the firewall lets DNS out.",
    ),
}
_WAY_OUT = (
    "All targets fail at once, the control group too: this is our own network, not a provider",
    "All targets failed at once, the control group too: this was our own network, not a provider",
    "Check the way out of this host: line, route, proxy, firewall.",
)
_NAME, _STEP, _STEPS = 80, 120, 3


def is_past(incident: Incident) -> bool:
    """Whether nothing of it fails any more as far as we see: its cards then speak in the past tense."""
    return incident.phase in (Phase.MONITORING, Phase.RESOLVED)


def state_of(incident: Incident) -> Text:
    """`✗ down`, `! degraded, flapping`, `? reported by the provider only`, `! recovering, was down`."""
    outage = Span("our own network", "warning") if incident.ours else _STATES[incident.outage]
    if incident.phase is Phase.CONFIRMED:
        spans: list[str | Span] = [outage]
    else:
        was = "was " if is_past(incident) and not incident.ours else ""
        spans = [PHASES[incident.phase], f", {was}{outage.text}"]
    spans += [", flapping (up and down)"] if incident.flapping and incident.open else []
    spans += [", flapping"] if incident.flapping and not incident.open else []
    return text(*spans, f", wave {incident.wave}" if incident.wave > 1 and not incident.flapping else "")


def impact(incident: Incident, fate: Fate, number: int = 1) -> Span:
    """What an incident does, or did, to this many services of this expected fate."""
    if fate is Fate.UNAFFECTED:
        return FATES[fate]
    if incident.outage is not OutageState.DOWN:
        return _MAY[incident.outage, is_past(incident)]
    if is_past(incident) and fate in _WAS:
        return Span(_WAS[fate].format("was" if number == 1 else "were"), FATES[fate].mark)
    return FATES[fate]


def worst_first(affected: Sequence[Affected]) -> list[Affected]:
    """The affected services without the unaffected ones: the worst fate and the most important tier first."""
    fates = tuple(Fate)
    found = [service for service in affected if service.fate is not Fate.UNAFFECTED]
    return sorted(found, key=lambda service: (fates.index(service.fate), service.tier, service.service))


def by_impact(incident: Incident, affected: Sequence[Affected]) -> list[tuple[Span, list[str]]]:
    """The names of the affected services by impact, the worst first."""
    fates: dict[Fate, list[str]] = {}
    for service in worst_first(affected):
        said = next((fate for fate in fates if impact(incident, fate) == impact(incident, service.fate)), service.fate)
        fates.setdefault(said, []).append(service.service)
    return [(impact(incident, fate, len(names)), names) for fate, names in fates.items()]


def impact_line(incident: Incident, affected: Sequence[Affected], *, briefly: bool = False) -> str:
    """`a and b expected down, c expected to fail over`; empty where none is affected.

    `briefly`: names of the worst only, numbers of the others.
    """
    parts: list[str] = []
    for said, names in by_impact(incident, affected):
        who = f"{len(names):,}" if briefly and parts else listed(names)
        parts.append(f"{who} with unknown impact" if said == FATES[Fate.UNKNOWN] else f"{who} {said.text}")
    return ", ".join(parts)


def affected_table(incident: Incident, affected: Sequence[Affected], *, at_most: int) -> Table:
    """Our affected services: what is expected of each, why, and who owns it."""
    found = worst_first(affected)
    rows = tuple(
        (
            text(Span(cut(service.service, 200), "bold"), f" (tier {service.tier})"),
            expected(incident, service),
            text(" → ".join(cut(step, _STEP) for step in service.because[:_STEPS]) or "–"),
            text(cut(service.owner, _NAME) or "not set"),
        )
        for service in found[:at_most]
    )
    return Table(("Service", "Impact", "Because", "Owner"), rows, left_out=max(0, len(found) - at_most))


def expected(incident: Incident, service: Affected) -> Text:
    """What is expected of a service: `expected down`, `expected to fail over within 12 min, last tested 14 Oct 2026`."""
    state = impact(incident, service.fate)
    if service.fate is not Fate.FAILS_OVER or incident.outage is not OutageState.DOWN:
        return text(state)
    within = f" within {duration(service.rto)}" if service.rto is not None else ""
    if service.proved_at is None:
        return text(state, f"{within}, ", Span("failover never tested", "bad"))
    return text(state, f"{within}, last tested ", Span(at=service.proved_at, day=True))


def own_network(incident: Incident) -> str:
    """What of our own network fails and what to check, or what failed and for how long."""
    parts = incident.own_part.split(" and ")
    now, then, check = _OWN_NETWORK.get(parts[0], _WAY_OUT) if len(parts) == 1 else _several(parts)
    if not incident.open:
        return f"{then}. It lasted {duration(incident.lasted(incident.updated_at))}. No provider is blamed for it."
    if is_past(incident):
        return f"{then}. No provider is blamed for it."
    return f"{now}. {check} Meanwhile probes say nothing about providers; none is blamed."


def _several(parts: Sequence[str]) -> tuple[str, str, str]:
    named = isolated(cut(listed(parts), _NAME))
    return (
        f"Our own network fails: {named}",
        f"Our own network failed: {named}",
        "Check the line of each vantage point.",
    )
