"""Incidents -> messages: one for each incident and audience, kept up to date; a new one only when it gets worse or ends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.cards.incident import incident_card
from bot.incidents import News, Told, concerns, news, told_of
from bot.ports import Audience, Message, Priority
from bot.signals import OwnIncident

UPDATE_AT_MOST = timedelta(seconds=60)
"""A message is brought up to date no more often than this, but for a change of its state."""

_WORTH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Office:
    """Who is told, by which routes, and what money is counted in."""

    audiences: Mapping[str, Audience]
    currency: str = ""

    def hears(self, incident: OwnIncident) -> tuple[str, ...]:
        """The audiences that are to know. What hits a service that reports to nobody, or our own network, is for all."""
        stray = any(one.audience not in self.audiences for one in incident.affected)
        everybody = incident.ours or stray
        return tuple(name for name in self.audiences if everybody or concerns(incident, name))


@dataclass(frozen=True, slots=True)
class Post:
    """One message for the outbox, and what its audience then knows. `content` tells what it says from what was said."""

    message: Message
    routes: tuple[str, ...]
    told: Told
    content: str
    at: datetime


@dataclass(slots=True)
class Telling:
    """What every audience was told, and what it is to hear next."""

    office: Office
    _told: dict[tuple[str, str], Told] = field(default_factory=dict)
    _said: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)

    def load(self, told: Iterable[Told]) -> None:
        """Take up what was told before a restart."""
        self._told |= {(one.incident, one.audience): one for one in told}

    def merge(self, merged: Mapping[str, str]) -> None:
        """What was told of an incident that is now part of another goes on as that one's message."""
        for (incident, audience), told in list(self._told.items()):
            base = merged.get(incident)
            if base is not None and (base, audience) not in self._told:
                self._told[base, audience] = replace(told, incident=base)

    def due(self, incidents: Iterable[OwnIncident], now: datetime) -> tuple[Post, ...]:
        """What is to be sent now. An incident that hits nobody of us is told to nobody: it is a line in the digest."""
        return tuple(post for one in incidents for name in self._audiences(one) for post in self._of(one, name, now))

    def sent(self, posts: Sequence[Post]) -> None:
        """These were accepted by the outbox."""
        for post in posts:
            key = post.told.incident, post.told.audience
            self._told[key] = post.told
            self._said[key] = post.content, post.at

    def _audiences(self, incident: OwnIncident) -> list[str]:
        known = [name for about, name in self._told if about == incident.id and name in self.office.audiences]
        return list(dict.fromkeys((*self.office.hears(incident), *known)))

    def _of(self, incident: OwnIncident, audience: str, now: datetime) -> Iterator[Post]:
        told = self._told.get((incident.id, audience))
        kind = news(told, incident, audience, now)
        if kind is None:
            return
        content = _content(incident)
        if told is not None and (kind is News.UPDATE or kind is News.RESOLVED):
            said, at = self._said.get((incident.id, audience), ("", told.at))
            moved = told.phase is not incident.phase
            if moved or (content != said and now - at >= UPDATE_AT_MOST):
                yield self._post(incident, told.updated(incident), told.message, content, now)
        if kind.interrupts:
            message = f"alert:{incident.id}:{audience}:{kind}:{now:%Y%m%dT%H%M%S}"
            yield self._post(incident, told_of(incident, audience, message, now), "", content, now)

    def _post(self, incident: OwnIncident, told: Told, replaces: str, content: str, now: datetime) -> Post:
        name = f"{told.message}:{now:%Y%m%dT%H%M%S}" if replaces else told.message
        card = incident_card(incident, now=now, currency=self.office.currency)
        message = Message(name, told.audience, card.dump(), Priority.ALERT, name, now, now + _WORTH, replaces)
        routes = tuple(route.name for route in self.office.audiences[told.audience].routes)
        return Post(message, routes, told, content, now)


def _content(incident: OwnIncident) -> str:
    """What a reader would miss if it changed. Latencies and clocks are no news."""
    words = [(word.provider, word.open, word.title) for word in incident.words]
    hit = [(one.service, one.fate) for one in incident.affected]
    return repr((incident.phase, incident.wave, incident.severity, incident.title, words, hit, incident.handling))
