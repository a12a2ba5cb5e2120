"""Plans the messages about incidents: one for each incident and audience, edited in place while it lasts.

A new one is sent only when the incident gets worse, comes back or is resolved, within the limits of
`bot.incidents.engine.notification_rules`. The message in the channel is short; all details are in its thread.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.cards.card import Card
from bot.cards.messages.alert import alert_card, passed_card
from bot.cards.messages.alert_detail import detail_card
from bot.cards.messages.incident_resolved import closing_card, report_card
from bot.incidents.engine import reason_to_notify
from bot.incidents.engine.notification_rules import ends_after, may_interrupt
from bot.incidents.fingerprint import MessageFingerprint, fingerprint_of
from bot.incidents.routing import AudienceRouting
from bot.model import Message, Priority, Purpose
from bot.model.incidents import Incident, NotificationReceipt, Phase
from bot.model.notifications import ENDS, NotificationReason, NotificationState, next_notification

UPDATE_AT_MOST = timedelta(seconds=60)
"""The least time between two updates of a message, except for a change of its phase or of who responds to it."""

_EXPIRES_AFTER, _END_EXPIRES_AFTER = timedelta(hours=6), timedelta(days=3)
_DETAIL = "/detail"


@dataclass(frozen=True, slots=True)
class PlannedNotification:
    """One message for the outbox, and the state of its audience once it is sent.

    `if_open`: only where its one route told the beginning of the alert and not its end.
    """

    message: Message
    routes: tuple[str, ...]
    state: NotificationState
    fingerprint: MessageFingerprint
    if_open: bool = False


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
    _ours: set[str] = field(default_factory=set)

    def load(self, states: Iterable[NotificationState]) -> None:
        """Take in what was sent before a restart, or by another replica."""
        self._states |= {(state.incident, state.audience): state for state in states}

    def ending(self, incidents: Iterable[Incident]) -> list[str]:
        """The ids of those incidents that are resolved and whose end some audience may have to be told."""
        over = {incident.id for incident in incidents if not incident.open and not incident.part_of}
        told = [state for state in self._states.values() if state.incident in over]
        return sorted({state.incident for state in told if state.open or (state.reason and not state.ended)})

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
        self._ours |= {incident.id for incident in by_id.values() if incident.ours}
        known, posts, moved = dict(self._states), list[PlannedNotification](), list[NotificationState]()
        for (name, audience), state in self._states.items():
            base = by_id.get((merged or {}).get(name, ""))
            if base is None or audience not in self.routing.audiences:
                continue
            other = known.get((base.id, audience))
            if other:  # two messages are about one incident now: the one of the merged incident links to the other
                passed = replace(state, phase=Phase.RESOLVED)
                card = passed_card(base, below=other.at > state.at)
                posts.append(self._change(passed, card, base, now, reason=NotificationReason.MERGED))
            else:
                known[base.id, audience] = replace(state, incident=base.id, alert_key=state.key)
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
        reason = reason_to_notify(last, incident, audience, now, edits=self.routing.edits(audience))
        if reason is NotificationReason.OPENED and incident.ours and not self._may_tell_ours(incident, audience, now):
            return
        if last is not None and reason is not None:
            yield from self._acknowledged(incident, last, now)
        if reason is NotificationReason.RESOLVED and last is not None:
            yield from self._resolved(incident, last, receipts, now)
        elif reason is not None and reason.interrupts:
            yield from self._new_message(incident, audience, last, reason, now)
        elif reason is not None and last is not None:
            yield from self._updated(incident, last, receipts, now)

    def _may_tell_ours(self, incident: Incident, audience: str, now: datetime) -> bool:
        """Whether the limits allow one more message: each failure of our own network is an incident of its own."""
        told = [self._states.get((name, audience)) for name in self._ours]
        times = [at for state in told if state is not None for at in state.interrupted]
        return may_interrupt(times, now, ends_after(incident))

    def _acknowledged(
        self, incident: Incident, last: NotificationState, now: datetime
    ) -> Iterator[PlannedNotification]:
        """Paging services learn that somebody responds, so that they call nobody else."""
        if not incident.open or not incident.handling.acknowledged_by or last.acknowledged_by:
            return
        state, card = last.updated(incident), self._card(incident, last.audience).dump()
        for route in self.routing.paging(last.audience):
            name = f"{last.message}/acknowledged:{route}"
            told = _message(name, state, card, Purpose.FOLLOW_UP, NotificationReason.ACKNOWLEDGED, now)
            planned = self._planned(replace(told, priority=Priority.REPLY), state, incident, now)
            yield replace(planned, routes=(route,), if_open=True)

    def _new_message(
        self,
        incident: Incident,
        audience: str,
        last: NotificationState | None,
        reason: NotificationReason,
        now: datetime,
    ) -> Iterator[PlannedNotification]:
        """A new message with its thread; the one before it, if it still looks current, links to the new one."""
        state = next_notification(incident, audience, last, reason, now)
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
        state = next_notification(incident, last.audience, last, NotificationReason.RESOLVED, now)
        closing, report = self._closing(incident, receipts, now)
        yield from self._with_detail(state, closing, report, incident, now, last, NotificationReason.RESOLVED)
        alert = self._change(last, self._card(incident, last.audience), incident, now)
        detail = self._change(last, detail_card(incident), incident, now, purpose=Purpose.ALERT_DETAIL)
        yield from (replace(alert, state=state), replace(detail, state=state))

    def _closing(self, incident: Incident, receipts: Sequence[NotificationReceipt], now: datetime) -> tuple[Card, Card]:
        currency = self.routing.currency_of(incident)
        closing = closing_card(incident, receipts, now=now, currency=currency)
        return closing, report_card(incident, receipts, now=now, currency=currency)

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

    def _updated(
        self, incident: Incident, last: NotificationState, receipts: Sequence[NotificationReceipt], now: datetime
    ) -> Iterator[PlannedNotification]:
        state, shown = last.updated(incident), self._fingerprints.get((incident.id, last.audience))
        fresh = fingerprint_of(incident, now)
        at_once = last.phase is not incident.phase or (shown is not None and shown.response != incident.handling)
        at_once = at_once or last.acknowledged_by != incident.handling.acknowledged_by
        if not at_once and now - (shown.at if shown else last.at) < UPDATE_AT_MOST:
            return
        card, detail = self._card(incident, last.audience), detail_card(incident)
        if last.ended and not incident.open:
            card, detail = self._closing(incident, receipts, now)
        if at_once or shown is None or shown.alert != fresh.alert:
            yield self._change(state, card, incident, now)
        if at_once or shown is None or shown.detail != fresh.detail:
            yield self._change(state, detail, incident, now, purpose=Purpose.ALERT_DETAIL)

    def _card(self, incident: Incident, audience: str) -> Card:
        return alert_card(incident, currency=self.routing.currency_of(incident), audience=audience)

    def _change(  # noqa: PLR0913 - an edit and everything that belongs to it
        self,
        state: NotificationState,
        card: Card,
        incident: Incident,
        now: datetime,
        *,
        purpose: Purpose = Purpose.ALERT,
        reason: NotificationReason = NotificationReason.UPDATE,
    ) -> PlannedNotification:
        """An edit of an audience's message, or of the detail in its thread."""
        is_detail, dumped = purpose is Purpose.ALERT_DETAIL, card.dump()
        changed = f"{state.message}{_DETAIL}" if is_detail else state.message
        # Two different edits within a second are both sent; of two replicas that make the same edit only one is.
        digest = hashlib.sha256(json.dumps(dumped, sort_keys=True).encode(errors="replace")).hexdigest()[:8]
        id = f"{changed}:{now:%Y%m%dT%H%M%S}:{digest}"  # noqa: A001 - the field's own name
        edit = _message(id, state, dumped, purpose, reason, now)
        priority = Priority.REPLY if is_detail else Priority.ALERT
        return self._planned(replace(edit, replaces=changed, priority=priority), state, incident, now)

    def _planned(
        self, message: Message, state: NotificationState, incident: Incident, now: datetime
    ) -> PlannedNotification:
        if incident.ours and not message.replaces and message.priority is Priority.ALERT:
            message = replace(message, priority=Priority.REPORT)  # nobody is woken for it
        return PlannedNotification(message, self.routing.routes(state.audience), state, fingerprint_of(incident, now))


def _message(  # noqa: PLR0913, PLR0917 - everything that a message carries
    name: str,
    state: NotificationState,
    card: Mapping[str, Any],
    purpose: Purpose,
    reason: NotificationReason,
    now: datetime,
) -> Message:
    lasts = _END_EXPIRES_AFTER if reason in ENDS else _EXPIRES_AFTER
    message = Message(name, state.audience, card, Priority.ALERT, name, now, now + lasts)
    return replace(message, purpose=purpose, incident=state.incident, reason=reason.value, alert_key=state.key)
