"""AWS Health of an account -> its open and announced events, with what they touch of it, in the shape of DescribeEvents.

https://docs.aws.amazon.com/health/latest/ug/health-api.html. It needs a Business or Enterprise support plan. It answers in
us-east-1, and in us-east-2 while that is down.
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
_AWAY = frozenset(
    {"Unreachable", "Timeout", "Cut", "ServiceUnavailable", "ServiceUnavailableException", "InternalError"}
)
_WANTED = {"eventStatusCodes": ["open", "upcoming"], "eventTypeCategories": ["issue", "scheduledChange"]}
_MOST = 500
_AT_ONCE = 10  # ARNs that one call for details or entities takes
_SHOWN = 5


class NoHealthError(Exception):
    """Nothing could be read, and why. `lasting`: nor will it in the next minutes: no support plan, no permission."""

    def __init__(self, problem: str, *, lasting: bool = False) -> None:
        super().__init__(problem)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class HealthOf:
    """The account to ask of; `role` and `external_id` where it is not the credentials' own. `read` blocks: run it aside."""

    profile: str = ""
    account: str = ""
    role: str = ""
    external_id: str = field(default="", repr=False)
    timeout: float = 15.0

    def read(self) -> bytes:
        """What DescribeEvents lists, each with its description and some of what it touches, as JSON.

        Raises:
            NoHealthError: with the reason.
        """
        limits, gate = Limits(concurrency=2, rate=5, burst=10, timeout=self.timeout), threading.Semaphore(2)
        try:
            entry = enter(self.profile, limits, gate, Tally())
            target = Target(self.account or entry.account, self.role, self.external_id)
            wire = wire_into(entry, target, limits, gate)
            events = _in_one_of(wire)
        except UnusableAwsError as error:
            raise NoHealthError(f"{error}; {error.mend}") from None
        except ReadError as error:
            raise _told(error) from None
        return json.dumps({"events": events}, default=_plain).encode()


def _in_one_of(wire: AwsClient) -> list[dict[str, Any]]:
    try:
        return _events(wire, REGIONS[0])
    except ReadError as error:
        if error.code not in _AWAY:
            raise
    return _events(wire, REGIONS[1])


def _events(wire: AwsClient, region: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for page in wire.pages("health", "DescribeEvents", region, {"filter": _WANTED, "maxResults": 100}):
        found |= {one["arn"]: one for one in page.get("events", ()) if one.get("arn")}
        if len(found) >= _MOST:
            break
    for arns in _some(list(found)):
        told = wire.call("health", "DescribeEventDetails", region, {"eventArns": arns})
        for one in told.get("successfulSet", ()):
            text = str(one.get("eventDescription", {}).get("latestDescription", ""))
            found.setdefault(one["event"]["arn"], dict(one["event"]))["description"] = text
        for arn, names in _touched(wire, region, arns).items():
            if arn in found:
                found[arn]["description"] = f"{found[arn].get('description', '')}\n{_yours(names)}".strip()
    return list(found.values())


def _touched(wire: AwsClient, region: str, arns: Sequence[str]) -> Mapping[str, list[str]]:
    """What of the account each event touches. Without that permission the events themselves are still worth telling."""
    names: dict[str, list[str]] = {}
    try:
        for page in wire.pages("health", "DescribeAffectedEntities", region, {"filter": {"eventArns": list(arns)}}):
            for one in page.get("entities", ()):
                names.setdefault(str(one.get("eventArn")), []).append(str(one.get("entityValue", "")))
    except ReadError:
        return {}
    return names


def _yours(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"Yours: {', '.join(names[:_SHOWN])}{rest}."


def _some(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(arns), _AT_ONCE):
        yield arns[at : at + _AT_ONCE]


def _told(error: ReadError) -> NoHealthError:
    if error.code.startswith("SubscriptionRequired"):
        return NoHealthError(
            "the account has no Business or Enterprise support plan, which AWS Health's API needs", lasting=True
        )
    return NoHealthError(error.reason, lasting="Denied" in error.code or error.code == "NoRole")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
