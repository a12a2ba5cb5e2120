"""The end of an incident: its duration, our response times, who was notified; and the report in its thread."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.alert import outcome
from bot.cards.messages.alert_detail import evidence
from bot.cards.messages.incident_parts import incident_data, lead_title, owner
from bot.cards.messages.outage_words import impact, state_of, worst_first
from bot.cards.messages.score_parts import command
from bot.cards.messages.sightings import announced, lead_words, provider_reports, seen, started
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, duration, money
from bot.model.incident_costs import ServiceCost, service_costs
from bot.model.incidents import Incident, NotificationReceipt

SERVICES, TIMELINE, NOTIFIED = 15, 30, 12
_LINE = 240
_WHY = {"opened": "opened", "worse": "got worse", "wave": "failing again", "resolved": "resolved"}


def closing_card(
    incident: Incident, receipts: Sequence[NotificationReceipt], *, now: datetime, currency: str = ""
) -> Card:
    """The last message: the figures. `receipts`: who was notified, as far as that is known when it is written."""
    details = Buttons((Button("Details", command("incidents", incident.id), update=False),))
    return Card(
        "closing",
        lead_title(incident),
        _summary(incident, now, currency),
        (_figures(incident, receipts), details),
        "good",
        _data(incident, receipts, now),
    )


def report_card(
    incident: Incident, receipts: Sequence[NotificationReceipt], *, now: datetime, currency: str = ""
) -> Card:
    """The report in the thread: timeline, notifications, and the cost to each service."""
    title = f"Report: {isolated(cut(incident.title, 110))}"
    blocks = report_blocks(incident, receipts, now, currency)
    entries = count(len(incident.timeline), "timeline entry", "timeline entries")
    summary = f"{entries}, {count(len(worst_first(incident.affected)), 'affected service')}."
    return Card("closing_report", title, summary, tuple(blocks), "neutral", _data(incident, receipts, now))


def closed_card(
    incident: Incident, receipts: Sequence[NotificationReceipt], *, now: datetime, currency: str = ""
) -> Card:
    """Figures and report in one card, the answer about a resolved incident."""
    short = closing_card(incident, receipts, now=now, currency=currency)
    blocks = (short.blocks[0], *report_blocks(incident, receipts, now, currency))
    return Card("incident", short.title, short.summary, blocks, short.tone, short.data)


def report_blocks(
    incident: Incident, receipts: Sequence[NotificationReceipt], now: datetime, currency: str
) -> list[Block]:
    """The parts of the report: times, people, services, evidence."""
    return [
        *_timeline(incident),
        *_notifications(receipts),
        *_seen(incident),
        *_services(incident, now, currency),
        *provider_reports(incident),
        *evidence(incident),
    ]


def total_cost(costs: Sequence[ServiceCost]) -> tuple[float, int]:
    """The sum of the known costs, and the number of services whose cost is unknown."""
    known = [service.cost for service in costs if service.cost is not None]
    return sum(known), len(costs) - len(known)


def response_times(incident: Incident) -> list[tuple[str, str]]:
    """Time to confirm, lead over the provider's status page, time to acknowledge, recurrences."""
    pairs, lead = [], lead_words(incident)
    if incident.detected_after is not None:
        pairs.append(("Time to confirm", duration(incident.detected_after)))
    if not incident.ours:
        pairs.append(("Provider status page", f"reported {lead}" if lead else "no incident reported"))
    response = incident.handling
    if response.acknowledged_at is not None and incident.confirmed_at is not None:
        after = max(response.acknowledged_at - incident.confirmed_at, timedelta(0))
        pairs.append(("Time to acknowledge", duration(after)))
    if incident.wave > 1:
        pairs.append(("Recurrences", f"{incident.wave - 1}"))
    return pairs


def _summary(incident: Incident, now: datetime, currency: str) -> str:
    amount, _ = total_cost(service_costs(incident, now))
    said = outcome(incident)
    return said + (f" Revenue at risk: about {money(amount, currency)}." if amount and currency else "")


def _figures(incident: Incident, receipts: Sequence[NotificationReceipt]) -> Pairs:
    pairs: list[tuple[str, Text]] = [("State", state_of(incident)), ("Started", started(incident))]
    if incident.ended_at is not None:
        pairs.append(("Ended", text(Span(at=incident.ended_at))))
    if incident.overruled:
        by = "by our own observations" if incident.watched else "without an update of the status page for a day"
        pairs.append(("Closed", text(f"{by}; the status page still reported it")))
    pairs += [(name, text(said)) for name, said in response_times(incident)]
    pairs.append(("Owner", owner(incident)))
    if first := _first_notified(receipts):
        pairs.append(("First notified", text(first)))
    return Pairs(tuple(pairs))


