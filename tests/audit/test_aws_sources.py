"""Every source of AWS facts over moto's estate: what it declares is what it calls, and nothing is asked twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.builders.moment import NOW
from support.fakes.aws import FakeAws
from support.harness.serving import moto_aws

from bot.app.iam_policy import ENTRANCE
from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.audit.collectors.aws.source import Source, sources, sources_of
from bot.net.aws.client import AwsClient, Limits, Tally
from checks import GLOBAL, Datastore, Fact, Queue

HOME = "us-east-1"
ALL = sources()


class Wired:
    """An estate on moto's server, and readers of it that share their answers or do not."""

    def __init__(self, url: str) -> None:
        self.session = FakeAws(url).session()
        self.pool = ThreadPoolExecutor(8)

    def account(self) -> tuple[ReachedAccount, Tally]:
        """A fresh account: nothing asked yet."""
        tally = Tally()
        limits = Limits(rate=10_000, burst=10_000)
        wire = AwsClient(self.session, limits, threading.Semaphore(8), tally, sleep=lambda _: None)
        return ReachedAccount("123456789012", wire, self.pool, NOW, (HOME,)), tally

    def client(self, service: str) -> Any:
        """A plain client to build the estate with."""
        return self.session.create_client(service, region_name=HOME)


@pytest.fixture(scope="module")
def estate() -> Iterator[Wired]:
    with moto_aws() as there:
        wired = Wired(there["AWS_ENDPOINT_URL"])
        build(wired)
        yield wired
        wired.pool.shutdown()


def build(wired: Wired) -> None:
    """One or two of the kinds whose sources follow a listing with calls of their own."""
    subnets = [row["SubnetId"] for row in wired.client("ec2").describe_subnets()["Subnets"][:2]]
    plain = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}
    for name in ("orders", "users"):
        wired.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            Tags=[{"Key": "service", "Value": "shop"}],
            **plain,
        )
    for name in ("shop-images", "shop-logs"):
        wired.client("s3").create_bucket(Bucket=name)
    wired.client("s3").put_bucket_tagging(Bucket="shop-logs", Tagging={"TagSet": [{"Key": "service", "Value": "shop"}]})
    wired.client("sqs").create_queue(QueueName="orders", tags={"service": "shop"})
    wired.client("sns").create_topic(Name="oncall")
    wired.client("elbv2").create_load_balancer(Name="web", Subnets=subnets, Type="network")
    wired.client("elb").create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}],
        AvailabilityZones=["us-east-1a"],
    )
    wired.client("ecs").create_cluster(clusterName="main")
    wired.client("efs").create_file_system(CreationToken="shared", Backup=True)
    wired.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    wired.client("opensearch").create_domain(DomainName="find")
    wired.client("rds").create_db_instance(
        DBInstanceIdentifier="main",
        DBInstanceClass="db.m5.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="password1",
    )


def place(source: Source) -> str:
    return GLOBAL if source.where == "global" else HOME


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_a_source_calls_only_what_it_declares(source: Source, estate: Wired) -> None:
    account, tally = estate.account()
    reader = Reader(account, place(source), source.name)
    reader.maybe(lambda: list(source.read(reader)))
    assert tally.calls, "it asked for nothing at all"
    assert set(tally.calls) <= {*source.actions, *ENTRANCE}


def test_all_sources_together_ask_nothing_twice(estate: Wired) -> None:
    sent: Counter[tuple[str, ...]] = Counter()
    broken: set[str] = set()

    def asks(**told: Any) -> None:
        request = told["params"]
        service = told["model"].service_model.service_name  # DAX and CloudHSM both have a DescribeClusters
        sent[told["model"].name, service, request["url"], str(request["body"])] += 1

    def answers(**told: Any) -> None:
        if told["http_response"].status_code >= 500:  # moto does not know it; that is tried again
            broken.add(told["model"].name)

    account, tally = estate.account()
    estate.session.register("before-call", asks)
    estate.session.register("after-call", answers)
    try:
        for source in ALL:
            reader = Reader(account, place(source), source.name)
            reader.maybe(lambda source=source, reader=reader: list(source.read(reader)))  # type: ignore[misc]
    finally:
        estate.session.unregister("before-call", asks)
        estate.session.unregister("after-call", answers)
    assert sent.total() > len(ALL)
    assert [words for words, times in sent.items() if times > 1 and words[0] not in broken] == []
    assert tally.calls["ec2:DescribeSubnets"] == tally.calls["tag:GetResources"] == 1


def test_facts_of_the_estate_carry_their_tags_wherever_tags_are_told(estate: Wired) -> None:
    account, _ = estate.account()
    found: dict[str, Fact] = {}
    for source in sources_of((Datastore, Queue)):
        reader = Reader(account, place(source), source.name)
        facts = reader.maybe(lambda source=source, reader=reader: list(source.read(reader)))  # type: ignore[misc]
        found |= {fact.name: fact for fact in facts} if isinstance(facts, list) else {}
    assert {name: dict(found[name].tags) for name in ("orders", "users")} == {
        "orders": {"service": "shop"},
        "users": {"service": "shop"},
    }
    assert {"main", "find", "clicks", "shared"} & set(found) >= {"main", "find", "clicks"}


def test_sources_are_well_formed() -> None:
    assert len({source.name for source in ALL}) == len(ALL) > 30
    for source in ALL:
        assert source.facts, source.name
        assert list(source.actions) == list(dict.fromkeys(source.actions)), source.name
        assert all(action.count(":") == 1 for action in source.actions), source.name
    assert [source.name for source in sources_of((Queue,))] == ["aws_queues"]
