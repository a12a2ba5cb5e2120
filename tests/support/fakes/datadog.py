"""Datadog's API on loopback: monitors, downtimes, objectives, notification rules and metric queries, with paging and faults.

Shapes: recordings of the API (DataDog/datadog-api-client-python@6d8f356: tests/v1/cassettes/test_scenarios, and of version 2
test_get_all_downtimes_returns_ok_response_with_pagination, test_get_all_monitor_notification_rules_returns_ok_response);
errors and rate limits: https://docs.datadoghq.com/api/latest/rate-limits/.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.harness.loopback import cut

API_KEY, APP_KEY = "datadog-api-key-made-up", "datadog-application-key-made-up"
CREATOR = {"name": None, "handle": "frog@datadoghq.com", "email": "frog@datadoghq.com", "id": 1445416}


def monitor(number: int, query: str = "", message: str = "", **changed: Any) -> dict[str, Any]:
    """A monitor as the API lists it, with `group_states=all&with_downtimes=true`."""
    found = {
        "id": number,
        "org_id": 321813,
        "type": "query alert",
        "name": f"monitor {number}",
        "message": message,
        "tags": [],
        "query": query or "avg(last_5m):avg:system.load.5{*} > 0.5",
        "options": {"notify_no_data": False, "thresholds": {"critical": 0.5}, "silenced": {}},
        "multi": False,
        "created_at": 1728578340000,
        "created": "2024-10-10T16:39:00.138359+00:00",
        "modified": "2024-10-10T16:39:00.138359+00:00",
        "deleted": None,
        "restricted_roles": None,
        "priority": None,
        "overall_state_modified": "2026-11-01T16:39:00+00:00",
        "overall_state": "OK",
        "creator": CREATOR,
        "matching_downtimes": [],
        "state": {"groups": {}},
    }
    return found | changed


def downtime(id: str, **changed: Any) -> dict[str, Any]:
    """A downtime of version 2. What is changed is in its attributes."""
    attributes = {
        "mute_first_recovery_notification": False,
        "canceled": None,
        "monitor_identifier": {"monitor_tags": ["*"]},
        "schedule": {"start": "2023-05-22T03:06:54.072998+00:00", "end": None},
        "notify_end_types": ["expired"],
        "notify_end_states": ["no data", "warn", "alert"],
        "status": "active",
        "scope": "*",
        "created": "2023-05-22T03:06:54.079122+00:00",
        "display_timezone": "UTC",
        "message": None,
        "modified": "2023-05-22T03:06:54.079122+00:00",
    }
    return {"type": "downtime", "attributes": attributes | changed, "id": id}


def slo(id: str, numerator: str = "", denominator: str = "", **changed: Any) -> dict[str, Any]:
    """A metric objective as the API lists it."""
    found = {
        "id": id,
        "name": f"objective {id}",
        "tags": [],
        "monitor_tags": [],
        "thresholds": [{"timeframe": "30d", "target": 99.9, "target_display": "99.9"}],
        "type": "metric",
        "type_id": 1,
        "description": "",
        "timeframe": "30d",
        "target_threshold": 99.9,
        "query": {"denominator": denominator, "numerator": numerator},
        "creator": CREATOR,
        "created_at": 1668426862,
        "modified_at": 1668426862,
    }
    return found | changed


def rule(id: str, tags: Sequence[str], recipients: Sequence[str], **changed: Any) -> dict[str, Any]:
    """A notification rule as the API lists it."""
    attributes = {
        "created_at": "2025-01-07T18:03:19.577270+00:00",
        "filter": {"tags": list(tags)},
        "modified_at": "1970-01-01T00:00:00+00:00",
        "name": f"rule {id}",
        "recipients": list(recipients),
    }
    return {"type": "monitor-notification-rule", "id": id, "attributes": attributes | changed}


@dataclass
class Datadog:
    """An organisation. `page`: rows on a page at most, whatever is asked for.

    `faults`: what to do instead of an answer, in turn and by the beginning of the path: a status, 0 to cut the line, -1 never to
    answer. `points`: the points of a metric query (milliseconds, value), by the query and the first and last second.
    """

    monitors: Sequence[dict[str, Any]] = ()
    downtimes: Sequence[dict[str, Any]] = ()
    old_downtimes: Sequence[dict[str, Any]] = ()
    slos: Sequence[dict[str, Any]] = ()
    rules: Sequence[dict[str, Any]] = ()
    page: int = 1000
    faults: list[tuple[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    points: Callable[[str, int, int], Sequence[tuple[float, float | None]]] = lambda _query, _from, _to: ()
    series: int = 1

    def app(self) -> web.Application:
        """The API."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        fault = next((fault for fault in self.faults if request.path.startswith(fault[0])), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault[1] == 0:
                cut(request)
            if fault[1] == -1:
                await asyncio.Event().wait()
            return _failed(fault[1])
        keys = (request.headers.get("DD-API-KEY"), request.headers.get("DD-APPLICATION-KEY"))
        if keys != (API_KEY, APP_KEY):
            return _failed(403)
        return web.json_response(self._found(request), headers=_limits(9))

    def _found(self, request: web.Request) -> Any:
        asked = request.query
        match request.path:
            case "/api/v1/monitor":
                size = min(int(asked["page_size"]), self.page)
                return list(self.monitors)[int(asked["page"]) * size :][:size]
            case "/api/v2/downtime":
                size = min(int(asked["page[limit]"]), self.page)
                rows = list(self.downtimes)[int(asked.get("page[offset]", 0)) :][:size]
                return {"data": rows, "meta": {"page": {"total_filtered_count": len(self.downtimes)}}}
            case "/api/v1/slo":
                size = min(int(asked["limit"]), self.page)
                rows = list(self.slos)[int(asked.get("offset", 0)) :][:size]
                counts = {"total_count": len(self.slos), "total_filtered_count": len(rows)}
                return {"data": rows, "error": None, "metadata": {"page": counts}}
            case "/api/v2/monitor/notification_rule":
                size = min(int(asked["per_page"]), self.page)
                rows = list(self.rules)[int(asked.get("page", 0)) * size :][:size]
                return {"data": rows, "meta": {"page": {"total_count": len(self.rules)}}}
            case "/api/v1/downtime":
                return list(self.old_downtimes)
            case "/api/v1/query":
                return self._series(asked["query"], int(asked["from"]), int(asked["to"]))
        raise web.HTTPNotFound(text='{"errors":["Not found"]}', content_type="application/json")

    def _series(self, query: str, first: int, last: int) -> dict[str, Any]:
        points = [list(point) for point in self.points(query, first, last)]
        one = {"metric": query, "pointlist": points, "length": len(points), "interval": 60, "scope": "*", "tag_set": []}
        return {
            "status": "ok",
            "resp_version": 1,
            "res_type": "time_series",
            "series": [one] * self.series if points else [],
            "from_date": first * 1000,
            "to_date": last * 1000,
            "query": query,
            "message": "",
            "group_by": [],
        }


def _failed(status: int) -> web.Response:
    said = {403: "Forbidden", 401: "Unauthorized", 429: "Rate limit of 100 requests in 60 seconds reached."}
    # A load balancer before it says when to come again; without that a test would wait.
    headers = _limits(0) if status == 429 else {"Retry-After": "0"}
    return web.json_response({"errors": [said.get(status, "Internal error")]}, status=status, headers=headers)


def _limits(remaining: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Period": "60",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": "0",
        "X-RateLimit-Name": "monitors",
    }
