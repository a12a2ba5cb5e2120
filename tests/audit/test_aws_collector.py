"""AWS read by its child process: whole accounts that cannot be read, places asked for alone, cancelling, dying."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from support.fakes.aws import FakeAws, Fault, Hang, fake_aws

from bot.audit.collectors.aws.collector import AwsAccount, AwsCollector, AwsSettings
from bot.audit.collectors.engine.needs import needed_kinds
from bot.model import Collected, Progress, UnusableError
from checks import Datastore, Fact, Queue, Topic, Unread

OWN, OTHER = "111122223333", "444455556666"
HOME = "us-east-1"


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[FakeAws]:
    """A scripted AWS that the child's environment leads to, with one table and one queue in us-east-1."""
    old = dict(os.environ)
    with fake_aws() as there:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ |= {
            "AWS_ENDPOINT_URL": there.url,
            "AWS_ACCESS_KEY_ID": "loopback",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        }
        there.on("sts", "GetCallerIdentity", {"Account": OWN})
        there.on("ec2", "DescribeRegions", {"Regions": [{"RegionName": HOME}, {"RegionName": "eu-west-1"}]})
        there.on("dynamodb", "ListTables", {"TableNames": ["orders"]}, region=HOME)
        there.on("dynamodb", "DescribeTable", {"Table": {"TableName": "orders", "TableArn": "arn:orders"}})
        there.on("dynamodb", "DescribeContinuousBackups", Fault("AccessDeniedException"))
        there.on("sqs", "ListQueues", {"QueueUrls": []})
        yield there
    os.environ.clear()
    os.environ |= old


async def collect(*, kinds: tuple[type[Fact], ...] = (Queue, Topic), only: Any = None, **settings: Any) -> Collected:
    """Read with these settings."""
    heard: list[Progress] = []
    run = await AwsCollector(AwsSettings(**settings), kinds).collect((), heard.append, only)
    assert heard[-1].done == heard[-1].total == len(run.read)
    return run


async def unusable(**settings: Any) -> UnusableError:
    with pytest.raises(UnusableError) as raised:
        await AwsCollector(AwsSettings(**settings), (Queue,)).collect((), lambda _: None)
    return raised.value


async def test_all_enabled_regions_are_read_and_only_what_is_needed(aws: FakeAws) -> None:
    run = await collect()
    assert sorted(run.read) == [
        (source, OWN, region) for source in ("aws_queues", "aws_topics") for region in ("eu-west-1", HOME)
    ]
    assert (run.facts, run.gaps, run.accounts) == ([], [], (OWN,))
    assert run.calls == len(aws.calls) == 2 + 4
    assert not aws.asked("dynamodb")


async def test_facts_and_unread_fields_come_through_the_pipe(aws: FakeAws) -> None:
    run = await collect(kinds=(Datastore,), only=frozenset([("aws_tables", OWN, HOME)]))
    store = run.facts[0]
    assert isinstance(store, Datastore)
    assert (store.name, store.source, store.account, store.region) == ("orders", "aws_tables", OWN, HOME)
    assert "access denied to dynamodb:DescribeContinuousBackups" in str(store.point_in_time_recovery)
    assert run.read == (("aws_tables", OWN, HOME),)
    assert not aws.asked("rds")


async def test_a_denied_listing_is_a_gap_with_its_permission(aws: FakeAws) -> None:
    aws.on("sqs", "ListQueues", Fault("AccessDeniedException"), region="eu-west-1")
    run = await collect()
    (gap,) = run.gaps
    assert (gap.source, gap.account, gap.region, gap.kinds) == ("aws_queues", OWN, "eu-west-1", (Queue,))
    assert (gap.action, gap.reason) == ("sqs:ListQueues", "access denied to sqs:ListQueues")


async def test_a_denied_listing_that_only_a_field_needs_is_a_gap_that_hides_no_fact(aws: FakeAws) -> None:
    aws.on("sns", "ListTopics", {"Topics": [{"TopicArn": "arn:aws:sns:us-east-1:111122223333:news"}]}, region=HOME)
    aws.on("sns", "ListSubscriptions", Fault("AuthorizationError", 403))
    run = await collect(kinds=(Topic,))
    (topic,) = run.facts
    (gap,) = [gap for gap in run.gaps if gap.source == "aws_topics"]
    assert isinstance(topic, Topic)
    assert isinstance(topic.subscriptions, Unread)
    assert (gap.action, gap.region, gap.kinds, gap.resource) == ("sns:ListSubscriptions", HOME, (), "")


