"""Writes an incident as Markdown, the start of a post-mortem. Names and sentences of others become inert text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.cards.messages.outage_words import impact
from bot.catalogue.product_names import provider_name
from bot.model.checklists import Checklist
from bot.model.incident_costs import ServiceCost, service_costs
from bot.model.incidents import Incident, NotificationReceipt, OutageState
from bot.net.markdown import inert

_REASONS = {"opened": "opened", "worse": "got worse", "wave": "failed again", "resolved": "resolved"}


def post_mortem(
    incident: Incident,
    receipts: Sequence[NotificationReceipt],
    *,
    now: datetime,
    currency: str = "",
    checklists: Sequence[Checklist] = (),
) -> str:
    """Key figures, timeline, notifications, affected services, provider statements, evidence, and room for the lessons.

    Args:
        incident: open or resolved.
        receipts: who was notified of it.
        now: UTC.
        currency: of revenue at risk (ISO 4217).
        checklists: the runbooks that were worked through.
    """
    statements = [_statement(word.provider, word.title, word.since) for word in incident.words]
    return "\n".join(
        [
            f"# {inert(incident.title)}",
            "",
            *_figures(incident, now),
            *_timeline(incident),
            *_checklists(checklists),
            *_notifications(receipts),
            *_services(incident, service_costs(incident, now), currency),
            *_section("What we saw", list(incident.symptoms)),
            *_section("Provider statements", statements),
            *_section("Evidence", list(incident.evidence)),
            "",
            "## Lessons",
            "",
            "- ",
            "",
        ]
    )


def _figures(incident: Incident, now: datetime) -> Iterator[str]:
    response, ended = incident.handling, incident.ended_at
    yield f"- Incident: `{incident.id.replace('`', '')}`, {incident.phase}, {incident.severity.value}"
    yield f"- State: {_state(incident)}"
    yield f"- Start: {_start(incident)}"
    yield f"- End: {_at(ended) if ended else 'not resolved yet'}"
    yield f"- Duration: {_span(incident.lasted(now))}"
    yield f"- Failing: {inert(', '.join(str(scope) for scope in incident.scopes)) or 'unknown'}"
    if incident.cause is not None:
        yield f"- Probable cause: {inert(f'{incident.cause} ({incident.cause_why})')}"
    if incident.detected_after is not None:
        yield f"- Time to confirm: {_span(incident.detected_after)}"
    if response.acknowledged_by and response.acknowledged_at is not None and incident.confirmed_at is not None:
        waited = max(response.acknowledged_at - incident.confirmed_at, timedelta(0))
        yield f"- Time to acknowledge: {_span(waited)}"
    if incident.not_seen_from:
        seen, others = (", ".join(names) or "none" for names in (incident.seen_from, incident.not_seen_from))
        yield f"- Vantage points: seen from {inert(seen)}; not from {inert(others)}"
    if incident.announced:
        yield f"- Maintenance beside it: {inert(', '.join(incident.announced))}"
    if not incident.ours:
        yield f"- Provider status page: {_lead(incident)}"
    if incident.wave > 1:
        yield f"- Recurrences: {incident.wave - 1}"
    if response.acknowledged_by and response.acknowledged_at is not None:
        yield f"- Acknowledged by: {inert(response.acknowledged_by)} at {_at(response.acknowledged_at)}"
    else:
        yield "- Acknowledged by: nobody"
    if response.assigned_to:
        yield f"- Assigned to: {inert(response.assigned_to)}"


def _state(incident: Incident) -> str:
    if incident.ours:
        return f"our own network{f': {inert(incident.own_part)}' if incident.own_part else ''}; no provider is blamed"
    was = "" if incident.open else "was "
    said = {
        OutageState.DOWN: "down",
        OutageState.DEGRADED: "degraded, not down",
        OutageState.REPORTED: "reported by the provider only; we did not see it fail",
    }[incident.outage]
    return f"{was}{said}" + (", flapping" if incident.flapping else "")


def _start(incident: Incident) -> str:
    began, saw = incident.started_at, incident.onset_at
    return f"{_at(began)} by the status page; we saw it at {_at(saw)}" if began < saw else _at(saw)


def _lead(incident: Incident) -> str:
    if incident.lead is None:
        return "no statement"
    order = "after" if incident.lead >= timedelta(0) else "before"
    return f"first statement {_span(abs(incident.lead))} {order} our confirmation"


def _timeline(incident: Incident) -> Iterator[str]:
    entries = sorted(incident.timeline, key=lambda entry: entry.at)
    yield from _section("Timeline (UTC)", [f"{_at(entry.at)} {entry.text}" for entry in entries])


def _checklists(checklists: Sequence[Checklist]) -> Iterator[str]:
    """Each tick of a runbook's step, in order of time; then how far each runbook came."""
    if not checklists:
        return
    yield from ("", "## Runbook steps", "", "| Time (UTC) | Service | Step | By |", "| --- | --- | --- | --- |")
    ticks = [(tick, checklist) for checklist in checklists for tick in checklist.ticks]
    for tick, checklist in sorted(ticks, key=lambda pair: pair[0].at):
        step = f"{tick.step}. {checklist.steps[tick.step - 1]}{'' if tick.done else ' (taken back)'}"
        yield _row([_at(tick.at), inert(checklist.service), inert(step), inert(tick.by)])
    yield ""
    for checklist in checklists:
        yield f"- {inert(checklist.service)}: {len(checklist.done)} of {len(checklist.steps)} steps done"


