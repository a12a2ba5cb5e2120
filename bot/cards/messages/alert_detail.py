"""The message in the thread of an alert: first steps, evidence, provider reports, the timeline and every affected service."""

from collections.abc import Iterator, Sequence

from bot.cards.card import Block, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.alert import first_steps, own_first
from bot.cards.messages.incident_parts import incident_data
from bot.cards.messages.outage_words import affected_table, by_impact, impact, is_past, state_of, worst_first
from bot.cards.messages.sightings import announced, provider_reports, seen, started
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count, listed
from bot.model.incidents import Affected, Incident, OutageState

EVIDENCE, TIMELINE, SERVICES, SCOPES, TEAMS = 12, 20, 8, 12, 6
_LINE, _NAME, _WORST = 240, 80, 4
# Letters of names for each impact: four of them, a table and a timeline fit into one message of Slack.
_NAMES = 1_050


def detail_card(incident: Incident) -> Card:
    """First steps and all that is known, kept up to date like the alert above. No clock: it changes only with the incident."""
    blocks = (
        _state(incident),
        *(first_steps(own_first(incident.affected, "")) if incident.open and incident.touches_us else ()),
        *evidence(incident),
        *provider_reports(incident),
        *timeline(incident),
        *services(incident),
    )
    title = f"Details: {isolated(cut(incident.title, 110))}"
    return Card("alert_detail", title, _summary(incident), blocks, "neutral", incident_data(incident))


def evidence(incident: Incident) -> list[Block]:
    """The common cause, and what our own probes observe."""
    blocks: list[Block] = []
    why = cut(incident.cause_why, _LINE)
    if incident.cause is not None:
        blocks.append(
            Paragraph(text("Common cause: ", Span(str(incident.cause), "bold"), f" ({why})." if why else "."))
        )
    elif why:
        blocks.append(Paragraph(text(why, ".")))
    if incident.evidence:
        lines = tuple(text(cut(line, _LINE)) for line in incident.evidence[:EVIDENCE])
        blocks += [Heading("Evidence"), Items(lines, left_out=max(0, len(incident.evidence) - EVIDENCE))]
    return blocks


def timeline(incident: Incident, at_most: int = TIMELINE) -> list[Block]:
    """What happened, newest first."""
    if not incident.timeline:
        return []
    newest = sorted(incident.timeline, key=lambda entry: entry.at, reverse=True)
    lines = tuple(text(Span(at=entry.at), f": {cut(entry.text, _LINE)}") for entry in newest[:at_most])
    return [Heading("Timeline, newest first"), Items(lines, left_out=max(0, len(newest) - at_most))]


def services(incident: Incident) -> list[Block]:
    """The worst affected services with the reason, then all of them by name, grouped by expected impact."""
    if not incident.touches_us:
        return []
    heading = "Affected services (estimate)" if is_past(incident) else "Affected services"
    affected = worst_first(incident.affected)
    if len(affected) <= SERVICES:
        return [Heading(heading), affected_table(incident, affected, at_most=SERVICES)]
    table = affected_table(incident, affected[:_WORST], at_most=_WORST)
    return [Heading(f"{heading}: the worst {_WORST}"), table, *_by_impact(incident, affected)]


def _by_impact(incident: Incident, affected: Sequence[Affected]) -> Iterator[Block]:
    yield Heading("All affected services")
    cut_short = False
    for said, services in by_impact(incident, affected):
        shown, letters = [], _NAMES
        names = [isolated(cut(name, _NAME)) for name in services]
        for name in names:
            letters -= len(name) + 2
            if letters < 0:
                break
            shown.append(name)
        cut_short = cut_short or len(shown) < len(names)
        more = f" and {len(names) - len(shown):,} more" if len(shown) < len(names) else ""
        yield Paragraph(text(said, f" ({len(names):,}): {', '.join(shown)}{more}"))
    if cut_short:
        line = f"backstay incidents {incident.id} --format md"
        yield Paragraph(text("The whole list: ", Span(line, "code")), quiet=True)


def _summary(incident: Incident) -> str:
    affected = worst_first(incident.affected)
    how = "affected" if incident.outage is OutageState.DOWN or not affected else impact(incident, affected[0].fate).text
    ours = f"{count(len(affected), 'service')} {how}" if affected else "No service of ours affected"
    scopes = listed([str(scope) for scope in incident.scopes], SCOPES) or "unknown"
    return f"{ours}. {'Failed' if is_past(incident) else 'Failing'}: {scopes}."


def _state(incident: Incident) -> Pairs:
    pairs: list[tuple[str, Text]] = [("State", state_of(incident)), ("Incident", text(Span(incident.id, "code")))]
    pairs += [*seen(incident), ("Started", started(incident)), *announced(incident)]
    if incident.parts:
        pairs.append(("Parts", text(listed(incident.parts, TEAMS))))
    if incident.handling.escalated_to:
        pairs.append(("Escalated to", text(listed(incident.handling.escalated_to, TEAMS))))
    return Pairs(tuple(pairs))