async def test_tags_that_cannot_be_read_are_a_gap_beside_the_facts(aws: FakeAws) -> None:
    aws.on("resourcegroupstaggingapi", "GetResources", Fault("AccessDeniedException"))
    run = await collect(kinds=(Datastore,), only=frozenset([("aws_tables", OWN, HOME)]))
    assert [fact.name for fact in run.facts] == ["orders"]
    denied = {gap.action: (gap.source, gap.resource, gap.kinds) for gap in run.gaps}
    assert denied == {
        "tag:GetResources": ("aws_tables", "", (Datastore,)),
        "dynamodb:DescribeContinuousBackups": ("aws_tables", "arn:orders", ()),
    }


async def test_an_answer_nobody_expected_costs_its_own_place_only(aws: FakeAws) -> None:
    aws.on("dynamodb", "DescribeTable", {"Table": {}})
    run = await collect(kinds=(Datastore, Queue))
    assert [gap.source for gap in run.gaps] == ["aws_tables"]
    assert "unexpected API response" in run.gaps[0].reason
    assert ("aws_queues", OWN, HOME) in run.read


@pytest.mark.usefixtures("aws")
async def test_regions_that_the_settings_leave_out_are_a_gap_by_choice_unless_they_say_there_are_none() -> None:
    run = await collect(regions=(HOME,))
    assert [(gap.account, gap.by_choice, gap.only_regions, gap.kinds) for gap in run.left_out] == [
        (OWN, True, (HOME,), ())
    ]
    assert run.left_out[0].reason == "only us-east-1 was read, because the settings name no other region"
    assert run.gaps == []
    assert (await collect(regions=(HOME,), regions_are_all=True)).left_out == ()
    assert (await collect()).left_out == ()


@pytest.mark.usefixtures("aws")
async def test_a_region_typo_is_a_gap_that_names_the_nearest_one() -> None:
    run = await collect(regions=(HOME, "us-esat-2"))
    assert {region for _, _, region in run.read} == {HOME}
    assert {gap.source for gap in run.gaps} == {"aws_queues", "aws_topics"}
    assert run.gaps[0].reason == "there is no AWS region us-esat-2; did you mean us-east-2?"


@pytest.mark.usefixtures("aws")
async def test_nothing_but_a_region_typo_is_an_error() -> None:
    error = await unusable(regions=("eu-wets-1",))
    assert "did you mean eu-west-1?" in str(error)
    assert "backstay.yaml" in error.fix


async def test_regions_that_cannot_be_listed_leave_the_home_region_and_a_gap(aws: FakeAws) -> None:
    aws.on("ec2", "DescribeRegions", Fault("UnauthorizedOperation", 403))
    run = await collect()
    assert {region for _, _, region in run.read} == {HOME}
    assert run.gaps[0].action == "ec2:DescribeRegions"


async def test_an_expired_token_is_an_error_that_says_what_to_do(aws: FakeAws) -> None:
    aws.on("sts", "GetCallerIdentity", Fault("ExpiredToken", 403))
    error = await unusable()
    assert str(error) == "AWS cannot be read: the AWS token has expired"
    assert "aws sso login" in error.fix


@pytest.mark.parametrize(("named", "asked"), [("us-gov-east-1", "us-gov-west-1"), ("us-esat-1", "us-east-1")])
async def test_a_session_without_a_region_asks_in_the_partition_that_is_to_be_read(
    aws: FakeAws, named: str, asked: str
) -> None:
    aws.on("sts", "GetCallerIdentity", Fault("InvalidClientTokenId", 403))
    await unusable(regions=(named,))
    assert {call.region for call in aws.asked("sts")} == {asked}


async def test_no_credentials_are_an_error_that_says_what_to_do(aws: FakeAws) -> None:
    del os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    error = await unusable()
    assert "no usable AWS credentials" in str(error)
    assert "AWS_PROFILE" in error.fix
    assert not aws.calls


@pytest.mark.usefixtures("aws")
async def test_an_unknown_profile_is_an_error() -> None:
    error = await unusable(profile="nobody")
    assert "nobody" in str(error)


