"""Incidents -> messages: one for each incident and audience, kept up to date; a new one only when it gets worse or ends.

What stands in the channel is short; everything that is known of it stands in the thread of that message.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Card
from bot.cards.messages.alert import alert_card, passed_card
from bot.cards.messages.alert_detail import detail_card
from bot.cards.messages.incident_resolved import closing_card, report_card
from bot.incidents.engine import reason_to_notify
from bot.model import Audience, Message, Priority, Purpose
from bot.model.external_alerts import UNPLACED
from bot.model.incidents import Incident, NotificationReceipt, Response
from bot.model.notifications import NotificationReason, NotificationState, alert_id, concerns, notification_state

UPDATE_AT_MOST = timedelta(seconds=60)
"""A message is brought up to date no more often than this, but for a change of its state or of who is on it."""

_WORTH = timedelta(hours=6)
_DETAIL = "/detail"
_FIGURES = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class AudienceRouting:
    """Who is told, by which routes, and what money is counted in."""

    audiences: Mapping[str, Audience]
    currency: str = ""

    def hears(self, incident: Incident) -> tuple[str, ...]:
        """The audiences that are to know.

        What hits a service that reports to nobody, our own network, and what our monitoring could not place is for all.
        """
        stray = any(one.audience not in self.audiences for one in incident.affected)
        nowhere = any(scope.provider.startswith(UNPLACED) for scope in incident.scopes)
        everybody = incident.ours or stray or (nowhere and not incident.affected)
        return tuple(name for name in self.audiences if everybody or concerns(incident, name))

    def routes(self, audience: str) -> tuple[str, ...]:
        """The names of its routes, in the order they are tried."""
        return tuple(route.name for route in self.audiences[audience].routes)


@dataclass(frozen=True, slots=True)
class MessageFingerprint:
    """What a message says in the channel and in its thread, and when it last changed. Clocks and latencies are no news."""

    alert: str
    detail: str
    handling: Response
    at: datetime


@dataclass(frozen=True, slots=True)
class PlannedNotification:
    """One message for the outbox, and what its audience then knows."""

    message: Message
    routes: tuple[str, ...]
    told: NotificationState
    said: MessageFingerprint


@dataclass(frozen=True, slots=True)
class NotificationPlan:
    """What is to be sent now. `moved`: what was told of an incident that is now part of another, as that one's."""

    posts: tuple[PlannedNotification, ...] = ()
    moved: tuple[NotificationState, ...] = ()


Key = tuple[str, str]
"""An incident and an audience."""


