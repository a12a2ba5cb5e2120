"""The end of an incident: what it was, how quick we were, who was told and who took it on; and the report under it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.alert_detail import evidence, words
from bot.cards.messages.incident_parts import incident_data, lead_title, names, on_it, worst_first
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import FATES, count, money, span_of
from bot.model.incident_costs import ServiceCost, service_costs
from bot.model.incidents import Incident, NotificationReceipt

SERVICES, TIMELINE, TOLD, NAMED = 15, 30, 12, 3
_LINE = 240
_WHY = {"opened": "at first", "worse": "it got worse", "wave": "it came back", "resolved": "it was over"}


def closing_card(
    incident: Incident, heard: Sequence[NotificationReceipt], *, now: datetime, currency: str = ""
) -> Card:
    """The last message: the figures. `heard`: who was told, as far as that is known when it is written."""
    details = Buttons((Button("Details", command("incidents", incident.id), update=False),))
    return Card(
        "closing",
        lead_title(incident),
        _summary(incident, now, currency),
        (_figures(incident, heard), details),
        "good",
        _data(incident, heard, now),
    )


def report_card(incident: Incident, heard: Sequence[NotificationReceipt], *, now: datetime, currency: str = "") -> Card:
    """What stands under it, and in a wiki later: the course of things, who was told, what it took from whom."""
    title = f"Report: {isolated(cut(incident.title, 110))}"
    blocks = report_blocks(incident, heard, now, currency)
    summary = (
        f"{count(len(incident.timeline), 'moment')}, {count(len(worst_first(incident.affected)), 'service')} of ours."
    )
    return Card("closing_report", title, summary, tuple(blocks), "neutral", _data(incident, heard, now))


def closed_card(incident: Incident, heard: Sequence[NotificationReceipt], *, now: datetime, currency: str = "") -> Card:
    """Both in one, for whoever asks for an incident that is over."""
    short = closing_card(incident, heard, now=now, currency=currency)
    blocks = (short.blocks[0], *report_blocks(incident, heard, now, currency))
    return Card("incident", short.title, short.summary, blocks, short.tone, short.data)


def report_blocks(
    incident: Incident, heard: Sequence[NotificationReceipt], now: datetime, currency: str
) -> list[Block]:
    """The parts of the report: times, people, services, evidence."""
    return [
        *_course(incident),
        *_told(heard),
        *_services(incident, now, currency),
        *words(incident),
        *evidence(incident),
    ]


def cost_of(tolls: Sequence[ServiceCost]) -> tuple[float, int]:
    """What they come to, and of how many it is not known."""
    known = [one.cost for one in tolls if one.cost is not None]
    return sum(known), len(tolls) - len(known)


def pace(incident: Incident) -> list[tuple[str, str]]:
    """How quick we were: until it was sure, against the provider's page, until somebody took it on."""
    told = []
    if incident.detected_after is not None:
        told.append(("Sure after", span_of(incident.detected_after)))
    told.append(("The provider", _lead(incident)))
    hands = incident.handling
    if hands.acknowledged_at is not None and incident.confirmed_at is not None:
        after = max(hands.acknowledged_at - incident.confirmed_at, timedelta(0))
        told.append(("Taken on after", span_of(after)))
    if incident.wave > 1:
        told.append(("Waves", f"{incident.wave}"))
    return told


def _lead(incident: Incident) -> str:
    lead = incident.lead
    if lead is None:
        return "has said nothing"
    if abs(lead) < timedelta(minutes=1):
        return "said so at the same time"
    return f"said so {span_of(abs(lead))} {'after' if lead > timedelta(0) else 'before'} us"


def _summary(incident: Incident, now: datetime, currency: str) -> str:
    those = names([one.service for one in worst_first(incident.affected)], NAMED)
    said = f"It lasted {span_of(incident.lasted(now))}. "
    said += f"It hit {those}." if those else "It hit no service of ours that we know of."
    amount, _ = cost_of(service_costs(incident, now))
    return said + (f" About {money(amount, currency)} were at stake." if amount and currency else "")


def _figures(incident: Incident, heard: Sequence[NotificationReceipt]) -> Pairs:
    ends: list[str | Span] = [" to ", Span(at=incident.ended_at)] if incident.ended_at is not None else []
    pairs: list[tuple[str, Text]] = [("From", text(Span(at=incident.onset_at), *ends))]
    pairs += [(name, text(said)) for name, said in pace(incident)]
    who = on_it(incident)
    pairs.append(("Who was on it", who or text(Span("nobody acknowledged it", "warning"))))
    if first := _first_told(heard):
        pairs.append(("First told", text(first)))
    return Pairs(tuple(pairs))


