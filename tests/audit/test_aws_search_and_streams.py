"""Search domains and streams as facts, field by field."""

from typing import Any

from support.builders.aws_sources import arn, named, read
from support.fakes.aws import fake_aws

from bot.audit.collectors.aws.sources import kinesis as aws_streams
from bot.audit.collectors.aws.sources import opensearch as aws_search
from checks import Capacity, Datastore, StoreKind


def test_search_domains_five_at_a_time() -> None:
    def domain(name: str) -> dict[str, Any]:
        spread = {"InstanceCount": 3, "ZoneAwarenessEnabled": name == "d0"}
        return {"DomainName": name, "ARN": arn("es", f"domain/{name}"), "ClusterConfig": spread, "DomainId": name}

    names = [f"d{number}" for number in range(6)]
    with fake_aws() as aws:
        aws.on("opensearch", "ListDomainNames", {"DomainNames": [{"DomainName": name} for name in names]})
        aws.on(
            "opensearch",
            "DescribeDomains",
            lambda asked: {"DomainStatusList": [domain(name) for name in asked["DomainNames"]]},
        )
        found = named(read(aws, aws_search.SOURCE), Datastore)
        assert len(aws.asked("opensearch", "DescribeDomains")) == 2
    assert set(found) == set(names)
    assert (found["d0"].kind, found["d0"].zone_redundant, found["d0"].nodes) == (StoreKind.SEARCH, True, 3)
    assert found["d1"].zone_redundant is False


def test_streams() -> None:
    row = {"StreamName": "clicks", "StreamARN": arn("kinesis", "stream/clicks"), "StreamStatus": "ACTIVE"}
    row_on_demand = row | {"StreamName": "views", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    with fake_aws() as aws:
        answer = {"StreamNames": [], "HasMoreStreams": False, "StreamSummaries": [row, row_on_demand]}
        aws.on("kinesis", "ListStreams", answer)
        found = named(read(aws, aws_streams.SOURCE), Datastore)
    assert (found["clicks"].kind, found["clicks"].zone_redundant) == (StoreKind.STREAM, True)
    assert (found["clicks"].capacity, found["views"].capacity) == (Capacity.FIXED, Capacity.ON_DEMAND)
