"""The alert: what fails, which of our services it affects, what to do first, who owns it; short enough for a phone.

Evidence, the whole list of services and the timeline are in its thread (`alert_detail`).
"""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.incident_parts import at_risk, incident_data, lead_title, owner, tone_of
from bot.cards.messages.outage_words import expected, impact, impact_line, is_past, own_network, state_of, worst_first
from bot.cards.messages.score_parts import command
from bot.cards.messages.sightings import announced, provider_report, quoted_reports, recovering, seen, started
from bot.cards.sanitise import cut, isolated, moment, secure
from bot.cards.wording import count, duration, listed, with_code
from bot.model.incidents import Affected, Incident, OutageState, Phase

SERVICES, STEPS, RUNBOOKS, NAMED = 4, 3, 2, 2
_STEP = 240


def alert_card(incident: Incident, *, currency: str = "", audience: str = "") -> Card:
    """The message that is kept up to date while the incident lasts.

    Args:
        incident: its current state.
        currency: of revenue at risk; empty: revenue is left out.
        audience: whose services come first.
    """
    affected = own_first(incident.affected, audience)
    blocks: list[Block] = []
    if incident.open and affected:
        lines = tuple(_service_line(incident, service) for service in affected[:SERVICES])
        blocks += [Items(lines, left_out=max(0, len(affected) - SERVICES)), *first_steps(affected)]
    blocks += [facts(incident, currency)] if incident.open else [_ended(incident)]
    blocks.append(Buttons(buttons(incident, audience, affected)))
    title, summary = lead_title(incident), answer(incident, affected, audience)
    return Card("alert", title, summary, tuple(blocks), tone_of(incident), incident_data(incident))


def passed_card(incident: Incident, *, below: bool = True) -> Card:
    """What an alert becomes once another message about the same incident replaces it: it must not look current.

    `below`: the current message is further down, else further up.
    """
    data = {"id": incident.id}
    where = "down" if below else "up"
    return Card("alert", lead_title(incident), f"Outdated: the current message is further {where}.", data=data)


def own_first(affected: Sequence[Affected], audience: str) -> list[Affected]:
    """The affected services: the audience's own before all others, and of each the worst first."""
    return sorted(worst_first(affected), key=lambda service: bool(audience) and service.audience != audience)


def answer(incident: Incident, affected: Sequence[Affected], audience: str = "") -> str:
    """What the incident means for us, in a sentence or two. `affected` as `own_first` sorts them."""
    if incident.ours:
        return own_network(incident)
    if not incident.open:
        return outcome(incident)
    own = [service for service in affected if service.audience == audience] or list(affected)
    said = f"{impact_line(incident, own, briefly=len(own) > NAMED)}." if own else "No service of ours depends on it."
    if others := len(affected) - len(own):
        said += f" {count(others, 'service')} of other teams affected too."
    if incident.outage is OutageState.REPORTED and (reported := quoted_reports(incident)):
        said = f"{reported} {said}"
    if incident.old:
        said += f" Open since {moment(incident.started_at, day=True)}, before backstay started watching."
    if is_past(incident):
        return said
    if incident.outage is OutageState.DEGRADED and incident.symptoms:
        said += f" We see: {cut(incident.symptoms[0], _STEP)}."
    if incident.flapping:
        return f"{said} It fails again and again: this message is updated in place."
    return said + (f" Failing again: wave {incident.wave}." if incident.wave > 1 else "")


def outcome(incident: Incident) -> str:
    """How long it lasted, and which services it affected."""
    if incident.ours:
        return own_network(incident)
    lasted = f"Lasted {duration(incident.lasted(incident.updated_at))}."
    affected = worst_first(incident.affected)
    if not affected:
        return f"{lasted} No service of ours was affected."
    names = listed([service.service for service in affected])
    if incident.outage is OutageState.DOWN:
        return f"{lasted} Affected: {names}."
    return f"{lasted} {names} {impact(incident, affected[0].fate).text}."


def first_steps(affected: Sequence[Affected]) -> list[Block]:
    """The first runbook steps of the worst services that have some, from the stored copy; a line where none has."""
    with_steps = [service for service in affected if service.first_steps]
    blocks: list[Block] = []
    for service in with_steps[:RUNBOOKS]:
        steps = tuple(with_code(cut(step, _STEP)) for step in service.first_steps[:STEPS])
        left = max(0, len(service.first_steps) - STEPS)
        heading = Heading(f"First steps for {isolated(cut(service.service, 100))}")
        blocks += [heading, Items(steps, True, left), *_runbook_link(service)]
    if not with_steps:
        linked = next((service for service in affected if secure(service.runbook)), None)
        note = Paragraph(text("No first steps: no copy of a runbook is stored."), quiet=True)
        blocks += [note, *(_runbook_link(linked) if linked else ())]
    return blocks


def _runbook_link(service: Affected) -> list[Block]:
    """A link to the runbook itself, which may be hosted on what fails."""
    link = secure(service.runbook)
    return [Paragraph(text(Span(f"Runbook of {isolated(cut(service.service, 100))}", link=link)))] if link else []


def facts(incident: Incident, currency: str) -> Pairs:
    """State, what we see, owner, start, the provider's status page, maintenance beside it, revenue at risk."""
    pairs: list[tuple[str, Text]] = [("State", state_of(incident))]
    if incident.phase is Phase.MONITORING:
        pairs.append(("Recovering", recovering(incident)))
    pairs += [
        *seen(incident),
        ("Owner", owner(incident)),
        ("Started", started(incident)),
        *provider_report(incident),
        *announced(incident),
        *at_risk(incident, currency),
    ]
    return Pairs(tuple(pairs))


def buttons(incident: Incident, audience: str, affected: Sequence[Affected]) -> tuple[Button, ...]:
    """What people can do about it. `for=` in a command makes the answer the same card as this one."""
    details = Button("Details", command("incidents", incident.id), update=False)
    if not incident.open:
        return (details,)
    view = (f"for={audience}",) if audience else ()
    actions = []
    if not incident.handling.acknowledged_by:
        actions.append(Button("Acknowledge", command("acknowledge", incident.id, *view), primary=True))
    actions.append(Button("Assign", command("assign", incident.id, *view), form=True))
    if incident.handling.muted_until is None:
        actions.append(Button("Mute 1 h", command("mute", incident.id, "1h", *view)))
    actions.append(Button("Escalate", command("escalate", incident.id, *view), form=True))
    return (*actions, *_runbook_button(affected), details)


def _runbook_button(affected: Sequence[Affected]) -> tuple[Button, ...]:
    """Opens the stored copy, which can be read while the page itself is down."""
    with_steps = next((service for service in affected if service.first_steps), None)
    worst = with_steps or next((service for service in affected if service.runbook), None)
    return (Button("Runbook", command("runbook", worst.service), update=False),) if worst is not None else ()


def _service_line(incident: Incident, service: Affected) -> Text:
    name = Span(cut(isolated(service.service), 120), "bold")
    return text(name, f" (tier {service.tier}): ", *expected(incident, service))


def _ended(incident: Incident) -> Paragraph:
    said: list[str | Span] = ["Started ", Span(at=incident.started_at)]
    said += [", ended ", Span(at=incident.ended_at)] if incident.ended_at is not None else []
    return Paragraph(text(*said, "."), quiet=True)
