"""The trial of an audit's calls: a sample of each, grouped by action, and ended in time."""

import asyncio
import time
from typing import Any

import pytest
from support.fakes.faulty_aws import ACCOUNT, REGIONS, FaultyAws

from bot.audit.collectors.aws.places import CollectRequest
from bot.audit.collectors.aws.trial import try_calls
from bot.audit.collectors.aws.trial_record import NOT_TRIED
from bot.audit.facts_codec import unpack
from bot.audit.unread_groups import unread_groups
from bot.net.aws.accounts import UnusableAwsError
from checks import Gap


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


class Outcome:
    """The frames of a trial."""

    def __init__(self, frames: list[dict[str, Any]]) -> None:
        parts = [frame for frame in frames if frame["t"] == "part"]
        self.gaps: list[Gap] = [gap for frame in parts for gap in unpack(frame)[1]]
        self.answered = {tuple(frame["place"]) for frame in parts if frame["place"]}
        self.ended = frames[-1]["t"] == "end"

    @property
    def groups(self) -> list[str]:
        return [str(group) for group in unread_groups(self.gaps)]


async def trial_of(aws: FaultyAws, monkeypatch: pytest.MonkeyPatch, seconds: float = 30.0) -> Outcome:
    frames: list[dict[str, Any]] = []
    async with aws.running() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        await asyncio.to_thread(try_calls, CollectRequest(frozenset({"Queue"})), seconds, frames.append)
    return Outcome(frames)


async def test_one_page_and_one_resource_of_each_region_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FaultyAws()
    found = await trial_of(aws, monkeypatch)
    assert found.gaps == []
    assert {("sqs:GetQueueAttributes", ACCOUNT, region) for region in REGIONS} <= found.answered
    assert [aws.calls["sqs:GetQueueAttributes", region] for region in REGIONS] == [1, 1, 1]
    assert found.ended


@pytest.mark.parametrize(
    ("operation", "fault", "said"),
    [
        ("sqs:ListQueues", "denied", "sqs:ListQueues: access denied in 3 regions"),
        ("sqs:ListQueues", "404", "sqs:ListQueues: 404 in 3 regions"),
        ("sqs:GetQueueAttributes", "denied", "sqs:GetQueueAttributes: access denied in 3 regions"),
        ("sqs:GetQueueAttributes", "404", "sqs:GetQueueAttributes: 404 in 3 regions"),
    ],
)
async def test_a_failure_is_one_group_over_regions(
    monkeypatch: pytest.MonkeyPatch, operation: str, fault: str, said: str
) -> None:
    found = await trial_of(FaultyAws({operation: fault}), monkeypatch)
    assert found.groups == [said]


async def test_a_resource_that_is_gone_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await trial_of(FaultyAws({"sqs:GetQueueAttributes": "absent"}), monkeypatch)
    assert found.groups == []


async def test_regions_that_cannot_be_listed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await trial_of(FaultyAws({"ec2:DescribeRegions": "denied"}), monkeypatch)
    (said,) = found.groups
    assert said.startswith("ec2:DescribeRegions: the enabled regions cannot be listed")
    assert ("sqs:ListQueues", ACCOUNT, "us-east-1") in found.answered


@pytest.mark.parametrize("seconds", [1.0])
async def test_it_ends_in_time_where_an_action_hangs(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    began = time.monotonic()
    found = await trial_of(FaultyAws({"sqs:ListQueues": "hang"}), monkeypatch, seconds)
    assert time.monotonic() - began < 5 * seconds
    assert any(gap.reason == NOT_TRIED for gap in found.gaps)
    assert ("sqs:ListQueues", ACCOUNT, "us-east-1") not in found.answered
    assert found.ended


@pytest.mark.parametrize(
    ("fault", "seconds", "said"),
    [("hang", 1.0, "no answer from sts:GetCallerIdentity in time"), ("expired", 30.0, "the AWS token has expired")],
)
async def test_nothing_can_be_tried_without_an_identity(
    monkeypatch: pytest.MonkeyPatch, fault: str, seconds: float, said: str
) -> None:
    with pytest.raises(UnusableAwsError, match=said):
        await trial_of(FaultyAws({"sts:GetCallerIdentity": fault}), monkeypatch, seconds)
