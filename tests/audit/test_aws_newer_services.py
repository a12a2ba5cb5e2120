"""A service that a region does not have is no gap, one that cannot be reached is; and every page is read without a paginator."""

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import FakeAws, fake_aws
from support.harness.loopback import closed_port

from bot.audit.collectors.aws.source import Source
from bot.audit.collectors.aws.sources import (
    directory_service,
    dms,
    docdb_elastic,
    dsql,
    firehose,
    fsx,
    neptune_graph,
    opensearch_serverless,
    redshift_serverless,
    timestream_influxdb,
)
from bot.net.aws.errors import ReadError
from checks import Datastore

NOBODY_LISTENS = f"http://127.0.0.1:{closed_port()}"
IN_FEW_REGIONS = (dsql, docdb_elastic, neptune_graph, timestream_influxdb)


@pytest.mark.parametrize("module", IN_FEW_REGIONS)
def test_an_endpoint_without_an_answer_is_a_gap_only_where_the_service_surely_is(module: object) -> None:
    source: Source = module.SOURCE  # type: ignore[attr-defined]  # each module of a source has one
    assert read(FakeAws(NOBODY_LISTENS), source, "ap-southeast-7") == []
    with pytest.raises(ReadError, match="no connection to the endpoint"):
        read(FakeAws(NOBODY_LISTENS), source, "us-east-1")


@pytest.mark.parametrize("module", [directory_service, dms, firehose, fsx, opensearch_serverless, redshift_serverless])
def test_a_listed_service_without_an_answer_is_a_gap(module: object) -> None:
    with pytest.raises(ReadError, match="no connection to the endpoint"):
        read(FakeAws(NOBODY_LISTENS), module.SOURCE, "us-east-1")  # type: ignore[attr-defined]  # as above


def test_a_listed_service_that_the_region_does_not_have_is_no_gap() -> None:
    aws = FakeAws(NOBODY_LISTENS)
    assert not aws.reader("ap-southeast-7").offered("opensearchserverless")
    assert read(aws, opensearch_serverless.SOURCE, "ap-southeast-7") == []


def test_collections_are_listed_to_the_last_page() -> None:
    def listed(name: str, **more: str) -> dict[str, object]:
        return {"collectionSummaries": [{"id": name, "arn": arn("aoss", f"collection/{name}")}], **more}

    with fake_aws() as aws:
        aws.on("opensearchserverless", "ListCollections", [listed("a", nextToken="t"), listed("b")])
        aws.on(
            "opensearchserverless",
            "BatchGetCollection",
            lambda asked: {
                "collectionDetails": [
                    {"id": name, "name": name, "arn": arn("aoss", f"collection/{name}")} for name in asked["ids"]
                ]
            },
        )
        found = named(read(aws, opensearch_serverless.SOURCE), Datastore)
        calls = [call.params for call in aws.asked("opensearchserverless", "ListCollections")]
    assert sorted(found) == ["a", "b"]
    assert [call.get("nextToken") for call in calls] == [None, "t"]
    assert len(aws.asked("opensearchserverless", "BatchGetCollection")) == 1
