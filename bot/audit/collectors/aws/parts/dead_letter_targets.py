"""Finds the queues that keep what others could not deliver: named by functions, subscriptions, rules, pipes, schedules."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from bot.audit.collectors.aws.guarded import FAILURES, UnreadResource, failure_of
from bot.audit.collectors.aws.reader import Reader
from checks import Maybe, Unread

T = TypeVar("T")
R = TypeVar("R")
_MOST_SCHEDULES = 500

ACTIONS = (
    "lambda:ListFunctions",
    "lambda:ListFunctionEventInvokeConfigs",
    "lambda:ListEventSourceMappings",
    "sns:ListSubscriptions",
    "sns:GetSubscriptionAttributes",
    "events:ListEventBuses",
    "events:DescribeEventBus",
    "events:ListRules",
    "events:ListTargetsByRule",
    "pipes:ListPipes",
    "pipes:DescribePipe",
    "scheduler:ListSchedules",
    "scheduler:GetSchedule",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A queue that may be somebody's dead-letter queue. `policy`: its own access policy, empty where it has none."""

    arn: str
    policy: str = ""

    def admits(self, principal: str) -> bool:
        """Whether a service may send to it. Without a policy none may, but nothing is asked of what was not told."""
        return not self.policy or principal in self.policy or '"*"' in self.policy


class _Named(NamedTuple):
    """The dead-letter queues that somebody names. `doubt`: why more may be named by those who could not be asked."""

    arns: AbstractSet[str] = frozenset()
    doubt: Unread | None = None

    def and_also(self, other: "_Named") -> "_Named":
        return _Named(self.arns | other.arns, self.doubt or other.doubt)


def dead_letter_targets(aws: Reader, candidates: Collection[Candidate]) -> dict[str, Maybe[bool]]:
    """Whether somebody names each candidate, by its ARN; `Unread` where none was found and not all could be asked.

    What needs fewest calls is asked first, and nothing is asked once no candidate is left.
    """
    left = {candidate.arn: candidate for candidate in candidates}
    named: dict[str, Maybe[bool]] = dict.fromkeys(left, False)
    for principal, ask in _ASKED:
        asked_for = [candidate for candidate in left.values() if candidate.admits(principal)]
        answer = aws.maybe(partial(ask, aws)) if asked_for else _Named()
        found = _Named(doubt=answer) if isinstance(answer, Unread) else answer
        for candidate in asked_for:
            if candidate.arn in found.arns:
                named[candidate.arn] = True
                del left[candidate.arn]
            elif found.doubt:
                named[candidate.arn] = named[candidate.arn] or found.doubt
    return named


def _of_functions(aws: Reader) -> _Named:
    """Dead-letter queues of functions."""
    return _Named({_dead_letter(row) for row in aws.list("lambda", "ListFunctions", "Functions")})


def _of_mappings(aws: Reader) -> _Named:
    """On-failure destinations of what polls streams and queues for functions."""
    return _Named({_on_failure(row) for row in aws.list("lambda", "ListEventSourceMappings", "EventSourceMappings")})


def _of_invocations(aws: Reader, *, with_queue: bool = False) -> _Named:
    """On-failure destinations of functions; first of those without a dead-letter queue, whom their own source asks too."""

    def read(row: Mapping[str, Any]) -> set[str]:
        configs = aws.list(
            "lambda", "ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs", FunctionName=row["FunctionName"]
        )
        return {_on_failure(config) for config in configs}

    every = aws.list("lambda", "ListFunctions", "Functions")
    functions = [row for row in every if bool(_dead_letter(row)) is with_queue]
    return _each(aws, read, functions, lambda row: str(row.get("FunctionArn") or row.get("FunctionName")))


def _of_subscriptions(aws: Reader) -> _Named:
    """Dead-letter queues of confirmed subscriptions."""

    def read(arn: str) -> set[str]:
        attributes = aws.get("sns", "GetSubscriptionAttributes", SubscriptionArn=arn).get("Attributes", {})
        return {redrive_target(attributes.get("RedrivePolicy"))}

    rows = aws.list("sns", "ListSubscriptions", "Subscriptions")
    arns = [row["SubscriptionArn"] for row in rows if row.get("SubscriptionArn", "").startswith("arn:")]
    return _each(aws, read, arns, str)


