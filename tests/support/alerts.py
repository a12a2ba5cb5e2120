"""Bodies of other monitoring, in the shapes that their vendors document, and requests that carry them."""

from typing import Any

ALERTMANAGER_TOKEN = "t0ken-of-the-alertmanager"


def alert(name: str = "HighErrorRate", *, firing: bool = True, **labels: str) -> dict[str, Any]:
    """One alert of Alertmanager: about DynamoDB in us-east-1 where no label says otherwise."""
    sound = {"severity": "critical", "region": "us-east-1", "namespace": "AWS/DynamoDB"}
    said = {"alertname": name, **(labels or sound)}
    return {
        "status": "firing" if firing else "resolved",
        "labels": said,
        "annotations": {"summary": "12 % of requests fail", "runbook_url": "https://wiki.example/errors"},
        "startsAt": "2026-11-23T08:58:08.828Z",
        "endsAt": "0001-01-01T00:00:00Z" if firing else "2026-11-23T09:20:08.828Z",
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=errors",
        "fingerprint": f"{hash((name, *sorted(said.items()))) & 0xFFFFFFFFFFFFFFFF:016x}",
    }


def alertmanager(*alerts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of Alertmanager's webhook, version 4."""
    firing = any(one["status"] == "firing" for one in alerts)
    sound: dict[str, Any] = {
        "version": "4",
        "groupKey": '{}:{alertname="HighErrorRate"}',
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": "backstay",
        "groupLabels": {"alertname": "HighErrorRate"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": list(alerts),
    }
    return sound | fields


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
