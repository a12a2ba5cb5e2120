"""One of everything that a ledger holds, made of the types of whichever version of backstay is asked for them.

The process of an earlier version writes these and a test expects them, so this module imports nothing of backstay itself.
"""

import importlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLACK, PAGER = "slack:#payments", "webhook:pager"
OPEN, OVER = "aws-us-east-1-1123-0900", "stripe-1122-0900"
ALERT = f"alert:{OPEN}:payments:opened:1:1"

_CHECKS = {name: f"checks:{name}" for name in ("Fate", "Scope", "Severity", "Waiver")}
_DELIVERY = ("Message", "Priority", "Receipt", "Conversation")
_FEEDS = ("FeedReading", "FeedComponent", "ProviderIncident", "IncidentUpdate", "IncidentState", "IncidentSeverity")
_PEOPLE = ("Subscription", "Broadcast", "RunbookCopy")
_INCIDENTS = ("Affected", "Health", "Phase", "Signal")
BEFORE: Mapping[str, str] = {
    **_CHECKS,
    **{name: f"bot.ports:{name}" for name in (*_DELIVERY, *_FEEDS)},
    **{name: f"bot.people:{name}" for name in _PEOPLE},
    **{name: f"bot.signals:{name}" for name in _INCIDENTS},
    "AttestationRecord": "bot.people:Vouched",
    "AuditLogEntry": "bot.ledger:Entry",
    "CachedReading": "bot.ports:KeptReading",
    "CacheValidators": "bot.ports:Marks",
    "Incident": "bot.signals:OwnIncident",
    "IncidentAction": "bot.handling:Action",
    "NotificationState": "bot.incidents:Told",
    "ProviderStatement": "bot.signals:ProviderWord",
    "Response": "bot.signals:Handling",
    "TimelineEntry": "bot.signals:Moment",
}
"""Where commit 27d6bb4 keeps each type."""

NOW: Mapping[str, str] = {
    **_CHECKS,
    **{name: f"bot.model:{name}" for name in (*_DELIVERY, *_FEEDS, "CachedReading", "CacheValidators")},
    **{name: f"bot.model.records:{name}" for name in (*_PEOPLE, "AttestationRecord")},
    **{
        name: f"bot.model.incidents:{name}"
        for name in ("Affected", "Phase", "Incident", "ProviderStatement", "Response", "TimelineEntry")
    },
    **{name: f"bot.model.signals:{name}" for name in ("Health", "Signal")},
    "AuditLogEntry": "bot.storage.ledger:AuditLogEntry",
    "IncidentAction": "bot.model.incident_actions:IncidentAction",
    "NotificationState": "bot.model.notifications:NotificationState",
}
"""Where this version keeps each type."""


