"""The alert: what is broken, whom of us it hits, what to do first, who is on it; short, for a phone at three in the morning.

Evidence, the whole list of services and the timeline stand in its thread (`alert_detail`).
"""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.incident_parts import (
    at_stake,
    expected,
    hit,
    incident_data,
    lasting,
    lead_title,
    names,
    on_it,
    provider_says,
    tone_of,
    worst_first,
)
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated, secure
from bot.cards.wording import count, prose, span_of
from bot.model.incidents import Affected, Incident

SERVICES, STEPS, RUNBOOKS, NAMED = 4, 3, 2, 2
_STEP = 240


def alert_card(incident: Incident, *, now: datetime, currency: str = "", audience: str = "") -> Card:
    """The message that is kept up to date while the incident lasts.

    Args:
        incident: as it is now.
        now: UTC.
        currency: what money is counted in; empty: money is not told.
        audience: whose services come first.
    """
    mine = own_first(incident.affected, audience)
    blocks: list[Block] = []
    if incident.open and mine:
        lines = tuple(_line(one) for one in mine[:SERVICES])
        blocks += [Items(lines, left_out=max(0, len(mine) - SERVICES)), *first_steps(mine)]
    blocks += [facts(incident, now, currency)] if incident.open else [_ended(incident)]
    blocks.append(Buttons(buttons(incident, audience, mine)))
    title, summary = lead_title(incident), answer(incident, mine, audience)
    return Card("alert", title, summary, tuple(blocks), tone_of(incident), incident_data(incident))


def passed_card(incident: Incident, *, below: bool = True) -> Card:
    """What an alert becomes once another message tells the same: it must not look like the newest state.

    `below`: that one stands further down, else further up.
    """
    data = {"id": incident.id}
    return Card(
        "alert",
        lead_title(incident),
        f"It is told further {'down' if below else 'up'}; that message is kept up to date.",
        data=data,
    )


def own_first(affected: Sequence[Affected], audience: str) -> list[Affected]:
    """Those that are hit: the audience's own before all others, and of each the worst first."""
    return sorted(worst_first(affected), key=lambda one: bool(audience) and one.audience != audience)


def answer(incident: Incident, mine: Sequence[Affected], audience: str = "") -> str:
    """What it means for us, in a sentence or two."""
    if incident.ours:
        return "Everything fails at once from here: this looks like our own network, not like a provider."
    if not incident.open:
        return over(incident)
    own = [one for one in mine if one.audience == audience] or list(mine)
    said = f"{hit(own, briefly=len(own) > NAMED)}." if own else "No service of ours is known to need it."
    if others := len(mine) - len(own):
        said += f" It hits {count(others, 'service')} of other teams as well."
    return said + (f" This is wave {incident.wave}." if incident.wave > 1 else "")


def over(incident: Incident) -> str:
    """How long it took, and whom it hit."""
    took = span_of(incident.lasted(incident.updated_at))
    those = names([one.service for one in worst_first(incident.affected)])
    return f"It lasted {took}. " + (f"It hit {those}." if those else "It hit no service of ours that we know of.")


def first_steps(mine: Sequence[Affected]) -> list[Block]:
    """What to do first, of the worst services that say so, from the kept copy; where none does that is said."""
    with_steps = [one for one in mine if one.first_steps]
    blocks: list[Block] = []
    for one in with_steps[:RUNBOOKS]:
        steps = tuple(prose(cut(step, _STEP)) for step in one.first_steps[:STEPS])
        left = max(0, len(one.first_steps) - STEPS)
        blocks += [Heading(f"First steps for {isolated(cut(one.service, 100))}"), Items(steps, True, left), *_page(one)]
    if not with_steps:
        linked = next((one for one in mine if secure(one.runbook)), None)
        said = "No first steps are known: there is no copy of a runbook of theirs."
        blocks += [Paragraph(text(said), quiet=True), *(_page(linked) if linked else ())]
    return blocks


def _page(one: Affected) -> list[Block]:
    """A link to the runbook itself, which may stand on what is broken."""
    link = secure(one.runbook)
    return [Paragraph(text(Span(f"Runbook of {isolated(cut(one.service, 100))}", link=link)))] if link else []


def facts(incident: Incident, now: datetime, currency: str) -> Pairs:
    """Who is on it, since when, what the provider says and what is at stake."""
    pairs: list[tuple[str, Text]] = [
        ("Who is on it", on_it(incident)),
        ("Since", lasting(incident, now)),
        ("The provider says", provider_says(incident)),
    ]
    if stake := at_stake(incident.affected, currency):
        pairs.append(("At stake", text(stake)))
    return Pairs(tuple(pairs))


def buttons(incident: Incident, audience: str, mine: Sequence[Affected]) -> tuple[Button, ...]:
    """What people can do about it. `for=` lets the answer be the same card as this one."""
    details = Button("Details", command("incidents", incident.id), update=False)
    if not incident.open:
        return (details,)
    told = (f"for={audience}",) if audience else ()
    made = []
    if not incident.handling.acknowledged_by:
        made.append(Button("I am on it", command("acknowledge", incident.id, *told), primary=True))
    made.append(Button("Assign", command("assign", incident.id, *told), form=True))
    if incident.handling.muted_until is None:
        made.append(Button("Quiet for 1 h", command("mute", incident.id, "1h", *told)))
    made.append(Button("Escalate", command("escalate", incident.id, *told), form=True))
    return (*made, *_runbook(mine), details)


def _runbook(mine: Sequence[Affected]) -> tuple[Button, ...]:
    """All of the copy, which can be read while the page itself is down."""
    worst = next((one for one in mine if one.first_steps), None) or next((one for one in mine if one.runbook), None)
    return (Button("Runbook", command("runbook", worst.service), update=False),) if worst is not None else ()


def _line(one: Affected) -> Text:
    return text(Span(cut(isolated(one.service), 120), "bold"), f" (tier {one.tier}): ", *expected(one))


def _ended(incident: Incident) -> Paragraph:
    said: list[str | Span] = ["It began ", Span(at=incident.onset_at)]
    said += [" and was over ", Span(at=incident.ended_at)] if incident.ended_at is not None else []
    return Paragraph(text(*said, "."), quiet=True)
