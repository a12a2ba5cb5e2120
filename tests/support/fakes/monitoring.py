"""Prometheus, Alertmanager and Grafana on loopback, in the shapes of their APIs, with paging and faults on order.

Shapes: recorded from Prometheus 2.42 and Alertmanager 0.25; https://prometheus.io/docs/prometheus/latest/querying/api/,
https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml,
https://grafana.com/docs/grafana/latest/developers/http_api/alerting_provisioning/ and .../http_api/annotations/.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from aiohttp import web
from support.harness.loopback import cut

TOKEN = "monitoring-token-made-up"
_REPLACED = re.compile(r'label_replace\((.+?), "backstay_selector", "(\d+)", "", ""\)')
Answer = Any
Answers = dict[str, Answer | Callable[[web.Request], Answer]]
LATE, CUT, NOT_JSON = -1, 0, 1


@dataclass
class Monitoring:
    """A server. `answers`: by path, a value or what makes one of a request. `faults`: by path, what comes before, in turn:

    a status, LATE (never answers), CUT (the line dies), NOT_JSON. `always`: by path, the same without an end.
    """

    answers: Answers
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    always: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    token: str = TOKEN

    def app(self) -> web.Application:
        """The API; what has no answer is a 404."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(str(request.rel_url))
        self.headers.append(dict(request.headers))
        fault = self.always.get(request.path)
        if self.faults.get(request.path):
            fault = self.faults[request.path].pop(0)
        if fault == LATE:
            await asyncio.Event().wait()
        if fault == CUT:
            cut(request)
        if fault == NOT_JSON:
            return web.Response(text="<html>maintenance</html>", content_type="text/html")
        if fault is not None:
            return web.Response(status=fault, text="no", headers={"Retry-After": "0"})
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"message": "Unauthorized"}, status=401)
        answer = self.answers.get(request.path)
        if callable(answer):
            answer = answer(request)
        return web.Response(status=404, text="404 page not found") if answer is None else web.json_response(answer)


def success(data: Any) -> dict[str, Any]:
    """An answer of Prometheus."""
    return {"status": "success", "data": data}


def rule(name: str = "HighErrorRate", query: str = "", **changed: Any) -> dict[str, Any]:
    """An alert rule as Prometheus lists it."""
    found = {
        "state": "inactive",
        "name": name,
        "query": query or 'sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) > 0.05',
        "duration": 60,
        "keepFiringFor": 0,
        "labels": {"severity": "page"},
        "annotations": {},
        "alerts": [],
        "health": "ok",
        "evaluationTime": 0.000251965,
        "lastEvaluation": "2026-11-29T09:41:48.888223816Z",
        "type": "alerting",
    }
    return found | changed


def prometheus(
    rules: Sequence[dict[str, Any]],
    series: Callable[[str], Sequence[dict[str, str]]] = lambda _selector: [{"service": "checkout"}],
    **answers: Any,
) -> Monitoring:
    """A Prometheus with these rules, one in each group. `series`: the label sets that a selector finds."""

    def listed(request: web.Request) -> Any:
        size, start = int(request.query.get("group_limit", "100000")), int(request.query.get("group_next_token") or 0)
        groups = [
            {"name": f"group {number}", "file": "/etc/rules.yml", "rules": [found], "interval": 60}
            for number, found in enumerate(rules)
        ]
        page = {"groups": groups[start : start + size]}
        return success(page | ({"groupNextToken": str(start + size)} if start + size < len(groups) else {}))

    def queried(request: web.Request) -> Any:
        query = request.query["query"]
        if query.startswith("min_over_time"):
            return vector([({}, "1756000000")])
        found = []
        for text, number in _REPLACED.findall(query):
            found += [({**labels, "backstay_selector": number}, "1") for labels in series(text)]
        return vector(found)

    usual: Answers = {
        "/api/v1/rules": listed,
        "/api/v1/query": queried,
        "/api/v1/query_range": success({"resultType": "matrix", "result": []}),
        "/api/v1/alertmanagers": success({"activeAlertmanagers": [{"url": "http://am:9093/api/v2/alerts"}]}),
        "/api/v1/status/config": success({"yaml": "global:\n  external_labels:\n    cluster: eu\n"}),
        "/api/v1/targets": success({"activeTargets": []}),
    }
    return Monitoring(usual | answers)


def vector(rows: Sequence[tuple[dict[str, str], str]]) -> dict[str, Any]:
    """The answer of an instant query."""
    return success({"resultType": "vector", "result": [{"metric": m, "value": [1764410400, v]} for m, v in rows]})


