"""One incident as Markdown: what a post-mortem begins with. Names and sentences of others are inert text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.model.incident_costs import ServiceCost, service_costs
from bot.model.incidents import Incident, NotificationReceipt
from bot.net.markdown import inert

_WHY = {"opened": "at first", "worse": "it got worse", "wave": "it came back", "resolved": "it was over"}


def post_mortem(incident: Incident, heard: Sequence[NotificationReceipt], *, now: datetime, currency: str = "") -> str:
    """Figures, course, who was told, what it took from which service, what was seen and said; and room for the lessons."""
    return "\n".join(
        [
            f"# {inert(incident.title)}",
            "",
            *_figures(incident, now),
            *_course(incident),
            *_told(heard),
            *_services(service_costs(incident, now), currency),
            *_list("What providers said", [_word(one.provider, one.title, one.since) for one in incident.words]),
            *_list("What was seen", list(incident.evidence)),
            "",
            "## What we learn from it",
            "",
            "- ",
            "",
        ]
    )


def _figures(incident: Incident, now: datetime) -> Iterator[str]:
    hands, ended = incident.handling, incident.ended_at
    yield f"- Incident: `{incident.id.replace('`', '')}`, {incident.phase}, {incident.severity.value}"
    yield f"- From {_at(incident.onset_at)} to {_at(ended) if ended else 'now: it goes on'}, {_span(incident.lasted(now))}"
    yield f"- Broken: {inert(', '.join(str(scope) for scope in incident.scopes)) or 'not known'}"
    if incident.cause is not None:
        yield f"- Behind it: {inert(f'{incident.cause}, {incident.cause_why}')}"
    if incident.detected_after is not None:
        yield f"- Sure after {_span(incident.detected_after)}"
    yield f"- {_lead(incident)}"
    if incident.wave > 1:
        yield f"- Waves: {incident.wave}"
    if hands.acknowledged_by and hands.acknowledged_at is not None:
        yield f"- Acknowledged by {inert(hands.acknowledged_by)} at {_at(hands.acknowledged_at)}"
    else:
        yield "- Nobody acknowledged it"
    if hands.assigned_to:
        yield f"- Assigned to {inert(hands.assigned_to)}"


def _lead(incident: Incident) -> str:
    if incident.lead is None:
        return "The provider said nothing"
    ahead = incident.lead >= timedelta(0)
    return f"The provider said so {_span(abs(incident.lead))} {'after' if ahead else 'before'} we were sure"


def _course(incident: Incident) -> Iterator[str]:
    oldest = sorted(incident.timeline, key=lambda one: one.at)
    yield from _list("What happened", [f"{_at(one.at)} {one.text}" for one in oldest])


def _told(heard: Sequence[NotificationReceipt]) -> Iterator[str]:
    yield from ("", "## Who was told", "")
    if not heard:
        yield "Nobody."
        return
    yield from ("| When (UTC) | Audience | Why | By | Waited |", "| --- | --- | --- | --- | --- |")
    for one in heard:
        by = inert(one.route) if one.at else f"not delivered: {inert(one.problem)}"
        waited = _span(one.at - one.posted_at) if one.at else ""
        yield f"| {_at(one.at or one.posted_at)} | {inert(one.audience)} | {_WHY.get(one.why, one.why)} | {by} | {waited} |"


def _services(tolls: Sequence[ServiceCost], currency: str) -> Iterator[str]:
    if not tolls:
        return
    yield from ("", "## Our services, as it was expected", "")
    yield from (
        "| Service | Tier | Expected | From | To | Down for | At stake |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    for one in tolls:
        down = "not known" if one.down_for is None else _span(one.down_for)
        cost = "not known" if one.cost is None else f"{one.cost:,.0f} {inert(currency)}".strip()
        name, tier, fate = inert(one.of.service), one.of.tier, one.of.fate.value.replace("_", " ")
        yield f"| {name} | {tier} | {fate} | {_at(one.begins)} | {_at(one.ends)} | {down} | {cost} |"
    known = [one.cost for one in tolls if one.cost is not None]
    missing = len(tolls) - len(known)
    yield ""
    yield f"At stake in all: {sum(known):,.0f} {inert(currency)}".rstrip() + (
        f"; of {missing} it is not known." if missing else "."
    )


def _word(provider: str, title: str, since: datetime) -> str:
    return f"{_at(since)} {provider}: {title or 'nothing more'}"


def _list(heading: str, lines: Sequence[str]) -> Iterator[str]:
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