def _seen(incident: Incident) -> list[Block]:
    pairs = (*seen(incident), *announced(incident))
    return [Pairs(pairs)] if pairs else []


def _first_notified(receipts: Sequence[NotificationReceipt]) -> str:
    arrived = [receipt for receipt in receipts if receipt.at is not None and receipt.why != "resolved"]
    lost = len({receipt.audience for receipt in receipts} - {receipt.audience for receipt in arrived})
    if not arrived:
        return "nobody before it ended" if receipts else ""
    first = min(arrived, key=lambda receipt: receipt.at or receipt.posted_at)
    said = f"{isolated(cut(first.audience, 80))} by {cut(first.route, 80)}"
    others = len({receipt.audience for receipt in arrived}) - 1
    said += f", {count(others, 'more audience')} later" if others else ""
    return said + (f"; not delivered to {count(lost, 'audience')}" if lost else "")


def _timeline(incident: Incident) -> list[Block]:
    if not incident.timeline:
        return []
    oldest = sorted(incident.timeline, key=lambda entry: entry.at)
    lines = tuple(text(Span(at=entry.at), f": {cut(entry.text, _LINE)}") for entry in oldest[:TIMELINE])
    return [Heading("Timeline"), Items(lines, left_out=max(0, len(oldest) - TIMELINE))]


def _notifications(receipts: Sequence[NotificationReceipt]) -> list[Block]:
    if not receipts:
        return [Paragraph(text("No audience was notified."))]
    lines = tuple(_receipt(receipt) for receipt in receipts[:NOTIFIED])
    return [Heading("Notifications"), Items(lines, left_out=max(0, len(receipts) - NOTIFIED))]


def _receipt(receipt: NotificationReceipt) -> Text:
    why = _WHY.get(receipt.why, receipt.why)
    who = Span(isolated(cut(receipt.audience, 80)), "bold")
    if receipt.at is None:
        lost = Span("not delivered", "warning")
        return text(Span(at=receipt.posted_at), ": ", who, f" ({why}): ", lost, f", {receipt.problem}")
    waited = receipt.at - receipt.posted_at
    late = f", {duration(waited)} late" if waited >= timedelta(minutes=1) else ""
    return text(Span(at=receipt.at), ": ", who, f" ({why}) by {cut(receipt.route, 80)}{late}")


def _services(incident: Incident, now: datetime, currency: str) -> list[Block]:
    costs = {service.of.service: service for service in service_costs(incident, now)}
    affected = [costs[service.service] for service in worst_first(incident.affected)]
    if not affected:
        return []
    lines = tuple(_service(service, incident, currency) for service in affected[:SERVICES])
    left = max(0, len(affected) - SERVICES)
    return [
        Heading("Affected services (estimate)"),
        Items(lines, left_out=left),
        *_total(affected, currency),
    ]


def _service(service: ServiceCost, incident: Incident, currency: str) -> Text:
    """How long it was down; and from when, where it was not affected from the start."""
    down = "duration unknown"
    if service.down_for is not None:
        down = duration(service.down_for) if service.down_for else "no downtime counted"
    down += f", {money(service.cost, currency)}" if service.cost and currency else ""
    name = Span(cut(isolated(service.of.service), 120), "bold")
    line: list[str | Span] = [name, f" (tier {service.of.tier}): ", impact(incident, service.of.fate), f", {down}"]
    line += [", from ", Span(at=service.begins)] if service.begins > incident.onset_at else []
    return text(*line)


def _total(costs: Sequence[ServiceCost], currency: str) -> list[Block]:
    amount, unknown = total_cost(costs)
    if not currency or not amount:
        return []
    missing = f" {count(unknown, 'service')} with unknown cost excluded." if unknown else ""
    return [Paragraph(text(f"Revenue at risk in total: about {money(amount, currency)}.{missing}"))]


def _data(incident: Incident, receipts: Sequence[NotificationReceipt], now: datetime) -> dict[str, object]:
    amount, unknown = total_cost(service_costs(incident, now))
    seconds = None if incident.lead is None else incident.lead.total_seconds()
    return {
        **incident_data(incident),
        "ended_at": None if incident.ended_at is None else incident.ended_at.isoformat(),
        "detected_after_seconds": None if incident.detected_after is None else incident.detected_after.total_seconds(),
        "lead_seconds": seconds,
        "cost": amount,
        "cost_not_known_of": unknown,
        "told": [
            {
                "audience": receipt.audience,
                "why": receipt.why,
                "route": receipt.route,
                "at": receipt.at.isoformat() if receipt.at else None,
            }
            for receipt in receipts[:50]
        ],
    }
