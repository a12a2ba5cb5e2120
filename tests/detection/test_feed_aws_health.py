"""The AWS Health API: events with descriptions and affected resources, and reasons for failures, on a fake AWS."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from support.builders.posts import ManualClock
from support.harness.loopback import serving

from bot.app.settings import Settings
from bot.app.settings.detection import DetectionSettings
from bot.app.wiring.feeds import Sources
from bot.catalogue import Account, Catalogue
from bot.detection.feeds.api_feed import ApiFeed
from bot.model import FeedReading, IncidentSeverity

ARN = "arn:aws:health:us-east-1::event/DYNAMODB/AWS_DYNAMODB_OPERATIONAL_ISSUE/{}"
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>111111111111</Account><Arn>a</Arn><UserId>u</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>"""
ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2036-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


@dataclass
class FakeHealth:
    """`events` by their number; `refuses`: region -> (status, code); `denied`: an operation that may not be used."""

    events: int = 1
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    denied: str = ""
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        key, _, region, *_ = request.headers["Authorization"].partition("Credential=")[2].split("/")
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if not operation:
            assumes = b"AssumeRole" in await request.read()
            return web.Response(text=ASSUMED if assumes else IDENTITY, content_type="text/xml")
        self.calls.append((key, region, operation))
        if region in self.refuses or operation == self.denied:
            status, code = self.refuses.get(region, (400, "AccessDeniedException"))
            return web.json_response({"__type": code, "message": "no"}, status=status)
        answer = getattr(self, operation)(json.loads(await request.read()))
        return web.json_response(answer, content_type="application/x-amz-json-1.1")

    def DescribeEvents(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        at = int(asked.get("nextToken", "0"))
        found = [{"arn": ARN.format(n), "eventTypeCode": "AWS_DYNAMODB_OPERATIONAL_ISSUE"} for n in range(self.events)]
        common = {"service": "DYNAMODB", "eventTypeCategory": "issue", "region": "us-east-1", "statusCode": "open"}
        times = {"startTime": 1795424460.0, "lastUpdatedTime": 1795424520.0}
        page = [match_ | common | times for match_ in found[at : at + 20]]
        return {"events": page} | ({"nextToken": str(at + 20)} if at + 20 < self.events else {})

    def DescribeEventDetails(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert len(asked["eventArns"]) <= 10
        said = {"latestDescription": "We are investigating increased error rates."}
        return {"successfulSet": [{"event": {"arn": arn}, "eventDescription": said} for arn in asked["eventArns"]]}

    def DescribeAffectedEntities(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        arns = asked["filter"]["eventArns"]
        return {"entities": [{"eventArn": arn, "entityValue": f"table-{n}"} for arn in arns for n in range(7)]}


@asynccontextmanager
async def feed_of(
    fake: FakeHealth, monkeypatch: pytest.MonkeyPatch, *accounts: Account
) -> AsyncIterator[list[ApiFeed]]:
    async with serving(fake.app()) as url:
        own = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "OWN", "AWS_SECRET_ACCESS_KEY": "x"}
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        settings = Settings(Catalogue(accounts=accounts, providers={}), "", watch=DetectionSettings(aws_health=True))
        async with Sources.of(settings, ManualClock()).opened() as feeds:
            yield [feed for feed in feeds if isinstance(feed, ApiFeed)]


async def read(fake: FakeHealth, monkeypatch: pytest.MonkeyPatch) -> tuple[FeedReading, timedelta]:
    async with feed_of(fake, monkeypatch) as [feed]:
        return await feed.read(), feed.wait(timedelta(minutes=1))


async def test_events_have_descriptions_and_affected_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, wait = await read(FakeHealth(events=45), monkeypatch)
    assert (reading.error, reading.provider, reading.feed, len(reading.incidents)) == ("", "aws", "AWS Health", 45)
    incident = reading.incidents[0]
    assert (incident.regions, incident.services, incident.open) == (("us-east-1",), ("DYNAMODB",), True)
    assert "increased error rates" in incident.updates[0].text
    assert (
        "Affected in your account: table-0, table-1, table-2, table-3, table-4 and 2 more." in incident.updates[0].text
    )
    assert wait == timedelta(minutes=5)


async def test_no_event_is_green_by_a_positive_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await read(FakeHealth(events=0), monkeypatch))[0].severity is IncidentSeverity.NONE


async def test_without_a_support_plan_that_is_the_reason_and_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeHealth(refuses={"us-east-1": (400, "SubscriptionRequiredException")})
    reading, wait = await read(fake, monkeypatch)
    assert reading.error == "needs a Business or Enterprise support plan, which this account does not have"
    assert (reading.severity, len(fake.calls), wait) == (None, 1, timedelta(minutes=30))


async def test_the_second_region_answers_while_the_first_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeHealth(refuses={"us-east-1": (503, "ServiceUnavailable")})
    reading, _ = await read(fake, monkeypatch)
    assert (reading.error, len(reading.incidents)) == ("", 1)
    assert {region for _, region, _ in fake.calls} == {"us-east-1", "us-east-2"}


async def test_a_denied_permission_is_named_and_entities_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, wait = await read(FakeHealth(denied="DescribeEvents"), monkeypatch)
    assert reading.error == "access denied to health:DescribeEvents"
    assert wait == timedelta(minutes=30)
    reading, _ = await read(FakeHealth(denied="DescribeAffectedEntities"), monkeypatch)
    assert (reading.error, reading.incidents[0].updates[0].text) == ("", "We are investigating increased error rates.")


# botocore wants its parsed endpoints shared between sessions no more; the audit does so too, in a process of its own.
@pytest.mark.filterwarnings("ignore:Fetching the endpoint_resolver:DeprecationWarning")
async def test_each_account_is_asked_with_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeHealth()
    accounts = Account("111111111111", name="shop"), Account("222222222222", role="backstay-reads")
    async with feed_of(fake, monkeypatch, *accounts) as feeds:
        own, other = await asyncio.gather(*(feed.read() for feed in feeds))
    assert (own.feed, other.feed) == ("AWS Health of shop", "AWS Health of 222222222222")
    assert (own.error, other.error) == ("", "")
    assert {key for key, _, _ in fake.calls} == {"OWN", "ASSUMED"}
