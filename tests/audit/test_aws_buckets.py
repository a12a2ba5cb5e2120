"""Buckets of all regions as facts, field by field."""

from typing import Any

from support.builders.aws_sources import named, read, read_with_gaps
from support.fakes.aws import Fault, fake_aws

from bot.audit.collectors.aws.sources import s3 as aws_buckets
from checks import ObjectStore, Unread

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def test_buckets_of_all_regions_and_where_they_are_copied() -> None:
    rows = [
        {"Name": "home", "BucketRegion": "us-east-1"},
        {"Name": "away", "BucketRegion": "us-west-2"},
        {"Name": "untold"},
        {"Name": "outside", "BucketRegion": "sa-east-1"},
    ]

    def rule(bucket: str, status: str = "Enabled") -> dict[str, Any]:
        return {"Status": status, "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"}}

    replication = {"Rules": [rule("away"), rule("untold", "Disabled")], "Role": "r"}
    point = {
        "Status": "READY",
        "Name": "p",
        "Regions": [{"Bucket": "away", "Region": "us-west-2"}, {"Bucket": "x", "Region": "eu-west-1"}],
    }
    with fake_aws() as aws:
        aws.on("s3", "ListBuckets", {"Buckets": rows})
        aws.on("s3", "GetBucketLocation", {"LocationConstraint": "EU"})
        aws.on("s3", "GetBucketVersioning", lambda asked: {"Status": "Enabled"} if asked["Bucket"] != "away" else {})
        aws.on(
            "s3",
            "GetBucketReplication",
            [{"ReplicationConfiguration": replication}],
            region="us-east-1",
        )
        aws.on("s3", "GetBucketReplication", Fault("ReplicationConfigurationNotFoundError", 404), region="eu-west-1")
        aws.on("s3control", "ListMultiRegionAccessPoints", {"AccessPoints": [point]})
        found = named(read(aws, aws_buckets.SOURCE, regions=REGIONS), ObjectStore)
        assert [call.region for call in aws.asked("s3control")] == ["us-west-2"]
        assert {call.params["Bucket"] for call in aws.asked("s3", "GetBucketReplication")} == {"home", "untold"}
    assert {name: bucket.region for name, bucket in found.items()} == {
        "home": "us-east-1",
        "away": "us-west-2",
        "untold": "eu-west-1",
    }
    assert (found["home"].resource, found["home"].product, found["home"].versioning) == (
        "arn:aws:s3:::home",
        "s3",
        True,
    )
    assert (found["home"].replica_regions, found["home"].multi_region_access) == (("us-west-2",), False)
    assert (found["away"].versioning, found["away"].replica_regions, found["away"].multi_region_access) == (
        False,
        (),
        True,
    )
    assert found["untold"].replica_regions == ()


def test_what_of_a_bucket_is_denied_is_unread() -> None:
    with fake_aws() as aws:
        aws.on("s3", "ListBuckets", {"Buckets": [{"Name": "b", "BucketRegion": "us-east-1"}]})
        for operation in ("GetBucketVersioning", "GetBucketReplication"):
            aws.on("s3", operation, Fault("AccessDenied", 403))
        aws.on("s3control", "ListMultiRegionAccessPoints", Fault("AccessDenied", 403))
        found = named(read(aws, aws_buckets.SOURCE, regions=REGIONS), ObjectStore)["b"]
    assert found.versioning == Unread("access denied to s3:GetBucketVersioning")
    assert found.replica_regions == Unread("access denied to s3:GetReplicationConfiguration")
    assert found.multi_region_access == Unread("access denied to s3:ListMultiRegionAccessPoints")


def test_a_copy_in_a_bucket_of_another_account_is_of_unknown_region() -> None:
    replication = {"Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::theirs"}}], "Role": "r"}
    with fake_aws() as aws:
        aws.on("s3", "ListBuckets", {"Buckets": [{"Name": "b", "BucketRegion": "us-east-1"}]})
        aws.on("s3", "GetBucketVersioning", {"Status": "Enabled"})
        aws.on("s3", "GetBucketReplication", {"ReplicationConfiguration": replication})
        found = named(read(aws, aws_buckets.SOURCE, regions=REGIONS), ObjectStore)["b"]
    assert "theirs" in str(found.replica_regions)
    assert isinstance(found.replica_regions, Unread)


def test_a_bucket_whose_region_is_denied_is_a_gap_not_an_absence() -> None:
    with fake_aws() as aws:
        aws.on("s3", "ListBuckets", {"Buckets": [{"Name": "b"}]})
        aws.on("s3", "GetBucketLocation", Fault("AccessDenied", 403))
        found, unread = read_with_gaps(aws, aws_buckets.SOURCE, regions=REGIONS)
    assert found == []
    assert [(gap.resource, gap.error.action) for gap in unread] == [("arn:aws:s3:::b", "s3:GetBucketLocation")]