@dataclass(slots=True)
class Notifier:
    """What every audience was told, and what it is to hear next. Nothing is remembered of `due` until it is `sent`."""

    office: AudienceRouting
    _told: dict[Key, NotificationState] = field(default_factory=dict)
    _said: dict[Key, MessageFingerprint] = field(default_factory=dict)

    def load(self, told: Iterable[NotificationState]) -> None:
        """Take up what was told before a restart, or by another replica."""
        self._told |= {(one.incident, one.audience): one for one in told}

    def due(
        self,
        incidents: Iterable[Incident],
        now: datetime,
        merged: Mapping[str, str] | None = None,
        heard: Mapping[str, Sequence[NotificationReceipt]] | None = None,
    ) -> NotificationPlan:
        """What is to be sent now. An incident that hits nobody of us is told to nobody: it is a line in the digest.

        Args:
            incidents: all that are open, and those that ended lately.
            now: UTC.
            merged: incidents that are now part of another one: theirs -> that one's id.
            heard: who was told of those that end now, by their ids.
        """
        every = {one.id: one for one in incidents}
        known, posts, moved = dict(self._told), list[PlannedNotification](), list[NotificationState]()
        for (name, audience), told in self._told.items():
            base = every.get((merged or {}).get(name, ""))
            if base is None or audience not in self.office.audiences:
                continue
            if other := known.get(
                (base.id, audience)
            ):  # two messages tell of one thing now: the younger incident's says so
                posts.append(self._change(told, passed_card(base, below=other.at > told.at), base, now))
            else:
                known[base.id, audience] = replace(told, incident=base.id)
                moved.append(known[base.id, audience])
        for one in every.values():
            for audience in self._audiences(one, known):
                posts += self._of(one, audience, known.get((one.id, audience)), (heard or {}).get(one.id, ()), now)
        return NotificationPlan(tuple(posts), tuple(moved))

    def sent(self, due: NotificationPlan) -> None:
        """It is in the outbox now."""
        for told in due.moved:
            self._told[told.incident, told.audience] = told
        for post in due.posts:
            key = post.told.incident, post.told.audience
            self._told[key], self._said[key] = post.told, post.said

    def _audiences(self, incident: Incident, known: Mapping[Key, NotificationState]) -> list[str]:
        those = [name for about, name in known if about == incident.id and name in self.office.audiences]
        return list(dict.fromkeys((*self.office.hears(incident), *those)))

    def _of(
        self,
        incident: Incident,
        audience: str,
        told: NotificationState | None,
        heard: Sequence[NotificationReceipt],
        now: datetime,
    ) -> Iterator[PlannedNotification]:
        kind = reason_to_notify(told, incident, audience, now)
        if kind is NotificationReason.RESOLVED and told is not None:
            yield from self._ended(incident, told, heard, now)
        elif kind is not None and kind.interrupts:
            yield from self._anew(incident, audience, told, kind, now)
        elif kind is not None and told is not None:
            yield from self._updated(incident, told, now)

    def _anew(
        self, incident: Incident, audience: str, told: NotificationState | None, kind: NotificationReason, now: datetime
    ) -> Iterator[PlannedNotification]:
        """A new message with its thread; the one before it, if it still looks new, says that this one is there."""
        after = self._next(incident, audience, told, kind, now)
        before = told if told is not None and told.open else None
        yield from self._with_detail(
            after, self._card(incident, audience, now), detail_card(incident), incident, now, before, kind
        )
        if before is not None:
            yield replace(self._change(before, passed_card(incident), incident, now), told=after)

    def _ended(
        self, incident: Incident, told: NotificationState, heard: Sequence[NotificationReceipt], now: datetime
    ) -> Iterator[PlannedNotification]:
        """The last message, its report under it; what stood there until now says that it is over."""
        after = self._next(incident, told.audience, told, NotificationReason.RESOLVED, now)
        closing = closing_card(incident, heard, now=now, currency=self.office.currency)
        report = report_card(incident, heard, now=now, currency=self.office.currency)
        yield from self._with_detail(after, closing, report, incident, now, told, NotificationReason.RESOLVED)
        alert = self._change(told, self._card(incident, told.audience, now), incident, now)
        detail = self._change(told, detail_card(incident), incident, now, purpose=Purpose.ALERT_DETAIL)
        yield from (replace(alert, told=after), replace(detail, told=after))

    def _next(
        self, incident: Incident, audience: str, told: NotificationState | None, kind: NotificationReason, now: datetime
    ) -> NotificationState:
        step = told.step + 1 if told else 1
        name = alert_id(incident.id, audience, kind, wave=incident.wave, step=step)
        return notification_state(incident, audience, name, now, step)

    def _with_detail(  # noqa: PLR0913, PLR0917 - a message and all that it goes with
        self,
        told: NotificationState,
        card: Card,
        detail: Card,
        incident: Incident,
        now: datetime,
        before: NotificationState | None,
        reason: NotificationReason,
    ) -> Iterator[PlannedNotification]:
        first = self._message(told.message, told, card.dump(), Purpose.ALERT, reason, now)
        first = replace(first, outdates=before.message if before else "")
        under = self._message(f"{told.message}{_DETAIL}", told, detail.dump(), Purpose.ALERT_DETAIL, reason, now)
        yield self._post(first, told, incident, now)
        yield self._post(replace(under, under=told.message, priority=Priority.REPLY), told, incident, now)

    def _updated(self, incident: Incident, told: NotificationState, now: datetime) -> Iterator[PlannedNotification]:
        after, key = told.updated(incident), (incident.id, told.audience)
        fresh, said = fingerprint_of(incident, now), self._said.get(key)
        at_once = told.phase is not incident.phase or (said is not None and said.handling != incident.handling)
        if not at_once and now - (said.at if said else told.at) < UPDATE_AT_MOST:
            return
        if at_once or said is None or said.alert != fresh.alert:
            yield self._change(after, self._card(incident, told.audience, now), incident, now)
        if at_once or said is None or said.detail != fresh.detail:
            yield self._change(after, detail_card(incident), incident, now, purpose=Purpose.ALERT_DETAIL)

    def _card(self, incident: Incident, audience: str, now: datetime) -> Card:
        return alert_card(incident, now=now, currency=self.office.currency, audience=audience)

    def _change(
        self,
        told: NotificationState,
        card: Card,
        incident: Incident,
        now: datetime,
        purpose: Purpose = Purpose.ALERT,
    ) -> PlannedNotification:
        """A message, or its detail, as it is from now on."""
        is_detail, dumped = purpose is Purpose.ALERT_DETAIL, card.dump()
        changed = f"{told.message}{_DETAIL}" if is_detail else told.message
        # Of two changes in one second each leaves; of two replicas that make the same one only the first's does.
        digest = hashlib.sha256(json.dumps(dumped, sort_keys=True).encode(errors="replace")).hexdigest()[:8]
        id = f"{changed}:{now:%Y%m%dT%H%M%S}:{digest}"  # noqa: A001 - the field's own name
        made = self._message(id, told, dumped, purpose, NotificationReason.UPDATE, now)
        priority = Priority.REPLY if is_detail else Priority.ALERT
        return self._post(replace(made, replaces=changed, priority=priority), told, incident, now)

    def _message(  # noqa: PLR0913, PLR0917 - all that a message carries
        self,
        name: str,
        told: NotificationState,
        card: Mapping[str, Any],
        purpose: Purpose,
        reason: NotificationReason,
        now: datetime,
    ) -> Message:
        message = Message(name, told.audience, card, Priority.ALERT, name, now, now + _WORTH)
        return replace(message, purpose=purpose, incident=told.incident, reason=reason.value)

    def _post(
        self, message: Message, told: NotificationState, incident: Incident, now: datetime
    ) -> PlannedNotification:
        return PlannedNotification(message, self.office.routes(told.audience), told, fingerprint_of(incident, now))


def fingerprint_of(incident: Incident, now: datetime) -> MessageFingerprint:
    """What a reader would miss if it changed."""
    words = [(word.provider, word.open, word.title) for word in incident.words]
    hit = [(one.service, one.fate, one.first_steps) for one in incident.affected]
    alert = repr((incident.phase, incident.wave, incident.severity, incident.title, words, hit, incident.handling))
    evidence = sorted({_FIGURES.sub("#", one) for one in incident.evidence})
    detail = repr((alert, incident.scopes, incident.cause, evidence, incident.timeline))
    return MessageFingerprint(alert, detail, incident.handling, now)