async def test_other_accounts_are_read_with_the_role_and_its_secret_stays_unseen(aws: FakeAws) -> None:
    keys = {"AccessKeyId": "theirs", "SecretAccessKey": "s3cr3t", "SessionToken": "t0k3n"}
    aws.on("sts", "AssumeRole", {"Credentials": keys | {"Expiration": "2030-01-01T00:00:00Z"}})
    other = AwsAccount(id=OTHER, role="audit", external_id=SecretStr("ext3rnal"), regions=("eu-west-1",))
    run = await collect(accounts=(other,), kinds=(Queue,))
    asked = aws.asked("sts", "AssumeRole")[0].params
    assert asked["RoleArn"] == f"arn:aws:iam::{OTHER}:role/audit"
    assert asked["ExternalId"] == "ext3rnal"
    assert run.read == (("aws_queues", OTHER, "eu-west-1"),)
    assert "ext3rnal" not in repr(other)


async def test_an_account_that_cannot_be_assumed_is_a_gap_and_the_others_are_read(aws: FakeAws) -> None:
    aws.on("sts", "AssumeRole", Fault("AccessDenied", 403))
    run = await collect(accounts=(AwsAccount(), AwsAccount(id=OTHER, role="audit")), regions=(HOME,), kinds=(Queue,))
    assert run.read == (("aws_queues", OWN, HOME),)
    (gap,) = run.gaps
    assert (gap.account, gap.region, gap.action) == (OTHER, "", "sts:AssumeRole")
    assert f"arn:aws:iam::{OTHER}:role/audit cannot be assumed" in gap.reason


async def test_an_organization_is_listed_and_each_account_entered(aws: FakeAws) -> None:
    rows = [{"Id": OWN, "Status": "ACTIVE"}, {"Id": OTHER, "Status": "ACTIVE"}, {"Id": "9" * 12, "Status": "SUSPENDED"}]
    aws.on("organizations", "ListAccounts", {"Accounts": rows})
    keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": "2030-01-01T00:00:00Z"}
    aws.on("sts", "AssumeRole", {"Credentials": keys})
    run = await collect(organization=True, role="backstay", regions=(HOME,), kinds=(Queue,))
    assert run.accounts == (OWN, OTHER)
    assert [call.params["RoleArn"] for call in aws.asked("sts", "AssumeRole")] == [
        f"arn:aws:iam::{OTHER}:role/backstay"
    ]


async def test_an_organization_that_cannot_be_listed_leaves_ones_own_account(aws: FakeAws) -> None:
    aws.on("organizations", "ListAccounts", Fault("AccessDeniedException"))
    run = await collect(organization=True, regions=(HOME,), kinds=(Queue,))
    assert run.accounts == (OWN,)
    assert [gap.action for gap in run.gaps] == ["organizations:ListAccounts"]


async def test_cancelling_ends_the_child_process(aws: FakeAws) -> None:
    aws.on("sqs", "ListQueues", Hang(5))
    task = asyncio.create_task(collect(kinds=(Queue,)))
    await asking(aws)
    child = children()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(child) == 1
    assert not children()


async def test_a_child_that_is_killed_is_a_clear_error(aws: FakeAws) -> None:
    aws.on("sqs", "ListQueues", Hang(5))
    task = asyncio.create_task(collect(kinds=(Queue,)))
    await asking(aws)
    os.kill(children()[0], signal.SIGKILL)
    with pytest.raises(UnusableError, match=r"died \(signal 9\)"):
        await task


async def asking(aws: FakeAws) -> None:
    """Wait until the child process has asked for queues."""
    async with asyncio.timeout(60):
        while not aws.asked("sqs"):  # noqa: ASYNC110 - another process sends the request
            await asyncio.sleep(0.02)


def children() -> list[int]:
    """Running child processes that read AWS for this one."""
    import psutil  # noqa: PLC0415 - two tests need it

    mine = psutil.Process().children()
    return [
        own.pid
        for own in mine
        if own.status() != psutil.STATUS_ZOMBIE and "bot.audit.collectors.aws.child" in own.cmdline()
    ]


async def test_the_collector_itself_does_not_load_botocore() -> None:
    code = "import sys, bot.audit.collectors.aws.collector; print('botocore' in sys.modules)"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    assert out == b"False\n"


def test_what_the_checks_ask_for_is_needed() -> None:
    assert {Datastore, Queue} <= needed_kinds()
