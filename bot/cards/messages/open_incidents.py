"""Which incidents are open and which services they affect: sorted, counted and worded once, so that all cards agree.

`incidents`, `status`, `mine` and the digest use this and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.cards.card import Block, Heading, Items, Paragraph, Span, Text, text
from bot.cards.messages.outage_words import impact_line, state_of
from bot.cards.sanitise import cut
from bot.cards.wording import count
from bot.model.incidents import Affected, Incident, OutageState
from checks import Fate

_SHOWN = 5
Hits = Callable[[Affected], bool]
"""Whether a service is one of those that a card is about."""


@dataclass(frozen=True, slots=True)
class OpenIncidents:
    """Open incidents by what they do to some services. The order within each is kept.

    `affecting`: we observe that what they need is down; `maybe`: it is degraded, only reported, or our own network fails;
    `elsewhere`: none of these services needs it.
    """

    affecting: tuple[Incident, ...] = ()
    maybe: tuple[Incident, ...] = ()
    elsewhere: tuple[Incident, ...] = ()

    @property
    def all(self) -> tuple[Incident, ...]:
        """All of them: what affects these services first."""
        return (*self.affecting, *self.maybe, *self.elsewhere)

    @property
    def concerning(self) -> tuple[Incident, ...]:
        """Those that affect these services, or may."""
        return (*self.affecting, *self.maybe)


def anyone(_: Affected) -> bool:
    """All our services."""
    return True


def hit(incident: Incident, hits: Hits = anyone) -> bool:
    """Whether an incident affects, or may affect, any of these services; our own network affects everything."""
    return incident.ours or any(service.fate is not Fate.UNAFFECTED and hits(service) for service in incident.affected)


def unmerged(incidents: Sequence[Incident]) -> tuple[Incident, ...]:
    """The incidents that were not merged into another one, which stands for them."""
    return tuple(incident for incident in incidents if not incident.part_of)


def sorted_open(incidents: Sequence[Incident], hits: Hits = anyone) -> OpenIncidents:
    """The open ones of these incidents by what they do to the services that `hits` chooses."""
    found = [incident for incident in unmerged(incidents) if incident.open]
    ours = [incident for incident in found if hit(incident, hits)]
    surely = tuple(incident for incident in ours if incident.outage is OutageState.DOWN and not incident.ours)
    maybe = tuple(incident for incident in ours if incident not in surely)
    return OpenIncidents(surely, maybe, tuple(incident for incident in found if incident not in ours))


def open_words(found: OpenIncidents, whose: str = "our") -> str:
    """How many are open: `3 incidents open, 1 affecting our services, 2 that may affect them.`."""
    if not found.all:
        return "No incident is open."
    said = f"{count(len(found.all), 'incident')} open, {len(found.affecting):,} affecting {whose} services"
    return said + (f", {len(found.maybe):,} that may affect them." if found.maybe else ".")


def open_data(found: OpenIncidents) -> dict[str, object]:
    """The same for machines."""
    return {
        "open": len(found.all),
        "affecting": [incident.id for incident in found.affecting],
        "may_affect": [incident.id for incident in found.maybe],
    }


def incident_lines(incidents: Sequence[Incident], *, every: bool = False) -> list[Block]:
    """One line for each; nothing where none is open. `every`: these are all that are open, so they are counted too."""
    found = sorted_open(incidents)
    if not found.all:
        return []
    lines = tuple(incident_line(incident) for incident in found.all[:_SHOWN])
    counted = [Paragraph(text(open_words(found)))] if every else []
    return [Heading("Open incidents"), *counted, Items(lines, left_out=max(0, len(found.all) - _SHOWN))]


def my_incidents(incidents: Sequence[Incident] | None, hits: Hits) -> list[Block]:
    """The open incidents that affect somebody's services, and how many others there are. None: nothing is watched."""
    head = Heading("Open incidents")
    if incidents is None:
        return [head, Paragraph(text("Incident detection is off, so incidents are unknown."))]
    found = sorted_open(incidents, hits)
    lines = tuple(incident_line(incident) for incident in found.concerning[:_SHOWN])
    blocks: list[Block] = [head, Paragraph(text(open_words(found, "your")))]
    if lines:
        blocks.append(Items(lines, left_out=max(0, len(found.concerning) - _SHOWN)))
    return blocks


def of_provider(incident: Incident, provider: str) -> bool:
    """Whether an incident is about this provider, or has it as its cause."""
    name = provider.partition(" (")[0]
    cause = incident.cause is not None and incident.cause.provider == name
    return cause or any(scope.provider == name for scope in incident.scopes)


def incident_line(incident: Incident) -> Text:
    """Its state, title, affected services and id."""
    impact = impact_line(incident, incident.affected, briefly=True)
    name, what = Span(incident.id, "code"), Span(cut(incident.title, 120), "bold")
    return text(*state_of(incident), ": ", what, f": {impact} (" if impact else " (", name, ")")
