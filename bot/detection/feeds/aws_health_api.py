"""Reads an account's open and upcoming AWS Health events with the resources that they affect, in DescribeEvents' format.

https://docs.aws.amazon.com/health/latest/ug/health-api.html. The API needs a Business or Enterprise support plan. It is called
in us-east-1, and in us-east-2 while us-east-1 is down.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.net.aws.accounts import Target, UnusableAwsError, enter, wire_into
from bot.net.aws.client import AwsClient, Limits, Tally
from bot.net.aws.errors import ReadError

ACTIONS: Final = ("health:DescribeEvents", "health:DescribeEventDetails", "health:DescribeAffectedEntities")
REGIONS = ("us-east-1", "us-east-2")
_REGION_DOWN = frozenset(
    {"Unreachable", "Timeout", "Cut", "ServiceUnavailable", "ServiceUnavailableException", "InternalError"}
)
_WANTED = {"eventStatusCodes": ["open", "upcoming"], "eventTypeCategories": ["issue", "scheduledChange"]}
_MOST = 500
_BATCH = 10  # ARNs in one call for details or entities
_SHOWN = 5


class HealthReadError(Exception):
    """AWS Health could not be read; the text says why. `lasting`: it will not work soon (no support plan, no permission)."""

    def __init__(self, problem: str, *, lasting: bool = False) -> None:
        super().__init__(problem)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """AWS Health of one account. `role` and `external_id` are for another account than the credentials' own."""

    profile: str = ""
    account: str = ""
    role: str = ""
    external_id: str = field(default="", repr=False)
    timeout: float = 15.0

    def read(self) -> bytes:
        """Return the events as JSON, each with its description and some affected resources. Blocks: run it in a thread.

        Raises:
            HealthReadError: with the reason.
        """
        limits, gate = Limits(concurrency=2, rate=5, burst=10, timeout=self.timeout), threading.Semaphore(2)
        try:
            entry = enter(self.profile, limits, gate, Tally())
            target = Target(self.account or entry.account, self.role, self.external_id)
            client = wire_into(entry, target, limits, gate)
            events = _events_of_either_region(client)
        except UnusableAwsError as error:
            raise HealthReadError(f"{error}; {error.fix}") from None
        except ReadError as error:
            raise _health_error(error) from None
        return json.dumps({"events": events}, default=_plain).encode()


def _events_of_either_region(client: AwsClient) -> list[dict[str, Any]]:
    try:
        return _events(client, REGIONS[0])
    except ReadError as error:
        if error.code not in _REGION_DOWN:
            raise
    return _events(client, REGIONS[1])


def _events(client: AwsClient, region: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for page in client.pages("health", "DescribeEvents", region, {"filter": _WANTED, "maxResults": 100}):
        found |= {event["arn"]: event for event in page.get("events", ()) if event.get("arn")}
        if len(found) >= _MOST:
            break
    for arns in _batches(list(found)):
        details = client.call("health", "DescribeEventDetails", region, {"eventArns": arns})
        for detail in details.get("successfulSet", ()):
            text = str(detail.get("eventDescription", {}).get("latestDescription", ""))
            found.setdefault(detail["event"]["arn"], dict(detail["event"]))["description"] = text
        for arn, names in _affected(client, region, arns).items():
            if arn in found:
                found[arn]["description"] = f"{found[arn].get('description', '')}\n{_affected_text(names)}".strip()
    return list(found.values())


def _affected(client: AwsClient, region: str, arns: Sequence[str]) -> Mapping[str, list[str]]:
    """The account's affected resources by event ARN; empty without the permission, since the events alone are useful too."""
    names: dict[str, list[str]] = {}
    try:
        for page in client.pages("health", "DescribeAffectedEntities", region, {"filter": {"eventArns": list(arns)}}):
            for entity in page.get("entities", ()):
                names.setdefault(str(entity.get("eventArn")), []).append(str(entity.get("entityValue", "")))
    except ReadError:
        return {}
    return names


def _affected_text(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"Affected in your account: {', '.join(names[:_SHOWN])}{rest}."


def _batches(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(arns), _BATCH):
        yield arns[start : start + _BATCH]


def _health_error(error: ReadError) -> HealthReadError:
    if error.code.startswith("SubscriptionRequired"):
        return HealthReadError(
            "needs a Business or Enterprise support plan, which this account does not have", lasting=True
        )
    return HealthReadError(error.reason, lasting="Denied" in error.code or error.code == "NoRole")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