def _first_told(heard: Sequence[NotificationReceipt]) -> str:
    arrived = [one for one in heard if one.at is not None and one.why != "resolved"]
    lost = len({one.audience for one in heard} - {one.audience for one in arrived})
    if not arrived:
        return "nobody, while it lasted" if heard else ""
    first = min(arrived, key=lambda one: one.at or one.posted_at)
    said = f"{isolated(cut(first.audience, 80))} by {cut(first.route, 80)}"
    others = len({one.audience for one in arrived}) - 1
    said += f", {count(others, 'more audience')} later" if others else ""
    return said + (f"; {count(lost, 'audience')} in vain" if lost else "")


def _course(incident: Incident) -> list[Block]:
    if not incident.timeline:
        return []
    oldest = sorted(incident.timeline, key=lambda one: one.at)
    lines = tuple(text(Span(at=one.at), f" {cut(one.text, _LINE)}") for one in oldest[:TIMELINE])
    return [Heading("What happened"), Items(lines, left_out=max(0, len(oldest) - TIMELINE))]


def _told(heard: Sequence[NotificationReceipt]) -> list[Block]:
    if not heard:
        return [Paragraph(text("No audience was told of it."))]
    lines = tuple(_line(one) for one in heard[:TOLD])
    return [Heading("Who was told"), Items(lines, left_out=max(0, len(heard) - TOLD))]


def _line(one: NotificationReceipt) -> Text:
    why = _WHY.get(one.why, one.why)
    who = Span(isolated(cut(one.audience, 80)), "bold")
    if one.at is None:
        return text(Span(at=one.posted_at), " ", who, f" ({why}): ", Span(one.problem, "warning"))
    waited = one.at - one.posted_at
    late = f", {span_of(waited)} late" if waited >= timedelta(minutes=1) else ""
    return text(Span(at=one.at), " ", who, f" ({why}) by {cut(one.route, 80)}{late}")


def _services(incident: Incident, now: datetime, currency: str) -> list[Block]:
    tolls = {one.of.service: one for one in service_costs(incident, now)}
    hit = [tolls[one.service] for one in worst_first(incident.affected)]
    if not hit:
        return []
    lines = tuple(_service(one, incident, currency) for one in hit[:SERVICES])
    left = max(0, len(hit) - SERVICES)
    return [Heading("Our services, as it was expected"), Items(lines, left_out=left), *_cost(hit, currency)]


def _service(one: ServiceCost, incident: Incident, currency: str) -> Text:
    """How long it was down; when from, where it was not hit from the start."""
    down = "how long is not known" if one.down_for is None else span_of(one.down_for) if one.down_for else "not down"
    down += f", {money(one.cost, currency)}" if one.cost and currency else ""
    name = Span(cut(isolated(one.of.service), 120), "bold")
    told: list[str | Span] = [name, f" (tier {one.of.tier}): ", FATES[one.of.fate], f", {down}"]
    told += [", from ", Span(at=one.begins)] if one.begins > incident.onset_at else []
    return text(*told)


def _cost(hit: Sequence[ServiceCost], currency: str) -> list[Block]:
    amount, unknown = cost_of(hit)
    if not currency or not amount:
        return []
    missing = f" What {count(unknown, 'service')} lost is not known and not counted." if unknown else ""
    return [Paragraph(text(f"At stake in all: about {money(amount, currency)}.{missing}"))]


def _data(incident: Incident, heard: Sequence[NotificationReceipt], now: datetime) -> dict[str, object]:
    amount, unknown = cost_of(service_costs(incident, now))
    seconds = None if incident.lead is None else incident.lead.total_seconds()
    return {
        **incident_data(incident),
        "ended_at": None if incident.ended_at is None else incident.ended_at.isoformat(),
        "detected_after_seconds": None if incident.detected_after is None else incident.detected_after.total_seconds(),
        "lead_seconds": seconds,
        "cost": amount,
        "cost_not_known_of": unknown,
        "told": [
            {"audience": one.audience, "why": one.why, "route": one.route, "at": one.at.isoformat() if one.at else None}
            for one in heard[:50]
        ],
    }
