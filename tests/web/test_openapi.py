"""A running server against its own OpenAPI document: whatever it is sent, it answers as the document says, and never breaks."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from support.harness.serving import Served, backstay_serve

TOKEN = "t0ken-of-everything-long"
YAML = """
services: [{name: checkout, tier: 1}]
audiences: {payments: {routes: [{file: out.txt}]}}
hooks:
  token: env:TOKEN
  per_minute: 6000
  sources:
    - {name: am, format: alertmanager, token: env:TOKEN, per_minute: 60000}
    - {name: grafana, format: grafana, token: env:TOKEN, per_minute: 60000}
    - {name: dd, format: datadog, token: env:TOKEN, per_minute: 60000}
    - {name: nr, format: newrelic, token: env:TOKEN, per_minute: 60000}
    - {name: pd, format: pagerduty, token: env:TOKEN, per_minute: 60000}
    - {name: aws, format: eventbridge, token: env:TOKEN, per_minute: 60000}
    - {name: any, format: generic, token: env:TOKEN, per_minute: 60000}
    - {name: sns, format: sns, topics: ["arn:aws:sns:us-east-1:123456789012:alarms"]}
    - {name: replicas, format: backstay, secret: env:TOKEN}
"""
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
AT_MOST = 8
"""Requests for each operation and kind: the whole takes about half a minute."""
PATIENCE = 120
"""Seconds for one answer: a machine under load is slow, and not wrong."""


def exercise(served: Served, headers: dict[str, str]) -> dict[str, set[int]]:
    """Send what fits the document, and what does not, to each operation; the statuses by operation."""
    seen: dict[str, set[int]] = {}
    schema: Any = schemathesis.openapi.from_url(f"{served.url}/openapi.json", headers=dict(headers))
    for found in schema.get_all_operations():
        operation = found.ok()
        # What takes nothing cannot be given anything wrong.
        takes = len(operation.body) or len(operation.path_parameters)
        for mode in schemathesis.GenerationMode if takes else (schemathesis.GenerationMode.POSITIVE,):
            statuses = seen.setdefault(operation.label, set())
            sending(operation.as_strategy(generation_mode=mode), headers, statuses)()
    return seen


def sending(cases: Any, headers: dict[str, str], statuses: set[int]) -> Callable[[], None]:
    """Sends some of the cases, and holds each answer to the document."""

    @settings(
        max_examples=AT_MOST,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: Any) -> None:
        answer = case.call(headers=headers, timeout=PATIENCE)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    return send


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {TOKEN}"}, {}], ids=["with a token", "without"])
async def test_the_server_keeps_to_its_document(tmp_path: Path, headers: dict[str, str]) -> None:
    async with backstay_serve(tmp_path, YAML, {"TOKEN": TOKEN}) as served:
        seen = await asyncio.to_thread(exercise, served, headers)
        assert await served.stop() == 0
    names = ("am", "grafana", "dd", "nr", "pd", "aws", "any", "sns", "replicas") if headers else ("{hook}",)
    assert {label for label in seen if "/hooks/in/" in label} == {f"POST /hooks/in/{name}" for name in names}
    log = "".join(served.log)
    assert "request_failed" not in log
    assert "Traceback" not in log
    assert TOKEN not in log
    if headers:
        assert 200 in seen["POST /hooks/in/am"]
        assert seen["POST /hooks/in/sns"] <= {401, 429}
    else:
        guarded = {label: codes for label, codes in seen.items() if "/hooks" in label}
        assert all(codes <= {401, 404, 405, 429} for codes in guarded.values()), guarded


async def test_who_has_no_credential_learns_no_name(tmp_path: Path) -> None:
    async with backstay_serve(tmp_path, YAML, {"TOKEN": TOKEN}) as served, aiohttp.ClientSession() as session:

        async def told(headers: dict[str, str]) -> tuple[int, str]:
            async with session.get(f"{served.url}/openapi.json", headers=dict(headers)) as answer:
                return answer.status, await answer.text()

        status, public = await told({})
        assert (status, sorted(path for path in json.loads(public)["paths"] if "/in/" in path)) == (
            200,
            ["/hooks/in/{hook}"],
        )
        for name in ("/am", "/dd", "/nr", "/replicas", "checkout", "payments", "alarms"):
            assert name not in public
        assert (await told({"Authorization": "Bearer guess"}))[0] == 401
        status, whole = await told({"Authorization": f"Bearer {TOKEN}"})
        assert (status, "/hooks/in/replicas" in json.loads(whole)["paths"]) == (200, True)
