"""Amazon SNS at the door: signatures of both versions, certificates and who issued them, topics, and subscriptions."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.builders import alerts as sent
from support.builders.posts import START
from support.fakes.sns import CERTIFICATE, HOST, ISSUER, TOPIC, Authority, FakeSns, key, made
from support.harness.webhooks import WebhookServer, webhook_server

from bot.model.signals import Health


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WebhookServer]:
    async with webhook_server(tmp_path) as running:
        yield running


@pytest.mark.parametrize("version", ["1", "2"])
async def test_an_alarm_and_its_end(house: WebhookServer, version: str) -> None:
    for state in ("ALARM", "OK"):
        message = house.sns.message(sent.cloudwatch_alarm(state), version=version)
        status, told, _ = await house.post("sns", message, {"x-amz-sns-message-type": "Notification"})
        assert (status, told["accepted"]) == (200, 1)
    assert [(str(state.scope), state.state) for state in house.told] == [
        ("aws/us-east-1/dynamodb", Health.BAD), ("aws/us-east-1/dynamodb", Health.GOOD),
    ]  # fmt: skip
    assert house.sns.fetched == [CERTIFICATE, ISSUER], "the certificate is fetched once and kept"


async def test_a_subscription_is_confirmed_for_a_topic_that_is_listed(house: WebhookServer) -> None:
    evil = "https://sns.us-east-1.amazonaws.com.evil.example/?Action=ConfirmSubscription"
    status, told, _ = await house.post("sns", house.sns.subscription(SubscribeURL=evil))
    assert (status, told["accepted"]) == (200, 0)
    assert TOPIC in told["note"]
    (asked,) = [url for url in house.sns.fetched if "Confirm" in url]
    assert asked.startswith(f"https://{HOST}/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns")
    assert asked.endswith("&Token=2336412f37fb")


@pytest.mark.parametrize(
    "changed",
    [
        {"Message": "{}"},
        {"MessageId": "another"},
        {"Subject": "OK"},
        {"Signature": "AAAA"},
        {"Signature": "no base64!"},
        {"SignatureVersion": "1"},
        {"SignatureVersion": "3"},
        {"TopicArn": TOPIC + "2"},
        {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:alarms"},
        {"SigningCertURL": CERTIFICATE.replace("https", "http")},
        {"SigningCertURL": CERTIFICATE.replace(".amazonaws.com", ".amazonaws.com.evil.example")},
        {"SigningCertURL": CERTIFICATE.replace("//sns", "//evil@sns")},
        {"SigningCertURL": CERTIFICATE.replace("amazonaws.com/", "amazonaws.com:8443/")},
        {"SigningCertURL": CERTIFICATE.replace("us-east-1", "us-west-2")},
        {"SigningCertURL": CERTIFICATE.replace("/Simple", "/a/../Simple")},
        {"SigningCertURL": CERTIFICATE.replace(".pem", ".pem?x=1")},
        {"SigningCertURL": "https://169.254.169.254/latest/meta-data"},
    ],
)
async def test_what_sns_did_not_sign_so_is_refused(house: WebhookServer, changed: dict[str, str]) -> None:
    message = house.sns.message(sent.cloudwatch_alarm()) | changed
    assert (await house.post("sns", message))[0] == 401
    assert house.told == []
    assert set(house.sns.fetched) <= {CERTIFICATE, ISSUER}


async def test_a_topic_that_is_not_listed_is_not_even_looked_into(house: WebhookServer) -> None:
    theirs = "arn:aws:sns:us-east-1:999999999999:alarms"
    assert (await house.post("sns", house.sns.subscription(TopicArn=theirs)))[0] == 401
    assert house.sns.fetched == []


@pytest.mark.parametrize(
    ("late", "status"), [(timedelta(minutes=90), 200), (timedelta(hours=3), 401), (-timedelta(hours=1), 401)]
)
async def test_an_old_message_is_no_news(house: WebhookServer, late: timedelta, status: int) -> None:
    message = house.sns.message(sent.cloudwatch_alarm(), at=START - late)
    assert (await house.post("sns", message))[0] == status


async def test_a_message_that_comes_twice_counts_once(house: WebhookServer) -> None:
    message = house.sns.message(sent.cloudwatch_alarm())
    for _ in range(2):
        assert (await house.post("sns", message))[0] == 200
    assert house.told[0] == house.told[1]


@pytest.mark.parametrize(
    "sns",
    [
        FakeSns(leaf_names=("sns.example.com",)),
        FakeSns(leaf_names=("sns.us-west-2.amazonaws.com",)),
        FakeSns(published="http://crt.evil.example/r2m01.cer"),
        FakeSns(published="http://crt.r2m01.amazontrust.com:81/r2m01.cer"),
        FakeSns(published=""),
        FakeSns(lasts=-timedelta(days=1)),
    ],
    ids=["of another", "of another region", "issuer elsewhere", "issuer at a port", "no issuer", "run out"],
)
async def test_a_certificate_that_is_not_to_be_trusted(tmp_path: Path, sns: FakeSns) -> None:
    async with webhook_server(tmp_path, sns=sns) as house:
        assert (await house.post("sns", sns.message(sent.cloudwatch_alarm())))[0] == 401
        assert house.told == []


async def test_a_certificate_of_another_authority(tmp_path: Path) -> None:
    sns, other = FakeSns(), Authority.root("Amazon Root CA 1")
    between = other.authority("Amazon RSA 2048 M01")
    sns.pages[ISSUER] = between.certificate.public_bytes(Encoding.DER)
    leaf = made("sns.amazonaws.com", sns.key, between.name, between.key, names=("sns.amazonaws.com",), published=ISSUER)
    sns.pages[CERTIFICATE] = leaf.public_bytes(Encoding.PEM)
    async with webhook_server(tmp_path, sns=sns) as house:
        assert (await house.post("sns", sns.message(sent.cloudwatch_alarm())))[0] == 401


async def test_a_certificate_that_somebody_who_is_no_authority_issued(tmp_path: Path) -> None:
    sns = FakeSns()
    between = sns.root.authority("Amazon RSA 2048 M01")
    middle = key()
    leaf = made("evil", middle, between.name, between.key, names=("evil.example",))
    mine = made("sns.amazonaws.com", sns.key, "evil", middle, names=("sns.amazonaws.com",))
    chain = (mine, leaf, between.certificate)
    sns.pages[CERTIFICATE] = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
    async with webhook_server(tmp_path, sns=sns) as house:
        assert (await house.post("sns", sns.message(sent.cloudwatch_alarm())))[0] == 401


async def test_a_chain_that_comes_with_the_certificate_is_as_good(tmp_path: Path) -> None:
    sns = FakeSns()
    between = sns.root.authority("Amazon RSA 2048 M02")
    names = ("sns-signing.us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com")
    mine = made(names[0], sns.key, between.name, between.key, names=names)
    sns.pages[CERTIFICATE] = b"".join(value.public_bytes(Encoding.PEM) for value in (mine, between.certificate))
    async with webhook_server(tmp_path, sns=sns) as house:
        assert (await house.post("sns", sns.message(sent.cloudwatch_alarm())))[0] == 200
        assert sns.fetched == [CERTIFICATE]


async def test_while_aws_is_away_the_sender_is_asked_to_come_again(tmp_path: Path) -> None:
    sns = FakeSns(down=True)
    async with webhook_server(tmp_path, sns=sns) as house:
        status, _, headers = await house.post("sns", sns.message(sent.cloudwatch_alarm()))
        assert (status, headers["Retry-After"]) == (503, "30")
        for number in range(20):
            other = CERTIFICATE.replace("0123", f"{number:04}")
            await house.post("sns", sns.message(sent.cloudwatch_alarm(), SigningCertURL=other))
        assert len(sns.fetched) == 10, "no flood of theirs becomes a flood of ours"
        sns.down = False
        house.clock.at += timedelta(minutes=2)
        assert (await house.post("sns", sns.message(sent.cloudwatch_alarm(), at=house.clock())))[0] == 200
