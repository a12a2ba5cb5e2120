"""S3 buckets: versioning, replication, multi-region access points, encryption key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.collectors.aws.guarded import FAILURES, ItemIdentity, each_of, facts_of, part
from bot.audit.collectors.aws.reader import NOT_READ, Reader
from bot.audit.collectors.aws.source import Source
from checks import Fact, Maybe, ObjectStore, Unread

_ACCESS_POINTS_HOME = "us-west-2"  # only this region's endpoint lists multi-region access points
_NO_ENCRYPTION = ("ServerSideEncryptionConfigurationNotFoundError",)
_NO_REPLICATION = ("ReplicationConfigurationNotFoundError",)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one ObjectStore per bucket in the regions in scope."""
    buckets = aws.list("s3", "ListBuckets", "Buckets", MaxBuckets=1000)  # without a limit S3 returns no regions
    if not buckets:
        return
    listed = ItemIdentity[dict[str, Any]]("s3:ListAllMyBuckets", lambda row: aws.rootless_arn("s3", row["Name"]))
    regions: dict[str, Maybe[str]] = {
        row["Name"]: Unread(f"the region of bucket {row['Name']} could not be read") for row in buckets if "Name" in row
    }
    regions.update(each_of(aws, lambda row: (row["Name"], _region(aws, row)), buckets, listed))
    joined = aws.maybe(lambda: _access_point_regions(aws))
    in_scope = [(name, region) for name, region in regions.items() if isinstance(region, str) and region in aws.regions]
    others = _Buckets(regions, joined, _originals(aws, in_scope))
    identity = ItemIdentity[tuple[str, str]]("s3:ListAllMyBuckets", lambda bucket: aws.rootless_arn("s3", bucket[0]))

    def facts_in(own: Sequence[tuple[str, str]]) -> list[Fact]:
        return list(facts_of(aws.at(own[0][1]), lambda bucket: _bucket(aws, *bucket, others), own, identity))

    for facts in aws.each(facts_in, _by_region(in_scope)):
        yield from facts


def _by_region(buckets: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The buckets, a list for each region. Regions are read side by side: S3 limits the calls of each for itself."""
    found: dict[str, list[tuple[str, str]]] = {}
    for bucket in buckets:
        found.setdefault(bucket[1], []).append(bucket)
    return list(found.values())


def _region(aws: Reader, row: Mapping[str, Any]) -> str:
    if row.get("BucketRegion"):
        return str(row["BucketRegion"])
    response = aws.get("s3", "GetBucketLocation", Bucket=row["Name"])
    place = response.get("LocationConstraint") or "us-east-1"  # S3 returns no name for its first region
    return "eu-west-1" if place == "EU" else str(place)


@dataclass(frozen=True, slots=True)
class _Buckets:
    """What is known of all buckets together.

    `regions`: of each. `joined`: of each, the regions of its multi-region access points. `originals`: of a copy, the bucket
    that is replicated to it.
    """

    regions: Mapping[str, Maybe[str]]
    joined: Maybe[Mapping[str, set[str]]]
    originals: Mapping[str, str]


def _bucket(aws: Reader, name: str, region: str, others: _Buckets) -> Fact:
    regional, arn, joined = aws.at(region), aws.rootless_arn("s3", name), others.joined
    versioning = part(regional, arn, lambda: _versioned(regional, name))
    return regional.fact(
        ObjectStore,
        resource=arn,
        name=name,
        product="s3",
        encryption_key=part(regional, arn, lambda: _encryption_key(regional, name)),
        versioning=versioning,
        # S3 replicates only versioned buckets.
        replica_regions=() if versioning is False else _replica_regions(regional, name, others.regions),
        multi_region_access=joined if isinstance(joined, Unread) else bool(joined.get(name, set()) - {region}),
        replica_of=others.originals.get(name, ""),
        zone_redundant=True,  # ListBuckets gives general purpose buckets; those in one zone are directory buckets
        object_lock=NOT_READ,
        lifecycle=NOT_READ,
    )


def _versioned(aws: Reader, name: str) -> bool:
    return bool(aws.get("s3", "GetBucketVersioning", Bucket=name).get("Status") == "Enabled")


def _encryption_key(aws: Reader, name: str) -> str:
    """The key of ours that encrypts new objects of a bucket, empty where S3 owns it."""
    response = aws.find("s3", "GetBucketEncryption", _NO_ENCRYPTION, Bucket=name) or {}
    rules = response.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    keys = (rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", "") for rule in rules)
    return next(filter(None, keys), "")


def _destinations(aws: Reader, name: str) -> list[str]:
    """The buckets that enabled replication rules of a bucket replicate to."""
    response = aws.find("s3", "GetBucketReplication", _NO_REPLICATION, Bucket=name) or {}
    rules = response.get("ReplicationConfiguration", {}).get("Rules", ())
    return [rule["Destination"]["Bucket"].rpartition(":")[2] for rule in rules if rule.get("Status") == "Enabled"]


def _originals(aws: Reader, buckets: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The bucket that is replicated to each copy. What cannot be read is told where its own bucket is read."""

    def copies(bucket: tuple[str, str]) -> list[tuple[str, str]]:
        name, regional = bucket[0], aws.at(bucket[1])
        try:
            names = _destinations(regional, name) if _versioned(regional, name) else []
        except FAILURES:
            return []
        return [(copy, aws.rootless_arn("s3", name)) for copy in names if copy != name]

    regions = aws.each(lambda own: aws.each(copies, own), _by_region(buckets))
    return {copy: original for region in regions for found in region for copy, original in found}


def _replica_regions(aws: Reader, name: str, regions: Mapping[str, "Maybe[str]"]) -> "Maybe[tuple[str, ...]]":
    """The regions that enabled replication rules replicate to."""
    buckets = part(aws, aws.rootless_arn("s3", name), lambda: _destinations(aws, name))
    if isinstance(buckets, Unread):
        return buckets
    told = [regions.get(name, Unread(f"replicated to bucket {name} of another account")) for name in buckets]
    found = {region for region in told if not isinstance(region, Unread)} - {aws.region}
    doubt = next((region for region in told if isinstance(region, Unread)), None)
    return doubt if doubt and not found else tuple(sorted(found))


def _access_point_regions(aws: Reader) -> dict[str, set[str]]:
    """The regions of the multi-region access points of each bucket."""
    found: dict[str, set[str]] = {}
    if aws.partition != "aws":  # multi-region access points exist in no other partition
        return found
    home = aws.at(_ACCESS_POINTS_HOME)
    for point in home.list("s3control", "ListMultiRegionAccessPoints", "AccessPoints", AccountId=aws.account):
        if point.get("Status") == "READY":
            regions = {bucket.get("Region", "") for bucket in point.get("Regions", ())}
            for bucket in point.get("Regions", ()):
                found.setdefault(bucket.get("Bucket", ""), set()).update(regions)
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
        "s3:GetEncryptionConfiguration",
        "s3:ListMultiRegionAccessPoints",
        "tag:GetResources",
    ),
    read=read,
)
