"""Alert policies of Cloud Monitoring: what they measure, what they watch, and whether somebody is notified.

Shapes: Cloud Monitoring API v3; metrics: https://cloud.google.com/monitoring/api/metrics_gcp.
"""

from typing import Any

import pytest
from support.builders.plans import NOW
from support.samples.google_compute import P
from support.samples.google_estate import ESTATE

from bot.audit.collectors.gcp.run import made_of
from checks import Alarm, SignalKind, Unread

COMPUTE = f"//compute.googleapis.com/{P}"
EMAIL = f"{P}/notificationChannels/mail"


def made(kind: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"//monitoring.googleapis.com/{name}",
        "assetType": f"monitoring.googleapis.com/{kind}",
        "resource": {"data": data},
    }


def alarm(conditions: list[dict[str, Any]], *channels: dict[str, Any], **more: Any) -> Alarm:
    policy = made("AlertPolicy", f"{P}/alertPolicies/1", {"conditions": conditions, **more})
    named = [made("NotificationChannel", channel["name"], channel) for channel in channels]
    [fact] = [fact for fact in made_of([*ESTATE, policy, *named], NOW)[1].facts if isinstance(fact, Alarm)]
    return fact


def threshold(resource: str, metric: str, more: str = "") -> list[dict[str, Any]]:
    return [{"conditionThreshold": {"filter": f'resource.type = "{resource}" AND metric.type = "{metric}"{more}'}}]


@pytest.mark.parametrize(
    ("conditions", "signal"),
    [
        (threshold("cloudsql_database", "cloudsql.googleapis.com/database/up"), SignalKind.AVAILABILITY),
        (threshold("uptime_url", "monitoring.googleapis.com/uptime_check/check_passed"), SignalKind.AVAILABILITY),
        (
            threshold(
                "https_lb_rule",
                "loadbalancing.googleapis.com/https/request_count",
                ' AND metric.labels.response_code_class = "500"',
            ),
            SignalKind.ERRORS,
        ),
        (threshold("cloud_run_revision", "run.googleapis.com/request_latencies"), SignalKind.LATENCY),
        (threshold("gce_instance", "compute.googleapis.com/instance/cpu/utilization"), SignalKind.SATURATION),
        (
            threshold("pubsub_subscription", "pubsub.googleapis.com/subscription/num_undelivered_messages"),
            SignalKind.SATURATION,
        ),
        (
            threshold("https_lb_rule", "loadbalancing.googleapis.com/https/request_count"),
            SignalKind.TRAFFIC,
        ),
        (
            threshold("gcs_bucket", "custom.googleapis.com/x", ' AND resource.labels.bucket_name = "error-latency"'),
            SignalKind.OTHER,
        ),
        (
            [{"conditionPrometheusQueryLanguage": {"query": 'rate(http_requests_total{code=~"5.."}[5m]) > 1'}}],
            SignalKind.ERRORS,
        ),
        ([{"conditionMatchedLog": {"filter": "severity>=ERROR"}}], SignalKind.ERRORS),
        ([], SignalKind.OTHER),
    ],
)
def test_a_condition_tells_its_signal(conditions: list[dict[str, Any]], signal: SignalKind) -> None:
    assert alarm(conditions).signal is signal


@pytest.mark.parametrize(
    ("resource", "label", "watched"),
    [
        ("gce_instance", ' AND resource.labels.instance_id = "77"', {f"{COMPUTE}/zones/europe-west4-a/instances/jump"}),
        (
            "gce_instance",
            "",
            {
                f"{COMPUTE}/zones/europe-west4-a/instances/jump",
                f"{COMPUTE}/zones/europe-west4-b/instances/web-x1",
                f"{COMPUTE}/regions/europe-west4/instanceGroupManagers/web",
            },
        ),
        (
            "https_lb_rule",
            ' AND resource.label."forwarding_rule_name" = "web"',
            {f"{COMPUTE}/global/forwardingRules/web"},
        ),
        ("spanner_instance", ' AND resource.labels.instance_id="other"', set()),
        ("something_new", "", set()),
    ],
)
def test_a_filter_tells_what_it_watches(resource: str, label: str, watched: set[str]) -> None:
    assert set(alarm(threshold(resource, "custom.googleapis.com/x", label)).about) == watched


@pytest.mark.parametrize(
    ("named", "channels", "reaches"),
    [
        ([EMAIL], [{"name": EMAIL, "enabled": True}], True),
        ([EMAIL], [{"name": EMAIL, "enabled": False}], False),
        ([EMAIL], [{"name": EMAIL, "verificationStatus": "UNVERIFIED"}], False),
        ([EMAIL], [], False),
        ([], [{"name": EMAIL}], False),
        (["projects/ops-prod/notificationChannels/1"], [], Unread("a channel belongs to a project that was not read")),
    ],
    ids=["enabled", "disabled", "never confirmed", "deleted", "names none", "of another project"],
)
def test_whether_somebody_is_notified(named: list[str], channels: list[dict[str, Any]], reaches: object) -> None:
    assert alarm([], *channels, notificationChannels=named).reaches_someone == reaches


def test_a_policy_that_is_off_is_not_enabled() -> None:
    assert alarm([], enabled=False).enabled is False
