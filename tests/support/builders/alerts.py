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
    firing = any(each_alert["status"] == "firing" for each_alert in alerts)
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


def datadog(**fields: Any) -> dict[str, Any]:
    """The payload that backstay asks its users to paste, with Datadog's variables filled in."""
    sound = {
        "id": "1234",
        "cycle": "8823612312",
        "transition": "Triggered",
        "priority": "P1",
        "title": "[P1] [Triggered on {service:checkout}] Checkout fails",
        "scope": "service:checkout,region:us-east-1",
        "tags": "env:prod,service:checkout",
        "url": "https://app.datadoghq.com/event/event?id=123456",
        "last_updated": "1795417200000",
    }
    return sound | fields


def new_relic(**fields: Any) -> dict[str, Any]:
    """The default payload of New Relic's workflows."""
    sound: dict[str, Any] = {
        "id": "0ea2df1c-adab-45d2-aae0-042b609d2322",
        "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/0ea2df1c?notifier=WEBHOOK",
        "title": "Error rate > 5 % for at least 2 minutes on 'checkout'",
        "priority": "CRITICAL",
        "impactedEntities": ["host-7", "checkout"],
        "totalIncidents": 1,
        "state": "ACTIVATED",
        "trigger": "STATE_CHANGE",
        "isCorrelated": False,
        "createdAt": 1795417200000,
        "updatedAt": 1795417200000,
        "sources": ["newrelic"],
        "alertPolicyNames": ["Golden signals"],
        "alertConditionNames": ["Error rate"],
        "workflowName": "backstay",
    }
    return sound | fields


def pager_duty(event: str = "incident.triggered", status: str = "triggered", **data: Any) -> dict[str, Any]:
    """A v3 webhook."""
    return {
        "event": {
            "id": "01BTA2YLPSNEGZSX7C5OVX35IV",
            "event_type": event,
            "resource_type": "incident",
            "occurred_at": "2026-11-23T08:59:30.500Z",
            "agent": {"id": "PLH1HKV", "type": "user_reference"},
            "client": {"name": "PagerDuty"},
            "data": {
                "id": "PGR0VU2",
                "type": "incident",
                "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
                "number": 2,
                "status": status,
                "incident_key": "d3640fbd41094207a1c11e58e46b1662",
                "created_at": "2026-11-23T08:59:30Z",
                "title": "Checkout is failing",
                "service": {"id": "PF9KMXH", "summary": "checkout", "type": "service_reference"},
                "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
                "urgency": "high",
            }
            | data,
        }
    }


def cloudwatch_alarm(state: str = "ALARM", **fields: Any) -> dict[str, Any]:
    """What SNS carries of a CloudWatch alarm."""
    sound: dict[str, Any] = {
        "AlarmName": "dynamodb-system-errors",
        "AlarmDescription": None,
        "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-10-01T10:00:00.000+0000",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 datapoint [61.0] was greater than the threshold (5.0).",
        "StateChangeTime": "2026-11-23T08:59:00.123+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:dynamodb-system-errors",
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:alarms"],
        "Trigger": {
            "MetricName": "SystemErrors",
            "Namespace": "AWS/DynamoDB",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "invoices", "name": "TableName"}],
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 5.0,
        },
    }
    return sound | fields


def health_event(status: str = "open", **detail: Any) -> dict[str, Any]:
    """An AWS Health event as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "121345678-1234-1234-1234-123456789012",
        "detail-type": "AWS Health Event",
        "source": "aws.health",
        "account": "123456789012",
        "time": "2026-11-23T08:58:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventArn": "arn:aws:health:us-east-1::event/DYNAMODB/AWS_DYNAMODB_OPERATIONAL_ISSUE/AWS_DYNAMODB_1",
            "service": "DYNAMODB",
            "eventTypeCode": "AWS_DYNAMODB_OPERATIONAL_ISSUE",
            "eventTypeCategory": "issue",
            "eventScopeCode": "PUBLIC",
            "communicationId": "01b0993207d81a09dcd552ebd1e633e36cf1f09a-1",
            "startTime": "Mon, 23 Nov 2026 08:48:00 GMT",
            "lastUpdatedTime": "Mon, 23 Nov 2026 08:57:30 GMT",
            "statusCode": status,
            "eventRegion": "us-east-1",
            "eventDescription": [{"language": "en_US", "latestDescription": "Increased error rates for DynamoDB."}],
            "page": "1",
            "totalPages": "1",
        }
        | detail,
    }


def alarm_event(state: str = "ALARM") -> dict[str, Any]:
    """A change of a CloudWatch alarm as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "time": "2026-11-23T08:58:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:queue-age"],
        "detail": {
            "alarmName": "queue-age",
            "configuration": {
                "metrics": [
                    {
                        "id": "30b6c6b2",
                        "metricStat": {
                            "metric": {
                                "namespace": "AWS/SQS",
                                "name": "ApproximateAgeOfOldestMessage",
                                "dimensions": {"QueueName": "orders"},
                            },
                            "period": 300,
                            "stat": "Average",
                        },
                        "returnData": True,
                    }
                ]
            },
            "previousState": {"timestamp": "2026-11-23T08:46:49.202+0000", "value": "OK"},
            "state": {"reason": "Threshold Crossed", "timestamp": "2026-11-23T08:57:30.000+0000", "value": state},
        },
    }