def _notifications(receipts: Sequence[NotificationReceipt]) -> Iterator[str]:
    yield from ("", "## Notifications", "")
    if not receipts:
        yield "None."
        return
    yield from ("| Time (UTC) | Audience | Reason | Route | Delivered after |", "| --- | --- | --- | --- | --- |")
    for receipt in receipts:
        route = inert(receipt.route) if receipt.at else f"not delivered: {inert(receipt.problem)}"
        after = _span(receipt.at - receipt.posted_at) if receipt.at else ""
        reason = _REASONS.get(receipt.why, receipt.why)
        yield f"| {_at(receipt.at or receipt.posted_at)} | {inert(receipt.audience)} | {reason} | {route} | {after} |"


def _services(incident: Incident, costs: Sequence[ServiceCost], currency: str) -> Iterator[str]:
    if not costs:
        return
    yield from ("", "## Affected services (estimate)", "")
    counted = any(cost.down_for != timedelta(0) for cost in costs)
    columns = ["Service", "Tier", "Impact", "From", "To", *(("Down for", "Revenue at risk") if counted else ())]
    yield from (_row(columns), _row(["---"] * len(columns)))
    for cost in costs:
        what = impact(incident, cost.of.fate).text
        cells = [inert(cost.of.service), str(cost.of.tier), what, _at(cost.begins), _at(cost.ends)]
        yield _row([*cells, *(_counted(cost, currency) if counted else ())])
    yield ""
    yield _total(costs, currency) if counted else "No revenue at risk is counted: we did not see it down."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counted(cost: ServiceCost, currency: str) -> tuple[str, str]:
    amount = "unknown" if cost.cost is None else f"{cost.cost:,.0f} {inert(currency)}".strip()
    return "unknown" if cost.down_for is None else _span(cost.down_for), amount


def _total(costs: Sequence[ServiceCost], currency: str) -> str:
    known = [cost.cost for cost in costs if cost.cost is not None]
    missing = len(costs) - len(known)
    total = f"Total revenue at risk: {sum(known):,.0f} {inert(currency)}".rstrip()
    return total + (f"; unknown for {missing} {'service' if missing == 1 else 'services'}." if missing else ".")


def _statement(provider: str, title: str, since: datetime) -> str:
    return f"{_at(since)} {provider_name(provider)}: {title or 'no details'}"


def _section(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"## {heading}", "")
        yield from (f"- {inert(line)}" for line in lines)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _span(time: timedelta) -> str:
    """`45 s`, `12 min`, `3 h 5 min`."""
    seconds = int(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return (f"{hours} h {minutes} min" if minutes else f"{hours} h") if hours else f"{minutes} min"
