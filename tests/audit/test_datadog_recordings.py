"""Recordings of Datadog's API: every monitor, downtime, objective and list page in them is read, whatever its kind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.audit.collectors.monitors.datadog.alarms import alarm_fields
from bot.audit.collectors.monitors.datadog.downtimes import downtime, old_downtime
from bot.audit.collectors.monitors.datadog.organisation import Organisation
from bot.audit.collectors.monitors.datadog.payloads import (
    DowntimePayload,
    MonitorPayload,
    OldDowntimePayload,
    RulePayload,
    SloPayload,
)
from bot.audit.collectors.monitors.datadog.slos import read_slo
from checks import SignalKind

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "datadog"
RECORDINGS = sorted(SAMPLES.glob("*.yaml"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
present = pytest.mark.skipif(not RECORDINGS, reason="the recordings of Datadog are not beside this tree")


def answers(path: Path) -> Iterator[tuple[str, Any]]:
    """The path of each request that succeeded, and the JSON of its answer."""
    for interaction in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["interactions"]:
        body = interaction["response"]["body"].get("string") or ""
        if interaction["response"]["status"]["code"] < 300 and body.lstrip()[:1] in ("{", "["):
            yield interaction["request"]["uri"].partition("datadoghq.com")[2], json.loads(body)


def rows(found: Any) -> list[Any]:
    inner = found.get("data", found) if isinstance(found, dict) else found
    return inner if isinstance(inner, list) else [inner]


@present
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem.removeprefix("test_"))
def test_every_recorded_object_is_read(path: Path) -> None:
    for uri, found in answers(path):
        for row in rows(found):
            if not isinstance(row, dict):
                continue
            if "overall_state" in row and "query" in row:
                payload = MonitorPayload.model_validate(row)
                fields = alarm_fields(payload, Organisation(monitors={payload.id: payload}), NOW)
                assert fields["signal"] in SignalKind
            elif "downtime_type" in row:
                assert old_downtime(OldDowntimePayload.model_validate(row)).id == str(row["id"])
            elif row.get("type") == "downtime":
                assert downtime(DowntimePayload.model_validate(row)).id == row["id"]
            elif row.get("type") == "monitor-notification-rule":
                assert RulePayload.model_validate(row).id == row["id"]
            elif uri.startswith("/api/v1/slo") and "thresholds" in row and "type_id" in row and "id" in row:
                assert read_slo(SloPayload.model_validate(row)).id == row["id"]


@present
def test_what_some_of_them_say() -> None:
    found: dict[str, dict[str, Any]] = {}
    for path in RECORDINGS:
        for _, answer in answers(path):
            for row in rows(answer):
                if isinstance(row, dict) and "overall_state" in row and "query" in row:
                    payload = MonitorPayload.model_validate(row)
                    found[row["query"]] = alarm_fields(payload, Organisation(monitors={payload.id: payload}), NOW)
    latency = next(fields for query, fields in found.items() if "target_response_time.p95" in query)
    assert latency["signal"] is SignalKind.LATENCY
    assert (latency["reaches_someone"], latency["problem"]) == (False, "")
    logs = next(fields for query, fields in found.items() if query.startswith('logs("service:foo AND type:error")'))
    assert (logs["signal"], logs["watches"]) == (SignalKind.ERRORS, ("service=foo",))
    assert (logs["receivers"], logs["reaches_someone"]) == (("@hipchat-channel",), False)
    tests = next(fields for query, fields in found.items() if query == "no_query")
    assert tests["signal"] is SignalKind.AVAILABILITY
