"""S3 -> ObjectStore: buckets of all regions, where they are replicated to, and which a multi-region access point joins."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import Fact, Maybe, ObjectStore, Unread

_ACCESS_POINTS_HOME = "us-west-2"  # multi-region access points are told by this region's endpoint alone
_NO_REPLICATION = ("ReplicationConfigurationNotFoundError",)


def read(aws: Reader) -> Iterator[Fact]:
    """One ObjectStore for each bucket in the regions in scope."""
    buckets = aws.list("s3", "ListBuckets", "Buckets", MaxBuckets=1000)  # without a limit S3 does not tell the regions
    if not buckets:
        return
    regions = dict(zip((row["Name"] for row in buckets), aws.each(lambda row: _region(aws, row), buckets), strict=True))
    joined = aws.maybe(lambda: _joined(aws))
    mine = [name for name, region in regions.items() if isinstance(region, str) and region in aws.regions]
    yield from aws.each(lambda name: _bucket(aws, name, regions, joined), mine)
    unread = next((region for region in regions.values() if isinstance(region, Unread)), None)
    if unread:
        raise ReadError("s3:GetBucketLocation", unread.reason)


def _region(aws: Reader, row: Mapping[str, Any]) -> "Maybe[str]":
    if row.get("BucketRegion"):
        return str(row["BucketRegion"])
    told = aws.maybe(lambda: aws.get("s3", "GetBucketLocation", Bucket=row["Name"]))
    if isinstance(told, Unread):
        return told
    place = told.get("LocationConstraint") or "us-east-1"  # S3 leaves the name of its first region out
    return "eu-west-1" if place == "EU" else str(place)


def _bucket(aws: Reader, name: str, regions: Mapping[str, "Maybe[str]"], joined: "Maybe[dict[str, set[str]]]") -> Fact:
    region = str(regions[name])
    there = aws.at(region)
    versioning = there.maybe(lambda: there.get("s3", "GetBucketVersioning", Bucket=name).get("Status") == "Enabled")
    return there.fact(
        ObjectStore,
        resource=f"arn:aws:s3:::{name}",
        name=name,
        product="s3",
        versioning=versioning,
        # S3 replicates versioned buckets only: the others need not be asked.
        replica_regions=() if versioning is False else _copies(there, name, regions),
        multi_region_access=joined if isinstance(joined, Unread) else bool(joined.get(name, set()) - {region}),
        object_lock=NOT_READ,
        lifecycle=NOT_READ,
    )


def _copies(aws: Reader, name: str, regions: Mapping[str, "Maybe[str]"]) -> "Maybe[tuple[str, ...]]":
    """Regions that enabled rules replicate to."""
    told = aws.maybe(lambda: aws.find("s3", "GetBucketReplication", _NO_REPLICATION, Bucket=name))
    if told is None or isinstance(told, Unread):
        return told or ()
    found: set[str] = set()
    for rule in told["ReplicationConfiguration"]["Rules"]:
        if rule.get("Status") == "Enabled":
            bucket = rule["Destination"]["Bucket"].rpartition(":")[2]
            region = regions.get(bucket, Unread(f"it is replicated to {bucket}, a bucket of another account"))
            if isinstance(region, Unread):
                return region
            found.add(region)
    return tuple(sorted(found - {aws.region}))


def _joined(aws: Reader) -> dict[str, set[str]]:
    """Regions that a multi-region access point joins a bucket with."""
    found: dict[str, set[str]] = {}
    home = aws.at(_ACCESS_POINTS_HOME)
    for point in home.list("s3control", "ListMultiRegionAccessPoints", "AccessPoints", AccountId=aws.account):
        if point.get("Status") == "READY":
            regions = {bucket.get("Region", "") for bucket in point.get("Regions", ())}
            for bucket in point.get("Regions", ()):
                found.setdefault(bucket["Bucket"], set()).update(regions)
    return found


SOURCE = Source(
    name="aws_buckets",
    facts=(ObjectStore,),
    where="global",
    actions=(
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:GetReplicationConfiguration",
        "s3:ListMultiRegionAccessPoints",
        "tag:GetResources",
    ),
    read=read,
)