CONFIG = {
    "route": {
        "receiver": "nobody",
        "routes": [
            {"receiver": "pager", "matchers": ['severity="page"']},
            {"receiver": "hook", "match": {"severity": "log"}},
        ],
    },
    "receivers": [
        {"name": "nobody"},
        {"name": "pager", "pagerduty_configs": [{"routing_key": "<secret>"}]},
        {"name": "hook", "webhook_configs": [{"url": "<secret>"}]},
    ],
}


def silence(*matchers: tuple[str, str], **changed: Any) -> dict[str, Any]:
    """An active silence without an end in sight. `matchers`: labels and their values."""
    found = {
        "id": "5b5a2f5e",
        "status": {"state": "active"},
        "matchers": [{"name": n, "value": v, "isRegex": False, "isEqual": True} for n, v in matchers],
        "startsAt": "2026-08-01T00:00:00.000Z",
        "endsAt": "2027-08-01T00:00:00.000Z",
        "comment": "migration",
        "createdBy": "somebody",
    }
    return found | changed


def alertmanager(config: dict[str, Any] | str = CONFIG, silences: Sequence[dict[str, Any]] = ()) -> Monitoring:
    """An Alertmanager with this configuration, as its status has it: YAML."""
    text = config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False)
    status = {
        "cluster": {"status": "ready", "peers": []},
        "versionInfo": {"version": "0.25.0"},
        "config": {"original": text},
        "uptime": "2026-11-29T09:41:43.402Z",
    }
    return Monitoring({"/api/v2/status": status, "/api/v2/silences": list(silences)})


def grafana(rules: Sequence[dict[str, Any]], states: Sequence[dict[str, Any]] = (), **answers: Any) -> Monitoring:
    """A Grafana with these provisioned rules and states, one contact point of PagerDuty for severity page."""
    group = {"name": "web", "file": "shop", "rules": list(states), "interval": 60}
    usual: Answers = {
        "/api/v1/provisioning/alert-rules": list(rules),
        "/api/prometheus/grafana/api/v1/rules": success({"groups": [group]}),
        "/api/v1/provisioning/contact-points": [
            {"uid": "a", "name": "on-call", "type": "pagerduty", "settings": {"integrationKey": "[REDACTED]"}},
            {"uid": "b", "name": "on-call", "type": "slack", "settings": {"recipient": "#ops"}},
            {"uid": "c", "name": "tickets", "type": "jira", "settings": {}},
        ],
        "/api/v1/provisioning/policies": {
            "receiver": "tickets",
            "routes": [{"receiver": "on-call", "object_matchers": [["severity", "=", "page"]]}],
        },
        "/api/v1/provisioning/mute-timings": [],
        "/api/alertmanager/grafana/api/v2/silences": [],
        "/api/annotations": [
            {"id": 1, "alertId": 7, "alertName": "High latency", "newState": "Alerting", "time": 1763000000000}
        ],
    }
    return Monitoring(usual | answers)


def grafana_rule(uid: str = "abc", title: str = "High latency", expr: str = "", **changed: Any) -> dict[str, Any]:
    """A rule of the provisioning API."""
    query = (
        expr or "histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 1"
    )
    found = {
        "id": 7,
        "uid": uid,
        "orgID": 1,
        "folderUID": "shop",
        "ruleGroup": "web",
        "title": title,
        "condition": "C",
        "data": [
            {"refId": "A", "datasourceUid": "prom", "model": {"expr": query, "refId": "A"}},
            {"refId": "C", "datasourceUid": "__expr__", "model": {"type": "threshold", "expression": "A"}},
        ],
        "noDataState": "NoData",
        "execErrState": "Error",
        "for": "5m",
        "annotations": {},
        "labels": {"severity": "page"},
        "isPaused": False,
    }
    return found | changed


def grafana_state(uid: str = "abc", name: str = "High latency", **changed: Any) -> dict[str, Any]:
    """The state of a rule, with one instance of service checkout."""
    labels = {"alertname": name, "grafana_folder": "shop", "service": "checkout", "severity": "page"}
    found = {
        "state": "inactive",
        "name": name,
        "query": json.dumps({"expr": "up"}),
        "health": "ok",
        "type": "alerting",
        "uid": uid,
        "labels": {"severity": "page"},
        "alerts": [
            {"labels": labels, "annotations": {}, "state": "Normal", "activeAt": "2026-11-20T00:00:00Z", "value": ""}
        ],
    }
    return found | changed
