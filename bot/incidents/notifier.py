"""Plans the messages about incidents: one for each incident and audience, edited in place while it lasts.

A new one is sent only when the incident gets worse, comes back or is resolved. The message in the channel is short; all
details are in its thread.
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
from bot.model.external_alerts import source_of_unplaced
from bot.model.incidents import Incident, NotificationReceipt, Phase, Response
from bot.model.notifications import NotificationReason, NotificationState, alert_id, concerns, notification_state

UPDATE_AT_MOST = timedelta(seconds=60)
"""The least time between two updates of a message, except for a change of its phase or of who responds to it."""

_EXPIRES_AFTER = timedelta(hours=6)
_DETAIL = "/detail"
_FIGURES = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class AudienceRouting:
    """The audiences with their routes, and the currency of revenue at risk."""

    audiences: Mapping[str, Audience]
    currency: str = ""

    def notified_of(self, incident: Incident) -> tuple[str, ...]:
        """The audiences to notify.

        All of them for our own network, for alerts without a location, and for an affected service without an audience.
        """
        no_audience = any(service.audience not in self.audiences for service in incident.affected)
        no_location = any(source_of_unplaced(scope.provider) for scope in incident.scopes)
        everybody = incident.ours or no_audience or (no_location and not incident.affected)
        return tuple(name for name in self.audiences if everybody or concerns(incident, name))

    def routes(self, audience: str) -> tuple[str, ...]:
        """The names of an audience's routes, in the order in which they are tried."""
        return tuple(route.name for route in self.audiences[audience].routes)


@dataclass(frozen=True, slots=True)
class MessageFingerprint:
    """The content of a message and of its thread, and when it last changed. Times and latencies are left out."""

    alert: str
    detail: str
    response: Response
    at: datetime


@dataclass(frozen=True, slots=True)
class PlannedNotification:
    """One message for the outbox, and the state of its audience once it is sent."""

    message: Message
    routes: tuple[str, ...]
    state: NotificationState
    fingerprint: MessageFingerprint


@dataclass(frozen=True, slots=True)
class NotificationPlan:
    """What to send now. `moved`: states of merged incidents, under the id of the incident that took them in."""

    posts: tuple[PlannedNotification, ...] = ()
    moved: tuple[NotificationState, ...] = ()


Key = tuple[str, str]
"""An incident and an audience."""


