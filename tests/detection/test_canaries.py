"""Canaries: the health after each kind of failure, one cheap call each, and no call blocks another."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders.moment import ACCOUNT, NOW
from support.builders.signals import Days, minutes, probe
from support.fakes.aws import Cut, FakeAws, Fault, Hang, Reply, fake_aws
from support.harness.loopback import closed_port
from support.harness.serving import moto_aws

from bot.app.iam_policy import actions as allowed
from bot.app.settings import load
from bot.app.wiring.probes import ProbeRunner
from bot.detection.probes import aws_canaries as module
from bot.detection.probes.aws_canaries import CALLS, Canaries, Canary, canaries_for, canary_actions
from bot.model.incidents import Phase
from bot.model.signals import Health, Signal
from bot.net.aws.accounts import Target
from checks import Scope

DYNAMO = Canary(Scope("aws", "us-east-1", "dynamodb"))


@pytest.fixture(name="aws")
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    with fake_aws() as aws:
        for name, value in {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/nowhere",
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        }.items():
            monkeypatch.setenv(name, value)
        yield aws


async def look(*which: Canary, accounts: tuple[Target, ...] = ()) -> list[Signal]:
    patient = (10.0, 60.0)  # moto loads a service when it is first asked
    caller = Canaries(clock=lambda: NOW, accounts=accounts, vantage="here", timeouts=patient)
    try:
        return await asyncio.gather(*(caller.observe(item) for item in which))
    finally:
        caller.close()


@pytest.mark.parametrize(
    ("reply", "state", "said"),
    [
        ({"TableNames": []}, Health.GOOD, ""),
        (Fault("AccessDeniedException"), Health.UNKNOWN, "access denied to dynamodb:ListTables"),
        (Fault("AccessDeniedException", 500), Health.UNKNOWN, "access denied to"),
        (Fault("ThrottlingException"), Health.UNKNOWN, "was throttled"),
        (Fault("SlowDown", 503), Health.UNKNOWN, "was throttled"),
        (Fault("ProvisionedThroughputExceededException"), Health.UNKNOWN, "was throttled"),
        (Fault("ExpiredTokenException"), Health.UNKNOWN, "the AWS token has expired"),
        (Fault("UnrecognizedClientException"), Health.UNKNOWN, "does not accept the credentials"),
        (Fault("ValidationException"), Health.UNKNOWN, "failed: ValidationException"),
        (Fault("InternalServerError", 500), Health.BAD, "returned InternalServerError (HTTP 500)"),
        (Fault("ServiceUnavailable", 503), Health.BAD, "returned ServiceUnavailable (HTTP 503)"),
        (Fault("WhoKnows", 502), Health.BAD, "returned WhoKnows (HTTP 502)"),
        (Cut(), Health.BAD, "connection lost during"),
    ],
)
async def test_health_after_each_response(aws: FakeAws, reply: Reply, state: Health, said: str) -> None:
    aws.on("dynamodb", "ListTables", reply)
    (signal,) = await look(DYNAMO)
    assert (signal.kind, signal.scope, signal.vantage, signal.state) == ("canary", DYNAMO.scope, "here", state)
    assert said in signal.detail
    assert len(aws.calls) == 1  # no retries


async def test_a_hanging_call_is_bad_and_blocks_no_other(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.on("dynamodb", "ListTables", Hang(20))
    caller = Canaries(clock=lambda: NOW, timeouts=(0.3, 0.3))
    began = asyncio.get_running_loop().time()
    hung = asyncio.create_task(caller.observe(DYNAMO))
    other = await caller.observe(Canary(Scope("aws", "us-east-1", "sqs")))
    assert other.state is Health.GOOD
    assert (await hung).state is Health.BAD
    assert asyncio.get_running_loop().time() - began < 10
    caller.close()


async def test_nothing_listens_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{closed_port()}", "AWS_ACCESS_KEY_ID": "t"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "t")
    (signal,) = await look(DYNAMO)
    assert signal.state is Health.BAD
    assert "no connection" in signal.detail


async def test_without_credentials_health_is_unknown(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (signal,) = await look(DYNAMO)
    assert signal.state is Health.UNKNOWN
    assert "no usable AWS credentials" in signal.detail
    assert not aws.calls


async def test_another_account_is_entered_by_its_role(aws: FakeAws) -> None:
    given = {
        "AccessKeyId": "theirs",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": datetime(2099, 1, 1, tzinfo=UTC),
    }
    aws.on("sts", "AssumeRole", {"Credentials": given})
    there = replace(DYNAMO, account=ACCOUNT)
    signals = await look(
        there, replace(there, scope=Scope("aws", "us-east-1", "sqs")), accounts=(Target(ACCOUNT, "reader"),)
    )
    assert [(signal.state, signal.detail) for signal in signals] == [(Health.GOOD, "")] * 2
    assert len(aws.asked("sts")) == 1
    assert aws.asked("sts")[0].params["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/reader"


@pytest.mark.parametrize("fault", [Fault("AccessDenied", 403), Fault("InternalFailure", 500)])
async def test_a_role_that_cannot_be_assumed_says_nothing_of_the_service(aws: FakeAws, fault: Fault) -> None:
    aws.on("sts", "AssumeRole", fault)
    (signal,) = await look(replace(DYNAMO, account=ACCOUNT), accounts=(Target(ACCOUNT, "reader"),))
    assert signal.state is Health.UNKNOWN
    assert signal.detail.startswith("dynamodb:ListTables was not called: ")
    assert not aws.asked("dynamodb")


@pytest.mark.parametrize("product", sorted(CALLS))
async def test_each_call_is_one_cheap_request_that_the_policy_allows(aws: FakeAws, product: str) -> None:
    (signal,) = await look(Canary(Scope("aws", "eu-west-1", product)))
    assert signal.state is Health.GOOD, signal.detail
    (call,) = aws.calls
    assert (call.operation, call.region) == (CALLS[product].operation, "eu-west-1")
    assert CALLS[product].action in {*allowed(), "sts:GetCallerIdentity"}
    assert set(canary_actions()) <= set(allowed())


async def test_moto_answers_them_all() -> None:
    with moto_aws() as env, pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        signals = await look(*(Canary(Scope("aws", "us-east-1", product)) for product in sorted(CALLS)))
    assert {signal.service: signal.detail for signal in signals if signal.state is not Health.GOOD} == {}


async def test_the_settings_enable_canaries(aws: FakeAws, tmp_path: Path) -> None:
    aws.on("kinesis", "ListStreams", Fault("InternalFailure", 500))
    path = tmp_path / "backstay.yaml"
    path.write_text(f"watch: {{canaries: {{accounts: ['{ACCOUNT}']}}}}\naccounts: ['{ACCOUNT}']\n")
    patrol = ProbeRunner(load(path, {"HOME": str(tmp_path)}), lambda: NOW, "here")
    calls = patrol.canaries([Scope("aws", "us-east-1", "kinesis")])
    (signal,) = await patrol.once((), calls)
    assert (signal.state, signal.vantage) == (Health.BAD, "here")
    path.write_text("watch: {canaries: true}\n")
    assert ProbeRunner(load(path, {"HOME": str(tmp_path)}), lambda: NOW).canaries([DYNAMO.scope]) == (DYNAMO,)
    path.write_text("watch: {probes: true}\n")
    assert not ProbeRunner(load(path, {"HOME": str(tmp_path)}), lambda: NOW).canaries([DYNAMO.scope])


def test_canaries_for_places_accounts_and_regions() -> None:
    places = [
        Scope("aws", "us-east-1", "dynamodb"),
        Scope("aws", "us-east-1", "unheard-of"),
        Scope("aws", "eu-west-1"),
        Scope("aws", "global", "route53"),
        Scope("aws"),
        Scope("stripe"),
    ]
    assert [str(item.scope) for item in canaries_for(places)] == [
        "aws/us-east-1/dynamodb",
        "aws/us-east-1/sts",
        "aws/eu-west-1/sts",
    ]
    assert [str(item.scope) for item in canaries_for(places, regions=("eu-west-1",))] == ["aws/eu-west-1/sts"]
    assert [item.account for item in canaries_for(places[:1], accounts=("1", "2"))] == ["1", "2"]


def canary(state: Health, days: Days) -> Signal:
    return probe(kind="canary", state=state, at=days.now, source=DYNAMO.source)


def test_a_denied_canary_neither_opens_nor_holds_an_incident() -> None:
    days = Days()
    days.pass_by(minutes(5), lambda at: [probe(bad=False, at=at), canary(Health.UNKNOWN, days)])
    assert not days.state.incidents
    days.pass_by(minutes(5), lambda at: [probe(at=at), canary(Health.UNKNOWN, days)])
    assert days.only().phase is Phase.CONFIRMED
    days.pass_by(minutes(40), lambda at: [probe(bad=False, at=at), canary(Health.UNKNOWN, days)])
    assert days.only().phase is Phase.RESOLVED


def test_a_canary_detects_what_probes_do_not() -> None:
    days = Days()
    days.pass_by(minutes(3), lambda at: [probe(bad=False, at=at), canary(Health.BAD, days)], timedelta(seconds=30))
    assert days.only().phase is Phase.CONFIRMED


def test_the_time_outs_are_tight() -> None:
    assert module.CONNECT_SECONDS + module.READ_SECONDS < 10
