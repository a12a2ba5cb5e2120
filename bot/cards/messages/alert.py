"""The alert: what fails, which of our services it affects, who owns it; short enough for the lock screen of a phone.

First steps, evidence, the whole list of services and the timeline are in its thread (`alert_detail`) and behind its buttons.
"""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, text
from bot.cards.messages.alert_facts import alert_pairs, least_words
from bot.cards.messages.incident_parts import incident_data, lead_title, tone_of
from bot.cards.messages.outage_words import impact, impact_line, is_past, own_network, worst_first
from bot.cards.messages.score_parts import command
from bot.cards.messages.sightings import quoted_reports
from bot.cards.sanitise import brief, cut, isolated, moment, secure
from bot.cards.wording import count, duration, listed, with_code
from bot.model.incidents import Affected, Incident, OutageState

WORDS = 60
"""An alert is read at a glance: no more words than this, its buttons not counted."""

STEPS, RUNBOOKS, NAMED = 3, 2, 2
_TITLE_WORDS, _LEAST = 12, 6
_STEP = 240
_VIEW = 90  # letters of an audience for which a menu of Slack has room


def alert_card(incident: Incident, *, currency: str = "", audience: str = "") -> Card:
    """The message that is kept up to date while the incident lasts, in at most `WORDS` words.

    Args:
        incident: its current state.
        currency: of revenue at risk; empty: revenue is left out.
        audience: whose services come first.
    """
    affected = own_first(incident.affected, audience)
    title = brief(lead_title(incident), _TITLE_WORDS)
    room = WORDS - 1 - len(title.split())  # a symbol is before the title
    said = headline(incident, affected, audience)
    summary = brief(said, max(_LEAST, min(len(said.split()), room - least_words(incident, currency))))
    pairs = alert_pairs(incident, currency, room=room - len(summary.split()))
    blocks = (pairs, Buttons(buttons(incident, audience, affected)))
    return Card("alert", title, summary, blocks, tone_of(incident), incident_data(incident))


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


def headline(incident: Incident, affected: Sequence[Affected], audience: str = "") -> str:
    """What the incident means for us, in one sentence. `affected` as `own_first` sorts them."""
    again = (
        incident.open and incident.wave > 1 and not incident.flapping and not is_past(incident) and not incident.ours
    )
    return (f"Failing again, wave {incident.wave}: " if again else "") + _effect(incident, affected, audience)


def answer(incident: Incident, affected: Sequence[Affected]) -> str:
    """What the incident means for us, in a sentence or two. `affected` as `own_first` sorts them."""
    said = _effect(incident, affected, "")
    if incident.ours or not incident.open:
        return said
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


def _effect(incident: Incident, affected: Sequence[Affected], audience: str) -> str:
    """What it does to the services of the audience, and how many of others; what it did once it is over."""
    if incident.ours:
        return own_network(incident)
    if not incident.open:
        return outcome(incident)
    own = [service for service in affected if service.audience == audience] or list(affected)
    said = f"{impact_line(incident, own, briefly=len(own) > NAMED)}." if own else "No service of ours depends on it."
    others = len(affected) - len(own)
    return said + (f" {count(others, 'service')} of other teams affected too." if others else "")


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


def buttons(incident: Incident, audience: str, affected: Sequence[Affected]) -> tuple[Button, ...]:
    """What people can do about it: three buttons, the rest in the menu. `for=` in a command makes its answer the same card."""
    acknowledged = bool(incident.handling.acknowledged_by)
    details = Button(
        "Details", command("incidents", incident.id), update=False, primary=acknowledged or not incident.open
    )
    if not incident.open:
        return (details,)
    view = (f"for={audience}",) if 0 < len(audience) <= _VIEW else ()
    muted = incident.handling.muted_until is not None
    # A menu has two entries at least.
    assign = Button("Assign", command("assign", incident.id, *view), form=True, menu=muted or not acknowledged)
    actions = [assign]
    if not acknowledged:
        actions = [Button("Acknowledge", command("acknowledge", incident.id, *view), primary=True), assign]
    if not muted:
        actions.append(Button("Mute 1 h", command("mute", incident.id, "1h", *view), menu=True))
    actions.append(Button("Escalate", command("escalate", incident.id, *view), form=True, menu=True))
    return (*actions, *_runbook_button(affected), details)


def _runbook_button(affected: Sequence[Affected]) -> tuple[Button, ...]:
    """Opens the stored copy, which can be read while the page itself is down."""
    with_steps = next((service for service in affected if service.first_steps), None)
    worst = with_steps or next((service for service in affected if service.runbook), None)
    return (Button("Runbook", command("runbook", worst.service), update=False),) if worst is not None else ()
