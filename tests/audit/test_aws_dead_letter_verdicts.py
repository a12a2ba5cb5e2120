"""A queue that anybody's dead-letter or on-failure setting names is a dead-letter queue."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from support.builders.aws_sources import arn
from support.fakes.aws import Fault
from support.fakes.aws_script import Answer, Operation, ScriptedAws
from support.harness.aws_verdicts import State
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

from bot.audit.collectors.aws.sources.sqs import SOURCE
from checks import Outcome, Queue, Unread

Script = Mapping[Operation, Answer]
LOST = arn("sqs", "c")
RULES = {"Rules": [{"Name": "nightly"}]}
FUNCTIONS = {"Functions": [{"FunctionName": "charge", "FunctionArn": arn("lambda", "function:charge")}]}
FAILURE = {"DestinationConfig": {"OnFailure": {"Destination": LOST}}}
SUBSCRIPTIONS = {"Subscriptions": [{"SubscriptionArn": arn("sns", "orders:1"), "TopicArn": arn("sns", "orders")}]}
TO_LOST = {"Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": LOST})}}
ADMITS_NONE = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": arn("iam", "root")}}]})
ADMITS_SNS = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}}]})


def queues(own: dict[str, str], others: Script | None = None) -> Script:
    attributes = {"QueueArn": LOST, "MessageRetentionPeriod": "1209600", **own}
    return {
        ("sqs", "ListQueues"): {"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/111122223333/c"]},
        ("sqs", "GetQueueAttributes"): {"Attributes": attributes},
        **(others or {}),
    }


def state(title: str, outcome: Outcome, others: Script | None = None, says: str = "", **own: str) -> State:
    return State(title, "CA09", outcome, queues(own, others), ("aws_queues",), "c", says)


def allows(permission: str, *sources: str) -> str:
    return json.dumps({"redrivePermission": permission, **({"sourceQueueArns": sources} if sources else {})})


def many_schedules() -> Script:
    return {("scheduler", "ListSchedules"): {"Schedules": [{"Name": f"s-{number}"} for number in range(501)]}}


def on_bus(params: Mapping[str, Any]) -> dict[str, Any]:
    return RULES if params.get("EventBusName") == "own" else {"Rules": []}


TO_QUEUE = {"Arn": arn("lambda", "function:charge"), "RoleArn": "r", "DeadLetterConfig": {"Arn": LOST}}
SCHEDULES: dict[Operation, Answer] = {("scheduler", "ListSchedules"): {"Schedules": [{"Name": "s", "GroupName": "g"}]}}
PIPES: dict[Operation, Answer] = {("pipes", "ListPipes"): {"Pipes": [{"Name": "p", "Arn": arn("pipes", "pipe/p")}]}}
DENIED = Fault("AccessDeniedException", 403)
STATES = [
    state("named by nobody", FAIL),
    state("with a dead-letter queue", PASS, RedrivePolicy=json.dumps({"deadLetterTargetArn": arn("sqs", "d")})),
    state(
        "of a function",
        NOT_APPLICABLE,
        {("lambda", "ListFunctions"): {"Functions": [{"FunctionName": "f", "DeadLetterConfig": {"TargetArn": LOST}}]}},
    ),
    state(
        "on failure of a function",
        NOT_APPLICABLE,
        {
            ("lambda", "ListFunctions"): FUNCTIONS,
            ("lambda", "ListFunctionEventInvokeConfigs"): {"FunctionEventInvokeConfigs": [FAILURE]},
        },
    ),
    state(
        "on failure of a function with another dead-letter queue",
        NOT_APPLICABLE,
        {
            ("lambda", "ListFunctions"): {
                "Functions": [{"FunctionName": "charge", "DeadLetterConfig": {"TargetArn": arn("sqs", "other")}}]
            },
            ("lambda", "ListFunctionEventInvokeConfigs"): {"FunctionEventInvokeConfigs": [FAILURE]},
        },
    ),
    state(
        "on failure of an event source mapping",
        NOT_APPLICABLE,
        {("lambda", "ListEventSourceMappings"): {"EventSourceMappings": [{"UUID": "1", **FAILURE}]}},
    ),
    state(
        "of a subscription",
        NOT_APPLICABLE,
        {("sns", "ListSubscriptions"): SUBSCRIPTIONS, ("sns", "GetSubscriptionAttributes"): TO_LOST},
    ),
    state(
        "of a subscription, admitted by its policy",
        NOT_APPLICABLE,
        {("sns", "ListSubscriptions"): SUBSCRIPTIONS, ("sns", "GetSubscriptionAttributes"): TO_LOST},
        Policy=ADMITS_SNS,
    ),
    state(
        "of a rule",
        NOT_APPLICABLE,
        {
            ("events", "ListRules"): RULES,
            ("events", "ListTargetsByRule"): {
                "Targets": [
                    {"Id": "1", "Arn": arn("lambda", "function:charge"), "DeadLetterConfig": {"Arn": LOST}},
                ]
            },
        },
    ),
    state(
        "of a rule of an own bus",
        NOT_APPLICABLE,
        {
            ("events", "ListEventBuses"): {"EventBuses": [{"Name": "default"}, {"Name": "own"}]},
            ("events", "ListRules"): on_bus,
            ("events", "ListTargetsByRule"): {"Targets": [{"Id": "1", "Arn": "a", "DeadLetterConfig": {"Arn": LOST}}]},
        },
    ),
    state(
        "of an own bus",
        NOT_APPLICABLE,
        {
            ("events", "ListEventBuses"): {"EventBuses": [{"Name": "own"}]},
            ("events", "DescribeEventBus"): {"Name": "own", "DeadLetterConfig": {"Arn": LOST}},
        },
    ),
    state(
        "target of a rule, no dead-letter queue",
        FAIL,
        {("events", "ListRules"): RULES, ("events", "ListTargetsByRule"): {"Targets": [{"Id": "1", "Arn": LOST}]}},
    ),
    state(
        "of an own bus whose rules are denied",
        NOT_APPLICABLE,
        {
            ("events", "ListEventBuses"): {"EventBuses": [{"Name": "own"}]},
            ("events", "DescribeEventBus"): {"Name": "own", "DeadLetterConfig": {"Arn": LOST}},
            ("events", "ListRules"): lambda _: DENIED,
        },
    ),
    state(
        "of a rule, buses denied",
        NOT_APPLICABLE,
        {
            ("events", "ListEventBuses"): {"EventBuses": [{"Name": "own"}]},
            ("events", "DescribeEventBus"): lambda _: DENIED,
            ("events", "ListRules"): RULES,
            ("events", "ListTargetsByRule"): {"Targets": [{"Id": "1", "Arn": "a", "DeadLetterConfig": {"Arn": LOST}}]},
        },
    ),
    state("of a schedule", NOT_APPLICABLE, SCHEDULES | {("scheduler", "GetSchedule"): {"Target": TO_QUEUE}}),
    state(
        "of a schedule, not admitted",
        NOT_APPLICABLE,
        SCHEDULES | {("scheduler", "GetSchedule"): {"Target": TO_QUEUE}},
        Policy=ADMITS_NONE,
    ),
    state("schedule denied", UNKNOWN, SCHEDULES | {("scheduler", "GetSchedule"): lambda _: DENIED}),
    state(
        "target of a schedule, no dead-letter queue",
        FAIL,
        SCHEDULES | {("scheduler", "GetSchedule"): {"Target": {"Arn": LOST, "RoleArn": "r"}}},
    ),
    state("more schedules than are asked", UNKNOWN, many_schedules(), says="500 of 501"),
    state(
        "of a pipe",
        NOT_APPLICABLE,
        PIPES
        | {
            ("pipes", "DescribePipe"): {
                "SourceParameters": {
                    "KinesisStreamParameters": {"StartingPosition": "LATEST", "DeadLetterConfig": {"Arn": LOST}}
                }
            }
        },
    ),
    state(
        "of a pipe from a table",
        NOT_APPLICABLE,
        PIPES
        | {
            ("pipes", "DescribePipe"): {
                "SourceParameters": {
                    "DynamoDBStreamParameters": {"StartingPosition": "LATEST", "DeadLetterConfig": {"Arn": LOST}}
                }
            }
        },
    ),
    state(
        "pipe without one",
        FAIL,
        PIPES | {("pipes", "DescribePipe"): {"SourceParameters": {"SqsQueueParameters": {"BatchSize": 1}}}},
    ),
    state("pipes denied", UNKNOWN, {("pipes", "ListPipes"): lambda _: DENIED}, says="pipes:ListPipes"),
    state("offered to some queues", NOT_APPLICABLE, RedriveAllowPolicy=allows("byQueue", arn("sqs", "orders"))),
    state("offered to all queues", NOT_APPLICABLE, RedriveAllowPolicy=allows("allowAll")),
    state("offered to none", FAIL, RedriveAllowPolicy=allows("denyAll")),
    state("subscriptions denied", UNKNOWN, {("sns", "ListSubscriptions"): lambda _: DENIED}),
    state(
        "subscriptions denied, not admitted", FAIL, {("sns", "ListSubscriptions"): lambda _: DENIED}, Policy=ADMITS_NONE
    ),
    state(
        "every subscription denied",
        UNKNOWN,
        {("sns", "ListSubscriptions"): SUBSCRIPTIONS, ("sns", "GetSubscriptionAttributes"): lambda _: DENIED},
    ),
]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_dead_letter_queues(state: State) -> None:
    state.hold()


def read(script: Script) -> tuple[ScriptedAws, Queue, list[tuple[str, str]]]:
    aws = ScriptedAws(script)
    reader = aws.reader("aws_queues")
    (queue,) = SOURCE.read(reader)
    assert isinstance(queue, Queue)
    return aws, queue, [(unread.resource, unread.error.action) for unread in reader.unread]


def test_one_subscription_that_is_denied_costs_no_verdict() -> None:
    kept, denied = arn("sns", "orders:1"), arn("sns", "orders:2")

    def attributes(params: Mapping[str, Any]) -> Any:
        return DENIED if params["SubscriptionArn"] == denied else {"Attributes": {}}

    rows = {"Subscriptions": [{"SubscriptionArn": kept}, {"SubscriptionArn": denied}]}
    script: dict[Operation, Answer] = {
        ("sns", "ListSubscriptions"): rows,
        ("sns", "GetSubscriptionAttributes"): attributes,
    }
    _, queue, unread = read(queues({}, script))
    assert queue.is_dead_letter is False
    assert unread == [(denied, "sns:GetSubscriptionAttributes")]


def test_nobody_is_asked_about_a_queue_that_has_a_dead_letter_queue() -> None:
    aws, queue, _ = read(queues({"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("sqs", "d")})}))
    assert queue.is_dead_letter is False
    assert {service for service, _, _ in aws.asked} == {"sqs", "resourcegroupstaggingapi"}


def test_a_denied_listing_names_its_permission() -> None:
    _, queue, _ = read(queues({}, {("events", "ListRules"): lambda _: DENIED}))
    assert queue.is_dead_letter == Unread("access denied to events:ListRules")
