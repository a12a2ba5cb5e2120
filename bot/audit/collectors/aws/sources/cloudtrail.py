"""CloudTrail events of the global STS endpoint in us-east-1: which principals still use it."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bot.audit.collectors.aws.guarded import ItemIdentity, each_of, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import EndpointUse, Fact

GLOBAL_STS: Final = "sts.amazonaws.com"
SERVED_IN: Final = "us-east-1"
WINDOW: Final = timedelta(days=1)
PAGES: Final = 5  # of 50 events: look-ups are limited to two per second, and a few hundred events show regular use
_MACHINE: Final = re.compile(r"i-[0-9a-f]{8,17}")


class _Use(NamedTuple):
    """One call: the principal (the role, not its session), the region, and the session's name."""

    principal: str
    region: str
    session: str


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one EndpointUse per principal that called the global endpoint; calls by AWS services are left out."""
    if aws.partition != "aws":  # STS has no global endpoint in other partitions
        return
    home = aws.at(SERVED_IN)
    event = ItemIdentity[dict[str, Any]](
        "cloudtrail:LookupEvents", lambda row: row.get("EventId") or "an event", lambda _: {}
    )
    found = each_of(aws, lambda row: _use(json.loads(row["CloudTrailEvent"])), _events(home), event, calls=False)
    uses = [use for use in found if use]
    calls = Counter(use.principal for use in uses)
    principals = ItemIdentity[str]("cloudtrail:LookupEvents", lambda name: f"{GLOBAL_STS}/{name}", lambda _: {})
    yield from facts_of(aws, lambda name: _endpoint_use(aws, name, uses, calls[name]), calls, principals, calls=False)


def _endpoint_use(aws: Reader, principal: str, uses: Sequence["_Use"], calls: int) -> Fact:
    places = {(use.region, use.session) for use in uses if use.principal == principal}
    return aws.fact(
        EndpointUse,
        resource=f"{GLOBAL_STS}/{principal}",
        name=principal.rpartition("/")[2],
        product="sts",
        tags={},
        about=tuple(sorted(arn for region, name in places for arn in _runs_on(aws.at(region), name))),
        endpoint=GLOBAL_STS,
        endpoint_region=SERVED_IN,
        principal=principal,
        calls=calls,
        window=WINDOW,
    )


def _events(aws: Reader) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    for _ in range(PAGES):
        page = aws.get(
            "cloudtrail",
            "LookupEvents",
            LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": GLOBAL_STS}],
            StartTime=aws.now - WINDOW,
            EndTime=aws.now,
            MaxResults=50,
            **token,
        )
        yield from page.get("Events", ())
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _use(event: dict[str, Any]) -> _Use | None:
    """The call in an event, None if it is by AWS or to a regional endpoint.

    All STS endpoints have the same event source; the host name that the client requested distinguishes them.
    """
    additional = event.get("additionalEventData") or {}
    host = (event.get("tlsDetails") or {}).get("clientProvidedHostHeader", "")
    identity = event.get("userIdentity") or {}
    if identity.get("type") == "AWSService" or identity.get("invokedBy"):
        return None
    if host != GLOBAL_STS and additional.get("endpointType") != "global":
        return None
    arn = identity.get("arn") or identity.get("principalId") or "unknown"
    role = (identity.get("sessionContext") or {}).get("sessionIssuer", {}).get("arn", "")
    session = arn.rpartition("/")[2] if ":assumed-role/" in arn else ""
    return _Use(role or arn, additional.get("awsServingRegion") or event.get("awsRegion") or SERVED_IN, session)


def _runs_on(aws: Reader, session: str) -> tuple[str, ...]:
    """The ARN of the instance or function that a role session is named after."""
    if _MACHINE.fullmatch(session):
        return (aws.arn("ec2", f"instance/{session}"),)
    return (aws.arn("lambda", f"function:{session}"),) if session and "@" not in session else ()


SOURCE = Source(
    name="aws_endpoint_use",
    facts=(EndpointUse,),
    where="global",
    actions=("cloudtrail:LookupEvents",),
    read=read,
)
