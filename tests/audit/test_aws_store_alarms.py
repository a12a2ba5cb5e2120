"""Alarms on serverless, elastic and shared stores are found by the dimensions that their metrics have."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, PASS
from support.samples.aws_store_states import Script, collection, directory, dsql, elastic, graph, warehouse

WATCHED = [
    ("aws_redshift_serverless", warehouse("abc"), "AWS/Redshift-Serverless", "Workgroup", "abc"),
    ("aws_redshift_serverless", warehouse("abc"), "AWS/Redshift-Serverless", "Namespace", "c"),
    ("aws_search_serverless", collection(), "AWS/AOSS", "CollectionId", "1"),
    ("aws_dsql", dsql(), "AWS/AuroraDSQL", "ClusterId", "c"),
    ("aws_docdb_elastic", elastic(), "AWS/DocDB-Elastic", "ClusterId", "c"),
    ("aws_graphs", graph(), "AWS/Neptune", "GraphIdentifier", "1"),
    ("aws_directories", directory(), "AWS/DirectoryService", "Directory ID", "d-1"),
]


@pytest.mark.parametrize(("source", "answers", "metrics", "dimension", "value"), WATCHED)
def test_an_alarm_is_found_by_the_dimension_of_its_metric(
    source: str, answers: Script, metrics: str, dimension: str, value: str
) -> None:
    def watching(value: str) -> Script:
        own = {"AlarmName": "a", "AlarmArn": arn("cloudwatch", "alarm:a"), "ActionsEnabled": True}
        target = {"Namespace": metrics, "MetricName": "m", "Dimensions": [{"Name": dimension, "Value": value}]}
        alarms = {"MetricAlarms": [{**own, **target, "AlarmActions": [arn("sns", "t")]}]}
        subscribed = {"TopicArn": arn("sns", "t"), "SubscriptionArn": arn("sns", "t:1"), "Protocol": "https"}
        listed = {("sns", "ListSubscriptions"): {"Subscriptions": [subscribed]}}
        return {**answers, **listed, ("cloudwatch", "DescribeAlarms"): lambda asked: _of_type(asked, alarms)}

    State("watched", "OB04", PASS, watching(value), (source, "aws_alarms"), on="c").hold()
    State("another", "OB04", FAIL, watching("other"), (source, "aws_alarms"), on="c").hold()


def _of_type(asked: Mapping[str, Any], alarms: dict[str, Any]) -> dict[str, Any]:
    return {} if asked["AlarmTypes"] == ["CompositeAlarm"] else alarms
