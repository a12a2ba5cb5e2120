"""The message in the thread of an alert: evidence, provider reports, the timeline and every affected service."""

from collections.abc import Iterator, Sequence

from bot.cards.card import Block, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.incident_parts import (
    EXPECTED,
    PHASES,
    SEVERITIES,
    affected_table,
    incident_data,
    listed,
    worst_first,
)
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count
from bot.model.incidents import Affected, Incident, ProviderStatement
from checks import Fate

EVIDENCE, WORDS, TIMELINE, SERVICES, SCOPES = 12, 6, 20, 8, 12
_LINE, _NAME, _WORST = 240, 80, 4
# Letters of names for each fate: four of them, a table and a timeline fit into one message of Slack.
_NAMES = 1_050


def detail_card(incident: Incident) -> Card:
    """All that is known, kept up to date like the alert above. No clock: it changes only with the incident."""
    blocks = (
        _state(incident),
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
    heading = "Affected services" if incident.open else "Affected services, expected impact"
    affected = worst_first(incident.affected)
    if len(affected) <= SERVICES:
        return [Heading(heading), affected_table(affected, at_most=SERVICES)]
    table = affected_table(affected[:_WORST], at_most=_WORST)
    return [Heading(f"{heading}: the worst {_WORST}"), table, *_by_fate(affected, incident.id)]


def _by_fate(affected: Sequence[Affected], incident: str) -> Iterator[Block]:
    yield Heading("All affected services")
    by_fate, cut_short = dict[Fate, list[str]](), False
    for service in affected:
        by_fate.setdefault(service.fate, []).append(isolated(cut(service.service, _NAME)))
    for fate, names in by_fate.items():
        shown, letters = [], _NAMES
        for name in names:
            letters -= len(name) + 2
            if letters < 0:
                break
            shown.append(name)
        cut_short = cut_short or len(shown) < len(names)
        more = f" and {len(names) - len(shown):,} more" if len(shown) < len(names) else ""
        yield Paragraph(text(EXPECTED[fate], f" ({len(names):,}): {', '.join(shown)}{more}"))
    if cut_short:
        line = f"backstay incidents {incident} --format md"
        yield Paragraph(text("The whole list: ", Span(line, "code")), quiet=True)


def _summary(incident: Incident) -> str:
    number = len(worst_first(incident.affected))
    ours = f"{count(number, 'service')} affected" if number else "No service of ours affected"
    return f"{ours}. Failing: {listed([str(scope) for scope in incident.scopes], SCOPES) or 'unknown'}."


def _state(incident: Incident) -> Pairs:
    state: list[str | Span] = [PHASES[incident.phase]]
    state += [f", wave {incident.wave}"] if incident.wave > 1 else []
    state += [", flapping"] if incident.flapping else []
    pairs: list[tuple[str, Text]] = [("State", text(*state)), ("Incident", text(Span(incident.id, "code")))]
    if incident.handling.escalated_to:
        pairs.append(("Escalated to", text(listed(incident.handling.escalated_to, WORDS))))
    return Pairs(tuple(pairs))


def provider_reports(incident: Incident) -> list[Block]:
    """What the providers' status pages report about it."""
    if not incident.words:
        return [Paragraph(text("No provider has reported it yet."))] if incident.open else []
    first = sorted(incident.words, key=lambda statement: statement.since)
    lines = tuple(_report(statement) for statement in first[:WORDS])
    return [Heading("Provider status pages"), Items(lines, left_out=max(0, len(first) - WORDS))]


def _report(statement: ProviderStatement) -> Text:
    title = Span(f"“{cut(statement.title, _LINE)}”" if statement.title else "no details", link=statement.url)
    state = "" if statement.open else ", resolved there"
    since = Span(at=statement.since)
    return text(f"{statement.provider}: ", SEVERITIES[statement.severity], " since ", since, ", ", title, state)
