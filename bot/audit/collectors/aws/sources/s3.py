"""S3 buckets: versioning, replication, multi-region access points."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from bot.net.aws.errors import ReadError
from checks import Fact, Maybe, ObjectStore, Unread

_ACCESS_POINTS_HOME = "us-west-2"  # only this region's endpoint lists multi-region access points
_NO_REPLICATION = ("ReplicationConfigurationNotFoundError",)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ObjectStore per bucket in the regions in scope."""
    buckets = aws.list("s3", "ListBuckets", "Buckets", MaxBuckets=1000)  # without a limit S3 returns no regions
    if not buckets:
        return
    regions = dict(zip((row["Name"] for row in buckets), aws.each(lambda row: _region(aws, row), buckets), strict=True))
    joined = aws.maybe(lambda: _access_point_regions(aws))
    in_scope = [name for name, region in regions.items() if isinstance(region, str) and region in aws.regions]
    yield from aws.each(lambda name: _bucket(aws, name, regions, joined), in_scope)
    unread = next((region for region in regions.values() if isinstance(region, Unread)), None)
    if unread:
        raise ReadError("s3:GetBucketLocation", unread.reason)


def _region(aws: Reader, row: Mapping[str, Any]) -> "Maybe[str]":
    if row.get("BucketRegion"):
        return str(row["BucketRegion"])
    response = aws.maybe(lambda: aws.get("s3", "GetBucketLocation", Bucket=row["Name"]))
    if isinstance(response, Unread):
        return response
    place = response.get("LocationConstraint") or "us-east-1"  # S3 returns no name for its first region
    return "eu-west-1" if place == "EU" else str(place)


def _bucket(aws: Reader, name: str, regions: Mapping[str, "Maybe[str]"], joined: "Maybe[dict[str, set[str]]]") -> Fact:
    region = str(regions[name])
    regional = aws.at(region)
    versioning = regional.maybe(
        lambda: regional.get("s3", "GetBucketVersioning", Bucket=name).get("Status") == "Enabled"
    )
    return regional.fact(
        ObjectStore,
        resource=f"arn:aws:s3:::{name}",
        name=name,
        product="s3",
        versioning=versioning,
        # S3 replicates only versioned buckets.
        replica_regions=() if versioning is False else _replica_regions(regional, name, regions),
        multi_region_access=joined if isinstance(joined, Unread) else bool(joined.get(name, set()) - {region}),
        object_lock=NOT_READ,
        lifecycle=NOT_READ,
    )


def _replica_regions(aws: Reader, name: str, regions: Mapping[str, "Maybe[str]"]) -> "Maybe[tuple[str, ...]]":
    """The regions that enabled replication rules replicate to."""
    response = aws.maybe(lambda: aws.find("s3", "GetBucketReplication", _NO_REPLICATION, Bucket=name))
    if response is None or isinstance(response, Unread):
        return response or ()
    found: set[str] = set()
    for rule in response["ReplicationConfiguration"]["Rules"]:
        if rule.get("Status") == "Enabled":
            bucket = rule["Destination"]["Bucket"].rpartition(":")[2]
            region = regions.get(bucket, Unread(f"replicated to bucket {bucket} of another account"))
            if isinstance(region, Unread):
                return region
            found.add(region)
    return tuple(sorted(found - {aws.region}))


def _access_point_regions(aws: Reader) -> dict[str, set[str]]:
    """The regions of the multi-region access points of each bucket."""
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