@dataclass(slots=True)
class Notifier:
    """Plans what each audience is sent next. A plan counts only once `sent` is called with it."""

    routing: AudienceRouting
    _states: dict[Key, NotificationState] = field(default_factory=dict)
    _fingerprints: dict[Key, MessageFingerprint] = field(default_factory=dict)

    def load(self, states: Iterable[NotificationState]) -> None:
        """Take in what was sent before a restart, or by another replica."""
        self._states |= {(state.incident, state.audience): state for state in states}

    def due(
        self,
        incidents: Iterable[Incident],
        now: datetime,
        merged: Mapping[str, str] | None = None,
        receipts: Mapping[str, Sequence[NotificationReceipt]] | None = None,
    ) -> NotificationPlan:
        """What to send now. An incident that affects no service of ours is sent to nobody: it is a line in the digest.

        Args:
            incidents: the open ones, and those resolved lately.
            now: UTC.
            merged: id of a merged incident -> id of the incident that took it in.
            receipts: who was notified of the incidents that end now, by id.
        """
        by_id = {incident.id: incident for incident in incidents}
        known, posts, moved = dict(self._states), list[PlannedNotification](), list[NotificationState]()
        for (name, audience), state in self._states.items():
            base = by_id.get((merged or {}).get(name, ""))
            if base is None or audience not in self.routing.audiences:
                continue
            other = known.get((base.id, audience))
            if other:  # two messages are about one incident now: the one of the merged incident links to the other
                posts.append(self._change(state, passed_card(base, below=other.at > state.at), base, now))
            else:
                known[base.id, audience] = replace(state, incident=base.id)
                moved.append(known[base.id, audience])
        for incident in by_id.values():
            for audience in self._audiences(incident, known):
                last = known.get((incident.id, audience))
                posts += self._posts(incident, audience, last, (receipts or {}).get(incident.id, ()), now)
        return NotificationPlan(tuple(posts), tuple(moved))

    def sent(self, plan: NotificationPlan) -> None:
        """Remember a plan whose messages are in the outbox now."""
        for state in plan.moved:
            self._states[state.incident, state.audience] = state
        for post in plan.posts:
            key = post.state.incident, post.state.audience
            self._states[key], self._fingerprints[key] = post.state, post.fingerprint

    def _audiences(self, incident: Incident, known: Mapping[Key, NotificationState]) -> list[str]:
        before = [name for about, name in known if about == incident.id and name in self.routing.audiences]
        return list(dict.fromkeys((*self.routing.notified_of(incident), *before)))

    def _posts(
        self,
        incident: Incident,
        audience: str,
        last: NotificationState | None,
        receipts: Sequence[NotificationReceipt],
        now: datetime,
    ) -> Iterator[PlannedNotification]:
        reason = reason_to_notify(last, incident, audience, now)
        if reason is NotificationReason.RESOLVED and last is not None:
            yield from self._resolved(incident, last, receipts, now)
        elif reason is not None and reason.interrupts:
            yield from self._new_message(incident, audience, last, reason, now)
        elif reason is not None and last is not None:
            yield from self._updated(incident, last, now)

    def _new_message(
        self,
        incident: Incident,
        audience: str,
        last: NotificationState | None,
        reason: NotificationReason,
        now: datetime,
    ) -> Iterator[PlannedNotification]:
        """A new message with its thread; the one before it, if it still looks current, links to the new one."""
        state = _next_state(incident, audience, last, reason, now)
        before = last if last is not None and last.open else None
        yield from self._with_detail(
            state, self._card(incident, audience), detail_card(incident), incident, now, before, reason
        )
        if before is not None:
            yield replace(self._change(before, passed_card(incident), incident, now), state=state)

    def _resolved(
        self, incident: Incident, last: NotificationState, receipts: Sequence[NotificationReceipt], now: datetime
    ) -> Iterator[PlannedNotification]:
        """The last message with its report in the thread; the message so far says that the incident is resolved."""
        state = _next_state(incident, last.audience, last, NotificationReason.RESOLVED, now)
        closing = closing_card(incident, receipts, now=now, currency=self.routing.currency)
        report = report_card(incident, receipts, now=now, currency=self.routing.currency)
        yield from self._with_detail(state, closing, report, incident, now, last, NotificationReason.RESOLVED)
        alert = self._change(last, self._card(incident, last.audience), incident, now)
        detail = self._change(last, detail_card(incident), incident, now, purpose=Purpose.ALERT_DETAIL)
        yield from (replace(alert, state=state), replace(detail, state=state))

    def _with_detail(  # noqa: PLR0913, PLR0917 - a message and everything that belongs to it
        self,
        state: NotificationState,
        card: Card,
        detail: Card,
        incident: Incident,
        now: datetime,
        before: NotificationState | None,
        reason: NotificationReason,
    ) -> Iterator[PlannedNotification]:
        first = _message(state.message, state, card.dump(), Purpose.ALERT, reason, now)
        first = replace(first, outdates=before.message if before else "")
        under = _message(f"{state.message}{_DETAIL}", state, detail.dump(), Purpose.ALERT_DETAIL, reason, now)
        yield self._planned(first, state, incident, now)
        yield self._planned(replace(under, under=state.message, priority=Priority.REPLY), state, incident, now)

    def _updated(self, incident: Incident, last: NotificationState, now: datetime) -> Iterator[PlannedNotification]:
        state, shown = last.updated(incident), self._fingerprints.get((incident.id, last.audience))
        fresh = fingerprint_of(incident, now)
        at_once = last.phase is not incident.phase or (shown is not None and shown.response != incident.handling)
        if not at_once and now - (shown.at if shown else last.at) < UPDATE_AT_MOST:
            return
        if at_once or shown is None or shown.alert != fresh.alert:
            yield self._change(state, self._card(incident, last.audience), incident, now)
        if at_once or shown is None or shown.detail != fresh.detail:
            yield self._change(state, detail_card(incident), incident, now, purpose=Purpose.ALERT_DETAIL)

    def _card(self, incident: Incident, audience: str) -> Card:
        return alert_card(incident, currency=self.routing.currency, audience=audience)

    def _change(
        self,
        state: NotificationState,
        card: Card,
        incident: Incident,
        now: datetime,
        purpose: Purpose = Purpose.ALERT,
    ) -> PlannedNotification:
        """An edit of an audience's message, or of the detail in its thread."""
        is_detail, dumped = purpose is Purpose.ALERT_DETAIL, card.dump()
        changed = f"{state.message}{_DETAIL}" if is_detail else state.message
        # Two different edits within a second are both sent; of two replicas that make the same edit only one is.
        digest = hashlib.sha256(json.dumps(dumped, sort_keys=True).encode(errors="replace")).hexdigest()[:8]
        id = f"{changed}:{now:%Y%m%dT%H%M%S}:{digest}"  # noqa: A001 - the field's own name
        edit = _message(id, state, dumped, purpose, NotificationReason.UPDATE, now)
        priority = Priority.REPLY if is_detail else Priority.ALERT
        return self._planned(replace(edit, replaces=changed, priority=priority), state, incident, now)

    def _planned(
        self, message: Message, state: NotificationState, incident: Incident, now: datetime
    ) -> PlannedNotification:
        return PlannedNotification(message, self.routing.routes(state.audience), state, fingerprint_of(incident, now))


def _next_state(
    incident: Incident, audience: str, last: NotificationState | None, reason: NotificationReason, now: datetime
) -> NotificationState:
    step = last.step + 1 if last else 1
    name = alert_id(incident.id, audience, reason, wave=incident.wave, step=step)
    return notification_state(incident, audience, name, now, step)


def _message(  # noqa: PLR0913, PLR0917 - everything that a message carries
    name: str,
    state: NotificationState,
    card: Mapping[str, Any],
    purpose: Purpose,
    reason: NotificationReason,
    now: datetime,
) -> Message:
    message = Message(name, state.audience, card, Priority.ALERT, name, now, now + _EXPIRES_AFTER)
    return replace(message, purpose=purpose, incident=state.incident, reason=reason.value)


def fingerprint_of(incident: Incident, now: datetime) -> MessageFingerprint:
    """The parts of an incident whose change is worth an update of its messages. `now`: UTC."""
    statements = [(word.provider, word.open, word.title) for word in incident.words]
    affected = [(service.service, service.fate, service.first_steps) for service in incident.affected]
    alert = repr(
        (
            incident.phase,
            incident.wave,
            incident.severity,
            incident.title,
            statements,
            affected,
            incident.handling,
            incident.quiet_since if incident.phase is Phase.MONITORING else None,
        )
    )
    evidence = sorted({_FIGURES.sub("#", line) for line in incident.evidence})
    detail = repr((alert, incident.scopes, incident.cause, evidence, incident.timeline))
    return MessageFingerprint(alert, detail, incident.handling, now)
