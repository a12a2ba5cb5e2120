"""Alert formats: each vendor's body becomes a signal with scope and severity, and other bodies are left out or rejected."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import alerts as sent
from support.builders.posts import START

from bot.detection.alerts import (
    HookError,
    ParseContext,
    ParsedAlerts,
    PlacementNames,
    format_names,
    format_of,
    known_formats,
)
from bot.model import IncidentSeverity
from bot.model.signals import Health
from checks import Scope

OURS = PlacementNames(frozenset(("checkout", "log in")), {"us-east-1a": ("us-east-1", "use1-az4")})
DYNAMO = "aws/us-east-1/dynamodb"


def read(format: str, body: Any, *, about: str = "", now: datetime = START) -> ParsedAlerts:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    ground = ParseContext("prod", now, OURS, Scope.parse(about) if about else None)
    return format_of(format).read(raw, ground)


def said(taken: ParsedAlerts) -> list[tuple[str, str, str]]:
    return [(str(signal.scope), signal.state.value, signal.severity.value) for signal in taken.signals]


def test_every_format_is_a_file_and_says_how_its_sender_proves_itself() -> None:
    assert set(format_names()) == {
        "alertmanager", "backstay", "datadog", "eventbridge", "generic", "grafana", "newrelic", "pagerduty", "sns",
    }  # fmt: skip
    for name, known in known_formats().items():
        assert set(known.AUTH_METHODS) <= {"token", "secret", "topics"}, name
        assert known.AUTH_METHODS, name
        assert ("secret" in known.AUTH_METHODS) == hasattr(known, "verify_signature"), name


@pytest.mark.parametrize(
    ("format", "body", "expected"),
    [
        ("alertmanager", sent.alertmanager(sent.alert()), (DYNAMO, "bad", "critical")),
        ("alertmanager", sent.alertmanager(sent.alert(firing=False)), (DYNAMO, "good", "critical")),
        (
            "alertmanager",
            sent.alertmanager(sent.alert(severity="warning", service="Checkout", region="us-east-1")),
            ("checkout", "bad", "minor"),
        ),
        (
            "alertmanager",
            sent.alertmanager(sent.alert(severity="page", region="us-east-1")),
            ("alerts of prod", "bad", "critical"),
        ),
        (
            "grafana",
            sent.alertmanager(sent.alert(service="stripe"), orgId=1, state="alerting"),
            ("stripe", "bad", "major"),
        ),
        ("datadog", sent.datadog(), ("checkout", "bad", "critical")),
        ("datadog", sent.datadog(transition="Recovered"), ("checkout", "good", "critical")),
        ("datadog", sent.datadog(transition="Warn"), ("checkout", "bad", "minor")),
        (
            "datadog",  # their own default payload
            {"id": "1", "title": "[Recovered on {service:checkout}] Checkout fails", "body": "…", "org": {"id": 1}},
            ("checkout", "good", "major"),
        ),
        ("newrelic", sent.new_relic(), ("checkout", "bad", "critical")),
        ("newrelic", sent.new_relic(state="CLOSED", priority="MEDIUM"), ("checkout", "good", "minor")),
        (
            "newrelic",
            sent.new_relic(impactedEntities=[], labels={"aws.region": ["eu-west-1"], "service": ["Amazon SQS"]}),
            ("aws/eu-west-1/sqs", "bad", "critical"),
        ),
        ("pagerduty", sent.pager_duty(), ("checkout", "bad", "critical")),
        ("pagerduty", sent.pager_duty("incident.resolved", "resolved"), ("checkout", "good", "critical")),
        ("pagerduty", sent.pager_duty(priority=None, urgency="low"), ("checkout", "bad", "minor")),
        ("eventbridge", sent.health_event(), (DYNAMO, "bad", "major")),
        ("eventbridge", sent.health_event("closed"), (DYNAMO, "good", "major")),
        ("eventbridge", sent.health_event(service="MULTIPLE_SERVICES"), ("aws/us-east-1", "bad", "major")),
        ("eventbridge", sent.health_event(eventRegion="global", service="IAM"), ("aws/global/iam", "bad", "major")),
        ("eventbridge", sent.alarm_event(), ("aws/us-east-1/sqs", "bad", "major")),
        ("eventbridge", sent.alarm_event("OK"), ("aws/us-east-1/sqs", "good", "major")),
        ("generic", {"state": "firing", "scope": DYNAMO, "severity": "critical"}, (DYNAMO, "bad", "critical")),
        ("generic", [{"status": "ok", "service": "log in"}], ("log in", "good", "major")),
        ("generic", {"alerts": [{"state": "down", "scope": "Checkout"}]}, ("checkout", "bad", "major")),
        ("generic", {"state": "down", "provider": "amazon", "region": "us-east-1"}, ("aws/us-east-1", "bad", "major")),
        (
            "generic",
            {"state": "down", "provider": "aws", "zone": "us-east-1a"},
            ("aws/us-east-1/use1-az4", "bad", "major"),
        ),
    ],
)
def test_an_alert_has_scope_and_severity(format: str, body: Any, expected: tuple[str, str, str]) -> None:
    assert said(read(format, body)) == [expected]


def notification(inner: Any) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:alarms",
        "Message": inner if isinstance(inner, str) else json.dumps(inner),
        "Timestamp": "2026-11-23T08:59:02.655Z",
        "SignatureVersion": "1",
        "Signature": "AAAA",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem",
    }


ALARM_OF_A_ZONE = {
    "Namespace": "AWS/ApplicationELB",
    "Dimensions": [{"name": "AvailabilityZone", "value": "us-east-1a"}, {"name": "LoadBalancer", "value": "app/web/1"}],
}
ALARM_OF_A_SERVICE = {"Namespace": "AWS/ECS", "Dimensions": [{"name": "ServiceName", "value": "checkout"}]}
ALARM_THAT_COMPUTES = {
    "Metrics": [
        {"Id": "e1", "Expression": "m1/m2"},
        {
            "Id": "m1",
            "MetricStat": {"Metric": {"Namespace": "AWS/Lambda", "Dimensions": [{"name": "x", "value": "y"}]}},
        },
    ]
}


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (sent.cloudwatch_alarm(), [(DYNAMO, "bad", "major")]),
        (sent.cloudwatch_alarm("OK"), [(DYNAMO, "good", "major")]),
        (sent.cloudwatch_alarm("INSUFFICIENT_DATA"), []),
        (sent.cloudwatch_alarm(Trigger=ALARM_OF_A_ZONE), [("aws/us-east-1/use1-az4", "bad", "major")]),
        (sent.cloudwatch_alarm(Trigger=ALARM_OF_A_SERVICE), [("checkout", "bad", "major")]),
        (sent.cloudwatch_alarm(Trigger=ALARM_THAT_COMPUTES), [("aws/us-east-1/lambda", "bad", "major")]),
        (sent.cloudwatch_alarm(Trigger=None), [("alerts of prod", "bad", "major")]),
        (sent.health_event(), [(DYNAMO, "bad", "major")]),
        (sent.alarm_event(), [("aws/us-east-1/sqs", "bad", "major")]),
    ],
)
def test_sns_carries_alarms_and_events(inner: Any, expected: list[tuple[str, str, str]]) -> None:
    assert said(read("sns", notification(inner))) == expected


@pytest.mark.parametrize(
    ("format", "body"),
    [
        ("alertmanager", sent.alertmanager(sent.alert("Watchdog", severity="none"))),
        ("datadog", sent.datadog(transition="No Data")),
        ("datadog", sent.datadog(priority="P5")),
        ("pagerduty", {"event": {"event_type": "pagey.ping", "data": {"message": "Hello", "type": "ping"}}}),
        ("pagerduty", sent.pager_duty("incident.annotated", "", type="incident_note")),
        ("pagerduty", sent.pager_duty(incident_key="alert:aws-us-east-1-1123-0900:payments:opened")),
        ("eventbridge", sent.health_event(eventTypeCategory="scheduledChange")),
        ("eventbridge", sent.health_event("upcoming")),
    ],
)
def test_bodies_that_are_not_alerts_are_left_out_and_counted(format: str, body: Any) -> None:
    taken = read(format, body)
    assert (taken.signals, taken.left_out) == ((), 1)


@pytest.mark.parametrize(
    ("format", "body", "status", "named"),
    [
        ("alertmanager", {"alerts": "none"}, 400, "alerts"),
        ("alertmanager", {"alerts": [{"status": "pending", "labels": {}}]}, 422, "alerts[0]: status"),
        ("alertmanager", sent.alertmanager(sent.alert(backstay_scope="a//b")), 422, "backstay_scope"),
        ("datadog", sent.datadog(transition="$ALERT_TRANSITION", title="x"), 422, "transition"),
        ("newrelic", sent.new_relic(state="MAYBE"), 422, "state"),
        ("newrelic", {"id": "1"}, 400, "state"),
        ("pagerduty", {"event": 1}, 400, "event"),
        ("pagerduty", sent.pager_duty() | {"event": sent.pager_duty()["event"] | {"occurred_at": "2026-11-21T08:00:00Z"}},
         422, "event.occurred_at"),
        ("eventbridge", {"source": "aws.health"}, 400, "detail-type"),
        ("eventbridge", {"source": "aws.ec2", "detail-type": "x"}, 422, "source"),
        ("generic", {"state": "firing"}, 422, "scope"),
        ("generic", {"state": "perhaps", "scope": "aws"}, 422, "state"),
        ("generic", {"state": "firing", "scope": "aws//x"}, 422, "scope"),
        ("generic", {"alerts": 1}, 400, "alerts"),
        ("generic", [1], 400, "0"),
        ("sns", notification("all is well"), 422, "Message"),
        ("sns", notification({"AlarmName": "x"}), 422, "NewStateValue"),
        ("sns", {"Type": "Other"}, 400, "Type"),
        ("backstay", {"schema": "backstay.signals/2"}, 400, "schema"),
    ],
)  # fmt: skip
def test_an_unusable_body_is_rejected_with_the_field(format: str, body: Any, status: int, named: str) -> None:
    with pytest.raises(HookError) as caught:
        read(format, body)
    assert caught.value.status == status
    assert named in str(caught.value)


def test_one_bad_alert_costs_the_others_nothing() -> None:
    taken = read("alertmanager", sent.alertmanager(sent.alert(), {"status": "odd"}, truncatedAlerts=7))
    assert len(taken.signals) == 1
    assert [problem.partition(":")[0] for problem in taken.problems] == ["alerts[1]", "truncatedAlerts"]


def test_an_alert_without_a_place_has_the_default_scope() -> None:
    body = sent.alertmanager(sent.alert(alertname="x"))
    assert said(read("alertmanager", body, about="checkout"))[0][0] == "checkout"
    assert said(read("generic", {"state": "firing"}, about="gcp/europe-west1"))[0][0] == "gcp/europe-west1"


def test_text_of_others_is_kept_short_and_harmless() -> None:
    nasty = "a\x00b\r\n\u202ec" + "x" * 5000
    body = sent.alertmanager(sent.alert(service="checkout"))
    body["alerts"][0]["annotations"]["summary"] = nasty
    body["alerts"][0]["generatorURL"] = "javascript:alert(1)"
    (signal,) = read("alertmanager", body).signals
    assert len(signal.detail) <= 300
    assert signal.detail.isprintable()
    assert signal.url == ""


def test_the_senders_times_are_kept() -> None:
    assert read("pagerduty", sent.pager_duty()).signals[0].at == datetime(2026, 11, 23, 8, 59, 30, 500_000, UTC)
    assert read("eventbridge", sent.health_event()).signals[0].at == datetime(2026, 11, 23, 8, 57, 30, tzinfo=UTC)
    late = read("datadog", sent.datadog(last_updated="4000000000000")).signals[0]
    assert late.at == START, "what claims to come from the future is of now"


def test_a_batch_of_another_backstay_is_of_its_vantage_point_and_of_our_time() -> None:
    backstay: Any = format_of("backstay")
    taken = read("alertmanager", sent.alertmanager(sent.alert()))
    seen = list(taken.signals)
    theirs = START + timedelta(minutes=2)
    body = backstay.signal_batch("eu-1", seen, theirs)
    body["signals"][0] |= {"kind": "probe", "source": "dns:dynamodb", "via": "1.1.1.1", "at": theirs.isoformat()}
    (signal,) = read("backstay", body).signals
    assert (signal.vantage, signal.via, signal.kind, signal.at) == ("prod/eu-1", "1.1.1.1", "probe", START)
    assert (signal.state, signal.severity) == (Health.BAD, IncidentSeverity.CRITICAL)
    with pytest.raises(HookError, match="sent_at"):
        read("backstay", body, now=START + timedelta(minutes=9))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SOUND: dict[str, Any] = {
    "alertmanager": sent.alertmanager(sent.alert()),
    "grafana": sent.alertmanager(sent.alert()),
    "datadog": sent.datadog(),
    "newrelic": sent.new_relic(),
    "pagerduty": sent.pager_duty(),
    "eventbridge": sent.alarm_event(),
    "generic": {"alerts": [{"state": "firing", "scope": DYNAMO, "labels": {"a": "b"}}]},
    "sns": notification(sent.cloudwatch_alarm()),
    "backstay": {"schema": "backstay.signals/1", "vantage": "x", "sent_at": START.isoformat(), "signals": []},
}


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [found for key, inner in items for found in places_in(inner, (*path, key))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_body_with_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SOUND)))
    body = put(SOUND[name], data.draw(st.sampled_from(places_in(SOUND[name]))), data.draw(VALUES))
    refused: HookError | None = None
    taken = ParsedAlerts()
    try:
        taken = read(name, json.dumps(body).encode())
    except HookError as error:
        refused = error
    assert refused is None or refused.status in (400, 422)
    assert len(str(refused)) < 2000
    for signal in taken.signals:
        assert not {unicodedata.category(character) for character in signal.detail} & {"Cc", "Cs"}
        assert signal.scope.provider
