"""A real Prometheus with a real Alertmanager: rules that work, fail, fire and have no data; routes and a real silence."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from support.harness.loopback import serving
from support.processes.monitoring import IN_CI, INSTALLED, alertmanager, prometheus

from bot.app.settings.monitors import SERVICE_LABELS
from bot.audit.collectors.monitors.access import MonitorAccess
from bot.audit.collectors.monitors.collector import MonitorsCollector
from checks import Alarm, AlarmState, SignalKind, Unread

pytestmark = pytest.mark.skipif(not INSTALLED and not IN_CI, reason="Prometheus or Alertmanager is not installed")
ERRORS = (
    'sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))'
)
RULES: list[dict[str, Any]] = [
    {"record": "service:errors:ratio", "expr": ERRORS},
    {"alert": "HighErrorRate", "expr": "service:errors:ratio > 0.99", "labels": {"severity": "page"}},
    {"alert": "Latency", "expr": 'latency_seconds{service="checkout"} > 1', "labels": {"severity": "page"}},
    {
        "alert": "Twice",
        "expr": "http_requests_total * on (job) group_left http_requests_total > 1",
        "labels": {"severity": "log"},
    },
    {"alert": "Down", "expr": 'up{job="gone"} == 0', "labels": {"severity": "page", "service": "payments"}},
]
READY = "count(service:errors:ratio) == 2 and on() ALERTS{alertname='Down', alertstate='firing'}"
CONFIG: dict[str, Any] = {
    "route": {
        "receiver": "nobody",
        "routes": [
            {
                "receiver": "pager",
                "matchers": ['severity="page"'],
                "routes": [{"receiver": "chat", "matchers": ["service=~pay.*", 'cluster="eu"']}],
            }
        ],
    },
    "receivers": [
        {"name": "nobody"},
        {"name": "pager", "pagerduty_configs": [{"routing_key": "made-up"}]},
        {"name": "chat", "slack_configs": [{"api_url": "https://hooks.example.com/made-up", "channel": "#pay"}]},
    ],
}


async def metrics(_: web.Request) -> web.Response:
    return web.Response(text='http_requests_total{code="200"} 10\nhttp_requests_total{code="500"} 1\n')


async def silence(url: str, now: datetime) -> None:
    body = {
        "matchers": [{"name": "service", "value": "checkout", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(days=90)).isoformat(),
        "createdBy": "somebody",
        "comment": "migration",
    }
    async with httpx.AsyncClient(timeout=30) as client:
        (await client.post(f"{url}/api/v2/silences", json=body)).raise_for_status()


async def test_what_real_ones_answer_is_read(tmp_path: Path) -> None:
    app, now = web.Application(), datetime.now(UTC)
    app.router.add_get("/metrics", metrics)
    async with serving(app) as site, alertmanager(tmp_path, CONFIG) as am:
        host = site.removeprefix("http://")
        static = [
            {"targets": [host], "labels": {"service": name, "instance": name}} for name in ("checkout", "payments")
        ]
        jobs = [
            {"job_name": "web", "static_configs": static},
            {"job_name": "gone", "static_configs": [{"targets": ["127.0.0.1:1"]}]},
        ]
        await silence(am, now)
        async with prometheus(tmp_path, RULES, jobs, am, READY) as url:
            systems = [
                MonitorAccess(
                    kind=kind, name=kind, url=address, service_labels=SERVICE_LABELS, runs_on=("gcp/europe-west3",)
                )
                for kind, address in (("prometheus", url), ("alertmanager", am))
            ]
            found = await MonitorsCollector(systems, lambda: datetime.now(UTC), {"slack": ("aws",)}).collect(
                (), lambda _: None
            )
    assert not found.gaps
    alarms = {(fact.name, fact.watches[:1]): fact for fact in found.facts if isinstance(fact, Alarm)}
    checkout, payments = alarms["HighErrorRate", ("service=checkout",)], alarms["HighErrorRate", ("service=payments",)]
    assert (checkout.signal, checkout.state, checkout.receivers) == (
        SignalKind.ERRORS,
        AlarmState.OK,
        ("PagerDuty (pager)",),
    )
    assert (checkout.muted, payments.muted) == (True, False)
    assert checkout.muted_until is not None
    assert timedelta(days=89) < checkout.muted_until - now < timedelta(days=91)
    assert (payments.receivers, payments.receivers_run_on) == (("Slack (chat)",), (("aws",),))
    latency = alarms["Latency", ("service=checkout",)]
    assert (latency.state, latency.problem) == (AlarmState.NO_DATA, "no series of latency_seconds now")
    broken = next(alarm for alarm in alarms.values() if alarm.name == "Twice")
    assert (broken.state, broken.reaches_someone) == (AlarmState.ERROR, False)
    assert "duplicate series" in broken.problem
    firing = alarms["Down", ("service=payments",)]
    assert firing.state is AlarmState.FIRING
    assert isinstance(firing.fired_at, datetime)
    assert isinstance(checkout.fired_at, Unread)  # its history is seconds long