def _of_rules(aws: Reader) -> _Named:
    """Dead-letter queues of event buses and of the targets of their rules."""
    buses = {row["Name"] for row in aws.list("events", "ListEventBuses", "EventBuses") if row.get("Name")} | {"default"}

    def arn_of(name: str) -> str:
        return aws.arn("events", f"event-bus/{name}")

    def of_bus(name: str) -> set[str]:
        return {_config(aws.get("events", "DescribeEventBus", Name=name))}

    def rules(name: str) -> list[tuple[str, str]]:
        bus = {} if name == "default" else {"EventBusName": name}
        return [(name, row["Name"]) for row in aws.list("events", "ListRules", "Rules", **bus) if row.get("Name")]

    def of_rule(rule: tuple[str, str]) -> set[str]:
        bus = {} if rule[0] == "default" else {"EventBusName": rule[0]}
        return {_config(row) for row in aws.list("events", "ListTargetsByRule", "Targets", Rule=rule[1], **bus)}

    listed, doubt = _read_each(aws, rules, sorted(buses), arn_of)
    of_buses = _each(aws, of_bus, sorted(buses - {"default"}), arn_of)
    every_rule = [rule for found in listed for rule in found]
    of_rules = _each(aws, of_rule, every_rule, lambda rule: aws.arn("events", "rule/" + "/".join(rule)))
    return of_buses.and_also(of_rules).and_also(_Named(doubt=doubt))


def _of_pipes(aws: Reader) -> _Named:
    """Dead-letter queues of pipes, which are set with the source that they read from."""

    def read(pipe: Mapping[str, Any]) -> set[str]:
        settings = aws.get("pipes", "DescribePipe", Name=pipe["Name"]).get("SourceParameters", {})
        return {_config(source) for source in settings.values() if isinstance(source, Mapping)}

    pipes = aws.list("pipes", "ListPipes", "Pipes", Limit=100)
    return _each(aws, read, pipes, lambda row: str(row.get("Arn") or aws.arn("pipes", f"pipe/{row['Name']}")))


def _of_schedules(aws: Reader) -> _Named:
    """Dead-letter queues of schedules. Each takes a call, and a program may make a million of them: a part is asked."""

    def read(row: Mapping[str, Any]) -> set[str]:
        schedule = aws.get("scheduler", "GetSchedule", Name=row["Name"], GroupName=row.get("GroupName", "default"))
        return {_config(schedule.get("Target", {}))}

    rows = aws.list("scheduler", "ListSchedules", "Schedules", MaxResults=100)
    named = _each(aws, read, rows[:_MOST_SCHEDULES], lambda row: str(row.get("Arn") or row["Name"]))
    many = Unread(f"only {_MOST_SCHEDULES} of {len(rows)} schedules were asked for their dead-letter queue")
    return named.and_also(_Named(doubt=many if len(rows) > _MOST_SCHEDULES else None))


_ASKED: tuple[tuple[str, Callable[[Reader], _Named]], ...] = (
    # Lambda, Pipes and Scheduler send with a role of their own, so the queue's own policy need not admit them.
    ("", _of_functions),
    ("", _of_mappings),
    ("", _of_pipes),
    ("", _of_invocations),
    ("events.amazonaws.com", _of_rules),
    ("sns.amazonaws.com", _of_subscriptions),
    ("", partial(_of_invocations, with_queue=True)),
    ("", _of_schedules),
)


def redrive_target(policy: str | None) -> str:
    """The ARN of the dead-letter queue that a redrive policy names, else empty.

    Raises:
        ValueError: the policy is no JSON.
    """
    return str(json.loads(policy).get("deadLetterTargetArn", "")) if policy else ""


def _dead_letter(row: Mapping[str, Any]) -> str:
    return str(row.get("DeadLetterConfig", {}).get("TargetArn", ""))


def _on_failure(row: Mapping[str, Any]) -> str:
    return str(row.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", ""))


def _config(row: Mapping[str, Any]) -> str:
    return str(row.get("DeadLetterConfig", {}).get("Arn", ""))


def _each(aws: Reader, read: Callable[[T], set[str]], items: Iterable[T], resource: Callable[[T], str]) -> _Named:
    """What all items name together."""
    results, doubt = _read_each(aws, read, items, resource)
    return _Named({name for result in results for name in result}, doubt)


def _read_each(
    aws: Reader, read: Callable[[T], R], items: Iterable[T], resource: Callable[[T], str]
) -> tuple[list[R], Unread | None]:
    """The results of the items that were read. One that could not be read is told as a gap of its own; none at all: `Unread`.

    Raises:
        ReadError: nothing of the account can be read.
    """

    def guarded(item: T) -> tuple[R, ...] | UnreadResource:
        try:
            return (read(item),)
        except FAILURES as error:
            failure = failure_of(error, "")
        if failure.fatal:
            raise failure
        return () if failure.gone else UnreadResource(resource(item), aws.region, {}, failure, kinds=())

    results = aws.each(guarded, items)
    unread = [result for result in results if isinstance(result, UnreadResource)]
    if unread and len(unread) == len(results):
        return [], Unread(unread[0].error.reason)
    aws.unread.extend(unread)
    return [item for result in results if not isinstance(result, UnreadResource) for item in result], None
