"""Our own open incidents beside what providers report."""

from collections.abc import Sequence

from bot.cards.card import Block, Heading, Items, Span, Text, text
from bot.cards.messages.outage_words import impact_line, state_of
from bot.cards.sanitise import cut
from bot.model.incidents import Incident

_SHOWN = 5


def incident_lines(incidents: Sequence[Incident]) -> list[Block]:
    """One line for each; nothing where none is open."""
    if not incidents:
        return []
    lines = tuple(_line(incident) for incident in incidents[:_SHOWN])
    return [Heading("Open incidents"), Items(lines, left_out=max(0, len(incidents) - _SHOWN))]


def of_provider(incident: Incident, provider: str) -> bool:
    """Whether an incident is about this provider, or has it as its cause."""
    name = provider.partition(" (")[0]
    cause = incident.cause is not None and incident.cause.provider == name
    return cause or any(scope.provider == name for scope in incident.scopes)


def _line(incident: Incident) -> Text:
    impact = impact_line(incident, incident.affected, briefly=True)
    name, what = Span(incident.id, "code"), Span(cut(incident.title, 120), "bold")
    return text(*state_of(incident), ": ", what, f": {impact} (" if impact else " (", name, ")")
