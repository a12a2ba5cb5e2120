"""Sends messages as alerts to PagerDuty's Events API v2: an incident is one alert from its beginning to its end.

The alert of an incident is triggered, acknowledged and resolved under one deduplication key. PagerDuty drops an
acknowledgement or a resolution of an alert that is not open, and a trigger after a resolution opens a new one
(developer.pagerduty.com, Events API v2, "Send an alert event": `event_action`, `dedup_key`).
"""

import hashlib
import json
from typing import Any, ClassVar

from bot.cards.card import Tone
from bot.cards.sanitise import clean, cut
from bot.delivery.routing.content import content, is_acknowledgement, is_end, key_of
from bot.delivery.routing.context import Options, RouteContext
from bot.model import Message, Priority, Proof, Purpose, Refused, Result, RouteSpec, Sent
from bot.net.http import Address, post, reach
from bot.net.web_addresses import unlinked

EVENTS = "https://events.pagerduty.com/v2/enqueue"
"""Accounts in PagerDuty's European region have `events.eu.pagerduty.com`."""

# developer.pagerduty.com, Events API v2, "Send an alert event": limits of the fields, and of the whole event.
_LONGEST_KEY = 255
_LONGEST_SUMMARY = 1024
_MOST_BYTES = 512 * 1024
_SEVERITY: dict[Tone, str] = {"good": "info", "neutral": "info", "warning": "warning", "bad": "error"}
_PAGING = (Purpose.ALERT, Purpose.BROADCAST, Purpose.ZONE_ALARM, None)
"""What may page as critical; a report may be an `error` at most, and a test is an `info`."""


class Settings(Options):
    """`routing_key` is the reference to a service's integration key; `url` is for other regions and proxies."""

    routing_key: str
    url: str = EVENTS
    allow_private: bool = False


class PagerDuty:
    """One PagerDuty service. It recognises repeats by the deduplication key: of the incident, else of the message."""

    kind: ClassVar[str] = "pagerduty"

    def __init__(self, name: str, address: Address, key: str, context: RouteContext) -> None:
        self.name = name
        self.platform = address.authority
        self._address = address
        self._key = key
        self._context = context

    async def prove(self) -> Proof:
        """Check that the address answers."""
        return await reach(self._address, self._context)

    async def send(self, message: Message, attempt: int) -> Result:  # noqa: ARG002 - PagerDuty knows repeats by the key
        """Trigger, acknowledge or resolve the alert; where an earlier attempt did, this changes nothing."""
        try:
            body = json.dumps(self._event(message), ensure_ascii=False).encode(errors="replace")
        except ValueError:
            return Refused("the card cannot be read")
        if len(body) > _MOST_BYTES:
            return Refused(f"the event has {len(body)} bytes, more than PagerDuty's limit of {_MOST_BYTES}")
        result = await post(self._address, body, {"Content-Type": "application/json"}, self._context)
        return Sent(_key(message)) if isinstance(result, Sent) else result

    def _event(self, message: Message) -> dict[str, Any]:
        action = "resolve" if is_end(message) else "acknowledge" if is_acknowledgement(message) else "trigger"
        event: dict[str, Any] = {
            "routing_key": self._key,
            "event_action": action,
            "dedup_key": _key(message),
            "client": "backstay",
        }
        return event | self._payload(message) if action == "trigger" else event

    def _payload(self, message: Message) -> dict[str, Any]:
        fields = content(message)
        summary = clean(f"{fields['title']}: {unlinked(str(message.card.get('summary', '')))}")
        return {
            "payload": {
                "summary": cut(summary, _LONGEST_SUMMARY),
                "source": "backstay",
                "severity": _severity(message),
                "timestamp": fields["created_at"] or self._context.clock().isoformat(),
                "class": fields["kind"],
                "group": message.audience,
                "custom_details": {"text": fields["text"], "delivery": message.id, "data": fields["data"]},
            },
        }


def _severity(message: Message) -> str:
    tone: Tone = message.card.get("tone", "neutral")
    if message.purpose is Purpose.FALLBACK_TEST:
        return "info"
    critical = message.priority is Priority.ALERT and tone == "bad" and message.purpose in _PAGING
    return "critical" if critical else _SEVERITY[tone]


def _key(message: Message) -> str:
    return deduplication_key(key_of(message) if message.incident else message.id)


def deduplication_key(key: str) -> str:
    """The key of an incident or a message, or its digest where it is too long for PagerDuty."""
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode(errors="replace")).hexdigest()


def build(spec: RouteSpec, context: RouteContext) -> PagerDuty:
    """Build the route.

    Raises:
        RouteError: a setting is wrong.
    """
    settings = Settings.of(spec)
    url, private = context.resolve(settings.url), settings.allow_private
    address = Address.parse(url, route=spec.name, outgoing=context.outgoing, allow_private=private)
    return PagerDuty(spec.name, address, context.resolve(settings.routing_key), context)