class Stored:
    """Builds everything from the types that `where` names (`module:attribute`, by today's name)."""

    def __init__(self, where: Mapping[str, str]) -> None:
        self._where = where

    def __getattr__(self, name: str) -> Any:
        """A type by the name that it has today."""
        module, _, attribute = self._where[name].partition(":")
        return getattr(importlib.import_module(module), attribute)

    def message(self, id: str, audience: str = "payments", priority: str = "report", **fields: Any) -> Any:
        """A message that says something, posted at AT."""
        card = {"kind": "report", "title": f"Title of {id}", "summary": "Something happened.", "tone": "neutral"}
        sound: dict[str, Any] = {"card": card, "priority": self.Priority(priority), "created_at": AT}
        return self.Message(id, audience, **sound | fields)

    def receipt(self, id: str, route: str, outcome: str, detail: str = "", reference: str = "") -> Any:
        """What became of a try, a minute after AT."""
        return self.Receipt(id, "payments", route, outcome, AT + MINUTE, detail, reference)

    def incident(self) -> Any:
        """An open incident with every field filled."""
        return self.Incident(
            id=OPEN,
            phase=self.Phase.MONITORING,
            title="aws/us-east-1 is failing",
            scopes=(self.Scope("aws", "us-east-1"), self.Scope("aws", "us-east-1", "dynamodb")),
            onset_at=AT - MINUTE,
            updated_at=AT + HOUR,
            severity=self.Severity.CRITICAL,
            cause=self.Scope("aws"),
            cause_why="40 providers run on it",
            ours=True,
            wave=2,
            flapping=True,
            watched=True,
            confirmed_at=AT,
            calm_since=AT + 40 * MINUTE,
            quiet_since=AT + 50 * MINUTE,
            affected=(self._affected(),),
            evidence=("dns: 5 of 5 lookups failed",),
            words=(
                self.ProviderStatement(
                    "aws",
                    True,
                    AT + 12 * MINUTE,
                    "Increased error rates",
                    self.IncidentSeverity.MAJOR,
                    "https://x.test/1",
                ),
            ),
            timeline=(
                self.TimelineEntry(AT - MINUTE, "seen", "dns failed"),
                self.TimelineEntry(AT, "confirmed", "confirmed by 2 vantage points"),
            ),
            handling=self.Response("Ada", AT + MINUTE, "Grace", AT + 2 * HOUR, ("platform",)),
        )

    def _affected(self) -> Any:
        return self.Affected(
            service="checkout",
            tier=1,
            fate=self.Fate.DOWN,
            because=("orders", "aws/us-east-1/dynamodb"),
            audience="payments",
            owner="team-payments",
            users=120_000,
            cost_per_hour=42_000.0,
            rto=11 * MINUTE,
            proved_at=AT - 28 * DAY,
            runbook="https://runbooks.test/checkout",
            first_steps=("Shift traffic to us-west-2",),
            since=AT,
        )

    def resolved(self) -> Any:
        """An incident that ended a day before AT and was merged into another."""
        return self.Incident(
            id=OVER,
            phase=self.Phase.RESOLVED,
            title="stripe is failing",
            scopes=(self.Scope("stripe"),),
            onset_at=AT - DAY - HOUR,
            updated_at=AT - DAY,
            severity=self.Severity.LOW,
            quiet_since=AT - DAY - 20 * MINUTE,
            resolved_at=AT - DAY,
            part_of=OPEN,
        )

    def told(self) -> Any:
        """What the payments audience knows of the open incident."""
        return self.NotificationState(
            OPEN, "payments", ALERT, AT, self.Phase.CONFIRMED, 1, self.Severity.CRITICAL, ("checkout",), 1
        )

    def action(self) -> Any:
        """A mute that the leader has not carried out yet."""
        return self.IncidentAction(OPEN, "mute", "Ada", AT, "", AT + HOUR, "slack:U1")

    def signal(self, source: str = "prometheus/1", **fields: Any) -> Any:
        """An alert of a monitoring system."""
        sound: dict[str, Any] = {
            "severity": self.IncidentSeverity.CRITICAL,
            "detail": "HighErrorRate",
            "url": "https://monitoring.test/1",
        }
        return self.Signal("aws", "us-east-1", "dynamodb", "hook", self.Health.BAD, AT, source, **sound | fields)

    def entry(self) -> Any:
        """A line of the audit log."""
        return self.AuditLogEntry(AT, "slack:U1", "waive", {"service": "checkout", "check": "RG03"})

    def waiver(self) -> Any:
        """A waiver for one resource."""
        return self.Waiver("checkout", "RG03", "it is being retired", "Ada", AT + 90 * DAY, "orders")

    def attestation(self) -> Any:
        """A practice that somebody vouched for."""
        return self.AttestationRecord("checkout", "training", "Ada", AT, AT + 365 * DAY, "https://wiki.test/1")

    def subscription(self) -> Any:
        """A channel that gets the scorecard on Mondays."""
        return self.Subscription("slack", "C0TEAM", "scorecard", "0 9 * * 1", "Europe/Berlin", "Ada", AT)

    def draft(self) -> Any:
        """A broadcast that was not sent yet."""
        return self.Broadcast("b1", "We fail over now.", "critical", ("payments", "platform"), "slack:U1", "Ada", AT)

    def runbook(self) -> Any:
        """The copy of a runbook whose last reading failed."""
        return self.RunbookCopy(
            "checkout", "https://runbooks.test/checkout", AT, AT - DAY, "# Fail over", ("Shift traffic",), "HTTP 503"
        )

    def conversation(self) -> Any:
        """A Teams channel."""
        reference = {"serviceUrl": "https://smba.test/", "conversation": {"id": "19:a@thread.tacv2"}}
        return self.Conversation(
            "19:a@thread.tacv2", "channel", reference, AT, "Payments / Alerts", "19:team", "tenant"
        )

    def reading(self) -> Any:
        """The last reading of a status page that has an incident."""
        update = self.IncidentUpdate(AT, self.IncidentState.IDENTIFIED, "We found the cause.")
        told = self.ProviderIncident(
            provider="stripe",
            id="abc",
            title="Elevated errors",
            state=self.IncidentState.IDENTIFIED,
            severity=self.IncidentSeverity.MAJOR,
            services=("API",),
            regions=("us",),
            started_at=AT - HOUR,
            updated_at=AT,
            updates=(update,),
            url="https://status.test/abc",
        )
        component = self.FeedComponent("API", self.IncidentSeverity.MAJOR, "us")
        reading = self.FeedReading(
            "stripe", "statuspage", (told,), (component,), self.IncidentSeverity.MAJOR, AT, feed="payments"
        )
        return self.CachedReading("stripe/payments", reading, self.CacheValidators('"e1"', "Mon", "d1", "v1"))
