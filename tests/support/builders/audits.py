"""A small estate with every outcome in it, judged for real, and the same with names that mean harm."""

from datetime import timedelta

from support.builders.facts import AWAY, NOW, datastore, days_ago, gap, service
from support.builders.findings import finding, findings, rule

from bot.model import Audit, Collected
from checks import Datastore, Finding, PastScore, Severity, failed, passed, score, unknown

HOSTILE = '=cmd|\'/c calc\'!A1 <script>alert("x")</script> @channel `rm` | **b** \x07\u202e"quoted", [a](https://evil.test)\r\n2nd'


def audit(of: str = "checkout", store: str = "orders", said: str = "orders has no copy in a second region") -> Audit:
    """Two services: one that failed, passed and could not be read, one of which nothing was seen."""
    denied = gap(Datastore, region=AWAY, action="dynamodb:ListTables", reason=f"AccessDenied {said}")
    home, fact = service(of), datastore(store)
    critical, high, medium, low = Severity
    lost = failed(said, region="us-east-1", copies=0, note=said)
    made = [
        Finding(rule("RG01", critical, "region"), home, fact, lost),
        Finding(rule("RG02", high, "region"), home, fact, passed("secrets are replicated")),
        Finding(rule("BK01", high, "backup"), home, None, unknown(str(denied)), denied),
        Finding(rule("BK02", low, "backup"), home, fact, passed("14 days are kept", days=14)),
        *findings(rule("ZN01", medium, "zone"), "PWE", home),
        finding(rule("DN01", low, "dns"), "not_applicable", home),
    ]
    card = score(made, services=[home, service("login", tier=2)], now=NOW)
    collected = Collected(facts=[fact], gaps=[denied], calls=42, seconds=1.5)
    return Audit(card, collected, calls=42, seconds=1.5)


def history() -> list[PastScore]:
    """Two remembered scores of the estate, the newer first."""
    return [
        PastScore("", days_ago(days), points, "F", 0.9, "rules-1", frozenset({"BK02", "ZN01"}))
        for days, points in ((7.0, 20.0), (14.0, 15.0))
    ]


LASTS = timedelta(hours=15)
